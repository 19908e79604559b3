//! How fast events are stored and found: events per second by batch size on an empty and on a filled store, beside a bare
//! append and fdatasync of the same bytes in the same run; then the latency of each kind of list.
//!
//! `cargo bench -p litesoc-store --bench append -- [--rows N] [--dir DIRECTORY] [--checkpoint PAGES] [--cache MIB]`
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures and may fail loudly"
)]

use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use litesoc_store::{EventQuery, NewEvent, Organization, OrganizationId, SqliteSettings, SqliteStore, Store};
use uuid::Uuid;

const START_MS: i64 = 1_790_000_000_000;
const NAMES: usize = 26;
const ACTORS: u64 = 100_000;

/// A seeded source of numbers (SplitMix64): the same events in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Makes events of about 500 bytes: few actors do much, many do little (log-uniform over 100,000).
struct Generator {
    organization: OrganizationId,
    numbers: Numbers,
    made: u64,
}

impl Generator {
    fn event(&mut self) -> NewEvent {
        self.made += 1;
        // Ten events a millisecond on average, a tenth of them up to a second late.
        let late = if self.numbers.next().is_multiple_of(10) { self.numbers.next() % 1_000 } else { 0 };
        let time_ms = START_MS + (self.made / 10) as i64 - late as i64;
        let random = (u128::from(self.numbers.next()) << 64) | u128::from(self.numbers.next());
        let id = ((time_ms as u128) << 80) | (random & ((1 << 80) - 1) & !(0xf << 76)) | (7 << 76);
        let actor = (ACTORS as f64).powf(self.numbers.unit()) as u64;
        let name = format!("category.event_{}", self.numbers.next() as usize % NAMES);
        let mut event =
            NewEvent::new(self.organization.clone(), Uuid::from_u128(id), name, time_ms + late as i64);
        event.event_time_ms = time_ms;
        event.actor_id = Some(format!("user_{actor}"));
        event.actor_email = Some(format!("user_{actor}@example.com"));
        event.user_ip = Some(std::net::Ipv4Addr::from_bits(self.numbers.next() as u32).into());
        event.severity = if self.made.is_multiple_of(5) { "warning".into() } else { "info".into() };
        let filler = format!("{:016x}", self.numbers.next()).repeat(18);
        event.metadata = format!(r#"{{"session":"{filler}","attempt":{},"ok":true}}"#, self.made % 7);
        event.marks = Some(r#"{"_sdk":"litesoc-rust","_sdk_version":"0.1.0"}"#.into());
        event
    }

    fn batch(&mut self, size: usize) -> Vec<NewEvent> {
        (0..size).map(|_| self.event()).collect()
    }
}

/// What one batch would be as text, to compare with a bare append of as many bytes.
fn bytes_of(batch: &[NewEvent]) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let one = |event: &NewEvent| {
        16 + 8
            + 8
            + 12
            + event.event_name.len()
            + event.severity.len()
            + event.metadata.len()
            + text(&event.actor_id)
            + text(&event.actor_email)
            + text(&event.marks)
    };
    batch.iter().map(one).sum()
}

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize]
}

/// Appends for about a second and a half; prints the rate beside that of the bare file.
fn measure_appends(label: &str, store: &dyn Store, generator: &mut Generator, directory: &Path, size: usize) {
    let budget = Duration::from_millis(1_500);
    let batches: Vec<_> = (0..(120_000 / size).clamp(20, 3_000)).map(|_| generator.batch(size)).collect();
    let mut times = Vec::new();
    let start = Instant::now();
    for batch in &batches {
        let before = Instant::now();
        black_box(store.append(batch).unwrap());
        times.push(before.elapsed());
        if start.elapsed() > budget {
            break;
        }
    }
    let rate = (times.len() * size) as f64 / start.elapsed().as_secs_f64();
    let bare = bare_rate(directory, &batches, times.len(), size);
    let (half, late) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    println!(
        "{label:<8} {size:>5}/commit  {rate:>9.0} events/s  p50 {half:>9.1?}  p99 {late:>9.1?}  bare append+fdatasync \
         {bare:>9.0} events/s  ratio {:.3}",
        rate / bare
    );
}

fn bare_rate(directory: &Path, batches: &[Vec<NewEvent>], count: usize, size: usize) -> f64 {
    let path = directory.join("bare.log");
    let mut file = File::create(&path).unwrap();
    let bytes = vec![b'x'; batches.iter().map(|batch| bytes_of(batch)).max().unwrap()];
    let start = Instant::now();
    for batch in &batches[..count] {
        file.write_all(&bytes[..bytes_of(batch)]).unwrap();
        file.sync_data().unwrap();
    }
    let rate = (count * size) as f64 / start.elapsed().as_secs_f64();
    std::fs::remove_file(path).unwrap();
    rate
}

fn measure_query(label: &str, rounds: usize, mut ask: impl FnMut(usize) -> usize) {
    let mut rows = 0;
    let mut times: Vec<_> = (0..rounds)
        .map(|round| {
            let before = Instant::now();
            rows += black_box(ask(round));
            before.elapsed()
        })
        .collect();
    let (half, late) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    println!("{label:<44} p50 {half:>9.1?}  p99 {late:>9.1?}  rows {:.1}", rows as f64 / rounds as f64);
}

