//! Canonical JSON: the vectors, what is refused and where, and that there is one text for each value.

use crate::common::{list, text, vectors};
use litesoc_ledger::{
    Hash,
    canonical::{JsonFault, MAX_INTEGER, Object, Scan, Value, is_canonical},
    event::Event,
};
use proptest::prelude::*;

#[test]
fn the_bytes_that_are_signed_are_those_of_the_sdk() {
    for vector in list(&vectors("canonical_events")) {
        let wire = &vector["wire_event_sent_by_6_13_0"];
        let event = Event::parse(wire.to_string().as_bytes()).unwrap();
        assert_eq!(event.to_canonical(), text(vector, "canonical_of_wire_event_utf8"), "{}", vector["name"]);
        if vector["canonical_of_wire_event_equals_signed_bytes"] == true {
            let bytes = text(vector, "signed_bytes_utf8");
            assert_eq!(event.to_canonical(), bytes);
            assert_eq!(Hash::of(bytes.as_bytes()).to_string(), text(vector, "signed_bytes_sha256"));
        }
        assert!(is_canonical(event.to_canonical().as_bytes()).is_ok());
    }
}

#[test]
fn objects_become_text_and_nulls_go_as_in_the_sdk() {
    for vector in list(&vectors("canonical_events")) {
        if vector["input"].to_string().contains("$date") {
            continue;
        }
        let event = Event::parse(vector["input"].to_string().as_bytes()).unwrap().with_objects_as_text();
        assert_eq!(event.to_canonical(), text(vector, "signed_bytes_utf8"), "{}", vector["name"]);
    }
}

