//! Laws that hold for all input.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use litesoc_model::{
    Alert, AlertUpdate, AlertUpdated, CollectRequest, CollectResponse, ErrorBody, Event, EventRecord, Health,
    Page, RetryAfter, Single, Timestamp, is_secret_key,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Metadata values. Floats are quarters: of others the reading side rounds the last digit.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| json!(f64::from(quarters) * 0.25)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The value with what stands under secret keys replaced.
fn redacted(value: Value, is_secret: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(|value| redacted(value, is_secret)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let value = if is_secret(&key) { "[REDACTED]".into() } else { redacted(value, is_secret) };
                (key, value)
            })
            .collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

/// Something that looks like a body of this protocol, whole or damaged.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let keys = prop::sample::select(vec![
        "event",
        "events",
        "actor",
        "id",
        "email",
        "user_ip",
        "metadata",
        "data",
        "error",
        "code",
        "message",
        "status",
        "pagination",
        "total",
        "meta",
        "success",
        "action",
        "timestamp",
        "forensics",
        "network",
        "asn",
        "_event_id",
        "organization",
        "quota",
        "errors",
        "index",
        "retry_after",
        "alerts",
        "context",
    ]);
    let leaf = prop_oneof![
        value(),
        Just(json!("1.2.3.4, ::1")),
        Just(json!("resolve")),
        Just(json!(1e300)),
        Just(json!("2026-03-01T12:00:00Z")),
    ];
    let tree = leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    });
    (tree, any::<prop::sample::Index>(), any::<u8>(), 0..3_u8).prop_map(|(tree, at, byte, damage)| {
        let mut bytes = serde_json::to_vec(&tree).unwrap();
        let at = at.index(bytes.len());
        match damage {
            0 => bytes[at] = byte,
            1 => bytes.truncate(at),
            _ => {}
        }
        bytes
    })
}

proptest! {
    #[test]
    fn an_event_is_json_and_says_what_was_given(
        name in "[a-z.]{1,30}", actor in any::<String>(), key in any::<String>(), value in value(), other in value(),
    ) {
        prop_assume!(!actor.is_empty() && !["_sdk", "_sdk_version", "_event_id", "other"].contains(&key.as_str()));
        let event = Event::new(name.as_str()).actor(&actor).metadata(&key, &other).metadata("other", 1).metadata(&key, &value);
        let read: Value = serde_json::from_str(&event.to_json()).unwrap();
        prop_assert_eq!(&read["event"], &json!(name));
        prop_assert_eq!(&read["actor"]["id"], &json!(actor));
        let given = redacted(json!({ key.as_str(): value, "other": 1 }), &is_secret_key);
        prop_assert_eq!(&read["metadata"], &given);
        let shown = event.metadata_value(&key).map(|json| serde_json::from_str::<Value>(json).unwrap());
        prop_assert_eq!(shown.as_ref(), given.get(&key));
    }

    #[test]
    fn redaction_leaves_valid_json_and_only_the_secrets_change(value in value(), secret in "[a-c]") {
        let mut event = Event::new("a.b").metadata("x", &value).metadata("a", &value);
        event.redact_metadata(&|key| key.contains(&secret));
        let read: Value = serde_json::from_str(&event.to_json()).unwrap();
        let given = redacted(json!({"x": value, "a": value}), &is_secret_key);
        prop_assert_eq!(&read["metadata"], &redacted(given, &|key| key.contains(&secret)));
        for (key, _) in event.clone().metadata_pairs() {
            prop_assert!(event.metadata_value(key).is_some());
        }
    }

    #[test]
    fn no_body_makes_a_reader_panic_and_what_is_accepted_is_within_limits(body in body()) {
        if let Ok(request) = CollectRequest::parse(&body) {
            for item in request.items.iter().flatten() {
                prop_assert!(!item.name.is_empty() && item.name.len() <= 128);
                let metadata: Value = serde_json::from_str(&item.metadata).unwrap();
                prop_assert!(metadata.is_object() && metadata.get("_event_id").is_none());
            }
        }
        let _ = (Page::<Alert>::decode(&body), Page::<EventRecord>::decode(&body), Single::<Alert>::decode(&body));
        let _ = (AlertUpdate::parse(&body, None), AlertUpdated::decode(&body), Health::decode(&body));
        let _ = CollectResponse::read(http::StatusCode::OK, &body);
        let message = ErrorBody::decode(&body).message;
        prop_assert!(!message.is_empty() && message.chars().count() <= 301 && !message.chars().any(char::is_control));
    }

    #[test]
    fn what_is_sent_is_read(actor in "[^\\s\\p{Cc}]{1,40}", value in value()) {
        let sent = Event::new("a.b").actor(&actor).metadata("key", &value);
        let json = sent.to_json();
        let request = CollectRequest::parse(json.as_bytes()).unwrap();
        let read = request.items[0].as_ref().unwrap();
        prop_assert_eq!(read.actor_id.as_deref(), Some(actor.trim()));
        prop_assert_eq!(&read.metadata, &format!("{{\"key\":{}}}", sent.metadata_value("key").unwrap()));
    }

    #[test]
    fn times_survive_being_written(millis in Timestamp::MIN.as_millis()..=Timestamp::MAX.as_millis()) {
        let time = Timestamp::from_millis(millis);
        prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        let reference = jiff::Timestamp::from_millisecond(millis).unwrap();
        prop_assert_eq!(format!("{reference:.3}"), time.to_string());
    }

    #[test]
    fn no_header_makes_a_wait_longer_than_an_hour(header in "\\PC{0,30}|[0-9.]{0,30}") {
        if let Some(wait) = RetryAfter::parse(&header, Timestamp::UNIX_EPOCH) {
            prop_assert!(wait.seconds() <= RetryAfter::MAX_SECONDS);
        }
    }
}
