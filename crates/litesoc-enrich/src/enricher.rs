//! [`Enricher`]: from an address to what is known of it.

use std::net::IpAddr;

use litesoc_model::{Enrichment, Network};

use crate::address::{Span, canonical, is_special};
use crate::database::Database;
use crate::error::{EnrichError, Fault};
use crate::fact::Facts;
use crate::files::Located;
use crate::list;
use crate::overrides::{self, Overrides, OwnNetwork, Places};
use crate::ranges::{Flags, Lists};
use crate::source::{ListKind, Source, SourceKind};
use crate::status::{FileStatus, Status};
use crate::threat::ThreatWeights;

/// Everything that is loaded; asks nothing of a disk or a network once it is open.
///
/// ```
/// use litesoc_enrich::{Enricher, Source, SourceKind};
///
/// let overrides = r#"
///     [[network]]
///     name = "Berlin office"
///     networks = ["192.0.2.0/24"]
///     country = "DE"
///     city = "Berlin"
///     latitude = 52.52
///     longitude = 13.405
///     kind = "office"
/// "#;
/// let enricher = Enricher::open([
///     Source::new("overrides.toml", SourceKind::Overrides, overrides),
///     Source::new("tor.txt", "tor".parse()?, "198.51.100.7\n"),
/// ])?;
///
/// let office = enricher.enrich("192.0.2.10".parse().ok()).expect("it is named");
/// assert_eq!(office.place.and_then(|place| place.city).as_deref(), Some("Berlin"));
/// let exit = enricher.enrich("198.51.100.7".parse().ok()).expect("it is on a list");
/// assert_eq!(exit.threat_score, 60);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Enricher {
    /// Those that know places most exactly first.
    databases: Vec<Database>,
    lists: Lists,
    own: Vec<OwnNetwork>,
    places: Places,
    threat: ThreatWeights,
    status: Status,
}

impl Enricher {
    /// Reads sources, all of each.
    ///
    /// The order of databases decides between those that know a place equally exactly: the first one that knows the
    /// address speaks.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of them; nothing is loaded then.
    pub fn open(sources: impl IntoIterator<Item = Source>) -> Result<Self, EnrichError> {
        let mut loading = Loading::default();
        for source in sources {
            loading.take(source);
        }
        loading.finish()
    }

    /// Reads files, as [`open`](Self::open) does.
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open), and when a file cannot be read.
    pub fn open_files(files: &[Located]) -> Result<Self, EnrichError> {
        let mut loading = Loading::default();
        for file in files {
            match file.read() {
                Ok(source) => loading.take(source),
                Err(error) => loading.faults.extend_from_slice(error.faults()),
            }
        }
        loading.finish()
    }

    /// What is known of an address; `None` without an address, and when nothing is loaded that could know it.
    ///
    /// An address that nothing is known of has an empty enrichment when there is data: that it is on no list of VPNs is
    /// knowledge too. A private, reserved or documentation address is told as such unless a file or an override names it.
    #[must_use]
    pub fn enrich(&self, ip: Option<IpAddr>) -> Option<Enrichment> {
        let ip = canonical(ip?);
        let mut known = Enrichment::default();
        let mut flags = self.lists.get(ip);
        let mut named = !flags.without_own().is_empty();
        for database in &self.databases {
            named |= add(database, ip, &mut known, &mut flags);
        }
        set_flags(&mut known.network, flags);
        if let Some(own) = self.places.get(ip).and_then(|place| self.own.get(place)) {
            named = true;
            own.tell(&mut known);
        }
        known.network.is_private = !named && is_special(ip);
        if !known.network.is_private && self.status.is_empty() {
            return None;
        }
        self.threat.judge(&mut known);
        Some(known)
    }

    /// What is loaded and what is missing.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// What makes a network suspicious, and how much.
    #[must_use]
    pub const fn threat_weights(&self) -> &ThreatWeights {
        &self.threat
    }
}

/// Adds what a database says and nothing has said yet; whether it says anything.
fn add(database: &Database, ip: IpAddr, known: &mut Enrichment, flags: &mut Flags) -> bool {
    let Some(entry) = database.lookup(ip) else { return false };
    let mut says = !entry.flags.is_empty();
    *flags = flags.and(entry.flags);
    if known.place.is_none() {
        known.place = database.entries().place(entry);
        says |= known.place.is_some();
    }
    if known.network.asn.is_none() && entry.asn.is_some() {
        known.network.asn = entry.asn;
        says = true;
    }
    if known.network.organization.is_none()
        && let Some(organization) = database.entries().organization(entry)
    {
        known.network.organization = Some(organization.into());
        says = true;
    }
    says
}

