//! Recording one event, and checking at once that it is in the log.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use litesoc_core::{Messenger, Pending};
use litesoc_ledger::Hash;
use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::event::Event;
use litesoc_ledger::ptree::{ConsistencyProof, MembershipProof, TrustedRoot};
use litesoc_ledger::receipt::Receipt;
use litesoc_ledger::signature::PublicKey;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Audit, Inner};
use super::error::Error;
use super::trust::Trust;
use super::verdict::{Unverified, Verified};
use super::verify::{self, Sealed};
use super::wire::Repeat;

/// What the log says of an event that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Logged {
    /// The leaf hash: the name of the record.
    pub hash: Hash,
    /// The envelope as the log sealed it. Its bytes are what the hash is of.
    pub envelope: String,
    /// When the log received it.
    pub received_at: String,
    /// Whose signature the record carries.
    pub signed_by: Option<PublicKey>,
    /// The log's signed promise that the record stands at its place. Worth keeping: it is evidence if the record vanishes.
    pub receipt: Option<Receipt>,
    /// The signed text of the receipt.
    pub receipt_note: Option<String>,
    /// The request, as the service names it.
    pub request_id: String,
}

impl Logged {
    /// The place of the record, where a receipt names it.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.receipt.as_ref().map(|receipt| receipt.index)
    }
}

/// An event that is ready to be recorded.
#[derive(Clone, Debug)]
#[must_use = "nothing is recorded until `send` is called"]
pub struct Log {
    audit: Audit,
    event: Event,
    limit: Option<Duration>,
}

/// One result of the API.
#[derive(Deserialize)]
pub(super) struct LogResult<'a> {
    #[serde(default)]
    pub(super) hash: Option<String>,
    #[serde(borrow, default)]
    pub(super) envelope: Option<&'a RawValue>,
    #[serde(default)]
    unpublished_root: Option<String>,
    #[serde(default)]
    membership_proof: Option<String>,
    #[serde(default)]
    consistency_proof: Option<Vec<String>>,
    #[serde(default)]
    receipt: Option<String>,
}

impl Log {
    pub(super) fn new(audit: &Audit, event: Event) -> Self {
        Self { audit: audit.clone(), event, limit: None }
    }

    /// The time this call may take with its repeats. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Records the event and verifies that it is in the log, unchanged, in a log that only grew since the last call.
    pub fn send(self) -> Pending<Result<Verified<Logged>, Error>> {
        let Self { audit, event, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            // Asked before anything is recorded.
            inner.trust()?;
            record(&inner, &messenger, event, true).await.map(Verified::new)
        })
    }

    /// Records the event and checks what can be checked without trusting anybody: the hash, the signature, and that the
    /// proofs the service gave lead where it says.
    pub fn send_unverified(self) -> Pending<Result<Unverified<Logged>, Error>> {
        let Self { audit, event, limit } = self;
        audit.run(limit, |inner, messenger| async move {
            let logged = record(&inner, &messenger, event, false).await?;
            Ok(Unverified::new(logged, "nothing signed by the log was checked"))
        })
    }
}

/// The members of a request for one event.
pub(super) fn members(inner: &Inner, event: &Event) -> Object {
    let mut body = Object::from([("event".to_owned(), event.clone().into_value())]);
    if let Some(key) = &inner.key {
        let signature = key.sign(event.to_canonical().as_bytes());
        body.insert("signature".to_owned(), Value::from(signature));
        body.insert("public_key".to_owned(), Value::from(key.public_key_text()));
    }
    body
}

async fn record(
    inner: &Arc<Inner>,
    messenger: &Messenger,
    event: Event,
    strict: bool,
) -> Result<Logged, Error> {
    let event = inner.prepare(event);
    let mut body = members(inner, &event);
    body.insert("verbose".to_owned(), Value::Bool(true));
    let before = if strict { inner.seen().promised } else { None };
    let claimed = inner.claimed_root.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let claimed = claimed.filter(|_| !strict);
    let previous = before.map(|root| root.root().to_string()).or_else(|| claimed.clone());
    if let Some(root) = previous {
        body.insert("prev_root".to_owned(), Value::from(root));
    }
    let signed = body.get("signature").cloned();
    let answer = inner.wire.call(messenger, "/v1/log", body, Repeat::IfKnown).await?;
    let result: LogResult<'_> = serde_json::from_str(answer.result.get())
        .map_err(|error| Error::decode(format!("the result of the call: {error}")))?;
    let sealed = envelope_of(&result, inner, &event, signed.as_ref().and_then(Value::as_str), strict)?;
    let receipt = match (strict, &inner.trust) {
        (true, Some(trust)) => Some(shown(inner, trust, &sealed, &result, before)?),
        _ => {
            plausible(inner, &sealed, &result, claimed)?;
            None
        }
    };
    Ok(logged(sealed, receipt, result.receipt, answer.request_id))
}

pub(super) fn logged(
    sealed: Sealed,
    receipt: Option<Receipt>,
    receipt_note: Option<String>,
    request_id: String,
) -> Logged {
    let Sealed { text, hash, received_at, signed_by, .. } = sealed;
    Logged { hash, envelope: text, received_at, signed_by, receipt, receipt_note, request_id }
}

