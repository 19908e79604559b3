//! [`Organization`]: offices, rules of the house and where its people live.

use crate::lab::chance::Chance;
use crate::lab::tables::cities::{BORDERS, CITIES, City, named};

/// The organisation whose events the lab makes up.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) offices: Vec<&'static City>,
    /// Where its VPN comes out.
    pub(crate) vpn_exit: &'static City,
    /// Its people sign in with a second factor.
    pub(crate) has_mfa: bool,
    /// Its application sends a device id with each event.
    pub(crate) names_devices: bool,
    /// Its application reports other sign-in steps too.
    pub(crate) is_verbose: bool,
}

/// Share of the people who live across a border from their office, where there is one.
const COMMUTERS: f64 = 0.25;

impl Organization {
    pub(crate) fn new(people: usize, chance: &mut Chance) -> Self {
        let ordinary: Vec<&'static City> = CITIES.iter().filter(|city| city.is_ordinary()).collect();
        let draw =
            |chance: &mut Chance| ordinary[chance.weighted(ordinary.iter().map(|city| city.weight.sqrt()))];
        let main = draw(chance);
        let mut offices = vec![main];
        // One more office with every 150 people; the first of them near a border in every second organisation.
        for number in 0..(people / 150).min(6) {
            if number == 0 && chance.happens(0.5) {
                offices.push(named(chance.pick(&BORDERS).0));
            } else if chance.happens(0.6) {
                let same: Vec<&'static City> =
                    ordinary.iter().copied().filter(|city| city.country == main.country).collect();
                offices.push(chance.choose(&same));
            } else {
                offices.push(draw(chance));
            }
        }
        Self {
            vpn_exit: if chance.happens(0.5) { main } else { draw(chance) },
            offices,
            has_mfa: chance.happens(0.6),
            names_devices: chance.happens(0.4),
            is_verbose: chance.happens(0.5),
        }
    }

    /// Where somebody new lives, and the office they go to.
    pub(crate) fn settle(&self, chance: &mut Chance) -> (&'static City, Option<usize>) {
        let office = chance.weighted((0..self.offices.len()).map(|place| 1.0 / (place + 1) as f64));
        let city = self.offices[office];
        if chance.happens(0.22) {
            // Works from home, mostly in the same country.
            let home = |other: &&City| {
                other.is_ordinary() && (other.country == city.country || other.distance_to(city) < 2_500.0)
            };
            let homes: Vec<&'static City> = CITIES.iter().filter(home).collect();
            return (chance.choose(&homes), None);
        }
        let across = BORDERS.iter().find_map(|(one, other)| {
            if *one == city.name {
                Some(*other)
            } else if *other == city.name {
                Some(*one)
            } else {
                None
            }
        });
        match across {
            Some(other) if chance.happens(COMMUTERS) => (named(other), Some(office)),
            _ => (city, Some(office)),
        }
    }

    /// The cities in which providers of VPNs have exits.
    pub(crate) fn vpn_cities() -> Vec<&'static City> {
        [
            "Amsterdam",
            "Frankfurt",
            "London",
            "Paris",
            "Zurich",
            "Stockholm",
            "Bucharest",
            "Madrid",
            "Milan",
            "Warsaw",
            "New York",
            "Chicago",
            "Dallas",
            "San Francisco",
            "Miami",
            "Toronto",
            "Singapore",
            "Tokyo",
            "Hong Kong",
            "Sydney",
            "Sao Paulo",
            "Mumbai",
        ]
        .map(named)
        .to_vec()
    }
}
