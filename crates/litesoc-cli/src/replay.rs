//! `litesoc replay`: what detection says of the stored history, beside what it said.

use clap::Args;
use litesoc::Timestamp;
use litesoc_server::{Changed, Differences, Replay};
use litesoc_store::{NewAlert, SqliteStore};
use serde::Serialize;
use uuid::Uuid;

use crate::arguments::Data;
use crate::detection::DetectionFiles;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Table;

#[derive(Args, Debug)]
pub(crate) struct ReplayArguments {
    #[command(flatten)]
    data: Data,
    /// Compare only alerts that events raised from this time on. What is usual is learned from all events that are stored.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Compare only alerts that events raised up to this time.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    #[command(flatten)]
    files: DetectionFiles,
}

pub(crate) fn run(arguments: &ReplayArguments, screen: &mut Screen) -> Result<(), Failure> {
    let mut replay = Replay::default();
    (replay.from, replay.to) = (arguments.from, arguments.to);
    replay.detection = arguments.files.settings()?;
    replay.rules = arguments.files.rules()?;
    let data = &arguments.data.data;
    if !data.is_dir() {
        return Err(Failure::missing(format!("there is no data folder at {}", data.display()))
            .advise("Name the server's folder with --data."));
    }
    let store = SqliteStore::open_read_only(data)?;
    screen.progress("examining the stored events");
    let found = litesoc_server::replay(&store, &replay)?;
    if screen.is_json() { screen.document(&Document::of(&found)) } else { tell(&found, screen) }
}

/// The differences for programs.
#[derive(Serialize)]
struct Document {
    events: u64,
    same: usize,
    unjudged: usize,
    new: Vec<Alert>,
    gone: Vec<Alert>,
    changed: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    stored: Alert,
    now: Alert,
}

#[derive(Serialize)]
struct Alert {
    id: Uuid,
    organization: String,
    alert_type: String,
    severity: String,
    title: String,
    description: Option<String>,
    source_ip: Option<String>,
    actor_id: Option<String>,
    trigger_event_id: Option<Uuid>,
    count: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
    technique: Option<String>,
    metadata: serde_json::Value,
}

impl Document {
    fn of(found: &Differences) -> Self {
        let pair = |changed: &Changed| Pair {
            stored: Alert::of(&changed.stored.alert),
            now: Alert::of(&changed.now),
        };
        Self {
            events: found.events,
            same: found.same,
            unjudged: found.unjudged,
            new: found.new.iter().map(Alert::of).collect(),
            gone: found.gone.iter().map(|alert| Alert::of(&alert.alert)).collect(),
            changed: found.changed.iter().map(pair).collect(),
        }
    }
}

impl Alert {
    fn of(alert: &NewAlert) -> Self {
        Self {
            id: alert.id,
            organization: alert.organization.to_string(),
            alert_type: alert.alert_type.clone(),
            severity: alert.severity.clone(),
            title: alert.title.clone(),
            description: alert.description.clone(),
            source_ip: alert.source_ip.map(|ip| ip.to_string()),
            actor_id: alert.actor_id.clone(),
            trigger_event_id: alert.trigger_event_id,
            count: alert.count,
            first_seen: Timestamp::from_millis(alert.first_seen_ms),
            last_seen: Timestamp::from_millis(alert.last_seen_ms),
            technique: alert.technique.clone(),
            metadata: serde_json::from_str(&alert.metadata).unwrap_or_default(),
        }
    }
}

/// The differences for people.
fn tell(found: &Differences, screen: &mut Screen) -> Result<(), Failure> {
    let mut table = Table::new(&["", "severity", "events", "first seen", "alert"]);
    for alert in &found.new {
        row(&mut table, "new", (alert.severity.clone(), alert.count.to_string()), alert);
    }
    for alert in &found.gone {
        let alert = &alert.alert;
        row(&mut table, "gone", (alert.severity.clone(), alert.count.to_string()), alert);
    }
    for Changed { stored, now, .. } in &found.changed {
        let stored = &stored.alert;
        let severity = between(&stored.severity, &now.severity);
        row(
            &mut table,
            "changed",
            (severity, between(&stored.count.to_string(), &now.count.to_string())),
            now,
        );
    }
    let (new, gone, changed) = (found.new.len(), found.gone.len(), found.changed.len());
    screen.line(&format!(
        "{} events examined: {} alerts the same, {new} new, {gone} gone, {changed} changed",
        found.events, found.same
    ))?;
    if found.unjudged > 0 {
        screen.line(&format!(
            "{} alerts are not judged: the events that raised them were purged",
            found.unjudged
        ))?;
    }
    if found.is_empty() { Ok(()) } else { screen.table(&table) }
}

fn row(table: &mut Table, what: &str, (severity, count): (String, String), alert: &NewAlert) {
    let first_seen = Timestamp::from_millis(alert.first_seen_ms).to_string();
    table.row([what, &severity, &count, &first_seen, &alert.title]);
}

fn between(stored: &str, now: &str) -> String {
    if stored == now { now.to_owned() } else { format!("{stored} -> {now}") }
}
