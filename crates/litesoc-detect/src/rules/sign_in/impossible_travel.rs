//! Impossible travel: two sign-ins farther apart than anybody travels in the time between them.
//!
//! # What it sees
//!
//! Successful sign-ins with a place. Each is compared with the account's sign-in before it and the one after it in event time, so
//! that a late event finds its neighbours.
//!
//! # Thresholds
//!
//! The great circle between the two, less both accuracy radii (50 km where the data says none), is 500 km or more, and takes more
//! than 1,000 km/h. Airliners cruise at 900 km/h and take an hour to get there and away, so nobody arrives faster; published
//! rules use 800 to 1,000 km/h. Below 500 km, databases err and carriers route too far for speed to mean much. A sign-in older
//! than 24 hours says nothing: everybody can be anywhere by then.
//!
//! Data that knows the country only gives its middle, with the distance to its farthest corner for a radius: neighbours never
//! count as far apart, Germany and Japan do.
//!
//! # Severity
//!
//! High. Critical when the device at either end is new too. Low when both ends show the same device id, or the same network, country and
//! browser: then the data is wrong about one of the places (IPv4 and IPv6 of one line, a browser's relay).
//! Medium in the first two weeks of an organisation, when its offices and exits are not known yet: then only when the end where
//! the account is not known is on a fixed network new to everybody, and either in another country where nobody of the organisation
//! was seen, or with a device new to an account of five sign-ins.
//!
//! ATT&CK: T1078 valid accounts.
//!
//! # Suppressions and known costs
//!
//! What makes this rule precise is what it leaves out, not the speed:
//!
//! * Either end behind a VPN, Tor, a proxy, a relay or a data centre, on a satellite network (`satellite_networks`), or on the
//!   operator's list of trusted networks: no alarm, and the place before stays the one that is compared with.
//!   An attacker with a VPN is left to the rules about networks, devices and countries.
//! * Carriers' gateways: an end on a mobile network says no more than its country; within one country, and on a carrier that the
//!   account uses, it raises no alarm.
//! * A carrier in a usual country of the account at one end, and usual devices at both: a telephone that roams. Not so when the
//!   account was on a fixed line so lately that it cannot have come here from there.
//!   An attacker who shows the owner's system and browser while only the telephone was seen passes here too, and is left to the rule
//!   about countries; where the application sends device ids, he does not pass.
//! * A network most of whose sign-ins, three at least, came from addresses that lists call a VPN's or a carrier's: so does one
//!   from an address no list knows. Nobody can teach that without being on a list. And a network that serves hardly anything but
//!   telephones, twenty sign-ins of three accounts at least: a carrier that no list knows.
//! * An address that several accounts share, of whose sign-ins a quarter are by people who live far away: the exit of a company's VPN.
//!   It says as little as any VPN, also of those who live beside it.
//! * Both places known: seen on two days of the last thirty, in sign-ins nothing was wrong with, or marked safe.
//! * The strange end is an address that three accounts sign in from, in a place and on a network that a good part of the organisation
//!   uses: three accounts, and one in twenty; and its device is no new one. The colleagues' provider alone excuses nothing.
//! * The other end is such a place and network, an address that three accounts sign in from, the account does not live near there, and the device is
//!   usual: the company's exit, just turned off.
//! * A network that turned out so to show another place than the user's is from then on treated like a VPN for this account,
//!   where it showed it; the same company's office elsewhere still counts.
//! * Two devices of the account that is at home, known place and network, and was elsewhere a while ago, having got there in
//!   time: a telephone that roams on the carrier from home beside a laptop in a hotel. And two of them on one network in one
//!   country: carriers and IPv6.
//! * The way back and every further time between the same two places within 12 hours: A, B, A counts once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::excuse::{innocence, is_gateway, is_roaming};
use super::{Occasion, words};
use crate::finding::{Finding, Subject};
use crate::profile::actor::{Profile, Standing};
use crate::profile::anchor::{Anchor, STALE};
use crate::profile::country::Country;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "impossible_travel";

/// Sign-ins from which on a device can be called new.
pub(crate) const SETTLED: u16 = 5;

/// From when on two sign-ins are too far apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Travel {
    /// Kilometres between the places, less both accuracy radii, 100 to 10,000: 500.
    pub distance_km: u32,
    /// Kilometres in an hour above which nobody travels, 200 to 5,000: 1,000.
    pub speed_kmh: u32,
    /// Accounts for which a place must be usual before it counts as the organisation's, 2 to 1,000: 3.
    pub common_actors: u32,
    /// Percent of the organisation's accounts that must be, 1 to 100: 5.
    pub common_percent: u32,
    /// Autonomous systems that give their users addresses of far-away ground stations: Starlink, Viasat, Hughes, Panasonic.
    pub satellite_networks: Vec<u32>,
}

impl Default for Travel {
    fn default() -> Self {
        Self {
            distance_km: 500,
            speed_kmh: 1_000,
            common_actors: 3,
            common_percent: 5,
            satellite_networks: vec![1_358, 6_621, 7_155, 13_955, 14_593, 40_306, 64_294],
        }
    }
}

