//! What the detector remembers, kept on the disk: a restart, a crash or a damaged file changes no alert.

use std::fs;
use std::path::Path;
use std::time::Duration;

use litesoc_detect::SettingsFile;
use litesoc_enrich::{Enricher, Source, SourceKind};
use litesoc_server::HotEnricher;
use litesoc_store::Store;
use serde_json::{Value, json};

use crate::support::World;

fn alerts(world: &World) -> Vec<Value> {
    world.settle();
    let mut alerts = world.get("/alerts").key("good").send().json()["data"].as_array().unwrap().clone();
    for alert in &mut alerts {
        // When it was recorded depends on how many events were examined at a time.
        let moments = ["created_at", "updated_at", "resolved_at"];
        alert.as_object_mut().unwrap().retain(|name, _| !moments.contains(&name.as_str()));
    }
    alerts.sort_by_key(|alert| alert["id"].to_string());
    alerts
}

fn send(world: &World, number: usize, name: &str, actor: &str, address: &str) {
    world.clock.advance(Duration::from_secs(20));
    let id = format!("0195801a-5c00-7000-8000-{number:012}");
    world.collect(json!({
        "event": name, "actor": {"id": actor}, "user_ip": address, "metadata": {"_event_id": id},
    }));
}

/// Does something with the one alert about this account.
fn decide(world: &World, actor: &str, body: &Value) {
    world.settle();
    let list =
        world.get(&format!("/alerts?actor_id={actor}&type=brute_force_attack")).key("good").send().json();
    let path = format!("/alerts/{}", list["data"][0]["id"].as_str().unwrap());
    assert_eq!(world.patch(&path, body.to_string()).key("good").send().status, 200);
    // The worker obeys before it examines what comes next.
    world.settle();
}

const STEPS: usize = 48;

/// Two hours with attacks on three accounts, one of which is resolved and comes again, one marked safe, one resolved and
/// opened again; ordinary sign-ins in between.
fn step(world: &World, number: usize) {
    let failed = "auth.login_failed";
    match number {
        20 => decide(world, "resolved", &json!({"action": "resolve", "resolution_type": "blocked_ip"})),
        22 => decide(world, "safe", &json!({"action": "mark_safe"})),
        24 => decide(world, "reopened", &json!({"action": "resolve", "resolution_type": "other"})),
        31 => decide(world, "reopened", &json!({"status": "open"})),
        _ => match number % if number < 18 { 3 } else { 5 } {
            0 => send(world, number, failed, "resolved", "203.0.113.1"),
            1 => send(world, number, failed, "safe", "203.0.113.2"),
            2 => send(world, number, failed, "reopened", "203.0.113.3"),
            3 => send(world, number, failed, "resolved", &format!("198.51.100.{}", number % 7)),
            _ => send(world, number, "auth.login_success", &format!("user{}", number % 3), "192.0.2.7"),
        },
    }
}

fn story(mut world: World, mut interrupt: impl FnMut(usize, World) -> World) -> Vec<Value> {
    for number in 0..STEPS {
        world = interrupt(number, world);
        step(&world, number);
    }
    alerts(&world)
}

/// A world in which all of it has happened.
pub(crate) fn after_all() -> World {
    let world = World::new();
    (0..STEPS).for_each(|number| step(&world, number));
    world.settle();
    world
}

#[test]
fn the_same_alerts_come_of_it_wherever_the_server_restarts_or_is_killed() {
    let wanted = story(World::new(), |_, world| world);
    assert!(wanted.len() >= 4, "{wanted:#?}");
    for at in [7, 21, 23, 25, 32, 40] {
        let restart =
            story(World::keeping(1_000), |number, world| if number == at { world.restart() } else { world });
        assert_eq!(restart, wanted, "a restart before step {at}");
        let killed =
            story(World::keeping(4), |number, world| if number == at { world.killed(|_| {}) } else { world });
        assert_eq!(killed, wanted, "killed before step {at}");
    }
}

#[test]
fn many_deaths_in_a_row_change_nothing_either() {
    let wanted = story(World::new(), |_, world| world);
    let killed =
        story(World::keeping(3), |number, world| if number % 4 == 3 { world.killed(|_| {}) } else { world });
    assert_eq!(killed, wanted);
}

fn snapshot(directory: &Path) -> Vec<u8> {
    fs::read(directory.join("snapshot")).unwrap()
}

/// The server after a quiet stop, whose snapshot is then changed.
fn with_snapshot(change: impl FnOnce(&mut Vec<u8>)) -> World {
    let world = World::keeping(1_000);
    let _alert = world.brute_force("good", "u1", "203.0.113.9");
    // A quiet stop leaves a snapshot.
    let world = world.restart();
    world.killed(|directory| {
        let mut bytes = snapshot(directory);
        change(&mut bytes);
        fs::write(directory.join("snapshot"), bytes).unwrap();
    })
}

