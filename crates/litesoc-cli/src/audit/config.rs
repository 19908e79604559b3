//! `litesoc audit config`: the logs of a data folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use litesoc_audit::{AuditService, Configuration, NewConfiguration, Settings};
use litesoc_ledger::canonical::Value;
use litesoc_ledger::schema::Schema;
use litesoc_ledger::time::Moment;
use litesoc_server::{Accounts, Clock};
use litesoc_store::SqliteStore;
use serde::Serialize;

use super::AUDIT;
use crate::arguments::Data;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Table;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Make a log, and show the id that requests name it by.
    Create {
        /// What to call it.
        name: String,
        /// Whose log it is. Default: the only organization there is.
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        /// What its events may hold: a schema of the Pangea Audit API, as JSON. Default: the standard one.
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
        /// The server signs events that come unsigned.
        #[arg(long, visible_alias = "vault-sign")]
        server_signing: bool,
        /// What stands before the name of the log in its checkpoints.
        #[arg(long, value_name = "NAME", default_value = "litesoc.localhost")]
        host: String,
        #[command(flatten)]
        data: Data,
    },
    /// List the logs.
    List {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Serialize)]
struct Listed {
    data: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    organization: String,
    name: String,
    origin: String,
    schema: &'static str,
    server_signing: bool,
    default: bool,
}

impl From<&Configuration> for Row {
    fn from(configuration: &Configuration) -> Self {
        Self {
            id: configuration.id.to_string(),
            organization: configuration.organization.clone(),
            name: configuration.name.clone(),
            origin: configuration.origin.clone(),
            schema: if configuration.schema.is_some() { "own" } else { "standard" },
            server_signing: configuration.vault_sign,
            default: configuration.is_default,
        }
    }
}

pub(super) fn run(command: &ConfigCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        ConfigCommand::Create { name, organization, schema, server_signing, host, data } => {
            let mut new = NewConfiguration::named(name);
            new.vault_sign = *server_signing;
            new.schema = schema.as_deref().map(read_schema).transpose()?;
            let organization = owner(&data.data, organization.as_deref())?;
            let made = open(&data.data, host)?.create(&organization, new);
            let made = made.map_err(|error| Failure::new(error.to_string()))?;
            let row = Row::from(made.configuration());
            if screen.is_json() { screen.document(&row) } else { screen.line(&row.id) }
        }
        ConfigCommand::List { data } => list(&data.data, screen),
    }
}

fn read_schema(path: &Path) -> Result<serde_json::Value, Failure> {
    let wrong = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let value = Value::parse(&text).map_err(|error| wrong(error.to_string()))?;
    Schema::from_value(&value).map_err(|faults| wrong(faults.to_string()))?;
    Ok(serde_json::from_slice(&text)?)
}

fn owner(data: &Path, named: Option<&str>) -> Result<String, Failure> {
    if !data.is_dir() {
        return Err(Failure::missing(format!("there is no data folder at {}", data.display()))
            .advise("Name the server's folder with --data."));
    }
    let store = SqliteStore::open(data)?;
    let all = Accounts::of(&store).organizations()?;
    match named {
        Some(id) if all.iter().any(|one| one.id.as_str() == id) => Ok(id.to_owned()),
        Some(id) => Err(Failure::missing(format!("there is no organization {id}"))),
        None => {
            match &all[..] {
                [only] => Ok(only.id.to_string()),
                [] => Err(Failure::missing("there is no organization yet")
                    .advise("`litesoc key create` makes one.")),
                [..] => Err(Failure::usage("there are several organizations")
                    .advise("Choose one with --organization; `litesoc key list` shows their ids.")),
            }
        }
    }
}

fn open(data: &Path, host: &str) -> Result<AuditService, Failure> {
    let clock = Clock::system();
    let now = move || {
        Moment::from_micros(clock.now().as_millis() * 1_000).expect("the clock shows a year below 10000")
    };
    let mut settings = Settings::new(Arc::new(now));
    host.clone_into(&mut settings.host);
    AuditService::open(&data.join(AUDIT), settings).map_err(|error| {
        Failure::new(error.to_string()).advise("No server may be running on the data folder meanwhile.")
    })
}

fn list(data: &Path, screen: &mut Screen) -> Result<(), Failure> {
    if !data.join(AUDIT).is_dir() {
        return Err(Failure::missing(format!("there are no audit logs in {}", data.display()))
            .advise("Name the server's folder with --data."));
    }
    let service = open(data, "litesoc.localhost")?;
    let rows: Vec<Row> = service.logs().iter().map(|log| Row::from(log.configuration())).collect();
    if screen.is_json() {
        return screen.document(&Listed { data: rows });
    }
    let mut table = Table::new(&["id", "organization", "name", "schema", "server signs", "origin"]);
    for row in &rows {
        let signs = if row.server_signing { "yes" } else { "no" };
        table.row([&*row.id, &*row.organization, &*row.name, row.schema, signs, &*row.origin]);
    }
    screen.table(&table)
}
