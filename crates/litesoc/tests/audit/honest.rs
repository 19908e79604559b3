//! What an honest service is believed, and what a client asks of it.

use litesoc::audit::{AllowedKeys, ErrorKind, Event, Found, InFile, Order, PrivateKey, Trust};

use crate::service::{Service, append};

fn event(message: &str) -> Event {
    Event::new().with("message", message).with("actor", "alice")
}

#[test]
fn what_is_logged_is_verified_at_once_and_its_receipt_redeemed_later() {
    let service = Service::start(5);
    let audit = service.client();
    let first = audit.log(event("one")).send().wait().unwrap();
    let second = audit.log(event("two")).send().wait().unwrap();
    assert_eq!((first.index(), second.index()), (Some(6), Some(7)));
    assert_eq!(audit.remembered().promised.unwrap().size(), 8);

    let receipt = first.receipt.clone().unwrap();
    let early = audit.redeem(receipt.clone()).send().wait().unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Pending);
    service.log.publish().unwrap();
    assert_eq!(audit.redeem(receipt).send().wait().unwrap().leaf_hash, first.hash);
}

#[test]
fn objects_signatures_and_tenants_are_sent_as_the_api_wants_them() {
    let service = Service::start(0);
    let key = PrivateKey::from_seed([3; 32]);
    let audit = service
        .builder()
        .trust(Trust::keys(&service.keys()).unwrap())
        .sign_with(key.clone())
        .signers(AllowedKeys::Only(vec![key.public_key()]))
        .tenant_id("t1")
        .build()
        .unwrap();
    let event =
        Event::parse(br#"{"message":{"b":1,"a":"\u00e9"},"timestamp":"2025-01-02T03:04:05.000000Z"}"#);
    let logged = audit.log(event.unwrap()).send().wait().unwrap();
    assert_eq!(logged.signed_by, Some(key.public_key()));
    assert!(logged.envelope.contains(r#""message":"{\"a\":\"é\",\"b\":1}""#), "{}", logged.envelope);
    assert!(logged.envelope.contains(r#""tenant_id":"t1""#));
}

#[test]
fn a_search_is_verified_record_by_record_and_root_by_root() {
    let service = Service::start(30);
    let audit = service.client();
    let page = audit.search().limit(10).order_by("received_at", Order::Ascending).send().wait().unwrap();
    assert_eq!(page.count, 30);
    let id = page.id.clone().unwrap();
    let records = page.verified().unwrap();
    assert_eq!(records.iter().map(|record| record.index.unwrap()).collect::<Vec<_>>(), Vec::from_iter(1..11));
    append(&service.log, "later");
    service.log.publish().unwrap();
    assert_eq!(audit.root().send().wait().unwrap().size(), 32);
    // The pages of a search stay as they were, and so does their root.
    let page = audit.results(id).offset(10).limit(100).send().wait().unwrap();
    assert_eq!(page.verified().unwrap().len(), 20);
    assert_eq!(audit.root().size(7).send().wait().unwrap().size(), 7);
}

#[test]
fn what_is_not_published_yet_is_said_and_not_shown() {
    let service = Service::start(3);
    append(&service.log, "new");
    let audit = service.client();
    let page = audit.search().query("new").send().wait().unwrap();
    assert!(matches!(&page.records[..], [Found::Unverified(_)]), "{page:?}");
    assert_eq!(page.verified().unwrap_err().kind(), ErrorKind::Pending);
}

#[test]
fn many_events_at_once_are_held_against_what_was_sent() {
    let service = Service::start(0);
    let audit = service.client();
    let events = (0..50).map(|number| event(&format!("event {number}")));
    let logged = audit.log_bulk(events).send().wait().unwrap();
    assert_eq!(logged.len(), 50);
    assert!(logged[7].claim().envelope.contains("event 7"));
}

#[test]
fn a_memory_in_a_file_outlives_the_client() {
    let service = Service::start(4);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen.json");
    let build = || {
        let trust = Trust::keys(&service.keys()).unwrap();
        service.builder().trust(trust).memory(InFile::new(&file)).build()
    };
    let audit = build().unwrap();
    audit.log(event("one")).send().wait().unwrap();
    audit.root().send().wait().unwrap();
    let seen = audit.remembered();
    assert_eq!(build().unwrap().remembered(), seen);
    build().unwrap().log(event("two")).send().wait().unwrap();

    std::fs::write(&file, "{}").unwrap();
    assert_eq!(build().unwrap_err().kind(), ErrorKind::Memory, "a damaged memory is no empty one");
}

#[test]
fn without_keys_nothing_passes_for_verified() {
    let service = Service::start(3);
    let audit = service.builder().build().unwrap();
    assert_eq!(audit.log(event("x")).send().wait().unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(service.log.records().state().size, 4, "and nothing was recorded");
    for _ in 0..3 {
        assert!(audit.log(event("x")).send_unverified().wait().unwrap().claim().envelope.contains("alice"));
    }
    let page = audit.search().send_unverified().wait().unwrap();
    assert!(page.records.iter().all(|found| matches!(found, Found::Unverified(_))));
}

#[test]
fn a_repeat_names_the_tries_before_it_and_is_recorded_once() {
    let service = Service::start(0);
    let mut left = 2;
    service.forge(move |path, result| {
        if path == "/v1/log" && left > 0 {
            left -= 1;
            *result = serde_json::json!({ "fail": 502 });
        }
    });
    let logged = service.client().log(event("once")).send().wait().unwrap();
    assert_eq!(logged.index(), Some(1));
    assert_eq!(service.log.records().state().size, 2);
    let requests = service.server.requests();
    let listed = requests.last().unwrap().header("x-pangea-retried-request-ids").unwrap();
    assert_eq!(listed, "prq_1,prq_2");
}
