//! Replays: the stored history under the same rules says the same, under others what they would have said.

use litesoc_detect::sigma::RuleSet;
use litesoc_detect::{SettingsFile, taxonomy};
use litesoc_server::{HotRules, Replay, replay};
use litesoc_store::{SqliteStore, Store};
use serde_json::json;

use crate::kept::after_all;
use crate::support::World;

#[test]
fn the_same_rules_say_the_same_to_the_last_byte() {
    let world = after_all();
    let beside = SqliteStore::open_read_only(world.store.directory()).unwrap();
    let found = replay(&beside, &Replay::default()).unwrap();
    assert!(found.is_empty(), "{found:#?}");
    let total = world.get("/alerts").key("good").send().json()["pagination"]["total"].clone();
    assert_eq!((json!(found.same), found.unjudged), (total, 0));
    assert_eq!(found.events, world.store.last_seq().unwrap().get());
}

#[test]
fn other_thresholds_show_what_would_be_new_gone_and_changed() {
    let world = World::new();
    world.brute_force("good", "u1", "203.0.113.1");
    for n in 0..4 {
        world.collect(
            json!({"event": "auth.login_failed", "actor": {"id": format!("v{n}")}, "user_ip": "203.0.113.2"}),
        );
    }
    world.settle();
    let mut lower = Replay::default();
    lower.detection = SettingsFile::parse("[brute_force_address]\nfailures = 4\n").unwrap();
    let found = replay(&*world.store, &lower).unwrap();
    assert_eq!((found.new.len(), found.gone.len()), (1, 0), "{found:#?}");
    assert_eq!(found.new[0].source_ip, "203.0.113.2".parse().ok());
    // Another event raises the first one now, and it is still the same attack.
    assert_eq!((found.same, found.changed.len()), (0, 1));
    assert_ne!(found.changed[0].now.id, found.changed[0].stored.alert.id);
    assert_eq!(found.changed[0].now.count, 5);

    let mut higher = Replay::default();
    higher.detection = SettingsFile::parse("[brute_force_address]\nfailures = 15\n").unwrap();
    let found = replay(&*world.store, &higher).unwrap();
    assert_eq!((found.new.len(), found.gone.len(), found.changed.len()), (0, 1, 0), "{found:#?}");

    lower.from = Some(world.now().checked_add(std::time::Duration::from_secs(1)).unwrap());
    let found = replay(&*world.store, &lower).unwrap();
    assert!(found.is_empty() && found.same == 0, "nothing arrived then");
}

#[test]
fn rules_of_ones_own_show_what_they_would_have_found() {
    let rule = "
title: Sign-out of an administrator
logsource:
    product: litesoc
detection:
    selection:
        event: auth.logout
        actor.id|startswith: 'admin-'
    condition: selection
level: medium
";
    let world = World::new();
    for actor in ["admin-1", "ada"] {
        world.collect(json!({"event": "auth.logout", "actor": {"id": actor}}));
    }
    world.settle();
    let mut with_rules = Replay::default();
    with_rules.rules = Some(RuleSet::parse_as(&taxonomy(), [("admins.yml", rule)]).unwrap());
    let found = replay(&*world.store, &with_rules).unwrap();
    let titles: Vec<_> = found.new.iter().map(|alert| alert.title.as_str()).collect();
    assert_eq!(titles, ["Sign-out of an administrator: admin-1"]);

    let served = World::with(|config| config.rules = HotRules::new(with_rules.rules.clone()));
    served.collect(json!({"event": "auth.logout", "actor": {"id": "admin-1"}}));
    served.settle();
    let alerts = served.get("/alerts?type=custom_threat_model").key("good").send().json();
    assert_eq!(alerts["data"][0]["title"], "Sign-out of an administrator: admin-1");
    assert_eq!(alerts["pagination"]["total"], 1);
}

#[test]
fn an_alert_whose_events_were_purged_is_not_judged() {
    let world = World::new();
    world.brute_force("good", "u1", "203.0.113.1");
    // Events go by when they happened, alerts by when they were raised: with an early bound the events alone go.
    let organization = world.organization("good");
    let after = world.now().as_millis() + 1;
    world.store.purge(&organization, after, 5).unwrap();
    assert_eq!(world.stored(), 0);
    let found = replay(&*world.store, &Replay::default()).unwrap();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(found.unjudged, 1);
}
