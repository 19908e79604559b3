//! The delivery rules, one test each.

use std::cell::Cell;
use std::time::Duration;

use litesoc_core::ErrorKind;
use litesoc_core::pipeline::{LossReason, Overflow, PipelineConfig, Report, RetryPolicy};

use crate::simulation::{NOON_MS, Simulation, Treatment, event};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn config() -> PipelineConfig {
    PipelineConfig::default()
}

#[test]
fn an_outage_of_a_minute_costs_nothing() {
    let mut simulation =
        Simulation::new(
            &config(),
            |seen, _| {
                if seen.at < MINUTE { Treatment::status(503) } else { Treatment::Accept }
            },
        );
    simulation.track(0..1000);
    simulation.run_until(HOUR);
    assert_eq!(simulation.taken, (0..1000).collect::<Vec<_>>(), "all delivered once, in order");
    let failed = simulation.seen.iter().filter(|seen| seen.at < MINUTE).count();
    assert!(failed <= 12, "{failed} attempts in a minute are a flood");
    let gaps = &simulation.gaps()[..failed - 1];
    assert!(gaps.windows(2).all(|pair| pair[1] >= pair[0] / 2), "gaps grow: {gaps:?}");
    assert!(gaps.last() > gaps.first());
    assert_eq!(simulation.pipeline.stats().delivered, 1000);
}

#[test]
fn a_lost_reply_is_repeated_byte_for_byte() {
    let mut simulation =
        Simulation::new(
            &config(),
            |_, index| if index < 2 { Treatment::LoseReply } else { Treatment::Accept },
        );
    simulation.track(0..100);
    simulation.run_until(HOUR);
    assert_eq!(simulation.seen.len(), 3);
    assert_eq!(simulation.seen[0].body, simulation.seen[1].body);
    assert_eq!(simulation.seen[0].body, simulation.seen[2].body);
    assert_eq!(simulation.pipeline.stats().delivered, 100);
    assert_eq!(simulation.pipeline.stats().retries, 2);
}

#[test]
fn refused_keys_are_tried_once_and_cost_nothing() {
    for status in [401, 402, 403] {
        let mut simulation = Simulation::new(&config(), |_, _| Treatment::status(status));
        simulation.track(0..250);
        simulation.run_until(MINUTE * 4);
        assert_eq!(simulation.seen.len(), 1, "{status} is not retried");
        assert!(matches!(&simulation.reports[..], [Report::Refused { error, .. }] if !error.is_retryable()));
        assert_eq!(simulation.pipeline.stats().queued, 250);
    }
}

#[test]
fn a_used_up_quota_is_a_pause_not_a_loop() {
    for status in [403, 429] {
        let body = r#"{"error":"Monthly quota exceeded","code":"QUOTA_EXCEEDED"}"#;
        let headers = vec![("retry-after", "1800".to_owned())];
        let mut simulation = Simulation::new(&config(), |seen, _| {
            if seen.at < HOUR / 2 {
                Treatment::Answer(status, headers.clone(), body.to_owned())
            } else {
                Treatment::Accept
            }
        });
        simulation.track(0..3);
        simulation.run_until(HOUR);
        assert_eq!(simulation.seen.len(), 2);
        assert!(
            matches!(&simulation.reports[0], Report::Refused { error, .. } if error.kind() == ErrorKind::Quota)
        );
        assert_eq!(simulation.pipeline.stats().delivered, 3);
    }
}

#[test]
fn retry_after_is_obeyed_in_all_its_forms() {
    let date = "Tue, 14 Nov 2023 22:14:20 GMT"; // one minute after the start of the simulation
    for (value, at_least, at_most) in [
        ("7", 7.0, 7.4),
        ("7.5", 8.0, 8.5),
        (date, 59.0, 64.0),
        ("soon", 0.1, 0.3),
        ("-5", 0.0, 0.3),
        ("99999999", 3600.0, 3781.0),
    ] {
        let mut simulation = Simulation::new(&config(), |_, index| match index {
            0 => Treatment::Answer(429, vec![("retry-after", value.to_owned())], String::new()),
            _ => Treatment::Accept,
        });
        simulation.track(0..100);
        simulation.run_until(HOUR * 2);
        let gap = simulation.gaps()[0].as_secs_f64();
        assert!((at_least..=at_most).contains(&gap), "{value}: waited {gap}");
        assert_eq!(simulation.pipeline.stats().delivered, 100, "{value}");
    }
}

#[test]
fn three_rate_limits_of_a_second_end_after_three_seconds() {
    let mut simulation = Simulation::new(&config(), |_, index| match index {
        0..3 => Treatment::Answer(429, vec![("retry-after", "1".to_owned())], String::new()),
        _ => Treatment::Accept,
    });
    simulation.track(0..2000);
    simulation.run_until(MINUTE);
    let end = simulation.seen[3].at.as_secs_f64();
    assert!((3.0..=3.3).contains(&end), "{end}");
    assert_eq!(simulation.taken, (0..2000).collect::<Vec<_>>());
}

