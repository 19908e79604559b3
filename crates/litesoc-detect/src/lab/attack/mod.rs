//! Attacks with labels: what is injected, when, and which alerts count as having seen it.

mod conduct;
mod guessing;
pub(crate) mod intruder;
mod stage;
mod takeover;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};

use self::intruder::Model;
use self::stage::Stage;
use super::tables::cities::City;
use super::trial::Plan;
use super::world::World;
use super::world::scribe::Event;

/// What kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// A stolen password used from anywhere in the world, with any browser.
    TakeoverNaive,
    /// A stolen password used through a VPN, mostly with an exit in the country of the victim.
    TakeoverVpn,
    /// A stolen password used from a line in the country of the victim.
    TakeoverTargeted,
    /// A stolen password used from the city of the victim with the same system and browser.
    TakeoverVeryTargeted,
    /// A sign-in too far away from the victim's last to have been reached.
    ImpossibleTravel,
    /// A sign-in from a country the victim has never been in, long enough after the last one.
    GeoAnomaly,
    /// Another device on the victim's own line.
    NewDevice,
    /// A sign-in from a country on the list of the settings.
    HighRiskCountry,
    /// A sign-in through Tor or an open proxy.
    SuspiciousNetwork,
    /// Many passwords for one account from one address.
    GuessingAccount,
    /// Many passwords for a few accounts from one address.
    GuessingAddress,
    /// Many passwords for one account from many addresses.
    GuessingDistributed,
    /// A few passwords for many accounts from one address.
    SprayOneSource,
    /// A few passwords for many accounts from many addresses.
    SprayManySources,
    /// Pairs of names and passwords from a leak, each tried once.
    Stuffing,
    /// Guessing that ends in a sign-in; counts as seen when the alert becomes critical.
    GuessingSuccess,
    /// Second-factor prompts until the victim gives in.
    MfaFatigue,
    /// Many accounts made from one address.
    SignUpVelocity,
    /// A caller that runs into its rate limit again and again.
    RateLimitAbuse,
    /// Somebody gives themselves a higher role.
    SelfGrant,
    /// Somebody who never gave rights to others does.
    FirstGranter,
    /// A taken-over account that gains rights and takes data within the hour.
    GrantChain,
    /// Much data within the hour.
    ExfiltrationFast,
    /// Much data over most of a day, a little at a time.
    ExfiltrationSlow,
    /// An account that tries one forbidden thing after the other.
    SuspiciousActivity,
}

impl Class {
    /// Every class, in the order of the report.
    pub const ALL: [Self; 25] = [
        Self::TakeoverNaive,
        Self::TakeoverVpn,
        Self::TakeoverTargeted,
        Self::TakeoverVeryTargeted,
        Self::ImpossibleTravel,
        Self::GeoAnomaly,
        Self::NewDevice,
        Self::HighRiskCountry,
        Self::SuspiciousNetwork,
        Self::GuessingAccount,
        Self::GuessingAddress,
        Self::GuessingDistributed,
        Self::SprayOneSource,
        Self::SprayManySources,
        Self::Stuffing,
        Self::GuessingSuccess,
        Self::MfaFatigue,
        Self::SignUpVelocity,
        Self::RateLimitAbuse,
        Self::SelfGrant,
        Self::FirstGranter,
        Self::GrantChain,
        Self::ExfiltrationFast,
        Self::ExfiltrationSlow,
        Self::SuspiciousActivity,
    ];

    /// The word for it on the command line and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeoverNaive => "takeover_naive",
            Self::TakeoverVpn => "takeover_vpn",
            Self::TakeoverTargeted => "takeover_targeted",
            Self::TakeoverVeryTargeted => "takeover_very_targeted",
            Self::ImpossibleTravel => "impossible_travel",
            Self::GeoAnomaly => "geo_anomaly",
            Self::NewDevice => "new_device",
            Self::HighRiskCountry => "high_risk_country",
            Self::SuspiciousNetwork => "suspicious_network",
            Self::GuessingAccount => "guessing_account",
            Self::GuessingAddress => "guessing_address",
            Self::GuessingDistributed => "guessing_distributed",
            Self::SprayOneSource => "spray_one_source",
            Self::SprayManySources => "spray_many_sources",
            Self::Stuffing => "stuffing",
            Self::GuessingSuccess => "guessing_success",
            Self::MfaFatigue => "mfa_fatigue",
            Self::SignUpVelocity => "sign_up_velocity",
            Self::RateLimitAbuse => "rate_limit_abuse",
            Self::SelfGrant => "self_grant",
            Self::FirstGranter => "first_granter",
            Self::GrantChain => "grant_chain",
            Self::ExfiltrationFast => "exfiltration_fast",
            Self::ExfiltrationSlow => "exfiltration_slow",
            Self::SuspiciousActivity => "suspicious_activity",
        }
    }

    /// The alert types that say what it is; any other alert about it is no detection.
    #[must_use]
    pub fn accepted(self) -> &'static [AlertType] {
        use AlertType as T;
        match self {
            Self::TakeoverNaive | Self::TakeoverVpn | Self::TakeoverTargeted | Self::TakeoverVeryTargeted => {
                &[
                    T::ImpossibleTravel,
                    T::GeoAnomaly,
                    T::NewDevice,
                    T::SuspiciousNetwork,
                    T::HighRiskCountry,
                    T::AccountCompromise,
                    T::SuspiciousActivity,
                ]
            }
            Self::ImpossibleTravel => &[T::ImpossibleTravel, T::AccountCompromise],
            Self::GeoAnomaly => &[T::GeoAnomaly, T::AccountCompromise],
            Self::NewDevice => &[T::NewDevice, T::AccountCompromise],
            Self::HighRiskCountry => &[T::HighRiskCountry],
            Self::SuspiciousNetwork => &[T::SuspiciousNetwork],
            Self::GuessingAccount
            | Self::GuessingAddress
            | Self::GuessingDistributed
            | Self::SprayOneSource
            | Self::SprayManySources
            | Self::Stuffing
            | Self::GuessingSuccess => &[T::BruteForceAttack, T::AccountCompromise],
            Self::MfaFatigue => &[T::MfaFatigue, T::AccountCompromise],
            Self::SignUpVelocity | Self::SuspiciousActivity => &[T::SuspiciousActivity, T::AccountCompromise],
            Self::RateLimitAbuse => &[T::RateLimitExceeded],
            Self::SelfGrant | Self::FirstGranter | Self::GrantChain => {
                &[T::PrivilegeEscalation, T::AccountCompromise]
            }
            Self::ExfiltrationFast | Self::ExfiltrationSlow => &[T::DataExfiltration, T::AccountCompromise],
        }
    }

    /// How bad the alert must be before it counts.
    #[must_use]
    pub const fn least_severity(self) -> AlertSeverity {
        if matches!(self, Self::GuessingSuccess) { AlertSeverity::Critical } else { AlertSeverity::Low }
    }

    /// Whether the target of recall 0.95 holds for it.
    #[must_use]
    pub const fn has_target(self) -> bool {
        !matches!(self, Self::TakeoverVeryTargeted)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Class {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|class| class.as_str() == word).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|class| class.as_str()).collect();
            format!("no class of attack is called {word:?}; the classes are {}", known.join(", "))
        })
    }
}

