//! Verifier keys: `<name>+<id>+<base64 of type and key>`.

use std::{fmt, str::FromStr};

use ed25519_dalek::Signature;
use sha2::{Digest, Sha256};

use crate::{cosignature, encoding, signature::PublicKey};

/// What a key of a note signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the text of the note.
    Ed25519,
    /// Type 0x04: Ed25519 over a checkpoint with the time of a cosigner.
    Cosignature,
    /// Type 0x06: ML-DSA-44 over a checkpoint with the time of a cosigner.
    #[cfg(feature = "ml-dsa")]
    MlDsaCosignature,
}

impl KeyKind {
    /// The byte of C2SP signed-note.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
            #[cfg(feature = "ml-dsa")]
            Self::MlDsaCosignature => 6,
        }
    }

    /// Whether keys of this kind cosign checkpoints.
    #[must_use]
    pub const fn is_cosignature(self) -> bool {
        !matches!(self, Self::Ed25519)
    }
}

/// A public key with its name, as notes and policies name it.
///
/// ```
/// use litesoc_ledger::note::{KeyKind, VerifierKey};
///
/// let text = "witness.example/w1+918b6299+BMhAafoiFsbtwdUsqDqhHCZ91UQK+lJgkMpD69DKhqnP";
/// let key: VerifierKey = text.parse()?;
/// assert_eq!((key.name(), key.kind()), ("witness.example/w1", KeyKind::Cosignature));
/// assert_eq!(key.to_string(), text);
/// # Ok::<(), litesoc_ledger::note::InvalidVerifierKey>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Ed25519(PublicKey),
    Cosignature(PublicKey),
    #[cfg(feature = "ml-dsa")]
    MlDsa(Box<cosignature::MlDsaPublicKey>),
}

/// Whether a text can be the name of a key: not empty, no space of Unicode, no `+`, no control character.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    let bad = |character: char| character.is_whitespace() || character.is_control() || character == '+';
    !name.is_empty() && !name.contains(bad)
}

impl VerifierKey {
    /// The key of a signer of notes (type 0x01): of a log, or of the receipts of a log.
    ///
    /// # Errors
    ///
    /// A name that [`is_key_name`] refuses.
    pub fn ed25519(name: impl Into<String>, key: PublicKey) -> Result<Self, InvalidVerifierKey> {
        Self::new(name.into(), Material::Ed25519(key))
    }

    /// The key of a cosigner of checkpoints (type 0x04).
    ///
    /// # Errors
    ///
    /// A name that [`is_key_name`] refuses.
    pub fn cosignature(name: impl Into<String>, key: PublicKey) -> Result<Self, InvalidVerifierKey> {
        Self::new(name.into(), Material::Cosignature(key))
    }

    /// The key of a cosigner of checkpoints by ML-DSA-44 (type 0x06).
    ///
    /// # Errors
    ///
    /// A name that [`is_key_name`] refuses or that has more than 255 bytes.
    #[cfg(feature = "ml-dsa")]
    pub fn ml_dsa(
        name: impl Into<String>,
        key: cosignature::MlDsaPublicKey,
    ) -> Result<Self, InvalidVerifierKey> {
        let name = name.into();
        if name.len() > 255 {
            return Err(InvalidVerifierKey::Name);
        }
        Self::new(name, Material::MlDsa(Box::new(key)))
    }

    fn new(name: String, material: Material) -> Result<Self, InvalidVerifierKey> {
        if !is_key_name(&name) {
            return Err(InvalidVerifierKey::Name);
        }
        let mut key = Self { name, id: 0, material };
        let hash = Sha256::new()
            .chain_update(&key.name)
            .chain_update([b'\n', key.kind().byte()])
            .chain_update(key.bytes());
        let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
        key.id = u32::from_be_bytes([a, b, c, d]);
        Ok(key)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id: the first four bytes of SHA-256(name || newline || type || key).
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        match self.material {
            Material::Ed25519(_) => KeyKind::Ed25519,
            Material::Cosignature(_) => KeyKind::Cosignature,
            #[cfg(feature = "ml-dsa")]
            Material::MlDsa(_) => KeyKind::MlDsaCosignature,
        }
    }

