//! [`Sightings`]: what an account has been seen with, in a few slots of twelve bytes.

use super::spot::Spot;
use crate::record::Field;

/// Days since 1970 of an event's time.
pub(crate) type Day = u16;

/// Slots of one account: the quotas together.
const SLOTS: usize = 22;
/// Slots made at a time. Most accounts are only ever seen from a place or two, and need the first of them only.
const STEP: usize = 8;
/// Days within which a thing must have been seen on two of them to be usual beyond doubt.
pub(crate) const ESTABLISHED_DAYS: u16 = 30;
/// Days after which a thing nobody vouched for is told again.
const RETELL_DAYS: u16 = 7;

/// What kind of thing was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A point on the map; whatever lies near it is the same place.
    Place,
    /// A country, by its two letters.
    Country,
    /// An autonomous system, by its number.
    Network,
    /// A way to hide where one is: Tor, a data centre, a VPN.
    Hiding,
    /// A device, by the id its application gave it.
    Device,
    /// A browser family on a system.
    Software,
    /// An address, or the network of an IPv6 address.
    Address,
    /// A user agent to the letter.
    Agent,
}

const KINDS: [Kind; 8] = [
    Kind::Place,
    Kind::Country,
    Kind::Network,
    Kind::Hiding,
    Kind::Device,
    Kind::Software,
    Kind::Address,
    Kind::Agent,
];

impl Kind {
    /// Slots that no other kind can take. A kind can have more while others have not used theirs.
    const fn quota(self) -> usize {
        match self {
            Self::Place | Self::Network | Self::Device => 4,
            Self::Country => 3,
            Self::Software | Self::Address | Self::Agent => 2,
            Self::Hiding => 1,
        }
    }
}

/// One thing an account was seen with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    key: u32,
    /// The latest day; of an untrusted thing, the day when it was last told.
    last: Day,
    /// The number of the latest success with it; of a place, marks of the networks that showed it.
    ordinal: u16,
    /// Days between the latest day and the one before it; 0 when there is one day only. Of an untrusted thing, 1 from its
    /// second day on.
    gap: u8,
    /// Successes with it that were learned from; halved with its kind when it would overflow.
    count: u8,
    kind: Kind,
    trust: Trust,
}

/// How far a thing is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    /// Known by sight only, so that it is not told every time.
    Seen,
    /// Learned from a sign-in nothing was wrong with, or somebody said that it is safe.
    Usual,
    /// A place that is usual and was shown by an address that few others use: somebody is there, not only their VPN.
    Own,
}

impl Sighting {
    pub(crate) const fn key(&self) -> u32 {
        self.key
    }

    pub(crate) fn is_trusted(&self) -> bool {
        self.trust > Trust::Seen
    }

    pub(crate) const fn count(&self) -> u8 {
        self.count
    }

    /// Trusted, and seen on two days of the last thirty.
    pub(crate) fn is_established(&self, today: Day) -> bool {
        let ago = today.saturating_sub(self.last).saturating_add(u16::from(self.gap));
        self.is_trusted() && self.gap > 0 && ago <= ESTABLISHED_DAYS
    }

    /// Trusted, and seen in the last few successes or days.
    pub(crate) fn is_recent(&self, now: Now, logins: u16, days: u16) -> bool {
        self.is_trusted()
            && (now.ordinal.wrapping_sub(self.ordinal) <= logins || now.day.saturating_sub(self.last) <= days)
    }

    /// Untrusted, and told so lately that it need not be told again.
    pub(crate) fn is_told(&self, today: Day) -> bool {
        !self.is_trusted() && today.saturating_sub(self.last) < RETELL_DAYS
    }

    /// Untrusted, and met on an earlier day than this.
    pub(crate) fn is_from_before(&self, today: Day) -> bool {
        self.gap > 0 || today > self.last
    }

    /// Whether the account was probably seen at this place by this network: marks are few, and one network in twenty looks like
    /// another that was.
    fn is_shown_by(&self, network: u32) -> bool {
        let marks = marks(network);
        self.kind == Kind::Place && self.ordinal & marks == marks
    }

    /// Which goes first when room is needed: the untrusted, then the one not seen for longest.
    fn worth(&self) -> (bool, Day, u8, u32) {
        (self.is_trusted(), self.last, self.count, self.key)
    }
}

/// Two of sixteen bits by which a network is known again.
fn marks(network: u32) -> u16 {
    let mixed = network.wrapping_mul(0x9e37_79b9);
    1 << (mixed >> 28) | 1 << (mixed >> 24 & 15)
}

/// When something is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) day: Day,
    /// The number of this success of the account; wraps.
    pub(crate) ordinal: u16,
}

/// What became of a thing by learning it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    /// It was not usual before.
    New,
    /// It was.
    Known,
}

/// What an account has been seen with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sightings {
    slots: Vec<Sighting>,
}

const EMPTY: Sighting =
    Sighting { key: 0, last: 0, ordinal: 0, gap: 0, count: 0, kind: Kind::Place, trust: Trust::Seen };

impl Sightings {
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Sighting> {
        self.slots.iter().filter(move |known| known.kind == kind)
    }

    pub(crate) fn find(&self, kind: Kind, key: u32) -> Option<&Sighting> {
        self.of_kind(kind).find(|known| known.key == key)
    }

    /// The known place at most so far from here; a trusted one before others.
    pub(crate) fn near(&self, spot: Spot, kilometres: f64) -> Option<&Sighting> {
        let near = |known: &&Sighting| Spot::from_key(known.key).is_within(spot, kilometres);
        let places = || self.of_kind(Kind::Place);
        places()
            .find(|known| known.is_trusted() && near(known))
            .or_else(|| places().find(|known| !known.is_trusted() && near(known)))
    }

