//! `litesoc alerts`: what was found, and dealing with it.

use litesoc::{Alert, AlertSeverity, AlertStatus, AlertType, Resolution, Timestamp};
use serde::Serialize;

use super::{client, page_for, short};
use crate::arguments::{AlertsCommand, AlertsList, Note, Remote};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::{Card, Table, shown};

#[derive(Serialize)]
struct Listed {
    data: Vec<Alert>,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: &'a str,
    status: AlertStatus,
    resolution: Option<Resolution>,
    resolved_at: Option<Timestamp>,
    resolved_by: Option<String>,
}

pub(crate) fn run(command: &AlertsCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        AlertsCommand::List(list) => show_list(list, screen),
        AlertsCommand::Get { id, remote } => {
            let alert = client(remote)?.alert(id).send().wait()?.into_inner();
            show(&alert, screen)
        }
        AlertsCommand::Resolve { id, how, note, remote } => {
            change(id, Some(Resolution::from(how.as_str())), note, remote, screen)
        }
        AlertsCommand::Safe { id, note, remote } => change(id, None, note, remote, screen),
    }
}

fn change(
    id: &str,
    resolution: Option<Resolution>,
    note: &Note,
    remote: &Remote,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let alert = client(remote)?.alert(id);
    let mut update = match resolution {
        Some(resolution) => alert.resolve(resolution),
        None => alert.mark_safe(),
    };
    if let Some(notes) = &note.notes {
        update = update.notes(notes);
    }
    if let Some(by) = &note.by {
        update = update.by(by);
    }
    let updated = update.send().wait()?.into_inner();
    let status = updated.status.unwrap_or_else(|| AlertStatus::Other("changed".into()));
    if !screen.is_json() {
        return screen.line(&format!("{} {}", shown(status.as_str()), shown(id)));
    }
    screen.document(&Changed {
        id,
        status,
        resolution: updated.resolution,
        resolved_at: updated.resolved_at,
        resolved_by: updated.resolved_by,
    })
}

fn show(alert: &Alert, screen: &mut Screen) -> Result<(), Failure> {
    if screen.is_json() { screen.document(alert) } else { screen.raw(card(alert).to_string().as_bytes()) }
}

fn show_list(list: &AlertsList, screen: &mut Screen) -> Result<(), Failure> {
    let mut request = client(&list.remote)?.alerts().limit(page_for(list.span.limit));
    if let Some(status) = &list.status {
        request = request.status(AlertStatus::from(status.as_str()));
    }
    if let Some(severity) = &list.severity {
        request = request.severity(AlertSeverity::from(severity.as_str()));
    }
    if let Some(alert_type) = &list.alert_type {
        request = request.alert_type(AlertType::from(alert_type.as_str()));
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
    let mut table = Table::new(&["raised (UTC)", "severity", "status", "title", "id"]);
    for alert in &data {
        let raised = short(alert.created_at);
        table.row([&*raised, alert.severity.as_str(), alert.status.as_str(), &*alert.title, &*alert.id]);
    }
    screen.table(&table)
}

fn card(alert: &Alert) -> Card {
    let mut card = Card::default();
    card.add("id", Some(&alert.id));
    card.add("title", Some(&alert.title));
    card.add("type", Some(&alert.alert_type));
    card.add("severity", Some(&alert.severity));
    card.add("status", Some(&alert.status));
    card.add("what", alert.description.as_deref());
    card.add("actor", alert.actor_id.as_deref());
    card.add("address", alert.source_ip.as_deref());
    card.add("events", alert.metadata.get::<u64>("count"));
    card.add("technique", alert.metadata.text("technique"));
    card.add("first event", alert.trigger_event_id.as_deref());
    card.add("raised", alert.created_at);
    card.add("resolved", alert.resolved_at);
    card.add("by", alert.resolved_by.as_deref());
    card.add("notes", alert.resolution_notes.as_deref());
    card
}
