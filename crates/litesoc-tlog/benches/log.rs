//! Records a second through the sequencer, proofs from tiles, and the time to open a log again.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on ends")]

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use litesoc_ledger::Hash;
use litesoc_ledger::envelope::{Draft, Prepared};
use litesoc_ledger::event::Event;
use litesoc_ledger::time::Moment;
use litesoc_ledger::tree::{self, Pangea, Rfc6962};
use litesoc_tlog::{Log, Options, RequestId};

/// Records of the log that is opened again; `LITESOC_BENCH_RECORDS` in the environment says otherwise.
const RECORDS: u64 = 1_000_000;

fn main() {
    let records =
        std::env::var("LITESOC_BENCH_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(RECORDS);
    let folder = tempfile::tempdir_in(std::env::current_dir().unwrap()).unwrap();
    let log = open(folder.path());
    println!("records of {} bytes", prepared(0).len());
    for callers in [1, 16, 64, 256] {
        single(&log, callers, 20_000);
    }
    bulk(&log, records);
    proofs(&log);
    let state = log.state();
    log.keep_checkpoint(state.size, format!("{} {}", state.size, state.root).as_bytes()).unwrap();
    drop(log);
    opening(folder.path(), state.size, "with derived files");
    for name in ["tile", "ptile"] {
        std::fs::remove_dir_all(folder.path().join(name)).unwrap();
    }
    std::fs::remove_file(folder.path().join("roots.idx")).unwrap();
    opening(folder.path(), state.size, "without derived files");
}

fn open(folder: &std::path::Path) -> Log {
    let clock = || {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
        Moment::from_micros(i64::try_from(micros).unwrap()).unwrap()
    };
    let read = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (size, root) = text.split_once(' ').ok_or("no space")?;
        Ok((size.parse().map_err(|_| "no size")?, Hash::from_hex(root).map_err(|error| error.to_string())?))
    };
    Log::open(
        folder,
        Options::new("audit.example/bench", Hash::of(b"bench"), Arc::new(clock), Arc::new(read)),
    )
    .unwrap()
}

fn prepared(number: u64) -> Prepared {
    let event = Event::new()
        .with("actor", format!("user_{}", number % 1_000).as_str())
        .with("action", "update")
        .with(
            "message",
            format!("the {number}th change of a setting that somebody will ask for one day").as_str(),
        )
        .with("source", "203.0.113.5")
        .with("status", "success")
        .with("target", "settings/notifications")
        .with("new", "{\"email\":true,\"sms\":false}")
        .with("old", "{\"email\":false,\"sms\":false}");
    Draft::new(event).prepare().unwrap()
}

fn request(number: u64) -> RequestId {
    RequestId::new(&format!("prq_{number:032}")).unwrap()
}

/// Callers that each wait for one record before they bring the next.
fn single(log: &Log, callers: u64, records: u64) {
    let start = Instant::now();
    let mut waits: Vec<u128> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..callers)
            .map(|caller| {
                scope.spawn(move || {
                    let each = records / callers;
                    let mut waits = Vec::new();
                    for call in 0..each {
                        let begin = Instant::now();
                        let number = caller * each + call;
                        log.append(request(number), vec![prepared(number)]).unwrap().wait().unwrap();
                        waits.push(begin.elapsed().as_micros());
                    }
                    waits
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    waits.sort_unstable();
    let rate = waits.len() as f64 / start.elapsed().as_secs_f64();
    let at = |share: usize| waits[(waits.len() * share / 1_000).min(waits.len() - 1)];
    println!("{callers:>4} callers, one record each: {rate:>8.0}/s, p50 {} us, p99 {} us", at(500), at(990));
}

/// Calls of a thousand records.
fn bulk(log: &Log, records: u64) {
    let calls = records.div_ceil(1_000);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..4 {
            scope.spawn(move || {
                for call in (0..calls).filter(|call| call % 4 == caller) {
                    let drafts = (0..1_000).map(|number| prepared(call * 1_000 + number)).collect();
                    log.append(request(1_000_000 + call), drafts).unwrap().wait().unwrap();
                }
            });
        }
    });
    let rate = (calls * 1_000) as f64 / start.elapsed().as_secs_f64();
    println!("calls of 1,000 records, making them included: {rate:>8.0} records/s");
}

fn proofs(log: &Log) {
    let size = log.state().size;
    let rounds = 20_000;
    for (what, consistency) in [("membership", false), ("consistency", true)] {
        // Warm: the tiles of these places stay in memory.
        let places: Vec<u64> = (1..=64).map(|place| size * place / 65).collect();
        let one = |place: u64| {
            if consistency {
                tree::consistency::<Rfc6962, _>(&log.rfc6962(), place, size).unwrap().len()
            } else {
                tree::path::<Pangea, _>(&log.pangea(), place, place + 1, size).unwrap().len()
            }
        };
        places.iter().for_each(|place| assert!(one(*place) > 0));
        let start = Instant::now();
        let items: usize = (0..rounds).map(|round| one(places[round % places.len()])).sum();
        let each = start.elapsed().as_nanos() as f64 / rounds as f64 / 1_000.0;
        println!("{what} proof at size {size}: {each:.2} us, {} hashes", items / rounds);
    }
}

fn opening(folder: &std::path::Path, size: u64, how: &str) {
    let start = Instant::now();
    let log = open(folder);
    let took = start.elapsed();
    assert_eq!(log.state().size, size);
    println!("opening {size} records {how}: {:.2} s", took.as_secs_f64());
}
