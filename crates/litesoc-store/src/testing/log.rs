//! The ordered, durable list of events.

use std::thread;

use super::fixture::{NOW, event, organization, uuid_v7};
use super::{Check, Checked, Flaw, ensure, ensure_eq};
use crate::error::StoreError;
use crate::event::{Appended, NewEvent};
use crate::organization::{Month, OrganizationId};
use crate::page::Seq;
use crate::store::Store;

pub(super) const CHECKS: &[Check] = &[
    Check { promise: "events are read in the order they were appended", run: order },
    Check { promise: "every field of an event comes back", run: fields },
    Check { promise: "an event of a known id is not stored again", run: duplicates },
    Check { promise: "usage counts what was stored, by month of arrival", run: usage },
    Check { promise: "a batch with an unknown organization is refused whole", run: unknown_organization },
    Check { promise: "an event is found by its id, by its organization, within retention", run: one_event },
    Check { promise: "a time of arrival leads to a place before it", run: seq_before },
    Check { promise: "a purge takes the oldest, in chunks, and no place is given twice", run: purge },
    Check { promise: "threads that append at once store each event once", run: threads },
];

fn order(store: &dyn Store) -> Checked {
    ensure_eq!(store.last_seq()?, Seq::START, "an empty store has no last place");
    ensure!(store.append(&[])?.outcomes.is_empty(), "an empty batch has outcomes");
    ensure_eq!(store.last_seq()?, Seq::START, "an empty batch took a place");
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let batch: Vec<_> =
        (1..=7).map(|n| event(if n % 2 == 0 { &b } else { &a }, n, "x.y", NOW - n.cast_signed())).collect();
    let commit = store.append(&batch[..4])?;
    let places: Vec<_> = (1..=4).map(|n| Appended::Stored { seq: Seq::new(n) }).collect();
    ensure_eq!(commit.outcomes, places, "the first batch takes the first places");
    store.append(&batch[4..])?;
    ensure_eq!(store.last_seq()?, Seq::new(7), "the last place after seven events");
    let mut read = store.read_from(Seq::START, 5)?;
    ensure_eq!(read.len(), 5, "rows of a full chunk");
    read.extend(store.read_from(read[4].seq, 5)?);
    let found: Vec<_> = read.iter().map(|row| row.event.clone()).collect();
    ensure_eq!(found, batch, "all events in the order of their places");
    ensure!(store.read_from(Seq::new(7), 5)?.is_empty(), "there is nothing after the last place");
    ensure!(store.read_from(Seq::START, 0)?.is_empty(), "reading no rows finds some");
    Ok(())
}

