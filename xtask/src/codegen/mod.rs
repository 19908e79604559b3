//! `codegen`: files made from the tables, and the check that they are fresh.

mod csv;
mod events;
mod rules;
mod vendors;

use std::{fs, path::PathBuf};

use crate::{Failure, process};

/// A file as it should be, its path relative to the workspace.
struct Made {
    path: PathBuf,
    content: String,
}

/// Writes every made file that is not as it should be, and removes those that no longer are made.
pub(crate) fn write() -> Result<(), Failure> {
    let root = process::root();
    for made in all()? {
        let path = root.join(&made.path);
        if fs::read_to_string(&path).is_ok_and(|present| present == made.content) {
            continue;
        }
        fs::write(&path, &made.content).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote {}", made.path.display());
    }
    for path in vendors::left_over(&all()?)? {
        fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("removed {}", path.display());
    }
    Ok(())
}

/// Fails when a made file differs from what it should be.
pub(crate) fn check() -> Result<(), Failure> {
    let root = process::root();
    let made = all()?;
    let mut stale: Vec<String> = made
        .iter()
        .filter(|made| fs::read_to_string(root.join(&made.path)).ok().as_deref() != Some(&made.content))
        .map(|made| made.path.display().to_string())
        .collect();
    stale.extend(vendors::left_over(&made)?.iter().map(|path| path.display().to_string()));
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("not as `cargo xtask codegen` would write them:\n  {}", stale.join("\n  ")))
}

fn all() -> Result<Vec<Made>, Failure> {
    let rows = csv::vendor_rows()?;
    let mut made = vendors::tables(&rows)?;
    made.push(events::document(&rows));
    made.push(rules::document()?);
    Ok(made)
}
