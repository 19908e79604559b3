//! Policies (C2SP tlog-policy): whose checkpoints are believed, and which witnesses must have seen them.

mod parse;

use std::fmt;

use crate::{
    checkpoint::{Checkpoint, CheckpointFault},
    note::{Note, NoteFault, VerifierKey},
};

/// A trust policy: logs, witnesses, and the quorum.
///
/// ```
/// use litesoc_ledger::policy::Policy;
///
/// let policy = Policy::parse(b"\
/// log audit.example/demo+12b3c587+AZJzCPU9Z2VQPStkwQOrWqRyBqs5UCz+j5hEL9tUMQC3
/// witness w1 witness.example/w1+918b6299+BMhAafoiFsbtwdUsqDqhHCZ91UQK+lJgkMpD69DKhqnP
/// group all-of-them all w1
/// quorum all-of-them
/// ")?;
/// assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 1));
///
/// let faults = Policy::parse(b"log nonsense\nquorum nobody\n").unwrap_err();
/// assert_eq!(faults.0.len(), 2, "all faults at once: {faults}");
/// # Ok::<(), litesoc_ledger::policy::InvalidPolicy>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A log of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyLog {
    /// Its key; the name of the key is the origin of the log.
    pub key: VerifierKey,
    /// Where it is.
    pub url: Option<String>,
}

/// A witness of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyWitness {
    /// What the policy calls it; opaque bytes, shown with replacement characters where they are not UTF-8.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it takes checkpoints: the prefix before `/add-checkpoint`.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

/// A witness or a group, by its place in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// A checkpoint that a policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The key of the log that signed it.
    pub log: VerifierKey,
    /// The witnesses that cosigned it, by the names the policy gives them, and when: seconds since 1970 began.
    pub witnesses: Vec<(String, u64)>,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with lines and columns.
    pub fn parse(file: &[u8]) -> Result<Self, InvalidPolicy> {
        parse::parse(file)
    }

    /// The policy that believes one log and asks for no witness.
    #[must_use]
    pub fn of_log(key: VerifierKey) -> Self {
        let logs = vec![PolicyLog { key, url: None }];
        Self { logs, witnesses: Vec::new(), groups: Vec::new(), quorum: None }
    }

    /// The logs. A policy for a log that is known from elsewhere has none: see [`with_log`](Self::with_log).
    #[must_use]
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The same policy with a further log, unless it has a log with that key already.
    #[must_use]
    pub fn with_log(mut self, key: VerifierKey) -> Self {
        if !self.logs.iter().any(|log| log.key.bytes() == key.bytes()) {
            self.logs.push(PolicyLog { key, url: None });
        }
        self
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether the policy asks for no witness at all (`quorum none`): the operator of the log alone is believed then,
    /// and may show different histories to different people.
    #[must_use]
    pub const fn needs_no_witness(&self) -> bool {
        self.quorum.is_none()
    }

    /// Whether these witnesses, told by their place in [`witnesses`](Self::witnesses), are a quorum.
    #[must_use]
    pub fn is_quorum(&self, cosigned: impl Fn(usize) -> bool) -> bool {
        // A group names only groups before it, so one pass decides.
        let mut met: Vec<bool> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let count = group.members.iter().filter(|member| holds(**member, &cosigned, &met)).count();
            met.push(count >= group.threshold);
        }
        self.quorum.is_none_or(|quorum| holds(quorum, &cosigned, &met))
    }

    /// Judges a signed checkpoint.
    ///
    /// # Errors
    ///
    /// No log of the policy signed it, the checkpoint is another log's, a known signature does not verify, or too few
    /// witnesses cosigned it.
    pub fn accept(&self, note: &Note) -> Result<Accepted, PolicyFault> {
        let checkpoint: Checkpoint = note.text().parse().map_err(CheckpointFault::from)?;
        let of_origin = self.logs.iter().map(|log| &log.key).filter(|key| key.name() == checkpoint.origin);
        let mut of_origin = of_origin.peekable();
        if of_origin.peek().is_none() {
            return Err(PolicyFault::UnknownLog { origin: checkpoint.origin });
        }
        let log = note.verify(of_origin).map_err(CheckpointFault::from)?[0].key.clone();
        let seen = note.verify_any(self.witnesses.iter().map(|witness| &witness.key));
        let seen = seen.map_err(CheckpointFault::from)?;
        let time = |place: usize| {
            seen.iter()
                .find(|signature| *signature.key == self.witnesses[place].key)
                .and_then(|seen| seen.time)
        };
        if !self.is_quorum(|place| time(place).is_some()) {
            let cosigned = (0..self.witnesses.len()).filter(|place| time(*place).is_some());
            let cosigned = cosigned.map(|place| self.witnesses[place].name.clone()).collect();
            return Err(PolicyFault::Quorum { cosigned });
        }
        let witnesses = self.witnesses.iter().enumerate();
        let witnesses = witnesses.filter_map(|(place, witness)| Some((witness.name.clone(), time(place)?)));
        Ok(Accepted { checkpoint, log, witnesses: witnesses.collect() })
    }
}

fn holds(member: Member, cosigned: &impl Fn(usize) -> bool, met: &[bool]) -> bool {
    match member {
        Member::Witness(place) => cosigned(place),
        Member::Group(place) => met[place],
    }
}

/// A checkpoint that a policy does not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// The checkpoint itself is bad.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFault),
    /// The policy has no log of that name.
    #[error("the policy names no log {origin:?}")]
    UnknownLog {
        /// The origin of the checkpoint.
        origin: String,
    },
    /// Too few witnesses have cosigned.
    #[error("the quorum of the policy is not met; cosigned by: {}", if cosigned.is_empty() { "nobody".to_owned() } else { cosigned.join(", ") })]
    Quorum {
        /// The known witnesses that did.
        cosigned: Vec<String>,
    },
}

impl From<NoteFault> for PolicyFault {
    fn from(fault: NoteFault) -> Self {
        Self::Checkpoint(fault.into())
    }
}

/// All that is wrong with a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a list of faults")]
pub struct InvalidPolicy(
    /// The faults, in the order of the file.
    pub Vec<PolicyProblem>,
);

/// One fault of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyProblem {
    /// The line, counted from 1.
    pub line: usize,
    /// The byte in the line, counted from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            write!(out, "{}{problem}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidPolicy {}
