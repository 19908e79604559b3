//! Data taken out.

use litesoc_detect::{AlertDraft, MAX_SAMPLES, Settings};
use litesoc_events::EventType;
use litesoc_model::AlertSeverity;

use super::{DAY, HOUR, Stage, scatter, story};

/// A person who exports one to three times a day, and an organisation of such people.
fn office(stage: &mut Stage, days: std::ops::Range<i64>) {
    for day in days {
        for person in 0..15 {
            for number in 0..1 + scatter(day, person, 3) {
                let second = day * DAY + 2 * HOUR * number + scatter(person, number, HOUR);
                stage.exports(
                    &format!("clerk_{person}"),
                    second,
                    20 + scatter(day, number, 50).unsigned_abs(),
                );
            }
        }
    }
}

#[test]
fn an_account_that_takes_out_far_more_than_usual_is_told_with_its_usual() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    assert_eq!(stage.scene.list().len(), 0, "ordinary days");
    for number in 0..60 {
        stage.exports("clerk_3", 15 * DAY + number * 40, 900);
    }
    let alert = stage.scene.only();
    insta::assert_snapshot!(story(alert));
    assert!(alert.sample_event_ids.len() <= MAX_SAMPLES && alert.sample_event_ids.len() > 5);
    assert_eq!(alert.evidence.facts["exports"], 60);
}

#[test]
fn with_sensitive_data_read_in_the_same_hour_it_is_critical() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    for number in 0..40 {
        stage.exports("clerk_3", 15 * DAY + number * 40, 900);
    }
    assert_eq!(stage.scene.only().severity, AlertSeverity::High);
    stage.does(EventType::DATA_SENSITIVE_ACCESS, "clerk_3", 15 * DAY + 1_700, r#"{"resource":"payroll"}"#);
    let alert = stage.scene.only();
    assert_eq!(alert.severity, AlertSeverity::Critical);
    insta::assert_snapshot!(story(alert));
}

#[test]
fn a_nightly_backup_is_told_once_and_never_again() {
    let mut stage = Stage::new();
    for night in 0..30 {
        for part in 0..80 {
            let records = 900_000 + scatter(night, part, 90_000).unsigned_abs();
            stage.exports("backup", night * DAY + part * 20 + scatter(night, 1, 600), records);
        }
    }
    let alert = stage.only_of_rule("data_exfiltration");
    assert_eq!(
        (&alert.severity, alert.first_seen.as_millis() < super::super::scene::NOON + DAY * 1_000),
        (&AlertSeverity::Medium, true)
    );
    // Nor does it hide what is far beyond it.
    for part in 0..80 {
        stage.exports("backup", 30 * DAY + part * 20, 40_000_000);
    }
    assert_eq!(stage.loud().len(), 1);
}

#[test]
fn a_backup_that_drifts_around_midnight_is_usual_too() {
    let mut stage = Stage::new();
    office(&mut stage, 0..12);
    let before = stage.scene.list().len();
    for night in 12..40 {
        // Noon is where the scene starts; twelve hours later is midnight.
        let start = night * DAY + 12 * HOUR - 1_800 + scatter(night, 3, HOUR);
        for part in 0..50 {
            stage.exports("backup", start + part * 30, 5_000);
        }
    }
    let told = stage.of_rule("data_exfiltration").len() - before;
    assert!(told <= 1, "{told} alerts");
}

#[test]
fn one_large_export_each_night_is_usual_after_the_first() {
    // One event a night, so that the week of learning ends at any moment of it.
    for offset in [0, 5, 11, 17, 23] {
        let mut stage = Stage::new();
        office(&mut stage, 0..5);
        for night in 0..40 {
            let records = 200_000 + scatter(night, offset, 9_000).unsigned_abs();
            let second = (night + 2) * DAY + offset * HOUR + scatter(night, 1, 1_800);
            stage.exports("backup", second, records);
        }
        assert_eq!(stage.of_rule("data_exfiltration").len(), 1, "offset {offset}");
    }
}

#[test]
fn reports_at_the_end_of_the_month_are_not_an_attack() {
    let mut stage = Stage::new();
    for day in 0..120 {
        office(&mut stage, day..day + 1);
        if day % 30 >= 28 {
            for person in 0..10 {
                for number in 0..12 {
                    stage.exports(&format!("clerk_{person}"), day * DAY + 4 * HOUR + number * 200, 400);
                }
            }
        }
    }
    assert_eq!(stage.loud(), Vec::<&str>::new());
}

