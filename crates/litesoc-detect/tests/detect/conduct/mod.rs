//! What signed-in accounts do: scenarios of attacks, and of the ordinary days that must not be mistaken for them.

mod deletions;
mod exports;
mod factors;
mod hour;
mod laws;
mod limits;
mod rights;
mod sign_ups;

use litesoc_detect::{AlertDraft, Settings};
use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};

use crate::scene::{Happening, Scene};

/// Seconds of an hour and of a day.
pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A scene with events that carry metadata.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    next: u128,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self { scene: Scene::with(settings), next: 1 }
    }

    pub(crate) fn does(&mut self, event: EventType, actor: &str, second: i64, metadata: &str) {
        self.does_from(event, actor, "", second, metadata);
    }

    pub(crate) fn does_from(&mut self, event: EventType, actor: &str, ip: &str, second: i64, metadata: &str) {
        let mut happening = Happening::new(self.next, event, actor, ip, second);
        self.next += 1;
        metadata.clone_into(&mut happening.metadata);
        self.scene.show(&happening);
    }

    pub(crate) fn exports(&mut self, actor: &str, second: i64, records: u64) {
        self.does(EventType::DATA_EXPORT, actor, second, &format!(r#"{{"record_count":{records}}}"#));
    }

    /// Somebody guesses the password of the account and signs in: the sign of a brute force.
    pub(crate) fn is_guessed(&mut self, actor: &str, second: i64) {
        for number in 0..6 {
            self.does_from(EventType::AUTH_LOGIN_FAILED, actor, "198.51.100.66", second - 12 + number, "{}");
        }
        self.does_from(EventType::AUTH_LOGIN_SUCCESS, actor, "198.51.100.66", second, "{}");
    }

    /// The alerts of a type, in the order in which they were raised.
    pub(crate) fn of_type(&self, alert_type: &AlertType) -> Vec<&AlertDraft> {
        self.scene.list().into_iter().filter(|alert| alert.alert_type == *alert_type).collect()
    }

    /// The alerts that one of these rules found something for.
    pub(crate) fn of_rule(&self, rule: &str) -> Vec<&AlertDraft> {
        let named = |alert: &&AlertDraft| alert.evidence.rules.iter().any(|known| known == rule);
        self.scene.list().into_iter().filter(named).collect()
    }

    pub(crate) fn only_of_rule(&self, rule: &str) -> &AlertDraft {
        let alerts = self.of_rule(rule);
        let titles: Vec<&str> = alerts.iter().map(|alert| &*alert.title).collect();
        assert_eq!(alerts.len(), 1, "{titles:?}");
        alerts[0]
    }

    /// How many alerts of severity high or above there are.
    pub(crate) fn loud(&self) -> Vec<&str> {
        let loud = |alert: &&AlertDraft| alert.severity >= AlertSeverity::High;
        self.scene.list().into_iter().filter(loud).map(|alert| &*alert.title).collect()
    }
}

/// What an analyst reads.
pub(crate) fn story(alert: &AlertDraft) -> String {
    format!(
        "{} {} x{} {} {}\n{}\n{}\nfacts {}\nrules {:?}",
        alert.severity,
        alert.alert_type,
        alert.count,
        alert.technique.as_deref().unwrap_or("-"),
        alert.fingerprint,
        alert.title,
        alert.description,
        serde_json::to_string(&alert.evidence.facts).expect("facts are JSON"),
        alert.evidence.rules,
    )
}

/// The same times again and again, without chance: a number below `below` from two others.
pub(crate) fn scatter(one: i64, other: i64, below: i64) -> i64 {
    (one * 7_919 + other * 104_729).rem_euclid(below)
}
