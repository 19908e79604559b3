//! The forms of a public key that every reader of records understands.

use ed25519_dalek::VerifyingKey;

use super::MAX_PUBLIC_KEY_LEN;
use crate::{canonical::Value, encoding};

/// What stands before the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410, section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads the text of a key in one of the three forms that all SDKs accept: JSON with a `key` member that holds a
    /// PEM, a PEM, or base64 of exactly 32 bytes.
    ///
    /// The others, base64 of a SubjectPublicKeyInfo and OpenSSH, break readers in other languages, so that one stored
    /// record would block a whole page of results.
    ///
    /// ```
    /// use litesoc_ledger::signature::PublicKey;
    ///
    /// let key = PublicKey::parse("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")?;
    /// assert_eq!(PublicKey::parse(&key.to_pem())?, key);
    /// assert!(PublicKey::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==").is_err());
    /// # Ok::<(), litesoc_ledger::signature::InvalidPublicKey>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Any other text, a key of another algorithm, a point that is no usable key.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicKey> {
        if text.len() > MAX_PUBLIC_KEY_LEN {
            return Err(InvalidPublicKey::Length);
        }
        if text.starts_with('{') {
            let value = Value::parse(text.as_bytes()).map_err(|_| InvalidPublicKey::Form)?;
            let algorithm = value.get("algorithm").and_then(Value::as_str);
            if algorithm.is_some_and(|algorithm| algorithm != "ED25519") {
                return Err(InvalidPublicKey::Algorithm);
            }
            let key = value.get("key").and_then(Value::as_str).ok_or(InvalidPublicKey::Form)?;
            return if key.starts_with('{') { Err(InvalidPublicKey::Form) } else { Self::plain(key) };
        }
        Self::plain(text)
    }

    /// PEM or base64 of 32 bytes.
    fn plain(text: &str) -> Result<Self, InvalidPublicKey> {
        if !text.starts_with(BEGIN) {
            let bytes = encoding::base64_array::<32>(text).ok_or(InvalidPublicKey::Form)?;
            return Self::from_bytes(bytes);
        }
        let der = pem(text, BEGIN, END).ok_or(InvalidPublicKey::Form)?;
        let key = der.strip_prefix(&SPKI).ok_or(InvalidPublicKey::Algorithm)?;
        Self::from_bytes(key.try_into().map_err(|_| InvalidPublicKey::Form)?)
    }

    /// The key with these bytes (RFC 8032).
    ///
    /// # Errors
    ///
    /// The bytes are no point, or one of small order, with which anything can be made to verify.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, InvalidPublicKey> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| InvalidPublicKey::Point)?;
        if key.is_weak() { Err(InvalidPublicKey::Point) } else { Ok(Self(key)) }
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Standard base64 of the 32 bytes.
    #[must_use]
    pub fn to_base64(&self) -> String {
        encoding::base64(self.as_bytes())
    }

    /// SubjectPublicKeyInfo as PEM, with a newline behind each line.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = [SPKI.as_slice(), self.as_bytes()].concat();
        format!("{BEGIN}\n{}\n{END}\n", encoding::base64(&der))
    }

    pub(crate) const fn verifying(&self) -> &VerifyingKey {
        &self.0
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PublicKey({self})")
    }
}

impl From<VerifyingKey> for PublicKey {
    fn from(key: VerifyingKey) -> Self {
        Self(key)
    }
}

/// The bytes between two PEM borders; both kinds of line end, and nothing before or behind.
pub(super) fn pem(text: &str, begin: &str, end: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines();
    if lines.next()? != begin {
        return None;
    }
    let mut body = String::new();
    loop {
        let line = lines.next()?;
        if line == end {
            break;
        }
        body.push_str(line);
    }
    if lines.next().is_some() { None } else { encoding::base64_decode(&body) }
}

/// A text that is no public key which can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPublicKey {
    /// None of the accepted forms.
    #[error("a public key is JSON with a PEM in \"key\", a PEM, or the base64 of 32 bytes")]
    Form,
    /// The key is not an Ed25519 key.
    #[error("only ED25519 keys are accepted")]
    Algorithm,
    /// The text is too long.
    #[error("a public key has at most 4,096 characters")]
    Length,
    /// The bytes are no point of the curve, or one of small order.
    #[error("the bytes are no usable Ed25519 key")]
    Point,
}
