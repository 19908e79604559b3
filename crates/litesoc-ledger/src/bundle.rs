//! Bundles: a range of records that verifies offline, and is shown to be complete.
//!
//! A bundle is a set of files; how they are packed is for those who do IO. In their order:
//!
//! | file | content |
//! |---|---|
//! | `bundle.json` | the [`Manifest`]: the range, the subtrees beside it |
//! | `checkpoint` | the signed note, with the cosignatures of witnesses |
//! | `entries.bin` | the [entries](crate::entry::Entry) of the range, 65 bytes each |
//! | `envelopes.jsonl` | one envelope a line, as its canonical bytes, or a [`tombstone`] |
//! | `pangea.json` | optional: the same records as a search result of the Pangea Audit API, see [`PangeaWriter`] |
//!
//! [`BundleVerifier`] takes one record after the other; [`verify`] takes the files.

mod fault;
mod manifest;
mod pangea;
mod verifier;

use std::{io::BufRead as _, ops::Range};

pub use self::fault::{BundleFault, Reason};
pub use self::manifest::{Head, Manifest};
pub use self::pangea::{PangeaRoot, PangeaWriter};
pub use self::verifier::BundleVerifier;
use crate::{
    Hash,
    entry::Entry,
    policy::{Accepted, Policy},
    ptree::TrustedRoot,
    signature::AllowedKeys,
    time::Moment,
};

/// Whose checkpoint a verifier believes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Trust<'a> {
    /// That of a log of this policy, cosigned by its quorum.
    Policy(&'a Policy),
    /// That of the key which the bundle itself names. It shows that the bundle holds together and was not damaged, and
    /// nothing about who made it.
    Embedded,
}

/// What is done about signatures of events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signatures {
    /// Each signature must verify, by an allowed key.
    Verify(AllowedKeys),
    /// They are not looked at. Records are still shown to be unchanged since the log received them.
    Skip,
}

/// The files of a bundle.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Bundle<'a> {
    /// `bundle.json`.
    pub manifest: &'a [u8],
    /// `checkpoint`.
    pub checkpoint: &'a [u8],
    /// `entries.bin`.
    pub entries: &'a [u8],
    /// `envelopes.jsonl`.
    pub envelopes: &'a [u8],
    /// `pangea.json`.
    pub pangea: Option<&'a [u8]>,
}

impl<'a> Bundle<'a> {
    /// The four files that every bundle has.
    #[must_use]
    pub const fn new(
        manifest: &'a [u8],
        checkpoint: &'a [u8],
        entries: &'a [u8],
        envelopes: &'a [u8],
    ) -> Self {
        Self { manifest, checkpoint, entries, envelopes, pangea: None }
    }

    /// Adds `pangea.json`.
    #[must_use]
    pub const fn with_pangea(mut self, pangea: &'a [u8]) -> Self {
        self.pangea = Some(pangea);
        self
    }
}

/// What a bundle has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The checkpoint, the log's key, and the witnesses.
    pub accepted: Accepted,
    /// Whether a policy was asked, or the bundle believed itself.
    pub by_policy: bool,
    /// The records, all of them.
    pub range: Range<u64>,
    /// How many of them were erased; their hashes remain.
    pub erased: u64,
    /// How many carry a signature, whether it was looked at or not.
    pub signed: u64,
    /// When the first and the last record that is still there were received.
    pub received: Option<(Moment, Moment)>,
    /// The P-root at the end of the range.
    pub root_after: TrustedRoot,
    /// The P-root of the whole log at the checkpoint, when the bundle shows it.
    pub head: Option<TrustedRoot>,
}

/// The line that stands for an erased record.
///
/// ```
/// use litesoc_ledger::{Hash, bundle::tombstone};
///
/// let line = tombstone(7, &Hash::of(b"gone"));
/// assert!(line.starts_with(r#"{"tombstone":{"index":7,"leaf_hash":""#));
/// ```
#[must_use]
pub fn tombstone(index: u64, leaf_hash: &Hash) -> String {
    format!(r#"{{"tombstone":{{"index":{index},"leaf_hash":"{leaf_hash}"}}}}"#)
}

/// Verifies a bundle: strictly, offline, each record.
///
/// # Errors
///
/// The first thing that does not hold, with the record where there is one.
pub fn verify(
    bundle: &Bundle<'_>,
    trust: Trust<'_>,
    signatures: &Signatures,
) -> Result<Verified, BundleFault> {
    let mut verifier = BundleVerifier::new(bundle.manifest, bundle.checkpoint, trust, signatures)?;
    let range = verifier.range();
    let (mut rest, mut line) = (bundle.envelopes, Vec::new());
    let mut entries = bundle.entries.chunks_exact(Entry::LEN);
    for index in range.clone() {
        line.clear();
        // Reading from a slice does not fail, and finds the newline faster than a loop over bytes.
        let whole =
            rest.read_until(b'\n', &mut line).is_ok() && line.pop() == Some(b'\n') && !line.is_empty();
        let Some(entry) = entries.next().filter(|_| whole) else {
            return Err(BundleFault::at(index, Reason::Missing { to: range.end }));
        };
        verifier.record(entry, &line)?;
    }
    if !rest.is_empty() || entries.next().is_some() || !entries.remainder().is_empty() {
        return Err(BundleFault::at(range.end, Reason::Surplus));
    }
    match bundle.pangea {
        None => verifier.finish(),
        Some(pangea) => {
            let verified = verifier.finish()?;
            let leaves = bundle.entries.chunks_exact(Entry::LEN).filter_map(Entry::from_bytes);
            let leaves: Vec<_> = leaves.map(|entry| entry.leaf_hash).collect();
            pangea::verify(pangea, &leaves, &verified)?;
            Ok(verified)
        }
    }
}
