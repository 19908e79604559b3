//! The query language and the time range, by their published vectors and by hand.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use litesoc_audit::{Query, TimeRange, parse_time};
use litesoc_ledger::event::Event;
use litesoc_ledger::schema::Schema;
use litesoc_ledger::time::Moment;
use serde_json::{Value, json};

const NOW: i64 = 1_767_225_600_000_000;

fn now() -> Moment {
    Moment::from_micros(NOW).unwrap()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/search.json")).unwrap()
}

fn schema(types: &Value) -> Schema {
    let fields: Vec<_> =
        types.as_object().unwrap().iter().map(|(id, kind)| json!({"id": id, "type": kind})).collect();
    let text = json!({"fields": fields}).to_string();
    Schema::from_value(&litesoc_ledger::canonical::Value::parse(text.as_bytes()).unwrap()).unwrap()
}

#[test]
fn queries_find_what_the_vectors_say() {
    let vectors = vectors();
    let search = &vectors["search"];
    let schema = schema(&search["field_types"]);
    let events: Vec<Event> = search["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| Event::parse(event.to_string().as_bytes()).unwrap())
        .collect();
    let queries = search["queries"].as_array().unwrap();
    assert!(queries.len() > 25);
    for vector in queries {
        let text = vector["query"].as_str().unwrap();
        let parsed = Query::parse(text, &schema);
        if vector.get("error").is_some() {
            let fault = parsed.unwrap_err();
            assert_eq!((fault.code, fault.source.as_str()), ("BadFormat", "/query"), "{text}");
            continue;
        }
        let query = parsed.unwrap_or_else(|fault| panic!("{text}: {fault}"));
        let found: Vec<_> = (0..events.len())
            .filter(|place| query.matches(events[*place].members(), now(), &schema))
            .map(Value::from)
            .collect();
        assert_eq!(json!(found), vector["matches"], "{text}");
        for place in found.iter().map(|place| place.as_u64().unwrap()) {
            let text = events[usize::try_from(place).unwrap()].to_canonical();
            assert!(query.may_match(&schema, &|piece| text.contains(piece)), "a match is ruled out: {text}");
        }
    }
}

#[test]
fn durations_are_as_long_as_the_vectors_say() {
    for vector in vectors()["durations"].as_array().unwrap() {
        let text = vector["text"].as_str().unwrap();
        let ago = NOW - parse_time(text, now()).unwrap().as_micros();
        assert_eq!(ago / 1_000_000, vector["seconds"].as_i64().unwrap(), "{text}");
    }
    for wrong in ["", "d", "1", "-1d", "1.5d", "1 d", "9999999999999999999d", "1fortnight"] {
        assert_eq!(parse_time(wrong, now()), None, "{wrong:?}");
    }
}

#[test]
fn a_search_without_times_looks_back_two_weeks() {
    let range = TimeRange::of(None, None, None, now()).unwrap();
    assert_eq!(NOW - range.start.as_micros(), 14 * 86_400 * 1_000_000);
    assert!(range.holds(now()));
    let faults = TimeRange::of(Some("soon"), Some("7d"), Some("later"), now()).unwrap_err();
    let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["MutuallyExclusive", "BadFormatDateTime", "BadFormatDateTime"]);
}

#[test]
fn hostile_queries_are_refused_and_not_followed() {
    let schema = Schema::standard();
    for text in
        ["(".repeat(100_000), "(".repeat(1_000) + "a" + &")".repeat(1_000), "\"".to_owned(), ")".into()]
    {
        assert!(Query::parse(&text, &schema).is_err());
    }
    assert!(Query::parse("actor:", &schema).is_err());
    assert!(Query::parse("ä:ö \u{1F600}", &schema).is_ok());
}
