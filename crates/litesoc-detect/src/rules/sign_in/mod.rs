//! [`SignIn`]: the rules about who signs in, from where and with what, and the profiles they learn.

mod excuse;
mod geo_anomaly;
mod high_risk_country;
mod impossible_travel;
mod new_device;
mod suspicious_network;
mod words;

use std::io;
use std::time::Duration;

use litesoc_events::EventType;

pub use self::geo_anomaly::GeoAnomaly;
pub use self::high_risk_country::HighRiskCountry;
pub use self::impossible_travel::Travel;
use self::impossible_travel::{Grade, Journey, Outcome};
pub use self::new_device::NewDevice;
pub use self::suspicious_network::SuspiciousNetwork;
use crate::finding::{Found, Signal, SignalKind};
use crate::key::Key;
use crate::profile::actor::{Profile, Standing};
use crate::profile::lesson::{Taught, Verdict};
use crate::profile::organization::OrganizationProfile;
use crate::profile::risk;
use crate::profile::sighting::Kind;
use crate::profile::visit::{Hiding, Visit};
use crate::scene::{Family, Scene};
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::table::Table;
use crate::{Capacity, RestoreError};

/// The number of the profiles among the tables of the spill.
const PROFILES: u8 = 16;
/// How long after an impossible travel or a brute force that succeeded nothing strange is learned from the account.
const ALARM: Duration = Duration::from_secs(24 * 60 * 60);
/// Successes and days within which a network is usual for an account.
const NETWORK_LOGINS: u16 = 20;
const NETWORK_DAYS: u16 = 30;

/// The rules about who signs in, from where and with what.
#[derive(Debug)]
pub(crate) struct SignIn {
    profiles: Table<Profile>,
    organizations: Table<OrganizationProfile>,
    /// Stands in for an organisation not seen before.
    nobody: OrganizationProfile,
    /// The sign-in at hand, worked out by `examine` for `learn`, which always follows it.
    latest: Option<Visit>,
}

/// What an attempt shows of the owner of its account, beside a usual device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// A usual network.
    Network,
    /// A usual country, which is that of a good part of all attackers.
    Country,
}

/// A sign-in with what is known of its account and its organisation.
#[derive(Debug)]
pub(crate) struct Occasion<'a> {
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) visit: &'a Visit,
    pub(crate) profile: Option<&'a Profile>,
    pub(crate) organization: &'a OrganizationProfile,
    pub(crate) device: Standing,
    pub(crate) country: Standing,
    pub(crate) network: Standing,
}

impl<'a> Occasion<'a> {
    fn new(
        scene: &'a Scene<'a>,
        visit: &'a Visit,
        profile: Option<&'a Profile>,
        organization: &'a OrganizationProfile,
    ) -> Self {
        let (geo, device) = (&scene.settings.geo_anomaly, &scene.settings.new_device);
        let standing = |found: Option<(Kind, u32)>, logins, days| match (found, profile) {
            (None, _) => Standing::Unsaid,
            (Some(_), None) => Standing::New,
            (Some((kind, key)), Some(profile)) => profile.standing(kind, key, visit.day, logins, days),
        };
        let country = visit.country.map(|country| (Kind::Country, u32::from(country.key())));
        let network = (visit.asn != 0).then_some((Kind::Network, visit.asn));
        let thing = match profile {
            Some(profile) => profile.device_of(visit),
            None => (visit.device != 0 || visit.software.is_some()).then_some((Kind::Device, visit.device)),
        };
        Self {
            scene,
            visit,
            profile,
            organization,
            device: standing(thing, device.logins, device.days),
            country: standing(country, geo.logins, geo.days),
            network: standing(network, NETWORK_LOGINS, NETWORK_DAYS),
        }
    }

    /// Whether the account showed a signal so long before the event.
    pub(crate) fn had(&self, kind: SignalKind, within: Duration) -> bool {
        had(self.scene, kind, within)
    }

