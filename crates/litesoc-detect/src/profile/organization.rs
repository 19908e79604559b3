//! [`OrganizationProfile`]: what is usual in an organisation, and what its places are called.

use hashbrown::HashMap;

use super::lesson::Taught;
use super::software::Software;
use super::spot::Spot;
use super::tally::Tally;
use super::visit::Visit;
use crate::record::{Field, Record};

/// Most countries, networks, places, addresses and user agents counted of one organisation.
const MAX_COUNTRIES: usize = 256;
const MAX_SOFTWARE: usize = 256;
const MAX_NETWORKS: usize = 2_048;
const MAX_OTHERS: usize = 4_096;
const DAY_SECONDS: u32 = 24 * 60 * 60;
/// Days in which an organisation is young.
const YOUNG_DAYS: u32 = 14;
/// Sign-ins from which on something is said of a whole network.
const FEW: u32 = 3;
/// Sign-ins, and accounts, from which on a network is known by the devices it serves.
const MANY: u32 = 20;
const SEVERAL: u32 = 3;
/// Places whose names are kept.
const MAX_NAMES: usize = 4_096;
/// Longest name of a place, in bytes.
const MAX_NAME: usize = 96;

/// What is usual in an organisation.
///
/// Two kinds of counts lie here: accounts for which a place, country or network is usual, which say what is normal for
/// everybody; and sign-ins with each value, which the risk score divides by.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationProfile {
    /// Accounts that have signed in.
    pub(crate) actors: u32,
    /// Seconds since 1970 of the first sign-in; 0 is none.
    since: u32,
    /// By cell of half a degree.
    pub(crate) places: Tally,
    pub(crate) countries: Tally,
    pub(crate) networks: Tally,
    pub(crate) addresses: Tally,
    pub(crate) agents: Tally,
    pub(crate) software: Tally,
    /// Sign-ins of networks that their data calls a carrier's.
    carriers: Tally,
    /// Sign-ins of networks that their data says hide the place.
    tunnels: Tally,
    /// Sign-ins of networks from a telephone.
    handsets: Tally,
    /// Sign-ins of shared addresses by accounts that live elsewhere.
    visitors: Tally,
    pub(crate) names: Names,
}

impl Default for OrganizationProfile {
    fn default() -> Self {
        Self {
            actors: 0,
            since: 0,
            places: Tally::new(MAX_OTHERS),
            countries: Tally::new(MAX_COUNTRIES),
            networks: Tally::new(MAX_NETWORKS),
            addresses: Tally::new(MAX_OTHERS),
            agents: Tally::new(MAX_OTHERS),
            software: Tally::new(MAX_SOFTWARE),
            carriers: Tally::new(MAX_NETWORKS),
            tunnels: Tally::new(MAX_NETWORKS),
            handsets: Tally::new(MAX_NETWORKS),
            visitors: Tally::new(MAX_NETWORKS),
            names: Names::default(),
        }
    }
}

impl OrganizationProfile {
    /// Whether so many accounts are a good part of the organisation's: at least `least`, and this percentage of it.
    pub(crate) fn is_common(&self, actors: u32, least: u32, percent: u32) -> bool {
        actors >= least && u64::from(actors) * 100 >= u64::from(percent) * u64::from(self.actors)
    }

    /// Whether its habits are hardly known: it was first seen within two weeks.
    pub(crate) fn is_young(&self, at: u32) -> bool {
        self.since == 0 || at.saturating_sub(self.since) < YOUNG_DAYS * DAY_SECONDS
    }

    /// Whether a network is a carrier's: most sign-ins from it are known to be, since no list knows all of its addresses, or it
    /// serves hardly anything but telephones, which no line of a house, a hotel or an office does.
    pub(crate) fn is_carrier(&self, asn: u32) -> bool {
        self.is_mostly(&self.carriers, asn) || self.serves_telephones(asn)
    }

    fn serves_telephones(&self, asn: u32) -> bool {
        let all = self.networks.get(asn);
        let by_phone = self.handsets.get(asn).logins;
        asn != 0
            && all.actors >= SEVERAL
            && by_phone >= MANY
            && u64::from(by_phone) * 10 >= u64::from(all.logins) * 9
    }

    /// Whether an address is a way out for people who are elsewhere: of the sign-ins from it, by several accounts, a quarter are
    /// by those who live far away. An office has visitors, but not so many.
    pub(crate) fn is_way_out(&self, address: u32) -> bool {
        let visitors = self.visitors.get(address);
        let all = self.addresses.get(address).logins;
        address != 0 && visitors.actors >= SEVERAL && u64::from(visitors.logins) * 4 >= u64::from(all)
    }

    /// Whether most sign-ins from a network are known to hide where they come from.
    pub(crate) fn is_tunnel(&self, asn: u32) -> bool {
        self.is_mostly(&self.tunnels, asn)
    }

    fn is_mostly(&self, flagged: &Tally, asn: u32) -> bool {
        let so = flagged.get(asn).logins;
        asn != 0 && so >= FEW && u64::from(so) * 2 > u64::from(self.networks.get(asn).logins)
    }

