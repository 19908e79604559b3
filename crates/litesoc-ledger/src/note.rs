//! Signed notes (C2SP signed-note): a text, and lines that say who signed it.

mod key;
mod signer;

use std::fmt;

pub use self::key::{InvalidVerifierKey, KeyKind, VerifierKey, is_key_name};
pub use self::signer::NoteSigner;
use crate::encoding;

/// Bytes of the longest note that is read.
pub const MAX_NOTE_LEN: usize = 1 << 20;

/// Most signature lines that are read; C2SP signed-note demands at least 16.
pub const MAX_SIGNATURES: usize = 128;

/// A signed note whose form has been checked, and nothing else.
///
/// Its text must not be used before [`verify`](Self::verify) says that a known key signed it.
///
/// ```
/// use litesoc_ledger::note::{Note, VerifierKey};
///
/// let key: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse()?;
/// let note = Note::parse("This is an example message.\n\n\
///     — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n")?;
/// assert_eq!(note.verify([&key])?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoteSignature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: u32,
    /// What the key made: for a cosignature with its timestamp before it.
    pub signature: Vec<u8>,
}

impl NoteSignature {
    /// Reads a line `— <name> <base64>`, without its newline.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        if !is_key_name(name) {
            return None;
        }
        let bytes = encoding::base64_decode(signature)?;
        let (id, signature) = bytes.split_first_chunk::<4>().filter(|(_, rest)| !rest.is_empty())?;
        let (id, signature) = (u32::from_be_bytes(*id), signature.to_vec());
        Some(Self { name: name.to_owned(), id, signature })
    }

    /// Whether the line names this key, by name and by id.
    #[must_use]
    pub fn names(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.to_be_bytes().as_slice(), &self.signature].concat();
        write!(out, "— {} {}", self.name, encoding::base64(&bytes))
    }
}

/// A signature line that verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedSignature<'k> {
    /// The key that made it.
    pub key: &'k VerifierKey,
    /// For a cosignature, when the cosigner saw the checkpoint: seconds since 1970 began.
    pub time: Option<u64>,
}

impl Note {
    /// Checks the form of a note.
    ///
    /// # Errors
    ///
    /// The first rule of C2SP signed-note that it breaks.
    pub fn parse(note: &str) -> Result<Self, InvalidNote> {
        if note.len() > MAX_NOTE_LEN {
            return Err(InvalidNote::Length);
        }
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(InvalidNote::Control);
        }
        let border = note.rfind("\n\n").ok_or(InvalidNote::Border)?;
        let (text, lines) = (&note[..=border], &note[border + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(InvalidNote::Signature { line: 0 })?;
        let mut signatures = Vec::new();
        for (line, signature) in lines.split('\n').enumerate() {
            if line == MAX_SIGNATURES {
                return Err(InvalidNote::Signatures);
            }
            signatures.push(NoteSignature::parse(signature).ok_or(InvalidNote::Signature { line })?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// As [`parse`](Self::parse), from bytes.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and bytes that are not UTF-8.
    pub fn from_bytes(note: &[u8]) -> Result<Self, InvalidNote> {
        Self::parse(str::from_utf8(note).map_err(|_| InvalidNote::Encoding)?)
    }

    /// A note without signatures yet, for [`sign`](Self::sign). One without any has no valid text form.
    ///
    /// # Errors
    ///
    /// The text does not end in a newline or has control characters.
    pub fn unsigned(text: impl Into<String>) -> Result<Self, InvalidNote> {
        let text = text.into();
        if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(InvalidNote::Control);
        }
        if !text.ends_with('\n') {
            return Err(InvalidNote::Border);
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Adds a signature, in place of one by the same key.
    #[must_use]
    pub fn sign(mut self, signer: &NoteSigner) -> Self {
        self.add(signer.sign(&self.text));
        self
    }

    /// Adds a signature line, in place of one with the same name and id: for the answers of witnesses.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.retain(|other| (&other.name, other.id) != (&signature.name, signature.id));
        self.signatures.push(signature);
    }

    /// The text with its last newline, without the blank line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Verifies the signatures of the known keys; lines of unknown keys say nothing and are passed over.
    ///
    /// # Errors
    ///
    /// A known key's signature does not verify, or there is none by a known key.
    pub fn verify<'k, I>(&self, known: I) -> Result<Vec<VerifiedSignature<'k>>, NoteFault>
    where
        I: IntoIterator<Item = &'k VerifierKey>,
    {
        let verified = self.verify_any(known)?;
        if verified.is_empty() { Err(NoteFault::Unsigned) } else { Ok(verified) }
    }

    /// As [`verify`](Self::verify), for those to whom no known signature is an answer too.
    ///
    /// # Errors
    ///
    /// A known key's signature does not verify.
    pub fn verify_any<'k, I>(&self, known: I) -> Result<Vec<VerifiedSignature<'k>>, NoteFault>
    where
        I: IntoIterator<Item = &'k VerifierKey>,
    {
        let mut verified = Vec::new();
        for key in known {
            for signature in self.signatures.iter().filter(|signature| signature.names(key)) {
                let time = key
                    .verify(&self.text, &signature.signature)
                    .ok_or_else(|| NoteFault::Signature { name: key.name().to_owned() })?;
                // A line that stands twice counts once.
                if !verified.iter().any(|other: &VerifiedSignature<'_>| other.key == key) {
                    verified.push(VerifiedSignature { key, time });
                }
            }
        }
        Ok(verified)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(out, "{signature}"))
    }
}

/// A text that is no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNote {
    /// The note is longer than [`MAX_NOTE_LEN`].
    #[error("the note is longer than 1 MiB")]
    Length,
    /// The bytes are not UTF-8.
    #[error("the note is not UTF-8")]
    Encoding,
    /// A control character other than a newline.
    #[error("a note has no control characters but newlines")]
    Control,
    /// No blank line between text and signatures, or no newline at the end of the text.
    #[error("a note is a text that ends in a newline, a blank line, and signature lines")]
    Border,
    /// A line that is no signature.
    #[error("signature line {line} is not — name base64")]
    Signature {
        /// The line, counted from 0 behind the blank line.
        line: usize,
    },
    /// More than [`MAX_SIGNATURES`].
    #[error("the note has more than 128 signatures")]
    Signatures,
}

/// A note that is not signed as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteFault {
    /// The signature of a known key does not verify.
    #[error("the signature of {name} does not verify")]
    Signature {
        /// The name of the key.
        name: String,
    },
    /// No known key signed the note.
    #[error("no known key has signed the note")]
    Unsigned,
}
