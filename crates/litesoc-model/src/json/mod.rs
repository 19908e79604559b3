//! JSON without a tree: text written straight to bytes, and read where it lies.

mod fault;
mod number;
mod read;
mod redact;
mod scan;
mod serializer;
mod text;

pub(crate) use self::fault::{Fault, FaultKind};
pub(crate) use self::read::{
    Members, flag, is_key, number, raw_object, text, text_or_number, timestamp, whole,
};
pub(crate) use self::redact::redact;
pub(crate) use self::scan::{Member, elements, members, shape, string_end, value_length};
pub(crate) use self::serializer::write_value;
pub(crate) use self::text::{unescape, write_text};

/// How deep a metadata value may nest: objects and arrays below the metadata object.
pub const MAX_METADATA_DEPTH: usize = 8;

/// What stands in the place of a secret value.
pub(crate) const REDACTED: &str = "\"[REDACTED]\"";
