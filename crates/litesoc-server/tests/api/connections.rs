//! Slow clients, many clients, and clients that are being served when the server stops.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use litesoc_store::Store;
use serde_json::json;

use crate::support::{World, connect, read_answer};

/// A world that is soon out of patience.
fn hasty() -> World {
    World::with(|config| {
        config.timeouts.head = Duration::from_millis(200);
        config.timeouts.body = Duration::from_millis(200);
        config.timeouts.idle = Duration::from_millis(400);
        config.timeouts.write = Duration::from_millis(200);
        config.limits.connections = 4;
    })
}

/// Reads until the server closes.
fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn clients_that_never_finish_their_head_do_not_hold_the_server() {
    let world = hasty();
    let mut slow: Vec<_> = (0..4).map(|_| connect(world.server.local_addr())).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: te").unwrap();
    }
    // All places are taken until the slow ones are thrown out.
    assert_eq!(world.get("/health").send().status, 200);
    for stream in &mut slow {
        assert_eq!(until_closed(stream), "");
    }
}

#[test]
fn a_head_that_drips_is_cut_off_in_time() {
    let world = hasty();
    let mut stream = connect(world.server.local_addr());
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut closed = false;
    for byte in b"GET /health HTTP/1.1\r\nX-Slow: ".iter().chain(std::iter::repeat_n(&b'x', 500)) {
        let mut answer = [0; 1];
        // The read is the pause between two bytes.
        let read = stream.write_all(&[*byte]).and_then(|()| stream.read(&mut answer));
        let waits = |error: &std::io::Error| {
            matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        };
        if !read.as_ref().is_err_and(waits) {
            closed = true;
            break;
        }
    }
    assert!(closed, "500 bytes at 20 ms each are far more than the 200 ms a head may take");
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let world = hasty();
    let mut stream = connect(world.server.local_addr());
    stream
        .write_all(
            b"POST /collect HTTP/1.1\r\nHost: t\r\nX-API-Key: good\r\nContent-Length: 50\r\n\r\n{\"event\"",
        )
        .unwrap();
    let answer = read_answer(&mut stream);
    assert_eq!((answer.status, &answer.json()["code"]), (408, &json!("TIMEOUT")));
    assert_eq!(world.stored(), 0);
}

#[test]
fn an_idle_connection_is_closed() {
    let world = hasty();
    let mut stream = connect(world.server.local_addr());
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut stream).status, 200);
    assert_eq!(until_closed(&mut stream), "");
}

#[test]
fn clients_that_do_not_read_do_not_hold_the_server() {
    let world = hasty();
    let fat = json!({"event": "auth.logout", "metadata": {"k": "x".repeat(15_000)}});
    world.collect(json!({"events": vec![fat; 60]}));
    let request = b"GET /events?limit=60 HTTP/1.1\r\nHost: t\r\nX-API-Key: good\r\n\r\n";
    // Far more is asked for than the buffers on the way can hold.
    let mut deaf: Vec<_> = (0..4).map(|_| connect(world.server.local_addr())).collect();
    for stream in &mut deaf {
        stream.write_all(&request.repeat(50)).unwrap();
    }
    // All places are taken until one of them is thrown out.
    assert_eq!(world.get("/health").send().status, 200);
    let shortest = deaf.iter_mut().map(|stream| until_closed(stream).len()).min();
    assert!(shortest < Some(50 * 900_000), "it was cut off before all was written");
}

#[test]
fn a_connection_serves_many_requests_also_when_sent_at_once() {
    let world = World::new();
    let mut stream = connect(world.server.local_addr());
    let request = "POST /collect HTTP/1.1\r\nHost: t\r\nX-API-Key: good\r\nContent-Length: 23\r\n\r\n{\"event\":\"auth.logout\"}";
    stream.write_all(request.repeat(3).as_bytes()).unwrap();
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    while received.windows(12).filter(|part| part == b"HTTP/1.1 202").count() < 3 {
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0);
        received.extend_from_slice(&chunk[..read]);
    }
    assert_eq!(world.stored(), 3);
}

#[test]
fn what_was_acknowledged_before_a_stop_is_stored_and_nothing_else_is_half_done() {
    let world = World::new();
    let (stop, sent, taken) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let address = world.server.local_addr();
    let body = json!({"events": vec![json!({"event": "auth.logout"}); 10]}).to_string();
    let request = format!(
        "POST /collect HTTP/1.1\r\nHost: t\r\nX-API-Key: big\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let World { server, store, .. } = world;
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let Ok(mut stream) = TcpStream::connect(address) else { return };
                    let mut answer = Vec::new();
                    sent.fetch_add(10, Ordering::Relaxed);
                    let _ =
                        stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
                    if answer.starts_with(b"HTTP/1.1 202") {
                        taken.fetch_add(10, Ordering::Relaxed);
                    }
                }
            });
        }
        while taken.load(Ordering::Relaxed) < 500 {
            thread::yield_now();
        }
        let stopped = server.shutdown();
        stop.store(true, Ordering::Relaxed);
        assert_eq!((stopped.connections_cut, stopped.events_unexamined), (0, 0));
    });
    let stored = store.read_from(litesoc_store::Seq::START, 1_000_000).unwrap().len() as u64;
    assert_eq!(stored, taken.load(Ordering::Relaxed), "every answer that was due arrived");
    assert!(stored <= sent.load(Ordering::Relaxed));
    assert_eq!(store.cursor().unwrap(), store.last_seq().unwrap(), "detection ran to the end");
}

#[test]
fn an_idle_connection_does_not_hold_up_a_stop() {
    let world = World::new();
    let mut stream = connect(world.server.local_addr());
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut stream).status, 200);
    assert_eq!(world.server.shutdown().connections_cut, 0);
    assert_eq!(until_closed(&mut stream), "");
}

#[test]
fn a_request_that_has_begun_is_finished_at_a_stop() {
    let world = World::new();
    let mut stream = connect(world.server.local_addr());
    stream
        .write_all(b"POST /collect HTTP/1.1\r\nHost: t\r\nX-API-Key: good\r\nContent-Length: 23\r\n\r\n")
        .unwrap();
    // The connection was accepted and its head read once a later one was answered.
    assert_eq!(world.get("/health").send().status, 200);
    let World { server, store, .. } = world;
    let stopping = thread::spawn(move || server.shutdown());
    stream.write_all(br#"{"event":"auth.logout"}"#).unwrap();
    assert_eq!(read_answer(&mut stream).status, 202);
    assert_eq!(stopping.join().unwrap().connections_cut, 0);
    assert_eq!(store.read_from(litesoc_store::Seq::START, 10).unwrap().len(), 1);
}
