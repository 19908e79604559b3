//! Verifying the records of a bundle, one after the other.

use std::ops::Range;

use super::{BundleFault, Manifest, Reason, Signatures, Trust, Verified, tombstone};
use crate::{
    Hash,
    checkpoint::{Checkpoint, CheckpointFault},
    entry::Entry,
    envelope::{EnvelopeView, GENESIS_MESSAGE},
    merkle,
    note::Note,
    policy::{Accepted, Policy, PolicyFault},
    ptree::TrustedRoot,
    signature::AllowedKeys,
    time::Moment,
    tree::{Frontier, Pangea, Rfc6962},
};

/// A verifier that is given the records of a bundle in their order.
///
/// It keeps nothing of a record but its hashes, so a bundle of any length can be streamed through it.
///
/// ```no_run
/// # fn example(manifest: &[u8], checkpoint: &[u8], records: Vec<(Vec<u8>, Vec<u8>)>,
/// #     policy: &litesoc_ledger::policy::Policy) -> Result<(), litesoc_ledger::bundle::BundleFault> {
/// use litesoc_ledger::{bundle::{BundleVerifier, Signatures, Trust}, signature::AllowedKeys};
///
/// let signatures = Signatures::Verify(AllowedKeys::Any);
/// let mut verifier = BundleVerifier::new(manifest, checkpoint, Trust::Policy(policy), &signatures)?;
/// for (entry, envelope) in &records {
///     verifier.record(entry, envelope)?;
/// }
/// let verified = verifier.finish()?;
/// println!("records {:?} are complete and unchanged", verified.range);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct BundleVerifier<'a> {
    manifest: Manifest,
    accepted: Accepted,
    by_policy: bool,
    allowed: Option<&'a AllowedKeys>,
    entries: Frontier<Rfc6962>,
    records: Frontier<Pangea>,
    last_root: Option<Hash>,
    received: Option<(Moment, Moment)>,
    erased: u64,
    signed: u64,
}

impl<'a> BundleVerifier<'a> {
    /// Judges `bundle.json` and the checkpoint.
    ///
    /// # Errors
    ///
    /// One of them cannot be read, they do not belong together, or the checkpoint is not trusted.
    pub fn new(
        manifest: &[u8],
        checkpoint: &[u8],
        trust: Trust<'_>,
        signatures: &'a Signatures,
    ) -> Result<Self, BundleFault> {
        let manifest = Manifest::parse(manifest)?;
        let note = Note::from_bytes(checkpoint).map_err(Reason::Checkpoint)?;
        let accepted = match trust {
            Trust::Policy(policy) => policy.accept(&note).map_err(Reason::Policy)?,
            Trust::Embedded => embedded(&note, &manifest)?,
        };
        let Checkpoint { origin, size, root, .. } = &accepted.checkpoint;
        if origin != manifest.log_key.name() || *size != manifest.size {
            return Err(BundleFault::from(Reason::Mismatch {
                manifest: format!("{} with {} records", manifest.log_key.name(), manifest.size),
                checkpoint: format!("{origin} with {size} records"),
            }));
        }
        if let Some(head) = &manifest.head {
            merkle::verify_inclusion(&head.entry.merkle_leaf(), size - 1, *size, &head.path, root)
                .map_err(Reason::Head)?;
        }
        let rule = |_| Reason::ManifestRule("the subtrees do not cover what lies left of the range");
        let entries = Frontier::from_peaks(manifest.from, manifest.left_entries.clone()).map_err(rule)?;
        let records = Frontier::from_peaks(manifest.from, manifest.left_records.clone()).map_err(rule)?;
        let allowed = match signatures {
            Signatures::Verify(allowed) => Some(allowed),
            Signatures::Skip => None,
        };
        Ok(Self {
            manifest,
            accepted,
            by_policy: matches!(trust, Trust::Policy(_)),
            allowed,
            entries,
            records,
            last_root: None,
            received: None,
            erased: 0,
            signed: 0,
        })
    }

    /// The records that have to come.
    #[must_use]
    pub const fn range(&self) -> Range<u64> {
        self.manifest.from..self.manifest.to
    }

    /// The record that comes next.
    #[must_use]
    pub const fn next_index(&self) -> u64 {
        self.records.size()
    }

