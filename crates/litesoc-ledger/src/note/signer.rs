//! Signing notes.

use super::{InvalidVerifierKey, NoteSignature, VerifierKey};
use crate::signature::PrivateKey;

/// A private key with a name, that signs notes (type 0x01): checkpoints of a log, or its receipts.
///
/// ```
/// use litesoc_ledger::{note::{Note, NoteSigner}, signature::PrivateKey};
///
/// let signer = NoteSigner::new("audit.example/acme", PrivateKey::from_seed([1; 32]))?;
/// let note = Note::unsigned("text\n")?.sign(&signer);
/// assert!(Note::parse(&note.to_string())?.verify([signer.verifier_key()]).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct NoteSigner {
    key: PrivateKey,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// A signer with this name.
    ///
    /// # Errors
    ///
    /// A name that [`is_key_name`](super::is_key_name) refuses.
    pub fn new(name: impl Into<String>, key: PrivateKey) -> Result<Self, InvalidVerifierKey> {
        let verifier = VerifierKey::ed25519(name, key.public_key())?;
        Ok(Self { key, verifier })
    }

    /// The key that verifies what this signs.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs the text of a note.
    #[must_use]
    pub fn sign(&self, text: &str) -> NoteSignature {
        NoteSignature {
            name: self.verifier.name().to_owned(),
            id: self.verifier.id(),
            signature: self.key.sign_bytes(text.as_bytes()).to_vec(),
        }
    }
}
