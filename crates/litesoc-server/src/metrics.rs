//! [`Metrics`]: what the server counts, as Prometheus reads it.

use std::time::Duration;

use litesoc_model::ErrorCode;
use litesoc_store::{Effects, NewEvent};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Why events were not stored, although they arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// They were no events.
    Invalid,
    /// The key had made too many requests.
    Rate,
    /// The month's quota was used up.
    Quota,
    /// Too many waited to be written.
    QueueFull,
    /// The store failed.
    Store,
}

impl Reason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Rate => "rate",
            Self::Quota => "quota",
            Self::QueueFull => "queue_full",
            Self::Store => "store",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Raised {
    alert_type: String,
    severity: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Held {
    of: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Taken {
    outcome: &'static str,
}

/// Everything that is counted. Counting is an atomic addition, or a short lock for a histogram once a commit.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    accepted: Counter,
    repeated: Counter,
    refused: Family<Refused, Counter>,
    errors: Family<Answered, Counter>,
    with_address: Counter,
    enriched: Counter,
    commit_events: Histogram,
    commit_seconds: Histogram,
    queue_events: Gauge,
    queue_bytes: Gauge,
    lag_events: Gauge,
    lag_seconds: Histogram,
    raised: Family<Raised, Counter>,
    grown: Counter,
    notices: Counter,
    snapshots: Family<Taken, Counter>,
    snapshot_age: Gauge,
    snapshot_pause: Histogram,
    snapshot_bytes: Gauge,
    trail_held: Family<Held, Counter>,
    audit_node_failed: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("litesoc"),
            accepted: Counter::default(),
            repeated: Counter::default(),
            refused: Family::default(),
            errors: Family::default(),
            with_address: Counter::default(),
            enriched: Counter::default(),
            // 1 to 2,048 events.
            commit_events: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            // 0.25 ms to 4 s.
            commit_seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 15)),
            queue_events: Gauge::default(),
            queue_bytes: Gauge::default(),
            lag_events: Gauge::default(),
            // 1 ms to 131 s.
            lag_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 18)),
            raised: Family::default(),
            grown: Counter::default(),
            notices: Counter::default(),
            snapshots: Family::default(),
            snapshot_age: Gauge::default(),
            // 1 ms to 16 s.
            snapshot_pause: Histogram::new(exponential_buckets(0.001, 2.0, 15)),
            snapshot_bytes: Gauge::default(),
            trail_held: Family::default(),
            audit_node_failed: Counter::default(),
        };
        metrics.register_ingestion();
        metrics.register_detection();
        metrics.register_audit();
        metrics
    }

    fn register_ingestion(&mut self) {
        let registry = &mut self.registry;
        registry.register("events_accepted", "Events stored", self.accepted.clone());
        registry.register(
            "events_repeated",
            "Events that were there already and were not stored again",
            self.repeated.clone(),
        );
        registry.register("events_refused", "Events not stored, by reason", self.refused.clone());
        registry.register("errors", "Requests answered with an error, by its code", self.errors.clone());
        registry.register(
            "events_with_address",
            "Events accepted that name the address of a user",
            self.with_address.clone(),
        );
        registry.register(
            "events_enriched",
            "Events accepted whose address something was known of",
            self.enriched.clone(),
        );
        registry.register("commit_events", "Events of a transaction", self.commit_events.clone());
        registry.register_with_unit(
            "commit",
            "Time that a transaction took, its sync included",
            Unit::Seconds,
            self.commit_seconds.clone(),
        );
        registry.register("queue_events", "Events that wait to be written", self.queue_events.clone());
        registry.register("queue_bytes", "Bytes of events that wait to be written", self.queue_bytes.clone());
    }

    fn register_detection(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "detection_lag_events",
            "Events written and not examined, or whose alerts are not recorded",
            self.lag_events.clone(),
        );
        registry.register_with_unit(
            "detection_lag",
            "Time from the arrival of an event until it was examined",
            Unit::Seconds,
            self.lag_seconds.clone(),
        );
        registry.register("alerts_raised", "Alerts raised, by type and severity", self.raised.clone());
        registry.register("alerts_grown", "Records of alerts that grew", self.grown.clone());
        registry.register("notices_told", "Notices of alerts written into the log", self.notices.clone());
        registry.register(
            "snapshots",
            "Snapshots of the detector, by whether they were kept",
            self.snapshots.clone(),
        );
        registry.register_with_unit(
            "snapshot_age",
            "Time since the latest snapshot of the detector; -1 when there is none",
            Unit::Seconds,
            self.snapshot_age.clone(),
        );
        registry.register_with_unit(
            "snapshot_pause",
            "Time that detection stood still for a snapshot",
            Unit::Seconds,
            self.snapshot_pause.clone(),
        );
        registry.register_with_unit(
            "snapshot_size",
            "Size of the latest snapshot of the detector",
            Unit::Bytes,
            self.snapshot_bytes.clone(),
        );
    }

    fn register_audit(&mut self) {
        let (held, failed) = (self.trail_held.clone(), self.audit_node_failed.clone());
        let registry = &mut self.registry;
        registry.register("audit_trail_held", "Times the trail could not be written, by what of it", held);
        let help = "Requests that could not be handed on to the node that keeps the audit logs";
        registry.register("audit_node_failures", help, failed);
    }

    /// A part of the trail could not be written; it will be tried again.
    pub(crate) fn trail_held(&self, of: &'static str) {
        self.trail_held.get_or_create(&Held { of }).inc();
    }

    /// The node that keeps the audit logs could not be reached for a request.
    pub(crate) fn audit_node_failed(&self) {
        self.audit_node_failed.inc();
    }

    /// A transaction of so many events, of which some were repeats.
    pub(crate) fn committed(&self, events: usize, stored: usize, took: Duration) {
        self.accepted.inc_by(stored as u64);
        self.repeated.inc_by(events.saturating_sub(stored) as u64);
        self.commit_events.observe(as_number(events as u64));
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// Events that were stored, for what is known of their addresses.
    pub(crate) fn stored<'a>(&self, events: impl Iterator<Item = &'a NewEvent>) {
        let (mut with_address, mut enriched) = (0, 0);
        for event in events {
            with_address += u64::from(event.user_ip.is_some());
            enriched += u64::from(event.user_ip.is_some() && event.enrichment.is_some());
        }
        self.with_address.inc_by(with_address);
        self.enriched.inc_by(enriched);
    }

    pub(crate) fn refused(&self, reason: Reason, events: usize) {
        if events > 0 {
            self.refused.get_or_create(&Refused { reason: reason.as_str() }).inc_by(events as u64);
        }
    }

    /// A request was answered with this error.
    pub(crate) fn error(&self, code: Option<&ErrorCode>) {
        let code = code.map_or("", ErrorCode::as_str).to_owned();
        self.errors.get_or_create(&Answered { code }).inc();
    }

    /// So many events were examined, this long after they arrived.
    pub(crate) fn examined(&self, events: usize, after: Duration) {
        let seconds = after.as_secs_f64();
        for _ in 0..events {
            self.lag_seconds.observe(seconds);
        }
    }

    pub(crate) fn concluded(&self, effects: &Effects) {
        for alert in &effects.raised {
            let (alert_type, severity) = (alert.alert_type.clone(), alert.severity.clone());
            self.raised.get_or_create(&Raised { alert_type, severity }).inc();
        }
        self.grown.inc_by(effects.progress.len() as u64);
    }

    pub(crate) fn told(&self, notices: usize) {
        self.notices.inc_by(notices as u64);
    }

    /// A snapshot was taken: how long detection stood still for it, and its size; `None` when it failed.
    pub(crate) fn snapshot(&self, taken: Option<(Duration, u64)>) {
        let outcome = if taken.is_some() { "kept" } else { "failed" };
        self.snapshots.get_or_create(&Taken { outcome }).inc();
        if let Some((pause, bytes)) = taken {
            self.snapshot_pause.observe(pause.as_secs_f64());
            self.snapshot_bytes.set(bytes.try_into().unwrap_or(i64::MAX));
        }
    }

    /// All of it as text, in the OpenMetrics format.
    pub(crate) fn text(&self, now: &Gauges) -> String {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.queue_events.set(whole(now.queue_events as u64));
        self.queue_bytes.set(whole(now.queue_bytes as u64));
        self.lag_events.set(whole(now.lag_events));
        self.snapshot_age.set(now.snapshot_age.map_or(-1, |age| whole(age.as_secs())));
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => {
                tracing::error!(%error, "metrics could not be written");
                String::new()
            }
        }
    }
}

/// What is asked for at the moment it is told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) queue_events: usize,
    pub(crate) queue_bytes: usize,
    pub(crate) lag_events: u64,
    pub(crate) snapshot_age: Option<Duration>,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a histogram counts in floating point; events of a commit are few"
)]
const fn as_number(count: u64) -> f64 {
    count as f64
}
