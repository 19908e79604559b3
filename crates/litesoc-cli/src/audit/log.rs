//! `litesoc audit log`: one record.

use std::path::PathBuf;

use clap::Args;
use litesoc::audit::{Event, Logged, PrivateKey};
use serde::Serialize;

use super::{Service, read};
use crate::outcome::Failure;
use crate::screen::Screen;

#[derive(Args, Debug)]
pub(crate) struct LogArguments {
    /// What happened.
    message: String,
    /// Who did it.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// What was done.
    #[arg(long, value_name = "WORD")]
    action: Option<String>,
    /// What it was done to.
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Where from.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// How it ended.
    #[arg(long, value_name = "WORD")]
    status: Option<String>,
    /// What was there before.
    #[arg(long, value_name = "TEXT")]
    old: Option<String>,
    /// What is there now.
    #[arg(long, value_name = "TEXT")]
    new: Option<String>,
    /// The tenant it belongs to.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// When it happened, as in 2026-03-01T12:30:00Z.
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// Sign the event with this Ed25519 key: a PEM file, as `litesoc audit keygen` makes it.
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
    #[command(flatten)]
    service: Service,
}

#[derive(Serialize)]
struct Shown<'a> {
    verified: bool,
    index: Option<u64>,
    hash: String,
    received_at: &'a str,
    receipt: Option<&'a str>,
    request_id: &'a str,
}

pub(super) fn run(arguments: &LogArguments, screen: &mut Screen) -> Result<(), Failure> {
    let key = match &arguments.sign {
        None => None,
        Some(path) => Some(
            PrivateKey::from_pem(&read(path)?)
                .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?,
        ),
    };
    let audit = arguments.service.client(|builder| match key {
        Some(key) => builder.sign_with(key),
        None => builder,
    })?;
    let log = audit.log(event(arguments));
    let (logged, why) = if arguments.service.verifies() {
        (log.send().wait()?.into_inner(), None)
    } else {
        let logged = log.send_unverified().wait()?;
        let why = logged.why();
        (logged.into_claim(), Some(why))
    };
    show(&logged, why, screen)
}

fn event(arguments: &LogArguments) -> Event {
    let members = [
        ("actor", &arguments.actor),
        ("action", &arguments.action),
        ("target", &arguments.target),
        ("source", &arguments.source),
        ("status", &arguments.status),
        ("old", &arguments.old),
        ("new", &arguments.new),
        ("tenant_id", &arguments.tenant),
        ("timestamp", &arguments.time),
    ];
    let mut event = Event::new().with("message", &*arguments.message);
    for (name, value) in members {
        if let Some(value) = value {
            event.set(name, &**value);
        }
    }
    event
}

fn show(logged: &Logged, why: Option<&str>, screen: &mut Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.document(&Shown {
            verified: why.is_none(),
            index: logged.index(),
            hash: logged.hash.to_string(),
            received_at: &logged.received_at,
            receipt: logged.receipt_note.as_deref(),
            request_id: &logged.request_id,
        });
    }
    match (logged.index(), why) {
        (Some(index), None) => screen.line(&format!("record {index} {}, verified", logged.hash)),
        _ => {
            screen.line(&format!("recorded {}", logged.hash))?;
            screen.remark(&format!(
                "unverified: {}; --log-key names the keys to check with",
                why.unwrap_or_default()
            ));
            Ok(())
        }
    }
}
