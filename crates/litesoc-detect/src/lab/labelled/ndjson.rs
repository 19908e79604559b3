//! Labelled events as NDJSON: one JSON object a line.

use std::io::BufRead;
use std::net::IpAddr;
use std::sync::Arc;

use litesoc_events::{EventType, normalize};
use litesoc_model::{Enrichment, Place, Position, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Labelled, LabelledError, LabelledReport};
use crate::Settings;
use crate::lab::world::scribe::Event;

/// One line. What is known of the address stands in for enrichment; with none of it, nothing is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    event: String,
    time: String,
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    ip: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    lat: Option<f64>,
    #[serde(default)]
    lon: Option<f64>,
    #[serde(default)]
    radius_km: Option<u16>,
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    asn: Option<u32>,
    #[serde(default)]
    vpn: bool,
    #[serde(default)]
    tor: bool,
    #[serde(default)]
    proxy: bool,
    #[serde(default)]
    relay: bool,
    #[serde(default)]
    datacenter: bool,
    #[serde(default)]
    mobile: bool,
    #[serde(default)]
    user_agent: Option<String>,
    #[serde(default)]
    device_id: Option<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
}

/// Scores labelled events: one JSON object a line, with the members `event`, `time` (RFC 3339) and, where they are known,
/// `actor`, `ip`, `label`, `lat`, `lon`, `radius_km`, `country`, `city`, `asn`, `vpn`, `tor`, `proxy`, `relay`, `datacenter`,
/// `mobile`, `user_agent`, `device_id` and `metadata`.
///
/// A label that is missing, empty, `benign` or `clean` means that nobody means harm; every other one names an attack.
/// The lines may be in any order; the events are shown in that of their times.
///
/// # Errors
///
/// [`LabelledError`] with the number of the first line that cannot be understood.
pub fn score_ndjson(input: impl BufRead, settings: &Settings) -> Result<LabelledReport, LabelledError> {
    let mut events = Vec::new();
    for (number, line) in (1..).zip(input.lines()) {
        let line = line.map_err(LabelledError::Read)?;
        if line.trim().is_empty() {
            continue;
        }
        events.push(event(&line, number).map_err(|message| LabelledError::Line { line: number, message })?);
    }
    events.sort_by_key(|(event, _)| event.at);
    let mut labelled = Labelled::new(settings)?;
    for (event, label) in &events {
        labelled.show(event, label);
    }
    Ok(labelled.report())
}

fn event(line: &str, number: u64) -> Result<(Event, String), String> {
    let line: Line = serde_json::from_str(line).map_err(|error| plain(&error.to_string()))?;
    let at: Timestamp = line
        .time
        .parse()
        .map_err(|_| format!("`time` {:?} is no RFC 3339 time such as 2026-03-01T12:30:00Z", line.time))?;
    let ip: Option<IpAddr> = match line.ip.as_deref().filter(|ip| !ip.is_empty()) {
        Some(ip) => Some(ip.parse().map_err(|_| format!("`ip` {ip:?} is no IP address"))?),
        None => None,
    };
    if line.event.is_empty() {
        return Err("`event` is empty; it names what happened, such as auth.login_success".to_owned());
    }
    let known = enrichment(&line)?;
    let mut metadata = line.metadata;
    let given = [("user_agent", line.user_agent), ("device_id", line.device_id)];
    metadata.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
    let event: EventType = normalize(&line.event).event;
    let event = Event {
        id: Uuid::from_u128(u128::from(number)),
        event,
        actor: line.actor.filter(|actor| !actor.is_empty()).map(Arc::from),
        ip,
        at,
        received: at,
        metadata: Value::Object(metadata).to_string(),
        known: known.map(Arc::new),
        attack: None,
    };
    Ok((event, line.label.unwrap_or_default()))
}

/// serde says where in the line, which is line 1 of itself.
fn plain(message: &str) -> String {
    message.replace(" at line 1 column ", " at character ")
}

fn enrichment(line: &Line) -> Result<Option<Enrichment>, String> {
    let mut known = Enrichment::default();
    let position = match (line.lat, line.lon) {
        (Some(latitude), Some(longitude)) => Some(
            Position::new(latitude, longitude, line.radius_km)
                .ok_or_else(|| format!("`lat` {latitude} and `lon` {longitude} are no point on the Earth"))?,
        ),
        (None, None) => None,
        (Some(_), None) => return Err("`lat` without `lon`".to_owned()),
        (None, Some(_)) => return Err("`lon` without `lat`".to_owned()),
    };
    if let Some(country) = &line.country
        && (country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_alphabetic()))
    {
        return Err(format!("`country` {country:?} is no ISO 3166-1 code of two letters such as DE"));
    }
    if position.is_some() || line.country.is_some() || line.city.is_some() {
        let mut place = Place::default();
        place.country_code = line.country.as_ref().map(|code| code.to_ascii_uppercase().into());
        place.city = line.city.as_deref().map(Into::into);
        place.position = position;
        known.place = Some(place);
    }
    let network = &mut known.network;
    network.asn = line.asn;
    network.is_vpn = line.vpn;
    network.is_tor = line.tor;
    network.is_proxy = line.proxy;
    network.is_relay = line.relay;
    network.is_datacenter = line.datacenter;
    network.is_mobile = line.mobile;
    let is_known = known.place.is_some() || !known.network.is_unknown();
    Ok(is_known.then_some(known))
}
