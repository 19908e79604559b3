//! Reads the data file of the vendors' event names.

use std::fs;

use litesoc_events::{Confidence, EventType, Vendor};

use crate::{Failure, process};

pub(super) const PATH: &str = "crates/litesoc-events/data/vendor-event-names.csv";

/// One line of the data file.
pub(super) struct VendorRow {
    pub(super) vendor: Vendor,
    pub(super) name: String,
    /// The field and the value it must have.
    pub(super) condition: Option<(String, String)>,
    pub(super) event: EventType,
    pub(super) confidence: Confidence,
}

/// Every line, sorted by vendor and name, conditional rows before the plain row of the same name.
pub(super) fn vendor_rows() -> Result<Vec<VendorRow>, Failure> {
    let path = process::root().join(PATH);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, line)| line) != Some("system,source_name,canonical,confidence,reference") {
        return Err(format!("{PATH}: the first line does not name the columns"));
    }
    let mut rows = lines
        .map(|(at, line)| row(line).map_err(|reason| format!("{PATH}:{}: {reason}", at + 1)))
        .collect::<Result<Vec<_>, _>>()?;
    let key =
        |row: &VendorRow| (row.vendor, row.name.clone(), row.condition.is_none(), row.condition.clone());
    rows.sort_by_key(key);
    match rows.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])) {
        Some(pair) => Err(format!("{PATH}: {} has `{}` twice", pair[0].vendor, pair[0].name)),
        None => Ok(rows),
    }
}

fn row(line: &str) -> Result<VendorRow, Failure> {
    let columns = columns(line)?;
    let [system, source_name, canonical, confidence, _reference] = &columns[..] else {
        return Err(format!("{} columns instead of 5", columns.len()));
    };
    if !source_name.is_ascii() || source_name.trim() != source_name || source_name.is_empty() {
        return Err(format!("`{source_name}` is not a clean ASCII name: it would never match"));
    }
    let (name, condition) = match source_name.strip_suffix(']').and_then(|open| open.split_once('[')) {
        Some((name, condition)) => {
            let (field, value) = condition.split_once('=').ok_or("a condition without `=`")?;
            (name.to_owned(), Some((field.to_owned(), value.to_owned())))
        }
        None => (source_name.clone(), None),
    };
    let event = EventType::custom(canonical);
    if !event.is_known() {
        return Err(format!("`{canonical}` is not in the catalogue"));
    }
    Ok(VendorRow {
        vendor: system.parse().map_err(|_| format!("`{system}` is no `Vendor`"))?,
        name,
        condition,
        event,
        confidence: confidence.parse().map_err(|_| format!("`{confidence}` is no confidence"))?,
    })
}

/// Splits a line at its commas; a column in quotes may hold commas, and a quote written twice.
fn columns(line: &str) -> Result<Vec<String>, Failure> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => {
                columns.last_mut().ok_or("no column")?.push('"')
            }
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            _ => columns.last_mut().ok_or("no column")?.push(letter),
        }
    }
    if quoted { Err("a quote is not closed".to_owned()) } else { Ok(columns) }
}
