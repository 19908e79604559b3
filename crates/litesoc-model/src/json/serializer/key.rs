//! Keys of maps: text, or something with one obvious text.

use serde::ser::{Impossible, Serialize, Serializer};

use super::{Fault, FaultKind, is_secret_key, write_text};

/// A key that was written.
pub(crate) struct Key {
    /// Whether its value must not be shown.
    pub(super) secret: bool,
}

/// The place where a key goes.
pub(super) struct KeyWriter<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) limit: usize,
}

impl KeyWriter<'_> {
    fn number(self, value: impl ToString) -> Result<Key, Fault> {
        self.serialize_str(&value.to_string())
    }
}

fn not_text() -> Fault {
    Fault::new(FaultKind::KeyNotText)
}

type No = Impossible<Key, Fault>;

impl Serializer for KeyWriter<'_> {
    type Ok = Key;
    type Error = Fault;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn serialize_str(self, key: &str) -> Result<Key, Fault> {
        if self.out.len() + key.len() > self.limit {
            return Err(Fault::new(FaultKind::TooLarge));
        }
        write_text(self.out, key);
        Ok(Key { secret: is_secret_key(key) })
    }

    fn serialize_bool(self, key: bool) -> Result<Key, Fault> {
        self.serialize_str(if key { "true" } else { "false" })
    }

    fn serialize_i8(self, key: i8) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_i16(self, key: i16) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_i32(self, key: i32) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_i64(self, key: i64) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_i128(self, key: i128) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_u8(self, key: u8) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_u16(self, key: u16) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_u32(self, key: u32) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_u64(self, key: u64) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_u128(self, key: u128) -> Result<Key, Fault> {
        self.number(key)
    }

    fn serialize_char(self, key: char) -> Result<Key, Fault> {
        self.serialize_str(key.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Key, Fault> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        key: &T,
    ) -> Result<Key, Fault> {
        key.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<Key, Fault> {
        key.serialize(self)
    }

    fn serialize_f32(self, _key: f32) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_f64(self, _key: f64) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_bytes(self, _key: &[u8]) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_none(self) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_unit(self) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Key, Fault> {
        Err(not_text())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<No, Fault> {
        Err(not_text())
    }

    fn serialize_tuple(self, _length: usize) -> Result<No, Fault> {
        Err(not_text())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<No, Fault> {
        Err(not_text())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<No, Fault> {
        Err(not_text())
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<No, Fault> {
        Err(not_text())
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<No, Fault> {
        Err(not_text())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<No, Fault> {
        Err(not_text())
    }
}
