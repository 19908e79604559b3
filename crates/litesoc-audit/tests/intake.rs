//! What a log takes in, and what it says of the rest.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::sync::Arc;

use litesoc_audit::{AuditLog, AuditService, Fault, Incoming, NewConfiguration, Settings};
use litesoc_ledger::envelope::EnvelopeView;
use litesoc_ledger::event::Event;
use litesoc_ledger::signature::{self, PrivateKey};
use litesoc_ledger::time::Moment;

const NOW: i64 = 1_735_689_600_000_000;

fn log_with(change: impl FnOnce(&mut NewConfiguration)) -> (tempfile::TempDir, Arc<AuditLog>) {
    let folder = tempfile::tempdir().unwrap();
    let clock = || Moment::from_micros(NOW).unwrap();
    let service = AuditService::open(folder.path(), Settings::new(Arc::new(clock))).unwrap();
    let mut new = NewConfiguration::named("test");
    change(&mut new);
    let log = service.create("acme", new).unwrap();
    (folder, log)
}

fn faults(log: &AuditLog, incoming: &Incoming) -> Vec<(&'static str, String)> {
    let faults = log.prepare(incoming).err().unwrap_or_default();
    faults.into_iter().map(|Fault { code, source, .. }| (code, source)).collect()
}

fn event_of(log: &AuditLog, incoming: &Incoming) -> String {
    let sealed = log.prepare(incoming).unwrap().seal(Moment::from_micros(NOW).unwrap());
    let view = EnvelopeView::read(&sealed.bytes).unwrap();
    view.event.to_owned()
}

#[test]
fn every_fault_of_an_event_is_named_with_its_place() {
    let (_folder, log) = log_with(|_| ());
    let long = "x".repeat(33);
    let event =
        format!(r#"{{"action":"{long}","actor":7,"timestamp":"yesterday","colour":"red","old":null}}"#);
    assert_eq!(
        faults(&log, &Incoming::parse(&event).unwrap()),
        [
            ("AboveMaxLength", "/event/action".to_owned()),
            ("InvalidString", "/event/actor".to_owned()),
            ("UnexpectedProperty", "/event/colour".to_owned()),
            ("FieldRequired", "/event/message".to_owned()),
        ]
    );
    assert!(Incoming::parse(r#"{"message": 1.5}"#).is_err());
    assert!(Incoming::parse("[1]").is_err());
}

#[test]
fn times_of_unsigned_events_get_the_one_form() {
    let (_folder, log) = log_with(|_| ());
    let event =
        event_of(&log, &Incoming::parse(r#"{"message":"m","timestamp":"2025-1-2T3:4:5+05:30"}"#).unwrap());
    assert_eq!(event, r#"{"message":"m","timestamp":"2025-01-01T21:34:05.000000Z"}"#);
}

#[test]
fn a_signature_is_checked_over_the_form_that_was_signed() {
    let (_folder, log) = log_with(|_| ());
    let key = PrivateKey::from_seed([7; 32]);
    let signed = r#"{"message":"m","timestamp":"2025-01-02T03:04:05.000000Z"}"#;
    let mut incoming = Incoming::parse(r#"{"timestamp":"2025-01-02T03:04:05Z","message":"m"}"#).unwrap();
    incoming.signature = Some(key.sign(signed.as_bytes()));
    incoming.public_key = Some(key.public_key_text());
    assert_eq!(event_of(&log, &incoming), signed);

    let mut other = incoming.clone();
    other.event = Event::parse(br#"{"message":"another"}"#).unwrap();
    assert_eq!(faults(&log, &other), [("BadState", "/signature".to_owned())]);
    let mut stripped = incoming.clone();
    stripped.public_key = None;
    assert_eq!(faults(&log, &stripped), [("FieldRequired", "/public_key".to_owned())]);
    let mut foreign = incoming.clone();
    foreign.public_key = Some("ssh-ed25519 AAAA".to_owned());
    assert_eq!(faults(&log, &foreign), [("BadFormat", "/public_key".to_owned())]);
    incoming.public_key = Some("k".repeat(5_000));
    assert_eq!(faults(&log, &incoming), [("AboveMaxLength", "/public_key".to_owned())]);
}

#[test]
fn the_server_signs_where_the_configuration_asks_for_it() {
    let (_folder, log) = log_with(|new| new.vault_sign = true);
    let prepared = log.prepare(&Incoming::parse(r#"{"message":"m"}"#).unwrap()).unwrap();
    let sealed = prepared.seal(Moment::from_micros(NOW).unwrap());
    let view = EnvelopeView::read(&sealed.bytes).unwrap();
    let (signature, key) = view.signature.unwrap();
    let (signature, key) = (signature.to_string(), key.to_string());
    let verified = signature::verify(br#"{"message":"m"}"#, &signature, &key).unwrap();
    assert_eq!(verified.to_base64(), log.vault_key().to_base64());
    for member in ["algorithm", "key", "vault_key_id", "vault_key_version"] {
        assert!(key.contains(member), "{key}");
    }
}

#[test]
fn a_custom_schema_has_its_own_fields() {
    let schema = serde_json::json!({"fields": [
        {"id": "message", "type": "text", "required": true},
        {"id": "field_int", "type": "integer"},
        {"id": "field_bool", "type": "boolean"},
        {"id": "field_time", "type": "datetime"},
        {"id": "field_str_short", "type": "string", "size": 4},
    ]});
    let (_folder, log) = log_with(|new| new.schema = Some(schema));
    let fits = r#"{"message":"m","field_int":-3,"field_bool":true,"field_str_short":"äöüß"}"#;
    assert!(event_of(&log, &Incoming::parse(fits).unwrap()).contains("\"field_int\":-3"));
    let wrong = r#"{"message":"m","field_int":"3","field_bool":0,"field_str_short":"äöüßx","actor":"a"}"#;
    let codes: Vec<_> =
        faults(&log, &Incoming::parse(wrong).unwrap()).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["UnexpectedProperty", "InvalidBool", "InvalidInteger", "AboveMaxLength"]);
}

#[test]
fn a_log_that_keeps_malformed_events_lists_what_is_malformed() {
    let schema = serde_json::json!({
        "save_malformed": "all",
        "fields": [{"id": "message", "type": "string", "size": 3, "required": true}],
    });
    let (_folder, log) = log_with(|new| new.schema = Some(schema));
    let prepared = log.prepare(&Incoming::parse(r#"{"message":"long"}"#).unwrap()).unwrap();
    let sealed = prepared.seal(Moment::from_micros(NOW).unwrap());
    let text = String::from_utf8(sealed.bytes).unwrap();
    assert!(text.contains("\"err\":[{\"code\":\"AboveMaxLength\""), "{text}");
}