    fn signal(&self, found: &mut Found, kind: SignalKind, weight: u8) {
        let seen = self.scene.seen;
        found.signals.push(Signal { kind, at: seen.at, event_id: seen.event_id, weight });
    }

    /// What the sign-in adds to the risk of the hour, whether or not a rule speaks of it.
    fn signals(&self, journey: Option<&Journey>, found: &mut Found) {
        if self.visit.is_allowed {
            return;
        }
        if new_device::is_settled(self) {
            if self.device.is_strange() {
                self.signal(found, SignalKind::NewDevice, 15);
            }
            if self.country.is_strange() {
                let own =
                    self.profile.is_some_and(|profile| words::is_own_device(profile, self.visit.device));
                self.signal(found, SignalKind::NewCountry, if own { 10 } else { 25 });
            }
            if self.network.is_strange() {
                self.signal(found, SignalKind::NewNetwork, 10);
            }
        }
        if suspicious_network::standing(self).is_strange() {
            let weight = match self.visit.hiding {
                Some(Hiding::Tor) => 40,
                Some(Hiding::Proxy) => 25,
                Some(Hiding::Datacenter) => 20,
                Some(Hiding::Vpn) | None => 10,
            };
            self.signal(found, SignalKind::HiddenNetwork, weight);
        }
        if journey.is_some_and(|journey| journey.severity > Grade::Low) {
            self.signal(found, SignalKind::ImpossibleTravel, 45);
        }
    }
}

fn had(scene: &Scene<'_>, kind: SignalKind, within: Duration) -> bool {
    let at = scene.seen.at;
    let since = at.checked_sub(within).unwrap_or(at);
    scene.latest(kind, since).is_some_and(|signal| signal.at <= at)
}

impl SignIn {
    pub(crate) fn new(capacity: &Capacity) -> Self {
        Self {
            profiles: Table::new(capacity.actors, Shelf::default()),
            organizations: Table::new(capacity.organizations, Shelf::default()),
            nobody: OrganizationProfile::default(),
            latest: None,
        }
    }

    /// Accounts with a profile.
    pub(crate) fn len(&self) -> usize {
        self.profiles.len()
    }

    pub(crate) fn knows(&self, actor: Key) -> bool {
        self.profiles.contains(actor)
    }

    /// How much better a sign-in fits anybody else than its account; `None` for other events and those without account.
    pub(crate) fn risk(&self, scene: &Scene<'_>) -> Option<f64> {
        let actor = scene.actor.filter(|_| is_sign_in(scene))?;
        let organization = self.organizations.get(scene.organization).unwrap_or(&self.nobody);
        Some(risk::score(&Visit::of(scene), self.profiles.get(actor), organization))
    }

    fn visit(&self, scene: &Scene<'_>) -> Visit {
        let mut visit = Visit::of(scene);
        if let Some(everybody) = self.organizations.get(scene.organization) {
            let least = scene.settings.travel.common_actors;
            visit.is_shared = visit.address != 0 && everybody.addresses.get(visit.address).actors >= least;
            visit.is_of_carrier = everybody.is_carrier(visit.asn);
            visit.is_of_tunnel = everybody.is_tunnel(visit.asn) || everybody.is_way_out(visit.address);
        }
        visit
    }

    /// What a sign-in, or an attempt at one, shows of the owner of its account beside a usual device, if it shows one.
    pub(crate) fn likeness(&self, scene: &Scene<'_>) -> Option<Likeness> {
        let profile = scene.actor.and_then(|actor| self.profiles.get(actor))?;
        let visit = self.visit(scene);
        let organization = self.organizations.get(scene.organization).unwrap_or(&self.nobody);
        let occasion = Occasion::new(scene, &visit, Some(profile), organization);
        if visit.hiding.is_some() || occasion.device != Standing::Usual {
            None
        } else if occasion.network == Standing::Usual {
            Some(Likeness::Network)
        } else {
            (occasion.country == Standing::Usual).then_some(Likeness::Country)
        }
    }

