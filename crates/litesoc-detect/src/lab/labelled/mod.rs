//! [`Labelled`]: events whose truth somebody else knows, shown to the rules one after the other and scored.

mod attacks;
mod fields;
mod line;
pub(crate) mod ndjson;
pub(crate) mod rba;
mod score;
mod story;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use litesoc_model::{AlertSeverity, Timestamp};
use uuid::Uuid;

use self::attacks::Attacks;
pub use self::score::{AlertRow, LabelRow, LabelledReport, LevelRow};
pub use self::story::{FalseAlarm, MissedAttack};
use super::trial::observation;
use super::world::scribe::Event;
use crate::{AlertDraft, AlertProgress, Change, Detector, InvalidSettings, Settings};

/// Labels that mean that nobody means harm, in small letters.
const CLEAN: [&str; 11] =
    ["", "benign", "clean", "normal", "none", "ok", "0", "false", "legit", "legitimate", "negative"];

/// What an attack is called when its label only says that it is one.
const ATTACK: &str = "attack";

/// What is wrong with a file of labelled events.
#[derive(Debug)]
#[non_exhaustive]
pub enum LabelledError {
    /// A line or row cannot be understood.
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong and what is expected.
        message: String,
    },
    /// The file has no events.
    Empty,
    /// The file cannot be read.
    Read(std::io::Error),
    /// The settings cannot work.
    Settings(InvalidSettings),
}

impl fmt::Display for LabelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, message } => write!(f, "line {line}: {message}"),
            Self::Empty => f.write_str("the file has no events; one JSON object a line is expected"),
            Self::Read(error) => write!(f, "the file cannot be read: {error}"),
            Self::Settings(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for LabelledError {}

/// Which attack an event belongs to.
#[derive(Debug)]
pub(crate) struct Truth {
    /// What the attack is.
    label: String,
    /// Which one of that label, where the file says so.
    attack: Option<String>,
}

/// One alert of a labelled file, as it stood in the end.
#[derive(Debug)]
struct Told {
    alert_type: String,
    severity: AlertSeverity,
    at: Timestamp,
    /// The event that set it off.
    trigger: Uuid,
    /// The attacks that set it off; it is wrong when there is none.
    about: Vec<usize>,
    /// What a wrong one says; a right one is only counted.
    words: Option<Words>,
}

#[derive(Debug)]
struct Words {
    title: String,
    description: String,
    rules: Vec<String>,
}

/// Events whose truth somebody else knows, shown to the rules and scored.
#[derive(Debug)]
pub(crate) struct Labelled {
    detector: Detector,
    clean_events: u64,
    /// Events by the label of their attack.
    attack_events: BTreeMap<String, u64>,
    attacks: Attacks,
    alerts: Vec<Told>,
    places: HashMap<Uuid, usize>,
    /// The latest day, counted from 1970 in UTC, on which an account did something.
    last_days: HashMap<Arc<str>, i64>,
    user_days: u64,
    changes: Vec<Change>,
}

const DAY_MILLIS: i64 = 86_400_000;

impl Labelled {
    pub(crate) fn new(settings: &Settings) -> Result<Self, LabelledError> {
        let detector = Detector::new(settings.clone()).map_err(LabelledError::Settings)?;
        Ok(Self {
            detector,
            clean_events: 0,
            attack_events: BTreeMap::new(),
            attacks: Attacks::default(),
            alerts: Vec::new(),
            places: HashMap::new(),
            last_days: HashMap::new(),
            user_days: 0,
            changes: Vec::new(),
        })
    }

    /// Shows one event, with the attack it belongs to or `None`; events come in the order of their time.
    pub(crate) fn show(&mut self, event: &Event, truth: Option<&Truth>) {
        self.count(event);
        match truth {
            None => self.clean_events += 1,
            Some(truth) => {
                self.attacks.add(event, truth);
                match self.attack_events.get_mut(&truth.label) {
                    Some(count) => *count += 1,
                    None => drop(self.attack_events.insert(truth.label.clone(), 1)),
                }
            }
        }
        let mut changes = std::mem::take(&mut self.changes);
        self.detector.observe(&observation(event), &mut changes);
        for change in changes.drain(..) {
            match change {
                Change::Raise(draft) => self.raise(*draft, event),
                Change::Update(progress) => self.update(*progress, event),
            }
        }
        self.changes = changes;
    }

    /// Counts the day of an account, once.
    fn count(&mut self, event: &Event) {
        let Some(actor) = &event.actor else { return };
        let day = event.at.as_millis().div_euclid(DAY_MILLIS);
        let earlier = match self.last_days.get_mut(actor) {
            Some(last) => Some(std::mem::replace(last, day)),
            None => self.last_days.insert(Arc::clone(actor), day),
        };
        self.user_days += u64::from(earlier != Some(day));
    }

    fn raise(&mut self, draft: AlertDraft, event: &Event) {
        let ids = std::iter::once(event.id).chain(draft.sample_event_ids);
        let mut about: Vec<usize> = ids.filter_map(|id| self.attacks.of_event(id)).collect();
        about.sort_unstable();
        about.dedup();
        let words = Words { title: draft.title, description: draft.description, rules: draft.evidence.rules };
        self.places.insert(draft.id, self.alerts.len());
        let alert = Told {
            alert_type: draft.alert_type.to_string(),
            severity: draft.severity,
            at: event.at,
            trigger: event.id,
            words: about.is_empty().then_some(words),
            about,
        };
        for place in &alert.about {
            self.attacks.tell(*place, event.at, &alert.severity, &alert.alert_type);
        }
        self.alerts.push(alert);
    }

    /// What an alert has become counts for the attacks that set it off, and for that of the event that changed it.
    fn update(&mut self, progress: AlertProgress, event: &Event) {
        let Some(alert) = self.places.get(&progress.id).map(|place| &mut self.alerts[*place]) else { return };
        for place in alert.about.iter().copied().chain(self.attacks.of_event(event.id)) {
            self.attacks.tell(place, event.at, &progress.severity, &alert.alert_type);
        }
        alert.severity = progress.severity;
        if let Some(words) = &mut alert.words {
            let (title, description) = (progress.title, progress.description);
            *words = Words { title, description, rules: progress.evidence.rules };
        }
    }
}

fn is_clean(label: &str) -> bool {
    CLEAN.iter().any(|clean| label.eq_ignore_ascii_case(clean))
}
