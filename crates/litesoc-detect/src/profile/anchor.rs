//! [`Anchors`]: the last places an account was certainly at, by event time.

use uuid::Uuid;

use super::spot::Spot;
use crate::record::Field;

/// Places kept of one account.
const MAX_ANCHORS: usize = 3;
/// Seconds after which an anchor says nothing about where somebody can be.
pub(crate) const STALE: u32 = 24 * 60 * 60;
/// Points at most so far apart are the same place.
pub(crate) const SAME_PLACE_KM: f64 = 50.0;

/// A place an account was at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// Seconds since 1970.
    pub(crate) at: u32,
    pub(crate) event_id: Uuid,
    pub(crate) spot: Spot,
    pub(crate) radius_km: u16,
    /// Two letters; 0 is none.
    pub(crate) country: u16,
    /// The id of the device; 0 is none.
    pub(crate) device: u32,
    /// The number of the autonomous system; 0 is none.
    pub(crate) asn: u32,
    /// Browser and system, shortened.
    pub(crate) software: u16,
    /// Whether the place is that of a carrier's gateway.
    pub(crate) mobile: bool,
    /// Whether several accounts of the organisation sign in from the same address.
    pub(crate) shared: bool,
}

impl Anchor {
    fn order(&self) -> (u32, Uuid) {
        (self.at, self.event_id)
    }

    pub(crate) fn same_place(&self, other: &Self) -> bool {
        self.spot.is_within(other.spot, SAME_PLACE_KM)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.at.put(out);
        self.event_id.put(out);
        self.spot.key().put(out);
        self.radius_km.put(out);
        self.country.put(out);
        self.device.put(out);
        self.asn.put(out);
        self.software.put(out);
        self.mobile.put(out);
        self.shared.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Some(Self {
            at: u32::take(input)?,
            event_id: Uuid::take(input)?,
            spot: Spot::from_key(u32::take(input)?),
            radius_km: u16::take(input)?,
            country: u16::take(input)?,
            device: u32::take(input)?,
            asn: u32::take(input)?,
            software: u16::take(input)?,
            mobile: bool::take(input)?,
            shared: bool::take(input)?,
        })
    }
}

/// The last places an account was certainly at, by event time: a late event goes into its place among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anchors([Option<Anchor>; MAX_ANCHORS]);

impl Anchors {
    fn list(&self) -> impl DoubleEndedIterator<Item = &Anchor> {
        self.0.iter().flatten()
    }

    /// The one before this and the one after it, of those that count.
    pub(crate) fn neighbours(&self, here: &Anchor, counts: impl Fn(&Anchor) -> bool) -> [Option<&Anchor>; 2] {
        let before = self.list().rev().find(|known| known.order() <= here.order() && counts(known));
        let after = self.list().find(|known| known.order() > here.order() && counts(known));
        [before, after]
    }

    /// The one before an anchor.
    pub(crate) fn before(&self, there: &Anchor) -> Option<&Anchor> {
        self.list().rev().find(|known| known.order() < there.order())
    }

    /// The latest one that is no carrier's gateway, at most a day before this.
    pub(crate) fn latest_fixed(&self, here: &Anchor) -> Option<&Anchor> {
        let mut fixed = self.list().rev().filter(|known| !known.mobile && known.order() <= here.order());
        fixed.find(|known| here.at - known.at <= STALE)
    }

    /// Puts a place in its order. The first of several sign-ins at one place and the latest two are kept: those in between tell nothing new.
    pub(crate) fn insert(&mut self, here: Anchor) {
        let mut all: Vec<Anchor> = Vec::with_capacity(MAX_ANCHORS + 1);
        all.extend(self.list());
        // Gateways tell so little that one of them is enough.
        if here.mobile
            && let Some(place) = all.iter().position(|known| known.mobile)
        {
            if all[place].order() > here.order() {
                return;
            }
            all.remove(place);
        }
        let place = all.partition_point(|known| known.order() <= here.order());
        all.insert(place, here);
        if all.len() > MAX_ANCHORS {
            all.remove(superfluous(&all));
        }
        self.0 = [None; MAX_ANCHORS];
        for (slot, anchor) in self.0.iter_mut().zip(all) {
            *slot = Some(anchor);
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        u8::try_from(self.list().count()).unwrap_or(0).put(out);
        for anchor in self.list() {
            anchor.write(out);
        }
    }

    pub(crate) fn read(input: &mut &[u8]) -> Option<Self> {
        let mut anchors = Self::default();
        let count = usize::from(u8::take(input)?);
        for slot in anchors.0.get_mut(..count)? {
            *slot = Some(Anchor::read(input)?);
        }
        Some(anchors)
    }
}

/// Which of one too many goes.
fn superfluous(all: &[Anchor]) -> usize {
    let (first, last) = (all[0], all[all.len() - 1]);
    if last.at - first.at > STALE {
        return 0;
    }
    let middle =
        all.windows(3).position(|three| three[0].same_place(&three[1]) && three[1].same_place(&three[2]));
    middle.map_or(0, |place| place + 1)
}
