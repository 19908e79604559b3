//! [`Labelled`]: events whose truth somebody else knows, shown to the rules one after the other and scored.

pub(crate) mod ndjson;
pub(crate) mod rba;
mod score;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use litesoc_model::Timestamp;
use uuid::Uuid;

pub use self::score::{LabelRow, LabelledReport};
use super::trial::observation;
use super::world::scribe::Event;
use crate::{Change, Detector, InvalidSettings, Settings};

/// Events of one label belong to one attack when they share an account or an address and lie no farther apart.
const APART: Duration = Duration::from_secs(60 * 60);

/// Labels that mean that nobody means harm.
const CLEAN: [&str; 3] = ["", "benign", "clean"];

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
    /// The file cannot be read.
    Read(std::io::Error),
    /// The settings cannot work.
    Settings(InvalidSettings),
}

impl fmt::Display for LabelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, message } => write!(f, "line {line}: {message}"),
            Self::Read(error) => write!(f, "the file cannot be read: {error}"),
            Self::Settings(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for LabelledError {}

/// One attack of a labelled file.
#[derive(Debug)]
struct Group {
    label: String,
    from: Timestamp,
    last: Timestamp,
    /// Until the first alert about it, and the types of all of them.
    delay: Option<Duration>,
    types: BTreeSet<String>,
}

/// One alert of a labelled file.
#[derive(Debug)]
struct Told {
    alert_type: String,
    is_right: bool,
    title: String,
    at: Timestamp,
}

/// Events whose truth somebody else knows, shown to the rules and scored.
#[derive(Debug)]
pub(crate) struct Labelled {
    detector: Detector,
    /// Events by label, in words.
    events: BTreeMap<String, u64>,
    groups: Vec<Group>,
    /// The latest attack of a label on an account, or from an address.
    open: HashMap<(String, String), usize>,
    /// Events that belong to attacks.
    attack_events: HashMap<Uuid, usize>,
    alerts: Vec<Told>,
    places: HashMap<Uuid, usize>,
    changes: Vec<Change>,
}

impl Labelled {
    pub(crate) fn new(settings: &Settings) -> Result<Self, LabelledError> {
        let detector = Detector::new(settings.clone()).map_err(LabelledError::Settings)?;
        Ok(Self {
            detector,
            events: BTreeMap::new(),
            groups: Vec::new(),
            open: HashMap::new(),
            attack_events: HashMap::new(),
            alerts: Vec::new(),
            places: HashMap::new(),
            changes: Vec::new(),
        })
    }

    /// Shows one event; events come in the order of their time.
    pub(crate) fn show(&mut self, event: &Event, label: &str) {
        *self.events.entry(label.to_owned()).or_default() += 1;
        let group = (!is_clean(label)).then(|| self.group(event, label));
        if let Some(group) = group {
            self.attack_events.insert(event.id, group);
        }
        let mut changes = std::mem::take(&mut self.changes);
        self.detector.observe(&observation(event), &mut changes);
        for change in changes.drain(..) {
            self.note(&change, event, group);
        }
        self.changes = changes;
    }

    /// The attack an event belongs to: that of its account, or of its address, or a new one.
    fn group(&mut self, event: &Event, label: &str) -> usize {
        let account = event.actor.as_deref().map(|actor| (label.to_owned(), format!("actor {actor}")));
        let source = event.ip.map(|ip| (label.to_owned(), format!("ip {ip}")));
        let is_near = |place: &&usize| event.at.saturating_since(self.groups[**place].last) <= APART;
        let known =
            [&account, &source].into_iter().flatten().find_map(|key| self.open.get(key).filter(is_near));
        let place = match known {
            Some(place) => *place,
            None => {
                let label = label.to_owned();
                let types = BTreeSet::new();
                self.groups.push(Group { label, from: event.at, last: event.at, delay: None, types });
                self.groups.len() - 1
            }
        };
        self.groups[place].last = self.groups[place].last.max(event.at);
        for key in [account, source].into_iter().flatten() {
            self.open.insert(key, place);
        }
        place
    }

    fn note(&mut self, change: &Change, event: &Event, group: Option<usize>) {
        let mut seen: Vec<usize> = group.into_iter().collect();
        let alert_type = match change {
            Change::Raise(draft) => {
                seen.extend(draft.sample_event_ids.iter().filter_map(|id| self.attack_events.get(id)));
                let alert_type = draft.alert_type.to_string();
                self.places.insert(draft.id, self.alerts.len());
                self.alerts.push(Told {
                    alert_type: alert_type.clone(),
                    is_right: !seen.is_empty(),
                    title: draft.title.clone(),
                    at: event.at,
                });
                alert_type
            }
            Change::Update(progress) => match self.places.get(&progress.id) {
                Some(place) => self.alerts[*place].alert_type.clone(),
                None => return,
            },
        };
        for place in seen {
            let group = &mut self.groups[place];
            let delay = event.at.saturating_since(group.from);
            group.delay = Some(group.delay.map_or(delay, |earlier| earlier.min(delay)));
            group.types.insert(alert_type.clone());
        }
    }
}

fn is_clean(label: &str) -> bool {
    CLEAN.iter().any(|clean| label.eq_ignore_ascii_case(clean))
}
