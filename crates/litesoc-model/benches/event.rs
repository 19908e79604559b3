//! What an event costs its sender, beside what serde_json takes for the same bytes.
#![expect(clippy::print_stdout, reason = "a bench talks to whoever runs it")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use litesoc_model::{Event, EventType, Marks, SdkMark};
use serde::Serialize;
use uuid::Uuid;

/// The same event as a struct of borrowed fields, as somebody would write it by hand.
#[derive(Serialize)]
struct Plain<'a> {
    event: &'a str,
    actor: PlainActor<'a>,
    user_ip: Ipv4Addr,
    metadata: PlainMetadata<'a>,
}

#[derive(Serialize)]
struct PlainActor<'a> {
    id: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
struct PlainMetadata<'a> {
    reason: &'a str,
    attempt: u32,
    user_agent: &'a str,
    session: &'a str,
    mfa: bool,
}

/// What the caller has at hand.
struct Given<'a> {
    actor: &'a str,
    email: &'a str,
    ip: Ipv4Addr,
    reason: &'a str,
    attempt: u32,
    user_agent: &'a str,
    session: &'a str,
    mfa: bool,
}

fn given() -> Given<'static> {
    black_box(Given {
        actor: "user_8f14e45f",
        email: "ada.lovelace@example.com",
        ip: Ipv4Addr::new(203, 0, 113, 7),
        reason: "invalid_password",
        attempt: 3,
        user_agent: "Mozilla/5.0 (X11; Linux x86_64)",
        session: "9f86d081884c7d65",
        mfa: false,
    })
}

fn ours(out: &mut Vec<u8>, given: &Given<'_>, id: Uuid, sdk: &SdkMark) {
    let event = Event::new(EventType::AUTH_LOGIN_FAILED)
        .actor(given.actor)
        .email(given.email)
        .user_ip(IpAddr::V4(given.ip))
        .metadata("reason", given.reason)
        .metadata("attempt", given.attempt)
        .metadata("user_agent", given.user_agent)
        .metadata("session", given.session)
        .metadata("mfa", given.mfa);
    if event.check().is_ok() {
        event.write_json(out, &Marks::new(id, sdk));
    }
}

fn plain(out: &mut Vec<u8>, given: &Given<'_>) {
    let event = Plain {
        event: "auth.login_failed",
        actor: PlainActor { id: given.actor, email: given.email },
        user_ip: given.ip,
        metadata: PlainMetadata {
            reason: given.reason,
            attempt: given.attempt,
            user_agent: given.user_agent,
            session: given.session,
            mfa: given.mfa,
        },
    };
    serde_json::to_writer(out, &event).expect("plain data is JSON");
}

/// Nanoseconds per call, over enough calls that the clock does not matter.
fn time(mut call: impl FnMut()) -> f64 {
    const CALLS: u32 = 20_000;
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let given = given();
    let sdk = SdkMark::new("litesoc-rust", "0.1.0");
    let id = Uuid::from_u128(0x0197_6b2e_7a10_7abc_8def_0123_4567_89ab);
    let mut out = Vec::with_capacity(1_024);
    plain(&mut out, &given);
    let plain_bytes = out.len();
    out.clear();
    ours(&mut out, &given, id, &sdk);
    let our_bytes = out.len();

    // Alternating, so that both see the same weather.
    let (mut own, mut reference) = (Vec::new(), Vec::new());
    // `--brief` is for instruction counters, under which everything takes a hundred times as long.
    let rounds = if std::env::args().any(|argument| argument == "--brief") { 1 } else { 41 };
    for _ in 0..rounds {
        own.push(time(|| {
            out.clear();
            ours(&mut out, black_box(&given), black_box(id), &sdk);
            black_box(&out);
        }));
        reference.push(time(|| {
            out.clear();
            plain(&mut out, black_box(&given));
            black_box(&out);
        }));
    }
    let allocations = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            out.clear();
            ours(&mut out, &given, id, &sdk);
        }
    });
    let (own, reference) = (median(own), median(reference));
    println!("build + check + write_json, marks included  {own:7.1} ns  {our_bytes} bytes");
    println!("serde_json::to_writer, without marks        {reference:7.1} ns  {plain_bytes} bytes");
    println!("ratio                                       {:7.2}", own / reference);
    println!("allocations per event after warm-up         {:7.3}", allocations.count_total as f64 / 1_000.0);
}
