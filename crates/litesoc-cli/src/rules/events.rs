//! Events to try rules on: from a file, one JSON object a line, or from the store of a server.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::IpAddr;
use std::path::Path;

use litesoc::events::{EventType, normalize};
use litesoc_detect::Observation;
use litesoc_model::{
    CollectRequest, Enrichment, EventRecord, IncomingEvent, Place, Position, Record, Timestamp,
};
use litesoc_store::{Seq, SqliteStore, Store, StoredEvent};
use uuid::Uuid;

use crate::outcome::Failure;

/// How many stored events are read at a time.
const CHUNK: usize = 1_000;
/// How many faulty lines are told.
const FAULTS: usize = 20;

/// One event to try rules on.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) id: Uuid,
    organization: String,
    event: EventType,
    actor: Option<String>,
    ip: Option<IpAddr>,
    /// A JSON object.
    target: Option<String>,
    original: Option<String>,
    pub(super) at: Timestamp,
    metadata: String,
    enrichment: Option<Enrichment>,
}

impl Trial {
    pub(super) fn observation(&self) -> Observation<'_> {
        Observation::new(&self.organization, self.id, &self.event, self.at, self.at)
            .actor(self.actor.as_deref())
            .ip(self.ip)
            .target(self.target.as_deref())
            .original(self.original.as_deref())
            .metadata(&self.metadata)
            .enrichment(self.enrichment.as_ref())
    }
}

/// Shows every event of a file, `-` being standard input, in its order.
pub(super) fn of_file(path: &Path, show: &mut dyn FnMut(&Trial)) -> Result<u64, Failure> {
    let unreadable = |error: io::Error| Failure::new(format!("cannot read {}: {error}", path.display()));
    let input: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(unreadable)?))
    };
    let (mut count, mut faults, mut last) = (0, Vec::new(), Timestamp::from_millis(0));
    for (number, line) in (1_u64..).zip(input.split(b'\n')) {
        let line = line.map_err(unreadable)?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match of_line(&line, number, last) {
            Ok(trials) => {
                for trial in &trials {
                    last = trial.at;
                    show(trial);
                    count += 1;
                }
            }
            Err(problem) => faults.push(format!("{}:{number}: {problem}", path.display())),
        }
    }
    if faults.is_empty() {
        return Ok(count);
    }
    let more = faults.len().saturating_sub(FAULTS);
    faults.truncate(FAULTS);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    Err(Failure::new(format!("these lines are no events\n{}", faults.join("\n")))
        .advise("Each line is one JSON object, as POST /collect takes it or GET /events shows it."))
}

/// The events of a line; one without a time of its own happens with the one before.
fn of_line(line: &[u8], number: u64, last: Timestamp) -> Result<Vec<Trial>, String> {
    let request = CollectRequest::parse(line).map_err(|error| error.to_string())?;
    // As GET /events shows it, an event also says what was known of it.
    let record = std::str::from_utf8(line).ok().and_then(|text| EventRecord::from_json(text).ok());
    let record = record.filter(|_| !request.batch);
    let read = |(index, item): (usize, Result<IncomingEvent<'_>, _>)| match item {
        Ok(event) => Ok(trial(event, record.as_ref(), number << 16 | index as u64, last)),
        Err(error) => Err(error),
    };
    let trials: Result<Vec<_>, litesoc_model::ItemError> =
        request.items.into_iter().enumerate().map(read).collect();
    trials.map_err(|error| error.message)
}

fn trial(event: IncomingEvent<'_>, record: Option<&EventRecord>, place: u64, last: Timestamp) -> Trial {
    let shown = record.and_then(|record| record.id.parse().ok());
    let id = event.marks.event_id.or(shown).unwrap_or_else(|| Uuid::from_u128(place.into()));
    let at = event.timestamp.or_else(|| record.and_then(|record| record.created_at)).unwrap_or(last);
    let actor = event
        .actor_id
        .map(|id| id.into_owned())
        .or_else(|| record.and_then(|record| record.actor_id.clone()));
    let normalized = normalize(&event.name).event;
    let renamed = event.name != normalized.as_str();
    Trial {
        id,
        original: renamed.then(|| event.name.into_owned()),
        target: event.target.map(str::to_owned),
        organization: record.and_then(|record| record.org_id.clone()).unwrap_or_default(),
        event: normalized,
        actor,
        ip: event.user_ip.or_else(|| record.and_then(EventRecord::user_address)),
        at,
        metadata: event.metadata.into_owned(),
        enrichment: record.and_then(known),
    }
}

/// What the API shows of what was known of an address.
fn known(record: &EventRecord) -> Option<Enrichment> {
    let mut known = Enrichment::default();
    if record.country_code.is_none() && !record.has_forensics() {
        return None;
    }
    let mut place = Place::default();
    place.country_code = record.country_code.as_deref().map(Box::from);
    place.city = record.city.as_deref().map(Box::from);
    place.position = record
        .latitude
        .zip(record.longitude)
        .and_then(|(latitude, longitude)| Position::new(latitude, longitude, None));
    known.place = Some(place);
    let network = &mut known.network;
    network.is_vpn = record.is_vpn.unwrap_or_default();
    network.is_tor = record.is_tor.unwrap_or_default();
    network.is_proxy = record.is_proxy.unwrap_or_default();
    network.is_datacenter = record.is_datacenter.unwrap_or_default();
    if let Some(forensics) = &record.forensics {
        network.is_mobile = forensics.network.is_mobile;
        network.asn = forensics.network.asn;
        network.organization = forensics.network.asn_org.as_deref().map(Box::from);
    }
    Some(known)
}

/// Shows every stored event, in the order in which detection saw them.
pub(super) fn of_store(data: &Path, show: &mut dyn FnMut(&Trial)) -> Result<u64, Failure> {
    if !data.is_dir() {
        return Err(Failure::missing(format!("there is no data folder at {}", data.display()))
            .advise("Name the server's folder with --data."));
    }
    let store = SqliteStore::open_read_only(data)?;
    let (end, mut after, mut count) = (store.last_seq()?, Seq::START, 0);
    while after < end {
        let chunk = store.read_from(after, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        after = last.seq;
        for stored in chunk.into_iter().filter(|stored| stored.seq <= end) {
            show(&of_stored(stored));
            count += 1;
        }
    }
    Ok(count)
}

fn of_stored(stored: StoredEvent) -> Trial {
    let event = stored.event;
    Trial {
        id: event.id,
        organization: event.organization.as_str().to_owned(),
        event: EventType::from(&*event.event_name),
        actor: event.actor_id,
        ip: event.user_ip,
        target: event.target,
        original: event.original_event,
        at: Timestamp::from_millis(event.event_time_ms),
        metadata: event.metadata,
        enrichment: event.enrichment.and_then(|kept| serde_json::from_str(&kept).ok()),
    }
}