#[test]
fn a_snapshot_that_is_torn_or_changed_anywhere_is_told_from_a_whole_one() {
    let whole = {
        let mut kept = Vec::new();
        drop(with_snapshot(|bytes| kept.clone_from(bytes)));
        kept
    };
    let ends = [0, 1, 7, 8, 11, 12, 15, 16, 17, 40];
    let places = ends.into_iter().chain((1..6).map(|part| part * whole.len() / 6));
    for (n, at) in places.chain([whole.len() - 33, whole.len() - 1]).enumerate() {
        for flip in [n % 2 == 0, n % 3 != 0] {
            let world = with_snapshot(|bytes| if flip { bytes[at] ^= 0x10 } else { bytes.truncate(at) });
            let send = |n| send(&world, n, "auth.login_failed", "u1", "203.0.113.9");
            send(1);
            let alerts = alerts(&world);
            assert_eq!(alerts.len(), 1, "at {at} of {}, flip: {flip}", whole.len());
            assert_eq!(alerts[0]["metadata"]["count"], 6, "at {at} of {}, flip: {flip}", whole.len());
            assert_eq!(world.store.notices(0, 99).unwrap().len(), 1, "at {at}, flip: {flip}");
        }
    }
}

#[test]
fn a_snapshot_of_another_history_is_not_used() {
    let other = World::keeping(1_000);
    let _alert = other.brute_force("good", "u1", "203.0.113.9");
    let other = other.restart();
    let world = World::keeping(1_000);
    for n in 0..4 {
        send(&world, n, "auth.login_failed", "u1", "203.0.113.9");
    }
    send(&world, 9, "auth.logout", "u1", "203.0.113.9");
    let foreign = snapshot(other.detector_files());
    let world = world.killed(|directory| fs::write(directory.join("snapshot"), foreign).unwrap());
    assert!(!world.detector_files().join("snapshot").exists(), "nobody may take it up later");
    send(&world, 5, "auth.login_failed", "u1", "203.0.113.9");
    let alerts = alerts(&world);
    assert_eq!((alerts.len(), &alerts[0]["metadata"]["count"]), (1, &json!(5)));
}

#[test]
fn a_lost_or_damaged_spill_file_is_done_without() {
    for damage in [None, Some(&b"no database"[..])] {
        let world = World::keeping(1_000);
        let first = world.brute_force("good", "u1", "203.0.113.9");
        let world = world.restart().killed(|directory| {
            for suffix in ["", "-wal"] {
                let _absent = fs::remove_file(directory.join(format!("spill.db{suffix}")));
            }
            if let Some(bytes) = damage {
                fs::write(directory.join("spill.db"), bytes.repeat(500)).unwrap();
            }
        });
        send(&world, 1, "auth.login_failed", "u1", "203.0.113.9");
        let alerts = alerts(&world);
        assert_eq!((alerts.len(), &alerts[0]["id"]), (1, &first["id"]));
        assert_eq!(alerts[0]["metadata"]["count"], 6);
    }
}

#[test]
fn metrics_tell_of_the_latest_snapshot() {
    let world = World::keeping(1);
    world.collect(json!({"event": "auth.logout"}));
    let kept = "litesoc_snapshots_total{outcome=\"kept\"}";
    let metrics = || world.get("/metrics").send().text().to_owned();
    while !metrics().contains(kept) {
        std::thread::yield_now();
    }
    let told = metrics();
    assert!(!told.contains("litesoc_snapshot_age_seconds -1"), "{told}");
    assert!(!told.contains("litesoc_snapshot_size_bytes 0"), "{told}");
}

/// A server that remembers two dozen accounts at a time and knows two countries.
fn forgetful() -> World {
    World::keeping_with(50, |config| {
        let small = "[capacity]\nactors = 24\nconduct = 24\naccounts = 24\naddresses = 24\nsuccesses = 24\nsignals = 24\n";
        config.detection = SettingsFile::parse(small).unwrap();
        config.plans.pro.requests_per_minute = None;
        let places = r#"
            [[network]]
            name = "home"
            networks = ["192.0.2.0/24"]
            country = "DE"
            latitude = 48.1
            longitude = 11.6
            [[network]]
            name = "far"
            networks = ["198.51.100.0/24"]
            country = "BR"
            latitude = -23.5
            longitude = -46.6
        "#;
        let places = Source::new("overrides.toml", SourceKind::Overrides, places);
        config.enrichment = HotEnricher::new(Enricher::open([places]).unwrap());
    })
}

/// A hundred accounts sign in at home day after day; then some of them somewhere else.
fn days(mut world: World, mut interrupt: impl FnMut(usize, World) -> World) -> (Vec<Value>, u64) {
    let batch = |world: &World, day: usize, home: &dyn Fn(usize) -> bool| {
        let event = |user: usize| {
            let network = if home(user) { "192.0.2" } else { "198.51.100" };
            let id = format!("0195801a-5c00-7000-8000-{:012}", day * 1_000 + user);
            json!({
                "event": "auth.login_success", "actor": {"id": format!("user-{user}")},
                "user_ip": format!("{network}.{user}"),
                "metadata": {"_event_id": id, "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Firefox/131.0"},
            })
        };
        world.collect(json!({"events": (0..100).map(event).collect::<Vec<_>>()}));
        world.clock.advance(Duration::from_secs(86_400));
    };
    for day in 0..12 {
        world = interrupt(day, world);
        batch(&world, day, &|user| day < 10 || user % 10 != 3);
    }
    world.settle();
    let spilled = fs::metadata(world.detector_files().join("spill.db-wal")).map_or(0, |file| file.len());
    (alerts(&world), spilled)
}

#[test]
fn accounts_beyond_the_memory_are_judged_the_same_over_deaths() {
    let (wanted, spilled) = days(forgetful(), |_, world| world);
    assert!(spilled > 0, "nothing was put aside");
    let (killed, _) = days(forgetful(), |day, world| if day % 4 == 3 { world.killed(|_| {}) } else { world });
    assert_eq!(killed, wanted);
}
