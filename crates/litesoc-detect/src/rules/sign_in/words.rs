//! How places, networks, devices and distances are told.

use std::borrow::Cow;
use std::time::Duration;

use litesoc_model::{Place, Timestamp};
use serde_json::{Value, json};

use super::Occasion;
use crate::fields::Fields;
use crate::profile::actor::{Profile, Standing};
use crate::profile::anchor::Anchor;
use crate::profile::country::Country;
use crate::profile::sighting::{Kind, Sighting};
use crate::profile::visit::Hiding;
use crate::scene::Scene;
use crate::text;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
/// Longest word of a place or network, in characters.
const MAX_WORD: usize = 48;

/// Who signed in.
pub(crate) fn actor(occasion: &Occasion<'_>) -> String {
    occasion.scene.seen.actor.map_or_else(|| "Somebody".to_owned(), text::name)
}

/// When the event happened.
pub(crate) fn moment(scene: &Scene<'_>) -> String {
    text::moment(scene.seen.at)
}

/// Seconds since 1970 as RFC 3339.
pub(crate) fn time(seconds: u32) -> String {
    Timestamp::from_millis(i64::from(seconds) * 1_000).to_string()
}

/// `41 minutes`.
pub(crate) fn gap(seconds: u32) -> String {
    let say = |count: u32, one, many| text::times(u64::from(count), one, many);
    match (seconds / 3_600, seconds / 60 % 60, seconds) {
        (0, 0, seconds) => say(seconds, "second", "seconds"),
        (0, minutes, _) => say(minutes, "minute", "minutes"),
        (hours, 0, _) => say(hours, "hour", "hours"),
        (hours, minutes, _) => {
            format!("{} {}", say(hours, "hour", "hours"), say(minutes, "minute", "minutes"))
        }
    }
}

/// `9,150 km`.
pub(crate) fn kilometres(distance: f64) -> String {
    let whole = distance.round().clamp(0.0, 1e9) as u32;
    let (millions, thousands, rest) = (whole / 1_000_000, whole / 1_000 % 1_000, whole % 1_000);
    match (millions, thousands) {
        (0, 0) => format!("{rest} km"),
        (0, thousands) => format!("{thousands},{rest:03} km"),
        (millions, thousands) => format!("{millions},{thousands:03},{rest:03} km"),
    }
}