    /// Counts a sign-in that was learned from.
    pub(crate) fn learn(&mut self, visit: &Visit, taught: Taught, actor: u32) {
        self.actors = self.actors.saturating_add(u32::from(taught.first));
        self.since = if self.since == 0 { visit.at } else { self.since.min(visit.at) };
        let keys = [
            (&mut self.countries, visit.country.map(|country| u32::from(country.key()))),
            (&mut self.networks, Some(visit.asn).filter(|asn| *asn != 0)),
            (&mut self.addresses, Some(visit.address).filter(|address| *address != 0)),
            (&mut self.carriers, Some(visit.asn).filter(|asn| *asn != 0 && visit.is_mobile)),
            (&mut self.tunnels, Some(visit.asn).filter(|asn| *asn != 0 && visit.hides_place)),
            (&mut self.handsets, Some(visit.asn).filter(|asn| *asn != 0 && visit.is_by_telephone())),
            (&mut self.visitors, taught.visited),
            (&mut self.agents, Some(visit.agent).filter(|agent| *agent != 0)),
            (&mut self.software, visit.software.map(Software::key)),
        ];
        for (tally, key) in keys {
            if let Some(key) = key {
                tally.login(key);
            }
        }
        let usual = [
            (&mut self.places, taught.place.map(Spot::cell)),
            (&mut self.countries, taught.country),
            (&mut self.networks, taught.network),
            (&mut self.addresses, taught.address),
            (&mut self.visitors, taught.visited),
        ];
        for (tally, key) in usual {
            if let Some(key) = key {
                tally.actor(key, actor);
            }
        }
    }

    /// Accounts for which a place near this one is usual.
    pub(crate) fn actors_near(&self, spot: Spot) -> u32 {
        spot.cells_around().map(|cell| self.places.get(cell).actors).sum()
    }

    /// The share of sign-ins with software like this.
    pub(crate) fn software_share(&self, like: impl Fn(Software) -> bool) -> f64 {
        self.software.share_where(|key| like(Software::from_key(key)))
    }

    fn tallies(&self) -> [&Tally; 10] {
        [
            &self.places,
            &self.countries,
            &self.networks,
            &self.addresses,
            &self.agents,
            &self.software,
            &self.carriers,
            &self.tunnels,
            &self.handsets,
            &self.visitors,
        ]
    }
}

impl Record for OrganizationProfile {
    fn write(&self, out: &mut Vec<u8>) {
        self.actors.put(out);
        self.since.put(out);
        for tally in self.tallies() {
            tally.write(out);
        }
        self.names.write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Some(Self {
            actors: u32::take(input)?,
            since: u32::take(input)?,
            places: Tally::read(MAX_OTHERS, input)?,
            countries: Tally::read(MAX_COUNTRIES, input)?,
            networks: Tally::read(MAX_NETWORKS, input)?,
            addresses: Tally::read(MAX_OTHERS, input)?,
            agents: Tally::read(MAX_OTHERS, input)?,
            software: Tally::read(MAX_SOFTWARE, input)?,
            carriers: Tally::read(MAX_NETWORKS, input)?,
            tunnels: Tally::read(MAX_NETWORKS, input)?,
            handsets: Tally::read(MAX_NETWORKS, input)?,
            visitors: Tally::read(MAX_NETWORKS, input)?,
            names: Names::read(input)?,
        })
    }

    fn is_worth_keeping(&self) -> bool {
        self.actors > 0
    }
}

/// What places are called. A profile keeps points only; their names lie here once for all accounts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    names: Vec<(Spot, Box<str>)>,
    index: HashMap<Spot, u32>,
    hand: u32,
}

impl Names {
    pub(crate) fn get(&self, spot: Spot) -> Option<&str> {
        let place = self.index.get(&spot)?;
        self.names.get(*place as usize).map(|(_, name)| &**name)
    }

    /// Notes a name; when there are too many, the one noted longest ago goes.
    pub(crate) fn note(&mut self, spot: Spot, name: impl FnOnce() -> String) {
        if self.index.contains_key(&spot) {
            return;
        }
        let mut name = name();
        name.truncate(name.floor_char_boundary(MAX_NAME));
        let place = if self.names.len() < MAX_NAMES {
            self.names.push((spot, name.into()));
            self.names.len() - 1
        } else {
            let place = self.hand as usize % MAX_NAMES;
            self.hand = (self.hand + 1) % MAX_NAMES as u32;
            self.index.remove(&self.names[place].0);
            self.names[place] = (spot, name.into());
            place
        };
        self.index.insert(spot, place as u32);
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.hand.put(out);
        (self.names.len() as u32).put(out);
        for (spot, name) in &self.names {
            spot.key().put(out);
            name.put(out);
        }
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let mut names = Self { hand: u32::take(input)?, ..Self::default() };
        let length = u32::take(input)? as usize;
        if length > MAX_NAMES || names.hand as usize >= MAX_NAMES {
            return None;
        }
        for place in 0..length {
            let spot = Spot::from_key(u32::take(input)?);
            names.names.push((spot, Field::take(input)?));
            names.index.insert(spot, place as u32);
        }
        Some(names)
    }
}
