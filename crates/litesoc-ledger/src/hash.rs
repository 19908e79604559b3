//! SHA-256 values and their text forms.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::encoding;

/// A SHA-256 value: a leaf, a node or a root of one of the trees.
///
/// Its text form is 64 lower-case hexadecimal digits, as the Pangea Audit API writes it; C2SP formats write
/// [base64](Self::to_base64).
///
/// ```
/// use litesoc_ledger::Hash;
///
/// let empty = Hash::of(b"");
/// assert_eq!(empty.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// assert_eq!(Hash::from_hex(&empty.to_string()), Ok(empty));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Bytes of a hash.
    pub const LEN: usize = 32;

    /// The SHA-256 of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash in a slice of exactly 32 bytes; `None` for any other length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Any other text: a wrong length, an upper-case digit, anything that is no digit.
    pub fn from_hex(text: &str) -> Result<Self, InvalidHash> {
        let mut bytes = [0; 32];
        if encoding::hex_into(text.as_bytes(), &mut bytes) { Ok(Self(bytes)) } else { Err(InvalidHash::Hex) }
    }

    /// Reads standard base64 with padding, as C2SP formats write hashes.
    ///
    /// # Errors
    ///
    /// Any text that is not the one base64 text of 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, InvalidHash> {
        encoding::base64_array(text).map(Self).ok_or(InvalidHash::Base64)
    }

    /// Standard base64 with padding, 44 characters.
    #[must_use]
    pub fn to_base64(&self) -> String {
        encoding::base64(&self.0)
    }

    /// Appends the 64 hexadecimal digits to a text.
    pub fn push_hex(&self, out: &mut String) {
        encoding::push_hex(&self.0, out);
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        self.push_hex(&mut text);
        out.write_str(&text)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hash({self})")
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHash {
    /// The text is not 64 lower-case hexadecimal digits.
    #[error("a hash is 64 lower-case hexadecimal digits")]
    Hex,
    /// The text is not the standard base64 of 32 bytes.
    #[error("a hash is the standard base64 of 32 bytes, with padding")]
    Base64,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(serde::de::Error::custom)
    }
}
