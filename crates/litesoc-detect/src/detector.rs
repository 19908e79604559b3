//! [`Detector`]: shows each event to the rules and keeps what they need to remember.

mod attack;
mod findings;
mod report;
mod rules;
mod spray;
mod state;
mod tell;

use std::hint::black_box;
use std::time::Duration;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, Timestamp};
use uuid::Uuid;

use crate::finding::{Finding, Found, Signal, SignalKind};
use crate::incident::Serial;
use crate::incidents::Incidents;
use crate::key::Key;
use crate::rules::brute_force::memory::Memory;
use crate::rules::conduct::Conduct;
use crate::rules::custom::Custom;
use crate::rules::sign_in::SignIn;
use crate::scene::{Family, Scene};
use crate::settings::Book;
use crate::signals::Signals;
use crate::spill::Shelf;
use crate::table::Table;
use crate::untold::Untold;
use crate::{AlertDraft, Change, InvalidSettings, Observation, Settings};

/// After these an old password may be tried for a while.
static RESETS: [EventType; 4] = [
    EventType::AUTH_PASSWORD_RESET,
    EventType::AUTH_PASSWORD_CHANGED,
    EventType::AUTH_PASSWORD_RESET_REQUESTED,
    EventType::AUTH_PASSWORD_RESET_COMPLETED,
];
/// How far the time of an event may lie after its arrival; beyond it, it happened when it arrived.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// The rules and all they remember.
///
/// The same events in the same order always give the same changes.
///
/// ```
/// use litesoc_detect::{Change, Detector, Observation, Settings};
/// use litesoc_events::EventType;
/// use litesoc_model::{AlertSeverity, Timestamp};
/// use uuid::Uuid;
///
/// let mut detector = Detector::new(Settings::default())?;
/// let mut changes = Vec::new();
/// let failed = EventType::AUTH_LOGIN_FAILED;
/// for second in 0..5 {
///     let at = Timestamp::from_millis(1_772_368_200_000 + second * 1_000);
///     let id = Uuid::from_u128(second.unsigned_abs().into());
///     let seen = Observation::new("acme", id, &failed, at, at)
///         .actor(Some("alice"))
///         .ip("203.0.113.5".parse().ok());
///     detector.observe(&seen, &mut changes);
/// }
/// let [Change::Raise(alert)] = &changes[..] else { panic!("one alert") };
/// assert_eq!(alert.title, "Brute force on alice from 203.0.113.5");
/// assert_eq!((alert.count, &alert.severity), (5, &AlertSeverity::High));
/// # Ok::<(), litesoc_detect::InvalidSettings>(())
/// ```
#[derive(Debug)]
pub struct Detector {
    settings: Book,
    attacks: Memory,
    sign_in: SignIn,
    conduct: Conduct,
    custom: Custom,
    signals: Signals,
    incidents: Incidents,
    /// Fingerprints marked safe, and until when.
    suppressed: Table<Timestamp>,
    untold: Untold,
}

/// How much a [`Detector`] remembers at the moment; no figure is ever above its bound in the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remembered {
    /// Addresses that signed in or failed to.
    pub addresses: usize,
    /// Accounts that signed in or failed to.
    pub accounts: usize,
    /// Accounts with a recent sign-in from a source new to them.
    pub successes: usize,
    /// Organisations whose failures are looked at together.
    pub organizations: usize,
    /// Accounts with something noted about them in the last day.
    pub signals: usize,
    /// Accounts whose habits are known.
    pub actors: usize,
    /// Accounts that do something the rules about conduct ask about.
    pub conduct: usize,
    /// Alerts that still take in repeats.
    pub alerts: usize,
    /// Fingerprints marked safe.
    pub suppressions: usize,
}

/// What one event did, until it is told.
#[derive(Debug, Default)]
struct Touched {
    raised: Vec<Serial>,
    grown: Vec<Serial>,
    /// Whether a sign-in followed an attack.
    followed: bool,
}

impl Touched {
    fn grow(&mut self, serial: Serial) {
        if !self.raised.contains(&serial) && !self.grown.contains(&serial) {
            self.grown.push(serial);
        }
    }
}

