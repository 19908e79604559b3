//! A small stage for detection tests: one organisation, a start time, and the alerts as a store would keep them.

use std::collections::BTreeMap;

use litesoc_detect::{AlertDraft, Change, Detector, Observation, Settings};
use litesoc_events::EventType;
use litesoc_model::Timestamp;
use uuid::Uuid;

/// 2026-03-01T12:00:00Z.
pub(crate) const NOON: i64 = 1_772_366_400_000;

/// One event, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happening {
    pub(crate) id: u128,
    pub(crate) event: EventType,
    pub(crate) actor: Option<String>,
    pub(crate) ip: Option<String>,
    /// Seconds after noon.
    pub(crate) second: i64,
    pub(crate) metadata: String,
}

impl Happening {
    pub(crate) fn new(id: u128, event: EventType, actor: &str, ip: &str, second: i64) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self { id, event, actor: some(actor), ip: some(ip), second, metadata: "{}".to_owned() }
    }

    /// As the detector sees it.
    pub(crate) fn seen(&self, look: impl FnOnce(&Observation<'_>)) {
        let at = Timestamp::from_millis(NOON + self.second * 1_000);
        let ip = self.ip.as_deref().map(|ip| ip.parse().expect("an address"));
        let seen = Observation::new("acme", Uuid::from_u128(self.id), &self.event, at, at);
        look(&seen.actor(self.actor.as_deref()).ip(ip).metadata(&self.metadata));
    }
}

/// A detector and the alerts as a store would keep them.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) detector: Detector,
    pub(crate) alerts: BTreeMap<Uuid, AlertDraft>,
    /// Alerts in the order in which they were raised.
    pub(crate) order: Vec<Uuid>,
    next: u128,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let detector = Detector::new(settings).expect("valid settings");
        Self { detector, alerts: BTreeMap::new(), order: Vec::new(), next: 1 }
    }

    /// The same alerts with another detector.
    pub(crate) fn go_on_with(&self, detector: Detector) -> Self {
        Self { detector, alerts: self.alerts.clone(), order: self.order.clone(), next: self.next }
    }

    pub(crate) fn show(&mut self, happening: &Happening) -> Vec<Change> {
        let mut changes = Vec::new();
        happening.seen(|seen| self.detector.observe(seen, &mut changes));
        for change in changes.clone() {
            match change {
                Change::Raise(draft) => {
                    self.order.push(draft.id);
                    assert!(self.alerts.insert(draft.id, *draft).is_none(), "raised twice");
                }
                Change::Update(progress) => {
                    let alert = self.alerts.get_mut(&progress.id).expect("raised before");
                    assert!(progress.severity >= alert.severity, "severity fell");
                    assert!(progress.count >= alert.count, "the count fell");
                    alert.advance(*progress);
                }
                other => panic!("unknown change {other:?}"),
            }
        }
        changes
    }

    pub(crate) fn happens(&mut self, event: EventType, actor: &str, ip: &str, second: i64) {
        let id = self.next;
        self.next += 1;
        self.show(&Happening::new(id, event, actor, ip, second));
    }

    pub(crate) fn fails(&mut self, actor: &str, ip: &str, second: i64) {
        self.happens(EventType::AUTH_LOGIN_FAILED, actor, ip, second);
    }

    pub(crate) fn succeeds(&mut self, actor: &str, ip: &str, second: i64) {
        self.happens(EventType::AUTH_LOGIN_SUCCESS, actor, ip, second);
    }

    /// The alerts in the order in which they were raised.
    pub(crate) fn list(&self) -> Vec<&AlertDraft> {
        self.order.iter().map(|id| &self.alerts[id]).collect()
    }

    /// The only alert.
    pub(crate) fn only(&self) -> &AlertDraft {
        let list = self.list();
        assert_eq!(list.len(), 1, "{:#?}", list.iter().map(|alert| &alert.title).collect::<Vec<_>>());
        list[0]
    }
}
