//! The tables, and how a database of an earlier version becomes one of this version.

use rusqlite::{Connection, TransactionBehavior};

use super::failure::{Failure, Place};
use crate::Result;
use crate::error::StoreError;

/// Marks the file as ours in its header: the letters `lsoc`.
const APPLICATION_ID: i32 = 0x6c73_6f63;

/// The steps from an empty file to the present schema, oldest first; the version of a database is how many it has taken.
///
/// A step that was released is never edited: databases out there have taken it.
const STEPS: &[&str] = &[
    include_str!("schema/0001_first.sql"),
    include_str!("schema/0002_enrichment.sql"),
    include_str!("schema/0003_notices.sql"),
];

/// Brings the database to the present schema, or says why not.
pub(super) fn migrate(connection: &mut Connection, place: &Place) -> Result<()> {
    migrate_with(connection, place, STEPS)
}

/// Checks that the database has the present schema without changing it.
pub(super) fn check(connection: &Connection, place: &Place) -> Result<()> {
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    match check_owner(connection, place)? {
        found if found > known => Err(place.newer_schema(found, known)),
        found if found < known => Err(StoreError::invalid(format!(
            "the database in {} is of an earlier version; start the server on it once",
            place.directory().display()
        ))),
        _ => Ok(()),
    }
}

fn migrate_with(connection: &mut Connection, place: &Place, steps: &[&str]) -> Result<()> {
    let doing = "bringing the database to the present schema";
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    let found = check_owner(connection, place)?;
    if found > known {
        return Err(place.newer_schema(found, known));
    }
    for (version, step) in (1_u32..).zip(steps).skip(found as usize) {
        let mut take = || -> Result<(), Failure> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", version)?;
            Ok(transaction.commit()?)
        };
        place.judge(doing, take())?;
    }
    Ok(())
}

/// The version of the database, once it is certain that no other program owns the file.
fn check_owner(connection: &Connection, place: &Place) -> Result<u32> {
    let read = || -> Result<(i32, u32, i64), Failure> {
        let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((application, version, tables))
    };
    let (application, version, tables) = place.judge("reading the version of the database", read())?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(place.corrupt("opening the database", "it belongs to another program"));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::open;
    use super::*;
    use crate::{NewEvent, OrganizationId, Seq, SqliteSettings, SqliteStore, Store as _};

    fn version(connection: &Connection) -> u32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn steps_are_taken_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let place = Place::new("here".into());
        migrate_with(&mut connection, &place, &["CREATE TABLE a(x)"]).unwrap();
        migrate_with(&mut connection, &place, &["CREATE TABLE a(x)", "INSERT INTO a VALUES (1)"]).unwrap();
        migrate_with(&mut connection, &place, &["CREATE TABLE a(x)", "INSERT INTO a VALUES (1)"]).unwrap();
        assert_eq!(version(&connection), 2);
        let rows: i64 = connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let place = Place::new("here".into());
        let steps = ["CREATE TABLE a(x)", "CREATE TABLE b(x); CREATE TABLE a(x)"];
        assert!(migrate_with(&mut connection, &place, &steps).is_err());
        assert_eq!(version(&connection), 1);
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_newer_schema_is_refused_by_name() {
        let mut connection = Connection::open_in_memory().unwrap();
        let place = Place::new("here".into());
        migrate_with(&mut connection, &place, &["CREATE TABLE a(x)", "CREATE TABLE b(x)"]).unwrap();
        let refused = migrate_with(&mut connection, &place, &["CREATE TABLE a(x)"]).unwrap_err();
        assert!(matches!(refused, StoreError::NewerSchema { found: 2, known: 1, .. }), "{refused}");
    }

    #[test]
    fn a_database_of_the_first_version_is_brought_up_to_date() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::new(directory.path().into());
        let mut connection = open::writer(&place, &SqliteSettings::default()).unwrap();
        migrate_with(&mut connection, &place, &STEPS[..1]).unwrap();
        let rows = "INSERT INTO organizations VALUES (1, 'a', 'A', 'pro', '{}', 0);
            INSERT INTO events (seq, organization, event_time_ms, name_key, id, severity, received_ms, event_name, metadata)
            VALUES (1, 1, 5, 6, x'00000000000000000000000000000007', 'info', 8, 'x.y', '{\"n\":1}')";
        connection.execute_batch(rows).unwrap();
        drop(connection);

        let store = SqliteStore::open(directory.path()).unwrap();
        let organization = OrganizationId::new("a").unwrap();
        let mut old = NewEvent::new(organization.clone(), Uuid::from_u128(7), "x.y", 8);
        (old.event_time_ms, old.metadata) = (5, r#"{"n":1}"#.into());
        let mut new = NewEvent::new(organization, Uuid::from_u128(9), "x.y", 9);
        new.enrichment = Some(r#"{"threat_score":1}"#.into());
        store.append(std::slice::from_ref(&new)).unwrap();
        let found: Vec<_> =
            store.read_from(Seq::START, 9).unwrap().into_iter().map(|row| row.event).collect();
        assert_eq!(found, [old, new]);
    }

    #[test]
    fn a_file_of_another_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs(x)").unwrap();
        let refused = migrate(&mut connection, &Place::new("here".into())).unwrap_err();
        assert!(refused.to_string().contains("another program"), "{refused}");
    }
}