impl Detector {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] when a threshold, window or bound cannot work.
    pub fn new(settings: Settings) -> Result<Self, InvalidSettings> {
        settings.validate()?;
        let capacity = settings.capacity;
        Ok(Self {
            settings: Book::new(settings),
            attacks: Memory::new(&capacity),
            sign_in: SignIn::new(&capacity),
            conduct: Conduct::new(&capacity),
            custom: Custom::default(),
            signals: Signals::new(capacity.signals),
            incidents: Incidents::new(capacity.alerts),
            suppressed: Table::new(capacity.suppressions, Shelf::default()),
            untold: Untold::default(),
        })
    }

    /// Shows one event to the rules and appends what follows from it.
    ///
    /// At most one change for each alert; when a batch of events is shown, [`coalesce`](crate::coalesce) folds them.
    /// Of long attacks most changes are of no use to anybody: [`examine`](Self::examine) tells each alert once a batch.
    pub fn observe(&mut self, seen: &Observation<'_>, changes: &mut Vec<Change>) {
        let _raised = self.examine(seen);
        changes.extend(std::iter::from_fn(|| self.next_change()));
    }

    /// Shows one event to the rules, and gives the ids of the alerts that it has raised.
    ///
    /// What follows from it waits until [`next_change`](Self::next_change) is asked for it.
    pub fn examine(&mut self, seen: &Observation<'_>) -> Vec<Uuid> {
        let (organization, settings) = self.settings.recognise(seen.organization);
        let mut seen = *seen;
        // A clock that runs ahead must neither open a window nobody else reaches nor push real events out of memory.
        if seen.received.checked_add(AHEAD).is_some_and(|latest| seen.at > latest) {
            seen.at = seen.received;
        }
        let scene = Scene::new(seen, organization, &settings);
        let mut touched = Touched::default();
        if *seen.event == EventType::AUTH_LOGIN_FAILED {
            self.look_ahead(&scene);
            self.failed(&scene, &mut touched);
            self.note(&scene, SignalKind::FailedSignIn, 2);
        } else if *seen.event == EventType::AUTH_LOGIN_SUCCESS {
            self.look_ahead(&scene);
            if let Some(actor) = scene.actor {
                self.signals.recall(organization, actor);
            }
            self.succeeded(&scene, &mut touched);
            if touched.followed {
                self.note(&scene, SignalKind::BruteForced, 60);
            }
        } else {
            if RESETS.contains(seen.event) {
                self.attacks.resets(&scene);
            }
            self.reported(&scene, &mut touched);
        }
        let informed = Scene { signals: self.signals.of(scene.actor), ..scene };
        let mut found = Found { is_told: self.tells_of_failures(&informed), ..Found::default() };
        self.sign_in.examine(&informed, &mut found);
        self.conduct.examine(&informed, &mut found);
        self.custom.examine(&informed, &mut found);
        for signal in found.signals {
            if let Some(actor) = scene.actor {
                self.signals.note(scene.organization, actor, signal);
            }
        }
        let severe = |finding: &Finding| finding.severity >= AlertSeverity::Medium;
        let clean = !touched.followed && !found.findings.iter().any(severe);
        for finding in found.findings {
            self.group(finding, None, &scene, &mut touched);
        }
        for (apart, finding) in found.matches {
            self.group(finding, Some(&apart), &scene, &mut touched);
        }
        if clean && *seen.event == EventType::AUTH_LOGIN_SUCCESS && !self.is_attacking(&scene) {
            self.attacks.acquaint(&scene);
        }
        self.learn(&scene, clean);
        self.note_changes(&touched, seen.event_id)
    }

    /// Uses these settings for one organisation; the others keep those the detector was made with.
    ///
    /// What is remembered stays. The bounds on memory are those the detector was made with.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] when a threshold or window cannot work; nothing changes then.
    pub fn set_settings(&mut self, organization: &str, settings: Settings) -> Result<(), InvalidSettings> {
        settings.validate()?;
        self.settle();
        self.settings.set(organization, settings);
        Ok(())
    }

    /// How much better a successful sign-in fits anybody else than the owner of its account; `None` for anything else.
    ///
    /// Asked before the event is observed. The number ranks sign-ins of one organisation, for asking again for a second factor
    /// or for sorting: below 1 the owner is the likelier one. It is no probability.
    /// It is the score of Freeman and others (NDSS 2016), with the features and weights of Wiefling and others (TOPS 2022).
    ///
    /// ```
    /// use litesoc_detect::{Detector, Observation, Settings};
    /// use litesoc_events::EventType;
    /// use litesoc_model::Timestamp;
    /// use uuid::Uuid;
    ///
    /// let mut detector = Detector::new(Settings::default())?;
    /// let at = Timestamp::from_millis(1_772_368_200_000);
    /// let event = EventType::AUTH_LOGIN_SUCCESS;
    /// let from = |ip: &str| {
    ///     Observation::new("acme", Uuid::nil(), &event, at, at).actor(Some("alice")).ip(ip.parse().ok())
    /// };
    /// detector.observe(&from("203.0.113.5"), &mut Vec::new());
    /// assert!(detector.risk(&from("203.0.113.5")) < detector.risk(&from("198.51.100.7")));
    /// # Ok::<(), litesoc_detect::InvalidSettings>(())
    /// ```
    #[must_use]
    pub fn risk(&self, seen: &Observation<'_>) -> Option<f64> {
        let settings = self.settings.of(seen.organization);
        self.sign_in.risk(&Scene::new(*seen, Key::organization(seen.organization), settings))
    }

    /// Learns what the latest event of this alert showed: somebody marked the alert safe, so it is usual.
    ///
    /// An alert that is no longer in memory teaches nothing.
    pub fn trust(&mut self, alert: Uuid) {
        let serial = self.incidents.by_id(alert);
        let incident = serial.and_then(|serial| self.incidents.get_mut(serial));
        let Some(lesson) = incident.and_then(|incident| incident.lesson.take()) else { return };
        let seen = lesson.observation();
        let (organization, settings) = self.settings.recognise(seen.organization);
        let scene = Scene::new(seen, organization, &settings);
        let scene = Scene { signals: self.signals.of(scene.actor), ..scene };
        self.sign_in.trust(&scene);
        self.conduct.trust(&scene);
    }

    /// Ends the grouping of an alert that was resolved: the next attack of the same kind opens a new one.
    ///
    /// What it counted is spent: a new alert needs a threshold's worth of new failures.
    pub fn forget(&mut self, alert: Uuid) {
        self.settle();
        let Some(incident) = self.incidents.by_id(alert).and_then(|serial| self.incidents.close(serial))
        else {
            return;
        };
        for anchor in &incident.anchors {
            self.attacks.drop_claimed(*anchor, incident.serial);
        }
    }

    /// Keeps silent about a fingerprint that was marked safe, for events that happen before `until`.
    ///
    /// Its events still belong to it, so they do not come back as an alert of another rule.
    pub fn suppress(&mut self, organization: &str, fingerprint: &str, until: Timestamp) {
        self.settle();
        let owner = Key::organization(organization);
        let _before = self.suppressed.insert(owner, Key::fingerprint(owner, fingerprint), until);
        self.incidents.silence(organization, fingerprint, until);
    }

    /// Takes up an alert that was open when the process ended, so that repeats still go into it.
    ///
    /// To get back the failures below a threshold too, first show the events of the last hour and drop the changes, then
    /// resume every open alert: one that the replay has raised again takes the stored id and figures.
    pub fn resume(&mut self, alert: &AlertDraft) {
        self.settle();
        self.take_up(alert);
    }

    /// How much is remembered at the moment.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        let mut remembered = Remembered {
            signals: self.signals.len(),
            actors: self.sign_in.len(),
            conduct: self.conduct.len(),
            alerts: self.incidents.len(),
            suppressions: self.suppressed.len(),
            ..Remembered::default()
        };
        self.attacks.count(&mut remembered);
        remembered
    }

    /// Looks for the account of a sign-in, and its source, in each table that the rules ask for them.
    ///
    /// Among a million accounts each answer lies where the processor has not been for long. The rules ask for one after the
    /// other and wait for each; asked together, all are on their way at once. Nothing follows from the answers.
    fn look_ahead(&self, scene: &Scene<'_>) {
        let (Some(actor), Some((source, _))) = (scene.actor, scene.address) else { return };
        black_box([
            self.attacks.accounts.contains(actor),
            self.attacks.sources.contains(source),
            self.sign_in.knows(actor),
            self.signals.knows(actor),
            self.conduct.knows_office(source),
        ]);
    }

    fn learn(&mut self, scene: &Scene<'_>, clean: bool) {
        let scene = Scene { signals: self.signals.of(scene.actor), ..*scene };
        self.sign_in.learn(&scene, clean);
        self.conduct.learn(&scene, clean);
    }

    fn note(&mut self, scene: &Scene<'_>, kind: SignalKind, weight: u8) {
        if let Some(actor) = scene.actor {
            let (at, event_id) = (scene.seen.at, scene.seen.event_id);
            self.signals.note(scene.organization, actor, Signal { kind, at, event_id, weight });
        }
    }

    /// Until when a fingerprint is silent, if it is at this time.
    fn silent_until(&mut self, organization: Key, fingerprint: &str, at: Timestamp) -> Option<Timestamp> {
        // Most installations have marked nothing safe; they need not pay for the hash.
        if self.suppressed.len() == 0 {
            return None;
        }
        let until = self.suppressed.touch(Key::fingerprint(organization, fingerprint)).copied();
        until.filter(|until| at < *until)
    }
}
