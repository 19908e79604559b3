//! Keys: made, revoked, noticed by a server that runs.

use std::time::Duration;

use litesoc_model::Plan;
use litesoc_server::{Accounts, ApiKey};
use litesoc_store::SqliteStore;

use crate::support::World;

#[test]
fn a_key_made_while_the_server_runs_works_at_once() {
    let world = World::new();
    let accounts = Accounts::with_clock(&*world.store, world.clock.clone());
    let organization = accounts.create_organization("Acme", &Plan::Enterprise).unwrap();
    let made = accounts.create_key(&organization, "ci").unwrap();
    let health = world.get("/health").key(made.key.reveal()).send();
    assert_eq!(health.json()["organization"]["name"], "Acme");
    assert_eq!(health.header("x-litesoc-plan"), Some("enterprise"));
}

#[test]
fn a_revoked_key_stops_working_within_the_refresh_time() {
    let world = World::new();
    let accounts = Accounts::with_clock(&*world.store, world.clock.clone());
    let organization = accounts.create_organization("Acme", &Plan::Pro).unwrap();
    let made = accounts.create_key(&organization, "ci").unwrap();
    let status = || world.get("/events").key(made.key.reveal()).send().status;
    assert_eq!(status(), 200);
    assert!(accounts.revoke_key(made.id).unwrap());
    assert!(!accounts.revoke_key(made.id).unwrap());
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(status(), 401);
}

#[test]
fn a_new_plan_is_noticed_and_the_rate_limit_goes_on() {
    let world = World::with(|config| config.plans.pro.requests_per_minute = Some(100));
    let id = world.organization("good");
    assert_eq!(world.get("/alerts").key("good").send().header("x-ratelimit-remaining"), Some("99"));
    let mut organization = litesoc_store::Store::organization(&*world.store, &id).unwrap().unwrap();
    organization.plan = "free".into();
    litesoc_store::Store::update_organization(&*world.store, &organization).unwrap();
    world.clock.advance(Duration::from_millis(2_000));
    assert_eq!(world.get("/alerts").key("good").send().status, 403);
}

#[test]
fn keys_are_listed_without_themselves() {
    let world = World::new();
    let accounts = Accounts::with_clock(&*world.store, world.clock.clone());
    let organization = accounts.create_organization("Acme", &Plan::Pro).unwrap();
    let made = accounts.create_key(&organization, "ci").unwrap();
    let listed = accounts.keys().unwrap();
    let row = listed.iter().find(|row| row.id == made.id).unwrap();
    assert_eq!(row.prefix, made.key.reveal()[..14]);
    assert_eq!(row.name, "ci");
    assert!(
        listed.iter().all(|row| row.prefix != "good"),
        "a short key of somebody's choice is not shown whole"
    );
    assert!(!format!("{made:?} {listed:?}").contains(made.key.reveal()));
}

#[test]
fn a_key_no_header_can_carry_is_refused() {
    for key in ["", "two words", "tab\t", "schlüssel"] {
        assert!(ApiKey::new(key).is_err(), "{key:?}");
    }
}

#[test]
fn a_plan_is_changed_by_a_valid_key_alone() {
    let store = SqliteStore::open_temporary().unwrap();
    let accounts = Accounts::of(&store);
    let key = ApiKey::new("first-key").unwrap();
    assert_eq!(accounts.change_plan(&key, &Plan::Pro).unwrap(), None, "the key is unknown");
    accounts.bootstrap(&key, &Plan::Free).unwrap();
    assert_eq!(accounts.change_plan(&key, &Plan::Free).unwrap(), None, "nothing to change");
    assert_eq!(accounts.change_plan(&key, &Plan::Pro).unwrap(), Some(Plan::Free));
    assert!(accounts.revoke_key(accounts.keys().unwrap()[0].id).unwrap());
    assert_eq!(accounts.change_plan(&key, &Plan::Free).unwrap(), None, "the key is revoked");
    assert_eq!(accounts.organizations().unwrap()[0].plan, "pro");
}
