//! How long a shutdown takes: with a working server, and with a silent one.

use std::time::{Duration, Instant};

use litesoc::Client;

use crate::sample::event;
use crate::server::Server;

pub(crate) fn run() {
    // Slow enough that the events still wait when the shutdown begins.
    let server = Server::start(2_000);
    let trip = round_trip(&server);
    let client = Client::builder("lsoc_live_0123456789abcdef").base_url(&server.url).build().unwrap();
    let _ = client.health().send().wait();
    for _ in 0..10_000 {
        client.track(event());
    }
    let start = Instant::now();
    let report = client.shutdown(Duration::from_secs(30)).wait();
    let took = start.elapsed();
    assert!(report.is_complete() && client.stats().delivered == 10_000);
    println!(
        "10,000 queued: {took:?}, {:.2} x 100 round trips",
        took.as_secs_f64() / (trip.as_secs_f64() * 100.0)
    );

    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let client = Client::builder("lsoc_live_0123456789abcdef").base_url(url).build().unwrap();
    for _ in 0..10_000 {
        client.track(event());
    }
    let start = Instant::now();
    let report = client.shutdown(Duration::from_secs(3)).wait();
    println!(
        "silent server, deadline 3 s: {:?}, {} events reported as not sent",
        start.elapsed(),
        report.pending
    );
}

/// One request of 100 events and its answer, the median of many.
fn round_trip(server: &Server) -> Duration {
    let client = Client::builder("lsoc_live_0123456789abcdef").base_url(&server.url).build().unwrap();
    let mut trips: Vec<Duration> = (0..50)
        .map(|_| {
            let batch: Vec<_> = (0..100).map(|_| event()).collect();
            let start = Instant::now();
            assert_eq!(client.track_batch(batch).wait().accepted(), 100);
            start.elapsed()
        })
        .collect();
    trips.sort_unstable();
    trips[25]
}
