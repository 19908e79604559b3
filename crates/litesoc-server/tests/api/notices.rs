//! Notices: one for each change of an alert that people should hear of, delivered once.

use litesoc_store::{NoticeKind, Store};
use serde_json::json;

use crate::support::World;

fn told(world: &World) -> Vec<(String, NoticeKind, String)> {
    let notices = world.store.notices(0, 1_000).unwrap();
    notices.into_iter().map(|row| (row.notice.title, row.notice.kind, row.notice.severity)).collect()
}

#[test]
fn an_attack_is_told_when_it_begins_and_when_it_becomes_worse() {
    let world = World::new();
    world.brute_force("good", "u1", "203.0.113.9");
    let first = ("Brute force on u1 from 203.0.113.9".to_owned(), NoticeKind::Raised, "high".to_owned());
    assert_eq!(told(&world), std::slice::from_ref(&first));
    let failure = json!({"event": "auth.login_failed", "actor": {"id": "u1"}, "user_ip": "203.0.113.9"});
    world.collect(failure);
    world.settle();
    assert_eq!(told(&world), [first], "one more of the same is not worth telling");
    world.collect(json!({"event": "auth.login_success", "actor": {"id": "u1"}, "user_ip": "203.0.113.9"}));
    world.settle();
    let told = told(&world);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((told[1].1, told[1].2.as_str()), (NoticeKind::Updated, "critical"));
}

#[test]
fn every_notice_is_delivered_at_the_latest_when_the_server_stops_and_none_again() {
    let mut world = World::new();
    for n in 0..3 {
        world.brute_force("good", &format!("u{n}"), &format!("203.0.113.{n}"));
        world = world.restart();
        let notices = world.store.notices(0, 1_000).unwrap();
        assert_eq!(notices.len(), n + 1, "a restart writes none again");
        assert_eq!(world.store.notices_done("log").unwrap(), notices.last().unwrap().number);
    }
}
