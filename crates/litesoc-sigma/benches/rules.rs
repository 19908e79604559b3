//! Nanoseconds per event by number of rules: detections that an index can tell apart, ones that it cannot, and
//! correlations that all count the same event.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use litesoc_sigma::{Capacity, Fields, Matcher, RuleSet, Value};

const EVENTS: u64 = 100_000;

struct Event {
    name: &'static str,
    actor: String,
    ip: String,
}

impl Fields for Event {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "event" => Some(self.name.into()),
            "actor.id" => Some(self.actor.as_str().into()),
            "user_ip" => Some(self.ip.as_str().into()),
            "metadata.path" => Some("/accounts/7/export".into()),
            _ => None,
        }
    }
}

fn main() {
    println!("{:<58} {:>8} {:>8} {:>8} {:>8}", "ns per event, by rules", 1, 10, 100, 1000);
    measure("rules on 20 events, event matches 1 in 20", |number| {
        detection(
            number,
            &format!("event: app.event_{}", number % 20),
            &format!("metadata.path|contains: '/{number}/'"),
        )
    });
    measure("rules on one event, each on an actor of its own", |number| {
        detection(number, "event: auth.login_failed", &format!("actor.id: 'user_{number}'"))
    });
    measure("rules on one event, each on a part of a path", |number| {
        detection(number, "event: auth.login_failed", &format!("metadata.path|contains: '/{number}x/'"))
    });
    measure("rules that nothing can be looked up for (a part of a path)", |number| {
        detection(number, &format!("metadata.path|contains: '/{number}x/'"), "metadata.path|exists: true")
    });
    measure("rules that nothing can be looked up for (an expression)", |number| {
        detection(number, &format!("metadata.path|re: '^/x{number}[0-9]+$'"), "metadata.path|exists: true")
    });
    measure("counts by actor, each event counted by all of them", |number| {
        format!(
            "title: C{number}\ncorrelation:\n    type: event_count\n    rules: failed_{number}\n    group-by: [actor.id]\n    \
             timespan: 10m\n    condition:\n        gte: 1000\n---\nname: failed_{number}\n{}",
            detection(number, "event: auth.login_failed", "metadata.path|exists: true")
        )
    });
}

fn detection(number: usize, first: &str, second: &str) -> String {
    format!(
        "title: Rule {number}\nlogsource: {{}}\ndetection:\n    s:\n        {first}\n        {second}\n    condition: s\n"
    )
}

fn measure(what: &str, rule: impl Fn(usize) -> String) {
    let mut line = format!("{what:<58}");
    for count in [1, 10, 100, 1000] {
        let files: Vec<(String, String)> =
            (0..count).map(|number| (number.to_string(), rule(number))).collect();
        let rules = match RuleSet::parse(files) {
            Ok(rules) => rules,
            Err(faults) => return println!("{what}: {faults}"),
        };
        let each = each(rules, EVENTS / (1 + count as u64 / 20));
        let _infallible = write!(line, " {each:>8}");
    }
    println!("{line}");
}

fn each(rules: RuleSet, events: u64) -> u128 {
    let mut matcher = Matcher::new(rules, Capacity::default());
    let (mut found, mut sum) = (Vec::new(), 0);
    let seen: Vec<Event> = (0..events)
        .map(|number| Event {
            name: "auth.login_failed",
            actor: format!("user_{}", 10_000 + number % 5_000),
            ip: format!("203.0.113.{}", number % 256),
        })
        .collect();
    let start = Instant::now();
    for (number, event) in (0_u64..).zip(&seen) {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        matcher.examine("acme", i64::try_from(number).unwrap_or_default(), id, black_box(event), &mut found);
        sum += found.len();
        found.clear();
    }
    black_box(sum);
    start.elapsed().as_nanos() / u128::from(events)
}
