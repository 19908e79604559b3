//! Reading the files again while the server runs, when they have changed or somebody asks.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use litesoc_server::{HotEnricher, ReloadSignal};

use super::GeoFiles;
use super::load::{find, load, tell};
use crate::outcome::Failure;

/// How a file looks from outside; `None` for one that is not there.
type Look = (PathBuf, Option<(u64, SystemTime)>);

/// Starts a thread that reads the files again at SIGHUP, and when they have changed and stand still for one interval.
///
/// Files that cannot be used are told in the log, and the data that is loaded stays.
pub(crate) fn keep_up_to_date(hot: HotEnricher, named: GeoFiles, seconds: u64) -> Result<(), Failure> {
    // Before the server tells that it is there: whoever reads that may ask at once.
    let mut asked = ReloadSignal::listen()?;
    let interval = (seconds > 0).then(|| Duration::from_secs(seconds));
    thread::Builder::new().name("litesoc-geo".to_owned()).spawn(move || {
        let mut loaded = look(&named);
        let mut before = loaded.clone();
        loop {
            let asked = match asked.wait(interval) {
                Ok(asked) => asked,
                Err(error) => {
                    tracing::error!(%error, "files of --geo are no longer watched");
                    return;
                }
            };
            let now = look(&named);
            // A file that still grows is not read: it would be half of one.
            let changed = now != loaded && now == before;
            before.clone_from(&now);
            if asked || changed {
                loaded = now;
                reload(&hot, &named);
            }
        }
    })?;
    Ok(())
}

fn reload(hot: &HotEnricher, named: &GeoFiles) {
    match load(named) {
        Ok(enricher) => {
            hot.replace(enricher);
            // Told once it is so: whoever reads the line may send an event at once.
            tell(&hot.current(), "what is known of addresses was read again");
        }
        Err(error) => {
            for fault in error.faults() {
                tracing::error!("{fault}");
            }
            tracing::error!("the files of --geo cannot be used; what was loaded before stays");
        }
    }
}

/// How the files look from outside. What cannot be found is no file, which is a change too.
fn look(named: &GeoFiles) -> Vec<Look> {
    let files = find(named).unwrap_or_default();
    let about =
        |path: &PathBuf| fs::metadata(path).and_then(|about| Ok((about.len(), about.modified()?))).ok();
    files.into_iter().map(|file| (file.path.clone(), about(&file.path))).collect()
}
