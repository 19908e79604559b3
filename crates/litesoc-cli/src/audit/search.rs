//! `litesoc audit search` and `root`.

use clap::Args;
use litesoc::audit::{Found, Order, Record};
use serde::Serialize;

use super::Service;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::{Table, shown};

#[derive(Args, Debug)]
pub(crate) struct SearchArguments {
    /// What to look for, such as `actor:alice "all customers"`. Default: everything.
    #[arg(default_value = "")]
    query: String,
    /// From this time on: a time, or a duration before now such as 7d. Default: 14 days ago.
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// Up to this time.
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    /// Oldest first.
    #[arg(long)]
    ascending: bool,
    #[command(flatten)]
    service: Service,
}

#[derive(Serialize)]
struct Listed {
    count: u64,
    records: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<Box<serde_json::value::RawValue>>,
}

pub(super) fn run(arguments: &SearchArguments, screen: &mut Screen) -> Result<(), Failure> {
    let audit = arguments.service.client(|builder| builder)?;
    let order = if arguments.ascending { Order::Ascending } else { Order::Descending };
    let mut search =
        audit.search().query(&*arguments.query).limit(arguments.limit).order_by("received_at", order);
    if let Some(start) = &arguments.start {
        search = search.start(start);
    }
    if let Some(end) = &arguments.end {
        search = search.end(end);
    }
    let page =
        if arguments.service.verifies() { search.send().wait()? } else { search.send_unverified().wait()? };
    if screen.is_json() {
        let records = page.records.iter().map(row).collect::<Result<_, _>>()?;
        screen.document(&Listed { count: page.count, records })?;
    } else {
        let mut table = Table::new(&["record", "verdict", "received", "actor", "message"]);
        page.records.iter().for_each(|found| add(&mut table, found));
        screen.table(&table)?;
    }
    let forged = page.records.iter().find_map(|found| match found {
        Found::Forged { place, error } => Some((place, error)),
        Found::Verified(_) | Found::Unverified(_) => None,
    });
    match forged {
        None => Ok(()),
        Some((place, error)) => {
            Err(Failure::new(format!("record {place} of the page: {}", shown(error.message()))))
        }
    }
}

fn row(found: &Found) -> Result<Row, Failure> {
    let of = |record: &Record, verdict, why| -> Result<Row, Failure> {
        let envelope = serde_json::value::RawValue::from_string(record.envelope.clone())?;
        let hash = Some(record.hash.to_string());
        Ok(Row { verdict, why, index: record.index, hash, envelope: Some(envelope) })
    };
    match found {
        Found::Verified(record) => of(record, "verified", None),
        Found::Unverified(record) => of(record.claim(), "unverified", Some(record.why().to_owned())),
        Found::Forged { error, .. } => {
            let why = Some(error.message().to_owned());
            Ok(Row { verdict: "forged", why, index: None, hash: None, envelope: None })
        }
    }
}

fn add(table: &mut Table, found: &Found) {
    let (record, verdict) = match found {
        Found::Verified(record) => (&**record, "verified"),
        Found::Unverified(record) => (record.claim(), "unverified"),
        Found::Forged { error, .. } => return table.row(["", "FORGED", "", "", error.message()]),
    };
    let index = record.index.map(|index| index.to_string()).unwrap_or_default();
    let text = |name: &str| record.event.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    table.row([&*index, verdict, &*record.received_at, text("actor"), text("message")]);
}

#[derive(Serialize)]
struct Root {
    verified: bool,
    size: u64,
    root_hash: String,
}

pub(super) fn root(size: Option<u64>, service: &Service, screen: &mut Screen) -> Result<(), Failure> {
    let audit = service.client(|builder| builder)?;
    let mut question = audit.root();
    if let Some(size) = size {
        question = question.size(size);
    }
    let root = if service.verifies() {
        let root = question.send().wait()?;
        Root { verified: true, size: root.size(), root_hash: root.root().to_string() }
    } else {
        let (size, hash) = question.send_unverified().wait()?.into_claim();
        Root { verified: false, size, root_hash: hash.to_string() }
    };
    if screen.is_json() {
        return screen.document(&root);
    }
    let verdict = if root.verified { "verified" } else { "unverified" };
    screen.line(&format!("{} records, root {}, {verdict}", root.size, root.root_hash))
}
