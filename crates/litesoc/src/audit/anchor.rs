//! Roots and proofs: tying what an answer says to a checkpoint that is signed, and to what was seen before.

use std::time::Duration;

use litesoc_core::{Messenger, Pending};
use litesoc_ledger::Hash;
use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::proof::{RecordProof, ShownRecord};
use litesoc_ledger::ptree::TrustedRoot;
use litesoc_ledger::receipt::Receipt;
use serde::Deserialize;

use super::client::{Audit, Inner};
use super::error::{Error, ErrorKind};
use super::verdict::{Unverified, Verified};
use super::wire::Repeat;

/// How often both proofs are asked for again when a new checkpoint came between them.
const TRIES: usize = 5;

/// A root as the service states it.
#[derive(Deserialize, Debug, Clone)]
pub(super) struct ClaimedRoot {
    pub(super) size: u64,
    pub(super) root_hash: String,
}

impl ClaimedRoot {
    pub(super) fn hash(&self) -> Result<Hash, Error> {
        Hash::from_hex(&self.root_hash).map_err(|error| Error::forged(format!("the root: {error}")))
    }
}

impl Inner {
    /// The root of a published size, shown by a checkpoint of trusted keys that also contains everything seen before.
    pub(super) async fn anchor(&self, messenger: &Messenger, size: u64) -> Result<TrustedRoot, Error> {
        let (published, promised) = {
            let seen = self.seen();
            (seen.published, seen.promised)
        };
        if let Some(known) = published.filter(|known| known.size() == size) {
            return Ok(known);
        }
        let Some(index) = size.checked_sub(1) else { return Err(Error::forged("a root of no records")) };
        for _ in 0..TRIES {
            let shown = self.shown(messenger, index).await?;
            let checkpoint = &shown.accepted.checkpoint;
            let mut same = true;
            for (old, was_published) in [(published, true), (promised, false)] {
                let Some(old) = old else { continue };
                if old.size() > checkpoint.size {
                    if was_published {
                        return Err(rolled_back(checkpoint.size, old.size()));
                    }
                    continue;
                }
                let before = self.shown(messenger, old.size() - 1).await?;
                if before.root_after.root() != old.root() {
                    return Err(Error::forged(format!(
                        "at size {} the log had another root than it shows now: two histories",
                        old.size()
                    )));
                }
                // Both must be shown by one checkpoint, or each could be from a history of its own.
                let other = &before.accepted.checkpoint;
                if other.size == checkpoint.size && other.root != checkpoint.root {
                    return Err(Error::forged(format!("two checkpoints of size {}", other.size)));
                }
                same &= other.size == checkpoint.size;
            }
            if same {
                self.keep_published(shown.root_after)?;
                return Ok(shown.root_after);
            }
        }
        Err(Error::new(
            ErrorKind::Timeout,
            "the log grew each time while two proofs of it were fetched; try again",
        ))
    }

    fn keep_published(&self, root: TrustedRoot) -> Result<(), Error> {
        self.remember(|seen| match seen.published {
            Some(known) if known.size() >= root.size() => Ok(false),
            _ => {
                seen.published = Some(root);
                Ok(true)
            }
        })
    }

    /// The proof of a record, from the service, checked against the trusted keys and witnesses.
    pub(super) async fn shown(&self, messenger: &Messenger, index: u64) -> Result<ShownRecord, Error> {
        let trust = self.trust()?;
        let text = match self.wire.text(messenger, &format!("/v1/proof/{index}")).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let known = self.seen().published.filter(|known| index < known.size());
                return Err(match known {
                    Some(known) => Error::forged(format!(
                        "record {index} is not published, though the log had published {}: it was rolled back",
                        known.size()
                    )),
                    None => Error::new(ErrorKind::NotFound, format!("record {index} is not published")),
                });
            }
            other => other?,
        };
        let proof: RecordProof =
            text.parse().map_err(|error| Error::forged(format!("the proof of record {index}: {error}")))?;
        let shown = proof
            .verify_entry(&trust.policy)
            .map_err(|error| Error::forged(format!("the proof of record {index}: {error}")))?;
        if shown.index == index { Ok(shown) } else { Err(Error::forged("a proof of another record")) }
    }

    pub(super) async fn claimed_root(
        &self,
        messenger: &Messenger,
        size: Option<u64>,
    ) -> Result<ClaimedRoot, Error> {
        #[derive(Deserialize)]
        struct Data {
            data: ClaimedRoot,
        }
        let mut body = Object::new();
        if let Some(size) = size {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            body.insert("tree_size".to_owned(), Value::Integer(size));
        }
        let answer = self.wire.call(messenger, "/v1/root", body, Repeat::Always).await?;
        let data: Data = serde_json::from_str(answer.result.get())
            .map_err(|error| Error::decode(format!("the root: {error}")))?;
        if size.is_some_and(|size| size != data.data.size) {
            return Err(Error::forged("the root is of another size than was asked for"));
        }
        Ok(data.data)
    }

    /// The trusted root that a root of an answer has to be; `newest` where the answer must not be older than what was seen.
    pub(super) async fn confirm(
        &self,
        messenger: &Messenger,
        claimed: &ClaimedRoot,
        newest: bool,
    ) -> Result<TrustedRoot, Error> {
        let hash = claimed.hash()?;
        let published = self.seen().published;
        if let Some(known) = published.filter(|known| newest && claimed.size < known.size()) {
            return Err(rolled_back(claimed.size, known.size()));
        }
        let root = self.anchor(messenger, claimed.size).await?;
        if *root.root() == hash {
            return Ok(root);
        }
        Err(Error::forged(format!(
            "the root of size {} is not the one of the log's checkpoint: two histories",
            claimed.size
        )))
    }
}

