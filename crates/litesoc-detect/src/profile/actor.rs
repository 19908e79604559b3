//! [`Profile`]: what is usual for one account.

use super::anchor::{Anchor, Anchors, SAME_PLACE_KM};
use super::exit::{coarse, exit_of};
use super::lesson::{Taught, Verdict};
use super::sighting::{Day, Kind, Learned, Now, Sighting, Sightings};
use super::software::Software;
use super::spot::Spot;
use super::visit::Visit;
use crate::record::{Field, Record};

/// Days without a sign-in after which habits count as forgotten.
const IDLE_DAYS: u16 = 90;
/// Kilometres from home to work.
const HOME_KM: f64 = 150.0;
/// Seconds in which an impossible travel is not told again: less than a day, so that one a day is told every day.
const JOURNEY_SECONDS: u32 = 12 * 60 * 60;
/// Impossible travels remembered, so that coming back is not told again.
const MAX_JOURNEYS: usize = 2;
/// Networks remembered to be exits of a VPN.
const MAX_EXITS: usize = 2;
/// How far from where it was noted an exit is the same.
const EXIT_KM: f64 = 200.0;
/// Device ids seen once each from which on ids are believed to be made anew for every session.
const UNSTABLE_DEVICES: usize = 4;

/// How a thing stands with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The event does not say.
    Unsaid,
    /// Learned, and seen lately.
    Usual,
    /// Not learned, and told lately.
    Told,
    /// Never seen, or long ago, or not told for a week.
    New,
}

impl Standing {
    /// Whether nobody has vouched for it.
    pub(crate) const fn is_strange(self) -> bool {
        matches!(self, Self::Told | Self::New)
    }
}

/// An impossible travel that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Journey {
    one: Spot,
    other: Spot,
    at: u32,
    rank: u8,
}

/// What is usual for one account, in about 320 bytes, or 500 when it is seen from many places.
///
/// Attackers who sign in must not teach it: see [`learn`](Self::learn).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The day from which on habits are learned.
    since: Day,
    /// The latest day with a sign-in.
    last: Day,
    /// The number of the latest success; wraps.
    ordinal: u16,
    /// Successes learned from.
    learned: u16,
    /// Whether the organisation has counted it.
    counted: bool,
    pub(crate) seen: Sightings,
    pub(crate) anchors: Anchors,
    journeys: [Option<Journey>; MAX_JOURNEYS],
    /// Networks, and where they showed the account, while it was somewhere else: exits of VPNs that no list knows. 0 is none.
    exits: [u32; MAX_EXITS],
}

// One million of them, each with its sightings, are to fit beside everything else into 700 MB.
const _: () = assert!(size_of::<Profile>() <= 208);

impl Profile {
    /// The profile of an account first seen on this day.
    pub(crate) fn new(day: Day) -> Self {
        Self {
            since: day,
            last: day,
            ordinal: 0,
            learned: 0,
            counted: false,
            seen: Sightings::default(),
            anchors: Anchors::default(),
            journeys: [None; MAX_JOURNEYS],
            exits: [0; MAX_EXITS],
        }
    }

    pub(crate) fn now(&self, day: Day) -> Now {
        Now { day, ordinal: self.ordinal.wrapping_add(1) }
    }

    /// Successes learned from since habits are learned.
    pub(crate) const fn learned(&self) -> u16 {
        self.learned
    }

    /// Days since habits are learned.
    pub(crate) const fn age(&self, today: Day) -> u16 {
        today.saturating_sub(self.since)
    }

    /// Days since the latest sign-in.
    pub(crate) const fn idle(&self, today: Day) -> u16 {
        today.saturating_sub(self.last)
    }

    /// Whether it has not been seen for so long that habits must be learned anew.
    pub(crate) const fn is_dormant(&self, today: Day) -> bool {
        self.idle(today) > IDLE_DAYS
    }

    /// How a thing stands, usual when seen in the last few successes or days.
    pub(crate) fn standing(&self, kind: Kind, key: u32, day: Day, logins: u16, days: u16) -> Standing {
        match self.seen.find(kind, key) {
            Some(known) if known.is_recent(self.now(day), logins, days) => Standing::Usual,
            Some(known) if known.is_told(day) => Standing::Told,
            Some(_) | None => Standing::New,
        }
    }

    /// What tells this device from others: its id, else its software.
    pub(crate) fn device_of(&self, visit: &Visit) -> Option<(Kind, u32)> {
        let by_software = visit.software.map(|software| (Kind::Software, software.key()));
        if visit.device == 0 || (by_software.is_some() && self.ids_are_unstable(visit.device)) {
            return by_software;
        }
        Some((Kind::Device, visit.device))
    }

    /// Whether the application gives out a new id in every session, so that ids tell nothing.
    fn ids_are_unstable(&self, device: u32) -> bool {
        let mut ids = 0;
        for known in self.seen.of_kind(Kind::Device) {
            if known.count() > 1 || known.key() == device {
                return false;
            }
            ids += 1;
        }
        ids >= UNSTABLE_DEVICES
    }

