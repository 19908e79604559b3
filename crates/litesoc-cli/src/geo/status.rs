//! `litesoc geo status`: what is loaded, how old it is, what must be shown with it, and what is missing.
#![expect(clippy::disallowed_methods, reason = "the age of a file is told as of now")]

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use litesoc::Timestamp;
use litesoc_enrich::{Coverage, FileStatus};
use serde::Serialize;

use super::{GeoFiles, load};
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::{Table, shown};

/// Days after which data is called old. Published files change at least every month.
const OLD_DAYS: i64 = 90;

#[derive(Serialize)]
struct Document<'a> {
    files: Vec<File<'a>>,
    coverage: &'a Coverage,
    missing: Vec<String>,
    attributions: &'a [Box<str>],
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(flatten)]
    status: &'a FileStatus,
    /// When it was built, or changed, where it does not say when it was built.
    dated: Option<String>,
    age_days: Option<i64>,
}

impl<'a> File<'a> {
    fn of(status: &'a FileStatus) -> Self {
        let built = status.built_at.and_then(|seconds| i64::try_from(seconds).ok());
        let built = built.and_then(|seconds| seconds.checked_mul(1_000)).map(Timestamp::from_millis);
        let changed = || Some(Timestamp::from(fs::metadata(Path::new(&*status.name)).ok()?.modified().ok()?));
        let dated = built.or_else(changed);
        let now = Timestamp::from(SystemTime::now()).as_millis();
        let age = dated.map(|at| (now - at.as_millis()) / 86_400_000);
        let day = dated.map(|at| at.to_string().chars().take(10).collect());
        Self { status, dated: day, age_days: age }
    }
}

pub(super) fn run(named: &GeoFiles, screen: &mut Screen) -> Result<(), Failure> {
    let enricher = load::load(named)?;
    let status = enricher.status();
    let files: Vec<File<'_>> = status.files.iter().map(File::of).collect();
    let missing = status.coverage.missing();
    if screen.is_json() {
        let attributions = &status.attributions;
        return screen.document(&Document { files, coverage: &status.coverage, missing, attributions });
    }
    if files.is_empty() {
        screen.line("no files; name them with --geo FILE or --geo DIR")?;
    } else {
        screen.table(&table(&files))?;
        screen.line("")?;
    }
    for sentence in &missing {
        screen.line(&format!("missing: {sentence}"))?;
    }
    for file in files.iter().filter(|file| file.age_days.is_some_and(|days| days > OLD_DAYS)) {
        let days = file.age_days.unwrap_or_default();
        screen.line(&format!("old: {} is of {days} days ago", shown(&file.status.name)))?;
    }
    for words in &status.attributions {
        screen.line(&format!("to be shown with results: {}", shown(words)))?;
    }
    Ok(())
}

fn table(files: &[File<'_>]) -> Table {
    let mut table = Table::new(&["file", "kind", "dated", "networks", "tells"]);
    for file in files {
        let status = file.status;
        let name = Path::new(&*status.name)
            .file_name()
            .map_or_else(|| status.name.to_string(), |name| name.to_string_lossy().into_owned());
        let kind = status.database_type.as_deref().unwrap_or(&status.kind);
        let networks = status.networks.to_string();
        let told = match (status.ipv4, status.ipv6) {
            (ipv4, ipv6) if ipv4 == ipv6 => ipv4.to_string(),
            (ipv4, ipv6) if ipv6.is_empty() => format!("{ipv4} (IPv4)"),
            (ipv4, ipv6) if ipv4.is_empty() => format!("{ipv6} (IPv6)"),
            (ipv4, ipv6) => format!("{ipv4} (IPv4); {ipv6} (IPv6)"),
        };
        table.row([&*name, kind, file.dated.as_deref().unwrap_or_default(), &*networks, &*told]);
    }
    table
}
