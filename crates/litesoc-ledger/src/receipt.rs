//! Receipts: the log's promise, given at once, that a record stands at a place.

use crate::{
    Hash, encoding,
    note::{InvalidNote, Note, NoteFault, NoteSigner, VerifierKey},
    ptree::TrustedRoot,
    time::Moment,
};

/// What a receipt says. It is signed by a key of its own, named `<origin>/receipt`.
///
/// A receipt is evidence: when the record is not in the log later, or the log has another root at that size, whoever
/// holds the receipt can show that the log has lied.
///
/// ```
/// use litesoc_ledger::{Hash, note::NoteSigner, receipt::{self, Receipt}, signature::PrivateKey, time::Moment};
///
/// let time = Moment::from_micros(1_735_689_600_000_000).expect("in range");
/// let receipt = Receipt::new("audit.example/acme", 7, Hash::of(b"record"), 9, Hash::of(b"root"), time);
/// let signer = NoteSigner::new(receipt::key_name("audit.example/acme"), PrivateKey::from_seed([3; 32]))?;
/// let note = receipt.sign(&signer)?;
/// assert_eq!(Receipt::open(&note.to_string(), signer.verifier_key())?, receipt);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The name of the log.
    pub origin: String,
    /// The place of the record.
    pub index: u64,
    /// The leaf hash of the record.
    pub leaf_hash: Hash,
    /// The size of the log when the receipt was written, larger than the index.
    pub size: u64,
    /// The P-root of that size.
    pub root: Hash,
    /// When the log received the record.
    pub received_at: Moment,
}

const HEADER: &str = "audit-receipt/v1";
const KEY_SUFFIX: &str = "/receipt";

/// The name of the key that signs the receipts of a log.
#[must_use]
pub fn key_name(origin: &str) -> String {
    format!("{origin}{KEY_SUFFIX}")
}

/// Whether a key of this name signs receipts. No log is named so.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    name.ends_with(KEY_SUFFIX)
}

impl Receipt {
    /// The receipt of a record.
    #[must_use]
    pub fn new(
        origin: impl Into<String>,
        index: u64,
        leaf_hash: Hash,
        size: u64,
        root: Hash,
        received_at: Moment,
    ) -> Self {
        Self { origin: origin.into(), index, leaf_hash, size, root, received_at }
    }

    /// The text: a header and one line each for origin, index, leaf hash, size, P-root and time.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { origin, index, leaf_hash, size, root, received_at } = self;
        format!("{HEADER}\n{origin}\n{index}\n{leaf_hash}\n{size}\n{root}\n{received_at}\n")
    }

    /// The signed note.
    ///
    /// # Errors
    ///
    /// The signer is not named as [`key_name`] says, or the origin has control characters.
    pub fn sign(&self, signer: &NoteSigner) -> Result<Note, ReceiptFault> {
        if signer.verifier_key().name() != key_name(&self.origin) {
            return Err(ReceiptFault::Origin);
        }
        Ok(Note::unsigned(self.to_text())?.sign(signer))
    }

    /// Reads a signed receipt.
    ///
    /// # Errors
    ///
    /// The note is not signed by that key, the text is no receipt, or it is of another log than the key.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, ReceiptFault> {
        let note = Note::parse(note)?;
        note.verify([key])?;
        let receipt = read(note.text()).ok_or(ReceiptFault::Form)?;
        if key_name(&receipt.origin) == key.name() { Ok(receipt) } else { Err(ReceiptFault::Origin) }
    }

    /// The root that the receipt vouches for.
    #[must_use]
    pub const fn trusted_root(&self) -> TrustedRoot {
        TrustedRoot::pinned(self.size, self.root)
    }
}

fn read(text: &str) -> Option<Receipt> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    if lines.next()? != HEADER {
        return None;
    }
    let origin = lines.next().filter(|origin| !origin.is_empty())?;
    let index = encoding::decimal(lines.next()?)?;
    let leaf_hash = Hash::from_hex(lines.next()?).ok()?;
    let size = encoding::decimal(lines.next()?).filter(|size| index < *size)?;
    let root = Hash::from_hex(lines.next()?).ok()?;
    let received_at = Moment::parse_exact(lines.next()?)?;
    if lines.next().is_some() {
        return None;
    }
    Some(Receipt::new(origin, index, leaf_hash, size, root, received_at))
}

/// A note that is no receipt of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptFault {
    /// The text is no signed note.
    #[error("the receipt is no signed note: {0}")]
    Note(#[from] InvalidNote),
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] NoteFault),
    /// The text is no receipt.
    #[error("the text is not audit-receipt/v1 with its six lines, or the index is not below the size")]
    Form,
    /// The receipt is of another log than the key.
    #[error("the receipt is not of the log whose key was given")]
    Origin,
}
