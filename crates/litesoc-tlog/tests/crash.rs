//! A process killed in the middle of its work: what it had acknowledged is there, in its place, and proven.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use litesoc_ledger::Hash;
use litesoc_ledger::envelope::{Draft, Prepared};
use litesoc_ledger::event::Event;
use litesoc_ledger::time::Moment;
use litesoc_tlog::{Body, Log, Options, RequestId};

/// `LITESOC_KILLS` in the environment asks for more.
const KILLS: u64 = 12;
const CALLERS: u64 = 3;

fn open(folder: &Path) -> Log {
    let clock = AtomicI64::new(1_735_689_600_000_000);
    let now = move || Moment::from_micros(clock.fetch_add(10, Ordering::Relaxed)).unwrap();
    let read = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (size, root) = text.split_once(' ').ok_or("no space")?;
        Ok((size.parse().map_err(|_| "no size")?, Hash::from_hex(root).map_err(|error| error.to_string())?))
    };
    let mut options = Options::new("audit.example/crash", Hash::of(b"crash"), Arc::new(now), Arc::new(read));
    // Short enough that kills fall into the change of segments too.
    options.segment_bytes = 20_000;
    Log::open(folder, options).unwrap()
}

fn prepared(number: u64) -> Prepared {
    Draft::new(Event::new().with("message", format!("record {number}").as_str())).prepare().unwrap()
}

fn request(number: u64) -> RequestId {
    RequestId::new(&format!("prq_{number:032}")).unwrap()
}

/// The process to be killed; run by `acknowledged_records_survive_a_kill`, which tells it the folder and the first request.
///
/// Some callers append calls of 1 to 5 records and say `ack REQUEST FIRST HASH..` once they are durable; one signs
/// checkpoints and erases records.
#[test]
#[ignore = "it never ends by itself"]
fn child() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let Some((first, folder)) = line.trim_end().split_once(' ') else { panic!("this is not run by hand") };
    let first: u64 = first.parse().unwrap();
    let log = open(Path::new(folder));
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let log = &log;
            scope.spawn(move || {
                for number in (first + caller..).step_by(usize::try_from(CALLERS).unwrap()) {
                    let drafts = (0..=number % 5).map(|place| prepared(number * 10 + place)).collect();
                    let appended = log.append(request(number), drafts).unwrap().wait().unwrap();
                    let hashes: Vec<_> =
                        appended.records.iter().map(|placed| placed.leaf_hash.to_string()).collect();
                    println!("ack {number} {} {}", appended.first, hashes.join(","));
                }
            });
        }
        scope.spawn(|| {
            loop {
                let state = log.state();
                let text = format!("{} {}", state.size, state.root);
                log.keep_checkpoint(state.size, text.as_bytes()).unwrap();
                println!("signed {text}");
                if state.size > 10 {
                    let index = state.size - 7;
                    log.erase(vec![index]).unwrap();
                    println!("erased {index}");
                }
            }
        });
    });
}

fn start(folder: &Path, first: u64) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{first} {}", folder.display()).unwrap();
    child
}

/// What the killed processes managed to say.
#[derive(Default)]
struct Said {
    /// First record and leaf hashes of each request.
    acknowledged: BTreeMap<u64, (u64, Vec<Hash>)>,
    erased: Vec<u64>,
    signed: u64,
}

impl Said {
    fn hear(&mut self, line: &str) -> bool {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["ack", number, first, hashes] => {
                let hashes = hashes.split(',').map(|hash| Hash::from_hex(hash).unwrap()).collect();
                self.acknowledged.insert(number.parse().unwrap(), (first.parse().unwrap(), hashes));
            }
            ["signed", size, _] => self.signed = size.parse().unwrap(),
            ["erased", index] => self.erased.push(index.parse().unwrap()),
            // The test runner's own lines.
            _ => return false,
        }
        true
    }
}

fn run_and_kill(folder: &Path, first: u64, lines: u64, said: &mut Said) {
    let mut child = start(folder, first);
    let mut heard = 0;
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    while heard < lines {
        let line = output.next().expect("the child ended by itself").unwrap();
        heard += u64::from(said.hear(&line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // A kill may cut the last line short, which is then no whole hash; only lines with an end count.
    let rest: Vec<_> = output.map(|line| line.unwrap()).collect();
    for line in rest.iter().rev().skip(1) {
        said.hear(line);
    }
}

fn check(folder: &Path, said: &Said) {
    let log = open(folder);
    let state = log.state();
    assert!(state.size >= said.signed, "{} of {} signed", state.size, said.signed);
    let mut records = Vec::new();
    log.records(0, state.size, |record| records.push(record)).unwrap();
    for (number, (first, hashes)) in &said.acknowledged {
        assert_eq!(log.committed(request(*number)), Some(*first), "request {number}");
        for (place, hash) in hashes.iter().enumerate() {
            let record = &records[usize::try_from(*first).unwrap() + place];
            assert_eq!((record.request, record.body.leaf_hash()), (request(*number), *hash));
        }
    }
    for index in &said.erased {
        let record = &records[usize::try_from(*index).unwrap()];
        assert!(matches!(record.body, Body::Erased(_)), "record {index} came back");
    }
    // No call is in the log in part: each has as many records as it was made with.
    let mut counts: BTreeMap<RequestId, u64> = BTreeMap::new();
    records.iter().for_each(|record| *counts.entry(record.request).or_default() += 1);
    for (request, count) in counts {
        let number: u64 = request.as_str()[4..].parse().unwrap();
        assert_eq!(count, number % 5 + 1, "{request}");
    }
}

#[test]
fn acknowledged_records_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "whoever wants minutes of it says so in the environment")]
    let kills = std::env::var("LITESOC_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let mut said = Said::default();
    for kill in 0..kills {
        run_and_kill(folder.path(), kill * 1_000_000, 1 + kill * 37 % 101, &mut said);
        check(folder.path(), &said);
    }
    assert!(said.acknowledged.len() as u64 >= kills && said.signed > 0 && !said.erased.is_empty());
}
