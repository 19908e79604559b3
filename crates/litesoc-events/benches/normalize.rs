//! What finding a name costs, beside a loop that only folds the same bytes.
//!
//! `cargo bench -p litesoc-events --bench normalize` prints nanoseconds per name and the ratios, all from one run.
//! With the argument `count` it looks every name up once and prints nothing else, for an instruction counter.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use litesoc_events::{aliases, catalogue, lookup, normalize};

/// One way to spell a name given as `prefix.some_words`.
type Spelling = (&'static str, fn(&str) -> String);

const SPELLINGS: &[Spelling] = &[
    ("auth.login_failed", str::to_owned),
    ("auth.login.failed", |name| name.replace('_', ".")),
    ("AUTH.LOGIN-FAILED", |name| name.replace('_', "-").to_uppercase()),
    ("auth login failed", |name| name.replace(['.', '_'], " ")),
    ("auth/login/failed", |name| name.replace(['.', '_'], "/")),
    ("authLoginFailed", |name| humps(name, "")),
    ("Auth::LoginFailed", |name| humps(&capital(name), "::")),
];

const ROUNDS: usize = 60;
const SECOND: Duration = Duration::from_secs(1);

fn main() {
    let names: Vec<&str> = catalogue().map(|info| info.name).chain(aliases().map(|(name, _)| name)).collect();
    if std::env::args().any(|argument| argument == "count") {
        names.iter().for_each(|name| drop(black_box(lookup(black_box(name)))));
        return;
    }
    println!(
        "{} names, ns per name; fold is the loop that only folds; hit and miss are `lookup`,",
        names.len()
    );
    println!("custom is `normalize` of the missed names, which makes a custom event on the heap");
    println!(
        "{:<20} {:>7} {:>7} {:>7} {:>7} {:>9} {:>9}",
        "spelling", "fold", "hit", "miss", "custom", "hit/fold", "miss/fold"
    );
    let mut everything = (Vec::new(), Vec::new());
    for (title, spell) in SPELLINGS {
        let hits: Vec<String> = shuffled(&names).map(spell).collect();
        let misses: Vec<String> = shuffled(&names).map(|name| spell(&changed(name))).collect();
        report(title, &hits, &misses);
        everything.0.extend(hits);
        everything.1.extend(misses);
    }
    shuffle(&mut everything.0);
    shuffle(&mut everything.1);
    report("all of them", &everything.0, &everything.1);
}

fn report(title: &str, hits: &[String], misses: &[String]) {
    assert!(hits.iter().all(|name| lookup(name).is_some()), "{title}: a known name is not found");
    assert!(misses.iter().all(|name| lookup(name).is_none()), "{title}: an unknown name is found");
    let mut best = [SECOND; 5];
    for _ in 0..ROUNDS {
        let round = [
            time(hits, fold),
            time(hits, lookup),
            time(misses, fold),
            time(misses, lookup),
            time(misses, normalize),
        ];
        best = std::array::from_fn(|at| best[at].min(round[at]));
    }
    let [fold_hits, hit, fold_misses, miss, custom] =
        best.map(|time| time.as_secs_f64() * 1e9 / hits.len() as f64);
    let (by_hit, by_miss) = (hit / fold_hits, miss / fold_misses);
    println!("{title:<20} {fold_hits:7.1} {hit:7.1} {miss:7.1} {custom:7.1} {by_hit:9.2} {by_miss:9.2}");
}

fn time<T>(names: &[String], mut work: impl FnMut(&str) -> T) -> Duration {
    const TIMES: u32 = 20;
    let start = Instant::now();
    for _ in 0..TIMES {
        for name in names {
            drop(black_box(work(black_box(name))));
        }
    }
    start.elapsed() / TIMES
}

/// The small form of each letter and `_` for each separator.
static FOLDED: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = match byte as u8 {
            b' ' | b'-' | b'.' | b'/' | b':' => b'_',
            other => other.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
};

/// The yardstick: every byte through a table into a buffer, and nothing else.
#[inline(never)]
fn fold(name: &str) -> ([u8; 64], usize) {
    let mut folded = [0; 64];
    for (small, byte) in folded.iter_mut().zip(name.bytes()) {
        *small = FOLDED[usize::from(byte)];
    }
    (folded, name.len())
}

/// The name without separators behind the first, its words marked by capitals.
fn humps(name: &str, first: &str) -> String {
    let (prefix, rest) = name.split_once('.').unwrap_or((name, ""));
    let words = rest.split(['.', '_']).map(capital).collect::<String>();
    format!("{prefix}{first}{words}")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// The name with its last letter made another, so that no table holds it.
fn changed(name: &str) -> String {
    let mut name = name.to_owned();
    let last = if name.pop() == Some('q') { 'x' } else { 'q' };
    name.push(last);
    name
}

/// Ten times the names in an order no branch predictor learns.
fn shuffled<'a>(names: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let mut many = names.repeat(10);
    shuffle(&mut many);
    many.into_iter()
}

fn shuffle<T>(items: &mut [T]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for at in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(at, (state % (at as u64 + 1)) as usize);
    }
}
