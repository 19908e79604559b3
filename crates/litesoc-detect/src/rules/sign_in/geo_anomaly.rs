//! Geo anomaly: a sign-in from a country where the account is never seen.
//!
//! # What it sees
//!
//! A successful sign-in from a country that the account showed neither in its last 10 successes nor in the last 30 days. It begins
//! when habits are known: after 10 sign-ins, or 14 days after the first. Okta compares a country with the last 10 successes,
//! Microsoft Entra learns for 14 days or 10 sign-ins; both bounds are taken here, whichever comes first. A country where nobody of
//! the organisation was ever seen is told after three sign-ins already.
//!
//! And one from a usual country, but on a network that has not shown the account within 100 km of there, unless the device has an id
//! that the account has used: this is all that somebody shows who knows the victim's country and browser. The network may be usual
//! elsewhere, since a large provider serves victim and attacker alike. Such a line is told when
//!
//! * no line of the account's own is within 100 km: the place is new, or known by a carrier's gateway or an office only;
//! * or, near home, something else is odd: a password failed in the hour before, the very version of the browser has not been seen,
//!   or the account was on another fixed line within four hours.
//!
//! # Severity
//!
//! Low for a new place and for a new network in a known one.
//! Medium for a new country. High when three failed sign-ins of the account, or a brute force on it, came within the hour before.
//! One step less through a VPN, a proxy or a data centre, whose country is not the user's, and one step less on a device whose
//! id the account has used before, which is what a journey looks like. Low for one of the organisation's own countries.
//!
//! ATT&CK: T1078 valid accounts.
//!
//! # Suppressions and known costs
//!
//! * The organisation's own countries, usual for three accounts and one in five, on a device that the account uses.
//! * Lines: addresses from which three accounts sign in, carriers, ways out for people who are elsewhere, and any line after its
//!   first sign-in, since one of low severity makes it usual.
//! * Across a border from home: at most 100 km from a usual place, where databases err about the country.
//! * The operator's trusted networks.
//! * After 90 days without a sign-in habits are learned anew. Such an account that comes back from a new country on a new device
//!   is told with low severity: taking over sleeping accounts is a habit of attackers.
//! * A country told once is told again after a week, unless it has become usual: by somebody's word (marked safe), or because the
//!   account's own device is there on a later day.
//!
//! Known costs: the first day of every holiday, the first evening in a hotel or with friends, and databases that put two addresses
//! of one line far apart in the country. Which networks showed a place is kept in sixteen marks, so that one new network in ten or
//! so passes for a known one where the account uses two.
//! Somebody on the account's own provider near its home passes for the owner.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Occasion, words};
use crate::finding::{Finding, SignalKind, Subject};
use crate::profile::actor::{Profile, Standing};
use crate::profile::anchor::SAME_PLACE_KM;
use crate::profile::sighting::{Kind, Sighting};
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "geo_anomaly";

/// Seconds within which nobody has finished what they began on another line: half a working day.
const SHORT_WHILE: u32 = 4 * 60 * 60;

/// When a country is unusual for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GeoAnomaly {
    /// Successes among which a country is looked for, 1 to 1,000: 10.
    pub logins: u16,
    /// Days in which a country is looked for, 1 to 365: 30.
    pub days: u16,
    /// Successes after which habits are known, 1 to 1,000: 10.
    pub learning_logins: u16,
    /// Successes after which a country where nobody of the organisation was seen is unusual, 1 to 1,000: 3.
    pub early_logins: u16,
    /// Days after which habits are known however few successes there were, 1 to 365: 14.
    pub learning_days: u16,
    /// Failed sign-ins in the hour before that make it high, 1 to 100: 3.
    pub failures: u16,
    /// Kilometres from a usual place within which a border does not count, 0 to 1,000: 100.
    pub border_km: u16,
    /// Accounts for which a country must be usual before it counts as the organisation's, 2 to 1,000: 3.
    pub common_actors: u32,
    /// Percent of the organisation's accounts that must be, 1 to 100: 20.
    pub common_percent: u32,
}

impl Default for GeoAnomaly {
    fn default() -> Self {
        Self {
            logins: 10,
            days: 30,
            learning_logins: 10,
            early_logins: 3,
            learning_days: 14,
            failures: 3,
            border_km: 100,
            common_actors: 3,
            common_percent: 20,
        }
    }
}

