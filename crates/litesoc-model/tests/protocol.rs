//! `docs/PROTOCOL.md` against the code: each JSON block of the document is read, written, or both.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::fmt::Debug;

use http::StatusCode;
use insta::assert_debug_snapshot;
use litesoc_model::{
    Alert, AlertAction, AlertUpdate, AlertUpdated, AlertUpdatedBody, CollectRequest, CollectResponse,
    DetectionLag, ErrorBody, ErrorCode, ErrorShape, Event, EventRecord, Health, ItemError, ListBody, Marks,
    Meta, Organization, Page, Plan, Quota, Record, Resolution, RetryAfter, SdkMark, Single, SingleBody,
    Timestamp,
};
use serde::Serialize;
use uuid::Uuid;

const DOCUMENT: &str = include_str!("../../../docs/PROTOCOL.md");

const ID: u128 = 0x0197_6b2e_7a10_7abc_8def_0123_4567_89ab;

struct Block {
    kind: &'static str,
    name: &'static str,
    json: &'static str,
}

/// The JSON blocks of the document, each with the two words behind `json`.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in DOCUMENT.split("\n```json ").skip(1) {
        let (head, rest) = part.split_once('\n').unwrap();
        let (kind, name) = head.split_once(' ').unwrap_or_else(|| panic!("`{head}` needs a kind and a name"));
        let (json, _) = rest.split_once("\n```").unwrap();
        blocks.push(Block { kind, name, json });
    }
    blocks
}

