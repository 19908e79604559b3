//! `litesoc audit config`: the logs of a data folder, and the tokens that are good for some of them. A server may run on it.

mod tokens;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use litesoc_audit::{ConfigId, Configuration, NewConfiguration, Registry, TokenBinding};
use litesoc_ledger::canonical::Value;
use litesoc_ledger::schema::Schema;
use litesoc_server::{Accounts, ApiKey};
use litesoc_store::OrganizationId;
use serde::Serialize;

use super::AUDIT;
use crate::arguments::{Data, pair};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Table;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Make a log, and show the id that requests name it by.
    Create(CreateArguments),
    /// List the logs.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Make a token good for these logs and no others. With several, a request has to name one of them.
    Bind {
        /// The token.
        token: String,
        /// The ids of the logs, `pci_...`.
        #[arg(value_name = "CONFIG", required = true)]
        configs: Vec<String>,
        /// Every search with the token finds only records whose field has this value, `FIELD=VALUE`. Repeatable: any value of
        /// those given for one field.
        #[arg(long, value_name = "FIELD=VALUE", value_parser = pair)]
        restrict: Vec<(String, String)>,
        #[command(flatten)]
        data: Data,
    },
    /// Make a token good for all logs of its organization again.
    Unbind {
        /// The token.
        token: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// What to call it.
    name: String,
    /// Whose log it is. Default: that of its tokens, or the only organization there is.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// What its events may hold: a schema of the Pangea Audit API, as JSON. Default: the standard one.
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The server signs events that come unsigned.
    #[arg(long, visible_alias = "vault-sign")]
    server_signing: bool,
    /// A token that is good for this log, beside those it was made good for in the same way before, and for no others. One
    /// that nobody knows becomes a key of the organization, while no server runs on the folder. Repeatable.
    #[arg(long, value_name = "TOKEN")]
    token: Vec<String>,
    /// Make such a token, and show it on the second line, this once.
    #[arg(long)]
    new_token: bool,
    /// What stands before the name of the log in its checkpoints.
    #[arg(long, value_name = "NAME", default_value = "litesoc.localhost")]
    host: String,
    #[command(flatten)]
    data: Data,
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
    /// How many tokens are bound to it.
    tokens: usize,
}

#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    row: &'a Row,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

#[derive(Serialize)]
struct Bound<'a> {
    /// Empty for a token that is good for all logs of its organization.
    configs: &'a [ConfigId],
    restriction: &'a BTreeMap<String, Vec<String>>,
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
            tokens: 0,
        }
    }
}

pub(super) fn run(command: &ConfigCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        ConfigCommand::Create(arguments) => create(arguments, screen),
        ConfigCommand::List { data } => list(&data.data, screen),
        ConfigCommand::Bind { token, configs, restrict, data } => {
            let mut binding = TokenBinding::to(Vec::new());
            for (field, value) in restrict {
                binding.restriction.entry(field.clone()).or_default().push(value.clone());
            }
            bind(token, configs, binding, &data.data, screen)
        }
        ConfigCommand::Unbind { token, data } => {
            let token = tokens::name_of(&tokens::key(token)?);
            let was_bound =
                existing(&data.data)?.unbind(&token).map_err(|error| Failure::new(error.to_string()))?;
            if !was_bound {
                return Err(Failure::missing("this token is bound to no log"));
            }
            let free = Bound { configs: &[], restriction: &BTreeMap::new() };
            if screen.is_json() {
                screen.document(&free)
            } else {
                screen.line("good for all logs of its organization")
            }
        }
    }
}

fn create(arguments: &CreateArguments, screen: &mut Screen) -> Result<(), Failure> {
    let data = &*arguments.data.data;
    let mut new = NewConfiguration::named(&*arguments.name);
    new.vault_sign = arguments.server_signing;
    new.schema = arguments.schema.as_deref().map(read_schema).transpose()?;
    let mut keys = arguments.token.iter().map(|text| tokens::key(text)).collect::<Result<Vec<_>, _>>()?;
    let made_key = arguments.new_token.then(ApiKey::random);
    keys.extend(made_key.clone());
    let (owner, made_keys) = tokens::owner(data, arguments.organization.as_deref(), &keys)?;
    let registry = Registry::new(data.join(AUDIT), &*arguments.host);
    let made = registry.create(&owner, new).map_err(|error| Failure::new(error.to_string()))?;
    let mut row = Row::from(&made);
    row.tokens = keys.len();
    let mut narrowed = 0;
    for key in &keys {
        narrowed += usize::from(tokens::add(&registry, key, &made.id)?);
    }
    let token = made_key.as_ref().map(ApiKey::reveal);
    if screen.is_json() {
        return screen.document(&Made { row: &row, token });
    }
    screen.line(&row.id)?;
    if let Some(token) = token {
        screen.line(token)?;
        screen.remark("The second line is its token. It is not kept and cannot be shown again.");
    }
    if narrowed > made_keys {
        screen
            .remark("A token that was good for all logs of its organization is good for this one alone now.");
    }
    Ok(())
}

