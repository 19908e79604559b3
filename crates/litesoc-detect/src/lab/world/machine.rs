//! Accounts of machines, and strangers who try every door of the internet.

use std::sync::Arc;

use litesoc_events::EventType;
use serde_json::json;

use crate::lab::chance::Chance;
use crate::lab::tables::cities::{CITIES, named};
use crate::lab::world::connection::within_hours;
use crate::lab::world::network::{Kind, Networks, Source};
use crate::lab::world::scribe::{Scribe, Via};
use crate::lab::world::{DAY, HOUR, MINUTE, is_weekend};

/// The nightly backup: one large export, and old records deleted.
pub(crate) fn backup(days: i64, networks: &mut Networks, scribe: &mut Scribe, chance: &mut Chance) {
    let actor: Arc<str> = "svc_backup".into();
    let source = networks.v4(Kind::Hosting, 0, named("Frankfurt"), 40);
    let via = Via { source: &source, device: None };
    let usual = chance.scale(20_000.0, 400_000.0);
    for day in 0..days {
        let at = day * DAY + 2 * HOUR + within_hours(0.05, chance);
        let records = (usual * (1.0 + 0.002 * day as f64) * (1.0 + chance.bell() * 0.03)) as u64;
        let told = [
            ("record_count", json!(records)),
            ("bytes", json!(records * 700)),
            ("resource", json!("backup")),
        ];
        scribe.write(at, EventType::DATA_EXPORT, &actor, via, &told);
        if day % 7 == 6 {
            let deleted = [("record_count", json!(records / 50)), ("reason", json!("retention"))];
            scribe.write(at + HOUR, EventType::DATA_BULK_DELETE, &actor, via, &deleted);
        }
    }
}

/// A synchronisation that signs in every few hours from two regions of a cloud, and once forgets its password.
pub(crate) fn synchronisation(days: i64, networks: &mut Networks, scribe: &mut Scribe, chance: &mut Chance) {
    let actor: Arc<str> = "svc_sync".into();
    let regions: Vec<Source> =
        ["Frankfurt", "New York"].iter().map(|city| networks.v4(Kind::Hosting, 1, named(city), 7)).collect();
    let rotated = if chance.happens(days as f64 / 60.0) { Some(chance.whole(0, days - 1)) } else { None };
    for day in 0..days {
        for quarter in 0..4 {
            let at = day * DAY + quarter * 6 * HOUR + within_hours(0.1, chance);
            let via = Via { source: chance.pick(&regions), device: None };
            let agent = [("user_agent", json!("litesoc-sync/1.4"))];
            if rotated == Some(day) && quarter == 1 {
                // Until somebody notices, it tries again every few minutes.
                for attempt in 0..chance.whole(10, 40) {
                    scribe.write(
                        at + attempt * 5 * MINUTE,
                        EventType::AUTH_LOGIN_FAILED,
                        &actor,
                        via,
                        &agent,
                    );
                }
            } else {
                scribe.write(at, EventType::AUTH_LOGIN_SUCCESS, &actor, via, &agent);
            }
        }
        if !is_weekend(day) && chance.happens(0.3) {
            let via = Via { source: &regions[0], device: None };
            let at = day * DAY + within_hours(24.0, chance);
            for hit in 0..chance.whole(1, 3) {
                let told = [("resource", json!("/v1/sync"))];
                scribe.write(at + hit * 90_000, EventType::SECURITY_RATE_LIMIT_EXCEEDED, &actor, via, &told);
            }
        }
    }
}

/// Names that strangers try, whether they exist or not.
const TRIED: [&str; 10] =
    ["admin", "test", "root", "info", "support", "administrator", "guest", "user", "demo", "sales"];

/// What reaches every door of the internet: single attempts from everywhere, which nobody can act upon.
pub(crate) fn strangers(days: i64, networks: &mut Networks, scribe: &mut Scribe, chance: &mut Chance) {
    let a_day = chance.scale(2.0, 20.0);
    let mut at = 0;
    loop {
        at += chance.wait(DAY as f64 / a_day);
        if at >= days * DAY {
            return;
        }
        let city = &CITIES[chance.weighted(CITIES.iter().map(|city| city.weight))];
        let kind = chance.choose(&[Kind::Hosting, Kind::Fixed, Kind::Fixed, Kind::Proxy]);
        let source = networks.v4(kind, chance.below(4) as u8, city, chance.below(60_000) as u16);
        let via = Via { source: &source, device: None };
        let actor: Arc<str> = (chance.choose(&TRIED)).into();
        for attempt in 0..chance.whole(1, 2) {
            let told = [("user_agent", json!("python-requests/2.32.3")), ("reason", json!("unknown_user"))];
            scribe.write(at + attempt * 3_000, EventType::AUTH_LOGIN_FAILED, &actor, via, &told);
        }
    }
}

/// A device that still has the old password after a change, and tries it until its owner notices.
pub(crate) fn stale_password(
    at: i64,
    actor: &Arc<str>,
    via: Via<'_>,
    scribe: &mut Scribe,
    chance: &mut Chance,
) {
    let pause = chance.scale(2.0 * MINUTE as f64, 15.0 * MINUTE as f64) as i64;
    for attempt in 0..chance.whole(6, 40) {
        let told = [("reason", json!("wrong_password")), ("client", json!("mail"))];
        scribe.write(at + attempt * pause, EventType::AUTH_LOGIN_FAILED, actor, via, &told);
    }
}
