//! Envelopes: the hashes of the SDKs, sealing, and what is no record.

use crate::common::{hash, list, text, vectors};
use litesoc_ledger::{
    Hash,
    canonical::{JsonFault, Value},
    envelope::{Draft, EnvelopeFault, EnvelopeView, genesis, leaf_hash},
    event::Event,
    time::{DateTime, Moment},
};
use proptest::prelude::*;

#[test]
fn hashes_are_those_of_the_python_client_and_what_splits_readers_is_refused() {
    let mut refused = Vec::new();
    for vector in list(&vectors("envelope_hashes")) {
        let bytes = text(vector, "envelope_json_text").as_bytes();
        match leaf_hash(bytes) {
            Err(error) => {
                assert!(matches!(error.fault, JsonFault::Fraction | JsonFault::Range), "{error}");
                refused.push(text(vector, "name").to_owned());
            }
            Ok(found) => {
                let strict = EnvelopeView::read(text(vector, "canonical_of_raw_json_utf8").as_bytes());
                if vector["raw_equals_client"] == true {
                    assert_eq!(found, hash(vector, "python_client_hash"), "{}", vector["name"]);
                    assert_eq!(strict.unwrap().leaf_hash(), hash(vector, "raw_hash"));
                } else {
                    assert!(strict.is_err(), "{} splits the readers", vector["name"]);
                }
            }
        }
    }
    assert_eq!(refused, ["int_above_2_53", "float_1_0"]);
}

