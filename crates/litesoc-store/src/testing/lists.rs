//! Lists of events: order, filters, pages, totals.

use super::fixture::{NOW, event, listed, numbers, organization};
use super::{Check, Checked, ensure, ensure_eq};
use crate::event::{EventQuery, NewEvent};
use crate::organization::OrganizationId;
use crate::page::{PageCursor, Total};
use crate::store::Store;

pub(super) const CHECKS: &[Check] = &[
    Check { promise: "a list is newest first by event time, then by place", run: order },
    Check { promise: "a list holds one organization's events", run: isolation },
    Check { promise: "a name filter matches stored and original names", run: names },
    Check { promise: "filters by actor, severity and time narrow each other", run: filters },
    Check { promise: "what is past retention is neither listed nor counted", run: retention },
    Check { promise: "offsets and limits cut pages", run: offsets },
    Check { promise: "cursors walk the list once, whatever arrives meanwhile", run: cursors },
    Check { promise: "totals follow a purge", run: purged },
];

const HOUR: i64 = 3_600_000;

fn order(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let times = [5, 1, 3, 3, 9, 3];
    let batch: Vec<_> = (1..).zip(times).map(|(n, time)| event(&a, n, "x.y", NOW + time)).collect();
    store.append(&batch)?;
    ensure_eq!(listed(store, &EventQuery::new(a))?, [5, 1, 6, 4, 3, 2], "by time, late ones in their place");
    Ok(())
}

fn isolation(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let b = organization(store, "b")?;
    store.append(&[event(&a, 1, "x.y", NOW), event(&b, 2, "x.y", NOW), event(&a, 3, "x.y", NOW)])?;
    ensure_eq!(listed(store, &EventQuery::new(a))?, [3, 1], "events of a");
    ensure_eq!(listed(store, &EventQuery::new(b))?, [2], "events of b");
    let nobody = store.events(&EventQuery::new(OrganizationId::new("nobody")?))?;
    ensure!(nobody.rows.is_empty() && nobody.next.is_none(), "an unknown organization has events");
    ensure_eq!(nobody.total, Total::Exactly(0), "the total of an unknown organization");
    Ok(())
}

fn named(a: &OrganizationId, number: u64, name: &str, original: Option<&str>) -> NewEvent {
    let mut event = event(a, number, name, NOW + number.cast_signed());
    event.original_event = original.map(Into::into);
    event
}

fn names(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    store.append(&[
        named(&a, 1, "auth.login_failed", None),
        named(&a, 2, "auth.login_failed", Some("user.login_failed")),
        named(&a, 3, "auth.logout", Some("bye")),
        named(&a, 4, "auth.logout", None),
        named(&a, 5, "user.login_failed", None),
        named(&a, 6, "auth.login_failed", Some("auth.login_failed")),
    ])?;
    let list = |names: &[&str]| {
        let mut query = EventQuery::new(a.clone());
        query.names = names.iter().copied().map(String::from).collect();
        listed(store, &query)
    };
    ensure_eq!(
        list(&["auth.login_failed"])?,
        [6, 2, 1],
        "a name that is also an original one is listed once"
    );
    ensure_eq!(list(&["user.login_failed"])?, [5, 2], "by the original name too");
    ensure_eq!(
        list(&["bye", "auth.login_failed", "user.login_failed"])?,
        [6, 5, 3, 2, 1],
        "any of several names"
    );
    ensure_eq!(list(&["auth.login_failed", "auth.login_failed"])?, [6, 2, 1], "a name given twice");
    ensure_eq!(list(&["auth"])?, [] as [u64; 0], "a part of a name is no match");
    let many: Vec<_> = (0..40).map(|n| format!("none.{n}")).collect();
    let mut many: Vec<_> = many.iter().map(String::as_str).collect();
    many.push("bye");
    ensure_eq!(list(&many)?, [3], "one of very many names");
    Ok(())
}

fn filters(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let batch: Vec<_> = (1..=12)
        .map(|n| {
            let mut event =
                event(&a, n, if n % 2 == 0 { "x.even" } else { "x.odd" }, NOW + 10 * n.cast_signed());
            event.actor_id = Some(if n % 3 == 0 { "carol" } else { "dave" }.into());
            event.severity = if n % 4 == 0 { "warning" } else { "info" }.into();
            event
        })
        .collect();
    store.append(&batch)?;
    let check = |change: &dyn Fn(&mut EventQuery), wanted: &[u64]| -> Checked {
        let mut query = EventQuery::new(a.clone());
        change(&mut query);
        ensure_eq!(listed(store, &query)?, wanted, "{query:?}");
        Ok(())
    };
    check(&|query| query.actor_id = Some("carol".into()), &[12, 9, 6, 3])?;
    check(&|query| query.actor_id = Some("Carol".into()), &[])?;
    check(&|query| query.severity = Some("warning".into()), &[12, 8, 4])?;
    check(&|query| query.severity = Some("info".into()), &[11, 10, 9, 7, 6, 5, 3, 2, 1])?;
    check(&|query| query.severity = Some("critical".into()), &[])?;
    check(&|query| query.from_ms = Some(NOW + 100), &[12, 11, 10])?;
    check(&|query| query.to_ms = Some(NOW + 20), &[2, 1])?;
    check(&|query| (query.from_ms, query.to_ms) = (Some(NOW + 50), Some(NOW + 70)), &[7, 6, 5])?;
    check(&|query| (query.from_ms, query.to_ms) = (Some(NOW + 70), Some(NOW + 50)), &[])?;
    check(
        &|query| (query.from_ms, query.to_ms) = (Some(i64::MIN), Some(i64::MAX)),
        &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
    )?;
    let even = || vec!["x.even".to_owned()];
    check(&|query| (query.actor_id, query.names) = (Some("dave".into()), even()), &[10, 8, 4, 2])?;
    check(&|query| (query.severity, query.names) = (Some("info".into()), even()), &[10, 6, 2])?;
    check(
        &|query| (query.severity, query.actor_id) = (Some("warning".into()), Some("dave".into())),
        &[8, 4],
    )?;
    check(
        &|query| {
            (query.severity, query.actor_id) = (Some("warning".into()), Some("dave".into()));
            (query.names, query.to_ms) = (even(), Some(NOW + 40));
        },
        &[4],
    )
}

