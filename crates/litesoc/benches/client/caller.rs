//! What `track` costs the thread that calls it.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use litesoc::testing::Never;
use litesoc::transport::{Transport, TransportError};
use litesoc::{Client, Event};

use crate::sample::{Times, event, plain};

const CALLS: usize = 100_000;
const ROUNDS: usize = 15;

fn client(transport: impl Transport) -> Client {
    Client::builder_with("lsoc_live_0123456789abcdef", transport)
        .queue_events(10_000_000)
        .queue_bytes(8 << 30)
        .build()
        .unwrap()
}

/// Takes everything at once and keeps nothing: a service that is never the bottleneck.
#[derive(Debug)]
struct Sink;

impl Transport for Sink {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let mut response = http::Response::new(Bytes::from_static(b"{\"status\":\"queued\"}"));
        *response.status_mut() = http::StatusCode::ACCEPTED;
        Ok(response)
    }
}

/// Serialising with `serde_json` into a reused buffer and appending that to a queue under a lock.
fn reference() -> impl FnMut() {
    let mut scratch = Vec::with_capacity(1024);
    let queue = Mutex::new(Vec::with_capacity(64 << 20));
    move || {
        scratch.clear();
        serde_json::to_writer(&mut scratch, &plain()).unwrap();
        let mut queue = queue.lock().unwrap();
        if queue.len() + scratch.len() > queue.capacity() {
            queue.clear();
        }
        queue.extend_from_slice(black_box(&scratch));
    }
}

pub(crate) fn run() {
    let (mut p50, mut p99, mut four, mut plain) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut call = reference();
        Times::of(10_000, &mut call);
        plain.push(Times::of(CALLS, call).quantile(0.5));

        let client = client(Sink);
        Times::of(10_000, || client.track(event()));
        let mut times = Times::join((0..CALLS / 10_000).map(|_| burst(&client, 10_000)).collect());
        p50.push(times.quantile(0.5));
        p99.push(times.quantile(0.99));
        let _ = client.shutdown(Duration::ZERO).wait();
        four.push(four_threads());
    }
    // Ratios within each round: the machine's speed drifts between rounds.
    let ratio = |over: &[u64], under: &[u64]| {
        let mut ratios: Vec<f64> =
            over.iter().zip(under).map(|(over, under)| *over as f64 / *under as f64).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    };
    let (to_plain, to_p50, to_one) = (ratio(&p50, &plain), ratio(&p99, &p50), ratio(&four, &p50));
    let (plain, p50, p99, four) = (median(plain), median(p50), median(p99), median(four));
    println!("serde_json::to_writer + append, p50:   {plain} ns");
    println!("build + track, p50:                    {p50} ns, {to_plain:.2} x serde_json");
    println!("build + track, p99:                    {p99} ns, {to_p50:.2} x p50");
    println!("four threads, p50:                     {four} ns, {to_one:.2} x one thread");
    let pacing = client(Sink);
    let slow = paced(|| pacing.track(event()));
    let plain = paced(reference());
    println!(
        "one call every 300 us, p50:            {slow} ns, {:.2} x serde_json ({plain} ns)",
        slow as f64 / plain as f64
    );
    stalled();
    let client = client(Sink);
    burst(&client, 5_000);
    let allocations: u64 =
        (0..20).map(|_| allocation_counter::measure(|| drop(burst(&client, 5_000))).count_total).sum();
    // Each burst allocates twice for the times it takes.
    println!("allocations of the caller in 100,000 calls: {}", allocations - 40);
    let _ = client.shutdown(Duration::ZERO).wait();
}

/// Calls in a row, after the queue has run empty.
fn burst(client: &Client, calls: usize) -> Times {
    while client.stats().queued > 100 {
        std::thread::sleep(Duration::from_micros(100));
    }
    Times::of(calls, || client.track(event()))
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

fn four_threads() -> u64 {
    let client = client(Sink);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || {
                burst(&client, 5_000);
                Times::join((0..CALLS / 10_000).map(|_| burst(&client, 2_500)).collect())
            })
        })
        .collect();
    let mut times = Times::join(threads.into_iter().map(|thread| thread.join().unwrap()).collect());
    let _ = client.shutdown(Duration::ZERO).wait();
    times.quantile(0.5)
}

/// One call every 300 us: with caches gone cold, as in a service that does other things.
fn paced(mut call: impl FnMut()) -> u64 {
    let mut times = Vec::with_capacity(4_000);
    for _ in 0..4_000 {
        let due = Instant::now() + Duration::from_micros(300);
        std::thread::sleep(Duration::from_micros(200));
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        let start = Instant::now();
        call();
        times.push(start.elapsed().as_nanos() as u64);
    }
    median(times).saturating_sub(20)
}

/// The worst of a thousand while the server answers nothing.
fn stalled() {
    let client = client(Never::new());
    let mut all = Vec::new();
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        all.push(Times::of(20_000, || client.track(event())));
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut times = Times::join(all);
    println!("server silent for 5 s, p99.9:          {} ns", times.quantile(0.999));
    println!("server silent for 5 s, slowest:        {} ns", times.quantile(1.0));
    let _ = client.shutdown(Duration::ZERO).wait();
}

/// Nothing but tracking, to count its instructions.
pub(crate) fn track_only(count: u64) {
    let client = client(Never::new());
    for _ in 0..count {
        client.track(black_box::<Event>(event()));
    }
    println!("{}", client.stats());
    let _ = client.shutdown(Duration::ZERO).wait();
}
