//! What was known of an address when its event arrived, in the forms in which events and alerts show it.

use litesoc_model::{Enrichment, EventRecord, Forensics, Metadata, NetworkForensics};
use serde::Serialize;

/// The metadata key under which the LiteSOC API keeps what it found out about the network.
const NETWORK_INTELLIGENCE: &str = "network_intelligence";

/// What was kept; nothing for rows of the time before it was.
pub(super) fn read(kept: Option<&str>) -> Option<Enrichment> {
    serde_json::from_str(kept?).ok()
}

/// Shows it in an event: all of it, or on a plan that hides place and network the country alone.
pub(super) fn show(record: &mut EventRecord, known: &Enrichment, redacted: bool) {
    let place = known.place.as_ref();
    record.country_code = place.and_then(|place| place.country_code.as_deref()).map(str::to_owned);
    if redacted {
        return;
    }
    let forensics = Forensics::from(known);
    let network = &forensics.network;
    record.city.clone_from(&forensics.location.city);
    (record.is_vpn, record.is_tor) = (Some(network.is_vpn), Some(network.is_tor));
    (record.is_proxy, record.is_datacenter) = (Some(network.is_proxy), Some(network.is_datacenter));
    (record.latitude, record.longitude) = (forensics.location.latitude, forensics.location.longitude);
    record.risk_score = Some(f64::from(known.threat_score));
    if let Some(metadata) = with_network(&record.metadata, network) {
        record.metadata = metadata;
    }
    record.forensics = Some(forensics);
}

/// The metadata with the network in it, unless the application has put something there itself.
fn with_network(metadata: &Metadata, network: &NetworkForensics) -> Option<Metadata> {
    #[derive(Serialize)]
    struct Shown {
        is_vpn: bool,
        is_tor: bool,
        is_proxy: bool,
        is_datacenter: bool,
        network_type: &'static str,
    }
    if metadata.iter().any(|(key, _)| key == NETWORK_INTELLIGENCE) {
        return None;
    }
    let shown = Shown {
        is_vpn: network.is_vpn,
        is_tor: network.is_tor,
        is_proxy: network.is_proxy,
        is_datacenter: network.is_datacenter,
        network_type: network.kind(),
    };
    let shown = serde_json::to_string(&shown).ok()?;
    let own = metadata.as_json().trim_end().strip_suffix('}')?.trim_end();
    let comma = if metadata.is_empty() { "" } else { "," };
    Metadata::from_json(format!(r#"{own}{comma}"{NETWORK_INTELLIGENCE}":{shown}}}"#)).ok()
}

/// What clients look for in the metadata of an alert.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    is_vpn: bool,
    is_tor: bool,
    is_proxy: bool,
    is_datacenter: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    isp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threat_score: Option<f64>,
}

impl Summary {
    pub(super) fn of(forensics: &Forensics) -> Self {
        let (network, location) = (&forensics.network, &forensics.location);
        Self {
            is_vpn: network.is_vpn,
            is_tor: network.is_tor,
            is_proxy: network.is_proxy,
            is_datacenter: network.is_datacenter,
            latitude: location.latitude,
            longitude: location.longitude,
            city: location.city.clone(),
            country: location.country_name.clone().or_else(|| location.country_code.clone()),
            isp: network.isp.clone(),
            threat_score: network.threat_score,
        }
    }
}