impl Section for Travel {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.distance_km, "distance_km", 100..=10_000);
        problems.within(self.speed_kmh, "speed_kmh", 200..=5_000);
        problems.within(self.common_actors, "common_actors", 2..=1_000);
        problems.within(self.common_percent, "common_percent", 1..=100);
    }
}

/// Two sign-ins too far apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Journey {
    pub(crate) here: Anchor,
    pub(crate) there: Anchor,
    pub(crate) severity: Grade,
    distance_km: f64,
}

/// How bad a journey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    Low,
    Medium,
    High,
    Critical,
}

impl Journey {
    /// The worst journey that this sign-in makes with its neighbours.
    pub(crate) fn of(occasion: &Occasion<'_>) -> Option<Outcome> {
        let here = occasion.visit.anchor()?;
        let profile = occasion.profile?;
        if profile.is_exit(here.asn, here.spot) {
            return None;
        }
        let counts = |there: &Anchor| !profile.is_exit(there.asn, there.spot);
        let neighbours = profile.anchors.neighbours(&here, counts).into_iter().flatten();
        let outcomes = neighbours.filter_map(|there| judge(occasion, profile, here, *there));
        outcomes.max_by_key(|outcome| match outcome {
            Outcome::Told(journey) => Some(journey.severity),
            Outcome::Exit(_) => None,
        })
    }

    /// What there is to say about it.
    pub(crate) fn finding(&self, occasion: &Occasion<'_>) -> Finding {
        let severity = match self.severity {
            Grade::Low => AlertSeverity::Low,
            Grade::Medium => AlertSeverity::Medium,
            Grade::High => AlertSeverity::High,
            Grade::Critical => AlertSeverity::Critical,
        };
        let who = words::actor(occasion);
        let here = words::place(occasion.scene);
        let there = words::known_place(occasion, &self.there);
        let seconds = self.here.at.abs_diff(self.there.at);
        let gap = words::gap(seconds);
        let order = if self.here.at >= self.there.at { "after" } else { "before" };
        let kilometres = words::kilometres(self.distance_km);
        let speed = self.speed_kmh();
        let title = match seconds {
            0 => format!("{who} signed in from {here} and, {kilometres} away, from {there} at the same time"),
            _ => format!("{who} signed in from {here}, {kilometres} from {there}, {gap} {order}"),
        };
        let mut description = format!(
            "{who} signed in from {here} at {}, {gap} {order} a sign-in from {there}: {kilometres}, which would take {} an hour.",
            words::moment(occasion.scene),
            words::kilometres(speed),
        );
        description.push_str(&self.usual(occasion));
        description.push_str(&format!(" {}", words::device(occasion)));
        description.push_str(match self.severity {
            Grade::Low => {
                " Both ends look like the same device, so one of the two places is probably wrong. Look at it if more follows."
            }
            Grade::Medium | Grade::High | Grade::Critical => {
                " Ask the owner, by another way than this account, whether both were theirs. If not, end its sessions and reset its \
                 password and second factor; if so, mark the alert safe and the place becomes usual."
            }
        });
        Finding {
            rule: Cow::Borrowed(NAME),
            alert_type: AlertType::ImpossibleTravel,
            severity,
            subject: Subject::Actor,
            technique: Some(Cow::Borrowed("T1078")),
            title,
            description,
            facts: self.facts(occasion, &here, &there),
            events: vec![self.there.event_id],
        }
    }

    /// How fast somebody would have been; of the same minute, as if it had taken one.
    fn speed_kmh(&self) -> f64 {
        let seconds = self.here.at.abs_diff(self.there.at).max(60);
        self.distance_km / f64::from(seconds) * 3_600.0
    }

    fn usual(&self, occasion: &Occasion<'_>) -> String {
        let knows = |spot| occasion.profile.is_some_and(|profile| profile.is_near_trusted(spot, 50.0));
        match (knows(self.here.spot), knows(self.there.spot)) {
            (true, false) => {
                String::from(" The account is usually here; the other sign-in is the strange one.")
            }
            (false, true) => String::from(" The account is usually at the other place, not at this one."),
            (true, true) => String::from(" The account is known at both places, though at neither for long."),
            (false, false) => String::from(" Neither place is usual for the account."),
        }
    }

