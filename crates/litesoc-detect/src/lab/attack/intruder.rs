//! Where attackers come from and what they carry.

use super::stage::Stage;
use crate::lab::tables::cities::{CITIES, City, SANCTIONED};
use crate::lab::tables::devices::{Form, MAKES, Make};
use crate::lab::world::network::{Kind, Networks, Source, VPNS};
use crate::lab::world::organization::Organization;
use crate::lab::world::person::Device;

impl Stage<'_> {
    /// An address of a kind in a city.
    pub(super) fn source(&mut self, kind: Kind, city: &'static City) -> Source {
        let operator = if kind == Kind::Vpn {
            self.chance.below(usize::from(VPNS)) as u8
        } else {
            Networks::provider(&mut self.chance)
        };
        let host = (self.chance.next() >> 48) as u16;
        self.world.networks.v4(kind, operator, city, host)
    }

    /// A line, a server or a hijacked device anywhere in the world, but in another country than this.
    pub(super) fn anywhere_but(&mut self, country: &str) -> (Source, &'static City) {
        let foreign = |city: &City| if city.country == country { 0.0 } else { city.weight };
        let city = &CITIES[self.chance.weighted(CITIES.iter().map(foreign))];
        let kind = match self.chance.unit() {
            lot if lot < 0.60 => Kind::Fixed,
            lot if lot < 0.80 => Kind::Hosting,
            lot if lot < 0.90 => Kind::Proxy,
            _ => Kind::Mobile,
        };
        (self.source(kind, city), city)
    }

    /// One of many addresses of a botnet, mostly devices in homes.
    pub(super) fn bot(&mut self) -> Source {
        let city = &CITIES[self.chance.weighted(CITIES.iter().map(|city| city.weight))];
        let kind = self.chance.choose(&[Kind::Fixed, Kind::Fixed, Kind::Fixed, Kind::Hosting, Kind::Proxy]);
        self.source(kind, city)
    }

    /// An exit of a VPN, in this country where there is one.
    pub(super) fn vpn_exit(&mut self, country: &str) -> (Source, &'static City) {
        let exits = Organization::vpn_cities();
        let near: Vec<&'static City> = exits.iter().copied().filter(|city| city.country == country).collect();
        let city = if near.is_empty() || self.chance.happens(0.3) {
            self.chance.choose(&exits)
        } else {
            self.chance.choose(&near)
        };
        let kind = if self.chance.happens(0.85) { Kind::Vpn } else { Kind::Hosting };
        (self.source(kind, city), city)
    }

    /// Another city of the country, where there is one.
    pub(super) fn compatriot(&mut self, home: &'static City) -> &'static City {
        let others: Vec<&'static City> =
            CITIES.iter().filter(|city| city.country == home.country && city.name != home.name).collect();
        if others.is_empty() { home } else { self.chance.choose(&others) }
    }

    pub(super) fn sanctioned(&mut self) -> &'static City {
        let cities: Vec<&'static City> =
            CITIES.iter().filter(|city| SANCTIONED.contains(&city.country)).collect();
        self.chance.choose(&cities)
    }

    /// A device as many have it.
    pub(super) fn any_device(&mut self) -> Device {
        let form = if self.chance.happens(0.75) { Form::Computer } else { Form::Phone };
        Device::new(form, 0, &mut self.chance)
    }

    /// A device of this make; its id is another, since nobody can know it.
    pub(super) fn device_of(&mut self, make: &'static Make) -> Device {
        Device::of(make, 0, &mut self.chance)
    }

    /// A computer whose system and browser this person has never used.
    pub(super) fn other_device(&mut self, person: usize) -> Device {
        let person = &self.world.people[person];
        let known: Vec<&str> =
            person.computers.iter().chain(&person.phones).map(|device| device.make.family).collect();
        let others: Vec<&'static Make> = MAKES.iter().filter(|make| !known.contains(&make.family)).collect();
        let make = others[self.chance.weighted(others.iter().map(|make| make.share))];
        Device::of(make, 0, &mut self.chance)
    }
}
