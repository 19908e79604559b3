//! The blocking adaptor and the fake transports.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test")]

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use litesoc_core::testing::server::{Answer, HostileServer};
use litesoc_core::testing::{Capture, FaultCounts, Faulty, Never, Replay, Step};
use litesoc_core::transport::{
    Blocking, BlockingTransport, TimeLimit, Transport, TransportError, TransportErrorKind,
};

type Outcome = Result<http::Response<Bytes>, TransportError>;

fn request(path: &str) -> http::Request<Bytes> {
    http::Request::post(format!("http://127.0.0.1{path}")).body(Bytes::new()).unwrap()
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(20), test).await.expect("an end in time")
    })
}

/// A blocking stack whose calls to `/wait` end when they are let go.
#[derive(Clone, Default)]
struct Gate {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    open: Mutex<bool>,
    opened: Condvar,
    entered: AtomicUsize,
    limits: Mutex<Vec<Duration>>,
}

impl Gate {
    fn open(&self) {
        *self.shared.open.lock().unwrap() = true;
        self.shared.opened.notify_all();
    }

    fn entered(&self) -> usize {
        self.shared.entered.load(Ordering::SeqCst)
    }

    async fn until_entered(&self, count: usize) {
        while self.entered() < count {
            tokio::task::yield_now().await;
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl BlockingTransport for Gate {
    fn send(&self, request: http::Request<Bytes>) -> Outcome {
        self.shared.entered.fetch_add(1, Ordering::SeqCst);
        if let Some(limit) = request.extensions().get::<TimeLimit>() {
            self.shared.limits.lock().unwrap().push(limit.get());
        }
        match request.uri().path() {
            "/wait" => {
                let open = self.shared.open.lock().unwrap();
                drop(self.shared.opened.wait_while(open, |open| !*open).unwrap());
            }
            "/panic" => panic!("this panic belongs to the test"),
            _ => {}
        }
        Ok(http::Response::new(Bytes::new()))
    }
}

#[test]
fn a_stalled_call_does_not_hold_up_another() {
    run(async {
        let gate = Gate::default();
        let transport = Blocking::new(gate.clone());
        let stalled = transport.send(request("/wait"));
        let other = async {
            gate.until_entered(1).await;
            transport.send(request("/quick")).await.unwrap();
            gate.open();
        };
        let (stalled, ()) = tokio::join!(stalled, other);
        stalled.unwrap();
    });
}

#[test]
fn no_more_calls_are_made_at_once_than_allowed_and_the_wait_counts() {
    run(async {
        let gate = Gate::default();
        let transport = Blocking::new(gate.clone()).with_threads(2);
        let limited = |path| {
            let mut request = request(path);
            request.extensions_mut().insert(TimeLimit::new(Duration::from_secs(60)));
            request
        };
        let calls = async {
            tokio::join!(
                transport.send(limited("/wait")),
                transport.send(limited("/wait")),
                transport.send(limited("/third"))
            )
        };
        let opener = async {
            gate.until_entered(2).await;
            assert_eq!(gate.entered(), 2, "the third waits for a thread");
            gate.open();
        };
        let ((first, second, third), ()) = tokio::join!(calls, opener);
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        let limits = gate.shared.limits.lock().unwrap();
        // How long the third waited is up to the machine; that its time ran meanwhile is not.
        assert!(limits[2] < Duration::from_secs(60) && limits[2] > Duration::from_secs(30), "{limits:?}");
    });
}

#[test]
fn a_call_whose_time_is_over_before_its_turn_is_not_made() {
    run(async {
        let gate = Gate::default();
        let transport = Blocking::new(gate.clone()).with_threads(1);
        let mut hasty = request("/hasty");
        hasty.extensions_mut().insert(TimeLimit::new(Duration::ZERO));
        let opener = async {
            gate.until_entered(1).await;
            gate.open();
        };
        let (first, hasty, ()) =
            tokio::join!(transport.send(request("/wait")), transport.send(hasty), opener);
        assert!(first.is_ok());
        assert_eq!(hasty.unwrap_err().kind(), TransportErrorKind::Timeout);
        assert_eq!(gate.entered(), 1);
    });
}

#[test]
fn a_call_that_is_dropped_before_its_turn_is_not_made() {
    run(async {
        let gate = Gate::default();
        let transport = Blocking::new(gate.clone()).with_threads(1);
        let first = transport.send(request("/wait"));
        let other = async {
            gate.until_entered(1).await;
            let mut dropped = Box::pin(transport.send(request("/dropped")));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(dropped.as_mut().poll(&mut cx).is_pending());
            drop(dropped);
            gate.open();
        };
        let (first, ()) = tokio::join!(first, other);
        first.unwrap();
        transport.send(request("/last")).await.unwrap();
        assert_eq!(gate.entered(), 2, "/wait and /last");
    });
}

#[test]
fn a_panic_is_an_error_and_the_next_call_works() {
    run(async {
        let transport = Blocking::new(Gate::default()).with_threads(1);
        let error = transport.send(request("/panic")).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Other);
        transport.send(request("/next")).await.unwrap();
    });
}

#[test]
fn dropping_the_adaptor_waits_for_nothing() {
    run(async {
        let gate = Gate::default();
        let transport = Blocking::new(gate.clone());
        let mut stalled = Box::pin(transport.send(request("/wait")));
        tokio::select! {
            biased;
            _ = &mut stalled => panic!("it cannot be answered"),
            () = gate.until_entered(1) => {}
        }
        drop(stalled);
        drop(transport);
        assert!(Arc::strong_count(&gate.shared) > 1, "the call goes on while nobody waits for it");
        gate.open();
        while Arc::strong_count(&gate.shared) > 1 {
            // The thread lets go of the transport when its call has ended.
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let fates = |seed| {
        let faulty = Faulty::new(Capture::new(), seed).connect_error(0.2).cut(0.2).lost_reply(0.2);
        let outcomes = run(async {
            let mut outcomes = Vec::new();
            for _ in 0..200 {
                outcomes.push(faulty.clone().send(request("/")).await.map_err(|error| error.kind()).is_ok());
            }
            outcomes
        });
        (outcomes, faulty.counts(), faulty.inner().count())
    };
    let (outcomes, counts, arrived) = fates(1);
    assert_eq!(fates(1), (outcomes.clone(), counts, arrived));
    assert_ne!(fates(2).0, outcomes);
    assert_eq!(arrived, counts.passed + counts.lost_replies);
    assert_eq!(counts.passed + counts.lost_replies + counts.cuts + counts.connect_errors, 200);
    for faults in [counts.connect_errors, counts.cuts, counts.lost_replies] {
        assert!((15..65).contains(&faults), "{counts:?}");
    }
    let harmless = Faulty::new(Capture::new(), 1);
    assert!(run(harmless.send(request("/"))).is_ok());
    let mut expected = FaultCounts::default();
    expected.passed = 1;
    assert_eq!(harmless.counts(), expected);
}

#[test]
fn delays_go_by_the_runtimes_clock() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let faulty = Faulty::new(Capture::new(), 3).delay(1.0, Duration::from_secs(3_600));
        let begin = tokio::time::Instant::now();
        faulty.send(request("/")).await.unwrap();
        assert!(begin.elapsed() > Duration::ZERO && begin.elapsed() <= Duration::from_secs(3_600));
        assert_eq!(faulty.counts().delays, 1);
    });
}

#[test]
fn a_replay_that_is_over_fails_loudly() {
    run(async {
        let replay = Replay::new([Step::from(TransportErrorKind::Connect), Step::from(503)]);
        assert_eq!(replay.send(request("/1")).await.unwrap_err().kind(), TransportErrorKind::Connect);
        assert_eq!(replay.remaining(), 1);
        assert_eq!(replay.clone().send(request("/2")).await.unwrap().status(), 503);
        replay.assert_finished();
        let error = replay.send(request("/3")).await.unwrap_err();
        assert!(!error.is_retryable());
        assert_eq!((replay.unexpected(), replay.requests().len()), (1, 3));
        std::panic::catch_unwind(|| replay.assert_finished()).unwrap_err();
    });
}

#[test]
fn capture_tells_when_requests_have_come() {
    run(async {
        let capture = Capture::new();
        let sender = capture.clone();
        let send = async {
            for path in ["/1", "/2"] {
                sender.send(request(path)).await.unwrap();
            }
        };
        tokio::join!(capture.until(2), send);
        let paths: Vec<_> = capture.take().iter().map(|request| request.uri().path().to_owned()).collect();
        assert_eq!(paths, ["/1", "/2"]);
        assert_eq!((capture.requests().len(), capture.count()), (0, 2));
    });
}

#[test]
fn never_counts_who_waits() {
    run(async {
        let never = Never::new();
        let mut waiting = Box::pin(never.send(request("/")));
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("it never answers"),
            () = never.until(1) => {}
        }
        assert_eq!((never.started(), never.waiting()), (1, 1));
        drop(waiting);
        assert_eq!((never.started(), never.waiting()), (1, 0));
    });
}

#[test]
fn a_server_ends_while_its_answers_stall_or_drip() {
    use std::io::Write;

    let answers =
        [Answer::stall(), Answer::ok("slow").drip(Duration::from_secs(3_600)), Answer::ok("x").endless()];
    for answer in answers {
        let server = HostileServer::start(answer.clone().delay(Duration::ZERO));
        let mut client = std::net::TcpStream::connect(server.address()).unwrap();
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        run(server.until(|counts| counts.requests == 1));
        // Its threads are joined here: without an end this test would hang.
        drop(server);
    }
}
