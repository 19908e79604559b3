//! `litesoc track`: one event, sent and acknowledged.

use litesoc::Event;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::TrackArguments;
use crate::outcome::Failure;
use crate::screen::Screen;

#[derive(Serialize)]
struct Tracked<'a> {
    event: &'a str,
    event_id: String,
}

pub(crate) fn run(arguments: &TrackArguments, screen: &mut Screen) -> Result<(), Failure> {
    let client = super::client(&arguments.remote)?;
    let receipt = client.track_confirmed(event(arguments)).wait().map_err(litesoc::Error::from)?;
    let event_id = receipt.event_id.to_string();
    if screen.is_json() {
        screen.document(&Tracked { event: &arguments.event, event_id })
    } else {
        screen.line(&format!("tracked {event_id}"))
    }
}

fn event(arguments: &TrackArguments) -> Event {
    let mut event = Event::new(&*arguments.event).user_ip(arguments.ip).time(arguments.time).id(arguments.id);
    if let Some(actor) = &arguments.actor {
        event = event.actor(actor);
    }
    if let Some(email) = &arguments.email {
        event = event.email(email);
    }
    if let (Some(id), Some(kind)) = (&arguments.target, &arguments.target_type) {
        event = event.target(id, kind);
    }
    for (key, value) in &arguments.metadata {
        let value = serde_json::from_str::<Value>(value).unwrap_or_else(|_| Value::from(value.as_str()));
        event = event.metadata(key, value);
    }
    event
}
