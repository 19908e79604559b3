//! Cosignatures by ML-DSA-44 (type 0x06), which hold against quantum computers.
//!
//! The implementation is that of RustCrypto, which nobody has audited; hence the feature.

use std::fmt;

use ml_dsa::{KeyInit as _, MlDsa44, Signature, SigningKey, VerifyingKey, signature::Keypair as _};

use super::timestamp;
use crate::{
    checkpoint::{Checkpoint, InvalidCheckpoint},
    note::{InvalidVerifierKey, NoteSignature, VerifierKey},
};

/// Bytes of a public key.
const KEY_LEN: usize = 1_312;

/// An ML-DSA-44 public key.
#[derive(Clone)]
pub struct MlDsaPublicKey {
    bytes: Vec<u8>,
    key: VerifyingKey<MlDsa44>,
}

impl PartialEq for MlDsaPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for MlDsaPublicKey {}

impl MlDsaPublicKey {
    /// The key with these 1,312 bytes (FIPS 204); `None` for any other length.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != KEY_LEN {
            return None;
        }
        Some(Self { bytes: bytes.to_vec(), key: VerifyingKey::new_from_slice(bytes).ok()? })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for MlDsaPublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MlDsaPublicKey({})", crate::Hash::of(&self.bytes))
    }
}

/// A witness's ML-DSA-44 key. Signing is deterministic, so that it needs no randomness.
pub struct MlDsaCosigner {
    key: SigningKey<MlDsa44>,
    verifier: VerifierKey,
}

impl MlDsaCosigner {
    /// A witness with this name, and the key of a seed of 32 random bytes.
    ///
    /// # Errors
    ///
    /// A name that [`is_key_name`](crate::note::is_key_name) refuses or that has more than 255 bytes.
    pub fn new(name: impl Into<String>, seed: [u8; 32]) -> Result<Self, InvalidVerifierKey> {
        let key = SigningKey::<MlDsa44>::from_seed(&seed.into());
        let public = MlDsaPublicKey::from_bytes(&key.verifying_key().encode());
        let verifier = VerifierKey::ml_dsa(name, public.ok_or(InvalidVerifierKey::Key)?)?;
        Ok(Self { key, verifier })
    }

    /// The key that verifies what this signs.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// As [`Cosigner::cosign`](super::Cosigner::cosign). Extension lines of the checkpoint are not signed.
    ///
    /// # Errors
    ///
    /// The text is no checkpoint, or its origin has more than 255 bytes.
    pub fn cosign(&self, checkpoint: &str, time: u64) -> Result<NoteSignature, InvalidCheckpoint> {
        let checkpoint: Checkpoint = checkpoint.parse()?;
        let message = message(self.verifier.name(), time, &checkpoint).ok_or(InvalidCheckpoint::Origin)?;
        let signature = self.key.expanded_key().sign_deterministic(&message, &[]);
        let signature = signature.map_err(|_| InvalidCheckpoint::Origin)?;
        let signature = [time.to_be_bytes().as_slice(), &signature.encode()].concat();
        Ok(NoteSignature { name: self.verifier.name().to_owned(), id: self.verifier.id(), signature })
    }
}

impl fmt::Debug for MlDsaCosigner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MlDsaCosigner({})", self.verifier.name())
    }
}

/// `cosigned_message` of C2SP tlog-cosignature, for a whole tree.
fn message(name: &str, time: u64, checkpoint: &Checkpoint) -> Option<Vec<u8>> {
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(u8::try_from(name.len()).ok()?);
    message.extend_from_slice(name.as_bytes());
    message.extend_from_slice(&time.to_be_bytes());
    message.push(u8::try_from(checkpoint.origin.len()).ok()?);
    message.extend_from_slice(checkpoint.origin.as_bytes());
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size.to_be_bytes());
    message.extend_from_slice(checkpoint.root.as_bytes());
    Some(message)
}

pub(crate) fn verify(key: &MlDsaPublicKey, name: &str, text: &str, signature: &[u8]) -> Option<u64> {
    let (time, signature) = timestamp(signature)?;
    // Zero would say that the witness makes no statement about the newest tree.
    if time == 0 {
        return None;
    }
    let checkpoint = text.parse::<Checkpoint>().ok()?;
    let signature = Signature::<MlDsa44>::try_from(signature).ok()?;
    let message = message(name, time, &checkpoint)?;
    key.key.verify_with_context(&message, &[], &signature).then_some(time)
}
