//! Sign-ins with stolen passwords, from far and near.

use litesoc_events::EventType;
use serde_json::json;

use super::intruder::{Guise, Model};
use super::stage::Stage;
use crate::lab::tables::cities::{CITIES, City};
use crate::lab::world::network::{Kind, Source};
use crate::lab::world::person::Device;
use crate::lab::world::scribe::challenge_sent;
use crate::lab::world::{HOUR, MINUTE};

/// Signs in as somebody else: seldom a wrong password first, then the right one.
pub(super) fn intrude(
    stage: &mut Stage<'_>,
    person: usize,
    mut at: i64,
    source: &Source,
    device: &Device,
) -> i64 {
    let actor = stage.actor(person);
    if stage.chance.happens(0.25) {
        for _ in 0..stage.chance.whole(1, 3) {
            stage.write(at, EventType::AUTH_LOGIN_FAILED, &actor, source, Some(device), &[]);
            at += stage.pause(3.0, 60.0);
        }
    }
    if stage.world.organization.has_mfa {
        // The code was phished, or the prompt accepted.
        stage.write(at, challenge_sent(), &actor, source, Some(device), &[]);
        at += stage.pause(2.0, 30.0);
        stage.write(at, EventType::AUTH_MFA_CHALLENGE_SUCCESS, &actor, source, Some(device), &[]);
        at += 900;
    }
    stage.write(at, EventType::AUTH_LOGIN_SUCCESS, &actor, source, Some(device), &[]);
    at
}

/// What intruders do next, if they do anything that is reported.
fn loot(stage: &mut Stage<'_>, person: usize, mut at: i64, source: &Source, device: &Device) {
    let actor = stage.actor(person);
    let deeds = [
        (EventType::DATA_EXPORT, 0.30),
        (EventType::AUTH_MFA_DISABLED, 0.10),
        (EventType::ADMIN_API_KEY_CREATED, 0.10),
        (EventType::AUTH_PASSWORD_CHANGED, 0.15),
        (EventType::AUTHZ_ACCESS_DENIED, 0.15),
    ];
    for (event, likely) in deeds {
        if stage.chance.happens(likely) {
            at += stage.pause(20.0, 1_200.0);
            let count = stage.chance.scale(5.0, 500.0) as u64;
            stage.write(at, event, &actor, source, Some(device), &[("record_count", json!(count))]);
        }
    }
}

fn take_over(stage: &mut Stage<'_>, person: usize, at: i64, guise: &Guise) -> String {
    let Guise { source, city, device } = guise;
    let entered = intrude(stage, person, at, source, device);
    loot(stage, person, entered, source, device);
    let name = &stage.world.people[person].name;
    let home = stage.world.people[person].home.name;
    let network = source.known.network.organization.as_deref().unwrap_or("an unknown network");
    let family = device.make.family;
    format!("{name} of {home} is signed in from {} in {} ({network}) with {family}", source.ip, city.name)
}

/// A device whose system and browser this person has never used.
pub(super) fn other_device(stage: &mut Stage<'_>, person: usize) -> Device {
    let person = stage.world.people[person].clone();
    stage.intruder().other_device(&person)
}

/// A stolen password in the hands of an attacker who knows so much.
pub(super) fn by(stage: &mut Stage<'_>, model: Model) -> Option<String> {
    let (victim, at) = stage.victim()?;
    let person = stage.world.people[victim.person].clone();
    let make = victim.device.as_ref()?.make;
    let guise = stage.intruder().guise(model, &person, make);
    Some(take_over(stage, victim.person, at, &guise))
}

/// The slowest speed that is called impossible here; the fastest aeroplane with passengers does less than 950 km/h.
const IMPOSSIBLE_KMH: f64 = 1_400.0;

pub(super) fn impossible_travel(stage: &mut Stage<'_>) -> Option<String> {
    let victim = stage.sign_in(|_, sign_in, _, _| !sign_in.source.known.network.hides_place())?;
    let minutes = stage.chance.scale(8.0, 300.0);
    let reach = (IMPOSSIBLE_KMH * minutes / 60.0).max(1_200.0);
    let far: Vec<&'static City> =
        CITIES.iter().filter(|city| city.distance_to(victim.city) > reach).collect();
    let city = stage.chance.choose(&far);
    let source = stage.intruder().source(Kind::Fixed, city);
    let device = if stage.chance.happens(0.5) {
        stage.intruder().device_of(victim.device.as_ref()?.make)
    } else {
        stage.intruder().any_device()
    };
    let at = victim.at + (minutes * MINUTE as f64) as i64;
    let story = take_over(stage, victim.person, at, &Guise { source, city, device });
    let km = victim.city.distance_to(city);
    stage.route = Some((victim.city, city, minutes / 60.0));
    Some(format!("{story}, {km:.0} km and {minutes:.0} min from {}", victim.city.name))
}

pub(super) fn geo_anomaly(stage: &mut Stage<'_>) -> Option<String> {
    // Long enough after the last sign-in that an aeroplane could have been taken, and before the next.
    let victim = stage.sign_in(|_, sign_in, next, _| {
        next.is_some_and(|next| next.at - sign_in.at > 40 * HOUR)
            && !sign_in.source.known.network.hides_place()
    })?;
    let person = stage.world.people[victim.person].clone();
    let visited: Vec<&str> =
        stage.world.itineraries[victim.person].trips().iter().map(|trip| trip.to.country).collect();
    let far: Vec<&'static City> = CITIES
        .iter()
        .filter(|city| {
            city.country != person.home.country
                && city.country != victim.city.country
                && !visited.contains(&city.country)
                && city.is_ordinary()
                && city.distance_to(victim.city) < 12_000.0
        })
        .collect();
    let city = stage.chance.choose(&far);
    let source = stage.intruder().source(Kind::Fixed, city);
    let device = stage.intruder().any_device();
    let hours = city.distance_to(victim.city) / 600.0 + stage.chance.between(4.0, 14.0);
    let at = victim.at + (hours * HOUR as f64) as i64;
    Some(take_over(stage, victim.person, at, &Guise { source, city, device }))
}

pub(super) fn new_device(stage: &mut Stage<'_>) -> Option<String> {
    let victim = stage.sign_in(|_, sign_in, _, _| !sign_in.source.known.network.hides_place())?;
    let device = other_device(stage, victim.person);
    let at = victim.at + stage.pause(600.0, 30_000.0);
    Some(take_over(stage, victim.person, at, &Guise { source: victim.source, city: victim.city, device }))
}

pub(super) fn high_risk_country(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, at) = stage.victim()?;
    let city = stage.listed()?;
    let source = stage.intruder().source(Kind::Fixed, city);
    let device = stage.intruder().any_device();
    Some(take_over(stage, victim.person, at, &Guise { source, city, device }))
}

pub(super) fn suspicious_network(stage: &mut Stage<'_>) -> Option<String> {
    let (victim, at) = stage.victim()?;
    let kind = if stage.chance.happens(0.7) { Kind::Tor } else { Kind::Proxy };
    let city = &CITIES[stage.chance.weighted(CITIES.iter().map(|city| city.weight))];
    let source = stage.intruder().source(kind, city);
    let device = stage.intruder().any_device();
    Some(take_over(stage, victim.person, at, &Guise { source, city, device }))
}