impl Section for GeoAnomaly {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.logins, "logins", 1..=1_000);
        problems.within(self.days, "days", 1..=365);
        problems.within(self.learning_logins, "learning_logins", 1..=1_000);
        problems.within(self.early_logins, "early_logins", 1..=1_000);
        problems.within(self.learning_days, "learning_days", 1..=365);
        problems.within(self.failures, "failures", 1..=100);
        problems.within(self.border_km, "border_km", 0..=1_000);
        problems.within(self.common_actors, "common_actors", 2..=1_000);
        problems.within(self.common_percent, "common_percent", 1..=100);
    }
}

/// What is new about a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Novelty {
    Country,
    /// A place in a usual country.
    Place,
    /// A network in a usual place.
    Network,
}

/// Says whether the country is unusual.
pub(crate) fn examine(occasion: &Occasion<'_>) -> Option<Finding> {
    let settings = &occasion.scene.settings.geo_anomaly;
    let profile = occasion.profile?;
    let country = occasion.visit.country?;
    if occasion.visit.is_allowed || is_near_usual(occasion, profile) {
        return None;
    }
    let (day, key) = (occasion.visit.day, u32::from(country.key()));
    let settled = profile.learned() >= settings.learning_logins || profile.age(day) >= settings.learning_days;
    let everybody = occasion.organization;
    let actors = everybody.countries.get(key).actors;
    let common = everybody.is_common(actors, settings.common_actors, settings.common_percent);
    if profile.is_dormant(day) {
        let known = profile.seen.find(Kind::Country, key).is_some_and(Sighting::is_trusted);
        let told =
            occasion.country == Standing::New && !known && occasion.device.is_strange() && settled && !common;
        return told.then(|| finding(occasion, profile, AlertSeverity::Low, Novelty::Country));
    }
    let early = actors == 0 && profile.learned() >= settings.early_logins;
    if occasion.country != Standing::New || !(settled || early) || (common && !occasion.device.is_strange()) {
        return None;
    }
    let severity = if common { AlertSeverity::Low } else { severity(occasion, profile) };
    Some(finding(occasion, profile, severity, Novelty::Country))
}

/// Says whether the place, or the network there, is new; asked when there is nothing else to say about the sign-in.
pub(crate) fn examine_place(occasion: &Occasion<'_>) -> Option<Finding> {
    let settings = &occasion.scene.settings.geo_anomaly;
    let profile = occasion.profile.filter(|profile| !profile.is_dormant(occasion.visit.day))?;
    let settled = profile.learned() >= settings.learning_logins
        || profile.age(occasion.visit.day) >= settings.learning_days;
    let quiet = occasion.visit.is_allowed || occasion.country == Standing::Told;
    let novelty = new_line(occasion, profile).filter(|_| settled && !quiet)?;
    Some(finding(occasion, profile, AlertSeverity::Low, novelty))
}

/// What is new when the account is not known on this network around this place.
fn new_line(occasion: &Occasion<'_>, profile: &Profile) -> Option<Novelty> {
    let visit = occasion.visit;
    let around = f64::from(occasion.scene.settings.geo_anomaly.border_km);
    let here = visit.whereabouts.filter(|here| here.exact && !visit.hides_place && !visit.is_mobile)?;
    let told = profile.seen.near(here.spot, SAME_PLACE_KM).is_some_and(|known| known.is_told(visit.day));
    let strange = !told
        && !visit.is_shared
        && !visit.is_of_tunnel
        && !visit.is_of_carrier
        && profile.seen.of_kind(Kind::Place).next().is_some()
        && !words::is_own_device(profile, visit.device)
        && !profile.seen.is_shown_near(here.spot, around, visit.asn);
    if !strange {
        None
    } else if !is_near_usual(occasion, profile) {
        Some(Novelty::Place)
    } else {
        // A gateway or an office shows the town, and not that the account has a line there.
        let lives_there = profile.seen.own_places().any(|own| own.is_within(here.spot, around));
        let odd = occasion.country == Standing::Usual && is_odd(occasion, profile);
        (!lives_there || odd).then_some(Novelty::Network)
    }
}

/// Whether more than the network is unusual: passwords failed before, the very version of the browser is not known, or the account
/// was on another fixed line a short while ago.
fn is_odd(occasion: &Occasion<'_>, profile: &Profile) -> bool {
    let agent = occasion.visit.agent;
    let update = agent != 0 && profile.seen.find(Kind::Agent, agent).is_none();
    let elsewhere = occasion.visit.anchor().is_some_and(|here| {
        let [before, _] = profile.anchors.neighbours(&here, |known| !known.mobile);
        before.is_some_and(|before| before.asn != here.asn && here.at - before.at <= SHORT_WHILE)
    });
    failures(occasion) > 0 || update || elsewhere
}