#[test]
fn first_requests_that_fail_in_any_way_lose_and_reorder_nothing() {
    let mut simulation = Simulation::new(&config(), |_, index| match index {
        0 => Treatment::status(429),
        1 => Treatment::status(500),
        2 => Treatment::status(503),
        3 => Treatment::Cut,
        4 => Treatment::status(302),
        _ => Treatment::Accept,
    });
    simulation.track(0..2000);
    simulation.run_until(HOUR);
    assert_eq!(simulation.taken, (0..2000).collect::<Vec<_>>());
    for seen in &simulation.seen[..6] {
        assert_eq!(seen.body, simulation.seen[0].body, "repeats are byte-identical");
    }
}

#[test]
fn a_poison_event_is_found_and_its_neighbours_are_delivered() {
    let mut simulation = Simulation::new(&config(), |seen, _| {
        if seen.events.iter().any(|number| [3, 77].contains(number)) {
            Treatment::status(400)
        } else {
            Treatment::Accept
        }
    });
    simulation.track(0..150);
    simulation.run_until(HOUR);
    let expected: Vec<u64> = (0..150).filter(|number| ![3, 77].contains(number)).collect();
    assert_eq!(simulation.taken, expected, "all others, in order");
    let lost: Vec<_> = simulation
        .reports
        .iter()
        .filter_map(|report| {
            let Report::Lost { events, reason, .. } = report else { return None };
            Some((events.clone(), *reason))
        })
        .collect();
    assert_eq!(lost, [(3..4, LossReason::Rejected), (77..78, LossReason::Rejected)]);
    assert!(simulation.seen.len() < 32, "{} requests to find two of 150", simulation.seen.len());
}

#[test]
fn a_service_that_refuses_events_one_by_one_is_believed() {
    let body = r#"{"success":true,"status":"queued","queued":8,
        "errors":[{"index":2,"code":"VALIDATION_FAILED","message":"bad"},{"index":9,"code":"X","message":"y"}]}"#;
    let mut simulation =
        Simulation::new(&config(), |_, _| Treatment::Answer(202, Vec::new(), body.to_owned()));
    simulation.track(0..10);
    simulation.run_until(MINUTE);
    assert_eq!(simulation.seen.len(), 1);
    let stats = simulation.pipeline.stats();
    assert_eq!((stats.delivered, stats.lost.count(LossReason::Rejected)), (8, 2));
}

#[test]
fn a_request_that_is_too_large_is_halved() {
    let mut simulation = Simulation::new(&config(), |seen, _| {
        if seen.body.len() > 4_000 { Treatment::status(413) } else { Treatment::Accept }
    });
    simulation.track(0..100);
    simulation.pipeline.push(event(100, 5_000).as_bytes(), NOON_MS).unwrap();
    simulation.run_until(HOUR);
    assert_eq!(simulation.taken, (0..100).collect::<Vec<_>>());
    assert_eq!(simulation.pipeline.stats().lost.count(LossReason::TooLarge), 1);
}

#[test]
fn a_service_without_batches_gets_single_events() {
    for status in [400, 404, 405, 422] {
        let mut simulation = Simulation::new(&config(), |seen, _| {
            if seen.events.len() > 1 { Treatment::status(status) } else { Treatment::Accept }
        });
        simulation.track(0..300);
        simulation.run_until(MINUTE);
        assert_eq!(simulation.taken, (0..300).collect::<Vec<_>>(), "{status}");
        let refused = simulation.seen.iter().filter(|seen| seen.events.len() > 1).count();
        assert!(
            refused <= 99,
            "{status}: batches are not tried for the second and third hundred ({refused})"
        );
    }
}

#[test]
fn the_wrong_base_url_loses_nothing() {
    let mut simulation =
        Simulation::new(
            &config(),
            |seen, _| {
                if seen.at < MINUTE { Treatment::status(404) } else { Treatment::Accept }
            },
        );
    simulation.track(0..10);
    simulation.run_until(HOUR);
    assert_eq!(simulation.taken, (0..10).collect::<Vec<_>>());
}

#[test]
fn an_event_the_service_chokes_on_is_given_up_and_no_other() {
    let mut simulation = Simulation::new(&config(), |seen, _| {
        if seen.events.contains(&5) { Treatment::status(500) } else { Treatment::Accept }
    });
    simulation.track(0..20);
    simulation.run_until(HOUR);
    let expected: Vec<u64> = (0..20).filter(|&number| number != 5).collect();
    assert_eq!(simulation.taken, expected);
    assert_eq!(simulation.pipeline.stats().lost.count(LossReason::ServerFault), 1);
}

