//! [`Verdict`]: what the service says against what is true.

use litesoc::{Alert, AlertStatus};

use super::account::Account;
use super::script::{Expected, Script};

/// Most ids named for one kind of difference.
const MAX_NAMED: usize = 5;

/// What the service says against what is true.
#[derive(Debug)]
pub(super) struct Verdict {
    /// For each attack the alert that reports it.
    pub(super) attacks: Vec<Option<usize>>,
    /// For each sign of an attack the alert that reports it.
    pub(super) signs: Vec<Option<usize>>,
    /// For each notice the alert that reports it.
    pub(super) notices: Vec<Option<usize>>,
    /// Events sent and not stored.
    pub(super) missing: usize,
    /// Events stored more than once.
    pub(super) repeated: usize,
    /// Events stored and not sent.
    pub(super) unexpected: usize,
    /// Everything that is not as it must be; empty when all is well.
    pub(super) differences: Vec<String>,
}

/// Whether an alert is about what was expected, be it told rightly or not.
pub(super) fn is_about(alert: &Alert, expected: &Expected) -> bool {
    alert.alert_type == expected.alert_type
        && alert.actor_id == expected.actor_id
        && alert.source_ip == expected.source_ip
}

pub(super) fn compare(script: &Script, account: &Account) -> Verdict {
    let mut verdict = Verdict {
        attacks: Vec::new(),
        signs: Vec::new(),
        notices: Vec::new(),
        missing: 0,
        repeated: 0,
        unexpected: 0,
        differences: Vec::new(),
    };
    verdict.judge_events(script, account);
    verdict.judge_alerts(script, account);
    verdict.judge_changes(account);
    verdict
}

impl Verdict {
    fn judge_events(&mut self, script: &Script, account: &Account) {
        let sent: Vec<String> = script.lines.iter().map(|line| line.id.to_string()).collect();
        let missing: Vec<&str> =
            sent.iter().filter(|id| !account.stored.contains_key(*id)).map(String::as_str).collect();
        let known: std::collections::HashSet<&str> = sent.iter().map(String::as_str).collect();
        let mut unexpected: Vec<&str> =
            account.stored.keys().map(String::as_str).filter(|id| !known.contains(id)).collect();
        let mut repeated: Vec<&str> =
            account.stored.iter().filter(|(_, count)| **count > 1).map(|(id, _)| id.as_str()).collect();
        unexpected.sort_unstable();
        repeated.sort_unstable();
        (self.missing, self.repeated, self.unexpected) = (missing.len(), repeated.len(), unexpected.len());
        self.differ("sent and not stored", &missing);
        self.differ("stored more than once", &repeated);
        self.differ("stored and never sent", &unexpected);
        let (stats, delivery) = (&account.stats, &account.delivery);
        if stats.delivered != sent.len() as u64 || !delivery.is_complete() {
            let error = delivery.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            self.differences.push(format!("the client says: {stats}{error}"));
        }
    }

    fn differ(&mut self, what: &str, ids: &[&str]) {
        if !ids.is_empty() {
            let named = ids[..ids.len().min(MAX_NAMED)].join(", ");
            let more = if ids.len() > MAX_NAMED { ", ..." } else { "" };
            self.differences.push(format!("{} events {what}: {named}{more}", ids.len()));
        }
    }

    fn judge_alerts(&mut self, script: &Script, account: &Account) {
        let mut taken = vec![false; account.alerts.len()];
        let mut differences = Vec::new();
        let mut find = |expected: &Expected| {
            let place =
                (0..taken.len()).find(|place| !taken[*place] && is_about(&account.alerts[*place], expected));
            match place {
                Some(place) => {
                    taken[place] = true;
                    differences.extend(details(&account.alerts[place], expected));
                }
                None => differences.push(format!("no alert for: {}", expected.story)),
            }
            place
        };
        self.attacks = script.attacks.iter().map(&mut find).collect();
        self.signs = script.signs.iter().map(&mut find).collect();
        self.notices = script.notices.iter().map(&mut find).collect();
        for (alert, taken) in account.alerts.iter().zip(taken) {
            if !taken {
                differences.push(format!("an alert that nothing explains: {} ({})", alert.title, alert.id));
            }
        }
        self.differences.extend(differences);
    }

    fn judge_changes(&mut self, account: &Account) {
        let status = |alert: &Option<Alert>| alert.as_ref().map(|alert| alert.status.clone());
        if status(&account.resolved) != Some(AlertStatus::Resolved) {
            self.differences.push("the alert that was resolved is not".to_owned());
        }
        if status(&account.safe) != Some(AlertStatus::Dismissed) {
            self.differences.push("the alert that was marked safe is not".to_owned());
        }
    }
}

fn details(alert: &Alert, expected: &Expected) -> Vec<String> {
    let mut differences = Vec::new();
    let count = alert.metadata.get::<u64>("count").unwrap_or(0);
    if alert.severity != expected.severity {
        differences.push(format!(
            "{}: severity {} instead of {}",
            expected.story, alert.severity, expected.severity
        ));
    }
    if count != expected.count {
        differences.push(format!("{}: {count} events instead of {}", expected.story, expected.count));
    }
    differences
}
