//! What was known of an address, as events and alerts show it: whole, and on a plan that hides it.

use std::time::Duration;

use litesoc_enrich::{Enricher, Source, SourceKind};
use litesoc_model::{Alert, EventRecord, Page, Record};
use litesoc_server::HotEnricher;
use litesoc_store::{NewEvent, Store};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::World;

const KNOWN: &str = r#"{
    "place": {
        "country_code": "NL", "country_name": "Netherlands", "region": "North Holland", "city": "Amsterdam",
        "position": {"latitude": 52.37, "longitude": 4.9, "radius_km": 20}, "timezone": "Europe/Amsterdam"
    },
    "network": {"asn": 64500, "organization": "Example Hosting", "is_vpn": true, "is_datacenter": true},
    "threat_score": 45,
    "threat_terms": [{"reason": "vpn", "points": 25}, {"reason": "datacenter", "points": 20}]
}"#;

const FLAT: [&str; 7] = ["city", "is_vpn", "is_tor", "is_proxy", "is_datacenter", "latitude", "longitude"];
const NESTED: [&str; 4] = ["forensics", "network_intelligence", "geolocation", "risk_score"];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0195_801a_5c00_7000_8000_0000_0000_0000 + number)
}

/// Stores sign-ins that failed, as the server does once an address is known, and lets a new server examine them.
fn world_with(key: &str, events: u128, metadata: &str) -> World {
    let world = World::new();
    let organization = world.organization(key);
    let at = world.now().as_millis();
    let event = |n: u128| {
        let mut event = NewEvent::new(organization.clone(), id(n), "auth.login_failed", at);
        event.actor_id = Some("u1".into());
        event.user_ip = "203.0.113.9".parse().ok();
        event.metadata = metadata.into();
        event.enrichment = Some(KNOWN.into());
        event
    };
    world.store.append(&(1..=events).map(event).collect::<Vec<_>>()).unwrap();
    let world = world.restart();
    world.settle();
    world
}

fn event(world: &World, key: &str) -> Value {
    world.get(&format!("/events/{}", id(1))).key(key).send().json()
}

