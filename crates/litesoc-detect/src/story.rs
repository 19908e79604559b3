//! [`Story`]: who, from where, how often, and what followed, as far as one alert tells it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::key::Key;
use crate::record::{Field, Record, fields};
use crate::{AlertDraft, Evidence};

/// Different accounts or addresses told apart in one alert.
const MAX_DISTINCT: usize = 1_024;
/// Names given in the text.
const MAX_NAMES: usize = 3;
/// Successes told apart in one alert.
const MAX_SUCCESSES: usize = 16;
/// Rules named in one alert.
const MAX_RULES: usize = 32;

/// Different accounts or addresses, a few of them by name.
#[derive(Debug, Default)]
pub(crate) struct Cast {
    seen: BTreeSet<Key>,
    /// Known to be at least so many, from before a restart.
    floor: u64,
    pub(crate) names: Vec<String>,
}

impl Cast {
    fn add(&mut self, key: Key, name: impl FnOnce() -> String) {
        if self.seen.len() < MAX_DISTINCT && self.seen.insert(key) && self.names.len() < MAX_NAMES {
            let name = name();
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
    }

    /// Whether it is one of them, as far as they are told apart.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.seen.contains(&key)
    }

    pub(crate) fn count(&self) -> u64 {
        self.floor.max(self.seen.len() as u64)
    }
}

/// A successful sign-in that followed.
#[derive(Clone, Debug)]
pub(crate) struct Success {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    pub(crate) account: Option<Key>,
    pub(crate) actor: Option<Box<str>>,
    pub(crate) ip: Option<IpAddr>,
}

/// Who, from where, how often, and what followed.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) failures: u64,
    /// Events that say by themselves that something is wrong, and how many of each.
    pub(crate) reports: BTreeMap<EventType, u64>,
    pub(crate) accounts: Cast,
    pub(crate) addresses: Cast,
    /// The address seen last.
    pub(crate) ip: Option<IpAddr>,
    pub(crate) successes: Vec<Success>,
    successes_floor: u64,
    pub(crate) rules: Vec<Cow<'static, str>>,
    /// How many events rules found something in, beside failures and reports.
    pub(crate) findings: u64,
    /// The figures behind the text.
    pub(crate) facts: BTreeMap<Cow<'static, str>, Value>,
    /// What the first report says about itself.
    pub(crate) detail: String,
}

impl Story {
    pub(crate) fn account(&mut self, key: Key, name: &str) {
        self.accounts.add(key, || name.to_owned());
    }

    pub(crate) fn address(&mut self, key: Key, name: impl FnOnce() -> String, ip: IpAddr) {
        self.addresses.add(key, name);
        self.ip = Some(ip.to_canonical());
    }

    pub(crate) fn report(&mut self, event: &EventType) {
        *self.reports.entry(event.clone()).or_default() += 1;
    }

    /// Notes a rule that agrees.
    pub(crate) fn rule(&mut self, rule: impl Into<Cow<'static, str>>) {
        let rule = rule.into();
        if self.rules.len() < MAX_RULES && !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
    }

    /// Notes a success that followed; false when it is known. The earliest stands first.
    pub(crate) fn success(&mut self, success: &Success) -> bool {
        let known = self.successes.iter().any(|other| other.event_id == success.event_id);
        if known || self.successes.len() >= MAX_SUCCESSES {
            return false;
        }
        let place = self
            .successes
            .partition_point(|other| (other.at, other.event_id) < (success.at, success.event_id));
        self.successes.insert(place, success.clone());
        true
    }

    pub(crate) fn succeeded(&self) -> u64 {
        self.successes_floor.max(self.successes.len() as u64)
    }

    pub(crate) fn reported(&self) -> u64 {
        self.reports.values().sum()
    }

    pub(crate) fn evidence(&self) -> Evidence {
        Evidence {
            failures: self.failures,
            reports: self.reports.iter().map(|(event, count)| (event.as_str().to_owned(), *count)).collect(),
            accounts: self.accounts.count(),
            addresses: self.addresses.count(),
            successes: self.succeeded(),
            rules: self.rules.iter().map(|rule| rule.clone().into_owned()).collect(),
            findings: self.findings,
            facts: self
                .facts
                .iter()
                .map(|(name, value)| (name.clone().into_owned(), value.clone()))
                .collect(),
        }
    }

    /// Takes over figures from before a restart.
    ///
    /// A store may have kept the evidence of an earlier moment than the count and the severity.
    /// Those two are right, so what the evidence lacks is made up from them: without it a critical alert would say that no
    /// sign-in has succeeded.
    pub(crate) fn resume(&mut self, alert: &AlertDraft) {
        let evidence = &alert.evidence;
        self.reports =
            evidence.reports.iter().map(|(event, count)| (EventType::from(event.as_str()), *count)).collect();
        let unexplained = alert.count.saturating_sub(self.reported());
        if evidence.failures > 0 {
            self.failures = evidence.failures.max(unexplained);
            let succeeded = u64::from(alert.severity == AlertSeverity::Critical);
            self.successes_floor = evidence.successes.max(succeeded);
        } else if let Some(count) = self.reports.values_mut().next() {
            *count += unexplained;
        }
        self.findings = evidence.findings;
        self.facts =
            evidence.facts.iter().map(|(name, value)| (name.clone().into(), value.clone())).collect();
        for rule in &evidence.rules {
            self.rule(rule.clone());
        }
        self.accounts.floor = evidence.accounts;
        self.addresses.floor = evidence.addresses;
    }
}

fields!(Cast { seen, floor, names });
fields!(Success { at, event_id, account, actor, ip });
fields!(Story {
    failures,
    reports,
    accounts,
    addresses,
    ip,
    successes,
    successes_floor,
    rules,
    findings,
    facts,
    detail,
});

/// The latest successes of one account or source.
impl Record for Vec<Success> {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        true
    }
}
