//! How somebody is connected: at home, in the office, on the way, through a VPN.

use crate::lab::chance::Chance;
use crate::lab::tables::cities::{CITIES, City};
use crate::lab::tables::devices::Form;
use crate::lab::world::itinerary::{Trip, Whereabouts};
use crate::lab::world::network::{Kind, Networks, Source, hub};
use crate::lab::world::organization::Organization;
use crate::lab::world::person::{Device, Person};
use crate::lab::world::{DAY, HOUR};

/// Somebody with a device at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment<'a> {
    pub(crate) person: &'a Person,
    pub(crate) organization: &'a Organization,
    pub(crate) place: Whereabouts<'a>,
    pub(crate) device: &'a Device,
    pub(crate) at: i64,
    pub(crate) in_office: bool,
}

impl Moment<'_> {
    /// Where they truly are.
    pub(crate) fn city(&self) -> &'static City {
        match (self.place, self.person.office) {
            (Whereabouts::Home, Some(office)) if self.in_office => self.organization.offices[office],
            (Whereabouts::Home, _) | (Whereabouts::Flying, _) => self.person.home,
            (Whereabouts::Away(trip), _) => trip.to,
            (
                Whereabouts::Departing(city) | Whereabouts::Arriving(city) | Whereabouts::Driving(city, _),
                _,
            ) => city,
        }
    }

    /// The address they appear with.
    pub(crate) fn source(&self, networks: &mut Networks, chance: &mut Chance) -> Source {
        let is_phone = self.device.make.form == Form::Phone;
        if let Some(hidden) = self.hidden(networks, chance) {
            return hidden;
        }
        match self.place {
            Whereabouts::Home => match self.person.office {
                Some(office) if self.in_office && !(is_phone && chance.happens(0.5)) => {
                    let city = self.organization.offices[office];
                    networks.v4(Kind::Company, office as u8, city, 1 + chance.below(3) as u16)
                }
                _ if is_phone && chance.happens(0.4) => {
                    self.mobile(self.person.home.country, networks, chance)
                }
                _ => self.at_home(networks, chance),
            },
            Whereabouts::Away(trip) if is_phone && chance.happens(0.6) => {
                self.roaming(trip.to.country, networks, chance)
            }
            Whereabouts::Away(trip) => hotel(trip, networks),
            Whereabouts::Departing(city) | Whereabouts::Arriving(city) => {
                if is_phone {
                    self.roaming(city.country, networks, chance)
                } else {
                    networks.v4(Kind::Fixed, 0, city, 60_000 + chance.below(64) as u16)
                }
            }
            Whereabouts::Flying => {
                // The ground station of the operator, wherever the aeroplane is.
                let station = &CITIES[CITIES.iter().position(|city| city.name == "Denver").unwrap_or(0)];
                networks.v4(Kind::Inflight, 0, station, chance.below(4_000) as u16)
            }
            Whereabouts::Driving(from, to) => {
                let country = if chance.happens(0.5) { from.country } else { to.country };
                self.roaming(country, networks, chance)
            }
        }
    }

    /// Through something that hides where they are, if it is on.
    fn hidden(&self, networks: &mut Networks, chance: &mut Chance) -> Option<Source> {
        let is_computer = self.device.make.form == Form::Computer;
        let outside = !(self.in_office && matches!(self.place, Whereabouts::Home));
        if is_computer && outside && self.person.uses_company_vpn && chance.happens(0.3) {
            let exit = self.organization.vpn_exit;
            return Some(networks.v4(Kind::Company, 100, exit, 1 + chance.below(2) as u16));
        }
        if let Some(vpn) = &self.person.vpn
            && outside
            && chance.happens(if is_computer { vpn.habit } else { vpn.habit / 3.0 })
        {
            let exit = vpn.exits[chance.below(vpn.exits.len()).min(chance.below(vpn.exits.len()))];
            return Some(networks.v4(Kind::Vpn, vpn.provider, exit, chance.below(2_000) as u16));
        }
        let browser = self.device.make.family;
        if self.person.uses_relay && browser.ends_with("Safari") && outside && chance.happens(0.8) {
            let near = self.place.destination().unwrap_or(self.person.home);
            return Some(networks.v4(Kind::Relay, 0, near, chance.below(8_000) as u16));
        }
        None
    }

    fn at_home(&self, networks: &mut Networks, chance: &mut Chance) -> Source {
        let line = self.person.line;
        let home = self.person.home;
        if line.has_v6 && chance.happens(0.55) {
            return networks.v6(line.provider, home, line.subscriber, chance);
        }
        let lease = line.lease_days.map_or(0, |days| self.at.div_euclid(days * DAY));
        // A new address comes from the pool of the neighbourhood, seldom from another pool of the town.
        let moved = (lease.unsigned_abs().wrapping_mul(0x9e37_79b9) >> 7) as u16;
        let host = if moved.is_multiple_of(12) {
            line.subscriber.wrapping_add(moved)
        } else {
            line.subscriber & 0xffc0 | moved & 0x3f
        };
        networks.v4(Kind::Fixed, line.provider, home, if lease == 0 { line.subscriber } else { host })
    }

    /// Abroad, most phones go home before they go out.
    fn roaming(&self, country: &str, networks: &mut Networks, chance: &mut Chance) -> Source {
        let home = self.person.home.country;
        let shown = if country != home && chance.happens(0.35) { country } else { home };
        self.mobile(shown, networks, chance)
    }

    fn mobile(&self, country: &str, networks: &mut Networks, chance: &mut Chance) -> Source {
        let main = hub(country);
        let second = CITIES
            .iter()
            .filter(|city| city.country == country && city.name != main.name)
            .max_by(|one, other| one.weight.total_cmp(&other.weight));
        let gateway = match second {
            Some(second) if chance.happens(0.25) => second,
            Some(_) | None => main,
        };
        networks.v4(Kind::Mobile, self.person.carrier, gateway, (chance.next() >> 50) as u16)
    }
}

fn hotel(trip: &Trip, networks: &mut Networks) -> Source {
    networks.v4(Kind::Fixed, trip.provider, trip.to, trip.room)
}

/// How long after a wrong password somebody tries again.
pub(crate) fn second_thought(chance: &mut Chance) -> i64 {
    (chance.scale(4.0, 60.0) * 1_000.0) as i64
}

/// A time within so many hours.
pub(crate) fn within_hours(hours: f64, chance: &mut Chance) -> i64 {
    (chance.unit() * hours * HOUR as f64) as i64
}