#[test]
fn what_readers_would_print_differently_is_refused_with_its_place() {
    let cases: &[(&[u8], JsonFault, usize, &str)] = &[
        (b"", JsonFault::End, 0, ""),
        (b"{", JsonFault::End, 1, ""),
        (b"[1,]", JsonFault::Syntax, 3, "/1"),
        (b"{\"a\":1}x", JsonFault::Trailing, 7, ""),
        (b"\"\xff\"", JsonFault::Encoding, 1, ""),
        (b"\"a\nb\"", JsonFault::Control, 2, ""),
        (br#""\x""#, JsonFault::Escape, 2, ""),
        (br#"{"a":["\ud800"]}"#, JsonFault::Surrogate, 9, "/a/0"),
        (br#""\udc00\ud800""#, JsonFault::Surrogate, 3, ""),
        (br#""\ud83d\u0041""#, JsonFault::Surrogate, 3, ""),
        (br#"{"f":1.0}"#, JsonFault::Fraction, 5, "/f"),
        (b"1e3", JsonFault::Fraction, 0, ""),
        (b"01", JsonFault::Syntax, 0, ""),
        (b"-", JsonFault::Syntax, 0, ""),
        (b"+1", JsonFault::Syntax, 0, ""),
        (b"NaN", JsonFault::Syntax, 0, ""),
        (b"Infinity", JsonFault::Syntax, 0, ""),
        (br#"{"n":9007199254740992}"#, JsonFault::Range, 5, "/n"),
        (b"-9007199254740992", JsonFault::Range, 0, ""),
        (b"99999999999999999999999999", JsonFault::Range, 0, ""),
        (br#"{"a":1,"\u0061":2}"#, JsonFault::Duplicate, 7, "/a"),
        (br#"{"a/b":{"~":tru}}"#, JsonFault::Syntax, 12, "/a~1b/~0"),
    ];
    for (bytes, fault, offset, pointer) in cases {
        let error = Value::parse(bytes).unwrap_err();
        let name = String::from_utf8_lossy(bytes);
        assert_eq!(
            (error.fault, error.offset, error.pointer.as_str()),
            (*fault, *offset, *pointer),
            "{name}"
        );
        assert!(is_canonical(bytes).is_err(), "{name}");
    }
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Value::parse_canonical(nested(64).as_bytes()).is_ok());
    assert_eq!(Value::parse(nested(65).as_bytes()).unwrap_err().fault, JsonFault::Depth);
    assert_eq!(is_canonical(nested(65).as_bytes()).unwrap_err().fault, JsonFault::Depth);
    assert_eq!(Value::parse("[".repeat(1_000_000).as_bytes()).unwrap_err().fault, JsonFault::Depth);
}

#[test]
fn other_spellings_are_read_and_are_not_canonical() {
    let cases = [
        ("{ }", "{}", JsonFault::Form),
        (" 1", "1", JsonFault::Form),
        ("1 ", "1", JsonFault::Trailing),
        ("[1, 2]", "[1,2]", JsonFault::Form),
        (r#"{"a" :1}"#, r#"{"a":1}"#, JsonFault::Form),
        (r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#, JsonFault::Order),
        (r#""\/""#, r#""/""#, JsonFault::Form),
        (r#""\u00e9""#, "\"é\"", JsonFault::Form),
        (r#""\u000A""#, r#""\n""#, JsonFault::Form),
        (r#""\u001F""#, r#""\u001f""#, JsonFault::Form),
        (r#""\u0022""#, r#""\"""#, JsonFault::Form),
        (r#""\ud83d\ude00""#, "\"😀\"", JsonFault::Form),
        ("-0", "0", JsonFault::Form),
    ];
    for (given, canonical, fault) in cases {
        assert_eq!(Value::parse(given.as_bytes()).unwrap().to_canonical(), canonical);
        assert_eq!(is_canonical(given.as_bytes()).unwrap_err().fault, fault, "{given}");
        assert!(Value::parse_canonical(given.as_bytes()).is_err());
        assert!(Value::parse_canonical(canonical.as_bytes()).is_ok());
    }
}

#[test]
fn members_are_in_the_order_of_code_points_however_they_are_written() {
    // Escaped, U+000A and U+0022 stand before `A`, though a backslash stands behind it.
    let text = "{\"\\n\":1,\"\\\"\":2,\"A\":3,\"\\\\\":4,\"a\":5,\"\u{ffee}\":6,\"\u{1f600}\":7}";
    assert!(is_canonical(text.as_bytes()).is_ok());
    assert_eq!(Value::parse(text.as_bytes()).unwrap().to_canonical(), text);
    let names: Vec<_> = Scan::object(text.as_bytes()).unwrap().map(|member| member.unwrap().name).collect();
    assert_eq!(names.len(), 7);
    assert!(is_canonical(br#"{"A":1,"\n":2}"#).is_err());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::Integer),
        any::<String>().prop_map(Value::String),
        "[\\x00-\\x7f]{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in value()) {
        let text = value.to_canonical();
        prop_assert_eq!(&Value::parse(text.as_bytes()).unwrap(), &value);
        prop_assert!(is_canonical(text.as_bytes()).is_ok());
        let other: serde_json::Value = serde_json::from_str(&text).unwrap();
        let pretty = serde_json::to_string_pretty(&other).unwrap();
        prop_assert_eq!(Value::parse(pretty.as_bytes()).unwrap().to_canonical(), text);
    }

    #[test]
    fn the_scanner_and_the_writer_agree_on_what_is_canonical(text in "[\\[\\]{}:,\"\\\\ue0-9a-cA \\.\\-]{0,16}") {
        let canonical = Value::parse(text.as_bytes()).is_ok_and(|value| value.to_canonical() == text);
        prop_assert_eq!(is_canonical(text.as_bytes()).is_ok(), canonical);
    }

    #[test]
    fn one_changed_byte_is_never_the_same_value(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = value.to_canonical().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(other) = Value::parse_canonical(&bytes) {
            prop_assert_ne!(other, value);
        }
    }

    #[test]
    fn members_of_an_object_are_slices_of_it(members in prop::collection::btree_map(any::<String>(), value(), 0..5)) {
        let object: Object = members;
        let text = Value::Object(object.clone()).to_canonical();
        let mut seen = Object::new();
        for member in Scan::object(text.as_bytes()).unwrap() {
            let member = member.unwrap();
            let name = Value::parse(format!("\"{}\"", member.name).as_bytes()).unwrap();
            let value = Value::parse_canonical(member.value.as_bytes()).unwrap();
            let string = member.string();
            prop_assert_eq!(string.as_deref(), value.as_str());
            seen.insert(name.as_str().unwrap().to_owned(), value);
        }
        prop_assert_eq!(seen, object);
    }
}
