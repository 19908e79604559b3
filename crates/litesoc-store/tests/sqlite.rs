//! What is the SQLite engine's own: its directory, its limits, its failures.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use litesoc_store::testing::{alert, event, organization};
use litesoc_store::{
    AlertChange, Effects, EventQuery, MAX_COUNTED, Month, NewEvent, OrganizationId, Seq, SqliteSettings,
    SqliteStore, Store, StoreError, Total,
};

const NOW: i64 = 1_790_000_000_000;

fn batch(organization: &OrganizationId, numbers: std::ops::Range<u64>) -> Vec<NewEvent> {
    numbers.map(|n| event(organization, n, "x.y", NOW + n.cast_signed())).collect()
}

#[test]
fn everything_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    let a = organization(&store, "a").unwrap();
    store.append(&batch(&a, 0..5)).unwrap();
    let mut effects = Effects::none();
    effects.raised.push(alert(&a, 1, NOW));
    store.conclude(Seq::new(3), &effects).unwrap();
    store.purge(&a, i64::MAX, 100).unwrap();
    drop(store);
    let store = SqliteStore::open(directory.path()).unwrap();
    assert_eq!(store.cursor().unwrap(), Seq::new(3));
    assert_eq!(store.last_seq().unwrap(), Seq::new(5), "a place would be given twice");
    assert_eq!(store.append(&batch(&a, 0..1)).unwrap().outcomes[0].seq(), Seq::new(6));
    assert_eq!(store.usage(&a, Month::containing(NOW)).unwrap(), 6);
}

#[test]
fn a_directory_has_one_owner() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    let refused = SqliteStore::open(directory.path()).unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    assert!(refused.to_string().contains(&directory.path().display().to_string()), "{refused}");
    drop(store);
    SqliteStore::open(directory.path()).unwrap();
}

#[test]
fn a_reader_stands_beside_the_owner_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let missing = SqliteStore::open_read_only(directory.path()).unwrap_err();
    assert!(matches!(missing, StoreError::Io { .. }), "{missing:?}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "a look makes nothing");
    let owner = SqliteStore::open(directory.path()).unwrap();
    let a = organization(&owner, "a").unwrap();
    owner.append(&batch(&a, 0..5)).unwrap();
    let reader = SqliteStore::open_read_only(directory.path()).unwrap();
    assert_eq!(reader.read_from(Seq::START, 99).unwrap().len(), 5);
    owner.append(&batch(&a, 5..7)).unwrap();
    assert_eq!(reader.read_from(Seq::START, 99).unwrap().len(), 7, "what is committed later is seen");
    let refused = reader.append(&batch(&a, 7..8)).unwrap_err();
    assert!(
        matches!(refused, StoreError::Stopped { .. }) && refused.to_string().contains("reading alone"),
        "{refused}"
    );
    drop(owner);
    SqliteStore::open(directory.path()).unwrap().append(&batch(&a, 7..8)).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_reported_as_damaged() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("litesoc.db"), "plain text, again and again. ".repeat(400)).unwrap();
    let refused = SqliteStore::open(directory.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
}

#[test]
fn a_directory_that_cannot_be_made_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = SqliteStore::open(file.join("store")).unwrap_err();
    assert!(matches!(refused, StoreError::Io { .. }), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn a_new_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("new").join("store")).unwrap();
    let mode = std::fs::metadata(store.directory()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_temporary_store_leaves_nothing() {
    let store = SqliteStore::open_temporary().unwrap();
    let directory = store.directory().to_path_buf();
    assert!(directory.is_dir());
    drop(store);
    assert!(!directory.exists());
}

#[test]
fn a_full_disk_fails_the_batch_whole_and_may_recover() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = SqliteSettings::default();
    settings.max_bytes = Some(400 << 10);
    let store = SqliteStore::open_with(directory.path(), &settings).unwrap();
    let a = organization(&store, "a").unwrap();
    let mut stored = 0;
    let refused = loop {
        match store.append(&batch(&a, stored..stored + 100)) {
            Ok(_) => stored += 100,
            Err(refused) => break refused,
        }
        assert!(stored < 100_000, "the limit never came");
    };
    assert!(matches!(refused, StoreError::Full { .. }) && refused.is_retryable(), "{refused:?}");
    assert_eq!(store.last_seq().unwrap(), Seq::new(stored));
    assert_eq!(store.read_from(Seq::START, 100_000).unwrap().len() as u64, stored);
    assert_eq!(store.usage(&a, Month::containing(NOW)).unwrap(), stored);
    // Room again: the same batch goes through, at the places it would have had.
    assert!(store.purge(&a, NOW + 500, 1_000).unwrap() > 0);
    let outcomes = store.append(&batch(&a, stored..stored + 100)).unwrap().outcomes;
    assert_eq!(outcomes[0].seq(), Seq::new(stored + 1));
}