fn bind(
    token: &str,
    configs: &[String],
    mut binding: TokenBinding,
    data: &Path,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let registry = existing(data)?;
    let key = tokens::key(token)?;
    let known = registry.list().map_err(|error| Failure::new(error.to_string()))?;
    let mut owner: Option<&str> = None;
    for text in configs {
        let found = known.iter().find(|known| known.id.as_str() == text).ok_or_else(|| {
            Failure::missing(format!("there is no log {text}"))
                .advise("`litesoc audit config list` shows all logs.")
        })?;
        if *owner.get_or_insert(&found.organization) != found.organization {
            return Err(Failure::usage("the logs belong to several organizations")
                .advise("A token speaks for one organization."));
        }
        binding.configurations.push(found.id.clone());
    }
    // A token that nobody knows becomes a key of the organization; one of another organization is refused.
    tokens::owner(data, owner, std::slice::from_ref(&key))?;
    registry.bind(&tokens::name_of(&key), &binding).map_err(|error| Failure::new(error.to_string()))?;
    if screen.is_json() {
        return screen
            .document(&Bound { configs: &binding.configurations, restriction: &binding.restriction });
    }
    screen.line(&format!("good for {}", configs.join(" ")))
}

fn read_schema(path: &Path) -> Result<serde_json::Value, Failure> {
    let wrong = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let value = Value::parse(&text).map_err(|error| wrong(error.to_string()))?;
    Schema::from_value(&value).map_err(|faults| wrong(faults.to_string()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// The logs of a folder that is there.
fn existing(data: &Path) -> Result<Registry, Failure> {
    if data.is_dir() {
        return Ok(Registry::new(data.join(AUDIT), ""));
    }
    Err(Failure::missing(format!("there is no data folder at {}", data.display()))
        .advise("Name the server's folder with --data."))
}

/// The organization that is named, or the only one there is; `None` when there is none at all.
fn only_organization(
    accounts: &Accounts<'_>,
    named: Option<&str>,
) -> Result<Option<OrganizationId>, Failure> {
    let all = accounts.organizations()?;
    match (named, &all[..]) {
        (Some(id), all) => {
            let found = all.iter().find(|one| one.id.as_str() == id).map(|one| one.id.clone());
            found.map(Some).ok_or_else(|| Failure::missing(format!("there is no organization {id}")))
        }
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.id.clone())),
        (None, [..]) => Err(Failure::usage("there are several organizations")
            .advise("Choose one with --organization; `litesoc key list` shows their ids.")),
    }
}

fn list(data: &Path, screen: &mut Screen) -> Result<(), Failure> {
    let registry = existing(data)?;
    if !data.join(AUDIT).is_dir() {
        return Err(Failure::missing(format!("there are no audit logs in {}", data.display()))
            .advise("A log begins with its first record, or with `litesoc audit config create`."));
    }
    let read = registry.list().and_then(|known| Ok((known, registry.bindings()?)));
    let (known, bindings) = read.map_err(|error| Failure::new(error.to_string()))?;
    let mut rows: Vec<Row> = known.iter().map(Row::from).collect();
    for (row, configuration) in rows.iter_mut().zip(&known) {
        let bound = bindings.iter().filter(|binding| binding.configurations.contains(&configuration.id));
        row.tokens = bound.count();
    }
    if screen.is_json() {
        return screen.document(&Listed { data: rows });
    }
    let mut table = Table::new(&["id", "organization", "name", "schema", "server signs", "tokens", "origin"]);
    for row in &rows {
        let signs = if row.server_signing { "yes" } else { "no" };
        let tokens = row.tokens.to_string();
        table.row([&*row.id, &*row.organization, &*row.name, row.schema, signs, &*tokens, &*row.origin]);
    }
    screen.table(&table)
}