    /// Verifies the next record: its entry, 65 bytes, and its line, without the newline.
    ///
    /// # Errors
    ///
    /// What is wrong with it. The verifier is of no use then.
    pub fn record(&mut self, entry: &[u8], line: &[u8]) -> Result<(), BundleFault> {
        let index = self.next_index();
        let result =
            if index < self.manifest.to { self.judge(index, entry, line) } else { Err(Reason::Surplus) };
        result.map_err(|reason| BundleFault::at(index, reason))
    }

    fn judge(&mut self, index: u64, bytes: &[u8], line: &[u8]) -> Result<(), Reason> {
        let entry = Entry::from_bytes(bytes).ok_or(Reason::Entry)?;
        if line.starts_with(b"{\"tombstone\":") {
            if index == 0 || line != tombstone(index, &entry.leaf_hash).as_bytes() {
                return Err(Reason::Changed);
            }
            self.erased += 1;
        } else {
            self.envelope(index, &entry, line)?;
        }
        self.records.append(entry.leaf_hash);
        if self.records.root() != Some(entry.root_after) {
            return Err(Reason::Root);
        }
        self.last_root = Some(entry.root_after);
        self.entries.append(merkle::leaf_hash(bytes));
        Ok(())
    }

    fn envelope(&mut self, index: u64, entry: &Entry, line: &[u8]) -> Result<(), Reason> {
        // The hash comes first: of a record that was changed one wants to hear that, and not how its text looks now.
        if Hash::of(line) != entry.leaf_hash {
            return Err(Reason::Changed);
        }
        let envelope = EnvelopeView::read(line)?;
        if self.received.is_some_and(|(_, last)| envelope.received_at <= last) {
            return Err(Reason::Time);
        }
        let first = self.received.map_or(envelope.received_at, |(first, _)| first);
        self.received = Some((first, envelope.received_at));
        if index == 0 {
            let origin = &self.accepted.checkpoint.origin;
            let is =
                |name: &str, expected: &str| envelope.event_string(name).is_some_and(|text| text == expected);
            if !is("message", GENESIS_MESSAGE) || !is("origin", origin) {
                return Err(Reason::Genesis { origin: origin.clone() });
            }
        }
        if let Some((signature, public_key)) = &envelope.signature {
            self.signed += 1;
            if let Some(allowed) = self.allowed {
                allowed.verify(envelope.event.as_bytes(), signature, public_key)?;
            }
        }
        Ok(())
    }

    /// Holds all records against the checkpoint.
    ///
    /// # Errors
    ///
    /// Records are missing, or they are not those the checkpoint was signed for.
    pub fn finish(mut self) -> Result<Verified, BundleFault> {
        let (index, to, size) = (self.next_index(), self.manifest.to, self.manifest.size);
        let root_after = self.last_root.filter(|_| index == to);
        let root_after = root_after.ok_or_else(|| BundleFault::at(index, Reason::Missing { to }))?;
        let rule = |_| Reason::ManifestRule("the subtrees do not cover what lies right of the range");
        self.entries.extend(size, &self.manifest.right_entries).map_err(rule)?;
        if self.entries.root() != Some(self.accepted.checkpoint.root) {
            return Err(Reason::CheckpointRoot.into());
        }
        let root_after = TrustedRoot::pinned(to, root_after);
        let head = self.manifest.head.as_ref().map(|head| head.entry.trusted_root(size - 1));
        Ok(Verified {
            accepted: self.accepted,
            by_policy: self.by_policy,
            range: self.manifest.from..to,
            erased: self.erased,
            signed: self.signed,
            received: self.received,
            root_after,
            head: head.or_else(|| (to == size).then_some(root_after)),
        })
    }
}

/// The checkpoint as the bundle's own key signs it.
fn embedded(note: &Note, manifest: &Manifest) -> Result<Accepted, Reason> {
    Policy::of_log(manifest.log_key.clone()).accept(note).map_err(|fault| match fault {
        PolicyFault::UnknownLog { origin } => Reason::Embedded(CheckpointFault::Origin {
            expected: manifest.log_key.name().to_owned(),
            found: origin,
        }),
        other @ (PolicyFault::Checkpoint(_) | PolicyFault::Quorum { .. }) => Reason::Policy(other),
    })
}
