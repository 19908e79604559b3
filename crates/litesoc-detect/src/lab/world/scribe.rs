//! [`Scribe`]: writes down what happens, as an application would report it.

use std::sync::Arc;

use litesoc_events::EventType;
use litesoc_model::{Enrichment, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::lab::chance::Chance;
use crate::lab::tables::cities::City;
use crate::lab::world::network::Source;
use crate::lab::world::person::Device;
use crate::lab::world::{DAY, START, SignIn};

/// One event of the lab, with the truth about it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Its public id; a repeat has the same.
    pub(crate) id: Uuid,
    /// Its name.
    pub(crate) event: EventType,
    /// Who acts, or is tried.
    pub(crate) actor: Option<Arc<str>>,
    /// From where.
    pub(crate) ip: Option<std::net::IpAddr>,
    /// When it happened, by the clock of whoever reports it.
    pub(crate) at: Timestamp,
    /// When it arrives.
    pub(crate) received: Timestamp,
    /// A JSON object.
    pub(crate) metadata: String,
    /// What a database says of the address.
    pub(crate) known: Option<Arc<Enrichment>>,
    /// The attack it belongs to, by its place in the list; `None` when nobody means harm.
    pub(crate) attack: Option<usize>,
}

/// A second-factor prompt was sent: an event that many applications report and the catalogue only notes.
pub(crate) fn challenge_sent() -> EventType {
    EventType::custom("auth.mfa_challenge_sent")
}

/// With which device, from which address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Via<'a> {
    pub(crate) source: &'a Source,
    pub(crate) device: Option<&'a Device>,
}

/// Writes down what happens.
#[derive(Debug)]
pub(crate) struct Scribe {
    pub(crate) chance: Chance,
    pub(crate) names_devices: bool,
    pub(crate) events: Vec<Event>,
    /// Sign-ins of people who mean no harm, with where they truly were.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The attack under way.
    pub(crate) attack: Option<usize>,
}

impl Scribe {
    pub(crate) fn new(chance: Chance, names_devices: bool) -> Self {
        Self { chance, names_devices, events: Vec::new(), sign_ins: Vec::new(), attack: None }
    }

    /// Writes one event; the time is in milliseconds since the lab began.
    pub(crate) fn write(
        &mut self,
        at: i64,
        event: EventType,
        actor: &Arc<str>,
        via: Via<'_>,
        extra: &[(&str, Value)],
    ) {
        let mut metadata = Map::new();
        if let Some(device) = via.device {
            metadata.insert("user_agent".to_owned(), device.user_agent(at.div_euclid(DAY)).into());
            if self.names_devices {
                metadata.insert("device_id".to_owned(), device.id.clone().into());
            }
        }
        metadata.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        let at = START + at;
        let id = self.id(at);
        self.events.push(Event {
            id,
            event,
            actor: Some(Arc::clone(actor)),
            ip: Some(via.source.ip),
            at: Timestamp::from_millis(at),
            received: Timestamp::from_millis(at),
            metadata: Value::Object(metadata).to_string(),
            known: Some(Arc::clone(&via.source.known)),
            attack: self.attack,
        });
    }

    /// Keeps in mind who signed in, and where they truly were.
    pub(crate) fn signed_in(&mut self, person: usize, at: i64, city: &'static City, via: Via<'_>) {
        let device = via.device.cloned();
        self.sign_ins.push(SignIn { person, at, city, source: via.source.clone(), device });
    }

    /// RFC 9562 section 5.7: the event's time, then chance.
    fn id(&mut self, at: i64) -> Uuid {
        let (high, low) = (self.chance.next().to_be_bytes(), self.chance.next().to_be_bytes());
        let mut random = [0; 10];
        random[..8].copy_from_slice(&high);
        random[8..].copy_from_slice(&low[..2]);
        uuid::Builder::from_unix_timestamp_millis(at.max(0).unsigned_abs(), &random).into_uuid()
    }
}
