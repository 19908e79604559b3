//! Between the columns of a row and the types of the crate.

use std::net::IpAddr;
use std::str::FromStr;

use rusqlite::Row;
use rusqlite::types::Type;
use uuid::Uuid;

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

pub(super) fn optional_uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}

pub(super) fn address(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<IpAddr>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)? else {
        return Ok(None);
    };
    let broken = |error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error));
    IpAddr::from_str(text).map(Some).map_err(broken)
}

pub(super) fn text(address: Option<IpAddr>) -> Option<String> {
    address.map(|address| address.to_string())
}

/// Ids one after another, 16 bytes each.
pub(super) fn uuids(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Uuid>> {
    let bytes = row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?;
    let (whole, _) = bytes.as_chunks::<16>();
    Ok(whole.iter().map(|id| Uuid::from_bytes(*id)).collect())
}

pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A limit or an offset; beyond what the engine counts to is as good as its end.
pub(super) fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
