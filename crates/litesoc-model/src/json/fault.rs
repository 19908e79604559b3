//! Why a value cannot be written as metadata.

use std::fmt;

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    NotFinite,
    TooDeep,
    KeyNotText,
    TooLarge,
    IntegerTooLarge,
    Value(Box<str>),
}

/// What is wrong with a value, and the keys that lead to the place. Boxed: the good path then moves one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(Box<(FaultKind, String)>);

impl Fault {
    #[cold]
    pub(crate) fn new(kind: FaultKind) -> Self {
        Self(Box::new((kind, String::new())))
    }

    /// The same fault, seen from one level further out.
    #[cold]
    pub(crate) fn within(mut self, key: &str) -> Self {
        let path = &mut self.0.1;
        if !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, key);
        self
    }

    /// What is wrong, and the path of keys.
    pub(crate) fn into_parts(self) -> (FaultKind, String) {
        *self.0
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.0)
    }
}

impl std::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(FaultKind::Value(message.to_string().into()))
    }
}
