//! Tokens that are good for some logs of an organization and not for all: who they belong to, and what they are bound to.

use std::path::Path;

use litesoc_audit::{ConfigId, Registry, TokenBinding};
use litesoc_ledger::Hash;
use litesoc_model::Plan;
use litesoc_server::{Accounts, ApiKey};
use litesoc_store::{OrganizationId, SqliteStore};

use super::only_organization;
use crate::outcome::Failure;

/// A key of the operator's choice; wrong usage if it is none.
pub(super) fn key(text: &str) -> Result<ApiKey, Failure> {
    ApiKey::new(text).map_err(|error| Failure::usage(error.to_string()))
}

/// By which name the bindings know a token.
pub(super) fn name_of(key: &ApiKey) -> Hash {
    Hash::of(key.reveal().as_bytes())
}

/// Whose log it is that these tokens are to be good for. A token that nobody knows becomes a key of that organization.
///
/// The answer tells how many became one. Only making keys, and an organization where there is none, needs the folder for itself; all else works beside a server.
pub(super) fn owner(data: &Path, named: Option<&str>, keys: &[ApiKey]) -> Result<(String, usize), Failure> {
    match SqliteStore::open_read_only(data) {
        Ok(store) => {
            let accounts = Accounts::of(&store);
            let known = owners(&accounts, keys)?;
            if !known.contains(&None) {
                let owner = choose(&accounts, named, &known)?;
                return owner.map(|id| (id.to_string(), 0)).ok_or_else(no_organization);
            }
        }
        Err(error) if keys.is_empty() => return Err(error.into()),
        // There is none yet, or it has to be brought up to date: below.
        Err(_) => {}
    }
    let store = SqliteStore::open(data).map_err(|error| {
        Failure::from(error).advise("New tokens are made while no server runs on the folder.")
    })?;
    let accounts = Accounts::of(&store);
    let known = owners(&accounts, keys)?;
    let owner = match choose(&accounts, named, &known)? {
        Some(owner) => owner,
        None => accounts.create_organization("default", &Plan::Enterprise)?,
    };
    let mut made = 0;
    for key in keys {
        // Looked up again: the same token may stand there twice.
        if accounts.organization_of(key)?.is_none() {
            accounts.add_key(key, &owner, "audit")?;
            made += 1;
        }
    }
    Ok((owner.to_string(), made))
}

fn owners(accounts: &Accounts<'_>, keys: &[ApiKey]) -> Result<Vec<Option<OrganizationId>>, Failure> {
    keys.iter().map(|key| Ok(accounts.organization_of(key)?)).collect()
}

/// The organization that is named, or that the known tokens speak for, or the only one there is.
fn choose(
    accounts: &Accounts<'_>,
    named: Option<&str>,
    known: &[Option<OrganizationId>],
) -> Result<Option<OrganizationId>, Failure> {
    let mut speaking = known.iter().flatten();
    let owner = match (named, speaking.next()) {
        (None, Some(owner)) => Some(owner.clone()),
        (named, _) => only_organization(accounts, named)?,
    };
    if known.iter().flatten().any(|other| owner.as_ref() != Some(other)) {
        return Err(Failure::usage("a token speaks for another organization")
            .advise("A log can be written and read with tokens of its own organization only."));
    }
    Ok(owner)
}

fn no_organization() -> Failure {
    Failure::missing("there is no organization yet").advise("`litesoc key create` makes one.")
}

/// Makes a token good for one more log. One that was good for all of its organization's is good for this one alone from now
/// on; then the answer is true.
pub(super) fn add(registry: &Registry, key: &ApiKey, id: &ConfigId) -> Result<bool, Failure> {
    let token = name_of(key);
    let before = registry.binding(&token).map_err(|error| Failure::new(error.to_string()))?;
    let was_free = before.is_none();
    let mut binding = before.unwrap_or_else(|| TokenBinding::to(Vec::new()));
    if !binding.configurations.contains(id) {
        binding.configurations.push(id.clone());
    }
    registry.bind(&token, &binding).map_err(|error| Failure::new(error.to_string()))?;
    Ok(was_free)
}
