//! Witnesses: who is asked to cosign a checkpoint, and what their answers mean.

use std::fmt;
use std::sync::Arc;

use litesoc_ledger::merkle;
use litesoc_ledger::note::{Note, VerifierKey};
use litesoc_ledger::policy::Policy;
use litesoc_ledger::witness::{AddCheckpoint, add_cosignatures, conflict_size};
use litesoc_tlog::Log;
use parking_lot::Mutex;

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an HTTP answer, as far as the protocol uses it")]
pub struct WitnessAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Posts a body to the `add-checkpoint` of a witness with this address and waits for the answer, with a deadline.
pub type AskWitness = Arc<dyn Fn(&str, &str) -> Result<WitnessAnswer, String> + Send + Sync>;

/// What a witness has against a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    /// It has seen more of the log.
    SawMore { witness: String, seen: u64 },
    /// It has seen other records.
    SawOther { witness: String, seen: u64 },
}

impl fmt::Display for Objection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SawMore { witness, seen } => write!(
                out,
                "witness {witness} has seen {seen} records of this log, more than there are: it was rolled back, or another \
                 one uses its key"
            ),
            Self::SawOther { witness, seen } => write!(
                out,
                "witness {witness} has seen {seen} records that are others than here: the log was altered, or another one \
                 uses its key"
            ),
        }
    }
}

/// The witnesses of a policy that have an address.
pub(super) struct Witnesses {
    ask: Option<AskWitness>,
    all: Vec<Witness>,
}

struct Witness {
    name: String,
    key: VerifierKey,
    url: String,
    /// The size it saw last, as far as is known.
    seen: Mutex<u64>,
}

impl fmt::Debug for Witnesses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.all.iter().map(|witness| &witness.name)).finish()
    }
}

impl Witnesses {
    pub(super) fn new(policy: &Policy, ask: Option<AskWitness>) -> Self {
        let all = policy.witnesses().iter().filter_map(|witness| {
            let url = witness.url.clone()?;
            Some(Witness { name: witness.name.clone(), key: witness.key.clone(), url, seen: Mutex::new(0) })
        });
        Self { ask, all: all.collect() }
    }

    /// Whether there is a witness, and a way to ask it.
    pub(super) const fn are_asked(&self) -> bool {
        self.ask.is_some() && !self.all.is_empty()
    }

    /// Shows a checkpoint to every witness and adds their cosignatures. Returns what one of them has against it.
    pub(super) fn show(&self, log: &Log, size: u64, note: &mut Note) -> Option<Objection> {
        let ask = self.ask.as_ref()?;
        let mut objection = None;
        for witness in &self.all {
            match witness.show(ask, log, size, note) {
                Ok(None) => {}
                Ok(found) => objection = found,
                Err(fault) => tracing::warn!(witness = witness.name, fault, "a witness did not cosign"),
            }
        }
        objection
    }
}

impl Witness {
    /// Asks once, and once more when the witness names the size it saw.
    fn show(
        &self,
        ask: &AskWitness,
        log: &Log,
        size: u64,
        note: &mut Note,
    ) -> Result<Option<Objection>, String> {
        let witness = || self.name.clone();
        let mut seen = self.seen.lock();
        for _ in 0..2 {
            let old = (*seen).min(size);
            let proof = if old == 0 || old == size { Vec::new() } else { proof(log, old, size)? };
            let body = AddCheckpoint::new(old, proof, note.clone()).to_string();
            let answer = ask(&self.url, &body)?;
            let text = std::str::from_utf8(&answer.body).map_err(|_| "its answer is no text".to_owned())?;
            match answer.status {
                200 => {
                    add_cosignatures(note, text, std::slice::from_ref(&self.key))
                        .map_err(|error| error.to_string())?;
                    *seen = size;
                    return Ok(None);
                }
                409 => {
                    *seen = conflict_size(text).ok_or("its 409 answer names no size")?;
                    // It knows this size, so what it objects to is the root.
                    if *seen == old && old > 0 {
                        return Ok(Some(Objection::SawOther { witness: witness(), seen: old }));
                    }
                    if *seen > size {
                        return Ok(Some(Objection::SawMore { witness: witness(), seen: *seen }));
                    }
                }
                422 if old > 0 => return Ok(Some(Objection::SawOther { witness: witness(), seen: old })),
                status => {
                    return Err(format!("it answered {status}: {}", text.lines().next().unwrap_or_default()));
                }
            }
        }
        Err("it keeps answering 409".to_owned())
    }
}

fn proof(log: &Log, old: u64, size: u64) -> Result<Vec<litesoc_ledger::Hash>, String> {
    merkle::consistency(log.rfc6962(), old, size).map_err(|error| error.to_string())
}
