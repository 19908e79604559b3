//! Sign-up velocity: many accounts made in a short time from one address, or far more than usual in the whole organisation.
//!
//! # What it sees
//!
//! `admin.user_created` (which sign-ups are stored as). ATT&CK T1136; farms of accounts serve spam, trial fraud and votes.
//!
//! # Thresholds
//!
//! 10 in 10 minutes from one address, the LiteSOC API's default; a family or a class signs up slower.
//! In the organisation 30 in 10 minutes and three times its usual busiest 10 minutes, once a week of those is known: a farm that
//! changes its address for each account.
//!
//! # Severity
//!
//! Medium; high when the address hides behind a VPN, Tor, a proxy or a data centre.
//!
//! # Suppressions and known costs
//!
//! * One account that makes many others is an administrator at work, not a sign-up: an account that is named as maker of two
//!   or more counts once. Forty people entered on a Monday morning are one.
//! * An address that many accounts have shared for days (an office, a school: [`Office`]) may see five times as many.
//! * An address on the operator's list of trusted networks counts for nothing.
//! * An advertisement that works is told once, as one alert of the organisation.

use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::moments::{Moment, Moments};
use super::organization::{Office, Organization};
use super::phrases::{self, number};
use super::usual::{Learning, Measure, Usual};
use super::volume::{Volume, Windows, seconds};
use crate::finding::{Finding, Subject, WINDOW};
use crate::settings::{Problems, Section};
use crate::text::duration;

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "sign_up_velocity";
/// The name of the part that looks at the whole organisation.
pub(crate) const ORGANIZATION: &str = "sign_up_velocity_organization";

/// How many accounts may be made in a short time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SignUpVelocity {
    /// Sign-ups from one address, 2 to 1,000: 10.
    pub sign_ups: u32,
    /// The window of event time, 1 second to 24 hours: 10 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// How many times as many an address may see that many accounts have shared for days, 1 to 1,000: 5.
    pub shared_allowance: u32,
    /// Sign-ups in the whole organisation, 2 to 1,000,000: 30.
    pub organization_sign_ups: u32,
    /// How many times the organisation's usual they must be, 2 to 1,000: 3.
    pub organization_factor: u32,
    /// Days before the organisation's usual is believed, 1 to 90: 7.
    pub learning_days: u16,
}

impl Default for SignUpVelocity {
    fn default() -> Self {
        Self {
            sign_ups: 10,
            window: Duration::from_secs(10 * 60),
            shared_allowance: 5,
            organization_sign_ups: 30,
            organization_factor: 3,
            learning_days: 7,
        }
    }
}

impl Section for SignUpVelocity {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.sign_ups, "sign_ups");
        problems.window(self.window, "window");
        problems.within(self.shared_allowance, "shared_allowance", 1..=1_000);
        problems.within(self.organization_sign_ups, "organization_sign_ups", 2..=1_000_000);
        problems.within(self.organization_factor, "organization_factor", 2..=1_000);
        problems.within(self.learning_days, "learning_days", 1..=90);
    }
}

impl SignUpVelocity {
    fn needed(&self, shared: bool) -> u32 {
        if shared { self.sign_ups.saturating_mul(self.shared_allowance) } else { self.sign_ups }
    }

    /// Events to remember of one address.
    pub(crate) fn capacity(&self) -> usize {
        (self.needed(true) as usize).clamp(16, 5_000)
    }
}

/// Whether the account is made by somebody for somebody else, as the event tells it.
pub(crate) fn is_by_another(occasion: &Occasion<'_>) -> bool {
    let Some(actor) = occasion.scene.seen.actor else { return false };
    let targets = &occasion.particulars.targets;
    !targets.is_empty() && !targets.iter().any(|target| target == actor)
}

