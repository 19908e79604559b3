//! A process killed in the middle of its work: what it had acknowledged is there, once, and agrees with itself.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use litesoc_store::testing::{alert, event};
use litesoc_store::{
    AlertProgress, AlertQuery, Effects, EventQuery, Month, Organization, OrganizationId, Seq, SqliteSettings,
    SqliteStore, Store, Total,
};

const NOW: i64 = 1_790_000_000_000;
const ROUNDS: u64 = 12;
const BATCH: u64 = 20;

fn open(directory: &Path) -> SqliteStore {
    let mut settings = SqliteSettings::default();
    // Short enough that kills fall into checkpoints too.
    settings.checkpoint_pages = 50;
    SqliteStore::open_with(directory, &settings).unwrap()
}

fn the_organization() -> OrganizationId {
    OrganizationId::new("a").unwrap()
}

/// The process to be killed; run by `acknowledged_events_survive_a_kill`, which tells it the directory and the first number.
///
/// It appends batches of which the first half repeats the batch before, concludes on each with one alert that grows by the
/// number of events examined, and says `ack FIRST LAST` once an append has returned.
#[test]
#[ignore = "it never ends by itself"]
fn child() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let Some((first, directory)) = line.trim_end().split_once(' ') else { panic!("this is not run by hand") };
    let store = open(Path::new(directory));
    let organization = the_organization();
    store.create_organization(&Organization::new(organization.clone(), "A", "pro", NOW)).unwrap();
    let mut first: u64 = first.parse().unwrap();
    loop {
        let batch: Vec<_> = (first.saturating_sub(BATCH / 2)..first + BATCH)
            .map(|n| event(&organization, n, "x.y", NOW))
            .collect();
        store.append(&batch).unwrap();
        println!("ack {first} {}", first + BATCH);
        let last = store.last_seq().unwrap();
        let raised = alert(&organization, 1, NOW);
        let progress = AlertProgress::new(organization.clone(), raised.id, "high", last.get(), NOW, NOW);
        let mut effects = Effects::none();
        effects.raised.push(raised);
        effects.progress.push(progress);
        store.conclude(last, &effects).unwrap();
        println!("concluded {last}");
        first += BATCH;
    }
}

fn start(directory: &Path, first: u64) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{first} {}", directory.display()).unwrap();
    child
}

/// What the killed process managed to say.
#[derive(Default)]
struct Said {
    acknowledged: Vec<(u64, u64)>,
    concluded: u64,
}

impl Said {
    fn hear(&mut self, line: &str) -> bool {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["ack", first, end] => self.acknowledged.push((first.parse().unwrap(), end.parse().unwrap())),
            ["concluded", last] => self.concluded = last.parse().unwrap(),
            // The test runner's own lines.
            _ => return false,
        }
        true
    }
}

/// Lets the child say so many lines, kills it, and hears out what it had said by then.
fn run_and_kill(directory: &Path, first: u64, lines: u64, said: &mut Said) {
    let mut child = start(directory, first);
    let mut heard = 0;
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    while heard < lines {
        let line = output.next().expect("the child ended by itself").unwrap();
        heard += u64::from(said.hear(&line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in output {
        // A kill may cut the last line short; a line without its end is no acknowledgement, but none is cut this short.
        said.hear(&line.unwrap());
    }
}

fn check(directory: &Path, said: &Said) -> u64 {
    let store = open(directory);
    let rows = store.read_from(Seq::START, 1_000_000).unwrap();
    let mut found = HashMap::new();
    for row in &rows {
        *found.entry(row.event.id).or_insert(0) += 1;
    }
    for (first, end) in &said.acknowledged {
        for number in *first..*end {
            let id = event(&the_organization(), number, "x.y", NOW).id;
            assert_eq!(found.get(&id), Some(&1), "event {number} was acknowledged");
        }
    }
    let places: Vec<_> = rows.iter().map(|row| row.seq.get()).collect();
    assert_eq!(places, (1..=rows.len() as u64).collect::<Vec<_>>(), "places");
    assert_eq!(found.len(), rows.len(), "an event is stored twice");
    let all = rows.len() as u64;
    assert_eq!(store.usage(&the_organization(), Month::containing(NOW)).unwrap(), all, "usage");
    assert_eq!(
        store.events(&EventQuery::new(the_organization())).unwrap().total,
        Total::Exactly(all),
        "total"
    );
    let cursor = store.cursor().unwrap().get();
    assert!(said.concluded <= cursor && cursor <= all, "cursor {cursor} after {} of {all}", said.concluded);
    let alerts = store.alerts(&AlertQuery::new(the_organization())).unwrap().rows;
    let counts: Vec<_> = alerts.iter().map(|row| row.alert.count).collect();
    let wanted = if cursor == 0 { Vec::new() } else { vec![cursor] };
    assert_eq!(counts, wanted, "the alert and the cursor were committed together");
    all
}

#[test]
fn acknowledged_events_survive_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut said = Said::default();
    let mut stored = 0;
    for round in 0..ROUNDS {
        // From the first acknowledgement on, at places that move through batch, conclusion and checkpoint.
        run_and_kill(directory.path(), stored, 1 + round * 7 % 23, &mut said);
        stored = check(directory.path(), &said);
    }
    assert!(said.acknowledged.len() as u64 >= ROUNDS, "every round acknowledged something");
}