fn severity(occasion: &Occasion<'_>, profile: &Profile) -> AlertSeverity {
    let own_device = profile.seen.find(Kind::Device, occasion.visit.device).is_some_and(Sighting::is_trusted);
    let attacked = failures(occasion) >= usize::from(occasion.scene.settings.geo_anomaly.failures)
        || occasion.had(SignalKind::BruteForced, words::HOUR);
    let steps = i32::from(attacked) - i32::from(occasion.visit.hides_place) - i32::from(own_device);
    match steps {
        1.. => AlertSeverity::High,
        0 => AlertSeverity::Medium,
        _ => AlertSeverity::Low,
    }
}

/// Failed sign-ins of the account in the hour before.
fn failures(occasion: &Occasion<'_>) -> usize {
    let at = occasion.scene.seen.at;
    let failed = occasion.scene.signals.iter().filter(|signal| signal.kind == SignalKind::FailedSignIn);
    failed.filter(|signal| signal.at <= at && at.saturating_since(signal.at) <= words::HOUR).count()
}

/// Whether it comes from around a usual place, though maybe from across a border.
fn is_near_usual(occasion: &Occasion<'_>, profile: &Profile) -> bool {
    let border = f64::from(occasion.scene.settings.geo_anomaly.border_km);
    let here = occasion.visit.whereabouts.filter(|here| here.exact && !occasion.visit.hides_place);
    here.is_some_and(|here| profile.is_near_trusted(here.spot, border))
}

fn finding(occasion: &Occasion<'_>, profile: &Profile, severity: AlertSeverity, novelty: Novelty) -> Finding {
    let who = words::actor(occasion);
    let country = words::country(occasion.scene);
    let place = words::place(occasion.scene);
    let usual = words::usual_countries(profile);
    let mut facts = BTreeMap::from([
        (Cow::Borrowed("country"), json!(occasion.visit.country.map(|country| country.code()))),
        (Cow::Borrowed("place"), json!(&place)),
        (Cow::Borrowed("usual_countries"), json!(usual)),
        (Cow::Borrowed("failures_before"), json!(failures(occasion))),
    ]);
    facts.extend(words::network_facts(occasion));
    facts.extend(words::device_facts(occasion));
    Finding {
        rule: Cow::Borrowed(NAME),
        alert_type: AlertType::GeoAnomaly,
        severity,
        subject: Subject::Actor,
        technique: Some(Cow::Borrowed("T1078")),
        title: match novelty {
            Novelty::Country => {
                format!("{who} signed in from {country}, which is unusual for the account")
            }
            Novelty::Place => format!("{who} signed in from a new place: {place}"),
            Novelty::Network => format!("{who} signed in from a new network in {place}"),
        },
        description: story(occasion, profile, novelty),
        facts,
        events: Vec::new(),
    }
}

fn story(occasion: &Occasion<'_>, profile: &Profile, novelty: Novelty) -> String {
    let usual = words::usual_countries(profile);
    let mut description = format!(
        "{} signed in from {} at {}. ",
        words::actor(occasion),
        words::place(occasion.scene),
        words::moment(occasion.scene)
    );
    if novelty == Novelty::Place {
        description.push_str("The country is nothing unusual; the place is new to the account. ");
    } else if novelty == Novelty::Network {
        description.push_str("The place is nothing unusual; the account has not used this network there. ");
    } else if profile.is_dormant(occasion.visit.day) {
        description.push_str(&format!(
            "The account had not signed in for {} days, and comes back from a new country on a new device. ",
            profile.idle(occasion.visit.day)
        ));
    } else if usual.is_empty() {
        description.push_str("No country is usual for the account. ");
    } else {
        description.push_str(&format!("The account's usual countries are {}. ", usual.join(", ")));
    }
    let failures = failures(occasion);
    if failures > 0 {
        description.push_str(&format!(
            "In the hour before, {} failed. ",
            crate::text::times(failures as u64, "sign-in", "sign-ins")
        ));
    }
    if let Some(way) = words::hidden(occasion) {
        description.push_str(&format!("It came through {way}, so the country may not be the user's. "));
    }
    description.push_str(&words::device(occasion));
    description.push_str(
        " Ask the owner whether they are there. If not, end the account's sessions and reset its password; if so, mark the alert safe.",
    );
    description
}