/// One injected attack.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attack {
    /// What kind.
    pub class: Class,
    /// What happens, for people.
    pub story: String,
    /// Time of its first event.
    pub from: Timestamp,
    /// Time of its last event.
    pub until: Timestamp,
    /// The accounts it acts as, or tries.
    pub accounts: BTreeSet<String>,
    /// The addresses it comes from.
    pub sources: BTreeSet<IpAddr>,
    /// How many events it is made of.
    pub events: usize,
    /// From where to where in so many hours, when it is about that.
    pub(crate) route: Option<Route>,
}

/// Two cities and the hours between two sign-ins.
pub(crate) type Route = (&'static City, &'static City, f64);

/// Injects so many attacks of each class; the list is in the order of the labels.
pub(crate) fn inject(world: &mut World, plan: &Plan) -> Vec<Attack> {
    let mut stage = Stage::new(world, &plan.settings.high_risk_country.countries);
    let mut attacks = Vec::new();
    for class in &plan.classes {
        for _ in 0..plan.attacks {
            let label = attacks.len();
            stage.begin(label, *class);
            let Some(story) = act(&mut stage, *class) else { continue };
            let Some(attack) = stage.attack(*class, story) else { continue };
            attacks.push(attack);
        }
    }
    stage.end();
    attacks
}

fn act(stage: &mut Stage<'_>, class: Class) -> Option<String> {
    match class {
        Class::TakeoverNaive => takeover::by(stage, Model::Naive),
        Class::TakeoverVpn => takeover::by(stage, Model::Vpn),
        Class::TakeoverTargeted => takeover::by(stage, Model::Targeted),
        Class::TakeoverVeryTargeted => takeover::by(stage, Model::VeryTargeted),
        Class::ImpossibleTravel => takeover::impossible_travel(stage),
        Class::GeoAnomaly => takeover::geo_anomaly(stage),
        Class::NewDevice => takeover::new_device(stage),
        Class::HighRiskCountry => takeover::high_risk_country(stage),
        Class::SuspiciousNetwork => takeover::suspicious_network(stage),
        Class::GuessingAccount => guessing::account(stage),
        Class::GuessingAddress => guessing::address(stage),
        Class::GuessingDistributed => guessing::distributed(stage),
        Class::SprayOneSource => guessing::spray_one(stage),
        Class::SprayManySources => guessing::spray_many(stage),
        Class::Stuffing => guessing::stuffing(stage),
        Class::GuessingSuccess => guessing::success(stage),
        Class::MfaFatigue => conduct::mfa_fatigue(stage),
        Class::SignUpVelocity => conduct::sign_ups(stage),
        Class::RateLimitAbuse => conduct::rate_limit(stage),
        Class::SelfGrant => conduct::self_grant(stage),
        Class::FirstGranter => conduct::first_granter(stage),
        Class::GrantChain => conduct::chain(stage),
        Class::ExfiltrationFast => conduct::exfiltration_fast(stage),
        Class::ExfiltrationSlow => conduct::exfiltration_slow(stage),
        Class::SuspiciousActivity => conduct::probing(stage),
    }
}

/// What the events of one label say of the attack.
fn describe(class: Class, story: String, events: &[Event]) -> Option<Attack> {
    let from = events.iter().map(|event| event.at).min()?;
    let until = events.iter().map(|event| event.at).max()?;
    let accounts = events.iter().filter_map(|event| event.actor.as_deref().map(str::to_owned)).collect();
    let sources = events.iter().filter_map(|event| event.ip).collect();
    Some(Attack { class, story, from, until, accounts, sources, events: events.len(), route: None })
}