    /// The Ed25519 key, for the two kinds that have one.
    #[must_use]
    pub const fn public_key(&self) -> Option<&PublicKey> {
        match &self.material {
            Material::Ed25519(key) | Material::Cosignature(key) => Some(key),
            #[cfg(feature = "ml-dsa")]
            Material::MlDsa(_) => None,
        }
    }

    /// The bytes of the key, without its type.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.material {
            Material::Ed25519(key) | Material::Cosignature(key) => key.as_bytes(),
            #[cfg(feature = "ml-dsa")]
            Material::MlDsa(key) => key.as_bytes(),
        }
    }

    /// Verifies a signature as it stands in a note, behind the id. `None` when it does not hold; the time is that of a
    /// cosignature.
    #[expect(clippy::option_option, reason = "the outer one is the verdict, the inner one the optional time")]
    pub(super) fn verify(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        match &self.material {
            Material::Ed25519(key) => {
                let signature = Signature::from_bytes(signature.try_into().ok()?);
                key.verifying().verify_strict(text.as_bytes(), &signature).ok().map(|()| None)
            }
            Material::Cosignature(key) => cosignature::verify_ed25519(key, text, signature).map(Some),
            #[cfg(feature = "ml-dsa")]
            Material::MlDsa(key) => cosignature::verify_ml_dsa(key, &self.name, text, signature).map(Some),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind().byte()], self.bytes()].concat();
        write!(out, "{}+{:08x}+{}", self.name, self.id, encoding::base64(&key))
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidVerifierKey;

    fn from_str(text: &str) -> Result<Self, InvalidVerifierKey> {
        let (name, rest) = text.split_once('+').ok_or(InvalidVerifierKey::Form)?;
        let (id, key) = rest.split_once('+').ok_or(InvalidVerifierKey::Form)?;
        let bytes = encoding::base64_decode(key).ok_or(InvalidVerifierKey::Form)?;
        let (kind, key) = bytes.split_first().ok_or(InvalidVerifierKey::Form)?;
        let ed25519 = || {
            let key = key.try_into().map_err(|_| InvalidVerifierKey::Key)?;
            PublicKey::from_bytes(key).map_err(|_| InvalidVerifierKey::Key)
        };
        let material = match kind {
            1 => Material::Ed25519(ed25519()?),
            4 => Material::Cosignature(ed25519()?),
            #[cfg(feature = "ml-dsa")]
            6 if name.len() <= 255 => {
                let key = cosignature::MlDsaPublicKey::from_bytes(key).ok_or(InvalidVerifierKey::Key)?;
                Material::MlDsa(Box::new(key))
            }
            kind => return Err(InvalidVerifierKey::Kind(*kind)),
        };
        let found = Self::new(name.to_owned(), material)?;
        if format!("{:08x}", found.id) == id { Ok(found) } else { Err(InvalidVerifierKey::Id) }
    }
}

/// A text that is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifierKey {
    /// Not three parts joined by `+`, the last of them base64.
    #[error("a verifier key is <name>+<id>+<base64>")]
    Form,
    /// The name is empty or has spaces, control characters or a `+`.
    #[error("the name of a key has no spaces, no control characters and no +")]
    Name,
    /// A signature type that is not known here.
    #[error("signature type {0:#04x} is not supported; 0x01 is a log's, 0x04 a witness's")]
    Kind(u8),
    /// The bytes are no key of that type.
    #[error("the bytes are no key of that type")]
    Key,
    /// The id does not belong to the name and the key.
    #[error("the id does not belong to this name and key: a typing error, or an exchanged key")]
    Id,
}
