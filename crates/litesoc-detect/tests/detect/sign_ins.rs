//! A small stage for sign-ins: accounts, places, networks and devices by name.

use litesoc_detect::{AlertDraft, Change, Detector, Observation, Settings};
use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Enrichment, Place, Position, Timestamp};
use uuid::Uuid;

/// 2026-03-02T00:00:00Z, a Monday.
pub(crate) const START: i64 = 1_772_409_600;
pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) const LAPTOP: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
pub(crate) const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct From {
    pub(crate) ip: String,
    pub(crate) known: Option<Enrichment>,
}

/// A town with a network of its own.
pub(crate) fn town(code: &str, country: &str, city: &str, at: (f64, f64), asn: u32) -> From {
    let mut place = Place::of_country(code);
    place.country_name = Some(country.into());
    place.city = (!city.is_empty()).then(|| city.into());
    place.position = Position::new(at.0, at.1, None);
    let mut known = Enrichment::default();
    known.place = Some(place);
    known.network.asn = Some(asn);
    known.network.organization = Some(format!("Net of {city}").into());
    From { ip: format!("198.51.100.{}", asn % 250), known: Some(known) }
}

pub(crate) fn berlin() -> From {
    town("DE", "Germany", "Berlin", (52.52, 13.405), 64_500)
}

pub(crate) fn munich() -> From {
    town("DE", "Germany", "Munich", (48.137, 11.575), 64_501)
}

pub(crate) fn paris() -> From {
    town("FR", "France", "Paris", (48.857, 2.352), 64_502)
}

pub(crate) fn tokyo() -> From {
    town("JP", "Japan", "Tokyo", (35.682, 139.759), 64_503)
}

pub(crate) fn madrid() -> From {
    town("ES", "Spain", "Madrid", (40.417, -3.703), 64_504)
}

impl From {
    /// The same with its network changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Enrichment)) -> Self {
        change(self.known.get_or_insert_default());
        self
    }

    pub(crate) fn mobile(self) -> Self {
        self.with(|known| known.network.is_mobile = true)
    }
}

/// What somebody signs in with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct With<'a> {
    pub(crate) agent: &'a str,
    pub(crate) device: &'a str,
}

pub(crate) const fn with(agent: &str) -> With<'_> {
    With { agent, device: "" }
}

impl With<'_> {
    fn metadata(self) -> String {
        let mut members = serde_json::Map::new();
        for (key, value) in [("user_agent", self.agent), ("device_id", self.device)] {
            if !value.is_empty() {
                members.insert(key.to_owned(), value.into());
            }
        }
        serde_json::Value::Object(members).to_string()
    }
}

/// A detector and the alerts it raised, as they stand.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) detector: Detector,
    pub(crate) alerts: Vec<AlertDraft>,
    /// Whose events are shown.
    pub(crate) organization: &'static str,
    next: u128,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let detector = Detector::new(settings).expect("valid settings");
        let mut stage = Self { detector, alerts: Vec::new(), organization: "acme", next: 1 };
        // On its first day an organisation's offices and exits are not known yet; this one has been there for a while.
        stage.sign_in("somebody_else", &berlin(), with(LAPTOP), -30 * DAY);
        stage.expect_nothing();
        stage
    }

    /// Somebody signs in, so many seconds after the start. Gives the alerts that the event raised.
    pub(crate) fn sign_in(
        &mut self,
        actor: &str,
        from: &From,
        with: With<'_>,
        second: i64,
    ) -> Vec<AlertDraft> {
        self.event(EventType::AUTH_LOGIN_SUCCESS, actor, from, with, second)
    }

    pub(crate) fn event(
        &mut self,
        event: EventType,
        actor: &str,
        from: &From,
        with: With<'_>,
        second: i64,
    ) -> Vec<AlertDraft> {
        let id = Uuid::from_u128(self.next);
        self.next += 1;
        self.show(id, &event, actor, from, with, second)
    }

    pub(crate) fn show(
        &mut self,
        id: Uuid,
        event: &EventType,
        actor: &str,
        from: &From,
        with: With<'_>,
        second: i64,
    ) -> Vec<AlertDraft> {
        let at = Timestamp::from_millis((START + second) * 1_000);
        let metadata = with.metadata();
        let seen = Observation::new(self.organization, id, event, at, at)
            .actor(Some(actor))
            .ip(from.ip.parse().ok())
            .metadata(&metadata)
            .enrichment(from.known.as_ref());
        let mut changes = Vec::new();
        self.detector.observe(&seen, &mut changes);
        let mut raised = Vec::new();
        for change in changes {
            match change {
                Change::Raise(draft) => {
                    self.alerts.push((*draft).clone());
                    raised.push(*draft);
                }
                Change::Update(progress) => {
                    let known = self.alerts.iter_mut().find(|alert| alert.id == progress.id);
                    known.expect("raised before").advance(*progress);
                }
                other => panic!("unknown change {other:?}"),
            }
        }
        raised
    }

    /// The account signs in at 9 and at 17 hours on each of these days.
    pub(crate) fn routine(&mut self, actor: &str, from: &From, with: With<'_>, days: std::ops::Range<i64>) {
        for day in days {
            self.sign_in(actor, from, with, day * DAY + 9 * HOUR);
            self.sign_in(actor, from, with, day * DAY + 17 * HOUR);
        }
    }

    /// The alerts of a type.
    pub(crate) fn of(&self, kind: &AlertType) -> Vec<&AlertDraft> {
        self.alerts.iter().filter(|alert| alert.alert_type == *kind).collect()
    }

    /// Asserts that nothing was raised since the last time, and forgets what was.
    pub(crate) fn expect(&mut self, expected: &[(AlertType, AlertSeverity)]) {
        let mut raised: Vec<(AlertType, AlertSeverity)> =
            self.alerts.drain(..).map(|alert| (alert.alert_type, alert.severity)).collect();
        let key = |(kind, _): &(AlertType, AlertSeverity)| kind.as_str().to_owned();
        raised.sort_by_key(key);
        let mut expected = expected.to_vec();
        expected.sort_by_key(key);
        assert_eq!(raised, expected);
    }

    pub(crate) fn expect_nothing(&mut self) {
        self.expect(&[]);
    }
}
