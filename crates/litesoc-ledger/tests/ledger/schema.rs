//! Schemas: what the standard one admits, what a file may say, and all faults at once.

use litesoc_ledger::{
    canonical::Value,
    event::Event,
    schema::{Code, FieldType, Schema},
};

fn event(json: &str) -> Event {
    Event::parse(json.as_bytes()).unwrap()
}

fn schema(json: &str) -> Schema {
    Schema::from_value(&Value::parse(json.as_bytes()).unwrap()).unwrap()
}

fn faults(schema: &Schema, json: &str) -> Vec<(Code, String)> {
    let faults = schema.admit(event(json), "/events/3/event", false).unwrap_err();
    faults.0.into_iter().map(|fault| (fault.code, fault.source)).collect()
}

#[test]
fn the_standard_schema_has_the_limits_of_the_api() {
    let standard = Schema::standard();
    let limits = [
        ("message", 32_766),
        ("new", 32_766),
        ("old", 32_766),
        ("actor", 128),
        ("source", 128),
        ("target", 128),
        ("tenant_id", 128),
        ("timestamp", 128),
        ("action", 32),
        ("status", 32),
    ];
    assert_eq!(standard.fields.len(), limits.len());
    for (id, size) in limits {
        let with = |length: usize| Event::new().with("message", "m").with(id, "é".repeat(length));
        assert!(standard.admit(with(size), "/event", false).is_ok(), "{id}");
        let faults = standard.admit(with(size + 1), "/event", false).unwrap_err();
        assert_eq!(
            (faults.0.len(), faults.0[0].code, faults.0[0].source.as_str()),
            (1, Code::AboveMaxLength, format!("/event/{id}").as_str())
        );
    }
}

#[test]
fn all_faults_come_at_once_with_their_places() {
    let found =
        faults(&Schema::standard(), r#"{"actor":1,"a/b":true,"new":{"a":1},"old":["x"],"status":null}"#);
    let expected = [
        (Code::UnexpectedProperty, "/events/3/event/a~1b"),
        (Code::InvalidString, "/events/3/event/actor"),
        (Code::InvalidString, "/events/3/event/new"),
        (Code::InvalidString, "/events/3/event/old"),
        (Code::FieldRequired, "/events/3/event/message"),
    ];
    assert_eq!(found, expected.map(|(code, place)| (code, place.to_owned())));
}

#[test]
fn times_get_their_one_form_unless_they_are_signed() {
    let standard = Schema::standard();
    let with = |time: &str| Event::new().with("message", "m").with("timestamp", time);
    let stored = |time: &str, signed| {
        let admitted = standard.admit(with(time), "/event", signed).unwrap();
        admitted.event.get("timestamp").and_then(Value::as_str).unwrap().to_owned()
    };
    assert_eq!(stored("2025-01-02T03:04:05+05:30", false), "2025-01-01T21:34:05.000000Z");
    assert_eq!(stored("2025-01-02T03:04:05+05:30", true), "2025-01-02T03:04:05+05:30");
    assert_eq!(stored("yesterday", false), "yesterday", "the standard schema has strings only");
    assert_eq!(standard.times().collect::<Vec<_>>(), ["timestamp"]);
}

const CUSTOM: &str = r#"{"client_signable":false,"tamper_proofing":true,"fields":[
    {"id":"message","type":"text","required":true},
    {"id":"field_int","type":"integer"},{"id":"field_bool","type":"boolean"},
    {"id":"field_str_short","type":"string","size":4,"redact":true},{"id":"field_time","type":"datetime"},
    {"id":"note","type":"string-unindexed","name":"Note","description":"d","ui_default_visible":true}]}"#;

#[test]
fn a_schema_of_ones_own() {
    let custom = schema(CUSTOM);
    assert_eq!(custom.field("field_time").unwrap().kind, FieldType::Datetime);
    assert_eq!(Schema::from_value(&custom.to_value()).unwrap(), custom);
    assert_ne!(custom.hash(), Schema::standard().hash());
    let good = r#"{"message":"m","field_int":-7,"field_bool":false,"field_str_short":"é","field_time":"2025-1-2T3:4:5"}"#;
    let admitted = custom.admit(event(good), "/event", false).unwrap();
    assert_eq!(admitted.event.get("field_time"), Some(&Value::from("2025-01-02T03:04:05.000000Z")));
    let found = faults(
        &custom,
        r#"{"message":"m","field_int":"7","field_bool":0,"field_str_short":"12345","field_time":"soon"}"#,
    );
    let codes: Vec<_> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        codes,
        [Code::InvalidBool, Code::InvalidInteger, Code::AboveMaxLength, Code::BadFormatDateTime]
    );
    let signed = custom.admit(event(good), "/event", true).unwrap_err();
    assert_eq!((signed.0[0].code, signed.0[0].source.as_str()), (Code::BadState, "/signature"));
}

#[test]
fn malformed_events_can_be_kept_with_what_is_wrong_with_them() {
    let all = schema(&CUSTOM.replacen('{', r#"{"save_malformed":"all","#, 1));
    let bad = r#"{"field_str_short":"12345","colour":"red"}"#;
    let admitted = all.admit(event(bad), "/event", false).unwrap();
    assert_eq!(admitted.event.to_canonical(), r#"{"colour":"red","field_str_short":"12345"}"#);
    insta::assert_snapshot!(admitted.err.unwrap().to_canonical());
    let unredacted = schema(&CUSTOM.replacen('{', r#"{"save_malformed":"unredacted","#, 1));
    let admitted = unredacted.admit(event(bad), "/event", false).unwrap();
    assert_eq!(admitted.event.to_canonical(), r#"{"colour":"red"}"#);
    let good = all.admit(event(r#"{"message":"m"}"#), "/event", false).unwrap();
    assert_eq!(good.err, None);
}

#[test]
fn faults_of_schemas_come_at_once() {
    let bad = r#"{"colour":1,"client_signable":"yes","save_malformed":"some","vendor_id":7,"fields":[
        7,{},{"id":"Upper","type":"float"},{"id":"received_at","type":"text"},{"id":"a","type":"text","size":0},
        {"id":"a","type":"text","size":"x","required":1,"name":2,"odd":3},{"id":"b","type":"text"},{"id":"b","type":"text"}]}"#;
    let faults = Schema::from_value(&Value::parse(bad.as_bytes()).unwrap()).unwrap_err();
    insta::assert_snapshot!(faults.to_string());
    for bad in ["[]", "{}", r#"{"fields":[]}"#, r#"{"fields":{}}"#] {
        assert!(Schema::from_value(&Value::parse(bad.as_bytes()).unwrap()).is_err(), "{bad}");
    }
}
