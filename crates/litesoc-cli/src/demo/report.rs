//! What the demo prints: a short account for people, or one JSON document.

use std::time::Duration;

use litesoc::model::Forensics;
use litesoc::{Alert, AlertStatus, PlanInfo};
use serde::Serialize;

use super::account::Account;
use super::ledger::Ledger;
use super::script::{Expected, Script};
use super::verdict::Verdict;
use crate::arguments::DemoArguments;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::{Table, shown};

/// Width of a line of running text.
const LINE: usize = 96;

#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    seed: u64,
    users: usize,
    server: &'a str,
    events: Events,
    attacks: Vec<Found<'a>>,
    signs: Vec<Found<'a>>,
    notices: Vec<Found<'a>>,
    resolved: Option<Changed<'a>>,
    marked_safe: Option<Changed<'a>>,
    plan: PlanView,
    audit: &'a Ledger,
    differences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<String>,
}

#[derive(Serialize)]
struct Events {
    sent: usize,
    acknowledged: u64,
    stored: usize,
    lost: u64,
    missing: usize,
    repeated: usize,
    unexpected: usize,
    seconds: f64,
    per_second: u64,
    detection_seconds: f64,
}

#[derive(Serialize)]
struct Found<'a> {
    expected: &'a Expected,
    alert: Option<&'a Alert>,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: &'a str,
    status: &'a AlertStatus,
    resolved_by: Option<&'a str>,
}

#[derive(Serialize)]
struct PlanView {
    name: Option<String>,
    retention_days: Option<u32>,
    quota_limit: Option<u64>,
    quota_remaining: Option<u64>,
}

pub(super) fn write(
    arguments: &DemoArguments,
    script: &Script,
    account: &Account,
    verdict: &Verdict,
    ledger: &Ledger,
    screen: &mut Screen,
) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.document(&document(arguments, script, account, verdict, ledger));
    }
    let events = events(script, account, verdict);
    screen.line(&format!(
        "{} events of the last day by {} users, all {} standard events, seed {}, to {}",
        events.sent,
        script.users,
        litesoc::events::standard().count(),
        arguments.seed,
        account.url
    ))?;
    screen.line(&format!(
        "sent {}, stored {}, lost {}; {} events/s, each on disk before it was acknowledged",
        events.sent, events.stored, events.lost, events.per_second
    ))?;
    write_attacks(script, account, verdict, screen)?;
    write_signs(script, account, verdict, screen)?;
    write_notices(script, account, verdict, screen)?;
    write_changes(account, screen)?;
    screen.line(&plan_line(&account.plan))?;
    write_ledger(ledger, screen)?;
    if let Some(folder) = &arguments.keep {
        screen.line(&format!("kept in {}", shown(&folder.display().to_string())))?;
    }
    if verdict.differences.is_empty() {
        return screen.line(
            "\nAll as it must be: every event is stored once, and exactly the expected alerts were raised.",
        );
    }
    screen.line("\nNot as it must be:")?;
    for difference in &verdict.differences {
        screen.line(&format!("  {}", shown(difference)))?;
    }
    Ok(())
}

fn write_ledger(ledger: &Ledger, screen: &mut Screen) -> Result<(), Failure> {
    let (records, bytes) = (ledger.records, ledger.bytes);
    screen.line(&format!(
        "\nThe audit log: {records} records exported as {bytes} bytes, which verify without a server"
    ))?;
    for attempt in &ledger.attempts {
        screen.line(&format!("\n  {}", attempt.what))?;
        let said = attempt.caught.as_deref().unwrap_or("NOBODY NOTICED");
        for line in wrap(&shown(said)) {
            screen.line(&format!("            {line}"))?;
        }
    }
    Ok(())
}

fn write_attacks(
    script: &Script,
    account: &Account,
    verdict: &Verdict,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let caught = verdict.attacks.iter().flatten().count();
    screen.line(&format!(
        "\n{caught} of {} attacks caught, the last one {} ms after its event was acknowledged",
        script.attacks.len(),
        account.detecting.as_millis()
    ))?;
    for (expected, place) in script.attacks.iter().zip(&verdict.attacks) {
        let Some(alert) = place.map(|place| &account.alerts[place]) else {
            screen.line(&format!("\n  MISSED    {}", expected.story))?;
            continue;
        };
        screen.line(&format!("\n  {:<9} {}", alert.severity.as_str().to_uppercase(), shown(&alert.title)))?;
        let who = alert.actor_id.as_deref().unwrap_or("several");
        let source = alert.source_ip.as_deref().unwrap_or("several");
        screen.line(&format!("            actor {}, address {}", shown(who), shown(source)))?;
        // Of several addresses only the first one's place is known.
        if let (Some(place), Some(_)) = (alert.forensics.as_ref().and_then(place_line), &alert.source_ip) {
            screen.line(&format!("            {}", shown(&place)))?;
        }
        for line in wrap(&shown(alert.description.as_deref().unwrap_or_default())) {
            screen.line(&format!("            {line}"))?;
        }
    }
    Ok(())
}

