//! [`Intruder`]: where attackers come from and what they carry.

use crate::lab::chance::Chance;
use crate::lab::tables::cities::{CITIES, City};
use crate::lab::tables::devices::{Form, MAKES, Make};
use crate::lab::world::network::{Kind, Networks, Source, VPNS};
use crate::lab::world::organization::Organization;
use crate::lab::world::person::{Device, Person};

/// How much an attacker with a stolen password knows of its owner: the models of Wiefling, Dürmuth and Lo Iacono.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// Nothing: any address of the world but in another country, any browser.
    Naive,
    /// The country, and has a VPN.
    Vpn,
    /// The country, and has a line in it.
    Targeted,
    /// The city, the system and the browser.
    VeryTargeted,
}

impl Model {
    pub(crate) const ALL: [Self; 4] = [Self::Naive, Self::Vpn, Self::Targeted, Self::VeryTargeted];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Vpn => "vpn",
            Self::Targeted => "targeted",
            Self::VeryTargeted => "very_targeted",
        }
    }
}

/// With what an attacker appears.
#[derive(Debug)]
pub(crate) struct Guise {
    pub(crate) source: Source,
    pub(crate) city: &'static City,
    pub(crate) device: Device,
}

/// An attacker about to choose an address and a device.
#[derive(Debug)]
pub(crate) struct Intruder<'a> {
    pub(crate) networks: &'a mut Networks,
    pub(crate) chance: &'a mut Chance,
}

impl Intruder<'_> {
    /// An address and a device as this attacker has them; `owner` last used a device of this make.
    pub(crate) fn guise(&mut self, model: Model, owner: &Person, make: &'static Make) -> Guise {
        let (source, city) = match model {
            Model::Naive => self.anywhere_but(owner.home.country),
            Model::Vpn => self.vpn_exit(owner.home.country),
            Model::Targeted => {
                let city = self.compatriot(owner.home);
                (self.source(Kind::Fixed, city), city)
            }
            Model::VeryTargeted => {
                let same = self.chance.happens(0.5);
                let provider = if same { owner.line.provider } else { Networks::provider(self.chance) };
                let host = (self.chance.next() >> 48) as u16;
                (self.networks.v4(Kind::Fixed, provider, owner.home, host), owner.home)
            }
        };
        let device =
            if model == Model::VeryTargeted { Device::of(make, 0, self.chance) } else { self.any_device() };
        Guise { source, city, device }
    }

    /// An address of a kind in a city.
    pub(crate) fn source(&mut self, kind: Kind, city: &'static City) -> Source {
        let operator = if kind == Kind::Vpn {
            self.chance.below(usize::from(VPNS)) as u8
        } else {
            Networks::provider(self.chance)
        };
        let host = (self.chance.next() >> 48) as u16;
        self.networks.v4(kind, operator, city, host)
    }

    /// A line, a server or a hijacked device anywhere in the world, but in another country than this.
    pub(crate) fn anywhere_but(&mut self, country: &str) -> (Source, &'static City) {
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
    pub(crate) fn bot(&mut self) -> Source {
        let city = &CITIES[self.chance.weighted(CITIES.iter().map(|city| city.weight))];
        let kind = self.chance.choose(&[Kind::Fixed, Kind::Fixed, Kind::Fixed, Kind::Hosting, Kind::Proxy]);
        self.source(kind, city)
    }

    /// An exit of a VPN, in this country where there is one.
    pub(crate) fn vpn_exit(&mut self, country: &str) -> (Source, &'static City) {
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
    fn compatriot(&mut self, home: &'static City) -> &'static City {
        let is_other = |city: &&City| city.country == home.country && city.name != home.name;
        let others: Vec<&'static City> = CITIES.iter().filter(is_other).collect();
        if others.is_empty() { home } else { self.chance.choose(&others) }
    }

    /// A device as many have it.
    pub(crate) fn any_device(&mut self) -> Device {
        let form = if self.chance.happens(0.75) { Form::Computer } else { Form::Phone };
        Device::new(form, 0, self.chance)
    }

    /// A device of this make; its id is another, since nobody can know it.
    pub(crate) fn device_of(&mut self, make: &'static Make) -> Device {
        Device::of(make, 0, self.chance)
    }

    /// A device whose system and browser this person has never used.
    pub(crate) fn other_device(&mut self, person: &Person) -> Device {
        let known: Vec<&str> =
            person.computers.iter().chain(&person.phones).map(|device| device.make.family).collect();
        let others: Vec<&'static Make> = MAKES.iter().filter(|make| !known.contains(&make.family)).collect();
        let make = others[self.chance.weighted(others.iter().map(|make| make.share))];
        Device::of(make, 0, self.chance)
    }
}
