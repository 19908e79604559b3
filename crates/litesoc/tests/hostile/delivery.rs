//! Delivery of events through faults of every kind.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use litesoc_core::pipeline::Report;
use litesoc_core::testing::server::{Answer, HostileServer, Script};
use litesoc_core::transport::SharedTransport;
use litesoc_core::{ErrorKind, Event, LossReason, RetryPolicy};

use crate::service::{Book, PATIENCE, accepted, builder, collecting_after, events_of, numbered, track};

/// Quick retries, so that tests of faults take milliseconds.
fn impatient() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    policy.base = Duration::from_millis(2);
    policy.max_delay = Duration::from_millis(20);
    policy
}

#[expect(clippy::disallowed_methods, reason = "these tests are about elapsed time")]
fn now() -> Instant {
    Instant::now()
}

over_every_transport! {
    fn an_outage_costs_nothing(transport) {
        let book = Book::default();
        let server = collecting_after(vec![Answer::status(503); 12], &book);
        let client = builder(transport, &server).retry(impatient()).build().unwrap();
        track(&client, 0..1_000);
        assert!(client.shutdown(PATIENCE).wait().is_complete());
        assert_eq!(book.numbers(), (0..1_000).collect::<Vec<_>>());
        assert_eq!(book.arrivals(), 1_000);
    }

    fn an_answer_that_comes_too_late_makes_no_second_event(transport) {
        let book = Book::default();
        let stored = book.clone();
        let mut late = 2;
        let server = HostileServer::start(Script::computed(move |request| {
            stored.store(request);
            late -= 1;
            if late >= 0 { Answer::stall() } else { accepted() }
        }));
        let limit = Duration::from_millis(150);
        let client = builder(transport, &server).retry(impatient()).request_timeout(limit).build().unwrap();
        track(&client, 0..100);
        assert!(client.shutdown(PATIENCE).wait().is_complete());
        assert_eq!(book.numbers(), (0..100).collect::<Vec<_>>());
        assert_eq!(book.arrivals(), 300, "three attempts, recognised by the ids in them");
        let requests = server.requests();
        assert!(requests.iter().all(|request| request.body() == requests[0].body()), "repeats are byte-identical");
    }

    fn a_refused_key_is_reported_once_and_not_retried(transport) {
        for status in [401, 403] {
            let server = HostileServer::start(Answer::status(status).body(r#"{"error":"Invalid API key"}"#));
            let heard = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&heard);
            let client = builder(transport.clone(), &server)
                .on_delivery_error(move |report| log.lock().unwrap().push(report.clone()))
                .build()
                .unwrap();
            track(&client, 0..250);
            let report = client.flush(PATIENCE).wait();
            assert_eq!((report.delivered, report.lost, report.pending), (0, 0, 250), "{status}");
            assert_eq!(report.error.unwrap().status().unwrap().as_u16(), status);
            let failure = client.track_confirmed(numbered(250)).wait().unwrap_err();
            assert_eq!((failure.reason, failure.error.status().unwrap().as_u16()), (None, status), "and is told at once");
            assert_eq!(server.counts().requests, 1);
            assert!(matches!(&heard.lock().unwrap()[..], [Report::Refused { .. }]));
            let ended = client.shutdown(PATIENCE).wait();
            assert_eq!((ended.delivered, ended.lost, ended.pending), (0, 0, 251));
            assert_eq!(client.stats().lost.count(LossReason::Closed), 251);
        }
    }

    fn an_event_that_is_refused_is_tried_once(transport) {
        let server = HostileServer::start(Answer::status(400).body(r#"{"error":"bad","code":"VALIDATION_FAILED"}"#));
        let client = builder(transport, &server).build().unwrap();
        let failure = client.track_confirmed(numbered(1)).wait().unwrap_err();
        assert_eq!(failure.reason, Some(LossReason::Rejected));
        assert_eq!(failure.error.kind(), ErrorKind::Validation);
        assert_eq!(failure.error.code(), Some("VALIDATION_FAILED"));
        assert_eq!(server.counts().requests, 1);
    }

    fn a_new_key_sends_what_the_old_one_could_not(transport) {
        let book = Book::default();
        let stored = book.clone();
        let server = HostileServer::start(Script::computed(move |request| {
            if request.header("x-api-key") == Some("lsoc_live_new") {
                stored.store(request);
                accepted()
            } else {
                Answer::status(401)
            }
        }));
        let client = builder(transport, &server).build().unwrap();
        track(&client, 0..10);
        assert_eq!(client.flush(PATIENCE).wait().pending, 10);
        client.set_api_key("lsoc_live_new").unwrap();
        assert!(client.flush(PATIENCE).wait().is_complete());
        assert_eq!(book.numbers(), (0..10).collect::<Vec<_>>());
    }

    fn retry_after_is_understood_in_every_form(transport) {
        for (value, at_least, at_most) in
            [("7", 7.0, 7.4), ("7.5", 8.0, 8.5), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0, 0.3), ("soon", 0.1, 0.3)]
        {
            let server = HostileServer::start([Answer::status(429).header("retry-after", value)]);
            let delay = Arc::new(Mutex::new(None));
            let heard = Arc::clone(&delay);
            let client = builder(transport.clone(), &server)
                .on_delivery_error(move |report| {
                    if let Report::Deferred { delay, .. } = report {
                        heard.lock().unwrap().get_or_insert(*delay);
                    }
                })
                .build()
                .unwrap();
            client.track(numbered(1));
            let _ = client.flush(Duration::from_millis(500)).wait();
            let delay = delay.lock().unwrap().expect("the attempt was put off").as_secs_f64();
            assert!((at_least..=at_most).contains(&delay), "{value}: {delay}");
            let _ = client.shutdown(Duration::ZERO).wait();
        }
    }

    fn an_answer_that_drips_ends_at_the_deadline(transport) {
        let server = HostileServer::start(Answer::ok("x".repeat(100)).drip(Duration::from_millis(50)));
        let client = builder(transport, &server).build().unwrap();
        // All of it would take five seconds, and be a success.
        let error = client.health().timeout(Duration::from_millis(300)).send().wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_retryable());
    }

    fn redirects_are_not_followed(transport) {
        for status in [301, 302, 307, 308] {
            let elsewhere = HostileServer::start(accepted());
            let server = HostileServer::start(Answer::redirect(status, &elsewhere.url("/collect")));
            let client = builder(transport.clone(), &server).build().unwrap();
            client.track(numbered(1));
            let report = client.flush(Duration::from_millis(100)).wait();
            assert_eq!(report.pending, 1, "nothing is lost");
            assert_eq!(report.error.unwrap().kind(), ErrorKind::Server);
            assert!(client.events().send().wait().is_err());
            assert_eq!(elsewhere.counts().connections, 0, "nobody else was contacted");
            let _ = client.shutdown(Duration::ZERO).wait();
        }
    }

    fn every_form_of_success_is_success(transport) {
        for (answer, taken) in [
            (Answer::ok("<html>"), true),
            (Answer::status(204), true),
            (Answer::status(202), true),
            (Answer::status(202).body(r#"{"success":true}"#), true),
            (Answer::status(202).body(r#"{"status":"queued"}"#), true),
            (Answer::ok(r#"{"error":"refused after all"}"#), false),
        ] {
            let server = HostileServer::start(answer);
            let client = builder(transport.clone(), &server).build().unwrap();
            assert_eq!(client.track_confirmed(numbered(1)).wait().is_ok(), taken);
            assert_eq!(server.counts().requests, 1);
        }
    }

    fn batches_fall_back_to_single_events(transport) {
        for status in [400, 404, 413] {
            let book = Book::default();
            let stored = book.clone();
            let server = HostileServer::start(Script::computed(move |request| {
                if events_of(request).len() > 1 {
                    return Answer::status(status);
                }
                stored.store(request);
                accepted()
            }));
            let client = builder(transport.clone(), &server).build().unwrap();
            track(&client, 0..120);
            assert!(client.shutdown(PATIENCE).wait().is_complete(), "{status}");
            assert_eq!(book.numbers(), (0..120).collect::<Vec<_>>(), "{status}");
        }
    }

    fn a_bad_value_costs_its_own_event_only(transport) {
        let book = Book::default();
        let server = collecting_after(Vec::new(), &book);
        let client = builder(transport, &server).build().unwrap();
        let events = (0..10).map(|number| match number {
            3 => Event::login_failed("user_123").metadata("ratio", f64::NAN),
            _ => numbered(number),
        });
        let report = client.track_batch(events).wait();
        assert_eq!(report.accepted(), 9);
        let (index, failure) = report.failures().next().unwrap();
        assert_eq!((index, failure.reason), (3, Some(LossReason::Invalid)));
        assert!(failure.error.message().contains("ratio"), "{}", failure.error);
        assert_eq!(book.numbers(), [0, 1, 2, 4, 5, 6, 7, 8, 9]);
    }

    fn tracking_does_not_wait_for_a_slow_server(transport) {
        let server = HostileServer::start(accepted().delay(Duration::from_secs(5)));
        let client = builder(transport, &server).build().unwrap();
        let mut times: Vec<Duration> = (0..5_000)
            .map(|number| {
                let start = now();
                client.track(numbered(number));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        assert!(times[4_950] < Duration::from_millis(1), "p99 {:?}", times[4_950]);
        let _ = client.shutdown(Duration::ZERO).wait();
    }

    fn a_million_events_offline_stay_within_the_bounds(transport) {
        let server = HostileServer::start(Answer::stall());
        let client = builder(transport, &server).queue_events(5_000).build().unwrap();
        track(&client, 0..1_000_000);
        let stats = client.stats();
        assert_eq!((stats.tracked, stats.queued), (1_000_000, 5_000));
        assert_eq!(stats.lost.count(LossReason::QueueFull), 995_000);
        assert!(stats.queued_bytes < 5_000 * 400);
        assert!(stats.oldest_age.is_some());
        let _ = client.shutdown(Duration::ZERO).wait();
    }

    fn cut_connections_and_lost_replies_keep_the_order(transport) {
        let book = Book::default();
        let faults = vec![
            Answer::hang_up(),
            Answer::status(500),
            accepted().cut_after(5),
            Answer::raw("not http at all"),
            Answer::status(429).header("retry-after", "0"),
        ];
        let server = collecting_after(faults, &book);
        let client = builder(transport, &server).retry(impatient()).build().unwrap();
        track(&client, 0..2_000);
        assert!(client.shutdown(PATIENCE).wait().is_complete());
        assert_eq!(book.numbers(), (0..2_000).collect::<Vec<_>>());
    }
}
