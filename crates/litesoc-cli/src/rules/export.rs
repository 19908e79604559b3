//! `litesoc rules export`: the built-in rules that count in windows, as Sigma.

use std::fs;
use std::path::Path;

use litesoc_detect::Settings;
use serde::Serialize;

use crate::outcome::Failure;
use crate::screen::Screen;

#[derive(Serialize)]
struct Written {
    files: Vec<String>,
}

pub(super) fn run(out: &Path, settings: &Settings, screen: &mut Screen) -> Result<(), Failure> {
    let unwritable = |error| Failure::new(format!("cannot write to {}: {error}", out.display()));
    fs::create_dir_all(out).map_err(unwritable)?;
    let mut written = Written { files: Vec::new() };
    for file in litesoc_detect::export(settings) {
        let path = out.join(&file.name);
        fs::write(&path, &file.text).map_err(unwritable)?;
        written.files.push(path.display().to_string());
    }
    if screen.is_json() {
        return screen.document(&written);
    }
    screen.line(&format!("wrote {} files to {}", written.files.len(), out.display()))
}
