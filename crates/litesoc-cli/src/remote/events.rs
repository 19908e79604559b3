//! `litesoc events`: what is stored.

use litesoc::EventRecord;
use serde::Serialize;

use super::{client, page_for, short};
use crate::arguments::{EventsCommand, EventsList};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::{Card, Table};

#[derive(Serialize)]
struct Listed {
    data: Vec<EventRecord>,
}

pub(crate) fn run(command: &EventsCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        EventsCommand::List(list) => show_list(list, screen),
        EventsCommand::Get { id, remote } => {
            let event = client(remote)?.event(id).send().wait()?.into_inner();
            if screen.is_json() {
                screen.document(&event)
            } else {
                screen.raw(card(&event).to_string().as_bytes())
            }
        }
    }
}

fn show_list(list: &EventsList, screen: &mut Screen) -> Result<(), Failure> {
    let mut request = client(&list.remote)?.events().limit(page_for(list.span.limit));
    if let Some(name) = &list.event {
        request = request.event_name(name);
    }
    if let Some(actor) = &list.actor {
        request = request.actor_id(actor);
    }
    if let Some(from) = list.span.from {
        request = request.from(from);
    }
    if let Some(to) = list.span.to {
        request = request.to(to);
    }
    let data = request.iter().take(list.span.limit as usize).collect::<Result<Vec<_>, _>>()?;
    if screen.is_json() {
        return screen.document(&Listed { data });
    }
    let mut table = Table::new(&["time (UTC)", "event", "severity", "actor", "address", "id"]);
    for event in &data {
        let time = short(event.created_at);
        let actor = event.actor_id.as_deref().unwrap_or_default();
        let address = event.user_ip.as_deref().unwrap_or_default();
        table.row([&*time, event.event.as_str(), event.severity.as_str(), actor, address, &*event.id]);
    }
    screen.table(&table)
}

fn card(event: &EventRecord) -> Card {
    let mut card = Card::default();
    card.add("id", Some(&event.id));
    card.add("event", Some(&event.event));
    card.add("sent as", event.original_event.as_deref());
    card.add("severity", Some(&event.severity));
    card.add("actor", event.actor_id.as_deref());
    card.add("e-mail", event.actor_email.as_deref());
    card.add("address", event.user_ip.as_deref());
    card.add("server", event.server_ip.as_deref());
    card.add("time", event.created_at);
    card.add("received", event.received_at);
    for (key, value) in event.metadata.iter() {
        card.add("metadata", Some(format!("{key} {value}")));
    }
    card
}
