//! Why a text is no canonical value, and where.

use std::fmt;

/// A text that is not accepted as JSON, with the place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidJson {
    /// What is wrong.
    pub fault: JsonFault,
    /// The byte at which it was noticed, counted from 0.
    pub offset: usize,
    /// The member or element it is in, as a JSON pointer (RFC 6901); empty for the whole text.
    pub pointer: String,
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "byte {}", self.offset)?;
        if !self.pointer.is_empty() {
            write!(out, " (at {})", self.pointer)?;
        }
        write!(out, ": {}", self.fault)
    }
}

impl std::error::Error for InvalidJson {}

impl InvalidJson {
    pub(crate) const fn new(fault: JsonFault, offset: usize) -> Self {
        Self { fault, offset, pointer: String::new() }
    }

    /// The same error, one level further out.
    pub(crate) fn inside(mut self, step: &str) -> Self {
        let step = step.replace('~', "~0").replace('/', "~1");
        self.pointer = format!("/{step}{}", self.pointer);
        self
    }
}

/// What can be wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// The text ends inside a value.
    #[error("the text ends inside a value")]
    End,
    /// A character that cannot stand here.
    #[error("this character cannot stand here")]
    Syntax,
    /// Bytes behind the value.
    #[error("something follows the value")]
    Trailing,
    /// The bytes are not UTF-8.
    #[error("the text is not UTF-8")]
    Encoding,
    /// A control character stands raw in a string.
    #[error("a control character must be escaped in a string")]
    Control,
    /// An escape that JSON does not have.
    #[error("JSON has no such escape")]
    Escape,
    /// Half of a surrogate pair.
    #[error("an unpaired surrogate is no character")]
    Surrogate,
    /// A number with a fraction or an exponent.
    #[error("only integers are accepted: readers print other numbers differently")]
    Fraction,
    /// An integer beyond 53 bits.
    #[error("an integer must lie within -(2^53-1)..2^53-1: beyond it readers print it differently")]
    Range,
    /// Two members of one name.
    #[error("the object has this member twice")]
    Duplicate,
    /// Nesting deeper than [`MAX_DEPTH`](crate::canonical::MAX_DEPTH).
    #[error("arrays and objects are nested more than 64 deep")]
    Depth,
    /// A readable value whose text is not the canonical one.
    #[error("the text is not in canonical form")]
    Form,
    /// Members that are not sorted by code point.
    #[error("members are not sorted by code point")]
    Order,
}
