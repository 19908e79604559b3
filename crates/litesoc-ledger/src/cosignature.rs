//! Cosignatures (C2SP tlog-cosignature): a witness says that it saw a checkpoint and that the log only grew.

#[cfg(feature = "ml-dsa")]
mod ml_dsa;

use ed25519_dalek::Signature;

#[cfg(feature = "ml-dsa")]
pub(crate) use self::ml_dsa::verify as verify_ml_dsa;
#[cfg(feature = "ml-dsa")]
pub use self::ml_dsa::{MlDsaCosigner, MlDsaPublicKey};
use crate::{
    checkpoint::{Checkpoint, InvalidCheckpoint},
    note::{InvalidVerifierKey, NoteSignature, VerifierKey},
    signature::{PrivateKey, PublicKey},
};

/// A witness's Ed25519 key (type 0x04).
///
/// ```
/// use litesoc_ledger::{checkpoint::Checkpoint, cosignature::Cosigner, merkle, note::Note, signature::PrivateKey};
///
/// let witness = Cosigner::new("witness.example/w1", PrivateKey::from_seed([2; 32]))?;
/// let mut note = Note::unsigned(Checkpoint::new("log.example", 0, merkle::EMPTY_ROOT)?.to_string())?;
/// note.add(witness.cosign(note.text(), 1_735_689_610)?);
/// assert_eq!(note.verify([witness.verifier_key()])?[0].time, Some(1_735_689_610));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cosigner {
    key: PrivateKey,
    verifier: VerifierKey,
}

impl Cosigner {
    /// A witness with this name.
    ///
    /// # Errors
    ///
    /// A name that [`is_key_name`](crate::note::is_key_name) refuses.
    pub fn new(name: impl Into<String>, key: PrivateKey) -> Result<Self, InvalidVerifierKey> {
        let verifier = VerifierKey::cosignature(name, key.public_key())?;
        Ok(Self { key, verifier })
    }

    /// The key that verifies what this signs.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Cosigns the text of a checkpoint at a time, in seconds since 1970 began.
    ///
    /// Whoever calls this states that the log only grew up to here: see [`witness`](crate::witness).
    ///
    /// # Errors
    ///
    /// The text is no checkpoint.
    pub fn cosign(&self, checkpoint: &str, time: u64) -> Result<NoteSignature, InvalidCheckpoint> {
        checkpoint.parse::<Checkpoint>()?;
        let signature = self.key.sign_bytes(message(checkpoint, time).as_bytes());
        let signature = [time.to_be_bytes().as_slice(), &signature].concat();
        Ok(NoteSignature { name: self.verifier.name().to_owned(), id: self.verifier.id(), signature })
    }
}

fn message(checkpoint: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{checkpoint}")
}

/// Splits a timestamp off; times beyond 2^63 - 1 do not exist.
fn timestamp(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = signature.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    i64::try_from(time).ok().map(|_| (time, signature))
}

pub(crate) fn verify_ed25519(key: &PublicKey, text: &str, signature: &[u8]) -> Option<u64> {
    let (time, signature) = timestamp(signature)?;
    text.parse::<Checkpoint>().ok()?;
    let signature = Signature::from_bytes(signature.try_into().ok()?);
    key.verifying().verify_strict(message(text, time).as_bytes(), &signature).ok()?;
    Some(time)
}
