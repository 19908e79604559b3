//! What explains two sign-ins too far apart: carriers, ways out for people who are elsewhere, habit.

use std::cmp::Ordering;

use super::Occasion;
use super::impossible_travel::{SETTLED, is_impossible};
use crate::profile::actor::{Profile, Standing};
use crate::profile::anchor::Anchor;
use crate::profile::sighting::{Kind, Sighting};

/// Kilometres around a place in which a share of the organisation's accounts make it a common one; wider ones are countries.
const TOWN_KM: u16 = 200;

/// Whether a telephone on a carrier of a usual country, which goes out at home wherever it is, explains it: nothing else is new.
pub(crate) fn is_roaming(occasion: &Occasion<'_>, profile: &Profile, here: &Anchor, there: &Anchor) -> bool {
    let usual = |end: &Anchor| {
        let country = profile.seen.find(Kind::Country, end.country.into());
        end.mobile && country.is_some_and(Sighting::is_trusted)
    };
    let strange = occasion.device.is_strange() || profile.is_strange_device(there);
    let in_time = usual(here) || has_had_time(occasion, profile, here) != Some(false);
    profile.learned() >= SETTLED && !strange && in_time && (usual(here) || usual(there))
}

/// The end that shows another place than the user's, when habit explains the pair.
pub(crate) fn innocence(
    occasion: &Occasion<'_>,
    profile: &Profile,
    here: &Anchor,
    there: &Anchor,
) -> Option<Anchor> {
    let day = occasion.visit.day;
    let (knows_here, knows_there) =
        (profile.knows_place(here.spot, day), profile.knows_place(there.spot, day));
    let (common_here, common_there) = (is_common(occasion, here), is_common(occasion, there));
    if knows_here && knows_there {
        // Colleagues share an exit to the address; a town and a provider they share with a line at home too.
        return Some(match (here.shared, common_here).cmp(&(there.shared, common_there)) {
            Ordering::Greater => *here,
            Ordering::Less => *there,
            Ordering::Equal if profile.is_rarer(here.asn, there.asn) => *here,
            Ordering::Equal => *there,
        });
    }
    let (strange_is_common, other_is_common, other) =
        if knows_here { (common_there, common_here, here) } else { (common_here, common_there, there) };
    // A colleague who visits another office brings a device that is known; an attacker in its town does not.
    let stranger = if knows_here { profile.is_strange_device(there) } else { occasion.device.is_strange() };
    let far = if knows_here { there } else { here };
    if strange_is_common && far.shared && !(stranger && profile.learned() >= SETTLED) {
        return Some(*far);
    }
    // From the company's exit to somewhere new: an employee's first day at home, or the VPN just turned off by somebody who lives
    // elsewhere. Not so on a device that the account does not use, nor for those who live where the exit is.
    let remote = !profile.lives_near(other.spot) && !occasion.device.is_strange();
    let explained = other.shared && other_is_common && (remote || profile.learned() < SETTLED);
    explained.then_some(*other)
}

/// Whether a carrier's gateway explains it.
pub(crate) fn is_gateway(occasion: &Occasion<'_>, profile: &Profile, here: &Anchor, there: &Anchor) -> bool {
    let carrier = |end: &Anchor| {
        let known = profile.standing(Kind::Network, end.asn, occasion.visit.day, 20, 30);
        end.mobile && end.asn != 0 && known == Standing::Usual
    };
    if !here.mobile && !there.mobile {
        return false;
    }
    if here.country == there.country || carrier(here) {
        return true;
    }
    // Somebody who roams shows the gateway at home and a hotel's network abroad at the same time; the last fixed line tells.
    there.mobile && !occasion.device.is_strange() && has_had_time(occasion, profile, here) == Some(true)
}

/// Whether the account could have come here since it was last seen on a fixed line; `None` when it was on none in a day.
fn has_had_time(occasion: &Occasion<'_>, profile: &Profile, here: &Anchor) -> Option<bool> {
    let fixed = profile.anchors.latest_fixed(here)?;
    Some(!is_impossible(&occasion.scene.settings.travel, here, fixed))
}

/// Whether a good part of the organisation is there, on the same network.
fn is_common(occasion: &Occasion<'_>, end: &Anchor) -> bool {
    let settings = &occasion.scene.settings.travel;
    let everybody = occasion.organization;
    let common = |actors: u32| everybody.is_common(actors, settings.common_actors, settings.common_percent);
    let by_network = end.asn == 0 || common(everybody.networks.get(end.asn).actors);
    by_network
        && (common(everybody.actors_near(end.spot))
            || (end.radius_km > TOWN_KM && common(everybody.countries.get(end.country.into()).actors)))
}