/// Checks that the envelope is of the event that was sent.
pub(super) fn envelope_of(
    result: &LogResult<'_>,
    inner: &Inner,
    event: &Event,
    signature: Option<&str>,
    strict: bool,
) -> Result<Sealed, Error> {
    let text = result.envelope.ok_or_else(|| Error::forged("the answer has no envelope"))?.get();
    let sealed = verify::sealed(text, result.hash.as_deref(), &inner.signers)?;
    if signature.is_some() && sealed.signature.as_ref().map(|(found, _)| &**found) != signature {
        return Err(Error::forged("the record does not carry the signature that was sent"));
    }
    // A schema of a hosted log may redact; only those who verify insist on their very words.
    if strict {
        verify::same_event(event, &sealed.event)?;
    }
    Ok(sealed)
}

/// Shows that the record is in the log, by a receipt of a key that was known before.
fn shown(
    inner: &Inner,
    trust: &Trust,
    sealed: &Sealed,
    result: &LogResult<'_>,
    before: Option<TrustedRoot>,
) -> Result<Receipt, Error> {
    let forged = |what: &str| Error::forged(what);
    let key = trust.receipt.as_ref().ok_or_else(|| {
        Error::new(super::ErrorKind::Configuration, "the key of the receipts is needed to verify at once")
    })?;
    let note = result.receipt.as_deref().ok_or_else(|| forged("the answer has no receipt"))?;
    let receipt = Receipt::open(note, key).map_err(|error| Error::forged(format!("the receipt: {error}")))?;
    if receipt.leaf_hash != sealed.hash || receipt.received_at.to_string() != sealed.received_at {
        return Err(forged("the receipt is of another record"));
    }
    let root = receipt.trusted_root();
    if result.unpublished_root.as_deref() != Some(&*root.root().to_string()) {
        return Err(forged("the root of the answer is not that of the receipt"));
    }
    let proof =
        result.membership_proof.as_deref().ok_or_else(|| forged("the answer has no membership proof"))?;
    let proof: MembershipProof =
        proof.parse().map_err(|error| Error::forged(format!("the membership proof: {error}")))?;
    proof
        .verify(&sealed.hash, receipt.index, &root)
        .map_err(|error| Error::forged(format!("the membership proof: {error}")))?;
    if let Some(before) = before {
        grown(&before, &root, result.consistency_proof.as_deref())?;
    }
    inner.remember(|seen| match seen.promised {
        Some(newest) if newest.size() == root.size() && newest.root() != root.root() => {
            Err(Error::forged(format!("two different roots for size {}: two histories", root.size())))
        }
        // Calls that were made at once end in any order.
        Some(newest) if newest.size() >= root.size() => Ok(false),
        _ => {
            seen.promised = Some(root);
            Ok(true)
        }
    })?;
    Ok(receipt)
}

/// Shows that the log at `before` is the beginning of the log at `after`.
fn grown(before: &TrustedRoot, after: &TrustedRoot, proof: Option<&[String]>) -> Result<(), Error> {
    let (seen, now) = (before.size(), after.size());
    if now < seen {
        return Err(Error::forged(format!("the log has {now} records, and had {seen}: it was rolled back")));
    }
    let proof = proof.map(ConsistencyProof::parse).transpose();
    let proof = proof.map_err(|error| Error::forged(format!("the consistency proof: {error}")))?;
    ConsistencyProof::verify_answer(proof.as_ref(), before, after).map_err(|error| {
        Error::forged(format!(
            "the log does not contain what it was at size {seen}: it was rolled back or shows two histories ({error})"
        ))
    })
}

/// Follows the proofs of a service that signs nothing, as far as they go.
fn plausible(
    inner: &Inner,
    sealed: &Sealed,
    result: &LogResult<'_>,
    claimed: Option<String>,
) -> Result<(), Error> {
    let Some(root) = &result.unpublished_root else { return Ok(()) };
    let later = Hash::from_hex(root).map_err(|error| Error::forged(format!("the root: {error}")))?;
    if let Some(proof) = &result.membership_proof {
        let proof: MembershipProof =
            proof.parse().map_err(|error| Error::forged(format!("the membership proof: {error}")))?;
        if proof.climb(&sealed.hash) != later {
            return Err(Error::forged("the membership proof leads to another root"));
        }
    }
    if let (Some(earlier), Some(proof)) = (claimed, &result.consistency_proof) {
        let proof = ConsistencyProof::parse(proof)
            .map_err(|error| Error::forged(format!("the consistency proof: {error}")))?;
        let climbs = proof.elements().iter().all(|(peak, path)| path.climb(peak) == later);
        let peaks = proof.elements().iter().map(|(peak, _)| *peak);
        let before =
            peaks.reduce(|right, left| Hash::of(&[left.as_bytes().as_slice(), right.as_bytes()].concat()));
        if !climbs || before.map(|root| root.to_string()) != Some(earlier) {
            return Err(Error::forged("the consistency proof does not lead from the last root to this one"));
        }
    }
    *inner.claimed_root.lock().unwrap_or_else(PoisonError::into_inner) = Some(root.clone());
    Ok(())
}
