//! The script played to the detector alone, for many seeds and at every hour of the day: what is expected is what comes.

use litesoc::Timestamp;
use litesoc_detect::{AlertDraft, Change, Detector, Observation, Settings};

use super::script::{self, Expected, Script};
use super::{geography, stage};

/// Noon of a day in March.
const NOON: i64 = 1_772_366_400_000;

/// The alerts that a detector raises, as they are in the end.
fn play(script: &Script) -> Vec<AlertDraft> {
    let enricher = geography::enricher().expect("the demo's own networks");
    let mut settings = Settings::default();
    stage::adjust(&mut settings);
    let mut detector = Detector::new(settings).expect("settings that work");
    let mut changes = Vec::new();
    for line in &script.lines {
        let known = enricher.enrich(Some(line.ip));
        let metadata: serde_json::Map<String, serde_json::Value> =
            line.metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone().into())).collect();
        let metadata = serde_json::Value::from(metadata).to_string();
        let at = Timestamp::from_millis(line.at);
        let seen = Observation::new("demo", line.id, &line.event, at, at)
            .actor(line.actor.as_deref())
            .ip(Some(line.ip))
            .metadata(&metadata)
            .enrichment(known.as_ref());
        detector.observe(&seen, &mut changes);
    }
    let mut alerts: Vec<AlertDraft> = Vec::new();
    for change in changes {
        match change {
            Change::Raise(draft) => alerts.push(*draft),
            Change::Update(progress) => {
                let alert = alerts.iter_mut().find(|alert| alert.id == progress.id);
                alert.expect("raised before").advance(*progress);
            }
            other => panic!("{other:?} is new"),
        }
    }
    alerts
}

fn differences(script: &Script) -> Vec<String> {
    let mut alerts = play(script);
    let expected = script.attacks.iter().chain(&script.signs).chain(&script.notices);
    let mut differences: Vec<String> = expected
        .filter_map(|expected| {
            let place = alerts.iter().position(|alert| is_about(alert, expected));
            let Some(place) = place else { return Some(format!("no alert for: {}", expected.story)) };
            let alert = alerts.remove(place);
            let told = (alert.severity == expected.severity, alert.count);
            (told != (true, expected.count))
                .then(|| format!("{}: {} with {} events", expected.story, alert.severity, alert.count))
        })
        .collect();
    differences.extend(alerts.iter().map(|alert| format!("nothing explains: {}", alert.title)));
    differences
}

fn is_about(alert: &AlertDraft, expected: &Expected) -> bool {
    alert.alert_type == expected.alert_type
        && alert.actor_id == expected.actor_id
        && alert.source_ip.map(|ip| ip.to_string()) == expected.source_ip
}

#[test]
fn what_is_expected_comes_at_every_hour_and_nothing_else() {
    for hour in 0..24 {
        for (seed, events) in [(0_u64, 300), (1, 1_500)] {
            let now = Timestamp::from_millis(NOON + hour * 3_600_000 + 1_000_003);
            let script = script::write(seed + hour.unsigned_abs() * 10, events, now);
            assert_eq!(differences(&script), Vec::<String>::new(), "seed {seed}, {events} events, now {now}");
        }
    }
}