#[test]
fn a_little_more_every_day_meets_the_second_limit() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    let mut records = 300.0_f64;
    let mut caught = None;
    for day in 0..60 {
        office(&mut stage, 15 + day..16 + day);
        for number in 0..4 {
            let share = records as u64 / 4;
            stage.exports("patient", (15 + day) * DAY + number * 600, share);
        }
        if caught.is_none() && !stage.of_rule("data_exfiltration").is_empty() {
            caught = Some(day);
        }
        records *= 1.1;
    }
    let day = caught.expect("slow growth is caught");
    assert!((15..=50).contains(&day), "caught on day {day}");
}

#[test]
fn a_new_account_is_measured_by_the_organisation() {
    let mut stage = Stage::new();
    office(&mut stage, 0..20);
    for number in 0..30 {
        stage.exports("newcomer", 20 * DAY + number * 60, 40);
    }
    let alert = stage.scene.only();
    assert_eq!(alert.severity, AlertSeverity::High);
    insta::assert_snapshot!(story(alert));
}

#[test]
fn jobs_of_the_night_hide_nobody_who_never_took_data_out() {
    for records in [10_500, 20_000, 39_000] {
        let mut stage = Stage::new();
        for day in 0..28 {
            office(&mut stage, day..day + 1);
            for job in 0..3 {
                stage.exports(&format!("job_{job}"), day * DAY + 14 * HOUR + job * 600, 20_000);
            }
        }
        assert_eq!(stage.loud(), Vec::<&str>::new(), "ordinary days");
        stage.exports("mallory", 28 * DAY, records);
        let [title] = stage.loud()[..] else { panic!("{records} records: {:?}", stage.loud()) };
        assert!(title.starts_with("mallory took out"), "{title}");
    }
}

#[test]
fn another_job_of_the_night_is_told_once() {
    let mut stage = Stage::new();
    for night in 0..40 {
        office(&mut stage, night..night + 1);
        for job in 0..if night < 28 { 3 } else { 4 } {
            stage.exports(&format!("job_{job}"), night * DAY + 14 * HOUR + job * 600, 20_000);
        }
    }
    let told = |job: &str| {
        let alerts = stage.of_rule("data_exfiltration").into_iter();
        alerts.filter(|alert| alert.actor_id.as_deref() == Some(job)).count()
    };
    assert_eq!((told("job_0"), told("job_3")), (1, 1));
}

#[test]
fn a_report_as_large_as_those_of_the_colleagues_is_nothing() {
    let mut stage = Stage::new();
    for day in 0..28 {
        office(&mut stage, day..day + 1);
        // Once a month each of them takes out a large one.
        if day < 15 {
            stage.exports(&format!("clerk_{day}"), day * DAY + 9 * HOUR, 9_000);
        }
    }
    for number in 0..3 {
        stage.exports("newcomer", 28 * DAY + number * 60, 3_400);
    }
    assert_eq!(stage.of_rule("data_exfiltration").len(), 0);
}

#[test]
fn below_the_floors_nobody_is_asked_about() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    for number in 0..24 {
        stage.exports("clerk_3", 15 * DAY + number * 100, 300);
    }
    assert_eq!(stage.scene.list().len(), 0);
}

#[test]
fn a_whole_day_at_low_speed_is_added_up() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    for hour in 0..20 {
        for number in 0..6 {
            stage.exports("clerk_3", 15 * DAY + hour * HOUR + number * 500, 10);
        }
    }
    let alert = stage.only_of_rule("data_exfiltration");
    assert!(alert.title.contains("24 h"), "{}", alert.title);
}

#[test]
fn bytes_count_under_their_many_names_and_downloads_are_named() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    for number in 0..5 {
        let metadata = r#"{"fileSize":"536870912","path":"\u0000/x"}"#;
        stage.does(EventType::DATA_DOWNLOAD, "clerk_3", 15 * DAY + number * 60, metadata);
    }
    let alert = stage.scene.only();
    assert_eq!(alert.technique.as_deref(), Some("T1530"));
    assert!(alert.title.contains("2.5 GB"), "{}", alert.title);
}

#[test]
fn the_next_morning_is_another_day() {
    let mut stage = Stage::new();
    office(&mut stage, 0..15);
    for number in 0..150 {
        stage.exports("clerk_3", 15 * DAY + number * 20, 50);
    }
    for hour in 3..20 {
        stage.exports("clerk_3", 15 * DAY + hour * HOUR, 50);
    }
    assert_eq!(stage.of_rule("data_exfiltration").len(), 1, "what was told is not told again");
}

