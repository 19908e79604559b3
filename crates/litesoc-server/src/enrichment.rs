//! [`HotEnricher`]: what is known of addresses, exchangeable while the server runs.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use litesoc_enrich::Enricher;
use parking_lot::RwLock;

/// What is known of addresses, shared by everybody who has a copy, and exchangeable while the server runs.
///
/// Events that are on their way keep the enricher with which their request began, so that a batch is judged by one state of
/// the data.
///
/// ```
/// use litesoc_enrich::{Enricher, Source, SourceKind};
/// use litesoc_server::HotEnricher;
///
/// let hot = HotEnricher::default();
/// let copy = hot.clone();
/// let tor = Source::new("tor.txt", "tor".parse::<SourceKind>()?, "192.0.2.7\n");
/// hot.replace(Enricher::open([tor])?);
/// assert_eq!(copy.current().status().files.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct HotEnricher(Arc<RwLock<Arc<Enricher>>>);

impl HotEnricher {
    /// Starts with this one.
    #[must_use]
    pub fn new(enricher: Enricher) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(enricher))))
    }

    /// The one that holds now.
    #[must_use]
    pub fn current(&self) -> Arc<Enricher> {
        Arc::clone(&self.0.read())
    }

    /// Puts another one in its place, for every copy; events that arrive from now on are judged by it.
    pub fn replace(&self, enricher: Enricher) {
        let after = Arc::new(enricher);
        let before = std::mem::replace(&mut *self.0.write(), after);
        // Given back outside of the lock: a hundred megabytes take their time.
        drop(before);
    }
}

impl From<Enricher> for HotEnricher {
    fn from(enricher: Enricher) -> Self {
        Self::new(enricher)
    }
}

impl fmt::Debug for HotEnricher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HotEnricher").field("files", &self.current().status().files.len()).finish()
    }
}

/// What is known of a user's address, as it is stored; nothing when no data is loaded.
pub(crate) fn of(enricher: &Enricher, ip: Option<IpAddr>) -> Option<String> {
    if enricher.status().is_empty() {
        return None;
    }
    serde_json::to_string(&enricher.enrich(ip)?).ok()
}
