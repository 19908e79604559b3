//! How a client ends: nothing waits for ever, and everything is delivered or reported.

use std::time::{Duration, Instant};

use litesoc_core::LossReason;
use litesoc_core::testing::server::{Answer, HostileServer, Script};
use litesoc_core::transport::SharedTransport;

use crate::service::{Book, PATIENCE, accepted, builder, collecting_after, numbered, track};

#[expect(clippy::disallowed_methods, reason = "these tests are about elapsed time")]
fn now() -> Instant {
    Instant::now()
}

over_every_transport! {
    fn shutting_down_during_a_request_waits_for_it(transport) {
        let book = Book::default();
        let stored = book.clone();
        let server = HostileServer::start(Script::computed(move |request| {
            stored.store(request);
            accepted().delay(Duration::from_millis(100))
        }));
        let client = builder(transport, &server).build().unwrap();
        track(&client, 0..150);
        let report = client.shutdown(PATIENCE).wait();
        assert_eq!((report.delivered, report.lost, report.pending), (150, 0, 0));
        assert_eq!(book.numbers(), (0..150).collect::<Vec<_>>());
        client.track(numbered(150));
        assert_eq!(client.stats().lost.count(LossReason::Closed), 1, "later events are counted as lost");
        assert!(client.health().send().wait().is_err());
        assert!(client.shutdown(PATIENCE).wait().is_complete(), "a second shutdown finds nothing to do");
    }

    fn ten_thousand_queued_events_arrive_before_the_end(transport) {
        let book = Book::default();
        let server = collecting_after(Vec::new(), &book);
        let client = builder(transport, &server).build().unwrap();
        track(&client, 0..10_000);
        assert!(client.shutdown(PATIENCE).wait().is_complete());
        assert_eq!(book.numbers(), (0..10_000).collect::<Vec<_>>());
    }

    fn a_silent_server_holds_nobody_beyond_the_deadline(transport) {
        let server = HostileServer::start(Answer::stall());
        let client = builder(transport, &server).build().unwrap();
        track(&client, 0..10_000);
        let start = now();
        let report = client.shutdown(Duration::from_millis(200)).wait();
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(200) && took < PATIENCE, "{took:?}");
        assert_eq!((report.delivered, report.pending), (0, 10_000), "and says what was not sent");
        assert_eq!(client.stats().lost.count(LossReason::Closed), 10_000);
    }

    fn dropping_the_last_client_delivers_what_is_queued(transport) {
        let book = Book::default();
        let server = collecting_after(Vec::new(), &book);
        let client = builder(transport, &server).build().unwrap();
        let other = client.clone();
        track(&client, 0..42);
        drop(client);
        track(&other, 42..84);
        drop(other);
        assert_eq!(book.numbers(), (0..84).collect::<Vec<_>>());
    }

    fn dropping_is_bounded_as_well(transport) {
        let server = HostileServer::start(Answer::stall());
        let client = builder(transport, &server).drop_timeout(Duration::from_millis(100)).build().unwrap();
        track(&client, 0..10);
        let start = now();
        drop(client);
        assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    }

    fn a_panic_of_the_application_delivers_what_is_queued(transport) {
        let book = Book::default();
        let server = collecting_after(Vec::new(), &book);
        let client = builder(transport, &server).build().unwrap();
        let thread = std::thread::spawn(move || {
            track(&client, 0..5);
            panic!("the application has a bug");
        });
        assert!(thread.join().is_err());
        assert_eq!(book.numbers(), [0, 1, 2, 3, 4]);
    }

    fn a_runtime_that_ends_first_changes_nothing(transport) {
        let book = Book::default();
        let server = collecting_after(Vec::new(), &book);
        let client = builder(transport, &server).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            client.track_confirmed(numbered(0)).await.unwrap();
            // Blocking inside a runtime with one thread: the worker lives elsewhere.
            client.track_confirmed(numbered(1)).wait().unwrap();
            client.track(numbered(2));
        });
        drop(runtime);
        assert!(client.shutdown(PATIENCE).wait().is_complete());
        assert_eq!(book.numbers(), [0, 1, 2]);
    }

    fn hooks_that_panic_or_track_do_no_harm(transport) {
        let book = Book::default();
        let server = collecting_after(vec![Answer::status(400)], &book);
        let (sender, receiver) = std::sync::mpsc::channel::<litesoc_core::Client>();
        let receiver = std::sync::Mutex::new(receiver);
        let client = builder(transport, &server)
            .before_send(|event| if event.name() == "auth.logout" { panic!("bug in a hook") } else { Some(event) })
            .on_delivery_error(move |_| {
                if let Ok(client) = receiver.lock().unwrap().try_recv() {
                    client.track(numbered(99));
                }
                panic!("bug in a hook");
            })
            .build()
            .unwrap();
        sender.send(client.clone()).unwrap();
        client.track(litesoc_core::Event::logout("user_123"));
        client.track(numbered(1));
        assert_eq!(client.flush(PATIENCE).wait().lost, 1);
        client.track_confirmed(numbered(2)).wait().unwrap();
        let lost = client.stats().lost;
        assert_eq!(lost.count(LossReason::Withheld), 1);
        assert_eq!(lost.count(LossReason::Reentrant), 1);
        assert_eq!(book.numbers(), [2]);
    }
}