#[test]
fn what_was_marked_safe_is_learned() {
    let play = |trust: bool| {
        let mut stage = Stage::new();
        office(&mut stage, 0..15);
        for day in [15, 16] {
            for number in 0..60 {
                stage.exports("clerk_3", day * DAY + number * 40, 900);
            }
            if trust && day == 15 {
                let id = stage.scene.only().id;
                stage.scene.detector.trust(id);
            }
        }
        stage.of_rule("data_exfiltration").len()
    };
    assert_eq!((play(false), play(true)), (2, 1));
}

#[test]
fn the_defaults_of_the_service_are_settings_away() {
    let mut settings = Settings::default();
    settings.data_exfiltration.window = std::time::Duration::from_secs(600);
    settings.data_exfiltration.events = 5;
    settings.data_exfiltration.long_window = std::time::Duration::from_secs(3_600);
    settings.data_exfiltration.long_records = 10_000;
    assert!(settings.validate().is_ok());
    let mut stage = Stage::with(settings);
    for number in 0..5 {
        stage.exports("newcomer", number * 100, 1);
    }
    for number in 0..4 {
        stage.exports("another", number * 800, 2_500);
    }
    assert_eq!(stage.of_rule("data_exfiltration").len(), 2);
}

#[test]
fn the_order_of_arrival_changes_nothing_of_an_hour() {
    let play = |order: &dyn Fn(i64) -> i64| {
        let mut stage = Stage::new();
        office(&mut stage, 0..15);
        for number in 0..60 {
            stage.exports("clerk_3", 15 * DAY + order(number) * 40, 900);
        }
        let alert = stage.scene.only();
        (alert.severity.clone(), alert.evidence.facts["records"].clone(), alert.first_seen <= alert.last_seen)
    };
    let ordered = play(&|number| number);
    assert_eq!(ordered, play(&|number| 59 - number));
    assert_eq!(ordered, play(&|number| (number * 37) % 60));
}

/// Who takes data out, and how much is known of them.
const TAKERS: [(&str, i64); 3] = [("stranger", 0), ("newcomer", 20), ("clerk_3", 20)];

/// What is told of 40 exports within 40 minutes that begin at this second of a day, when they arrive in this order.
fn told_of_a_burst(taker: (&str, i64), start: i64, order: &dyn Fn(i64) -> i64) -> String {
    let (actor, days) = taker;
    let mut stage = Stage::new();
    office(&mut stage, 0..days);
    for number in 0..40 {
        stage.exports(actor, (days + 1) * DAY + start + order(number) * 60, 1_200);
    }
    // The next morning is another burst, whichever day it is on.
    for number in 0..40 {
        stage.exports(actor, (days + 2) * DAY + start + number * 60, 6_000);
    }
    let told = |alert: &&AlertDraft| (alert.severity.clone(), alert.count, alert.evidence.facts.clone());
    format!("{:?}", stage.of_rule("data_exfiltration").iter().map(told).collect::<Vec<_>>())
}

#[test]
fn a_burst_is_told_alike_at_every_hour() {
    let in_order: &dyn Fn(i64) -> i64 = &|number| number;
    let mixed: &dyn Fn(i64) -> i64 = &|number| number * 17 % 40;
    let late: &dyn Fn(i64) -> i64 = &|number| if number < 20 { number * 2 + 1 } else { (number - 20) * 2 };
    for taker in TAKERS {
        for order in [in_order, mixed, late] {
            // The stage opens at noon, so half a day later is midnight.
            let expected = told_of_a_burst(taker, 0, order);
            assert!(expected.contains("40"), "{expected}");
            let hours = (0..24).map(|hour| hour * HOUR - 1_200);
            let around_midnight = (0..=8).map(|place| 12 * HOUR - place * 300);
            for start in hours.chain(around_midnight) {
                assert_eq!(told_of_a_burst(taker, start, order), expected, "{taker:?} from second {start}");
            }
        }
    }
}

#[test]
fn a_program_that_never_rests_is_told_for_a_day_and_then_known() {
    for hour in [0, 7, 11, 12, 18] {
        let mut stage = Stage::new();
        for number in 0..5 * 24 * 4 {
            stage.exports("replica", hour * HOUR + number * 900, 4_000);
        }
        let alert = stage.only_of_rule("data_exfiltration");
        assert!((90..=110).contains(&alert.count), "{} events from hour {hour}", alert.count);
    }
}
