//! Canonical JSON: the one text of a value, so that a record has one hash.
//!
//! The rules are those of the Pangea Audit SDKs: no white space, members sorted by code point, the short escapes and
//! `\u00xx` only below U+0020, everything else raw, integers in plain decimal. For strings, integers and ASCII keys
//! that is RFC 8785.
//!
//! Three ways in, one way out:
//!
//! * [`Value::parse`] reads any JSON text that has a canonical form.
//! * [`Value::parse_canonical`] reads canonical text and nothing else.
//! * [`Scan`] checks canonical bytes without building anything: the way of a verifier that sees millions of records.
//! * [`Value::to_canonical`] writes.
//!
//! Refused, because the SDKs print them differently or drop them silently: numbers that are no integers of at most
//! 53 bits, duplicate members, unpaired surrogates, and nesting deeper than [`MAX_DEPTH`].

mod error;
mod parse;
mod scan;
#[cfg(feature = "serde")]
mod serial;
mod value;
mod write;

pub use self::error::{InvalidJson, JsonFault};
pub(crate) use self::scan::Scanner;
pub use self::scan::{Member, Scan, is_canonical};
pub use self::value::{MAX_INTEGER, Object, Value};
pub(crate) use self::write::push_object;
pub use self::write::push_string;

/// Deepest nesting of arrays and objects that is read.
///
/// Readers in other languages recurse; a record they cannot read would block them.
pub const MAX_DEPTH: usize = 64;