fn measure_lists(store: &dyn Store, organization: &OrganizationId, rows: u64) {
    let list = |change: &dyn Fn(&mut EventQuery)| {
        let mut query = EventQuery::new(organization.clone());
        change(&mut query);
        store.events(&query).unwrap().rows.len()
    };
    let end = START_MS + (rows / 10) as i64;
    let any_actor = |round: usize| {
        let mut numbers = Numbers(round as u64);
        format!("user_{}", (ACTORS as f64).powf(numbers.unit()) as u64)
    };
    measure_query("latest 50, total", 300, |_| list(&|_| {}));
    measure_query("latest 50, total, retention end", 300, |_| {
        list(&|query| query.not_before_ms = Some(START_MS + 5_000))
    });
    measure_query("latest 50, offset 10,000, total", 100, |_| list(&|query| query.offset = 10_000));
    measure_query("actor, total", 1_000, |round| list(&|query| query.actor_id = Some(any_actor(round))));
    measure_query("actor, no total", 1_000, |round| {
        list(&|query| (query.actor_id, query.count) = (Some(any_actor(round)), false))
    });
    measure_query("busiest actor, total", 300, |_| list(&|query| query.actor_id = Some("user_1".into())));
    measure_query("actor and name, total", 300, |round| {
        list(&|query| {
            query.actor_id = Some(any_actor(round));
            query.names = vec!["category.event_1".into()];
        })
    });
    measure_query("name, total", 300, |_| list(&|query| query.names = vec!["category.event_1".into()]));
    measure_query("name, no total", 300, |_| {
        list(&|query| (query.names, query.count) = (vec!["category.event_1".into()], false))
    });
    measure_query("name of nothing, total", 300, |_| {
        list(&|query| query.names = vec!["no.such_event".into()])
    });
    measure_query("three names, total", 300, |_| {
        list(&|query| query.names = (1..4).map(|name| format!("category.event_{name}")).collect())
    });
    measure_query("severity warning, total", 300, |_| list(&|query| query.severity = Some("warning".into())));
    measure_query("severity critical (none), total", 300, |_| {
        list(&|query| query.severity = Some("critical".into()))
    });
    measure_query("from a time, total", 300, |round| {
        let back = round as i64 * 10;
        list(&|query| query.to_ms = Some(end - back))
    });
    measure_query("read_from, 1,000", 100, |round| {
        store.read_from(litesoc_store::Seq::new(round as u64 * 5_000 % rows), 1_000).unwrap().len()
    });
}

fn measure_purge(store: &dyn Store, organization: &OrganizationId) {
    let start = Instant::now();
    let mut gone = 0;
    for _ in 0..10 {
        gone += store.purge(organization, START_MS + 90_000_000, 5_000).unwrap();
    }
    println!("purge, 5,000 a chunk: {:.0} events/s", f64::from(gone as u32) / start.elapsed().as_secs_f64());
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value =
        |name: &str| arguments.iter().position(|word| word == name).map(|at| arguments[at + 1].clone());
    let rows: u64 = value("--rows").map_or(1_000_000, |rows| rows.parse().unwrap());
    let parent = value("--dir").map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(parent).unwrap();
    let mut settings = SqliteSettings::default();
    if let Some(pages) = value("--checkpoint") {
        settings.checkpoint_pages = pages.parse().unwrap();
    }
    if let Some(mebibytes) = value("--cache") {
        settings.writer_cache_bytes = mebibytes.parse::<usize>().unwrap() << 20;
    }
    let store = SqliteStore::open_with(directory.path().join("store"), &settings).unwrap();
    let organization = OrganizationId::new("org_bench").unwrap();
    store
        .create_organization(&Organization::new(organization.clone(), "Bench", "enterprise", START_MS))
        .unwrap();
    let mut generator = Generator { organization: organization.clone(), numbers: Numbers(42), made: 0 };
    println!("bytes per event: {}", bytes_of(&generator.batch(1_000)) / 1_000);
    for size in [1, 10, 100, 1_000] {
        measure_appends("empty", &store, &mut generator, directory.path(), size);
    }
    let (start, before) = (Instant::now(), store.last_seq().unwrap().get());
    let mut spent = Duration::ZERO;
    while store.last_seq().unwrap().get() < rows {
        let batch = generator.batch(1_000);
        let begun = Instant::now();
        store.append(&batch).unwrap();
        spent += begun.elapsed();
    }
    let filled = store.last_seq().unwrap().get() - before;
    println!(
        "fill     1000/commit  {:>9.0} events/s ({:.1?})",
        filled as f64 / spent.as_secs_f64(),
        start.elapsed()
    );
    let size: u64 = std::fs::read_dir(store.directory())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    println!("{} rows, {} MB with the log", store.last_seq().unwrap(), size >> 20);
    for size in [1, 10, 100, 1_000, 2_000] {
        measure_appends("filled", &store, &mut generator, directory.path(), size);
    }
    measure_lists(&store, &organization, rows);
    measure_purge(&store, &organization);
}