    fn facts(&self, occasion: &Occasion<'_>, here: &str, there: &str) -> BTreeMap<Cow<'static, str>, Value> {
        let end = |anchor: &Anchor, name: &str| {
            json!({
                "place": name,
                "country": (anchor.country != 0).then(|| Country::from_key(anchor.country).code()),
                "latitude": words::degrees(anchor.spot.latitude()),
                "longitude": words::degrees(anchor.spot.longitude()),
                "radius_km": anchor.radius_km,
                "asn": (anchor.asn != 0).then_some(anchor.asn),
                "at": words::time(anchor.at),
            })
        };
        let seconds = self.here.at.abs_diff(self.there.at);
        let mut facts = BTreeMap::from([
            (Cow::Borrowed("here"), end(&self.here, here)),
            (Cow::Borrowed("there"), end(&self.there, there)),
            (Cow::Borrowed("distance_km"), json!(self.distance_km.round() as u32)),
            (Cow::Borrowed("speed_kmh"), json!(self.speed_kmh().round() as u32)),
            (Cow::Borrowed("minutes"), json!(seconds / 60)),
            (Cow::Borrowed("previous_event_id"), json!(self.there.event_id.to_string())),
            (
                Cow::Borrowed("same_device"),
                json!(self.here.device != 0 && self.here.device == self.there.device),
            ),
        ]);
        facts.extend(words::device_facts(occasion));
        facts
    }
}

/// What comes of a pair of sign-ins too far apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// It is worth an alert.
    Told(Journey),
    /// This is a way into a VPN, and says nothing about where the account is.
    Exit(Anchor),
}

/// Weighs one pair of sign-ins; `None` when there is nothing to it.
fn judge(occasion: &Occasion<'_>, profile: &Profile, here: Anchor, there: Anchor) -> Option<Outcome> {
    let settings = &occasion.scene.settings.travel;
    let (here, there) = (widened(here), widened(there));
    if !is_impossible(settings, &here, &there) || is_gateway(occasion, profile, &here, &there) {
        return None;
    }
    if let Some(innocent) = innocence(occasion, profile, &here, &there) {
        // Within one country a database that is wrong about one of two lines at home looks the same.
        let tells =
            here.asn != there.asn && innocent.asn != 0 && (innocent.shared || here.country != there.country);
        return tells.then_some(Outcome::Exit(innocent));
    }
    let severity = grade(occasion, profile, &here, &there)?;
    if profile.has_told(&here, &there, severity as u8) {
        return None;
    }
    let distance_km = here.spot.distance_km(there.spot);
    Some(Outcome::Told(Journey { here, there, severity, distance_km }))
}

/// How bad it is; `None` when it is what two devices of one person look like.
fn grade(occasion: &Occasion<'_>, profile: &Profile, here: &Anchor, there: &Anchor) -> Option<Grade> {
    let same_software = here.software != 0 && here.software == there.software;
    let same_network = here.asn != 0 && (here.asn, here.country) == (there.asn, there.country);
    let familiar = !occasion.device.is_strange() && profile.uses_software(there.software);
    let at_home = occasion.network == Standing::Usual && profile.knows_place(here.spot, occasion.visit.day);
    let settings = &occasion.scene.settings.travel;
    let in_time = profile.anchors.before(there).is_none_or(|before| !is_impossible(settings, there, before));
    let back = at_home && in_time && here.at > there.at;
    if familiar && profile.learned() >= SETTLED && (same_network || back) {
        return None;
    }
    if occasion.organization.is_young(occasion.visit.at) {
        return is_foreign(occasion, profile, here, there).then_some(Grade::Medium);
    }
    if is_roaming(occasion, profile, here, there) {
        return None;
    }
    let same_device = here.device != 0 && here.device == there.device;
    if same_device || (same_network && same_software) {
        return Some(Grade::Low);
    }
    let settled = profile.learned() >= SETTLED;
    let strange = occasion.device.is_strange() || profile.is_strange_device(there);
    Some(if settled && strange { Grade::Critical } else { Grade::High })
}

/// Whether the end where the account is not known shows that nobody of the organisation is there: a country without anybody else
/// of it, or a device new to the account on a fixed network new to everybody.
fn is_foreign(occasion: &Occasion<'_>, profile: &Profile, here: &Anchor, there: &Anchor) -> bool {
    let knows = |end: &Anchor| profile.knows_place(end.spot, occasion.visit.day);
    let (far, strange) = if knows(here) {
        (there, profile.is_strange_device(there))
    } else {
        (here, occasion.device.is_strange())
    };
    let everybody = occasion.organization;
    let abroad = here.country != there.country && everybody.countries.get(u32::from(far.country)).actors == 0;
    // Without data about networks only the country tells.
    let unused = if far.asn == 0 { abroad } else { everybody.networks.get(far.asn).actors == 0 };
    unused && !far.mobile && (abroad || (strange && profile.learned() >= SETTLED))
}

/// A carrier's gateway may stand anywhere in its country.
fn widened(mut anchor: Anchor) -> Anchor {
    if anchor.mobile {
        let extent = Country::from_key(anchor.country).extent().map_or(500, |(_, radius_km)| radius_km);
        anchor.radius_km = anchor.radius_km.max(extent);
    }
    anchor
}

pub(crate) fn is_impossible(settings: &Travel, here: &Anchor, there: &Anchor) -> bool {
    let seconds = here.at.abs_diff(there.at);
    if seconds > STALE {
        return false;
    }
    let blur = f64::from(here.radius_km) + f64::from(there.radius_km);
    let sure = here.spot.distance_km(there.spot) - blur;
    sure >= f64::from(settings.distance_km)
        && sure * 3_600.0 > f64::from(settings.speed_kmh) * f64::from(seconds)
}
