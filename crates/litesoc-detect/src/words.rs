//! [`Words`]: what the most severe finding of an alert says, kept while less severe ones repeat.

use std::borrow::Cow;

use litesoc_model::{AlertSeverity, Timestamp};

use crate::AlertDraft;
use crate::finding::{Finding, WINDOW};
use crate::record::fields;
use crate::text::moment;

/// What the most severe finding of an alert says.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    rule: Cow<'static, str>,
    severity: AlertSeverity,
    title: String,
    description: String,
    pub(crate) technique: Option<Cow<'static, str>>,
    /// They tell the count themselves.
    counts: bool,
}

impl Words {
    /// Puts in the words of a finding when it is more severe, or says anew what the same rule said before.
    pub(crate) fn hear(known: &mut Option<Self>, finding: &Finding) {
        let newer = known.as_ref().is_none_or(|words| {
            finding.severity > words.severity
                || (finding.severity == words.severity && finding.rule == words.rule)
        });
        if newer {
            *known = Some(Self {
                rule: finding.rule.clone(),
                severity: finding.severity.clone(),
                title: finding.title.clone(),
                description: finding.description.clone(),
                technique: finding.technique.clone(),
                counts: finding.is_count(),
            });
        }
    }

    /// The words of a stored alert that findings made.
    pub(crate) fn resume(alert: &AlertDraft) -> Option<Self> {
        let times = alert.evidence.findings;
        (times > 0).then(|| {
            let (title, description) = (&*alert.title, &*alert.description);
            let plain_title = title.strip_suffix(&*repeats(times)).unwrap_or(title);
            let plain = description.strip_suffix(&*since(times, alert.first_seen)).unwrap_or(description);
            Self {
                rule: alert.evidence.rules.first().cloned().unwrap_or_default().into(),
                severity: alert.severity.clone(),
                title: plain_title.to_owned(),
                description: plain.to_owned(),
                technique: alert.technique.clone().map(Cow::Owned),
                counts: alert.evidence.facts.contains_key(WINDOW),
            }
        })
    }

    /// Whether they say more than the application's own reports of this severity.
    pub(crate) fn outweigh(&self, reports: &Option<AlertSeverity>) -> bool {
        reports.as_ref().is_none_or(|severity| self.severity >= *severity)
    }

    pub(crate) fn title_with(&self, times: u64) -> String {
        let times = if self.counts { 1 } else { times };
        format!("{}{}", self.title, repeats(times))
    }

    pub(crate) fn description_with(&self, times: u64, first_seen: Timestamp) -> String {
        let times = if self.counts { 1 } else { times };
        format!("{}{}", self.description, since(times, first_seen))
    }
}

fields!(Words { rule, severity, title, description, technique, counts });

fn repeats(times: u64) -> String {
    if times > 1 { format!(" ({times} times)") } else { String::new() }
}

fn since(times: u64, first_seen: Timestamp) -> String {
    if times > 1 { format!(" Seen {times} times since {}.", moment(first_seen)) } else { String::new() }
}