fn rolled_back(now: u64, seen: u64) -> Error {
    Error::forged(format!("the log shows {now} published records, and had shown {seen}: it was rolled back"))
}

/// A question for a published root.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked until `send` is called"]
pub struct GetRoot {
    audit: Audit,
    size: Option<u64>,
    limit: Option<Duration>,
}

impl GetRoot {
    pub(super) fn new(audit: &Audit) -> Self {
        Self { audit: audit.clone(), size: None, limit: None }
    }

    /// The root of the first so many records. Default: the newest one.
    pub const fn size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// The time this call may take. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The root, shown by a checkpoint of trusted keys, of a log that contains what was seen before.
    pub fn send(self) -> Pending<Result<Verified<TrustedRoot>, Error>> {
        let Self { audit, size, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            inner.trust()?;
            let claimed = inner.claimed_root(&messenger, size).await?;
            inner.confirm(&messenger, &claimed, size.is_none()).await.map(Verified::new)
        })
    }

    /// The size and the root as the service states them.
    pub fn send_unverified(self) -> Pending<Result<Unverified<(u64, Hash)>, Error>> {
        let Self { audit, size, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let claimed = inner.claimed_root(&messenger, size).await?;
            Ok(Unverified::new((claimed.size, claimed.hash()?), "no checkpoint was checked"))
        })
    }
}

/// A question for the proof of a record.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked until `send` is called"]
pub struct GetProof {
    audit: Audit,
    index: u64,
    limit: Option<Duration>,
}

impl GetProof {
    pub(super) fn new(audit: &Audit, index: u64) -> Self {
        Self { audit: audit.clone(), index, limit: None }
    }

    /// The time this call may take. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// What the log's checkpoint says of the place. [`ErrorKind::NotFound`] says that it is not published yet.
    pub fn send(self) -> Pending<Result<Verified<ShownRecord>, Error>> {
        let Self { audit, index, limit } = self;
        audit.run(
            limit,
            |inner, messenger| async move { inner.shown(&messenger, index).await.map(Verified::new) },
        )
    }
}

/// A check of a receipt.
#[derive(Clone, Debug)]
#[must_use = "nothing is checked until `send` is called"]
pub struct Redeem {
    audit: Audit,
    receipt: Receipt,
    limit: Option<Duration>,
}

impl Redeem {
    pub(super) fn new(audit: &Audit, receipt: Receipt) -> Self {
        Self { audit: audit.clone(), receipt, limit: None }
    }

    /// The time this call may take. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Verifies that the log has published the record at its place, and the root that was promised.
    ///
    /// [`ErrorKind::Pending`] says that the record is not published yet; where it stays so, the receipt is the evidence that it
    /// was promised.
    pub fn send(self) -> Pending<Result<Verified<ShownRecord>, Error>> {
        let Self { audit, receipt, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let early = |error: Error| {
                let is_early = error.kind() == ErrorKind::NotFound;
                if is_early { Error::new(ErrorKind::Pending, error.message()) } else { error }
            };
            let shown = inner.shown(&messenger, receipt.index).await.map_err(early)?;
            if shown.leaf_hash != receipt.leaf_hash {
                return Err(Error::forged(format!("another record stands at {}", receipt.index)));
            }
            let root = inner.anchor(&messenger, receipt.size).await.map_err(early)?;
            if *root.root() != receipt.root {
                return Err(Error::forged(format!("the log has another root at size {}", receipt.size)));
            }
            Ok(Verified::new(shown))
        })
    }
}