#[test]
fn events_are_given_up_when_a_repeat_could_become_a_second_event() {
    let mut retry = RetryPolicy::default();
    retry.max_age = MINUTE;
    let mut config = config();
    config.retry = retry;
    let mut simulation = Simulation::new(&config, |_, _| Treatment::Cut);
    simulation.track(0..10);
    simulation.run_until(MINUTE * 3);
    assert_eq!(simulation.pipeline.stats().lost.count(LossReason::Expired), 10);
}

#[test]
fn every_form_of_success_is_success() {
    for (status, body, accepted) in [
        (200, "<html>hello</html>", true),
        (204, "", true),
        (202, "", true),
        (202, r#"{"success":true}"#, true),
        (202, r#"{"status":"queued"}"#, true),
        (201, r#"{"status":"inserted"}"#, true),
        (200, r#"{"error":"no such event"}"#, false),
    ] {
        let mut simulation =
            Simulation::new(&config(), |_, _| Treatment::Answer(status, Vec::new(), body.to_owned()));
        simulation.track(0..1);
        simulation.run_until(MINUTE);
        let stats = simulation.pipeline.stats();
        assert_eq!(stats.delivered == 1, accepted, "{status} {body}");
        assert_eq!(stats.queued, 0);
        assert_eq!(stats.requests, 1);
    }
}

#[test]
fn batches_fill_or_wait_for_the_linger_time() {
    let mut simulation = Simulation::new(&config(), |_, _| Treatment::Accept);
    simulation.track(0..100);
    simulation.run_until(Duration::ZERO);
    assert_eq!(simulation.seen.len(), 1, "a full batch goes at once");
    simulation.track(100..101);
    simulation.run_until(Duration::from_millis(900));
    assert_eq!(simulation.seen.len(), 1, "a single event waits for others");
    simulation.run_until(Duration::from_secs(3));
    assert_eq!(simulation.seen.len(), 2);
    simulation.track(101..103);
    assert_eq!(simulation.pipeline.flush(), 103);
    assert_eq!(simulation.pipeline.settled_below(), 101);
    simulation.run_until(simulation.now);
    assert_eq!(simulation.pipeline.settled_below(), 103, "a flush does not wait");
}

#[test]
fn a_full_queue_drops_by_its_policy() {
    for (overflow, kept) in [(Overflow::DropNewest, 0..50), (Overflow::DropOldest, 20..70)] {
        let mut config = config();
        config.queue_events = 50;
        config.batch_events = 10;
        config.overflow = overflow;
        let mut simulation = Simulation::new(&config, |_, _| Treatment::Accept);
        let results: Vec<_> = (0..70)
            .map(|number| simulation.pipeline.push(event(number, 0).as_bytes(), NOON_MS).is_ok())
            .collect();
        assert_eq!(
            results.iter().filter(|&&taken| taken).count(),
            if overflow == Overflow::DropNewest { 50 } else { 70 }
        );
        simulation.run_until(MINUTE);
        assert_eq!(simulation.taken, kept.collect::<Vec<_>>());
        assert_eq!(simulation.pipeline.stats().lost.count(LossReason::QueueFull), 20);
    }
}

#[test]
fn the_queue_is_bounded_in_bytes_and_events_in_size() {
    let mut config = config();
    config.queue_bytes = 10_000;
    let mut simulation = Simulation::new(&config, |_, _| Treatment::Accept);
    let mut lost = 0;
    for number in 0..1_000 {
        lost += u64::from(simulation.pipeline.push(event(number, 500).as_bytes(), NOON_MS).is_err());
        assert!(simulation.pipeline.stats().queued_bytes <= 10_000);
    }
    assert_eq!(simulation.pipeline.stats().lost.count(LossReason::QueueFull), lost);
    let giant = event(0, 2 << 20);
    assert_eq!(simulation.pipeline.push(giant.as_bytes(), NOON_MS), Err(LossReason::TooLarge));
}

#[test]
fn a_million_events_offline_stay_within_the_bounds() {
    let calls = Cell::new(0);
    let mut simulation = Simulation::new(&config(), |_, _| {
        calls.set(calls.get() + 1);
        Treatment::Cut
    });
    for number in 0..1_000_000_u64 {
        let _ = simulation.pipeline.push(event(number, 30).as_bytes(), NOON_MS);
        if number % 10_000 == 0 {
            simulation.run_until(simulation.now + Duration::from_millis(10));
        }
    }
    let stats = simulation.pipeline.stats();
    assert_eq!((stats.queued, stats.lost.count(LossReason::QueueFull)), (100_000, 900_000));
    assert!(stats.queued_bytes <= 64 << 20);
    assert!(calls.get() < 20);
}
