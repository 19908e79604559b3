//! Reading the files that the arguments name.

use litesoc_enrich::{EnrichError, Enricher, Located, SourceKind, locate};
use litesoc_server::HotEnricher;

use super::GeoFiles;
use crate::outcome::Failure;

/// The files that are meant, in their order.
pub(super) fn find(named: &GeoFiles) -> Result<Vec<Located>, EnrichError> {
    let mut files = locate(&named.geo)?;
    if let Some(path) = &named.geo_overrides {
        // It may lie in a folder that is named too.
        files.retain(|file| file.path.as_os_str() != path.as_str());
        files.push(Located::new(path, SourceKind::Overrides));
    }
    Ok(files)
}

pub(super) fn load(named: &GeoFiles) -> Result<Enricher, EnrichError> {
    Enricher::open_files(&find(named)?)
}

/// Reads the files for a server, and logs what it has to do without.
pub(crate) fn load_to_serve(named: &GeoFiles) -> Result<HotEnricher, Failure> {
    let enricher = load(named)?;
    tell(&enricher, "what is known of addresses");
    Ok(HotEnricher::new(enricher))
}

/// Logs what is loaded.
pub(super) fn tell(enricher: &Enricher, what: &str) {
    let status = enricher.status();
    let networks: u64 = status.files.iter().map(|file| file.networks).sum();
    let missing = status.coverage.missing().join("; ");
    tracing::info!(files = status.files.len(), networks, missing, "{what}");
    for words in &status.attributions {
        tracing::info!("{words}");
    }
}