#[test]
fn the_log_is_moved_into_the_database_when_it_is_long_enough() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = |file: &str| std::fs::metadata(directory.path().join(file)).unwrap().len();
    let mut settings = SqliteSettings::default();
    settings.checkpoint_pages = 500;
    let store = SqliteStore::open_with(directory.path(), &settings).unwrap();
    let a = organization(&store, "a").unwrap();
    let before = bytes("litesoc.db");
    store.append(&batch(&a, 0..50)).unwrap();
    assert_eq!(bytes("litesoc.db"), before, "it moves after every commit");
    for n in 1..200 {
        store.append(&batch(&a, n * 50..n * 50 + 50)).unwrap();
    }
    assert!(bytes("litesoc.db") > 1 << 20, "nothing was moved");
    assert!(bytes("litesoc.db-wal") < 4 << 20, "the log has {} bytes", bytes("litesoc.db-wal"));
    drop(store);
    assert!(!directory.path().join("litesoc.db-wal").exists(), "closing leaves the log behind");
}

#[test]
fn a_filtered_total_stops_counting() {
    let store = SqliteStore::open_temporary().unwrap();
    let a = organization(&store, "a").unwrap();
    let many = MAX_COUNTED + 500;
    for first in (0..many).step_by(2_000) {
        store.append(&batch(&a, first..(first + 2_000).min(many))).unwrap();
    }
    let mut query = EventQuery::new(a);
    assert_eq!(store.events(&query).unwrap().total, Total::Exactly(many), "without filters it is known");
    query.names = vec!["x.y".into()];
    assert_eq!(store.events(&query).unwrap().total, Total::AtLeast(MAX_COUNTED));
    query.to_ms = Some(NOW + 99);
    assert_eq!(store.events(&query).unwrap().total, Total::Exactly(100));
}

#[test]
fn an_alert_is_changed_while_events_stream_in() {
    let store = SqliteStore::open_temporary().unwrap();
    let a = organization(&store, "a").unwrap();
    let mut effects = Effects::none();
    effects.raised.push(alert(&a, 1, NOW));
    store.conclude(Seq::START, &effects).unwrap();
    // The same batch again and again: the appender is back at the lock at once.
    let again = batch(&a, 0..50);
    let (done, batches) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                store.append(&again).unwrap();
                batches.fetch_add(1, Ordering::Relaxed);
            }
        });
        while batches.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        let before = batches.load(Ordering::Relaxed);
        let changes = 100;
        for n in 0..changes {
            store
                .update_alert(&a, alert(&a, 1, NOW).id, &AlertChange::mark_safe("me"), NOW + n)
                .unwrap()
                .unwrap();
        }
        let during = batches.load(Ordering::Relaxed) - before;
        done.store(true, Ordering::Relaxed);
        // In turn means about one batch for each change, a few more when the scheduler lets this thread wait; starved means
        // thousands.
        assert!(during <= 50 * changes.cast_unsigned(), "{during} batches went before {changes} changes");
    });
}

#[test]
fn readers_see_whole_commits_while_events_stream_in() {
    let store = SqliteStore::open_temporary().unwrap();
    let a = organization(&store, "a").unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let mut pages = 0;
                    while !done.load(Ordering::Relaxed) {
                        let page = store.events(&EventQuery::new(a.clone())).unwrap();
                        assert_eq!(page.total.at_least() % 10, 0, "a part of a batch");
                        assert_eq!(page.rows.len() as u64, page.total.at_least().min(50));
                        pages += 1;
                    }
                    pages
                })
            })
            .collect();
        for n in 0..100 {
            store.append(&batch(&a, n * 10..n * 10 + 10)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        let pages: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        assert!(pages > 0);
    });
}