/// An event with every field set to something awkward.
fn full(organization: &OrganizationId) -> Result<NewEvent, Flaw> {
    let address = |text: &str| text.parse().map_err(|_| Flaw(format!("{text} is no address")));
    let mut event = event(organization, 1, "auth.login_failed", NOW);
    event.original_event = Some("Anmeldung \u{fc}ber \"SSO\"\0'; DROP TABLE events; --".into());
    event.actor_id = Some("\u{1f480} user".into());
    event.actor_email = Some("u@example.com".into());
    event.actor_name = Some(String::new());
    event.target = Some(r#"{"id":"7","type":"file"}"#.into());
    event.user_ip = Some(address("203.0.113.9")?);
    event.server_ip = Some(address("2001:db8::1")?);
    event.severity = "warning".into();
    event.severity_detail = Some("medium".into());
    event.metadata = r#"{"reason":"invalid_password","n":1.50,"deep":{"x":[null]}}"#.into();
    event.marks = Some(r#"{"_sdk":"litesoc-rust"}"#.into());
    event.enrichment = Some(r#"{"place":{"city":"Zürich"},"threat_score":7}"#.into());
    event.event_time_ms = -5;
    event.received_ms = NOW + 3;
    Ok(event)
}

fn fields(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let batch = [full(&a)?, event(&a, 2, "", 0)];
    store.append(&batch)?;
    let read: Vec<_> = store.read_from(Seq::START, 9)?.into_iter().map(|row| row.event).collect();
    ensure_eq!(read, batch, "read_from");
    for event in batch {
        let found = store.event(&a, event.id, None)?.map(|row| row.event);
        ensure_eq!(found, Some(event), "event by id");
    }
    Ok(())
}

fn duplicates(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let first = event(&a, 1, "x.first", NOW);
    let mut again = event(&a, 1, "x.again", NOW + 1);
    again.actor_id = Some("other".into());
    let batch = [first.clone(), again.clone(), event(&a, 2, "x.y", NOW), event(&b, 1, "x.y", NOW)];
    let outcomes = store.append(&batch)?.outcomes;
    let wanted = [
        Appended::Stored { seq: Seq::new(1) },
        Appended::Duplicate { seq: Seq::new(1) },
        Appended::Stored { seq: Seq::new(2) },
        Appended::Stored { seq: Seq::new(3) },
    ];
    ensure_eq!(outcomes, wanted, "a repeat within a batch, and the same id in another organization");
    let outcomes = store.append(&[again, event(&a, 3, "x.y", NOW)])?.outcomes;
    let wanted = [Appended::Duplicate { seq: Seq::new(1) }, Appended::Stored { seq: Seq::new(4) }];
    ensure_eq!(outcomes, wanted, "a repeat of an earlier batch");
    ensure_eq!(store.event(&a, first.id, None)?.map(|row| row.event), Some(first), "the first one stays");
    ensure_eq!(store.read_from(Seq::START, 99)?.len(), 4, "rows stored");
    Ok(())
}

fn usage(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let (september, october) = (Month::containing(NOW), Month::containing(NOW + 15 * 86_400_000));
    let late = event(&a, 4, "x.y", NOW + 15 * 86_400_000);
    let mut old = event(&a, 5, "x.y", NOW);
    old.event_time_ms = NOW - 90 * 86_400_000;
    let batch = [event(&a, 1, "x.y", NOW), event(&a, 1, "x.y", NOW), event(&b, 1, "x.y", NOW), late, old];
    store.append(&batch)?;
    store.append(&batch)?;
    ensure_eq!(store.usage(&a, september)?, 2, "two new events of a arrived in September");
    ensure_eq!(store.usage(&a, october)?, 1, "one event of a arrived in October");
    ensure_eq!(store.usage(&b, september)?, 1, "one event of b");
    ensure_eq!(store.usage(&b, october)?, 0, "no event of b in October");
    Ok(())
}

fn unknown_organization(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let nobody = OrganizationId::new("nobody")?;
    let refused = store.append(&[event(&a, 1, "x.y", NOW), event(&nobody, 2, "x.y", NOW)]);
    ensure!(
        matches!(&refused, Err(StoreError::UnknownOrganization(id)) if *id == nobody),
        "append gave {refused:?}"
    );
    ensure_eq!(store.last_seq()?, Seq::START, "a part of the batch was stored");
    ensure_eq!(store.usage(&a, Month::containing(NOW))?, 0, "a part of the batch was counted");
    ensure_eq!(store.usage(&nobody, Month::containing(NOW))?, 0, "usage of nobody");
    ensure_eq!(store.purge(&nobody, NOW, 10)?, 0, "purge of nobody");
    Ok(())
}

fn one_event(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let only = event(&a, 1, "x.y", NOW);
    store.append(std::slice::from_ref(&only))?;
    ensure!(store.event(&b, only.id, None)?.is_none(), "another organization can read it");
    ensure!(store.event(&OrganizationId::new("nobody")?, only.id, None)?.is_none(), "nobody can read it");
    ensure!(store.event(&a, uuid_v7(NOW, 2), None)?.is_none(), "an id that was never stored is found");
    ensure!(store.event(&a, only.id, Some(NOW))?.is_some(), "the end of retention itself is still inside");
    ensure!(store.event(&a, only.id, Some(NOW + 1))?.is_none(), "it is found after its retention");
    Ok(())
}

fn seq_before(store: &dyn Store) -> Checked {
    ensure_eq!(store.seq_before(NOW)?, Seq::START, "in an empty store");
    let a = organization(store, "a")?;
    let batch: Vec<_> = (1..=20).map(|n| event(&a, n, "x.y", NOW + 10 * (n / 2).cast_signed())).collect();
    store.append(&batch)?;
    for probe in [i64::MIN, NOW - 1, NOW, NOW + 1, NOW + 55, NOW + 60, NOW + 100, NOW + 101, i64::MAX] {
        let wanted = batch.iter().filter(|event| event.received_ms < probe).count() as u64;
        ensure_eq!(store.seq_before(probe)?, Seq::new(wanted), "the place before {probe}");
    }
    Ok(())
}

fn purge(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    let mut batch: Vec<_> = (1..=10).map(|n| event(&a, n, "x.y", NOW + n.cast_signed())).collect();
    batch[9].event_time_ms = NOW; // the last to arrive is the oldest
    batch.push(event(&b, 1, "x.y", NOW));
    store.append(&batch)?;
    ensure_eq!(store.purge(&a, NOW + 6, 4)?, 4, "the first chunk");
    ensure!(store.event(&a, batch[9].id, None)?.is_none(), "the oldest event was not the first to go");
    ensure!(store.event(&a, batch[3].id, None)?.is_some(), "a chunk took more than it may");
    ensure_eq!(store.purge(&a, NOW + 6, 4)?, 2, "what is left of those older");
    ensure_eq!(store.purge(&a, NOW + 6, 4)?, 0, "nothing is left to purge");
    ensure!(store.event(&b, batch[10].id, None)?.is_some(), "another organization lost an event");
    ensure_eq!(store.usage(&a, Month::containing(NOW))?, 10, "usage after a purge");
    ensure_eq!(store.purge(&a, i64::MAX, 100)? + store.purge(&b, i64::MAX, 100)?, 5, "the rest of both");
    ensure_eq!(store.last_seq()?, Seq::new(11), "the last place after everything was purged");
    let outcomes = store.append(&[event(&a, 1, "x.y", NOW)])?.outcomes;
    ensure_eq!(
        outcomes,
        [Appended::Stored { seq: Seq::new(12) }],
        "a purged event may come again, at a new place"
    );
    Ok(())
}

fn threads(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let append = |thread: u64| -> Result<usize, StoreError> {
        let mut stored = 0;
        for round in 0..20 {
            // Each number is sent by two threads.
            let batch: Vec<_> =
                (0..5).map(|n| event(&a, (thread / 2) * 1_000 + round * 5 + n, "x.y", NOW)).collect();
            stored += store.append(&batch)?.stored();
        }
        Ok(stored)
    };
    let stored = thread::scope(|scope| {
        let running: Vec<_> = (0..4).map(|thread| scope.spawn(move || append(thread))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().map_err(|_| Flaw("a thread panicked".into())))
            .collect::<Vec<_>>()
    });
    let mut sum = 0;
    for thread in stored {
        sum += thread??;
    }
    ensure_eq!(sum, 200, "new events over all threads");
    let rows = store.read_from(Seq::START, 999)?;
    let places: Vec<_> = rows.iter().map(|row| row.seq.get()).collect();
    ensure_eq!(places, (1..=200).collect::<Vec<_>>(), "places without gap or repeat");
    ensure_eq!(store.usage(&a, Month::containing(NOW))?, 200, "usage");
    Ok(())
}