/// The same JSON without white space between its tokens.
fn compact(json: &str) -> String {
    let mut out = String::new();
    let (mut in_string, mut escaped) = (false, false);
    for character in json.chars() {
        if in_string || !character.is_whitespace() {
            out.push(character);
        }
        in_string ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
    }
    out
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id() -> String {
    Uuid::from_u128(ID).to_string()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn snapshot(block: &Block, value: &impl Debug) {
    assert_debug_snapshot!(format!("{}__{}", block.kind, block.name), value);
}

fn page<T: Record + Debug>(block: &Block) -> Page<T> {
    let page = Page::<T>::decode(block.json.as_bytes()).unwrap();
    snapshot(block, &(page.has_more(), &page));
    page
}

/// What we write under the name of a block that shows our own words.
fn written(block: &Block) -> String {
    match block.kind {
        "ours-event" => event(block.name),
        "ours-accepted" => accepted(block.name),
        "ours-events" => {
            let page = page::<EventRecord>(block);
            json(&ListBody::new(&page.data, page.pagination, page.meta))
        }
        "ours-alerts" => {
            let page = page::<Alert>(block);
            json(&ListBody::new(&page.data, page.pagination, page.meta))
        }
        "ours-event-single" => {
            let mut record =
                EventRecord::new(id(), "inventory.counted".into(), moment("2026-03-01T12:30:00Z"));
            record.org_id = Some("org_1".to_owned());
            let mut meta = Meta::default();
            (meta.plan, meta.retention_days, meta.redacted) = (Some(Plan::Free), Some(7), Some(true));
            json(&SingleBody::new(&record, meta))
        }
        "ours-update" => update(block.name).to_json(),
        "ours-update-status" => update(block.name).to_status_json(),
        "ours-updated" => updated(),
        "ours-health" => json(&health(block.name)),
        "ours-error" => String::from_utf8(error(block.name).encode(ErrorShape::Flat)).unwrap(),
        "ours-error-nested" => String::from_utf8(error(block.name).encode(ErrorShape::Nested)).unwrap(),
        other => panic!("nothing is known of `{other}`"),
    }
}

fn event(name: &str) -> String {
    let event = match name {
        "full" => Event::export("user_123", 0)
            .email("user@example.com")
            .actor_name("Ada")
            .target("report_9", "report")
            .target_name("Q3")
            .user_ip("203.0.113.7".parse::<std::net::IpAddr>().unwrap())
            .metadata("rows", 1_200)
            .metadata("api_key", "lsoc_live_0")
            .time(moment("2026-03-01T12:30:00Z")),
        _ => Event::new("auth.logout"),
    };
    let mut event = event;
    event.remove_metadata("records_exported");
    let mut out = Vec::new();
    event.write_json(&mut out, &Marks::new(Uuid::from_u128(ID), &SdkMark::new("litesoc-rust", "0.1.0")));
    String::from_utf8(out).unwrap()
}

fn accepted(name: &str) -> String {
    let message = "`event` is missing: send its name, like \"auth.login_failed\"";
    let second = Uuid::from_u128(ID + 1).to_string();
    let response = match name {
        "single" => CollectResponse::single(id(), Quota::new(10_000, 1)),
        _ => CollectResponse::batch(
            vec![id(), second],
            Quota::UNLIMITED,
            vec![ItemError::new(1, ErrorCode::ValidationFailed, message)],
        ),
    };
    json(&response)
}

fn update(name: &str) -> AlertUpdate {
    match name {
        "resolve" => {
            AlertUpdate::resolve(Resolution::BlockedIp).notes("blocked in the firewall").by("security-team")
        }
        _ => AlertUpdate::mark_safe(),
    }
}

fn updated() -> String {
    let created = moment("2026-03-01T12:30:00Z");
    let mut alert =
        Alert::new("alert_1", "brute_force".into(), "high".into(), "Brute force on user_123", created);
    alert.status = AlertAction::Resolve.status();
    alert.updated_at = Some(moment("2026-03-01T13:00:00Z"));
    alert.resolved_at = alert.updated_at;
    alert.resolved_by = Some("security-team".to_owned());
    json(&AlertUpdatedBody::new(&alert, AlertAction::Resolve, Some(&Resolution::BlockedIp)))
}

fn health(name: &str) -> Health {
    let ok = Health::ok("litesoc-api", "0.1.0", moment("2026-03-01T12:30:00Z"));
    let mut quota = Quota::new(10_000, 1_000);
    quota.resets_at = Some(moment("2026-04-01T00:00:00Z"));
    match name {
        "without-key" => ok,
        "with-key" => ok
            .for_key(Organization::new("org_1", "Example"), Plan::Free, quota)
            .with_detection(DetectionLag::new(3, 40)),
        _ => Health::bad_key(),
    }
}

fn error(name: &str) -> ErrorBody {
    match name {
        "flat-least" => ErrorBody::new(ErrorCode::NotFound, "No such event"),
        _ => ErrorBody::new(ErrorCode::PlanRestricted, "Alerts need the pro plan")
            .with_link("https://www.litesoc.io/docs/api")
            .with_plan(&Plan::Pro, "https://www.litesoc.io/pricing")
            .with_retry_after(RetryAfter::from_seconds(60)),
    }
}

/// Reads a block, and keeps what was read. True if something reads blocks of this kind.
fn read(block: &Block) -> bool {
    let body = block.json.as_bytes();
    match block.kind {
        "collect" | "ours-event" => snapshot(block, &CollectRequest::parse(body).unwrap()),
        "accepted" | "ours-accepted" => {
            snapshot(block, &CollectResponse::read(StatusCode::OK, body).unwrap())
        }
        "refused" => snapshot(block, &CollectResponse::read(StatusCode::OK, body).unwrap_err()),
        "events" => drop(page::<EventRecord>(block)),
        "alerts" => drop(page::<Alert>(block)),
        "event-single" | "ours-event-single" => {
            snapshot(block, &Single::<EventRecord>::decode(body).unwrap())
        }
        "alert-single" => snapshot(block, &Single::<Alert>::decode(body).unwrap()),
        "update" | "ours-update" | "ours-update-status" => snapshot(block, &AlertUpdate::parse(body, None)),
        "updated" | "ours-updated" => snapshot(block, &AlertUpdated::decode(body).unwrap()),
        "ours-health" => snapshot(block, &Health::decode(body).unwrap()),
        "error" | "ours-error" | "ours-error-nested" => snapshot(block, &ErrorBody::decode(body)),
        _ => return false,
    }
    true
}

#[test]
fn every_block_of_ours_is_what_we_write() {
    let ours: Vec<_> = blocks().into_iter().filter(|block| block.kind.starts_with("ours-")).collect();
    assert!(ours.len() >= 15);
    for block in ours {
        assert_eq!(compact(&written(&block)), compact(block.json), "{} {}", block.kind, block.name);
    }
}

#[test]
fn every_block_is_read() {
    let blocks = blocks();
    assert_eq!(blocks.len(), DOCUMENT.matches("```json").count(), "every JSON block has a kind and a name");
    for block in blocks {
        assert!(
            read(&block) || compact(&written(&block)) == compact(block.json),
            "{} {}",
            block.kind,
            block.name
        );
    }
}

/// The document shows what the types say: a row that is read and written again is the same row.
#[test]
fn rows_survive_being_read_and_written_again() {
    for block in blocks() {
        match block.kind {
            "ours-events" => {
                for row in Page::<EventRecord>::decode(block.json.as_bytes()).unwrap().data {
                    assert_eq!(EventRecord::from_json(&json(&row)).unwrap(), row);
                }
            }
            "ours-alerts" => {
                for row in Page::<Alert>::decode(block.json.as_bytes()).unwrap().data {
                    assert_eq!(Alert::from_json(&json(&row)).unwrap(), row);
                }
            }
            _ => {}
        }
    }
}
