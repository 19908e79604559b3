//! What a service pays to read a batch of 100 events, beside what serde_json takes for a tree of the same bytes.
#![expect(clippy::print_stdout, reason = "a bench talks to whoever runs it")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use litesoc_model::{CollectRequest, Event, Marks, SdkMark};
use uuid::Uuid;

fn batch() -> Vec<u8> {
    let sdk = SdkMark::new("litesoc-rust", "0.1.0");
    let mut body = b"{\"events\":[".to_vec();
    for number in 0..100_u128 {
        let event = Event::login_failed("user_8f14e45f")
            .email("ada.lovelace@example.com")
            .user_ip(std::net::IpAddr::from([203, 0, 113, 7]))
            .metadata("reason", "invalid_password")
            .metadata("attempt", number as u64)
            .metadata("user_agent", "Mozilla/5.0 (X11; Linux x86_64)")
            .metadata("session", "9f86d081884c7d65")
            .metadata("mfa", false);
        if number > 0 {
            body.push(b',');
        }
        event.write_json(&mut body, &Marks::new(Uuid::from_u128(number), &sdk));
    }
    body.extend_from_slice(b"]}");
    body
}

/// Nanoseconds per event.
fn time(mut call: impl FnMut()) -> f64 {
    const CALLS: u32 = 50;
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS) / 100.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let body = batch();
    let (mut ours, mut tree) = (Vec::new(), Vec::new());
    for _ in 0..41 {
        ours.push(time(|| {
            let request = CollectRequest::parse(black_box(&body)).expect("the batch is valid");
            assert_eq!(request.accepted(), 100);
        }));
        tree.push(time(|| {
            black_box(
                serde_json::from_slice::<serde_json::Value>(black_box(&body)).expect("the batch is JSON"),
            );
        }));
    }
    let (ours, tree) = (median(ours), median(tree));
    println!("CollectRequest::parse, per event of a batch  {ours:7.0} ns");
    println!("serde_json::Value of the same                {tree:7.0} ns");
    println!("ratio                                        {:7.2}", ours / tree);
}