#[test]
fn an_event_shows_place_and_network() {
    let world = world_with("good", 1, r#"{"reason":"bad password"}"#);
    insta::assert_snapshot!(
        "event_enriched",
        world.get(&format!("/events/{}", id(1))).key("good").send().fixture()
    );
}

#[test]
fn a_plan_that_hides_place_and_network_shows_the_country_and_nulls() {
    let world = world_with("free", 1, "{}");
    let shown = event(&world, "free");
    assert_eq!(shown["meta"]["redacted"], true);
    let row = &shown["data"];
    assert_eq!(row["country_code"], "NL");
    for field in FLAT.iter().chain(&NESTED) {
        assert_eq!(row.get(field), Some(&Value::Null), "{field} is null and not absent");
    }
    assert_eq!(row["metadata"], json!({}));
    let list = world.get("/events").key("free").send();
    for hidden in ["Amsterdam", "64500", "52.37", "45"] {
        assert!(
            !list.text().contains(&format!(":{hidden}")) && !list.text().contains(&format!("\"{hidden}\""))
        );
    }
}

#[test]
fn an_event_of_which_nothing_was_known_shows_nulls() {
    let world = World::new();
    world.collect(json!({"event": "auth.logout"}));
    let row = world.latest();
    for field in FLAT.iter().chain(&NESTED).chain(&["country_code"]) {
        assert_eq!(row.get(field), Some(&Value::Null), "{field}");
    }
}

#[test]
fn what_the_application_says_of_the_network_stays() {
    let own = json!({"network_intelligence": "ours", "x": 1});
    let world = world_with("good", 1, &own.to_string());
    assert_eq!(event(&world, "good")["data"]["metadata"], own);
}

#[test]
fn an_alert_shows_the_address_that_raised_it() {
    let world = world_with("good", 5, "{}");
    let list = world.get("/alerts").key("good").send();
    let alerts = list.json()["data"].clone();
    let brute =
        alerts.as_array().unwrap().iter().find(|row| row["alert_type"] == "brute_force_attack").unwrap();
    insta::assert_json_snapshot!("alert_forensics", brute["forensics"]);
    let metadata = &brute["metadata"];
    assert_eq!(
        [&metadata["is_vpn"], &metadata["is_tor"], &metadata["is_proxy"], &metadata["is_datacenter"]],
        [&json!(true), &json!(false), &json!(false), &json!(true)]
    );
    assert_eq!([&metadata["latitude"], &metadata["longitude"]], [&json!(52.37), &json!(4.9)]);
    assert_eq!(
        [&metadata["city"], &metadata["country"], &metadata["isp"], &metadata["threat_score"]],
        [&json!("Amsterdam"), &json!("Netherlands"), &json!("Example Hosting"), &json!(45.0)]
    );
    let path = format!("/alerts/{}", brute["id"].as_str().unwrap());
    let resolved = world.patch(&path, r#"{"action":"resolve"}"#).key("good").send().json();
    assert_eq!(resolved["data"]["forensics"], brute["forensics"]);
}

fn read<T: Record>(world: &World, path: &str) -> Vec<T> {
    Page::decode(&world.get(path).key("good").send().body).unwrap().data
}

#[test]
fn the_client_reads_what_the_server_shows() {
    let world = world_with("good", 5, "{}");
    let event = read::<EventRecord>(&world, "/events").remove(0);
    assert_eq!((event.country_code.as_deref(), event.city.as_deref()), (Some("NL"), Some("Amsterdam")));
    assert_eq!((event.is_vpn, event.is_tor, event.is_proxy), (Some(true), Some(false), Some(false)));
    assert_eq!((event.is_datacenter, event.latitude, event.longitude), (Some(true), Some(52.37), Some(4.9)));
    assert_eq!(event.risk_score, Some(45.0));
    assert!(event.has_forensics());
    let forensics = event.forensics.unwrap();
    assert_eq!((forensics.network.asn, forensics.network.threat_score), (Some(64_500), Some(45.0)));
    assert_eq!(forensics.location.timezone.as_deref(), Some("Europe/Amsterdam"));
    for alert in read::<Alert>(&world, "/alerts") {
        assert_eq!(alert.forensics.as_ref(), Some(&forensics), "{}", alert.title);
        assert_eq!(alert.metadata.text("city").as_deref(), Some("Amsterdam"));
    }
}

const OWN: &str = r#"
[[network]]
networks = ["203.0.113.0/24"]
name = "Oslo office"
country = "NO"
city = "Oslo"
latitude = 59.91
longitude = 10.75
"#;

fn enricher(sources: &[(&str, &str)]) -> Enricher {
    let source = |(name, text): &(&str, &str)| {
        Source::new(*name, SourceKind::of_path(name).expect("the name tells the kind"), *text)
    };
    Enricher::open(sources.iter().map(source)).unwrap()
}

#[test]
fn an_address_is_looked_up_when_its_event_arrives() {
    let world = World::with(|config| {
        config.enrichment = enricher(&[("overrides.toml", OWN), ("tor.txt", "198.51.100.7\n")]).into();
    });
    world.collect(json!({"event": "auth.login_success", "user_ip": "203.0.113.9"}));
    let row = world.latest();
    assert_eq!(
        (&row["country_code"], &row["city"], &row["is_tor"]),
        (&json!("NO"), &json!("Oslo"), &json!(false))
    );
    world.clock.advance(Duration::from_secs(1));
    world.collect(json!({"event": "auth.login_success", "user_ip": "::ffff:198.51.100.7"}));
    let row = world.latest();
    assert_eq!((&row["is_tor"], &row["risk_score"]), (&json!(true), &json!(60.0)));
}

#[test]
fn the_address_of_the_application_says_nothing_of_the_user() {
    // The peer of every request of a test is on loopback.
    let world =
        World::with(|config| config.enrichment = enricher(&[("vpn.txt", "127.0.0.0/8\n::1\n")]).into());
    world.collect(json!({"event": "auth.login_success", "actor_id": "u1"}));
    let row = world.latest();
    assert_eq!(
        (&row["is_vpn"], &row["forensics"], &row["user_ip"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn new_data_holds_for_new_events_alone() {
    let hot = HotEnricher::default();
    let world = World::with(|config| config.enrichment = hot.clone());
    let vpn = |second: u64| {
        world.clock.advance(Duration::from_secs(second));
        world.collect(json!({"event": "auth.login_success", "user_ip": "203.0.113.9"}));
        world.latest()["is_vpn"].clone()
    };
    assert_eq!(vpn(0), Value::Null, "without data nothing is claimed");
    hot.replace(enricher(&[("vpn.txt", "203.0.113.0/24\n")]));
    assert_eq!(vpn(1), json!(true));
    hot.replace(enricher(&[("vpn.txt", "198.51.100.0/24\n")]));
    assert_eq!(vpn(1), json!(false));
    let rows = world.get("/events").key("good").send().json()["data"].clone();
    let shown: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["is_vpn"]).collect();
    assert_eq!(shown, [&json!(false), &json!(true), &Value::Null]);
}
