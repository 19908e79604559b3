//! A service that lies. Each lie is caught, and what is said of it names what does not hold.

use std::sync::Arc;

use litesoc::audit::{AllowedKeys, Audit, Error, ErrorKind, Event, Found, PrivateKey, Trust};
use litesoc_audit::AuditLog;
use serde_json::Value as Json;

use crate::service::{Service, append, call, log};

fn event(message: &str) -> Event {
    Event::new().with("message", message)
}

fn forged(error: &Error, words: &str) {
    assert_eq!(error.kind(), ErrorKind::Forged, "{error}");
    assert!(error.to_string().contains(words), "{error} does not speak of {words:?}");
}

/// Logging through a service that changes its answers.
fn logging(words: &str, forge: impl FnMut(&mut Json) + Send + 'static) {
    let service = Service::start(6);
    let audit = service.client();
    audit.log(event("honest")).send().wait().unwrap();
    let mut forge = forge;
    service.forge(move |_, result| forge(result));
    forged(&audit.log(event("forged")).send().wait().unwrap_err(), words);
}

#[test]
fn an_answer_without_its_evidence_is_no_answer() {
    for (member, words) in [
        ("hash", "no hash"),
        ("envelope", "no envelope"),
        ("receipt", "no receipt"),
        ("membership_proof", "no membership proof"),
        ("unpublished_root", "root of the answer"),
        ("consistency_proof", "does not contain what it was"),
    ] {
        logging(words, move |result| drop(result.as_object_mut().unwrap().remove(member)));
    }
}

