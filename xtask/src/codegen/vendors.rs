//! The tables of the vendors' vocabularies: one Rust file for each system.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use litesoc_events::{Confidence, EventType, Vendor};

use super::{Made, csv::VendorRow};
use crate::{Failure, process};

const FOLDER: &str = "crates/litesoc-events/src/vendor/tables";

/// Every table, and the module that names them.
pub(super) fn tables(rows: &[VendorRow]) -> Result<Vec<Made>, Failure> {
    let mut made = Vec::new();
    let mut modules = String::new();
    let mut arms = String::new();
    for &vendor in Vendor::ALL {
        let rows: Vec<_> = rows.iter().filter(|row| row.vendor == vendor).collect();
        if rows.is_empty() {
            return Err(format!("{vendor} has no rows"));
        }
        let module = module(vendor);
        writeln!(modules, "mod {module};").map_err(|error| error.to_string())?;
        writeln!(arms, "Vendor::{vendor:?} => {module}::ROWS,").map_err(|error| error.to_string())?;
        made.push(file(&module, &table(vendor, &rows))?);
    }
    made.push(file(
        "mod",
        &format!(
            "//! One table for each system. Made by `cargo xtask codegen`.\n\n{modules}\n\
             use super::{{Row, Vendor}};\n\n\
             /// The rows of a system, sorted by name, conditional ones first among equal names.\n\
             pub(super) fn rows(vendor: Vendor) -> &'static [Row] {{ match vendor {{ {arms} }} }}\n"
        ),
    )?);
    Ok(made)
}

/// The Rust files of the folder that none of the made ones replaces: tables of systems that are gone.
pub(super) fn left_over(made: &[Made]) -> Result<Vec<PathBuf>, Failure> {
    let root = process::root();
    let entries = fs::read_dir(root.join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    let present = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| format!("{FOLDER}: {error}")))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(present.into_iter().filter(|path| made.iter().all(|made| root.join(&made.path) != *path)).collect())
}

fn module(vendor: Vendor) -> String {
    vendor.as_str().replace('-', "_")
}

fn table(vendor: Vendor, rows: &[&VendorRow]) -> String {
    let confidences: BTreeSet<_> = rows.iter().map(|row| format!("{:?}", row.confidence)).collect();
    let makers: BTreeSet<_> = rows.iter().map(|row| maker(row)).collect();
    let lines: String = rows.iter().map(|row| line(row)).collect();
    format!(
        "//! The event names of {vendor}. Made by `cargo xtask codegen` from data/vendor-event-names.csv.\n\n\
         use crate::{{Confidence::{{{}}}, EventType, vendor::{{Row, {}}}}};\n\n\
         pub(super) static ROWS: &[Row] = &[{lines}];\n",
        Vec::from_iter(confidences).join(", "),
        Vec::from_iter(makers).join(", "),
    )
}

fn maker(row: &VendorRow) -> &'static str {
    if row.condition.is_some() { "when" } else { "plain" }
}

fn line(row: &VendorRow) -> String {
    let condition =
        row.condition.as_ref().map(|(field, value)| format!("{field:?}, {value:?}, ")).unwrap_or_default();
    let (name, constant, confidence): (_, _, Confidence) = (&row.name, constant(&row.event), row.confidence);
    format!("{}({name:?}, {condition}EventType::{constant}, {confidence:?}),", maker(row))
}

/// The constant of a known event.
pub(super) fn constant(event: &EventType) -> String {
    if *event == EventType::USER_LOGIN_FAILED_DOTTED {
        return "USER_LOGIN_FAILED_DOTTED".to_owned();
    }
    event.as_str().replace('.', "_").to_uppercase()
}

fn file(module: &str, source: &str) -> Result<Made, Failure> {
    Ok(Made {
        path: PathBuf::from(FOLDER).join(format!("{module}.rs")),
        content: process::formatted(source)?,
    })
}