/// `Bucharest, Romania: Cheap Servers, a data centre; threat 20 of 100`.
fn place_line(known: &Forensics) -> Option<String> {
    let (network, location) = (&known.network, &known.location);
    let place: Vec<&str> =
        [location.city.as_deref(), location.country_name.as_deref()].into_iter().flatten().collect();
    let kinds = [
        (network.is_tor, "a Tor exit"),
        (network.is_vpn, "a VPN"),
        (network.is_proxy, "an open proxy"),
        (network.is_datacenter, "a data centre"),
    ];
    let kinds = kinds.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind);
    let network_words: Vec<&str> = network.asn_org.as_deref().into_iter().chain(kinds).collect();
    let threat = network.threat_score.filter(|score| *score > 0.0);
    let threat = threat.map_or_else(String::new, |score| format!("; threat {score} of 100"));
    (!place.is_empty()).then(|| format!("{}: {}{threat}", place.join(", "), network_words.join(", ")))
}

fn write_signs(
    script: &Script,
    account: &Account,
    verdict: &Verdict,
    screen: &mut Screen,
) -> Result<(), Failure> {
    screen.line(&format!(
        "\n{} first signs of these attacks, told before anything was known of the rest",
        script.signs.len()
    ))?;
    screen.table(&table_of(&script.signs, &verdict.signs, account))
}

fn write_notices(
    script: &Script,
    account: &Account,
    verdict: &Verdict,
    screen: &mut Screen,
) -> Result<(), Failure> {
    screen.line(&format!(
        "\n{} notices: ordinary events that are always worth an alert",
        script.notices.len()
    ))?;
    screen.table(&table_of(&script.notices, &verdict.notices, account))
}

fn table_of(expected: &[Expected], places: &[Option<usize>], account: &Account) -> Table {
    let mut table = Table::new(&["  severity", "events", "alert", "why"]);
    for (expected, place) in expected.iter().zip(places) {
        let Some(alert) = place.map(|place| &account.alerts[place]) else { continue };
        let severity = format!("  {}", alert.severity);
        let count = alert.metadata.get::<u64>("count").unwrap_or(0).to_string();
        table.row([&*severity, &*count, &*alert.title, expected.story]);
    }
    table
}

fn write_changes(account: &Account, screen: &mut Screen) -> Result<(), Failure> {
    screen.line("")?;
    for (what, alert) in [("resolved", &account.resolved), ("marked safe", &account.safe)] {
        if let Some(alert) = alert {
            screen.line(&format!("{what}: {}, now {}", shown(&alert.title), shown(alert.status.as_str())))?;
        }
    }
    Ok(())
}

fn plan_line(plan: &PlanInfo) -> String {
    let name = plan.plan.as_ref().map_or("unknown", |plan| plan.as_str());
    let days = plan.retention_days.map_or_else(String::new, |days| format!(", events kept {days} days"));
    let quota = match plan.quota.and_then(|quota| Some((quota.remaining?, quota.limit?))) {
        Some((remaining, limit)) => format!("{remaining} of {limit} events left this month"),
        None => "no monthly quota".to_owned(),
    };
    format!("plan {}{days}, {quota}", shown(name))
}

fn document<'a>(
    arguments: &DemoArguments,
    script: &'a Script,
    account: &'a Account,
    verdict: &'a Verdict,
    ledger: &'a Ledger,
) -> Document<'a> {
    let found = |expected: &'a [Expected], places: &[Option<usize>]| {
        let alerts = places.iter().map(|place| place.map(|place| &account.alerts[place]));
        expected.iter().zip(alerts).map(|(expected, alert)| Found { expected, alert }).collect()
    };
    let quota = account.plan.quota;
    Document {
        audit: ledger,
        ok: verdict.differences.is_empty(),
        seed: arguments.seed,
        users: script.users,
        server: &account.url,
        events: events(script, account, verdict),
        attacks: found(&script.attacks, &verdict.attacks),
        signs: found(&script.signs, &verdict.signs),
        notices: found(&script.notices, &verdict.notices),
        resolved: account.resolved.as_ref().map(changed),
        marked_safe: account.safe.as_ref().map(changed),
        plan: PlanView {
            name: account.plan.plan.as_ref().map(ToString::to_string),
            retention_days: account.plan.retention_days,
            quota_limit: quota.and_then(|quota| quota.limit),
            quota_remaining: quota.and_then(|quota| quota.remaining),
        },
        differences: &verdict.differences,
        kept: arguments.keep.as_ref().map(|folder| folder.display().to_string()),
    }
}

fn changed(alert: &Alert) -> Changed<'_> {
    Changed { id: &alert.id, status: &alert.status, resolved_by: alert.resolved_by.as_deref() }
}

fn events(script: &Script, account: &Account, verdict: &Verdict) -> Events {
    let sending = account.sending.max(Duration::from_millis(1));
    let per_second = u128::from(account.stats.delivered) * 1_000 / sending.as_millis();
    Events {
        sent: script.lines.len(),
        acknowledged: account.stats.delivered,
        stored: account.stored.len(),
        lost: account.stats.lost.total(),
        missing: verdict.missing,
        repeated: verdict.repeated,
        unexpected: verdict.unexpected,
        seconds: seconds(account.sending),
        per_second: u64::try_from(per_second).unwrap_or(u64::MAX),
        detection_seconds: seconds(account.detecting),
    }
}

/// Seconds to two places.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100.0).round() / 100.0
}

/// Words in lines that a terminal holds.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
