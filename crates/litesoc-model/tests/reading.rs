//! Answers as a client reads them: errors of every shape, headers, waits, pages, words, times.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode};
use litesoc_model::{
    Alert, AlertAction, AlertSeverity, AlertStatus, AlertType, AlertUpdate, AlertUpdateError,
    CollectResponse, DecodeError, ErrorBody, ErrorCode, ErrorShape, EventRecord, EventSeverity, Health,
    Metadata, Page, Plan, PlanInfo, Quota, RateLimit, Record, Resolution, RetryAfter, Single, Timestamp,
};

#[test]
fn any_bytes_give_a_short_line() {
    let message = |body: &[u8]| ErrorBody::decode(body).message;
    assert_eq!(message(b""), "the answer has no body");
    assert_eq!(message(b"  \r\n"), "the answer has no body");
    assert_eq!(message(b"Bad\x1b[31m Gateway\n\n"), "Bad [31m Gateway");
    assert_eq!(message(b"<html><head><title>502 Bad\nGateway</title></head>"), "502 Bad Gateway");
    assert_eq!(message(b"<!doctype html><p>x"), "the answer is a web page");
    assert_eq!(message(br#"["first", 2]"#), "first");
    assert_eq!(message(b"[1,2]"), "the answer is an array");
    assert_eq!(message(b"[1,"), "[1,");
    assert_eq!(message(br#""just text""#), "just text");
    assert_eq!(message(b"null"), "null");
    assert_eq!(message(b"{}"), "{}");
    assert_eq!(message(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    assert_eq!(message(br#"{"error":null,"x":1}"#), "the answer gives no reason");
    assert_eq!(message(br#"{"error":{},"code":"FORBIDDEN"}"#), "FORBIDDEN");
    assert_eq!(message(br#"{"code":" ","x":1}"#), "the answer gives no reason");
    assert_eq!(message(br#"{"error":["a"]}"#), "the answer gives no reason");
    assert_eq!(message(br#"{"error":"  ","message":"m"}"#), "the answer gives no reason");
    let long = message(format!(r#"{{"error":"{}"}}"#, "ü".repeat(5_000)).as_bytes());
    assert_eq!(long.chars().count(), 301);
    assert!(long.ends_with('…'));
}

#[test]
fn both_shapes_of_an_error_give_the_same() {
    let error = ErrorBody::new(ErrorCode::PlanRestricted, "no")
        .with_plan(&Plan::Enterprise, "https://example.com/up")
        .with_retry_after(RetryAfter::from_seconds(7));
    assert_eq!(ErrorBody::decode(&error.encode(ErrorShape::Flat)), error);
    assert_eq!(ErrorBody::decode(&error.encode(ErrorShape::Nested)), error);
    assert!(error.is_plan_restriction());
    assert_eq!(error.to_string(), "no (PLAN_RESTRICTED)");
    assert_eq!(error.upgrade_address(), Some("https://example.com/up"));
    let by_link =
        ErrorBody::decode(br#"{"error":"no","required_plan":"pro","link":"https://example.com/l"}"#);
    assert_eq!(by_link.upgrade_address(), Some("https://example.com/l"));
    assert!(by_link.is_plan_restriction());
    assert!(!ErrorBody::new(ErrorCode::IpNotAllowed, "no").is_plan_restriction());
    assert!(ErrorBody::decode(br#"{"error":"Monthly Quota exceeded"}"#).is_quota());
    assert!(
        ErrorCode::from("RATE_LIMITED").is_rate_limit()
            && ErrorCode::from("RATE_LIMIT_EXCEEDED").is_rate_limit()
    );
}

#[test]
fn the_shape_of_an_error_follows_the_user_agent() {
    for nested in [
        "litesoc-node-sdk/2.0.0",
        "litesoc-node-sdk/2.5.1",
        "x litesoc-node-sdk/2.3",
        "n8n-litesoc-node/1.4.0",
    ] {
        assert_eq!(ErrorShape::for_user_agent(nested), ErrorShape::Nested, "{nested}");
    }
    for flat in [
        "",
        "litesoc-node-sdk/2.6.0",
        "litesoc-node-sdk/2.10.0",
        "litesoc-node/1.0.0",
        "litesoc-python-sdk/2.5.0",
        "litesoc-node-sdk/2.",
        "litesoc-rust/0.1.0",
    ] {
        assert_eq!(ErrorShape::for_user_agent(flat), ErrorShape::Flat, "{flat}");
    }
}

#[test]
fn every_success_without_an_error_is_accepted() {
    let read = CollectResponse::read;
    let ok = StatusCode::OK;
    for body in [
        &b"<html>hello</html>"[..],
        b"",
        b"[]",
        b"null",
        b"{}",
        br#"{"success":true}"#,
        br#"{"status":"queued"}"#,
        br#"{"error":null}"#,
        br#"{"error":false}"#,
        br#"{"error":""}"#,
        b"\xff",
    ] {
        assert!(read(ok, body).is_ok(), "{}", String::from_utf8_lossy(body));
    }
    assert!(read(StatusCode::NO_CONTENT, b"").is_ok());
    assert!(read(StatusCode::ACCEPTED, b"").is_ok());
    for body in [
        &br#"{"error":"x"}"#[..],
        br#"{"error":{"message":"x"}}"#,
        br#"{"success":false}"#,
        br#"{"success":true,"error":"x"}"#,
    ] {
        assert!(read(ok, body).is_err());
    }
    assert_eq!(read(StatusCode::BAD_GATEWAY, b"").unwrap_err().message, "the answer has no body");
    assert!(read(StatusCode::FOUND, b"").is_err(), "a redirect has taken nothing");
    let partial = read(ok, br#"{"queued":1,"errors":[{"index":3,"code":"X","message":"m"},{"message":"which?"},7,{"index":"4"}]}"#).unwrap();
    let told: Vec<_> = partial
        .errors
        .iter()
        .map(|error| (error.index, error.code.as_str(), error.message.as_str()))
        .collect();
    assert_eq!(told, [(3, "X", "m"), (4, "VALIDATION_FAILED", "the answer gives no reason")]);
}

#[test]
fn waits_are_read_in_every_form_and_bounded() {
    let now: Timestamp = "1994-11-06T08:49:07.500Z".parse().unwrap();
    let seconds = |header: &str| RetryAfter::parse(header, now).map(RetryAfter::seconds);
    for (header, expected) in [
        ("7", Some(7)),
        (" 7 ", Some(7)),
        ("7.5", Some(8)),
        ("7.0", Some(7)),
        ("0", Some(0)),
        ("0.001", Some(1)),
        ("3600", Some(3_600)),
        ("999999", Some(3_600)),
        ("99999999999999999999999999", Some(3_600)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30)),
        ("Sun Nov  6 08:49:37 1994", Some(30)),
        ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
        ("Sun, 06 Nov 2094 08:49:37 GMT", Some(3_600)),
        ("", None),
        ("-5", None),
        ("+5", None),
        ("7.5.1", None),
        (".5", None),
        ("soon", None),
        ("NaN", None),
        ("1e3", None),
        ("60s", None),
    ] {
        assert_eq!(seconds(header), expected, "{header}");
    }
    assert_eq!(RetryAfter::from_seconds(9).duration(), Duration::from_secs(9));
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

#[test]
fn the_plan_is_read_from_headers_of_every_version() {
    let retention =
        |value| PlanInfo::from_headers(&headers(&[("x-litesoc-retention", value)])).retention_days;
    assert_eq!(retention("30"), Some(30));
    assert_eq!(retention("30 days"), Some(30));
    assert_eq!(retention(" 7 day(s)"), Some(7));
    assert_eq!(retention(""), None);
    assert_eq!(retention("forever"), None);
    assert_eq!(retention("99999999999"), None);

    assert!(PlanInfo::from_headers(&HeaderMap::new()).is_empty());
    let business =
        PlanInfo::from_headers(&headers(&[("X-LiteSOC-Plan", "business"), ("X-RateLimit-Remaining", "5")]));
    assert_eq!(business.plan, Some(Plan::Other("business".into())));
    assert!(business.is_unlimited() && business.has_management_api());
    assert_eq!(business.rate_limit.and_then(|rate| rate.remaining), Some(5));
    let free =
        PlanInfo::from_headers(&headers(&[("x-litesoc-plan", "Free"), ("x-litesoc-quota-limit", "10000")]));
    assert!(!free.is_unlimited() && !free.has_management_api());
}

#[test]
fn headers_are_written_as_they_are_read() {
    let cutoff: Timestamp = "2026-01-30T12:00:00Z".parse().unwrap();
    let mut info = PlanInfo::new(Plan::Pro, 30, cutoff);
    info.quota = Some(Quota::new(500_000, 12));
    info.rate_limit = Some(RateLimit::new(1_000, 999, 42));
    let mut headers = HeaderMap::new();
    info.write_headers(&mut headers);
    assert_eq!(headers.len(), 9);
    assert_eq!(headers["x-litesoc-retention"], "30");
    assert_eq!(headers["x-litesoc-cutoff"], "2026-01-30T12:00:00.000Z");
    assert_eq!(PlanInfo::from_headers(&headers), info);

    let mut unlimited = PlanInfo::new(Plan::Enterprise, 90, cutoff);
    unlimited.quota = Some(Quota::UNLIMITED);
    let mut headers = HeaderMap::new();
    unlimited.write_headers(&mut headers);
    assert!(headers.keys().all(|name| !name.as_str().contains("quota")));
    assert!(PlanInfo::from_headers(&headers).is_unlimited());
}

#[test]
fn whether_rows_follow_is_told_or_derived() {
    let page = |body: &str| Page::<Alert>::decode(body.as_bytes()).unwrap();
    let two = r#"[{"id":"1"},{"id":"2"}]"#;
    assert!(page(&format!(r#"{{"data":{two},"pagination":{{"has_more":true}}}}"#)).has_more());
    assert!(!page(&format!(r#"{{"data":{two},"has_more":false,"total":9}}"#)).has_more());
    assert!(page(&format!(r#"{{"data":{two},"total":3}}"#)).has_more());
    assert!(!page(&format!(r#"{{"data":{two},"total":3,"offset":1}}"#)).has_more());
    assert!(page(&format!(r#"{{"data":{two},"limit":2}}"#)).has_more());
    assert!(!page(two).has_more());
    assert!(page(two).has_more_after(0, Some(2)));
    assert!(!page(two).has_more_after(0, Some(3)));
    assert!(!page(r#"{"data":[],"has_more":true}"#).has_more(), "an empty page ends every list");
    assert_eq!(page(r#"{"data":[null,{"id":1}]}"#).received, 2);
    assert_eq!(page(r#"{"success":true,"data":{"alerts":[{"id":"1"}]}}"#).data.len(), 1);
}

#[test]
fn bodies_that_are_no_list_say_why() {
    let error = |body: &str| Page::<EventRecord>::decode(body.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error(r#"{"error":"over quota","code":"QUOTA_EXCEEDED"}"#),
        "the service refused: over quota (QUOTA_EXCEEDED)"
    );
    assert_eq!(error(r#"{"data":7}"#), "the answer is not a list");
    assert_eq!(error("7"), "the answer is not a list");
    assert!(error("<html>").starts_with("the answer is not JSON: expected value at line 1"));
    assert!(matches!(Page::<Alert>::decode(b"\xff"), Err(DecodeError::NotJson { .. })));
    let single = |body: &str| Single::<Alert>::decode(body.as_bytes());
    assert_eq!(single(r#"{"data":{"id":"a"}}"#).unwrap(), single(r#"{"alert":{"id":"a"}}"#).unwrap());
    assert_eq!(
        single("{\"id\":\"a\"}").unwrap().data,
        single(r#"{"data":{"alert":{"id":"a"}}}"#).unwrap().data
    );
    assert_eq!(single(r#"{"data":{}}"#).unwrap_err().to_string(), "the alert has no `id`");
    assert_eq!(
        single(r#"{"success":false,"error":"gone"}"#).unwrap_err().to_string(),
        "the service refused: gone"
    );
    assert_eq!(single("[]").unwrap_err().to_string(), "the answer is not an object");
    assert!(Health::decode(b"[]").is_err());
    assert!(Health::decode(br#"{"status":"ok"}"#).unwrap().is_ok());
    let lag = |detection: &str| {
        let body = format!(r#"{{"status":"ok","detection":{detection}}}"#);
        Health::decode(body.as_bytes()).unwrap().detection.map(|lag| (lag.events, lag.milliseconds))
    };
    assert_eq!(lag(r#"{"lag_events":"7"}"#), Some((7, 0)));
    assert_eq!(lag(r#"{"lag_events":0,"lag_ms":12.0,"more":[]}"#), Some((0, 12)));
    for unknown in [r#"{"lag_ms":12}"#, r#"{"lag_events":-1}"#, "null", "\"fine\"", "[1]"] {
        assert_eq!(lag(unknown), None, "{unknown}");
    }
}

#[test]
fn updates_are_checked() {
    let parse = |body: &str| AlertUpdate::parse(body.as_bytes(), None);
    assert_eq!(parse("[]"), Err(AlertUpdateError::NotAnObject("it is another JSON value".into())));
    assert!(matches!(parse("{"), Err(AlertUpdateError::NotAnObject(_))));
    assert!(matches!(parse(r#"{"action":7}"#), Err(AlertUpdateError::UnknownAction(_))));
    assert!(matches!(parse(r#"{"status":["open"]}"#), Err(AlertUpdateError::UnknownAction(_))));
    let long =
        |field: &str, length| parse(&format!(r#"{{"action":"resolve","{field}":"{}"}}"#, "ü".repeat(length)));
    assert!(long("internal_notes", 2_000).is_ok());
    assert_eq!(
        long("internal_notes", 2_001),
        Err(AlertUpdateError::TooLong { field: "internal_notes", limit: 2_000 })
    );
    assert!(long("resolution_type", 65).is_err());
    assert_eq!(parse(r#"{"action":"resolve"}"#).unwrap().resolution, Some(Resolution::Other));
    assert_eq!(parse(r#"{"action":"mark_safe","resolution_type":"x"}"#).unwrap().resolution, None);
    let implied = |body: &[u8]| AlertUpdate::parse(body, Some(AlertAction::MarkSafe)).unwrap().action;
    assert_eq!(implied(b""), AlertAction::MarkSafe);
    assert_eq!(implied(br#"{"internal_notes":"n"}"#), AlertAction::MarkSafe);
    assert_eq!(implied(br#"{"action":"resolve"}"#), AlertAction::Resolve);
    for update in [
        AlertUpdate::resolve("fixed".into()).notes("n").by("b"),
        AlertUpdate::mark_safe(),
        AlertUpdate::reopen(),
    ] {
        assert_eq!(AlertUpdate::parse(update.to_json().as_bytes(), None).unwrap(), update);
        assert_eq!(
            AlertUpdate::parse(update.to_status_json().as_bytes(), None).unwrap().action,
            update.action
        );
    }
}

#[test]
fn words_are_open_sets() {
    assert_eq!(AlertStatus::from("active"), AlertStatus::Open);
    assert_eq!(AlertStatus::from("safe").as_str(), "dismissed");
    assert_eq!(AlertType::from("brute_force"), AlertType::BruteForceAttack);
    assert_eq!(AlertType::from("of_tomorrow").to_string(), "of_tomorrow");
    assert!(!AlertType::from("of_tomorrow").is_known());
    assert_eq!(AlertType::KNOWN.len(), 14);
    assert_eq!(Resolution::from("other"), Resolution::Other);
    assert_eq!(Resolution::from("fixed"), Resolution::Custom("fixed".into()));
    assert!(AlertSeverity::High > AlertSeverity::Medium);
    assert_eq!(AlertSeverity::from("x").partial_cmp(&AlertSeverity::Low), None);
    assert_eq!(serde_json::to_string(&AlertType::MfaFatigue).unwrap(), "\"mfa_fatigue\"");
    assert_eq!(serde_json::from_str::<Plan>("\"growth\"").unwrap().as_str(), "growth");
    let classes = EventSeverity::KNOWN.iter().map(|severity| severity.class().as_str()).collect::<Vec<_>>();
    assert_eq!(classes, ["info", "info", "warning", "warning", "critical", "critical"]);
    for known in AlertType::KNOWN {
        assert_eq!(known.as_str().parse::<AlertType>().unwrap(), *known);
    }
}

#[test]
fn records_read_what_is_nested_elsewhere() {
    let record = EventRecord::from_json(r#"{"event_id":"e","actor":"u","org_id":null,"user_ip":"203.0.113.7:80","target":{"id":5,"type":"t"},"is_tor":"true","latitude":null}"#).unwrap();
    assert_eq!(record.actor_id.as_deref(), Some("u"));
    assert_eq!(record.user_address(), "203.0.113.7".parse().ok());
    assert_eq!(record.target.and_then(|target| target.id).as_deref(), Some("5"));
    assert_eq!(record.is_tor, Some(true));
    let metadata = Metadata::from_json(r#"{"a\u0062":[1], "n": null}"#).unwrap();
    assert_eq!(metadata.get::<Vec<u8>>("ab"), Some(vec![1]));
    assert_eq!(metadata.raw("n"), None);
    assert_eq!(metadata.iter().map(|(key, _)| key.into_owned()).collect::<Vec<_>>(), ["ab", "n"]);
    assert!(Metadata::from_json("[1]").unwrap().is_empty() && Metadata::from_json("{").is_err());
}

#[test]
fn times_are_read_and_written_over_their_whole_range() {
    let read = |text: &str| text.parse::<Timestamp>().unwrap().to_string();
    assert_eq!(read("2026-03-01T12:30:00Z"), "2026-03-01T12:30:00.000Z");
    assert_eq!(read("2026-03-01t14:30:00.1239+02:00"), "2026-03-01T12:30:00.123Z");
    assert_eq!(read("2026-03-01 12:30:00"), "2026-03-01T12:30:00.000Z");
    assert_eq!(read("2026-03-01"), "2026-03-01T00:00:00.000Z");
    assert_eq!(read("2024-02-29T23:59:59.999Z"), "2024-02-29T23:59:59.999Z");
    for bad in ["", "yesterday", "2026-13-01", "2026-02-29T00:00:00Z", "12:30"] {
        assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
    }
    assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000Z");
    assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    assert_eq!(Timestamp::MAX.checked_add(Duration::from_millis(1)), None);
    assert_eq!(Timestamp::MIN.checked_sub(Duration::from_secs(u64::MAX)), None);
    let early = SystemTime::UNIX_EPOCH - Duration::from_millis(1_500);
    assert_eq!(Timestamp::from(early).as_millis(), -1_500);
    assert_eq!(SystemTime::from(Timestamp::from(early)), early);
    assert_eq!(Timestamp::UNIX_EPOCH.saturating_since(Timestamp::MAX), Duration::ZERO);
}
