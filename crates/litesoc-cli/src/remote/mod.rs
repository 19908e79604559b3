//! The commands that talk to a service, through the client library.

pub(crate) mod alerts;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod track;

use std::time::Duration;

use litesoc::{Client, Timestamp};

use crate::arguments::Remote;
use crate::outcome::Failure;

/// Rows of a page that every service gives.
const PAGE: u64 = 100;

fn client(remote: &Remote) -> Result<Client, Failure> {
    let Some(key) = remote.api_key.as_deref() else {
        return Err(Failure::usage("no API key").advise(
            "Set LITESOC_API_KEY, or give --api-key. `litesoc serve` shows one when it first starts.",
        ));
    };
    let limit = Duration::from_secs(remote.timeout);
    Ok(Client::builder(key)
        .base_url(&*remote.base_url)
        .request_timeout(limit)
        .confirm_timeout(limit)
        .build()?)
}

/// How many rows to ask for at a time when so many are wanted.
fn page_for(limit: u32) -> u64 {
    u64::from(limit).min(PAGE)
}

/// `2026-03-01 12:30:00`, in UTC as all times here.
pub(crate) fn short(time: Option<Timestamp>) -> String {
    let Some(time) = time else { return String::new() };
    let text = time.to_string();
    format!("{} {}", text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default())
}
