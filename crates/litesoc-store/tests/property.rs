//! Random operations on the SQLite engine and on the store in memory: both say the same.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use litesoc_store::testing::{MemoryStore, alert, event, organization};
use litesoc_store::{
    AlertAction, AlertChange, AlertProgress, AlertQuery, Effects, EventQuery, Month, NewAlert, NewEvent,
    NewNotice, NoticeKind, Obeyed, OrganizationId, Seq, SqliteStore, Store, Total,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const NOW: i64 = 1_790_000_000_000;
const HOUR: i64 = 3_600_000;
const NAMES: [&str; 4] = ["auth.login_failed", "auth.logout", "user.login_failed", "x"];
const ACTORS: [&str; 3] = ["carol", "dave", ""];
const SEVERITIES: [&str; 3] = ["info", "warning", "critical"];

/// One event in few numbers, so that repeats and equal times are frequent.
#[derive(Clone, Debug)]
struct Draft {
    organization: usize,
    number: u64,
    name: usize,
    original: Option<usize>,
    actor: Option<usize>,
    severity: usize,
    time: i64,
    late: i64,
}

#[derive(Clone, Debug)]
struct Listing {
    names: Vec<usize>,
    actor: Option<usize>,
    severity: Option<usize>,
    from: Option<i64>,
    to: Option<i64>,
    not_before: Option<i64>,
    limit: usize,
    offset: u64,
}

#[derive(Clone, Debug)]
enum Operation {
    Append(Vec<Draft>),
    Conclude { ahead: u64, raised: Vec<(usize, u64, i64)>, grown: Vec<(usize, u64, u64)> },
    Change { organization: usize, number: u64, action: usize },
    Purge { organization: usize, before: i64, max: usize },
    List { organization: usize, listing: Listing },
    Reopen,
}

fn time() -> impl Strategy<Value = i64> {
    // Close together or hours apart, and on the edges of hours.
    prop_oneof![(0..5_i64), (-6..6_i64).prop_map(|hours| hours * HOUR - NOW % HOUR), (-6 * HOUR..6 * HOUR)]
        .prop_map(|offset| NOW + offset)
}

fn draft() -> impl Strategy<Value = Draft> {
    let words =
        (0..NAMES.len(), option::of(0..NAMES.len()), option::of(0..ACTORS.len()), 0..SEVERITIES.len());
    (0..2_usize, 0..60_u64, words, time(), 0..3 * HOUR).prop_map(
        |(organization, number, (name, original, actor, severity), time, late)| Draft {
            organization,
            number,
            name,
            original,
            actor,
            severity,
            time,
            late,
        },
    )
}

fn listing() -> impl Strategy<Value = Listing> {
    let filters = (vec(0..NAMES.len(), 0..3), option::of(0..ACTORS.len()), option::of(0..SEVERITIES.len()));
    let times = (option::of(time()), option::of(time()), option::of(time()));
    (filters, times, 0..12_usize, 0..8_u64).prop_map(
        |((names, actor, severity), (from, to, not_before), limit, offset)| Listing {
            names,
            actor,
            severity,
            from,
            to,
            not_before,
            limit,
            offset,
        },
    )
}

fn operation() -> impl Strategy<Value = Operation> {
    let conclude =
        (0..20_u64, vec((0..2_usize, 0..8_u64, time()), 0..3), vec((0..2_usize, 0..8_u64, 1..99_u64), 0..3));
    prop_oneof![
        5 => vec(draft(), 0..12).prop_map(Operation::Append),
        2 => conclude.prop_map(|(ahead, raised, grown)| Operation::Conclude { ahead, raised, grown }),
        2 => (0..2_usize, 0..8_u64, 0..4_usize)
            .prop_map(|(organization, number, action)| Operation::Change { organization, number, action }),
        1 => (0..2_usize, time(), 0..9_usize)
            .prop_map(|(organization, before, max)| Operation::Purge { organization, before, max }),
        6 => (0..2_usize, listing()).prop_map(|(organization, listing)| Operation::List { organization, listing }),
        1 => Just(Operation::Reopen),
    ]
}

fn make(organizations: &[OrganizationId], draft: &Draft) -> NewEvent {
    let mut event =
        event(&organizations[draft.organization], draft.number, NAMES[draft.name], draft.time + draft.late);
    event.event_time_ms = draft.time;
    event.original_event = draft.original.map(|name| NAMES[name].into());
    event.actor_id = draft.actor.map(|actor| ACTORS[actor].into());
    event.severity = SEVERITIES[draft.severity].into();
    event.enrichment = draft.original.map(|name| format!(r#"{{"threat_score":{name}}}"#));
    event
}

fn event_query(organization: &OrganizationId, listing: &Listing) -> EventQuery {
    let mut query = EventQuery::new(organization.clone());
    query.names = listing.names.iter().map(|name| NAMES[*name].into()).collect();
    query.actor_id = listing.actor.map(|actor| ACTORS[actor].into());
    query.severity = listing.severity.map(|severity| SEVERITIES[severity].into());
    (query.from_ms, query.to_ms, query.not_before_ms) = (listing.from, listing.to, listing.not_before);
    (query.limit, query.offset) = (listing.limit, listing.offset);
    query
}

fn alert_query(organization: &OrganizationId, listing: &Listing) -> AlertQuery {
    let mut query = AlertQuery::new(organization.clone());
    query.status = listing.severity.map(|status| ["open", "resolved", "dismissed"][status].into());
    (query.from_ms, query.to_ms, query.not_before_ms) = (listing.from, listing.to, listing.not_before);
    (query.limit, query.offset) = (listing.limit, listing.offset);
    query
}

fn effects(
    organizations: &[OrganizationId],
    raised: &[(usize, u64, i64)],
    grown: &[(usize, u64, u64)],
) -> Effects {
    let mut effects = Effects::none();
    for (at, number, time) in raised {
        let alert = alert(&organizations[*at], *number, *time);
        effects.notices.push(notice(&alert, NoticeKind::Raised, *time));
        effects.raised.push(alert);
    }
    for (at, number, count) in grown {
        let id = alert(&organizations[*at], *number, NOW).id;
        let mut progress =
            AlertProgress::new(organizations[*at].clone(), id, "critical", *count, NOW, NOW + 1);
        progress.event_ids = vec![event(&organizations[*at], *count, "x", NOW).id];
        if count % 2 == 0 {
            progress.source_ip = Some((count % 4 == 0).then_some([203, 0, 113, 9].into()));
            progress.actor_id = Some((count % 6 == 0).then(|| ACTORS[0].into()));
            progress.first_seen_ms = Some(NOW - 1);
            progress.technique = (count % 10 == 0).then(|| "T1110.003".into());
            progress.metadata = Some(format!(r#"{{"count":{count}}}"#));
        }
        if count % 7 == 0 {
            let of = alert(&organizations[*at], *number, NOW);
            effects.notices.push(notice(&of, NoticeKind::Updated, NOW));
            effects.obeyed.push(Obeyed::new(*number, Seq::new(*count)));
        }
        effects.progress.push(progress);
    }
    effects
}

fn notice(of: &NewAlert, kind: NoticeKind, at: i64) -> NewNotice {
    NewNotice::new(of.organization.clone(), of.id, kind, &*of.severity, &*of.title, at)
}

fn action(number: usize) -> AlertAction {
    match number {
        0 => AlertChange::resolve("other", "").action,
        1 => AlertAction::MarkSafe,
        2 => AlertAction::Reopen,
        _ => AlertAction::Acknowledge,
    }
}

/// Does the same to both and compares what they answer.
fn both(operation: &Operation, stores: [&dyn Store; 2], organizations: &[OrganizationId]) {
    match operation {
        Operation::Append(drafts) => {
            let batch: Vec<_> = drafts.iter().map(|draft| make(organizations, draft)).collect();
            same(stores, |store| store.append(&batch).unwrap());
        }
        Operation::Conclude { ahead, raised, grown } => {
            let cursor = Seq::new(stores[0].cursor().unwrap().get() + ahead);
            let effects = effects(organizations, raised, grown);
            same(stores, |store| store.conclude(cursor, &effects).is_ok());
        }
        Operation::Change { organization, number, action: way } => {
            let organization = &organizations[*organization];
            let (id, change) = (alert(organization, *number, NOW).id, AlertChange::new(action(*way), "me"));
            same(stores, |store| store.update_alert(organization, id, &change, NOW + 7).unwrap());
        }
        Operation::Purge { organization, before, max } => {
            same(stores, |store| store.purge(&organizations[*organization], *before, *max).unwrap());
            same(stores, |store| store.purge_notices(*before, *max).unwrap());
        }
        Operation::List { organization, listing } => {
            let (events, alerts) = (
                event_query(&organizations[*organization], listing),
                alert_query(&organizations[*organization], listing),
            );
            same(stores, |store| store.events(&events).unwrap());
            same(stores, |store| {
                let page = store.alerts(&alerts).unwrap();
                // The cursor holds a number that each engine gives out as it likes.
                (page.rows, page.total, page.next.is_some())
            });
            if let Some(next) = stores[0].events(&events).unwrap().next {
                let mut after = events;
                after.cursor = Some(next);
                same(stores, |store| store.events(&after).unwrap());
            }
        }
        Operation::Reopen => {}
    }
}

fn same<T: PartialEq + std::fmt::Debug>(stores: [&dyn Store; 2], ask: impl Fn(&dyn Store) -> T) {
    assert_eq!(ask(stores[0]), ask(stores[1]), "SQLite on the left, memory on the right");
}

fn compare_everything(stores: [&dyn Store; 2], organizations: &[OrganizationId]) {
    same(stores, |store| store.read_from(Seq::START, 10_000).unwrap());
    same(stores, |store| (store.last_seq().unwrap(), store.cursor().unwrap()));
    same(stores, |store| store.open_alerts(i64::MIN).unwrap());
    same(stores, |store| store.suppressions(NOW).unwrap());
    for organization in organizations {
        same(stores, |store| store.usage(organization, Month::containing(NOW)).unwrap());
        same(stores, |store| store.audit(organization, 0, 1_000).unwrap());
        same(stores, |store| store.verdicts(0, 1_000).unwrap());
        same(stores, |store| store.notices(0, 1_000).unwrap());
        let query = EventQuery::new(organization.clone());
        same(stores, |store| store.events(&query).unwrap().total);
        assert!(matches!(stores[0].events(&query).unwrap().total, Total::Exactly(_)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_says_what_memory_says(operations in vec(operation(), 1..40)) {
        let directory = tempfile::tempdir().unwrap();
        let memory = MemoryStore::new();
        let mut sqlite = SqliteStore::open(directory.path()).unwrap();
        let organizations = ["a", "b"].map(|id| {
            organization(&memory, id).unwrap();
            organization(&sqlite, id).unwrap()
        });
        for operation in &operations {
            if matches!(operation, Operation::Reopen) {
                drop(sqlite);
                sqlite = SqliteStore::open(directory.path()).unwrap();
            }
            both(operation, [&sqlite, &memory], &organizations);
        }
        compare_everything([&sqlite, &memory], &organizations);
    }
}