fn retention(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let batch: Vec<_> = (1..=9).map(|n| event(&a, n, "x.y", NOW + HOUR / 2 * n.cast_signed())).collect();
    store.append(&batch)?;
    for limit in [4 * HOUR, 2 * HOUR + 1, 2 * HOUR, HOUR / 2, 0] {
        let mut query = EventQuery::new(a.clone());
        query.not_before_ms = Some(NOW + limit);
        let wanted: Vec<_> =
            (1..=9).rev().filter(|n| HOUR / 2 * n >= limit).map(i64::cast_unsigned).collect();
        ensure_eq!(listed(store, &query)?, wanted, "with retention from {limit} on");
        query.from_ms = Some(NOW);
        ensure_eq!(listed(store, &query)?, wanted, "an earlier `from` does not reach behind retention");
        query.to_ms = Some(NOW + 4 * HOUR);
        let wanted: Vec<_> = wanted.into_iter().filter(|n| *n <= 8).collect();
        ensure_eq!(listed(store, &query)?, wanted, "with retention and an end");
    }
    Ok(())
}

fn offsets(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let batch: Vec<_> = (1..=10).map(|n| event(&a, n, "x.y", NOW + n.cast_signed())).collect();
    store.append(&batch)?;
    let mut query = EventQuery::new(a);
    let mut page = |limit: usize, offset: u64| {
        (query.limit, query.offset) = (limit, offset);
        let page = store.events(&query)?;
        Ok::<_, super::Flaw>((numbers(&page.rows), page.next.is_some(), page.total.at_least()))
    };
    ensure_eq!(page(3, 0)?, (vec![10, 9, 8], true, 10), "the first page");
    ensure_eq!(page(3, 7)?, (vec![3, 2, 1], false, 10), "the last page");
    ensure_eq!(page(3, 9)?, (vec![1], false, 10), "a short last page");
    ensure_eq!(page(3, 10)?, (vec![], false, 10), "a page behind the end");
    ensure_eq!(page(3, u64::MAX)?, (vec![], false, 10), "the largest offset");
    ensure_eq!(page(0, 0)?, (vec![], false, 10), "a page of no rows");
    ensure_eq!(page(usize::MAX, 0)?.0.len(), 10, "the largest limit");
    query.count = false;
    ensure_eq!(store.events(&query)?.total, Total::NotCounted, "a total nobody asked for");
    Ok(())
}

fn cursors(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    // Three events at each time, so that pages end between events of one time.
    let batch: Vec<_> = (1..=20).map(|n| event(&a, n, "x.y", NOW + (n / 3).cast_signed())).collect();
    store.append(&batch)?;
    for filter in [None, Some("x.y")] {
        let mut query = EventQuery::new(a.clone());
        query.names.extend(filter.map(String::from));
        query.limit = 7;
        let mut seen = Vec::new();
        loop {
            let page = store.events(&query)?;
            seen.extend(numbers(&page.rows));
            let Some(next) = page.next else { break };
            let next_number = 100 + seen.len() as u64 + if filter.is_some() { 50 } else { 0 };
            store.append(&[event(&a, next_number, "x.y", NOW + 50)])?;
            query.cursor = Some(next);
        }
        seen.retain(|number| *number <= 20);
        ensure_eq!(seen, (1..=20).rev().collect::<Vec<_>>(), "all pages with names {filter:?}");
    }
    let mut query = EventQuery::new(a);
    query.cursor = Some(PageCursor::new(i64::MIN, i64::MIN));
    ensure!(store.events(&query)?.rows.is_empty(), "there are rows before the beginning of time");
    Ok(())
}

fn purged(store: &dyn Store) -> Checked {
    let a = organization(store, "a")?;
    let batch: Vec<_> = (1..=9).map(|n| event(&a, n, "x.y", NOW + HOUR / 2 * n.cast_signed())).collect();
    store.append(&batch)?;
    store.purge(&a, NOW + 2 * HOUR + 1, 100)?;
    ensure_eq!(listed(store, &EventQuery::new(a.clone()))?, [9, 8, 7, 6, 5], "after a purge");
    store.purge(&a, i64::MAX, 100)?;
    ensure_eq!(listed(store, &EventQuery::new(a))?, [] as [u64; 0], "after everything was purged");
    Ok(())
}
