//! End to end through hyper to a server that only acknowledges.

use std::time::{Duration, Instant};

use litesoc::Client;

use crate::sample::event;
use crate::server::Server;

const EVENTS: u64 = 2_000_000;

pub(crate) fn run() {
    let server = Server::start(0);
    for _ in 0..3 {
        let client = Client::builder("lsoc_live_0123456789abcdef").base_url(&server.url).build().unwrap();
        let (start, cpu) = (Instant::now(), cpu_seconds());
        for number in 0..EVENTS {
            // A closed loop: never so far ahead that the queue is full and events are lost.
            while number % 1_000 == 0 && client.stats().queued > 90_000 {
                std::thread::sleep(Duration::from_micros(200));
            }
            client.track(event());
        }
        let report = client.shutdown(Duration::from_secs(60)).wait();
        let (time, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let stats = client.stats();
        assert!(report.is_complete() && stats.delivered == EVENTS, "{stats}");
        println!(
            "{EVENTS} events in batches of 100: {:.0} events/s, {:.3} CPU s per million, {} requests",
            EVENTS as f64 / time,
            cpu / (EVENTS as f64 / 1e6),
            stats.requests,
        );
    }
}

/// User and system time of this process, from the kernel's account in ticks of 10 ms.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = &stat[stat.rfind(')').unwrap() + 2..];
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}
