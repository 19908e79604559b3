//! A `serde::Serializer` that writes metadata values straight to bytes, within limits and without secrets.

use std::fmt::{self, Write as _};

use serde::ser::{self, Serialize};

use super::fault::{Fault, FaultKind};
use super::number::{write_float, write_integer, write_signed};
use super::text::{write_escaped, write_text};
use super::{MAX_METADATA_DEPTH, REDACTED};
use crate::secret::is_secret_key;

mod compound;
mod key;

use self::compound::{Compound, VariantCompound};

/// Appends `value` as JSON. `limit` is the length that `out` may reach; on a fault `out` holds a broken rest.
pub(crate) fn write_value<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    limit: usize,
    value: &T,
) -> Result<(), Fault> {
    value.serialize(Writer { out, limit, depth: 0 })?;
    if out.len() > limit { Err(Fault::new(FaultKind::TooLarge)) } else { Ok(()) }
}

/// The place where one value goes.
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    limit: usize,
    depth: usize,
}

impl<'a> Writer<'a> {
    /// Room for `length` more bytes, or the fault. Checked before anything long is copied.
    #[inline]
    fn room(&self, length: usize) -> Result<(), Fault> {
        if self.out.len() + length > self.limit { Err(Fault::new(FaultKind::TooLarge)) } else { Ok(()) }
    }

    /// The same place again, for a part of the value.
    fn again(&mut self) -> Writer<'_> {
        Writer { out: self.out, limit: self.limit, depth: self.depth }
    }

    fn open(mut self, bracket: u8) -> Result<Compound<'a>, Fault> {
        self.depth += 1;
        if self.depth > MAX_METADATA_DEPTH {
            return Err(Fault::new(FaultKind::TooDeep));
        }
        self.room(2)?;
        self.out.push(bracket);
        Ok(Compound::new(self))
    }

    fn open_variant(mut self, variant: &'static str, bracket: u8) -> Result<VariantCompound<'a>, Fault> {
        self.depth += 1;
        self.out.push(b'{');
        write_text(self.out, variant);
        self.out.push(b':');
        let secret_from = is_secret_key(variant).then_some(self.out.len());
        let inside = self.open(bracket)?;
        Ok(VariantCompound { inside, secret_from })
    }
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = VariantCompound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = VariantCompound<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Fault> {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    #[inline]
    fn serialize_i64(self, value: i64) -> Result<(), Fault> {
        write_signed(self.out, value);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Fault> {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.serialize_i64(value),
            (_, Ok(value)) => self.serialize_u64(value),
            _ => Err(Fault::new(FaultKind::IntegerTooLarge)),
        }
    }

    fn serialize_u8(self, value: u8) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    #[inline]
    fn serialize_u64(self, value: u64) -> Result<(), Fault> {
        write_integer(self.out, value);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Fault> {
        let value = u64::try_from(value).map_err(|_| Fault::new(FaultKind::IntegerTooLarge))?;
        self.serialize_u64(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Fault> {
        if !value.is_finite() {
            return Err(Fault::new(FaultKind::NotFinite));
        }
        write_float(self.out, value);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Fault> {
        if !value.is_finite() {
            return Err(Fault::new(FaultKind::NotFinite));
        }
        write_float(self.out, value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Fault> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Fault> {
        self.room(value.len() + 2)?;
        write_text(self.out, value);
        Ok(())
    }

    /// Text that is made while it is written needs no string in between.
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Fault> {
        let mut text = Escaping { out: self.out, limit: self.limit };
        text.out.push(b'"');
        let written = write!(text, "{value}");
        if written.is_err() {
            let full = text.out.len() >= self.limit;
            let kind = if full { FaultKind::TooLarge } else { FaultKind::Value("its Display failed".into()) };
            return Err(Fault::new(kind));
        }
        text.out.push(b'"');
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Fault> {
        self.room(2 * value.len() + 2)?;
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Fault> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        let mut object = self.open(b'{')?;
        object.entry(variant, value)?;
        object.close(b'}')
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Compound<'a>, Fault> {
        self.open(b'[')
    }

    fn serialize_tuple(self, _length: usize) -> Result<Compound<'a>, Fault> {
        self.open(b'[')
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Compound<'a>, Fault> {
        self.open(b'[')
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<VariantCompound<'a>, Fault> {
        self.open_variant(variant, b'[')
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Compound<'a>, Fault> {
        self.open(b'{')
    }

    fn serialize_struct(self, name: &'static str, _length: usize) -> Result<Compound<'a>, Fault> {
        match name {
            compound::RAW_VALUE | compound::NUMBER => Ok(Compound::foreign(self)),
            _ => self.open(b'{'),
        }
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<VariantCompound<'a>, Fault> {
        self.open_variant(variant, b'{')
    }
}

/// Formatted text on its way into a JSON string.
struct Escaping<'a> {
    out: &'a mut Vec<u8>,
    limit: usize,
}

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.out.len() + text.len() >= self.limit {
            self.out.resize(self.limit, b' ');
            return Err(fmt::Error);
        }
        write_escaped(self.out, text.as_bytes());
        Ok(())
    }
}
