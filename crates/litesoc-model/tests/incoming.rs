//! Events as a service reads them: every place a client ever put something, and every kind of bad body.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use litesoc_model::{
    CollectError, CollectRequest, ErrorBody, ErrorCode, Event, IncomingEvent, Marks, SdkMark, Timestamp,
    is_public,
};
use serde_json::json;
use uuid::Uuid;

/// The one event in a body.
fn one(body: &str) -> IncomingEvent<'_> {
    let request = CollectRequest::parse(body.as_bytes()).unwrap();
    assert_eq!((request.items.len(), request.batch), (1, false));
    request.items.into_iter().next().unwrap().unwrap()
}

fn refused(body: &str) -> String {
    let request = CollectRequest::parse(body.as_bytes()).unwrap();
    let error = request.items.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::ValidationFailed);
    error.message
}

#[test]
fn the_name_is_found_under_each_of_its_keys() {
    for body in [
        r#"{"event":"a.b"}"#,
        r#"{"event_name":" a.b "}"#,
        r#"{"event_type":"a.b","event":null,"event_name":7}"#,
        r#"{"event":"x","event":"a.b"}"#,
        r#"{"\u0065vent":"a.\u0062"}"#,
        "\u{feff} {\"event\":\"a.b\",\"events\":\"not a list\"}\n",
        r#"{"event":"a.b","events":null}"#,
    ] {
        assert_eq!(one(body).name, "a.b", "{body}");
    }
    assert!(refused(r#"{"event":""}"#).contains("`event` is missing"));
    assert!(refused(r#"{"event":"  "}"#).contains("`event` is missing"));
    assert!(refused(r#"{"event":{"name":"a.b"}}"#).contains("`event` is missing"));
    assert!(refused("{}").contains("`event` is missing"));
    assert!(refused(&json!({"event": "x".repeat(129)}).to_string()).contains("129 bytes"));
}

#[test]
fn the_actor_is_found_in_each_of_its_places() {
    for (members, id, email) in [
        (r#""actor":{"id":"u","email":"e@x"}"#, Some("u"), Some("e@x")),
        (r#""actor":{"id":7,"email":null}"#, Some("7"), None),
        (r#""actor":{"user_id":"u","user_email":"e@x"}"#, Some("u"), Some("e@x")),
        (r#""actor":" u ""#, Some("u"), None),
        (r#""actor":7"#, Some("7"), None),
        (r#""user_id":"u","email":"e@x""#, Some("u"), Some("e@x")),
        (r#""userId":12"#, Some("12"), None),
        (r#""actor":null,"email":"e@x""#, Some("e@x"), Some("e@x")),
        (r#""actor":{"id":null,"email":"e@x"},"user_id":"u""#, Some("u"), Some("e@x")),
        (r#""actor":{"id":"","email":""}"#, None, None),
        (r#""actor":[1],"user_id":{"a":1}"#, None, None),
        (r#""actor":true"#, None, None),
    ] {
        let body = format!(r#"{{"event":"a.b",{members}}}"#);
        let event = one(&body);
        assert_eq!((event.actor_id.as_deref(), event.actor_email.as_deref()), (id, email), "{members}");
    }
    let long = json!({"event": "a.b", "actor": {"id": "ü".repeat(256)}}).to_string();
    assert_eq!(refused(&long), "`actor.id` has more than 255 characters");
    let fits = json!({"event": "a.b", "actor": {"id": "ü".repeat(255)}}).to_string();
    assert_eq!(one(&fits).actor_id.as_deref().map(|id| id.chars().count()), Some(255));
}

#[test]
fn the_address_is_found_in_each_of_its_places_and_odd_text_is_kept() {
    for (members, ip, raw) in [
        (r#""user_ip":"203.0.113.9""#, Some("203.0.113.9"), None),
        (r#""user_ip":null,"ip_address":"203.0.113.9""#, Some("203.0.113.9"), None),
        (r#""context":{"ip_address":"203.0.113.9"}"#, Some("203.0.113.9"), None),
        (r#""metadata":{"ip_address":"203.0.113.9"}"#, Some("203.0.113.9"), None),
        (r#""metadata":{"ip":"203.0.113.9"}"#, Some("203.0.113.9"), None),
        (r#""user_ip":"unknown""#, None, Some("unknown")),
        (r#""user_ip":"[REDACTED]""#, None, Some("[REDACTED]")),
        (r#""user_ip":"unknown","metadata":{"ip":"203.0.113.9"}"#, Some("203.0.113.9"), Some("unknown")),
        (r#""user_ip":"1.2.3.4, 5.6.7.8""#, Some("5.6.7.8"), Some("1.2.3.4, 5.6.7.8")),
        (r#""user_ip":"6.6.6.6, 5.6.7.8, 10.0.0.1""#, Some("5.6.7.8"), Some("6.6.6.6, 5.6.7.8, 10.0.0.1")),
        (r#""user_ip":"10.0.0.2,,10.0.0.1""#, Some("10.0.0.1"), Some("10.0.0.2,,10.0.0.1")),
        (r#""user_ip":"::ffff:1.2.3.4""#, Some("1.2.3.4"), None),
        (r#""user_ip":"1.2.3.4:8080""#, Some("1.2.3.4"), Some("1.2.3.4:8080")),
        (r#""user_ip":"[2001:db8::1]:443""#, Some("2001:db8::1"), Some("[2001:db8::1]:443")),
        (r#""user_ip":"[2001:db8::1]""#, Some("2001:db8::1"), Some("[2001:db8::1]")),
        (r#""user_ip":" 1.2.3.4 ""#, Some("1.2.3.4"), None),
        (r#""user_ip":"fe80::1%eth0""#, None, Some("fe80::1%eth0")),
        (r#""user_ip":"[fe80::1%3]:80""#, None, Some("[fe80::1%3]:80")),
        (r#""user_ip":"""#, None, None),
        (r#""user_ip":12"#, None, None),
    ] {
        let body = format!(r#"{{"event":"a.b",{members}}}"#);
        let event = one(&body);
        assert_eq!(event.user_ip, ip.map(|ip| ip.parse().unwrap()), "{members}");
        let metadata: serde_json::Value = serde_json::from_str(&event.metadata).unwrap();
        assert_eq!(metadata.get("user_ip_raw").and_then(|raw| raw.as_str()), raw, "{members}");
    }
}

#[test]
fn special_ranges_are_not_public() {
    for private in [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::",
        "::ffff:10.0.0.1",
    ] {
        assert!(!is_public(private.parse().unwrap()), "{private}");
    }
    for public in [
        "8.8.8.8",
        "203.0.113.7",
        "100.128.0.1",
        "172.32.0.1",
        "2001:db8::1",
        "2606:4700::1",
        "::ffff:8.8.8.8",
    ] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
}

#[test]
fn metadata_comes_without_the_marks_and_otherwise_as_it_was() {
    let event = one(
        r#"{"event":"a.b","metadata":{ "z": 1.50, "_sdk":"litesoc-python","_sdk_version":"2.6.0", "n" : {"a":[1, 2]},"_retry_count":1,"_severity":"high","_event_id":"01976b2e-7a10-7abc-8def-0123456789ab","source_hostname":"h"}}"#,
    );
    assert_eq!(event.metadata, r#"{"z":1.50,"n":{"a":[1, 2]},"source_hostname":"h"}"#);
    assert_eq!(event.marks.sdk.as_deref(), Some("litesoc-python"));
    assert_eq!(event.marks.sdk_version.as_deref(), Some("2.6.0"));
    assert_eq!(event.marks.event_id, Uuid::try_parse("01976b2e-7a10-7abc-8def-0123456789ab").ok());
    assert!(!event.is_own());
    for none in ["null", "[]", "\"x\"", "7", "{}"] {
        assert_eq!(one(&format!(r#"{{"event":"a.b","metadata":{none}}}"#)).metadata, "{}");
    }
    let odd = one(r#"{"event":"a.b","metadata":{"_event_id":"not a uuid","_sdk":7}}"#);
    assert_eq!((odd.marks.event_id, odd.marks.sdk), (None, None));
}

#[test]
fn repeated_keys_and_half_characters_are_mended() {
    let twice = one(r#"{"event":"a.b","metadata":{"k":1,"l":2,"k":{"x":3}}}"#);
    assert_eq!(twice.metadata, r#"{"l":2,"k":{"x":3}}"#);
    let half =
        one(r#"{"event":"a\ud83d.b","metadata":{"k":"a\ud83d","e":"\ud83d\ude00","\udc00":["\"\\"]}}"#);
    assert_eq!(half.name, "a\u{fffd}.b");
    assert_eq!(half.metadata, "{\"k\":\"a\u{fffd}\",\"e\":\"😀\",\"\u{fffd}\":[\"\\\"\\\\\"]}");
}

#[test]
fn metadata_that_nests_or_weighs_too_much_refuses_its_event_alone() {
    let nested = |levels: usize| format!(r#"{{"k":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(one(&format!(r#"{{"event":"a.b","metadata":{}}}"#, nested(8))).metadata.contains("[[[[[[[[1"));
    let long = "x".repeat(16 * 1_024 - 8);
    let body = format!(
        r#"{{"events":[{{"event":"a.b","metadata":{}}},{{"event":"ok.1"}},{{"event":"a.b","metadata":{{"k":"{long}"}}}},{{"event":"a.b","metadata":{{"k":"{long}x"}}}},17,{{"event":"a.b","metadata":{}}},{{"event":"a.b","metadata":{{"n":1e999}}}},{{"event":"ok.2","metadata":{{"n":1e99}}}}]}}"#,
        nested(9),
        nested(100_000)
    );
    let request = CollectRequest::parse(body.as_bytes()).unwrap();
    assert_eq!((request.batch, request.accepted()), (true, 3));
    let errors: Vec<_> = request.items.iter().filter_map(|item| item.as_ref().err()).collect();
    let told: Vec<_> = errors.iter().map(|error| (error.index, error.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (0, "`metadata` nests 9 levels: send at most 8"),
            (3, "`metadata` has 16385 bytes: send at most 16384"),
            (4, "the event is not an object"),
            (5, "`metadata` has 200007 bytes: send at most 16384"),
            (6, "`metadata` has a number out of range: send it as text"),
        ]
    );
    assert!(errors.iter().all(|error| error.code == ErrorCode::ValidationFailed));
}

#[test]
fn a_body_that_is_no_request_is_refused_whole() {
    let error = |body: &[u8]| CollectRequest::parse(body).unwrap_err();
    assert_eq!(error(b"[1,2]"), CollectError::NotAnObject);
    assert_eq!(error(b"null"), CollectError::NotAnObject);
    assert_eq!(error(br#"{"events":[]}"#), CollectError::NoEvents);
    assert_eq!(error(br#"{"events":{"event":"a.b"}}"#), CollectError::EventsNotAnArray);
    assert_eq!(error(br#"{"events":null}"#), CollectError::EventsNotAnArray);
    let many = |count: usize| json!({"events": vec![json!({"event": "a.b"}); count]}).to_string();
    assert_eq!(error(many(101).as_bytes()), CollectError::TooManyEvents { count: 101 });
    assert_eq!(CollectRequest::parse(many(100).as_bytes()).unwrap().accepted(), 100);

    let broken = error(b"{\"event\": \"a.b\"\n \"user_ip\": null}");
    assert_eq!(broken.to_string(), "invalid JSON at line 2, column 2: expected `,` or `}`");
    assert_eq!(broken.code(), ErrorCode::InvalidJson);
    assert_eq!(error(b"").to_string(), "invalid JSON at line 1, column 0: EOF while parsing a value");
    assert_eq!(error(b"{\n\"a\":\"\xff\"}").to_string(), "invalid JSON at line 2, column 6: not UTF-8");
    assert!(error(br#"{"event":"a.b"} x"#).to_string().contains("column 17"));
    assert!(error(b"{\"events\":[{\"event\":\"a\"},{]}").to_string().contains("line 1, column 27"));
    assert!(error(br#"{"event":"a.b","metadata":{"n":NaN}}"#).to_string().contains("column"));
    let body = ErrorBody::from(&CollectError::TooManyEvents { count: 101 });
    assert_eq!(body.to_string(), "`events` has 101 events: send at most 100 in a request (BATCH_TOO_LARGE)");
}

#[test]
fn what_has_no_field_of_its_own_is_kept_or_ignored() {
    let event = one(
        r#"{"event":"a.b","severity":"critical","extra":{"a":1},"target":{"id":1,"type":"file"},"context":{"user_agent":"curl"},"metadata":{"a":1}}"#,
    );
    assert_eq!(event.target, Some(r#"{"id":1,"type":"file"}"#));
    assert_eq!(event.metadata, r#"{"a":1,"user_agent":"curl"}"#);
    let mut event = one(r#"{"event":"a.b","metadata":{"unrecognized_format":false}}"#);
    event.add_metadata("unrecognized_format", &true);
    event.add_metadata("original_event", "A \"B\"");
    assert_eq!(event.metadata, r#"{"unrecognized_format":true,"original_event":"A \"B\""}"#);
}

#[test]
fn only_our_own_clients_are_believed_about_the_time() {
    let received: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let time = |members: &str| {
        let body = format!(r#"{{"event":"a.b",{members}}}"#);
        one(&body).event_time(received).to_string()
    };
    let own = r#""metadata":{"_sdk":"litesoc-rust"}"#;
    assert_eq!(time(r#""timestamp":"2026-03-01T11:00:00Z""#), "2026-03-01T12:00:00.000Z");
    assert_eq!(
        time(&format!(r#""timestamp":"2026-03-01T11:00:00+00:00",{own}"#)),
        "2026-03-01T11:00:00.000Z"
    );
    assert_eq!(time(&format!(r#""timestamp":"2026-03-01T12:05:00Z",{own}"#)), "2026-03-01T12:05:00.000Z");
    assert_eq!(time(&format!(r#""timestamp":"2026-03-01T12:05:00.001Z",{own}"#)), "2026-03-01T12:00:00.000Z");
    assert_eq!(time(&format!(r#""timestamp":"2026-02-28T11:59:59Z",{own}"#)), "2026-03-01T12:00:00.000Z");
    assert_eq!(time(own), "2026-03-01T12:00:00.000Z");
    let millis =
        u128::try_from("2026-03-01T11:30:00.250Z".parse::<Timestamp>().unwrap().as_millis()).unwrap();
    let version_7 = Uuid::from_u128(millis << 80 | 0x7abc_8def_0123_4567_89ab);
    assert_eq!(
        time(&format!(r#""metadata":{{"_sdk":"litesoc-rust","_event_id":"{version_7}"}}"#)),
        "2026-03-01T11:30:00.250Z"
    );
    assert_eq!(
        time(r#""metadata":{"_sdk":"litesoc-rust","_event_id":"6f9619ff-8b86-4011-b42d-00c04fc964ff"}"#),
        "2026-03-01T12:00:00.000Z"
    );
}

#[test]
fn what_we_send_is_what_we_read() {
    let event = Event::login_failed("u\"1")
        .email("ü@example.com")
        .actor_name("N")
        .target("t", "kind")
        .user_ip("2001:db8::7".parse::<std::net::IpAddr>().unwrap())
        .metadata("list", [1, 2])
        .time(Timestamp::from_millis(1_772_368_200_123));
    let sdk = SdkMark::new("litesoc-rust", "0.1.0");
    let id = Uuid::from_u128(7);
    let mut out = Vec::new();
    event.write_json(&mut out, &Marks::new(id, &sdk));
    let body = String::from_utf8(out).unwrap();
    let read = one(&body);
    assert_eq!(read.name, "auth.login_failed");
    assert_eq!(read.actor_id.as_deref(), Some("u\"1"));
    assert_eq!(read.actor_email.as_deref(), Some("ü@example.com"));
    assert_eq!(read.actor_name.as_deref(), Some("N"));
    assert_eq!(read.target, Some(r#"{"id":"t","type":"kind"}"#));
    assert_eq!(read.user_ip, event.fields().user_ip);
    assert_eq!(read.metadata, r#"{"list":[1,2]}"#);
    assert_eq!(read.marks.event_id, Some(id));
    assert_eq!(read.timestamp, event.fields().time);
    assert!(read.is_own());
}
