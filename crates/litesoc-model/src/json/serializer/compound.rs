//! Arrays and objects on their way out.

use serde::ser::{self, Serialize};

use super::key::{Key, KeyWriter};
use super::{Fault, FaultKind, REDACTED, Writer, is_secret_key, write_text};

/// The names under which serde_json passes its own finished JSON and its long numbers through serde.
pub(super) const RAW_VALUE: &str = "$serde_json::private::RawValue";
pub(super) const NUMBER: &str = "$serde_json::private::Number";

/// An array or object whose bracket is open.
pub(crate) struct Compound<'a> {
    place: Writer<'a>,
    first: bool,
    /// The value of the key written last must not be shown.
    secret: bool,
    /// What comes is no object but finished JSON of serde_json's.
    foreign: bool,
    index: usize,
}

impl<'a> Compound<'a> {
    pub(super) fn new(place: Writer<'a>) -> Self {
        Self { place, first: true, secret: false, foreign: false, index: 0 }
    }

    pub(super) fn foreign(place: Writer<'a>) -> Self {
        Self { foreign: true, ..Self::new(place) }
    }

    fn comma(&mut self) {
        if !self.first {
            self.place.out.push(b',');
        }
        self.first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.comma();
        self.place.room(0)?;
        let index = self.index;
        self.index += 1;
        value.serialize(self.place.again()).map_err(|fault| fault.within(&format!("[{index}]")))
    }

    /// A member whose key is known text.
    #[inline]
    pub(super) fn entry<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Fault> {
        if self.foreign {
            return self.foreign_value(value);
        }
        self.comma();
        self.place.room(key.len())?;
        write_text(self.place.out, key);
        self.place.out.push(b':');
        if is_secret_key(key) {
            self.place.out.extend_from_slice(REDACTED.as_bytes());
            return Ok(());
        }
        value.serialize(self.place.again()).map_err(|fault| fault.within(key))
    }

    /// Finished JSON comes in as text. It is read again, for the depth and the secrets in it are unknown.
    #[cold]
    fn foreign_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let refuse = |error: serde_json::Error| Fault::new(FaultKind::Value(error.to_string().into()));
        let quoted = serde_json::to_string(value).map_err(refuse)?;
        let json: String = serde_json::from_str(&quoted).map_err(refuse)?;
        if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            serde_json::from_str::<&serde_json::value::RawValue>(&json).map_err(refuse)?;
            self.place.room(json.len())?;
            self.place.out.extend_from_slice(json.as_bytes());
            return Ok(());
        }
        let tree: serde_json::Value = serde_json::from_str(&json).map_err(refuse)?;
        tree.serialize(self.place.again())
    }

    pub(super) fn close(self, bracket: u8) -> Result<(), Fault> {
        if !self.foreign {
            self.place.out.push(bracket);
        }
        Ok(())
    }
}

impl ser::SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b']')
    }
}

impl ser::SerializeTuple for Compound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b']')
    }
}

impl ser::SerializeTupleStruct for Compound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b']')
    }
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.comma();
        let Key { secret } = key.serialize(KeyWriter { out: self.place.out, limit: self.place.limit })?;
        self.secret = secret;
        self.place.out.push(b':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        if self.secret {
            self.place.out.extend_from_slice(REDACTED.as_bytes());
            return Ok(());
        }
        let start = self.place.out.len();
        let written = value.serialize(self.place.again());
        written.map_err(|fault| fault.within(&last_key(&self.place.out[..start])))
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b'}')
    }
}

/// The key written last, as it stands in the output; for the message of a fault.
#[cold]
fn last_key(written: &[u8]) -> String {
    let text = String::from_utf8_lossy(written);
    let inside = text.trim_end_matches(':').strip_suffix('"').unwrap_or_default();
    let start = inside.rfind('"').map_or(0, |at| at + 1);
    inside[start..].to_owned()
}

impl ser::SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Fault> {
        self.entry(key, value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b'}')
    }
}

/// The inside of `{"Variant": ...}`.
pub(crate) struct VariantCompound<'a> {
    pub(super) inside: Compound<'a>,
    /// Where the value begins, when the variant's name says that it must not be shown.
    pub(super) secret_from: Option<usize>,
}

impl VariantCompound<'_> {
    fn close(self, bracket: u8) -> Result<(), Fault> {
        let out = self.inside.place.out;
        out.push(bracket);
        if let Some(start) = self.secret_from {
            out.truncate(start);
            out.extend_from_slice(REDACTED.as_bytes());
        }
        out.push(b'}');
        Ok(())
    }
}

impl ser::SerializeTupleVariant for VariantCompound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.inside.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b']')
    }
}

impl ser::SerializeStructVariant for VariantCompound<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Fault> {
        self.inside.entry(key, value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close(b'}')
    }
}
