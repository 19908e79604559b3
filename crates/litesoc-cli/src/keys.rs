//! `litesoc key`: the keys of a data folder.

use std::path::Path;

use litesoc::{Plan, Timestamp};
use litesoc_server::Accounts;
use litesoc_store::{OrganizationId, SqliteStore};
use serde::Serialize;

use crate::arguments::{Data, KeyCommand, PlanName};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Table;

pub(crate) fn run(command: &KeyCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        KeyCommand::Create { data, organization, new_organization, plan, name } => {
            let store = SqliteStore::open(&data.data)?;
            let accounts = Accounts::of(&store);
            let owner = owner(&accounts, organization.as_deref(), new_organization.as_deref(), *plan)?;
            create(&accounts, &owner, name, screen)
        }
        KeyCommand::List { data } => list(data, screen),
        KeyCommand::Revoke { id, data } => {
            let store = existing(&data.data)?;
            if !Accounts::of(&store).revoke_key(*id)? {
                return Err(Failure::missing(format!("no valid key has the id {id}"))
                    .advise("`litesoc key list` shows all of them."));
            }
            if screen.is_json() {
                screen.document(&Revoked { id: id.to_string() })
            } else {
                screen.line(&format!("revoked {id}"))
            }
        }
    }
}

#[derive(Serialize)]
struct Created<'a> {
    id: String,
    organization: &'a str,
    key: &'a str,
}

#[derive(Serialize)]
struct Revoked {
    id: String,
}

#[derive(Serialize)]
struct Listed {
    data: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    id: String,
    organization: String,
    plan: Option<String>,
    prefix: String,
    name: String,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// A store that is there; a key cannot be listed or revoked where none was made.
fn existing(data: &Path) -> Result<SqliteStore, Failure> {
    if data.is_dir() {
        return Ok(SqliteStore::open(data)?);
    }
    Err(Failure::missing(format!("there is no data folder at {}", data.display()))
        .advise("Name the server's folder with --data."))
}

fn owner(
    accounts: &Accounts<'_>,
    named: Option<&str>,
    new: Option<&str>,
    plan: PlanName,
) -> Result<OrganizationId, Failure> {
    if let Some(name) = new {
        return Ok(accounts.create_organization(name, &Plan::from(plan))?);
    }
    if let Some(id) = named {
        return Ok(OrganizationId::new(id)?);
    }
    match &accounts.organizations()?[..] {
        [] => Ok(accounts.create_organization("default", &Plan::from(plan))?),
        [only] => Ok(only.id.clone()),
        [..] => Err(Failure::usage("there are several organizations")
            .advise("Choose one with --organization; `litesoc key list` shows their ids.")),
    }
}

fn create(
    accounts: &Accounts<'_>,
    owner: &OrganizationId,
    name: &str,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let made = accounts.create_key(owner, name)?;
    if screen.is_json() {
        let organization = made.organization.as_str();
        return screen.document(&Created { id: made.id.to_string(), organization, key: made.key.reveal() });
    }
    screen.line(made.key.reveal())?;
    screen.remark(&format!(
        "id {} of organization {}. The key is not kept and cannot be shown again.",
        made.id, made.organization
    ));
    Ok(())
}

fn list(data: &Data, screen: &mut Screen) -> Result<(), Failure> {
    let store = existing(&data.data)?;
    let accounts = Accounts::of(&store);
    let organizations = accounts.organizations()?;
    let plan_of = |id: &OrganizationId| {
        organizations.iter().find(|organization| organization.id == *id).map(|found| found.plan.clone())
    };
    let keys = accounts.keys()?.into_iter().map(|row| Key {
        id: row.id.to_string(),
        plan: plan_of(&row.organization),
        organization: row.organization.to_string(),
        prefix: row.prefix,
        name: row.name,
        created_at: Timestamp::from_millis(row.created_ms),
        revoked_at: row.revoked_ms.map(Timestamp::from_millis),
    });
    let keys: Vec<Key> = keys.collect();
    if screen.is_json() {
        return screen.document(&Listed { data: keys });
    }
    let mut table = Table::new(&["id", "key", "organization", "plan", "name", "created", "revoked"]);
    for key in &keys {
        let (created, revoked) = (key.created_at.to_string(), key.revoked_at.map(|at| at.to_string()));
        let plan = key.plan.as_deref().unwrap_or_default();
        let prefix = format!("{}...", key.prefix);
        let revoked = revoked.unwrap_or_default();
        table.row([&*key.id, &*prefix, &*key.organization, plan, &*key.name, &*created, &*revoked]);
    }
    screen.table(&table)
}
