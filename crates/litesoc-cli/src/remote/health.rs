//! `litesoc health`: whether the service is well and the key is valid.

use crate::arguments::Remote;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Card;

use super::client;

pub(crate) fn run(remote: &Remote, screen: &mut Screen) -> Result<(), Failure> {
    let health = client(remote)?.health().send().wait()?.into_inner();
    if screen.is_json() {
        screen.document(&health)?;
    } else {
        let mut card = Card::default();
        card.add("status", Some(&health.status));
        card.add("service", health.service.as_deref());
        card.add("version", health.version.as_deref());
        card.add("organization", health.organization.as_ref().map(|organization| &organization.name));
        card.add("plan", health.plan.as_ref());
        if let Some(quota) = &health.quota {
            card.add("events left", quota.remaining);
            card.add("events a month", quota.limit);
        }
        card.add("detection", health.detection.map(|lag| behind(lag.events, lag.milliseconds)));
        screen.raw(card.to_string().as_bytes())?;
    }
    if health.is_ok() {
        Ok(())
    } else {
        Err(Failure::new(health.error.unwrap_or_else(|| format!("the service says `{}`", health.status))))
    }
}

/// How far detection is behind, for people.
fn behind(events: u64, milliseconds: u64) -> String {
    match events {
        0 => "up to date".to_owned(),
        1 => format!("1 event and {milliseconds} ms behind"),
        _ => format!("{events} events and {milliseconds} ms behind"),
    }
}