#[test]
fn another_event_than_was_sent_is_found_out() {
    logging("it was changed", |result| result["envelope"]["event"]["message"] = "other".into());
    // Consistent in itself: a record of somebody else with all its evidence.
    let service = Service::start(6);
    let other = Arc::clone(&service.log);
    service.forge(move |_, result| {
        *result = answer_of(&other, r#"{"event":{"message":"other"},"verbose":true}"#)
    });
    let error = service.client().log(event("mine")).send().wait().unwrap_err();
    forged(&error, "not what was sent");
}

fn answer_of(log: &AuditLog, body: &str) -> Json {
    serde_json::from_str(&call(log, "/v1/log", body.as_bytes(), "prq_other", "")).unwrap()
}

#[test]
fn a_receipt_of_a_stranger_s_key_promises_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stranger = log(folder.path(), 6);
    logging("receipt", move |result| {
        *result = answer_of(&stranger, r#"{"event":{"message":"forged"},"verbose":true}"#);
    });
}

#[test]
fn a_log_that_was_rolled_back_is_found_out_when_it_is_written() {
    // The same keys over an older state: what a restored copy looks like.
    let service = Service::start(6);
    let audit = service.client();
    let body = r#"{"event":{"message":"old"},"verbose":true}"#;
    let old = answer_of(&service.log, body);
    let seven = old["envelope"]["event"]["message"].clone();
    assert_eq!(seven, "old");
    for number in 0..4 {
        audit.log(event(&format!("new {number}"))).send().wait().unwrap();
    }
    service.forge(move |_, result| *result = old.clone());
    let error = audit.log(event("old")).send().wait().unwrap_err();
    forged(&error, "rolled back");
}

#[test]
fn an_unknown_previous_root_is_no_silence() {
    let service = Service::start(6);
    let audit = service.client();
    audit.log(event("honest")).send().wait().unwrap();
    // A service that does not know the root gives no proof, and no error either.
    service.forge(|_, result| drop(result.as_object_mut().unwrap().remove("consistency_proof")));
    let error = audit.log(event("next")).send().wait().unwrap_err();
    forged(&error, "rolled back or shows two histories");
}

fn page(service: &Service, forge: impl FnMut(&mut Json) + Send + 'static) -> Result<Vec<Found>, Error> {
    let mut forge = forge;
    service.forge(move |path, result| {
        if path == "/v1/search" {
            forge(result);
        }
    });
    service.client().search().send().wait().map(|page| page.records)
}

fn one_forged(found: &[Found], place: usize, words: &str) {
    for (at, found) in found.iter().enumerate() {
        match found {
            Found::Forged { error, .. } if at == place => forged(error, words),
            Found::Verified(_) if at != place => {}
            other @ (Found::Verified(_) | Found::Unverified(_) | Found::Forged { .. }) => {
                panic!("record {at} is {other:?}")
            }
        }
    }
}

#[test]
fn one_bad_record_is_named_and_the_others_stay_readable() {
    let service = Service::start(9);
    let change = |result: &mut Json| result["events"][4]["envelope"]["event"]["message"] = "x".into();
    one_forged(&page(&service, change).unwrap(), 4, "it was changed");
    for (member, words) in [
        ("hash", "no hash"),
        ("membership_proof", "no membership proof"),
        ("leaf_index", "no place"),
        ("published", "published"),
    ] {
        let strip =
            move |result: &mut Json| drop(result["events"][2].as_object_mut().unwrap().remove(member));
        one_forged(&page(&service, strip).unwrap(), 2, words);
    }
}

#[test]
fn a_record_is_bound_to_its_place() {
    let service = Service::start(9);
    let place = |result: &mut Json| result["events"][1]["leaf_index"] = 0.into();
    one_forged(&page(&service, place).unwrap(), 1, "membership proof");
    // An inner node as a leaf: the sibling moves into the record, the proof gets shorter.
    let shorter = |result: &mut Json| {
        let proof = result["events"][3]["membership_proof"].as_str().unwrap().to_owned();
        let (_, rest) = proof.split_once(',').unwrap();
        result["events"][3]["membership_proof"] = rest.into();
    };
    one_forged(&page(&service, shorter).unwrap(), 3, "membership proof");
}

#[test]
fn a_forked_tree_with_a_root_of_its_own_is_found_out() {
    // Everything in the answer fits together; the root is not the one the log signed.
    let service = Service::start(9);
    let folder = tempfile::tempdir().unwrap();
    let fork = log(folder.path(), 9);
    let forked = move |result: &mut Json| {
        let body = r#"{"query":"","verbose":true}"#;
        *result = serde_json::from_str(&call(&fork, "/v1/search", body.as_bytes(), "prq_fork", "")).unwrap();
    };
    forged(&page(&service, forked).unwrap_err(), "two histories");
    let without = |result: &mut Json| drop(result.as_object_mut().unwrap().remove("root"));
    let found = page(&service, without).unwrap();
    assert!(found.iter().all(|found| matches!(found, Found::Forged { .. })), "published, and no root");
}

#[test]
fn a_proof_that_the_log_did_not_sign_shows_nothing() {
    let service = Service::start(9);
    let folder = tempfile::tempdir().unwrap();
    let fork = log(folder.path(), 9);
    service.forge(move |path, result| {
        if let Some(index) = path.strip_prefix("/v1/proof/") {
            *result = fork.proof(index.parse().unwrap()).unwrap().unwrap().to_string().into();
        }
    });
    forged(&service.client().root().send().wait().unwrap_err(), "the proof of record");
}

#[test]
fn published_roots_that_shrink_or_change_are_found_out() {
    let service = Service::start(9);
    let audit = service.client();
    let old = call(&service.log, "/v1/root", b"{}", "prq", "");
    let old: Json = serde_json::from_str(&old).unwrap();
    append(&service.log, "one more");
    service.log.publish().unwrap();
    assert_eq!(audit.root().send().wait().unwrap().size(), 11);
    let back = old;
    service.forge(move |path, result| {
        if path == "/v1/root" {
            *result = back.clone();
        }
    });
    forged(&audit.root().send().wait().unwrap_err(), "rolled back");
    let other = "0".repeat(64);
    service.forge(move |path, result| {
        if path == "/v1/root" {
            result["data"]["root_hash"] = other.as_str().into();
        }
    });
    forged(&audit.root().send().wait().unwrap_err(), "two histories");
}

#[test]
fn a_memory_that_the_log_contradicts_is_believed_and_not_the_log() {
    use litesoc::audit::{Hash, InProcess, Memory, TrustedRoot};
    let service = Service::start(9);
    let audit = service.client();
    audit.root().send().wait().unwrap();
    let mut seen = audit.remembered();
    seen.published = Some(TrustedRoot::pinned(4, Hash::of(b"what the log once was")));
    let memory = InProcess::new();
    memory.store(&seen).unwrap();
    let trust = Trust::keys(&service.keys()).unwrap();
    let audit: Audit = service.builder().trust(trust).memory(memory).build().unwrap();
    forged(&audit.root().send().wait().unwrap_err(), "two histories");
}

#[test]
fn a_signature_of_a_stranger_or_without_its_key_does_not_pass() {
    let service = Service::start(0);
    let stranger = service.builder().sign_with(PrivateKey::from_seed([9; 32])).build().unwrap();
    stranger.log(event("signed")).send_unverified().wait().unwrap();
    service.log.publish().unwrap();
    let own = PrivateKey::from_seed([1; 32]).public_key();
    let audit = service
        .builder()
        .trust(Trust::keys(&service.keys()).unwrap())
        .signers(AllowedKeys::Only(vec![own]))
        .build()
        .unwrap();
    let records = audit.search().send().wait().unwrap().records;
    one_forged(&records, 0, "not among the allowed");
    let strip = |result: &mut Json| {
        drop(result["events"][0]["envelope"].as_object_mut().unwrap().remove("public_key"));
    };
    one_forged(&page(&service, strip).unwrap(), 0, "");
}