    fn teach(&mut self, scene: &Scene<'_>, visit: &Visit, taught: Taught, actor: u32) {
        let place = scene.seen.enrichment.and_then(|known| known.place.as_ref());
        self.organizations.update(
            scene.organization,
            scene.organization,
            OrganizationProfile::default,
            |known| {
                if let (Some(anchor), Some(place)) = (visit.anchor(), place) {
                    known.names.note(anchor.spot, || words::place_name(place).unwrap_or_default());
                }
                if taught.learned {
                    known.learn(visit, taught, actor);
                }
            },
        );
    }

    fn remember(&mut self, scene: &Scene<'_>, verdict: Verdict) {
        let Some(actor) = scene.actor.filter(|_| is_sign_in(scene)) else { return };
        let examined = self
            .latest
            .take()
            .filter(|visit| verdict != Verdict::Safe && visit.event_id == scene.seen.event_id);
        let visit = examined.unwrap_or_else(|| self.visit(scene));
        let alarmed =
            had(scene, SignalKind::ImpossibleTravel, ALARM) || had(scene, SignalKind::BruteForced, ALARM);
        let taught = self.profiles.update(
            scene.organization,
            actor,
            || Profile::new(visit.day),
            |profile| profile.learn(&visit, verdict, alarmed),
        );
        self.teach(scene, &visit, taught, actor.hash() as u32);
    }
}

fn is_sign_in(scene: &Scene<'_>) -> bool {
    *scene.seen.event == EventType::AUTH_LOGIN_SUCCESS
}

impl Family for SignIn {
    fn examine(&mut self, scene: &Scene<'_>, found: &mut Found) {
        let Some(actor) = scene.actor.filter(|_| is_sign_in(scene)) else { return };
        self.profiles.recall(scene.organization, actor);
        let visit = self.visit(scene);
        let organization = self.organizations.get(scene.organization).unwrap_or(&self.nobody);
        let occasion = Occasion::new(scene, &visit, self.profiles.get(actor), organization);
        let outcome = Journey::of(&occasion);
        let journey = match &outcome {
            Some(Outcome::Told(journey)) => Some(journey),
            Some(Outcome::Exit(_)) | None => None,
        };
        occasion.signals(journey, found);
        found.findings.extend(journey.map(|journey| journey.finding(&occasion)));
        found.findings.extend(high_risk_country::examine(&occasion));
        found.findings.extend(geo_anomaly::examine(&occasion));
        found.findings.extend(suspicious_network::examine(&occasion));
        found.findings.extend(new_device::examine(&occasion));
        if found.findings.is_empty() {
            found.findings.extend(geo_anomaly::examine_place(&occasion));
        }
        self.latest = Some(visit);
        match (outcome, self.profiles.get_mut(actor)) {
            (Some(Outcome::Told(journey)), Some(profile)) => {
                profile.tell(&journey.here, &journey.there, journey.severity as u8);
            }
            (Some(Outcome::Exit(exit)), Some(profile)) => profile.note_exit(&exit),
            (None, _) | (_, None) => {}
        }
    }

    fn learn(&mut self, scene: &Scene<'_>, clean: bool) {
        self.remember(scene, if clean { Verdict::Clean } else { Verdict::Suspicious });
    }

    fn trust(&mut self, scene: &Scene<'_>) {
        self.remember(scene, Verdict::Safe);
    }

    fn set_spill(&mut self, spill: &Shelf) {
        self.profiles.set_shelf(spill.of_table(PROFILES));
    }

    fn write(&self, out: &mut Writer<'_>) -> io::Result<()> {
        self.profiles.write("profiles", out)?;
        self.organizations.write("organizations", out)
    }

    fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        self.profiles.read("profiles", input)?;
        self.organizations.read("organizations", input)
    }
}
