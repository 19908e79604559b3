//! Private keys: making signatures, and the files keys are kept in.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};

use super::{PublicKey, public::pem, public_key_text};
use crate::{canonical::Object, encoding};

/// What stands before the seed in PKCS #8 (RFC 8410, section 7), without a public key and with one behind it.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const PKCS8_WITH_PUBLIC: [u8; 16] =
    [0x30, 0x51, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// An Ed25519 private key. Its memory is cleared when it is dropped, and it is in no `Debug` output.
#[derive(Clone)]
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// The key of a seed: 32 bytes from a good source of randomness.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// Reads a key file: PKCS #8 as PEM, or OpenSSH; unencrypted, Ed25519.
    ///
    /// # Errors
    ///
    /// Any other file. The error says nothing of its content.
    pub fn from_pem(text: &str) -> Result<Self, InvalidPrivateKey> {
        let text = text.trim();
        if text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
            let blob = pem(text, "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----");
            return openssh(&blob.ok_or(InvalidPrivateKey::Form)?);
        }
        if text.starts_with("-----BEGIN ENCRYPTED") {
            return Err(InvalidPrivateKey::Encrypted);
        }
        let der = pem(text, "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")
            .ok_or(InvalidPrivateKey::Form)?;
        let seed = der
            .strip_prefix(&PKCS8)
            .filter(|seed| seed.len() == 32)
            .or_else(|| der.strip_prefix(&PKCS8_WITH_PUBLIC).filter(|rest| rest.len() == 67));
        let seed = seed.and_then(<[u8]>::first_chunk::<32>).ok_or(InvalidPrivateKey::Algorithm)?;
        Ok(Self::from_seed(*seed))
    }

    /// PKCS #8 as PEM: the secret itself, for a file that only its owner can read.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = [PKCS8.as_slice(), self.0.as_bytes()].concat();
        let body = encoding::base64(&der);
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.0.verifying_key().into()
    }

    /// The text of the public key as the SDKs send it.
    #[must_use]
    pub fn public_key_text(&self) -> String {
        public_key_text(&self.public_key(), &Object::new())
    }

    /// Signs bytes, for an event its canonical text, and gives the signature as base64.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        encoding::base64(&self.sign_bytes(bytes))
    }

    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PrivateKey(of {})", self.public_key())
    }
}

/// A file that is no private key which can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPrivateKey {
    /// Neither PKCS #8 PEM nor OpenSSH.
    #[error("a private key is a PKCS #8 PEM (BEGIN PRIVATE KEY) or an OpenSSH key")]
    Form,
    /// The key is encrypted.
    #[error("the private key is encrypted; store it without a passphrase and protect the file")]
    Encrypted,
    /// Another algorithm.
    #[error("only Ed25519 private keys are accepted")]
    Algorithm,
    /// The public half does not belong to the private one.
    #[error("the public half of the key file does not belong to its private half")]
    Halves,
}

/// The container of OpenSSH (PROTOCOL.key of OpenSSH): names, then the public keys, then the private ones.
fn openssh(blob: &[u8]) -> Result<PrivateKey, InvalidPrivateKey> {
    let mut rest = blob.strip_prefix(b"openssh-key-v1\0").ok_or(InvalidPrivateKey::Form)?;
    let cipher = field(&mut rest)?;
    if cipher != b"none" || field(&mut rest)? != b"none" {
        return Err(InvalidPrivateKey::Encrypted);
    }
    field(&mut rest)?;
    if word(&mut rest)? != 1 {
        return Err(InvalidPrivateKey::Form);
    }
    field(&mut rest)?;
    let mut private = field(&mut rest)?;
    if word(&mut private)? != word(&mut private)? {
        return Err(InvalidPrivateKey::Form);
    }
    if field(&mut private)? != b"ssh-ed25519" {
        return Err(InvalidPrivateKey::Algorithm);
    }
    let public = field(&mut private)?;
    let pair = field(&mut private)?;
    let seed = pair.first_chunk::<32>().filter(|_| pair.len() == 64).ok_or(InvalidPrivateKey::Form)?;
    let key = PrivateKey::from_seed(*seed);
    if public == key.public_key().as_bytes() { Ok(key) } else { Err(InvalidPrivateKey::Halves) }
}

fn word(rest: &mut &[u8]) -> Result<u32, InvalidPrivateKey> {
    let (word, behind) = rest.split_first_chunk::<4>().ok_or(InvalidPrivateKey::Form)?;
    *rest = behind;
    Ok(u32::from_be_bytes(*word))
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], InvalidPrivateKey> {
    let length = word(rest)? as usize;
    let (field, behind) = rest.split_at_checked(length).ok_or(InvalidPrivateKey::Form)?;
    *rest = behind;
    Ok(field)
}
