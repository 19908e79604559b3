//! Events on their way out: what is written, what is refused, what is kept secret.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use litesoc_model::{Event, EventError, EventType, MAX_EVENT_BYTES, Marks, SdkMark, Timestamp};
use serde::Serialize;
use uuid::Uuid;

fn metadata_of(value: impl Serialize) -> Result<String, EventError> {
    let event = Event::new("a.b").metadata("k", value);
    event.check()?;
    Ok(event.metadata_value("k").unwrap().to_owned())
}

#[test]
fn parts_that_are_not_set_are_null_or_left_out() {
    let event = Event::new("custom.thing");
    assert_eq!(event.to_json(), r#"{"event":"custom.thing","actor":null,"user_ip":null,"metadata":{}}"#);
    assert!(event.check().is_ok());
}

#[test]
fn every_part_is_written_where_services_look_for_it() {
    let event = Event::new(EventType::DATA_EXPORT)
        .actor("u1")
        .email("u1@example.com")
        .actor_name("Ada \"the\" Countess")
        .target("file_9", "file")
        .target_name("plans.pdf")
        .user_ip("2001:db8::7".parse::<IpAddr>().unwrap())
        .metadata("rows", 12_u8)
        .time("2026-03-01T14:30:00.5+02:00".parse::<Timestamp>().unwrap());
    assert_eq!(
        event.to_json(),
        concat!(
            r#"{"event":"data.export","actor":{"id":"u1","email":"u1@example.com","name":"Ada \"the\" Countess"},"#,
            r#""target":{"id":"file_9","type":"file","name":"plans.pdf"},"user_ip":"2001:db8::7","#,
            r#""metadata":{"rows":12},"timestamp":"2026-03-01T12:30:00.500Z"}"#
        )
    );
    assert_eq!(serde_json::to_string(&event).unwrap(), event.to_json());
}

#[test]
fn an_email_alone_is_the_id_too_and_a_name_alone_has_none() {
    let by_email = Event::new("a.b").email("x@example.com");
    assert!(by_email.to_json().contains(r#""actor":{"id":"x@example.com","email":"x@example.com"}"#));
    let by_name = Event::new("a.b").actor_name("X");
    assert!(by_name.to_json().contains(r#""actor":{"id":null,"name":"X"}"#));
}

#[test]
fn empty_text_unsets_and_the_last_word_counts() {
    let event =
        Event::new("a.b").actor("first").actor("second").email("e").email("").target("1", "t").target("", "");
    let fields = event.fields();
    assert_eq!((fields.actor_id, fields.email, fields.target_id), (Some("second"), None, None));
    assert!(!event.to_json().contains("target"));
}

#[test]
fn addresses_of_four_bytes_are_written_like_display_does() {
    for octets in [[0, 0, 0, 0], [1, 22, 255, 9], [255, 255, 255, 255], [10, 100, 99, 200]] {
        let address = IpAddr::from(octets);
        let json = Event::new("a.b").user_ip(address).to_json();
        assert!(json.contains(&format!(r#""user_ip":"{address}""#)), "{json}");
    }
    let mapped: IpAddr = "::ffff:203.0.113.7".parse().unwrap();
    assert!(Event::new("a.b").user_ip(mapped).to_json().contains(r#""user_ip":"203.0.113.7""#));
}

#[test]
fn marks_follow_the_metadata_and_cannot_be_forged() {
    let id = Uuid::from_u128(0x0197_6b2e_7a10_7abc_8def_0123_4567_89ab);
    let sdk = SdkMark::new("litesoc-rust", "1.2.3");
    let marked = |event: &Event| {
        let mut out = b"before ".to_vec();
        event.write_json(&mut out, &Marks::new(id, &sdk));
        String::from_utf8(out).unwrap()
    };
    let marks = r#""_event_id":"01976b2e-7a10-7abc-8def-0123456789ab","_sdk":"litesoc-rust","_sdk_version":"1.2.3"}}"#;
    let bare = marked(&Event::new("a.b"));
    assert!(bare.starts_with("before {") && bare.ends_with(&format!("\"metadata\":{{{marks}")), "{bare}");
    let forged = Event::new("a.b").metadata("_sdk", "mine").metadata("n", 1).metadata("_event_id", "x");
    assert!(marked(&forged).ends_with(&format!("\"metadata\":{{\"n\":1,{marks}")), "{}", marked(&forged));
}

#[derive(Serialize)]
enum Shape {
    Unit,
    New(u8),
    Tuple(u8, char),
    Struct { side: f32 },
    Password(u8, u8),
}

#[derive(Serialize)]
struct Nothing;

#[derive(Serialize)]
struct Wrapped(i128);

#[test]
fn whatever_serde_can_say_is_written_as_serde_json_writes_it() {
    fn same(value: impl Serialize) {
        assert_eq!(metadata_of(&value).unwrap(), serde_json::to_string(&value).unwrap());
    }
    same((true, 'x', "a\"\n", -5_i8, u64::MAX, i64::MIN, 1.5_f64, 0.1_f32, (), None::<u8>, Some(1)));
    same([Shape::Unit, Shape::New(1), Shape::Tuple(2, 'é'), Shape::Struct { side: 1.0 }]);
    same((Nothing, Wrapped(-7), Wrapped(i128::from(u64::MAX)), u128::from(u64::MAX)));
    same(BTreeMap::from([(1_u8, "one"), (2, "two")]));
    same(BTreeMap::from([('a', true)]));
    same(BTreeMap::from([(false, vec![Vec::<u8>::new()])]));
    same("127.0.0.1".parse::<IpAddr>().unwrap());
    same(serde_json::json!({"a": [1, {"b": null}], "c": -1.25e-9}));
    same(format_args!("{}-{}", 1, "\""));
    same(serde_json::value::RawValue::from_string(r#"{"x":[1,2,"y"]}"#.into()).unwrap());
    same(b"bytes");
}

#[test]
fn what_json_cannot_say_is_an_error_that_names_the_place() {
    let message = |value: Result<String, EventError>| value.unwrap_err().to_string();
    assert_eq!(
        message(metadata_of(BTreeMap::from([("rates", vec![1.0, f64::NAN])]))),
        "metadata `k.rates[1]` is NaN or infinite: JSON has no such number, send text or leave it out"
    );
    assert!(message(metadata_of(f32::INFINITY)).starts_with("metadata `k` is NaN or infinite"));
    assert!(message(metadata_of(HashMap::from([([1, 2], 3)]))).contains("whose keys are not text"));
    assert!(message(metadata_of(u128::MAX)).contains("`k` is an integer of more than 64 bits"));
    assert!(message(metadata_of(i128::MIN)).contains("more than 64 bits"));
    assert!(message(metadata_of("x".repeat(20_000))).contains("over 16384 bytes"));
    assert!(message(metadata_of(vec![7; 20_000])).contains("over 16384 bytes"));
    struct Stubborn;
    impl Serialize for Stubborn {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    assert_eq!(message(metadata_of(Stubborn)), "metadata `k` cannot be serialised: no");
}

#[test]
fn eight_levels_are_deep_enough() {
    fn nested(levels: usize) -> serde_json::Value {
        (0..levels).fold(serde_json::json!(1), |inner, level| {
            if level % 2 == 0 { serde_json::json!([inner]) } else { serde_json::json!({ "x": inner }) }
        })
    }
    assert!(metadata_of(nested(8)).is_ok());
    let refused = metadata_of(nested(9)).unwrap_err();
    assert!(refused.to_string().contains("nests deeper than 8 levels"), "{refused}");
    assert!(matches!(metadata_of(nested(100)), Err(EventError::MetadataTooDeep { .. })));
}

#[test]
fn a_bad_value_is_forgotten_when_its_key_gets_a_good_one() {
    let event = Event::new("a.b").metadata("x", f64::NAN).metadata("y", 1);
    assert!(event.check().is_err());
    assert_eq!(event.metadata_value("y"), Some("1"));
    assert!(!event.to_json().contains("\"x\""), "what is wrong is not written");
    assert!(event.clone().metadata("y", 2).check().is_err());
    assert!(event.clone().metadata("x", 2).check().is_ok());
    let mut removed = event;
    assert!(!removed.remove_metadata("x"));
    assert!(removed.check().is_ok());
}

#[test]
fn keys_are_replaced_and_removed_wherever_they_stand() {
    let event = Event::new("a.b").metadata("a", 1).metadata("b", "two").metadata("c", [3]).metadata("é\"", 4);
    for (key, rest) in [
        ("a", r#""metadata":{"b":"two","c":[3],"é\"":4}"#),
        ("b", r#""metadata":{"a":1,"c":[3],"é\"":4}"#),
        ("é\"", r#""metadata":{"a":1,"b":"two","c":[3]}"#),
    ] {
        let mut shorter = event.clone();
        assert!(shorter.metadata_value(key).is_some());
        assert!(shorter.remove_metadata(key) && !shorter.remove_metadata(key));
        assert!(shorter.to_json().contains(rest), "{}", shorter.to_json());
        assert_eq!(shorter.metadata_value(key), None);
    }
    let escaped = Event::new("a.b").metadata("\u{b}", 1).metadata("\\u000b", 2);
    assert_eq!((escaped.metadata_value("\u{b}"), escaped.metadata_value("\\u000b")), (Some("1"), Some("2")));
    let replaced = event.metadata("a", "new").metadata("c", ());
    assert!(replaced.to_json().contains(r#""metadata":{"b":"two","é\"":4,"a":"new","c":null}"#));
    let mut all = replaced;
    assert!(["a", "b", "c", "é\""].iter().all(|key| all.remove_metadata(key)));
    assert!(all.to_json().contains(r#""metadata":{}"#));
}

#[test]
fn secrets_do_not_enter_the_event() {
    let event = Event::new("a.b")
        .metadata("Password", "hunter2")
        .metadata(
            "request",
            serde_json::json!({"headers": [{"Set-Cookie": ["hunter2"], "x": 1}], "apiKey": {"a": "hunter2"}}),
        )
        .metadata("shape", Shape::Password(1, 2))
        .metadata("map", HashMap::from([("access_token", f64::NAN)]));
    event.check().unwrap();
    assert_eq!(
        event.to_json(),
        concat!(
            r#"{"event":"a.b","actor":null,"user_ip":null,"metadata":{"Password":"[REDACTED]","#,
            r#""request":{"apiKey":"[REDACTED]","headers":[{"Set-Cookie":"[REDACTED]","x":1}]},"#,
            r#""shape":{"Password":"[REDACTED]"},"map":{"access_token":"[REDACTED]"}}}"#
        )
    );
}

#[test]
fn an_application_can_call_more_keys_secret() {
    let mut event = Event::new("a.b")
        .metadata("plain", 1)
        .metadata("badge", "b1")
        .metadata("in", serde_json::json!([{"badge": {}}]));
    event.redact_metadata(&|key| key == "nothing");
    assert!(event.to_json().contains("b1"));
    event.redact_metadata(&|key| key == "badge");
    let expected = r#""metadata":{"plain":1,"badge":"[REDACTED]","in":[{"badge":"[REDACTED]"}]}"#;
    assert!(event.to_json().contains(expected), "{}", event.to_json());
    assert!(event.remove_metadata("badge"));
    assert_eq!(event.metadata_value("in"), Some(r#"[{"badge":"[REDACTED]"}]"#));
    assert!(
        event
            .metadata("plain", 2)
            .to_json()
            .contains(r#""metadata":{"in":[{"badge":"[REDACTED]"}],"plain":2}"#)
    );
}

#[test]
fn names_and_texts_have_limits() {
    let check = |event: Event| event.check().map_err(|error| error.to_string());
    assert_eq!(
        check(Event::new("  ")),
        Err("the event has no name: give it one like `auth.login_failed`".into())
    );
    assert_eq!(
        check(Event::new("x".repeat(129).as_str())),
        Err("the event's name has 129 bytes: shorten it to at most 128".into())
    );
    assert_eq!(check(Event::new("x".repeat(128).as_str())), Ok(()));
    assert!(check(Event::new("a\u{7}b")).is_err());
    assert!(check(Event::new("a\u{85}b")).is_err(), "a control character beyond ASCII");
    assert_eq!(check(Event::new("Überweisung erfasst")), Ok(()));
    assert_eq!(check(Event::new("a.b").actor(&"ü".repeat(255))), Ok(()));
    assert_eq!(
        check(Event::new("a.b").actor(&"ü".repeat(256))),
        Err("the event's actor id has 256 characters: shorten it to at most 255".into())
    );
    assert!(check(Event::new("a.b").actor(&"x".repeat(256)).actor("short")).is_ok());
    assert!(check(Event::new("a.b").email(&"x".repeat(321))).unwrap_err().contains("e-mail address"));
    assert!(
        check(Event::new("a.b").target("1", "t").target_name(&"x".repeat(1_025)))
            .unwrap_err()
            .contains("target name")
    );
}

#[test]
fn the_largest_event_that_passes_is_within_the_limit_of_an_event() {
    let control = "\u{1}".repeat(1_024);
    let name = "\u{a0}\u{2003}x".repeat(21);
    let event = Event::new(name.as_str())
        .actor(&control[..255])
        .email(&control[..320])
        .actor_name(&control)
        .target(&control, &control)
        .target_name(&control)
        .user_ip("2001:db8:1111:2222:3333:4444:5555:6666".parse::<IpAddr>().unwrap())
        .time(Timestamp::MAX)
        .metadata("m", "x".repeat(16 * 1_024 - 8));
    event.check().unwrap();
    let sdk = SdkMark::new("litesoc-rust", "100.100.100-alpha.100");
    let mut out = Vec::new();
    event.write_json(&mut out, &Marks::new(Uuid::max(), &sdk));
    assert!(out.len() > 40_000 && out.len() <= MAX_EVENT_BYTES, "{}", out.len());
    serde_json::from_slice::<serde_json::Value>(&out).unwrap();
}

#[test]
fn shortcuts_set_their_event_and_keep_what_the_caller_adds() {
    let json = Event::role_changed("u", "viewer", "admin")
        .metadata("by", "root")
        .metadata("old_role", "guest")
        .to_json();
    assert!(json.contains(r#""metadata":{"new_role":"admin","by":"root","old_role":"guest"}"#), "{json}");
    for (event, name, extra) in [
        (Event::login_failed("u"), "auth.login_failed", ""),
        (Event::login_success("u"), "auth.login_success", ""),
        (Event::logout("u"), "auth.logout", ""),
        (Event::password_reset("u"), "auth.password_reset", ""),
        (Event::mfa_enabled("u"), "auth.mfa_enabled", ""),
        (Event::mfa_disabled("u"), "auth.mfa_disabled", ""),
        (Event::access_denied("u", "/x"), "authz.access_denied", r#""resource":"/x""#),
        (Event::role_changed("u", "a", "b"), "authz.role_changed", r#""old_role":"a","new_role":"b""#),
        (Event::privilege_escalation("u"), "admin.privilege_escalation", ""),
        (Event::sensitive_access("u", "r"), "data.sensitive_access", r#""resource":"r""#),
        (Event::bulk_delete("u", 5), "data.bulk_delete", r#""records_deleted":5"#),
        (Event::export("u", 6), "data.export", r#""records_exported":6"#),
    ] {
        let expected =
            format!(r#"{{"event":"{name}","actor":{{"id":"u"}},"user_ip":null,"metadata":{{{extra}}}}}"#);
        assert_eq!(event.to_json(), expected);
        assert!(event.event_type().is_known() && event.check().is_ok());
    }
}

#[test]
fn debug_shows_no_content_and_a_clone_is_the_same() {
    let event = Event::new("a.b").actor("secret-person").metadata("k", "secret-value").id(Uuid::max());
    let shown = format!("{event:?}");
    assert_eq!(shown, r#"Event { event: "a.b", actor: set, id: set, metadata: 1 keys }"#);
    let clone = event.clone();
    assert_eq!(clone.to_json(), event.to_json());
    assert_eq!(clone.fields(), event.fields());
}

#[test]
fn an_event_is_small_and_can_be_sent_to_another_thread() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Event>();
    assert!(size_of::<Event>() <= 40, "{}", size_of::<Event>());
    assert!(size_of::<EventError>() <= 48, "{}", size_of::<EventError>());
    let event = Event::new("a.b").actor("u");
    let json = std::thread::spawn(move || event.to_json()).join().unwrap();
    assert!(json.contains("\"u\""));
}