const fn set_flags(network: &mut Network, flags: Flags) {
    network.is_vpn = flags.has(ListKind::Vpn);
    network.is_tor = flags.has(ListKind::Tor);
    network.is_proxy = flags.has(ListKind::Proxy);
    network.is_relay = flags.has(ListKind::Relay);
    network.is_datacenter = flags.has(ListKind::Datacenter);
    network.is_mobile = flags.has(ListKind::Mobile);
    network.is_allowed = flags.has(ListKind::Allow);
    network.is_denied = flags.has(ListKind::Deny);
}

/// An enricher while its sources come in.
#[derive(Default)]
struct Loading {
    databases: Vec<Database>,
    spans: Vec<(Span, Flags)>,
    overrides: Option<Overrides>,
    status: Status,
    faults: Vec<Fault>,
}

impl Loading {
    fn take(&mut self, source: Source) {
        match source.kind {
            SourceKind::Database => self.take_database(&source),
            SourceKind::List(kind) => self.take_list(&source, kind),
            SourceKind::Overrides => self.take_overrides(&source),
        }
    }

    fn take_database(&mut self, source: &Source) {
        match Database::open(&source.name, &source.content) {
            Ok((database, status)) => {
                self.status.coverage.add(status.ipv4, status.ipv6);
                self.status.files.push(status);
                self.databases.push(database);
            }
            Err(message) => self.faults.push(Fault::of_file(&source.name, message)),
        }
    }

    fn take_list(&mut self, source: &Source, kind: ListKind) {
        let spans = list::parse(&source.name, &source.content, kind.is_own(), &mut self.faults);
        let facts = kind.fact().map(Facts::from).unwrap_or_default();
        let has = |v4: bool| spans.iter().any(|span| matches!(span, Span::V4(..)) == v4);
        let (ipv4, ipv6) = (
            if has(true) { facts } else { Facts::default() },
            if has(false) { facts } else { Facts::default() },
        );
        self.push_text_status(source, spans.len(), ipv4, ipv6);
        self.spans.extend(spans.into_iter().map(|span| (span, Flags::of(kind))));
    }

    fn take_overrides(&mut self, source: &Source) {
        if self.overrides.is_some() {
            self.faults.push(Fault::of_file(&source.name, "is a second file of overrides; there can be one"));
            return;
        }
        let found = overrides::parse(&source.name, &source.content, &mut self.faults);
        let networks = found.networks.iter().map(|network| network.spans.len()).sum::<usize>();
        // They tell of a few networks only, which is no coverage.
        self.push_text_status(
            source,
            networks + found.allow.len() + found.deny.len(),
            Facts::default(),
            Facts::default(),
        );
        self.overrides = Some(found);
    }

    fn push_text_status(&mut self, source: &Source, networks: usize, ipv4: Facts, ipv6: Facts) {
        self.status.coverage.add(ipv4, ipv6);
        self.status.files.push(FileStatus {
            name: source.name.clone(),
            kind: source.kind.to_string().into(),
            database_type: None,
            built_at: None,
            networks: networks as u64,
            bytes: source.content.len() as u64,
            ipv4,
            ipv6,
            attribution: None,
        });
    }

    fn finish(mut self) -> Result<Enricher, EnrichError> {
        EnrichError::unless_empty(self.faults)?;
        let overrides = self.overrides.unwrap_or_default();
        self.spans.extend(overrides.allow.iter().map(|span| (*span, Flags::of(ListKind::Allow))));
        self.spans.extend(overrides.deny.iter().map(|span| (*span, Flags::of(ListKind::Deny))));
        let owned = overrides.networks.iter().zip(0_u32..);
        let owned: Vec<(Span, u32)> = owned
            .flat_map(|(network, owner)| network.spans.iter().map(move |(_, span)| (*span, owner)))
            .collect();
        // Stable: equally exact ones stay in the order in which they were given.
        self.databases.sort_by_key(|database| std::cmp::Reverse(database.exactness()));
        let mut attributions: Vec<Box<str>> = overrides.attributions;
        attributions.extend(self.status.files.iter().filter_map(|file| file.attribution.clone()));
        let mut seen = std::collections::HashSet::new();
        attributions.retain(|words| seen.insert(words.clone()));
        self.status.attributions = attributions;
        Ok(Enricher {
            databases: self.databases,
            lists: Lists::flatten(&self.spans),
            own: overrides.networks,
            places: Places::flatten(&owned),
            threat: overrides.threat,
            status: self.status,
        })
    }
}
