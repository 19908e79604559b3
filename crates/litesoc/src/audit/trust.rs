//! [`Trust`]: whose word about a log is believed.

use litesoc_ledger::note::VerifierKey;
use litesoc_ledger::policy::Policy;
use litesoc_ledger::receipt;

use super::error::{Error, ErrorKind};

/// The keys of one log, and which witnesses must have seen its checkpoints.
///
/// They have to come from somewhere else than the answers they verify: from whoever runs the log, on paper, in a
/// repository, or from `/log/<origin>/vkey` on a day on which nobody had a reason to lie.
#[derive(Clone, Debug)]
pub struct Trust {
    pub(super) policy: Policy,
    pub(super) log: VerifierKey,
    pub(super) receipt: Option<VerifierKey>,
}

impl Trust {
    /// Trusts the keys of a log, in C2SP form, one a line: that of its checkpoints, and `<origin>/receipt`.
    ///
    /// Without the receipt's key, records can be verified once they are published, and not at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]: a line is no key, or there is not exactly one of each.
    pub fn keys(lines: &str) -> Result<Self, Error> {
        let wrong = |what: String| Error::new(ErrorKind::Configuration, what);
        let (mut logs, mut receipts) = (Vec::new(), Vec::new());
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key: VerifierKey =
                line.parse().map_err(|error| wrong(format!("{line:?} is no verifier key: {error}")))?;
            if key.name().ends_with("/receipt") { receipts.push(key) } else { logs.push(key) }
        }
        let (Some(log), true, true) = (logs.pop(), logs.is_empty(), receipts.len() < 2) else {
            return Err(wrong("one key of a log is needed, and at most one of its receipts".to_owned()));
        };
        let receipt = receipts.pop();
        if receipt.as_ref().is_some_and(|key| key.name() != receipt::key_name(log.name())) {
            return Err(wrong(format!("the key of the receipts is of another log than {}", log.name())));
        }
        Ok(Self { policy: Policy::of_log(log.clone()), log, receipt })
    }

    /// Asks for the cosignatures that a policy (C2SP tlog-policy) names as well.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]: the file is no policy; the error names every line that is wrong.
    pub fn witnessed(mut self, policy: &[u8]) -> Result<Self, Error> {
        let policy = Policy::parse(policy)
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("the policy: {error}")))?;
        self.policy = policy.with_log(self.log.clone());
        Ok(self)
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.log.name()
    }
}