    /// Whether a place near this one is established.
    pub(crate) fn knows_place(&self, spot: Spot, today: Day) -> bool {
        let mut places = self.seen.of_kind(Kind::Place);
        places.any(|known| {
            known.is_established(today) && Spot::from_key(known.key()).is_within(spot, SAME_PLACE_KM)
        })
    }

    /// Whether the account has been seen near this place by an address of its own, and so is really there at times.
    pub(crate) fn lives_near(&self, spot: Spot) -> bool {
        self.seen.own_places().any(|place| place.is_within(spot, HOME_KM))
    }

    /// Whether a trusted place lies at most so far from this one.
    pub(crate) fn is_near_trusted(&self, spot: Spot, kilometres: f64) -> bool {
        self.seen.near(spot, kilometres).is_some_and(Sighting::is_trusted)
    }

    /// Whether travel between these two places was told within twelve hours, at least as severely.
    pub(crate) fn has_told(&self, here: &Anchor, there: &Anchor, rank: u8) -> bool {
        let near = |one: Spot, other: Spot| one.is_within(other, SAME_PLACE_KM);
        self.journeys.iter().flatten().any(|told| {
            let same = (near(told.one, here.spot) && near(told.other, there.spot))
                || (near(told.one, there.spot) && near(told.other, here.spot));
            same && told.rank >= rank && told.at.abs_diff(here.at) <= JOURNEY_SECONDS
        })
    }

    /// Remembers that travel between these two places was told.
    pub(crate) fn tell(&mut self, here: &Anchor, there: &Anchor, rank: u8) {
        let journey = Journey { one: here.spot, other: there.spot, at: here.at, rank };
        self.journeys.rotate_right(1);
        self.journeys[0] = Some(journey);
    }

    /// Whether the account was somewhere else while this network showed it here.
    ///
    /// The network alone does not tell: a company's offices and the exit of its VPN are one network in many places.
    pub(crate) fn is_exit(&self, asn: u32, spot: Spot) -> bool {
        let here =
            |exit: &u32| *exit >> 16 == exit_of(asn, spot) >> 16 && coarse(*exit).is_within(spot, EXIT_KM);
        asn != 0 && self.exits.iter().any(here)
    }

    /// Remembers that a network at a place says nothing about where the account is.
    pub(crate) fn note_exit(&mut self, exit: &Anchor) {
        if exit.asn != 0 && !self.is_exit(exit.asn, exit.spot) {
            self.exits.rotate_right(1);
            self.exits[0] = exit_of(exit.asn, exit.spot);
        }
    }

    /// Whether the account uses one network less than another.
    pub(crate) fn is_rarer(&self, one: u32, other: u32) -> bool {
        let count = |asn| self.seen.find(Kind::Network, asn).map_or(0, Sighting::count);
        count(one) < count(other)
    }

    /// Whether software with this short number is usual.
    pub(crate) fn uses_software(&self, short: u16) -> bool {
        let mut known = self.seen.of_kind(Kind::Software).filter(|known| known.is_trusted());
        short != 0 && known.any(|known| Software::from_key(known.key()).short() == short)
    }

    /// Whether a sign-in showed a device that is not usual.
    pub(crate) fn is_strange_device(&self, there: &Anchor) -> bool {
        if there.device != 0 && !self.ids_are_unstable(there.device) {
            return !self.seen.find(Kind::Device, there.device).is_some_and(Sighting::is_trusted);
        }
        there.software != 0 && !self.uses_software(there.software)
    }

    /// Learns from a sign-in.
    ///
    /// A suspicious one is remembered by sight only. So is a clean one that shows anything known by sight only: the second
    /// sign-in of an intruder raises no alert and must not be believed for that. What is known by sight becomes usual when
    /// something usual vouches for it: the id of a usual device, on a later day, or a usual place with usual network or software.
    pub(crate) fn learn(&mut self, visit: &Visit, verdict: Verdict, alarmed: bool) -> Taught {
        if self.is_dormant(visit.day) {
            (self.since, self.learned) = (visit.day, 0);
        }
        let now = self.now(visit.day);
        let trusts = match verdict {
            Verdict::Safe => true,
            Verdict::Suspicious => false,
            Verdict::Clean => !(alarmed || self.is_linked(visit)) || self.is_vouched(visit),
        };
        let mut taught = Taught {
            learned: trusts,
            first: trusts && !self.counted,
            visited: (trusts && self.visits(visit)).then_some(visit.address),
            ..Taught::default()
        };
        for (kind, key) in self.things(visit) {
            if !trusts {
                self.seen.notice(kind, key, now);
                continue;
            }
            let learned = self.seen.trust(kind, key, now, verdict == Verdict::Safe);
            if kind == Kind::Place {
                self.seen.mark(key, visit.asn);
            }
            if kind == Kind::Place
                && !(visit.is_shared || visit.is_mobile || visit.is_of_carrier)
                && !visit.whereabouts.is_some_and(|here| self.is_exit(visit.asn, here.spot))
            {
                self.seen.own(key);
            }
            if learned == Learned::New {
                match kind {
                    Kind::Place => taught.place = Some(Spot::from_key(key)),
                    Kind::Country => taught.country = Some(key),
                    Kind::Network => taught.network = Some(key),
                    Kind::Address => taught.address = Some(key),
                    Kind::Hiding | Kind::Device | Kind::Software | Kind::Agent => {}
                }
            }
        }
        if let Some(here) =
            visit.anchor().filter(|here| verdict != Verdict::Safe && !self.is_exit(here.asn, here.spot))
        {
            self.anchors.insert(here);
        }
        if trusts {
            self.learned = self.learned.saturating_add(1);
            self.counted = true;
        }
        self.ordinal = now.ordinal;
        self.last = self.last.max(visit.day);
        taught
    }