/// Degrees to a hundredth, which is a kilometre.
pub(crate) fn degrees(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A word from a database or list, fit to stand in a sentence.
fn word(raw: &str) -> String {
    raw.chars().filter(|c| !c.is_control() && *c != '"').take(MAX_WORD).collect::<String>().trim().to_owned()
}

/// `Tokyo, Japan`; as much as is known.
pub(crate) fn place(scene: &Scene<'_>) -> String {
    let place = scene.seen.enrichment.and_then(|known| known.place.as_ref());
    place.and_then(place_name).unwrap_or_else(|| "an unknown place".to_owned())
}

/// What a place is called.
pub(crate) fn place_name(place: &Place) -> Option<String> {
    let town = place.city.as_deref().or(place.region.as_deref()).map(word).filter(|word| !word.is_empty());
    let country = country_name(place);
    match (town, country) {
        (Some(town), Some(country)) => Some(format!("{town}, {country}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => place.position.map(|position| coordinates(position.latitude, position.longitude)),
    }
}

fn country_name(place: &Place) -> Option<String> {
    let name = place.country_name.as_deref().or(place.country_code.as_deref());
    name.map(word).filter(|word| !word.is_empty())
}

/// The country of the event.
pub(crate) fn country(scene: &Scene<'_>) -> String {
    let place = scene.seen.enrichment.and_then(|known| known.place.as_ref());
    place.and_then(country_name).unwrap_or_else(|| "an unknown country".to_owned())
}

fn coordinates(latitude: f64, longitude: f64) -> String {
    let side = |value: f64, plus, minus| if value < 0.0 { minus } else { plus };
    format!(
        "{:.1} {} {:.1} {}",
        latitude.abs(),
        side(latitude, "N", "S"),
        longitude.abs(),
        side(longitude, "E", "W")
    )
}

/// What the place of an earlier sign-in is called.
pub(crate) fn known_place(occasion: &Occasion<'_>, anchor: &Anchor) -> String {
    if let Some(name) = occasion.organization.names.get(anchor.spot) {
        return name.to_owned();
    }
    let point = coordinates(anchor.spot.latitude(), anchor.spot.longitude());
    match anchor.country {
        0 => point,
        country => format!("{point} ({})", Country::from_key(country).code()),
    }
}

/// The countries an account is usually in, by code.
pub(crate) fn usual_countries(profile: &Profile) -> Vec<String> {
    let known = profile.seen.of_kind(Kind::Country).filter(|known| known.is_trusted());
    let mut codes: Vec<(std::cmp::Reverse<u8>, String)> = known
        .map(|known| (std::cmp::Reverse(known.count()), Country::from_key(known.key() as u16).code()))
        .collect();
    codes.sort();
    codes.into_iter().map(|(_, code)| code).take(5).collect()
}

/// `a VPN`.
pub(crate) const fn way(way: Hiding) -> &'static str {
    match way {
        Hiding::Tor => "Tor",
        Hiding::Proxy => "an open proxy",
        Hiding::Datacenter => "a data centre",
        Hiding::Vpn => "a VPN",
    }
}

/// How the sign-in hides where it comes from.
pub(crate) fn hidden(occasion: &Occasion<'_>) -> Option<&'static str> {
    occasion.visit.hiding.map(way)
}

/// `AS2914 NTT America`.
pub(crate) fn network(occasion: &Occasion<'_>) -> Option<String> {
    let network = &occasion.scene.seen.enrichment?.network;
    let owner = network.organization.as_deref().map(word).filter(|word| !word.is_empty());
    match (network.asn, owner) {
        (Some(asn), Some(owner)) => Some(format!("AS{asn} {owner}")),
        (Some(asn), None) => Some(format!("AS{asn}")),
        (None, owner) => owner,
    }
}

/// `Chrome on Windows`, or a word for what is not named.
pub(crate) fn device_name(occasion: &Occasion<'_>) -> String {
    let fields = Fields::of(occasion.scene.seen.metadata);
    match (occasion.visit.software, fields.user_agent) {
        (Some(software), Some(agent)) => software.describe(&agent),
        (None, _) | (_, None) => "an unnamed device".to_owned(),
    }
}

/// A sentence about the device.
pub(crate) fn device(occasion: &Occasion<'_>) -> String {
    let name = device_name(occasion);
    match occasion.device {
        Standing::Unsaid => "The event names no device.".to_owned(),
        Standing::Usual => format!("The device, {name}, is one the account uses."),
        Standing::Told | Standing::New if occasion.profile.is_some_and(|profile| profile.learned() > 0) => {
            format!("The device, {name}, is not one the account usually uses.")
        }
        Standing::Told | Standing::New => format!("The device is {name}."),
    }
}

/// The device in figures.
pub(crate) fn device_facts(occasion: &Occasion<'_>) -> [(Cow<'static, str>, Value); 2] {
    [
        (Cow::Borrowed("device"), json!(device_name(occasion))),
        (Cow::Borrowed("new_device"), json!(occasion.device.is_strange())),
    ]
}

/// The network in figures.
pub(crate) fn network_facts(occasion: &Occasion<'_>) -> [(Cow<'static, str>, Value); 2] {
    [
        (Cow::Borrowed("network"), json!(network(occasion))),
        (Cow::Borrowed("hidden_by"), json!(hidden(occasion))),
    ]
}

/// Whether an account is known to use this device, by its id.
pub(crate) fn is_own_device(profile: &Profile, device: u32) -> bool {
    device != 0 && profile.seen.find(Kind::Device, device).is_some_and(Sighting::is_trusted)
}
