//! Labelled events as NDJSON: one JSON object a line.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use litesoc_events::{Rule, normalize};
use litesoc_model::{Enrichment, Place, Position};
use serde_json::Value;
use uuid::Uuid;

use super::fields::{Field, Members};
use super::line::{Line, shown};
use super::{Labelled, LabelledError, LabelledReport, Truth};
use crate::Settings;
use crate::lab::world::scribe::Event;

/// Scores labelled events: one JSON object a line, with the members `event`, `time` and, where they are known, `actor`,
/// `ip`, `label`, `attack`, `lat`, `lon`, `radius_km`, `country`, `region`, `city`, `asn`, `vpn`, `tor`, `proxy`, `relay`,
/// `datacenter`, `mobile`, `user_agent`, `device_id` and `metadata`, or other names for them.
///
/// A label that is missing, or a word such as `benign`, `normal` or `false`, means that nobody means harm; every other one
/// names an attack.
/// The lines may be in any order; the events are shown in that of their times.
///
/// # Errors
///
/// [`LabelledError`] with the number of the first line that cannot be understood.
pub fn score_ndjson(input: impl BufRead, settings: &Settings) -> Result<LabelledReport, LabelledError> {
    let mut file = read(input)?;
    if file.events.is_empty() {
        return Err(LabelledError::Empty);
    }
    file.events.sort_by_key(|(event, _)| event.at);
    let mut labelled = Labelled::new(settings)?;
    for (event, truth) in &file.events {
        labelled.show(event, truth.as_ref());
    }
    labelled.attacks.join_bursts();
    let mut report = labelled.report();
    labelled.explain(file.events.iter().map(|(event, _)| event), &mut report);
    report.unread = file.unread;
    report.unknown_events = file.unknown_events;
    Ok(report)
}

/// What a file says.
#[derive(Debug, Default)]
struct File {
    events: Vec<(Event, Option<Truth>)>,
    /// Members whose names say nothing here, with how many lines have them.
    unread: BTreeMap<String, u64>,
    /// Names of events that the catalogue has not, as they are written.
    unknown_events: BTreeMap<String, u64>,
}

fn read(mut input: impl BufRead) -> Result<File, LabelledError> {
    let mut file = File::default();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes).map_err(LabelledError::Read)? == 0 {
            break;
        }
        let wrong = |message| LabelledError::Line { line: number, message };
        let text = str::from_utf8(&bytes).map_err(|error| {
            let byte = bytes[error.valid_up_to()];
            wrong(format!(
                "byte {} (0x{byte:02X}) is not UTF-8; save the file as that",
                error.valid_up_to() + 1
            ))
        })?;
        // Some programs begin a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').filter(|_| number == 1).unwrap_or(text).trim();
        if !text.is_empty() {
            let event = file.read(text, number).map_err(wrong)?;
            file.events.push(event);
        }
    }
    Ok(file)
}

impl File {
    fn read(&mut self, text: &str, number: u64) -> Result<(Event, Option<Truth>), String> {
        let members = members(text)?;
        let mut line = Line::of(members, |name| *self.unread.entry(name).or_default() += 1)?;
        let (name, at) = (line.event()?, line.time()?);
        let found = normalize(name);
        if matches!(found.rule, Rule::Custom | Rule::Unrecognized) {
            *self.unknown_events.entry(name.to_owned()).or_default() += 1;
        }
        let known = enrichment(&line)?;
        let mut metadata = line.metadata()?;
        for (key, field) in [("user_agent", Field::UserAgent), ("device_id", Field::Device)] {
            metadata.extend(line.text(field)?.map(|text| (key.to_owned(), text.into())));
        }
        let event = Event {
            id: Uuid::from_u128(u128::from(number)),
            event: found.event,
            actor: line.actor()?.map(Arc::from),
            ip: line.address()?,
            at,
            received: at,
            metadata: Value::Object(metadata).to_string(),
            known: known.map(Arc::new),
            attack: None,
        };
        Ok((event, line.truth()?))
    }
}

fn members(text: &str) -> Result<Members, String> {
    let is_object = text.starts_with('{');
    serde_json::from_str(text).map_err(|error| {
        if !is_object || error.is_eof() {
            let found = shown(text);
            return format!(
                "expected one JSON object a line, neither CSV nor an array nor an object over several lines; found {found:?}"
            );
        }
        // serde says where in the line, which is line 1 of itself.
        let message = error.to_string().replace(" at line 1 column ", " at character ");
        let hint = if text.contains("NaN") { "; JSON has no NaN, write null" } else { "" };
        message + hint
    })
}

fn enrichment(line: &Line) -> Result<Option<Enrichment>, String> {
    let mut place = Place::default();
    place.position = position(line)?;
    place.country_code = line.country()?.map(Into::into);
    place.region = line.text(Field::Region)?.map(Into::into);
    place.city = line.text(Field::City)?.map(Into::into);
    let mut known = Enrichment::default();
    known.place = (place != Place::default()).then_some(place);
    let network = &mut known.network;
    network.asn = line.asn()?;
    network.is_vpn = line.flag(Field::Vpn)?;
    network.is_tor = line.flag(Field::Tor)?;
    network.is_proxy = line.flag(Field::Proxy)?;
    network.is_relay = line.flag(Field::Relay)?;
    network.is_datacenter = line.flag(Field::Datacenter)?;
    network.is_mobile = line.flag(Field::Mobile)?;
    let is_known = known.place.is_some() || !known.network.is_unknown();
    Ok(is_known.then_some(known))
}

fn position(line: &Line) -> Result<Option<Position>, String> {
    let radius = line.radius()?;
    let (lat, lon) = (line.name(Field::Latitude), line.name(Field::Longitude));
    match (line.number(Field::Latitude)?, line.number(Field::Longitude)?) {
        (Some(latitude), Some(longitude)) => Position::new(latitude, longitude, radius)
            .map(Some)
            .ok_or_else(|| format!("`{lat}` {latitude} and `{lon}` {longitude} are no point on the Earth")),
        (None, None) => Ok(None),
        (Some(_), None) => Err(format!("`{lat}` without `{lon}`")),
        (None, Some(_)) => Err(format!("`{lon}` without `{lat}`")),
    }
}