    /// Learns that a thing is usual. `vouched` is somebody's word, which counts like a second day.
    pub(crate) fn trust(&mut self, kind: Kind, key: u32, now: Now, vouched: bool) -> Learned {
        let place = self.place(kind, key, now.day);
        let known = &mut self.slots[place];
        let before = known.is_trusted();
        if now.day > known.last {
            known.gap = u8::try_from(now.day - known.last).unwrap_or(u8::MAX);
            known.last = now.day;
        } else if now.day < known.last {
            let gap = u8::try_from(known.last - now.day).unwrap_or(u8::MAX);
            known.gap = if known.gap == 0 { gap } else { known.gap.min(gap) };
        }
        if vouched {
            known.gap = known.gap.clamp(1, 15);
        }
        known.trust = known.trust.max(Trust::Usual);
        if kind != Kind::Place {
            known.ordinal = now.ordinal;
        }
        self.count(place);
        if before { Learned::Known } else { Learned::New }
    }

    /// Notes that somebody is really at this place.
    pub(crate) fn own(&mut self, place: u32) {
        let known = self.slots.iter_mut().find(|known| known.kind == Kind::Place && known.key == place);
        if let Some(known) = known.filter(|known| known.is_trusted()) {
            known.trust = Trust::Own;
        }
    }

    /// Notes that a network showed this place.
    pub(crate) fn mark(&mut self, place: u32, network: u32) {
        let known = self.slots.iter_mut().find(|known| known.kind == Kind::Place && known.key == place);
        if let Some(known) = known.filter(|known| known.is_trusted()) {
            known.ordinal |= marks(network);
        }
    }

    /// Whether this network has shown a trusted place at most so far from here.
    pub(crate) fn is_shown_near(&self, spot: Spot, kilometres: f64, network: u32) -> bool {
        let mut shown =
            self.of_kind(Kind::Place).filter(|known| known.is_trusted() && known.is_shown_by(network));
        shown.any(|known| Spot::from_key(known.key).is_within(spot, kilometres))
    }

    /// The places somebody really is at.
    pub(crate) fn own_places(&self) -> impl Iterator<Item = Spot> {
        let own = self.of_kind(Kind::Place).filter(|known| known.trust == Trust::Own);
        own.map(|known| Spot::from_key(known.key))
    }

    /// Remembers a thing by sight only.
    pub(crate) fn notice(&mut self, kind: Kind, key: u32, now: Now) {
        let place = self.place(kind, key, now.day);
        let known = &mut self.slots[place];
        if known.is_trusted() {
            return;
        }
        if kind != Kind::Place {
            known.ordinal = now.ordinal;
        }
        if now.day > known.last {
            known.gap = 1;
        }
        if !known.is_told(now.day) {
            known.last = now.day;
        }
    }

    fn count(&mut self, place: usize) {
        let slots = &mut self.slots;
        if slots[place].count == u8::MAX {
            let kind = slots[place].kind;
            for known in slots.iter_mut().filter(|known| known.kind == kind) {
                known.count /= 2;
            }
        }
        slots[place].count += 1;
    }

    /// The slot of a thing; a new one when it has none.
    fn place(&mut self, kind: Kind, key: u32, today: Day) -> usize {
        let known = self.slots.iter().position(|known| known.kind == kind && known.key == key);
        known.unwrap_or_else(|| {
            let new = Sighting { key, last: today, kind, ..EMPTY };
            if self.slots.len() < SLOTS {
                self.push(new);
                return self.slots.len() - 1;
            }
            let place = self.least(self.crowded(kind));
            self.slots[place] = new;
            place
        })
    }

    fn push(&mut self, new: Sighting) {
        if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact(STEP.min(SLOTS - self.slots.len()));
        }
        self.slots.push(new);
    }

    /// The kind that has to give up a slot for one of this kind.
    fn crowded(&self, wanting: Kind) -> Kind {
        let held = |kind: Kind| self.of_kind(kind).count();
        if held(wanting) >= wanting.quota() {
            return wanting;
        }
        let over = |kind: &Kind| held(*kind).saturating_sub(kind.quota());
        KINDS.into_iter().max_by_key(over).unwrap_or(wanting)
    }

    /// The slot of this kind worth least.
    fn least(&self, kind: Kind) -> usize {
        let slots = self.slots.iter().enumerate().filter(|(_, known)| known.kind == kind);
        slots.min_by_key(|(_, known)| known.worth()).map_or(0, |(place, _)| place)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        u8::try_from(self.slots.len()).unwrap_or(0).put(out);
        for known in &self.slots {
            known.key.put(out);
            known.last.put(out);
            known.ordinal.put(out);
            known.gap.put(out);
            known.count.put(out);
            (known.kind as u8 | (known.trust as u8) << 4).put(out);
        }
    }

    pub(crate) fn read(input: &mut &[u8]) -> Option<Self> {
        let count = usize::from(u8::take(input)?);
        if count > SLOTS {
            return None;
        }
        let mut sightings = Self::default();
        for _ in 0..count {
            let mut known = EMPTY;
            known.key = u32::take(input)?;
            known.last = u16::take(input)?;
            known.ordinal = u16::take(input)?;
            known.gap = u8::take(input)?;
            known.count = u8::take(input)?;
            let tag = u8::take(input)?;
            known.kind = *KINDS.get(usize::from(tag & 0x0f))?;
            known.trust = *[Trust::Seen, Trust::Usual, Trust::Own].get(usize::from(tag >> 4))?;
            sightings.push(known);
        }
        Some(sightings)
    }
}
