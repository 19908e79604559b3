//! The event that is measured, and how times are taken.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use litesoc::{Event, EventType};
use serde::Serialize;

pub(crate) const IP: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 77));

/// Name, actor id and e-mail, IPv4 address, five metadata keys: about 230 bytes of JSON.
pub(crate) fn event() -> Event {
    Event::new(EventType::AUTH_LOGIN_FAILED)
        .actor(black_box("user_8f14e45fceea"))
        .email(black_box("somebody@example.com"))
        .user_ip(black_box(IP))
        .metadata("reason", black_box("invalid_password"))
        .metadata("method", black_box("password"))
        .metadata("attempt", black_box(3))
        .metadata("user_agent", black_box("Mozilla/5.0 (X11; Linux)"))
        .metadata("mfa", black_box(false))
}

/// The same event for `serde_json`, with borrowed fields.
#[derive(Serialize)]
pub(crate) struct Plain<'a> {
    event: &'a str,
    actor: Actor<'a>,
    user_ip: &'a str,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct Actor<'a> {
    id: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    reason: &'a str,
    method: &'a str,
    attempt: i32,
    user_agent: &'a str,
    mfa: bool,
}

pub(crate) fn plain() -> Plain<'static> {
    Plain {
        event: black_box("auth.login_failed"),
        actor: Actor { id: black_box("user_8f14e45fceea"), email: black_box("somebody@example.com") },
        user_ip: black_box("203.0.113.77"),
        metadata: Metadata {
            reason: black_box("invalid_password"),
            method: black_box("password"),
            attempt: black_box(3),
            user_agent: black_box("Mozilla/5.0 (X11; Linux)"),
            mfa: black_box(false),
        },
    }
}

/// Times of single calls in ns, less what reading the clock takes.
pub(crate) struct Times(Vec<u64>);

impl Times {
    pub(crate) fn of(count: usize, mut call: impl FnMut()) -> Self {
        let mut times = Vec::with_capacity(count);
        let mut clock: Vec<u64> = (0..1_000).map(|_| Instant::now().elapsed().as_nanos() as u64).collect();
        clock.sort_unstable();
        for _ in 0..count {
            let start = Instant::now();
            call();
            times.push((start.elapsed().as_nanos() as u64).saturating_sub(clock[500]));
        }
        Self(times)
    }

    pub(crate) fn join(parts: Vec<Self>) -> Self {
        Self(parts.into_iter().flat_map(|times| times.0).collect())
    }

    /// The time below which this share of the calls stayed.
    pub(crate) fn quantile(&mut self, share: f64) -> u64 {
        self.0.sort_unstable();
        self.0[((self.0.len() - 1) as f64 * share) as usize]
    }
}