#[test]
fn null_members_are_dropped_before_hashing_and_not_inside_the_event() {
    let found = |name: &str| {
        let all = vectors("envelope_hashes");
        let vector = list(&all).iter().find(|vector| vector["name"] == name).unwrap().clone();
        (
            leaf_hash(text(&vector, "envelope_json_text").as_bytes()).unwrap(),
            hash(&vector, "python_client_hash"),
        )
    };
    for name in ["null_in_envelope_is_dropped_by_python", "null_in_event_is_hashed", "extra_envelope_member"]
    {
        let (ours, theirs) = found(name);
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn sealing_writes_the_bytes_of_the_vectors() {
    for leaf in list(&vectors("leaves")) {
        let bytes = text(leaf, "canonical_envelope_utf8");
        let view = EnvelopeView::read(bytes.as_bytes()).unwrap();
        let draft = Draft::new(Event::parse(view.event.as_bytes()).unwrap());
        let sealed = draft.prepare().unwrap().seal(view.received_at);
        assert_eq!(String::from_utf8(sealed.bytes).unwrap(), bytes);
        assert_eq!(sealed.leaf_hash, hash(leaf, "leaf_hash"));
    }
}

#[test]
fn all_members_stand_in_their_order() {
    let event = Event::new().with("message", "m").with("gone", Value::Null);
    let draft = Draft::new(event).signed("c2ln", "a key").salted([7; 16]).with_err(Value::Array(vec![]));
    let draft = draft.with("zone", "z").with("absent", Value::Null);
    let prepared = draft.prepare().unwrap();
    let sealed = prepared.seal(Moment::from_micros(5).unwrap());
    assert_eq!(sealed.bytes.len(), prepared.len());
    assert_eq!(sealed.leaf_hash, Hash::of(&sealed.bytes));
    insta::assert_snapshot!(String::from_utf8(sealed.bytes.clone()).unwrap(), @r#"{"err":[],"event":{"message":"m"},"public_key":"a key","received_at":"1970-01-01T00:00:00.000005Z","salt":"BwcHBwcHBwcHBwcHBwcHBw","signature":"c2ln","zone":"z"}"#);
    let view = EnvelopeView::read(&sealed.bytes).unwrap();
    assert_eq!(view.signature, Some(("c2ln".into(), "a key".into())));
    assert_eq!((view.err, view.event_string("message").as_deref()), (Some("[]"), Some("m")));
}

#[test]
fn further_members_cannot_take_the_place_of_own_ones() {
    for name in ["event", "received_at", "signature", "public_key", "Upper", "with space", "é"] {
        let error = Draft::new(Event::new()).with(name, "x").prepare().unwrap_err();
        assert_eq!(error.member, name);
    }
}

#[test]
fn what_is_no_record_says_why() {
    let time = "2025-01-01T00:00:00.000000Z";
    let cases = [
        (format!(r#"{{"received_at":"{time}"}}"#), "event"),
        (format!(r#"{{"event":"text","received_at":"{time}"}}"#), "event"),
        (r#"{"event":{}}"#.to_owned(), "received_at"),
        (r#"{"event":{},"received_at":1}"#.to_owned(), "received_at"),
        (r#"{"event":{},"received_at":"2025-02-30T00:00:00.000000Z"}"#.to_owned(), "received_at"),
        (format!(r#"{{"event":{{}},"received_at":"{time}","signature":null}}"#), "null"),
        (format!(r#"{{"event":{{}},"received_at":"{time}","signature":"x"}}"#), "no public_key"),
        (format!(r#"{{"event":{{}},"public_key":"x","received_at":"{time}"}}"#), "no signature"),
        (format!(r#"{{"event":{{}},"public_key":1,"received_at":"{time}","signature":"x"}}"#), "strings"),
        (format!(r#"{{"event":{{}}, "received_at":"{time}"}}"#), "not canonical"),
    ];
    for (bytes, expected) in cases {
        let error = EnvelopeView::read(bytes.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(expected), "{bytes}: {error}");
    }
    assert!(matches!(EnvelopeView::read(b"[]"), Err(EnvelopeFault::Json(_))));
}

#[test]
fn the_genesis_record_says_what_the_log_is() {
    let event =
        genesis("audit.example/acme", "audit.example/acme+00000000+AQ==", &Hash::of(b"{}"), "litesoc 1.0");
    insta::assert_snapshot!(event.to_canonical());
}

#[test]
fn times_follow_each_other_even_when_the_clock_does_not() {
    let at = |micros| Moment::from_micros(micros).unwrap();
    assert_eq!(Moment::next(None, at(9)), at(9));
    assert_eq!(Moment::next(Some(at(5)), at(9)), at(9));
    assert_eq!(Moment::next(Some(at(9)), at(9)), at(10));
    assert_eq!(Moment::next(Some(at(9)), at(2)), at(10), "a clock that goes back");
}

#[test]
fn accepted_and_refused_forms_of_time() {
    let utc = |text| DateTime::parse(text).map(|time| time.moment().unwrap().to_string());
    let is = |text, expected: &str| assert_eq!(utc(text).as_deref(), Some(expected), "{text}");
    is("2025-01-02T03:04:05Z", "2025-01-02T03:04:05.000000Z");
    is("2025-1-2T3:4:5", "2025-01-02T03:04:05.000000Z");
    is("2025-01-02T03:04:05.123456789Z", "2025-01-02T03:04:05.123456Z");
    is("2025-01-02T03:04:05.5+0530", "2025-01-01T21:34:05.500000Z");
    is("2025-01-02T03:04:05-08", "2025-01-02T11:04:05.000000Z");
    is("2024-02-29T23:59:59.999999-23:59", "2024-03-01T23:58:59.999999Z");
    for text in [
        "",
        "2025-01-02",
        "2025-01-02 03:04:05Z",
        "2025-13-01T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2025-01-02T24:00:00Z",
        "2025-01-02T03:04:60Z",
        "2025-01-02T03:04:05.Z",
        "2025-01-02T03:04:05.1234567890Z",
        "25-01-02T03:04:05Z",
        "2025-01-02T03:04:05z",
        "2025-01-02T03:04:05Zjunk",
        "2025-01-02T03:04:05+5:30",
        "2025-01-02T03:04:05+99:00",
        "2025-01-02T03:04Z",
        "2025-01-02T03:04:05+é",
        "+025-01-02T03:04:05Z",
        "2025-01-02T03:04:05+1é2",
    ] {
        assert_eq!(DateTime::parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn every_moment_has_one_text(micros in -62_135_596_800_000_000_i64..=253_402_300_799_999_999) {
        let moment = Moment::from_micros(micros).unwrap();
        prop_assert_eq!(Moment::parse_exact(&moment.to_string()), Some(moment));
    }

    #[test]
    fn any_event_seals_and_reads_back(message in any::<String>(), extra in any::<String>(), micros in 0_i64..4_000_000_000_000_000) {
        let moment = Moment::from_micros(micros).unwrap();
        let event = Event::new().with("message", message.clone()).with("é", extra);
        let text = event.to_canonical();
        let sealed = Draft::new(event).signed("s", "k").prepare().unwrap().seal(moment);
        let view = EnvelopeView::read(&sealed.bytes).unwrap();
        prop_assert_eq!((view.event, view.received_at, view.leaf_hash()), (text.as_str(), moment, sealed.leaf_hash));
        prop_assert_eq!(leaf_hash(&sealed.bytes).unwrap(), sealed.leaf_hash);
        prop_assert_eq!(view.event_string("message").unwrap(), message);
    }
}