/// Counts a sign-up of an address.
pub(crate) fn of_address(
    occasion: &Occasion<'_>,
    moments: &mut Moments,
    office: Option<&Office>,
) -> Option<Finding> {
    let settings = &occasion.scene.settings.sign_up_velocity;
    let network = occasion.scene.seen.enrichment.map(|known| &known.network);
    if network.is_some_and(|network| network.is_allowed) {
        return None;
    }
    let tag = occasion.scene.actor.map_or(0, |actor| actor.tag().max(1));
    let moment = Moment { at: occasion.at(), event_id: occasion.scene.seen.event_id, tag };
    moments.insert(moment, settings.capacity());
    let around = moments.around(occasion.at(), settings.window);
    let needed = settings.needed(office.is_some_and(|office| office.is_shared(3, occasion.day)));
    let count = different(around);
    if count < needed as usize {
        return None;
    }
    let hidden = network.is_some_and(litesoc_model::Network::hides_place);
    let severity = if hidden { AlertSeverity::High } else { AlertSeverity::Medium };
    let (_, group) = occasion.scene.address?;
    let span = duration(settings.window);
    let mut finding = phrases::finding(NAME, AlertType::SuspiciousActivity, severity);
    finding.subject = Subject::Address;
    finding.technique = Some("T1136".into());
    finding.title = format!("{count} sign-ups from {group} within {span}");
    finding.description = format!(
        "{count} accounts were made from {group} within {span}{}. If it is no event or class you know of, hold the accounts back \
         until they are confirmed, and ask sign-ups from there for a proof that a person is behind them.",
        if hidden { ", behind a VPN, Tor, a proxy or a data centre" } else { "" },
    );
    finding.facts = phrases::facts([("sign_ups", json!(count)), (WINDOW, json!(span))]);
    finding.events = occasion.others(around);
    Some(finding)
}

/// Accounts made, where one that made several counts once.
fn different(around: &[Moment]) -> usize {
    let unnamed = around.iter().filter(|moment| moment.tag == 0).count();
    let mut tags: Vec<u32> = around.iter().map(|moment| moment.tag).filter(|tag| *tag > 0).collect();
    tags.sort_unstable();
    tags.dedup();
    unnamed + tags.len()
}

/// Counts a sign-up of the organisation.
pub(crate) fn of_organization(occasion: &Occasion<'_>, organization: &mut Organization) -> Option<Finding> {
    let settings = &occasion.scene.settings.sign_up_velocity;
    let windows = Windows::new(settings.window, Duration::from_secs(24 * 60 * 60));
    // Nobody is excluded from growing; the ceiling is for accounts.
    let learning = Learning {
        deviations: f64::from(settings.organization_factor).ln() / super::usual::LEAST_SPREAD,
        days: settings.learning_days,
        ceilings: [u64::MAX; super::usual::FIGURES],
    };
    let usual = organization.sign_up_usual.get_or_insert_with(|| Box::new(Usual::new(occasion.day)));
    usual.turn(occasion.day, &learning);
    let at = seconds(occasion.at());
    organization.sign_ups.add(at, Volume::of(0, 0), windows);
    let [short, long] = organization.sign_ups.sums(at, windows);
    let figures = [short.events, 0, 0, long.events, 0, 0];
    usual.note(occasion.day, figures);
    let count = short.events;
    if count < u64::from(settings.organization_sign_ups) || !usual.is_known() {
        return None;
    }
    let Some(Measure::Own { usual: before, .. }) = usual.exceeded(0, count, &learning, None, u64::MAX) else {
        return None;
    };
    usual.tell(occasion.day, figures);
    let span = duration(settings.window);
    let mut finding = phrases::finding(ORGANIZATION, AlertType::SuspiciousActivity, AlertSeverity::Medium);
    finding.subject = Subject::Organization;
    finding.technique = Some("T1136".into());
    finding.title = format!("{} sign-ups within {span}, usually {}", number(count), number(before));
    finding.description = format!(
        "{} accounts were made within {span} in the whole organisation; on usual days the most is {}. If you have not called for \
         it, look at what the new accounts have in common and hold them back until they are confirmed.",
        number(count),
        number(before),
    );
    finding.facts =
        phrases::facts([("sign_ups", json!(count)), ("usual", json!(before)), (WINDOW, json!(span))]);
    Some(finding)
}
