//! What waiting events and an idle client take.

use std::time::Duration;

use litesoc::Client;
use litesoc::testing::Never;

use crate::sample::event;

const EVENTS: usize = 100_000;

pub(crate) fn run() {
    let client = Client::builder_with("lsoc_live_0123456789abcdef", Never::new()).build().unwrap();
    client.track(event());
    let before = resident_bytes();
    for _ in 1..EVENTS {
        client.track(event());
    }
    let stats = client.stats();
    let grown = resident_bytes() - before;
    assert_eq!(stats.queued as usize, EVENTS, "{stats}");
    println!(
        "{EVENTS} queued events: {} bytes, memory grew by {grown}, {:.3} x",
        stats.queued_bytes,
        grown as f64 / stats.queued_bytes as f64
    );
    let _ = client.shutdown(Duration::ZERO).wait();
    idle();
}

fn idle() {
    // The worker of the client before may still be ending.
    std::thread::sleep(Duration::from_millis(200));
    let threads = tasks().len();
    let client =
        Client::builder_with("lsoc_live_0123456789abcdef", litesoc::testing::Capture::new()).build().unwrap();
    client.track(event());
    let report = client.flush(Duration::from_secs(5)).wait();
    assert!(report.is_complete());
    std::thread::sleep(Duration::from_secs(3));
    let worker: Vec<String> = tasks().into_iter().filter(|task| name(task) == "litesoc").collect();
    let before: u64 = worker.iter().map(|task| switches(task)).sum();
    std::thread::sleep(Duration::from_secs(10));
    let after: u64 = worker.iter().map(|task| switches(task)).sum();
    println!(
        "idle client: {} thread(s), {:.1} wake-ups/s",
        tasks().len() - threads,
        (after - before) as f64 / 10.0
    );
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn tasks() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks.map(|task| task.unwrap().path().display().to_string()).collect()
}

fn name(task: &str) -> String {
    std::fs::read_to_string(format!("{task}/comm")).unwrap().trim().to_owned()
}

fn switches(task: &str) -> u64 {
    let status = std::fs::read_to_string(format!("{task}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.unwrap().trim().parse().unwrap()
}
