//! [`Itinerary`]: where somebody is at any moment; nobody moves faster than trains and aeroplanes do.

use crate::lab::chance::Chance;
use crate::lab::tables::cities::{CITIES, City};
use crate::lab::world::person::Person;
use crate::lab::world::{DAY, HOUR, is_weekend};

/// A journey there and back.
#[derive(Clone, Debug)]
pub(crate) struct Trip {
    pub(crate) to: &'static City,
    pub(crate) out: Leg,
    pub(crate) back: Leg,
    pub(crate) is_work: bool,
    /// Number of the line in the hotel.
    pub(crate) room: u16,
    pub(crate) provider: u8,
}

/// One way of a journey, door to door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
    pub(crate) by: By,
    pub(crate) from_ms: i64,
    pub(crate) until_ms: i64,
}

/// How somebody moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Car,
    Train,
    Plane,
}

/// Where somebody is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whereabouts<'a> {
    Home,
    Away(&'a Trip),
    /// At the airport before the flight.
    Departing(&'static City),
    /// At the airport after the flight.
    Arriving(&'static City),
    Flying,
    /// On a road or a railway, from one city to the other.
    Driving(&'static City, &'static City),
}

impl Whereabouts<'_> {
    /// The city they have travelled to.
    pub(crate) fn destination(self) -> Option<&'static City> {
        if let Self::Away(trip) = self { Some(trip.to) } else { None }
    }
}

/// From the door to the gate, and from the gate to the door.
const BEFORE_FLIGHT: i64 = 2 * HOUR + HOUR / 2;
const AFTER_FLIGHT: i64 = HOUR + HOUR / 4;

impl Leg {
    fn new(from: &City, to: &City, from_ms: i64, chance: &mut Chance) -> Self {
        let km = from.distance_to(to).max(5.0);
        let (by, hours) = match km {
            km if km < 150.0 => (By::Car, km / chance.between(50.0, 90.0) + 0.2),
            km if km < 600.0 && chance.happens(0.7) => (By::Train, km / chance.between(90.0, 200.0) + 0.5),
            km => {
                let airport = (BEFORE_FLIGHT + AFTER_FLIGHT) as f64 / HOUR as f64;
                (By::Plane, km / chance.between(780.0, 880.0) + 0.4 + airport)
            }
        };
        Self { by, from_ms, until_ms: from_ms + (hours * HOUR as f64) as i64 }
    }

    fn during(self, at: i64, from: &'static City, to: &'static City) -> Whereabouts<'static> {
        match self.by {
            By::Plane if at < self.from_ms + BEFORE_FLIGHT => Whereabouts::Departing(from),
            By::Plane if at > self.until_ms - AFTER_FLIGHT => Whereabouts::Arriving(to),
            By::Plane => Whereabouts::Flying,
            By::Car | By::Train => Whereabouts::Driving(from, to),
        }
    }
}

/// The journeys of one person, in order, none during another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Itinerary {
    trips: Vec<Trip>,
}

impl Itinerary {
    pub(crate) fn of(person: &Person, offices: &[&'static City], days: i64, chance: &mut Chance) -> Self {
        let mut trips = Vec::new();
        let mut day = person.joins;
        while day < days {
            let weekday = !is_weekend(day);
            let planned = if weekday && chance.happens(person.trips) {
                Some((destination(person, offices, chance), chance.whole(1, 4), true))
            } else if weekday && chance.happens(1.0 / 65.0) {
                Some((anywhere(person.home, chance), chance.whole(4, 13), false))
            } else if day.rem_euclid(7) == 4 && chance.happens(1.0 / 8.0) {
                Some((nearby(person.home, chance), 2, false))
            } else {
                None
            };
            if let Some((to, nights, is_work)) = planned
                && to.name != person.home.name
            {
                let trip = Self::trip(person.home, to, day, nights, is_work, chance);
                day = trip.back.until_ms.div_euclid(DAY) + 1;
                trips.push(trip);
            }
            day += 1;
        }
        Self { trips }
    }

    fn trip(
        home: &'static City,
        to: &'static City,
        day: i64,
        nights: i64,
        is_work: bool,
        chance: &mut Chance,
    ) -> Trip {
        let departs =
            day * DAY - home.offset_minutes * 60_000 + (chance.between(5.5, 18.0) * HOUR as f64) as i64;
        let out = Leg::new(home, to, departs, chance);
        let back_day = out.until_ms.div_euclid(DAY) + nights;
        let returns =
            back_day * DAY - to.offset_minutes * 60_000 + (chance.between(8.0, 19.0) * HOUR as f64) as i64;
        let back = Leg::new(to, home, returns.max(out.until_ms + 3 * HOUR), chance);
        let room = (chance.next() >> 48) as u16;
        Trip { to, out, back, is_work, room, provider: chance.below(4) as u8 }
    }

    pub(crate) fn at(&self, at: i64, home: &'static City) -> Whereabouts<'_> {
        let next = self.trips.partition_point(|trip| trip.back.until_ms <= at);
        match self.trips.get(next) {
            Some(trip) if at >= trip.back.from_ms => trip.back.during(at, trip.to, home),
            Some(trip) if at >= trip.out.until_ms => Whereabouts::Away(trip),
            Some(trip) if at >= trip.out.from_ms => trip.out.during(at, home, trip.to),
            Some(_) | None => Whereabouts::Home,
        }
    }

    pub(crate) fn trips(&self) -> &[Trip] {
        &self.trips
    }
}

fn destination(person: &Person, offices: &[&'static City], chance: &mut Chance) -> &'static City {
    if chance.happens(0.5) {
        chance.choose(offices)
    } else if chance.happens(0.6) {
        nearby(person.home, chance)
    } else {
        anywhere(person.home, chance)
    }
}

fn nearby(home: &'static City, chance: &mut Chance) -> &'static City {
    let near =
        |other: &&City| other.is_ordinary() && other.distance_to(home) < 1_200.0 && other.name != home.name;
    let cities: Vec<&'static City> = CITIES.iter().filter(near).collect();
    if cities.is_empty() { home } else { chance.choose(&cities) }
}

fn anywhere(home: &'static City, chance: &mut Chance) -> &'static City {
    // The nearer the likelier.
    let likely = |city: &City| {
        if city.is_ordinary() { 1.0 / (500.0 + city.distance_to(home)) } else { 0.0 }
    };
    &CITIES[chance.weighted(CITIES.iter().map(likely))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::tables::cities::named;

    #[test]
    fn nobody_travels_faster_than_an_aeroplane() {
        let mut chance = Chance::new(5);
        for to in CITIES.iter().filter(|city| city.name != "Berlin") {
            let leg = Leg::new(named("Berlin"), to, 0, &mut chance);
            let speed = named("Berlin").distance_to(to) / (leg.until_ms as f64 / HOUR as f64);
            assert!(speed < 850.0, "{} at {speed} km/h", to.name);
        }
    }
}
