//! The risk score: how much better a sign-in fits anybody else than the account's owner.
//!
//! The score of Freeman, Jain, Dürmuth, Biggio and Giacinto (NDSS 2016) with the features and weights that Wiefling, Dürmuth and
//! Lo Iacono found to work in practice (ACM TOPS 2022): for the address and for the user agent, the chance of the value among all
//! sign-ins of the organisation, divided by its chance among those of the account; times the chance that an attack goes for this
//! account, divided by the chance that this account signs in.
//!
//! An address is itself (0.6), its network (0.3) and its country (0.1); a user agent is itself (0.54), its browser (0.27), its
//! system (0.19) and its kind of device (0.005). So somebody at home with a new address is nearly themselves, and somebody with
//! another browser version too. A feature of which the account has never shown anything is taken to be four times as likely
//! elsewhere. What an event does not say is left out.
//!
//! The number ranks: below 1 the owner is the more likely. It is no probability.

use super::actor::Profile;
use super::organization::OrganizationProfile;
use super::sighting::{Kind, Sighting};
use super::software::Software;
use super::visit::Visit;

/// How much likelier a value is elsewhere when the account has never shown anything like it.
const UNSEEN: f64 = 4.0;

/// One level of a feature: how often it is seen in the organisation and in the account.
#[derive(Clone, Copy, Debug)]
struct Level {
    weight: f64,
    everybody: f64,
    own: f64,
}

/// The score of a sign-in. `profile` is that of its account, when it is known.
pub(crate) fn score(visit: &Visit, profile: Option<&Profile>, organization: &OrganizationProfile) -> f64 {
    ratio(&address_levels(visit, profile, organization))
        * ratio(&agent_levels(visit, profile, organization))
        * account(profile, organization)
}

/// How likely an attack on the account is beside a sign-in of its owner. Attacks are taken to go for all accounts alike.
fn account(profile: Option<&Profile>, organization: &OrganizationProfile) -> f64 {
    let own = profile.map_or(0, Profile::learned).max(1);
    let all = organization.software.total().max(organization.addresses.total()).max(1);
    all as f64 / (f64::from(organization.actors.max(1)) * f64::from(own))
}

fn ratio(levels: &[Level]) -> f64 {
    let everybody: f64 = levels.iter().map(|level| level.weight * level.everybody).sum();
    let own: f64 = levels.iter().map(|level| level.weight * level.own).sum();
    match (levels.is_empty(), own > 0.0) {
        (true, _) => 1.0,
        (false, true) => everybody / own,
        (false, false) => UNSEEN,
    }
}

fn address_levels(
    visit: &Visit,
    profile: Option<&Profile>,
    organization: &OrganizationProfile,
) -> Vec<Level> {
    let mut levels = Vec::with_capacity(3);
    let mut add = |weight, kind, key, everybody| {
        levels.push(Level { weight, everybody, own: own_share(profile, kind, |known| known == key) });
    };
    if visit.address != 0 {
        add(0.6, Kind::Address, visit.address, organization.addresses.share(visit.address));
    }
    if visit.asn != 0 {
        add(0.3, Kind::Network, visit.asn, organization.networks.share(visit.asn));
    }
    if let Some(country) = visit.country {
        let key = u32::from(country.key());
        add(0.1, Kind::Country, key, organization.countries.share(key));
    }
    levels
}

fn agent_levels(visit: &Visit, profile: Option<&Profile>, organization: &OrganizationProfile) -> Vec<Level> {
    let Some(software) = visit.software else { return Vec::new() };
    let whole = Level {
        weight: 0.54,
        everybody: organization.agents.share(visit.agent),
        own: own_share(profile, Kind::Agent, |known| known == visit.agent),
    };
    let alike = |weight, like: fn(Software, Software) -> bool| Level {
        weight,
        everybody: organization.software_share(|known| like(known, software)),
        own: own_share(profile, Kind::Software, |known| like(Software::from_key(known), software)),
    };
    vec![
        whole,
        alike(0.27, Software::same_browser),
        alike(0.19, Software::same_system),
        alike(0.005, Software::same_form),
    ]
}

/// The share of the account's sign-ins with a value that fits.
fn own_share(profile: Option<&Profile>, kind: Kind, fits: impl Fn(u32) -> bool) -> f64 {
    let Some(profile) = profile else { return 0.0 };
    let (mut fitting, mut all) = (0_u32, 0_u32);
    for known in profile.seen.of_kind(kind) {
        let count = u32::from(Sighting::count(known));
        all += count;
        if fits(known.key()) {
            fitting += count;
        }
    }
    // What had to make room for newer values was seen too.
    let all = all.max(u32::from(profile.learned().min(u16::from(u8::MAX))));
    if all == 0 { 0.0 } else { f64::from(fitting) / f64::from(all) }
}
