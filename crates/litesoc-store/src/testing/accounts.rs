//! Organisations and their API keys.

use uuid::Uuid;

use super::fixture::{NOW, organization};
use super::{Check, Checked, ensure, ensure_eq};
use crate::error::StoreError;
use crate::organization::{KeyHash, NewKey, Organization, OrganizationId};
use crate::store::Store;

pub(super) const CHECKS: &[Check] = &[
    Check { promise: "organizations are created once, changed and listed", run: organizations },
    Check { promise: "keys are found by their hash until and after they are revoked", run: keys },
    Check { promise: "a key is registered once and for an organization that exists", run: key_conflicts },
];

fn organizations(store: &dyn Store) -> Checked {
    ensure!(store.organizations()?.is_empty(), "an empty store has organizations");
    let mut z = Organization::new(OrganizationId::new("z")?, "Zebra", "free", NOW);
    z.settings = r#"{"origins":["https://example.com"]}"#.into();
    let a = Organization::new(OrganizationId::new("a")?, "Ant", "pro", NOW);
    ensure!(
        store.create_organization(&z)? && store.create_organization(&a)?,
        "new organizations were not created"
    );
    let impostor = Organization::new(z.id.clone(), "Impostor", "enterprise", NOW);
    ensure!(!store.create_organization(&impostor)?, "an organization was created twice");
    ensure_eq!(store.organization(&z.id)?, Some(z.clone()), "an organization by its id");
    ensure_eq!(store.organizations()?, [z.clone(), a.clone()], "organizations in the order of creation");
    (z.name, z.plan, z.settings) = ("Zebu".into(), "enterprise".into(), "{}".into());
    let later = Organization { created_ms: NOW + 9, ..z.clone() };
    ensure!(store.update_organization(&later)?, "an organization could not be changed");
    ensure_eq!(store.organizations()?, [z, a], "a change keeps order and time of creation");
    let nobody = Organization::new(OrganizationId::new("nobody")?, "", "", NOW);
    ensure!(!store.update_organization(&nobody)?, "an unknown organization was changed");
    ensure!(store.organization(&nobody.id)?.is_none(), "an unknown organization was found");
    Ok(())
}

fn keys(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let mut one =
        NewKey::new(Uuid::from_u128(1), a.clone(), KeyHash::new([1; 32]), "lsoc_live_12345678", NOW);
    one.name = "production".into();
    let two = NewKey::new(Uuid::from_u128(2), a.clone(), KeyHash::new([2; 32]), "lsoc_test_1", NOW + 1);
    ensure!(store.create_key(&one)? && store.create_key(&two)?, "new keys were not registered");
    let Some(found) = store.key(&one.hash)? else {
        return Err(super::Flaw("a registered key is unknown".into()));
    };
    ensure_eq!(found.prefix, "lsoc_live_1234", "a key shows fourteen characters");
    ensure_eq!(
        (found.id, &found.organization, found.name.as_str()),
        (one.id, &a, "production"),
        "the key found"
    );
    ensure_eq!((found.created_ms, found.revoked_ms), (NOW, None), "the times of a valid key");
    ensure!(store.key(&KeyHash::new([3; 32]))?.is_none(), "an unknown key was found");
    ensure!(!store.revoke_key(&b, one.id, NOW + 5)?, "another organization revoked a key");
    ensure!(!store.revoke_key(&a, Uuid::from_u128(9), NOW + 5)?, "an unknown key was revoked");
    ensure!(store.revoke_key(&a, one.id, NOW + 5)?, "a key could not be revoked");
    ensure!(!store.revoke_key(&a, one.id, NOW + 6)?, "a key was revoked twice");
    ensure_eq!(
        store.key(&one.hash)?.and_then(|key| key.revoked_ms),
        Some(NOW + 5),
        "a revoked key says since when"
    );
    let ids: Vec<_> = store.keys(&a)?.into_iter().map(|key| (key.id, key.revoked_ms)).collect();
    ensure_eq!(ids, [(one.id, Some(NOW + 5)), (two.id, None)], "all keys in the order of creation");
    ensure!(
        store.keys(&b)?.is_empty() && store.keys(&OrganizationId::new("nobody")?)?.is_empty(),
        "keys of others"
    );
    Ok(())
}

fn key_conflicts(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let one = NewKey::new(Uuid::from_u128(1), a.clone(), KeyHash::new([1; 32]), "lsoc_1", NOW);
    store.create_key(&one)?;
    let same_hash = NewKey::new(Uuid::from_u128(2), b.clone(), one.hash, "lsoc_1", NOW);
    let same_id = NewKey::new(one.id, b, KeyHash::new([2; 32]), "lsoc_2", NOW);
    ensure!(!store.create_key(&same_hash)?, "one key speaks for two organizations");
    ensure!(!store.create_key(&same_id)?, "two keys have one id");
    ensure_eq!(store.key(&one.hash)?.map(|key| key.organization), Some(a), "the first registration stays");
    let homeless =
        NewKey::new(Uuid::from_u128(3), OrganizationId::new("nobody")?, KeyHash::new([3; 32]), "l", NOW);
    let refused = store.create_key(&homeless);
    ensure!(matches!(refused, Err(StoreError::UnknownOrganization(_))), "a key of nobody: {refused:?}");
    Ok(())
}
