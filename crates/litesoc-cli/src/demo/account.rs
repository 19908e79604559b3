//! [`Account`]: sending the script, waiting for the end of it, and reading everything back.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use litesoc::{Alert, AlertStatus, Client, FlushReport, PlanInfo, Resolution, Stats};

use super::performance::Progress;
use super::script::{Expected, Script};
use super::stage::{self, Entrance};
use super::verdict;
use crate::outcome::Failure;

/// The longest the server may take to acknowledge everything.
const DELIVERY: Duration = Duration::from_secs(300);
/// The longest detection may take after that.
const DETECTION: Duration = Duration::from_secs(30);
/// Rows of a page.
const PAGE: u64 = 200;

/// What happened, as the client and the service tell it.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) url: String,
    pub(super) stats: Stats,
    pub(super) delivery: FlushReport,
    /// From the first event tracked to the last one acknowledged.
    pub(super) sending: Duration,
    /// From then until every alert could be read.
    pub(super) detecting: Duration,
    /// How often each id is stored.
    pub(super) stored: HashMap<String, u64>,
    /// The alerts as they were found, before any was dealt with.
    pub(super) alerts: Vec<Alert>,
    /// The alert that was resolved, as it is now.
    pub(super) resolved: Option<Alert>,
    /// The alert that was marked safe, as it is now.
    pub(super) safe: Option<Alert>,
    pub(super) plan: PlanInfo,
}

pub(super) fn play(entrance: &Entrance, script: &Script, screen: &Progress) -> Result<Account, Failure> {
    let client = entrance.client(script.lines.len() + 1)?;
    let begin = stage::clock();
    for line in &script.lines {
        client.track(line.to_event());
    }
    let delivery = deliver(&client, screen);
    let sending = begin.elapsed();

    let acknowledged = stage::clock();
    detect(&client, acknowledged, screen)?;
    let detecting = acknowledged.elapsed();

    let stored = read_events(&client, script.lines.len(), screen)?;
    let alerts = read_alerts(&client)?;
    let resolved = resolve(&client, script, &alerts)?;
    let safe = mark_safe(&client, script, &alerts)?;
    let plan = client.plan().send().wait()?.plan;
    let stats = client.stats();
    let _nothing_left = client.shutdown(DELIVERY).wait();
    let url = entrance.url.clone();
    Ok(Account { url, stats, delivery, sending, detecting, stored, alerts, resolved, safe, plan })
}

/// Waits until every event is acknowledged or given up.
fn deliver(client: &Client, screen: &Progress) -> FlushReport {
    let report = client.flush(DELIVERY);
    loop {
        let stats = client.stats();
        if stats.queued == 0 {
            break;
        }
        screen.progress(&format!("{} of {} events acknowledged", stats.delivered, stats.tracked));
        if stats.oldest_age.is_some_and(|age| age > DELIVERY) {
            break;
        }
        stage::pause();
    }
    report.wait()
}

/// Waits until the alerts that follow from what is stored can be read.
fn detect(client: &Client, since: Instant, screen: &Progress) -> Result<(), Failure> {
    while since.elapsed() < DETECTION {
        let lag = client.health().send().wait()?.into_inner().detection.unwrap_or_default();
        if lag.events == 0 {
            break;
        }
        screen.progress(&format!("detection is {} events behind", lag.events));
        stage::pause();
    }
    Ok(())
}

fn read_events(client: &Client, expected: usize, screen: &Progress) -> Result<HashMap<String, u64>, Failure> {
    let mut stored: HashMap<String, u64> = HashMap::with_capacity(expected);
    for (number, event) in client.events().limit(PAGE).iter().enumerate() {
        *stored.entry(event?.id).or_default() += 1;
        if number % 1_000 == 0 {
            screen.progress(&format!("{number} of {expected} events read back"));
        }
    }
    Ok(stored)
}

fn read_alerts(client: &Client) -> Result<Vec<Alert>, Failure> {
    Ok(client.alerts().limit(PAGE).iter().collect::<Result<_, _>>()?)
}

/// Resolves the spray's alert: its address can be blocked.
fn resolve(client: &Client, script: &Script, alerts: &[Alert]) -> Result<Option<Alert>, Failure> {
    let spray = script.attacks.iter().find(|attack| attack.actor_id.is_none());
    let Some(alert) = found(spray, alerts) else { return Ok(None) };
    let update = client.alert(&alert.id).resolve(Resolution::BlockedIp);
    update.notes("blocked at the firewall").by("demo").send().wait()?;
    Ok(Some(client.alert(&alert.id).send().wait()?.into_inner()))
}

/// Marks the first notice safe: nobody did wrong.
fn mark_safe(client: &Client, script: &Script, alerts: &[Alert]) -> Result<Option<Alert>, Failure> {
    let Some(alert) = found(script.notices.first(), alerts) else { return Ok(None) };
    client.alert(&alert.id).mark_safe().notes("a known page").by("demo").send().wait()?;
    Ok(Some(client.alert(&alert.id).send().wait()?.into_inner()))
}

fn found<'a>(expected: Option<&Expected>, alerts: &'a [Alert]) -> Option<&'a Alert> {
    let expected = expected?;
    alerts.iter().find(|alert| alert.status == AlertStatus::Open && verdict::is_about(alert, expected))
}
