//! [`Fault`]: what is wrong with a request, in the codes of the Pangea Audit API.

use std::fmt;

use litesoc_ledger::schema;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// A CamelCase name of the Pangea Audit API, such as `AboveMaxLength`.
    pub code: &'static str,
    /// What is wrong and what would be right, for people.
    pub detail: String,
    /// Where, as a JSON pointer into the request.
    pub source: String,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn new(code: &'static str, source: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), source: source.into() }
    }

    /// The same fault, one level further out: `/message` becomes `/events/3/message`.
    #[must_use]
    pub fn below(mut self, outer: &str) -> Self {
        self.source.insert_str(0, outer);
        self
    }
}

impl From<schema::Fault> for Fault {
    fn from(fault: schema::Fault) -> Self {
        Self { code: fault.code.name(), detail: fault.detail, source: fault.source }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.source, self.detail)
    }
}