    /// What a sign-in shows, as sightings.
    fn things(&self, visit: &Visit) -> impl Iterator<Item = (Kind, u32)> + use<> {
        let some = |kind: Kind, key: u32| (key != 0).then_some((kind, key));
        let place = visit
            .whereabouts
            .filter(|here| here.exact && !(visit.hides_place || visit.is_of_tunnel))
            .map(|here| {
                let near = self.seen.near(here.spot, SAME_PLACE_KM);
                (Kind::Place, near.map_or_else(|| here.spot.key(), Sighting::key))
            });
        [
            place,
            visit.country.map(|country| (Kind::Country, u32::from(country.key()))),
            some(Kind::Network, visit.asn),
            visit.hiding.map(|way| (Kind::Hiding, way.key())),
            some(Kind::Device, visit.device),
            visit.software.map(|software| (Kind::Software, software.key())),
            some(Kind::Address, visit.address),
            some(Kind::Agent, visit.agent),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether it comes from an address that others share, where the account does not live.
    fn visits(&self, visit: &Visit) -> bool {
        let here = visit.whereabouts.filter(|here| here.exact && visit.is_shared);
        here.is_some_and(|here| self.seen.own_places().next().is_some() && !self.lives_near(here.spot))
    }

    fn untrusted(&self, visit: &Visit) -> impl Iterator<Item = &Sighting> {
        let found = self.things(visit).filter(|(kind, _)| *kind != Kind::Agent);
        found.filter_map(|(kind, key)| self.seen.find(kind, key)).filter(|known| !known.is_trusted())
    }

    /// Whether it shows something that is known by sight only.
    fn is_linked(&self, visit: &Visit) -> bool {
        self.untrusted(visit).next().is_some()
    }

    /// Whether something usual vouches for it.
    fn is_vouched(&self, visit: &Visit) -> bool {
        let trusts = |kind, key| self.seen.find(kind, key).is_some_and(Sighting::is_trusted);
        let by_device = trusts(Kind::Device, visit.device)
            && self.untrusted(visit).all(|known| known.is_from_before(visit.day));
        let network = trusts(Kind::Network, visit.asn);
        let software = visit.software.is_some_and(|software| trusts(Kind::Software, software.key()));
        let by_place = match (visit.whereabouts.filter(|here| here.exact), visit.country) {
            _ if visit.hides_place => false,
            (Some(here), _) => self.is_near_trusted(here.spot, SAME_PLACE_KM) && (network || software),
            (None, Some(country)) => trusts(Kind::Country, country.key().into()) && network && software,
            (None, None) => network && software,
        };
        by_device || by_place
    }
}

impl Record for Profile {
    fn write(&self, out: &mut Vec<u8>) {
        for number in [self.since, self.last, self.ordinal, self.learned] {
            number.put(out);
        }
        self.counted.put(out);
        self.seen.write(out);
        self.anchors.write(out);
        self.exits.put(out);
        (self.journeys.iter().flatten().count() as u8).put(out);
        for journey in self.journeys.iter().flatten() {
            journey.one.key().put(out);
            journey.other.key().put(out);
            journey.at.put(out);
            journey.rank.put(out);
        }
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let mut profile = Self {
            since: u16::take(input)?,
            last: u16::take(input)?,
            ordinal: u16::take(input)?,
            learned: u16::take(input)?,
            counted: bool::take(input)?,
            seen: Sightings::read(input)?,
            anchors: Anchors::read(input)?,
            journeys: [None; MAX_JOURNEYS],
            exits: Field::take(input)?,
        };
        let count = usize::from(u8::take(input)?);
        for slot in profile.journeys.get_mut(..count)? {
            *slot = Some(Journey {
                one: Spot::from_key(u32::take(input)?),
                other: Spot::from_key(u32::take(input)?),
                at: u32::take(input)?,
                rank: u8::take(input)?,
            });
        }
        Some(profile)
    }

    /// An account that has signed in once may be an invention; one that has come back is not.
    fn is_worth_keeping(&self) -> bool {
        self.learned > 1
    }
}
