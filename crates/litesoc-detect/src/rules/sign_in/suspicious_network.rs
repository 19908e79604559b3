//! Suspicious network: a sign-in that hides where it comes from, by an account that does not usually hide.
//!
//! # What it sees
//!
//! A successful sign-in from a Tor exit, an open proxy, a data centre, a VPN, or a network on the operator's list of unwanted ones.
//!
//! # Severity
//!
//! | network | severity | why |
//! |---|---|---|
//! | on the operator's list of unwanted networks | high | that is what the list is for |
//! | Tor exit | high | few sign in to their own account through it |
//! | open proxy | medium | somebody else's machine, often without their knowledge |
//! | data centre | medium | programs and attackers; people seldom |
//! | VPN | low | many people use one |
//!
//! ATT&CK: T1090 proxy; T1090.003 multi-hop proxy for Tor.
//!
//! # Suppressions and known costs
//!
//! * What is usual for the account: it has come this way, or from this network, in the last 30 days, with nothing wrong about it.
//! * A network that a good part of the organisation uses: three accounts, and one in twenty. Companies send their people through
//!   data centres.
//! * The first sign-in of an account, except through Tor, a proxy or an unwanted network: a service account lives in a data centre.
//! * Privacy relays of browser makers, and the operator's trusted networks.
//! * Told once a week for each account and way, not for every sign-in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Occasion, words};
use crate::finding::{Finding, Subject};
use crate::profile::actor::Standing;
use crate::profile::sighting::Kind;
use crate::profile::visit::Hiding;
use crate::settings::{Problems, Section};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "suspicious_network";

/// Successes and days within which a way of hiding is usual for an account.
const USUAL_LOGINS: u16 = 20;
const USUAL_DAYS: u16 = 30;

/// Which networks are worth an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SuspiciousNetwork {
    /// Whether Tor exits are: yes.
    pub tor: bool,
    /// Whether open proxies are: yes.
    pub proxy: bool,
    /// Whether data centres are: yes.
    pub datacenter: bool,
    /// Whether VPNs are: yes.
    pub vpn: bool,
    /// Accounts for which a network must be usual before it counts as the organisation's, 2 to 1,000: 3.
    pub common_actors: u32,
    /// Percent of the organisation's accounts that must be, 1 to 100: 5.
    pub common_percent: u32,
}

impl Default for SuspiciousNetwork {
    fn default() -> Self {
        Self { tor: true, proxy: true, datacenter: true, vpn: true, common_actors: 3, common_percent: 5 }
    }
}

impl Section for SuspiciousNetwork {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.within(self.common_actors, "common_actors", 2..=1_000);
        problems.within(self.common_percent, "common_percent", 1..=100);
    }
}

/// How a way to hide stands with the account.
pub(crate) fn standing(occasion: &Occasion<'_>) -> Standing {
    match (occasion.visit.hiding, occasion.profile) {
        (None, _) => Standing::Unsaid,
        (Some(_), None) => Standing::New,
        (Some(way), Some(profile)) => {
            profile.standing(Kind::Hiding, way.key(), occasion.visit.day, USUAL_LOGINS, USUAL_DAYS)
        }
    }
}

/// Says whether the network is suspicious.
pub(crate) fn examine(occasion: &Occasion<'_>) -> Option<Finding> {
    let settings = &occasion.scene.settings.suspicious_network;
    let visit = occasion.visit;
    if visit.is_allowed {
        return None;
    }
    if visit.is_denied {
        let new = matches!(occasion.network, Standing::New | Standing::Unsaid);
        return new.then(|| {
            finding(occasion, AlertSeverity::High, "T1090", "a network on your list of unwanted ones")
        });
    }
    let way = visit.hiding?;
    let (wanted, severity, technique) = match way {
        Hiding::Tor => (settings.tor, AlertSeverity::High, "T1090.003"),
        Hiding::Proxy => (settings.proxy, AlertSeverity::Medium, "T1090"),
        Hiding::Datacenter => (settings.datacenter, AlertSeverity::Medium, "T1090"),
        Hiding::Vpn => (settings.vpn, AlertSeverity::Low, "T1090"),
    };
    let tolerable = matches!(way, Hiding::Datacenter | Hiding::Vpn);
    let first = occasion.profile.is_none_or(|profile| profile.learned() == 0);
    let usual = standing(occasion) != Standing::New || (tolerable && occasion.network == Standing::Usual);
    if !wanted || usual || (tolerable && (first || is_common(occasion))) {
        return None;
    }
    Some(finding(occasion, severity, technique, words::way(way)))
}

fn is_common(occasion: &Occasion<'_>) -> bool {
    let settings = &occasion.scene.settings.suspicious_network;
    let everybody = occasion.organization;
    let actors = everybody.networks.get(occasion.visit.asn).actors;
    occasion.visit.asn != 0 && everybody.is_common(actors, settings.common_actors, settings.common_percent)
}

fn finding(occasion: &Occasion<'_>, severity: AlertSeverity, technique: &'static str, way: &str) -> Finding {
    let who = words::actor(occasion);
    let network = words::network(occasion).map_or_else(String::new, |name| format!(" ({name})"));
    let mut facts = BTreeMap::from([
        (Cow::Borrowed("way"), json!(way)),
        (Cow::Borrowed("place"), json!(words::place(occasion.scene))),
    ]);
    facts.extend(words::network_facts(occasion));
    facts.extend(words::device_facts(occasion));
    Finding {
        rule: Cow::Borrowed(NAME),
        alert_type: AlertType::SuspiciousNetwork,
        severity,
        subject: Subject::Actor,
        technique: Some(Cow::Borrowed(technique)),
        title: format!("{who} signed in through {way}"),
        description: format!(
            "{who} signed in through {way}{network} at {}, which is not usual for the account. {} Where the user really is, nobody \
             can tell from the address. Ask the owner whether it was them. If not, end the account's sessions and reset its \
             password; if so, mark the alert safe.",
            words::moment(occasion.scene),
            words::device(occasion),
        ),
        facts,
        events: Vec::new(),
    }
}
