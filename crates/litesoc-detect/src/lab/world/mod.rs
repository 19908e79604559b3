//! The world of the lab: an organisation, its people, and everything they do in so many days.

pub(crate) mod connection;
pub(crate) mod delivery;
pub(crate) mod itinerary;
pub(crate) mod machine;
pub(crate) mod network;
pub(crate) mod organization;
pub(crate) mod person;
pub(crate) mod routine;
pub(crate) mod scribe;
pub(crate) mod work;

use std::sync::Arc;

use litesoc_events::EventType;

use self::itinerary::Itinerary;
use self::network::{Networks, Source};
use self::organization::Organization;
use self::person::{Device, Person};
use self::routine::Routine;
use self::scribe::{Scribe, Via};
use crate::lab::chance::Chance;
use crate::lab::tables::cities::City;

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// When the lab begins: 2026-01-05T00:00:00Z, a Monday.
pub(crate) const START: i64 = 1_767_571_200_000;

/// Last days of the months, counted from the day on which the lab begins.
const MONTH_ENDS: [i64; 12] = [26, 54, 85, 115, 146, 176, 207, 238, 268, 299, 329, 360];

/// Day 0 is a Monday.
pub(crate) const fn is_weekend(day: i64) -> bool {
    day.rem_euclid(7) >= 5
}

/// The last two days of a month and the first of the next.
pub(crate) fn is_month_end(day: i64) -> bool {
    MONTH_ENDS.iter().any(|end| (end - 1..=end + 1).contains(&day.rem_euclid(365)))
}

/// A sign-in of somebody who means no harm, with where they truly were.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    pub(crate) person: usize,
    /// Milliseconds since the lab began.
    pub(crate) at: i64,
    pub(crate) city: &'static City,
    pub(crate) source: Source,
    pub(crate) device: Option<Device>,
}

/// The organisation and its people after so many days.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) days: i64,
    pub(crate) organization: Organization,
    pub(crate) people: Vec<Person>,
    pub(crate) itineraries: Vec<Itinerary>,
    pub(crate) networks: Networks,
    pub(crate) scribe: Scribe,
}

impl World {
    /// Lets the people live; nobody means harm.
    pub(crate) fn new(seed: u64, users: usize, days: i64) -> Self {
        let mut chance = Chance::part(seed, "organization");
        let organization = Organization::new(users, &mut chance);
        let holidays = [chance.whole(0, days - 1), chance.whole(0, days - 1)];
        let mut networks = Networks::new(seed);
        let mut scribe = Scribe::new(Chance::part(seed, "scribe"), organization.names_devices);
        let mut people = Vec::with_capacity(users);
        let mut itineraries = Vec::with_capacity(users);
        for number in 0..users {
            let mut chance = Chance::part(seed, &format!("person {number}"));
            let person = Person::new(number, &organization, days, &mut chance);
            let itinerary = Itinerary::of(&person, &organization.offices, days, &mut chance);
            let actor = person.name.as_str().into();
            let mut routine =
                Routine { number, person: &person, actor, organization: &organization, itinerary, chance };
            routine.live(days, &holidays, &mut networks, &mut scribe);
            itineraries.push(routine.itinerary);
            people.push(person);
        }
        let mut chance = Chance::part(seed, "machines");
        machine::backup(days, &mut networks, &mut scribe, &mut chance);
        machine::synchronisation(days, &mut networks, &mut scribe, &mut chance);
        machine::strangers(days, &mut networks, &mut scribe, &mut chance);
        scribe.sign_ins.sort_by_key(|sign_in| (sign_in.at, sign_in.person));
        let mut world = Self { seed, days, organization, people, itineraries, networks, scribe };
        world.stale_passwords(&mut chance);
        world.newcomers(&mut chance);
        world
    }

    /// Days on which each of the people was a user, summed.
    pub(crate) fn user_days(&self) -> f64 {
        self.people.iter().map(|person| (self.days - person.joins).max(0) as f64).sum()
    }

    pub(crate) fn actor(&self, person: usize) -> Arc<str> {
        self.people[person].name.as_str().into()
    }

    /// After one sign-in in a thousand, some device goes on with an old password.
    fn stale_passwords(&mut self, chance: &mut Chance) {
        let chosen: Vec<SignIn> =
            self.scribe.sign_ins.iter().filter(|_| chance.happens(1.0 / 1_000.0)).cloned().collect();
        for sign_in in chosen {
            let actor = self.actor(sign_in.person);
            let via = Via { source: &sign_in.source, device: sign_in.device.as_ref() };
            let at = sign_in.at + 10 * MINUTE;
            self.scribe.write(at, EventType::AUTH_PASSWORD_CHANGED, &actor, via, &[]);
            machine::stale_password(at + MINUTE, &actor, via, &mut self.scribe, chance);
        }
    }

    /// An administrator creates the account of whoever begins next day.
    fn newcomers(&mut self, chance: &mut Chance) {
        let newcomers: Vec<(i64, String)> = self
            .people
            .iter()
            .filter(|person| person.joins > 0)
            .map(|person| (person.joins - 1, person.name.clone()))
            .collect();
        for (day, name) in newcomers {
            let by_then = |sign_in: &&SignIn| sign_in.person < 2 && sign_in.at < (day + 1) * DAY;
            let Some(by) = self.scribe.sign_ins.iter().rev().find(by_then).cloned() else { continue };
            let actor = self.actor(by.person);
            let via = Via { source: &by.source, device: by.device.as_ref() };
            let at = by.at + chance.whole(5 * MINUTE, HOUR);
            let told = [("target_user_id", serde_json::json!(name))];
            self.scribe.write(at, EventType::ADMIN_USER_CREATED, &actor, via, &told);
        }
    }
}
