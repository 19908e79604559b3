//! [`Config`]: where the server listens, what it allows and how long it waits, with a reason for every default.

mod audit_node;

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use litesoc_audit::AskWitness;
use litesoc_detect::SettingsFile;
use litesoc_ledger::policy::Policy;
use litesoc_model::Plan;

pub use self::audit_node::AuditNode;
use crate::access::ApiKey;
use crate::clock::Clock;
use crate::enrichment::HotEnricher;
use crate::rules::HotRules;

/// Everything that can be set about a server.
///
/// ```
/// use litesoc_server::Config;
///
/// let mut config = Config::default();
/// config.listen = "127.0.0.1:0".parse()?;
/// config.plans.free.events_per_month = Some(5_000);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The address to listen on; port 0 takes a free one. `127.0.0.1:8787`: nobody is reachable from outside by accident.
    pub listen: SocketAddr,
    /// What each plan includes.
    pub plans: Plans,
    /// How much one request and all connections together may take.
    pub limits: Limits,
    /// How long the server waits for a client.
    pub timeouts: Timeouts,
    /// How much may wait to be written.
    pub queue: QueueBounds,
    /// Thresholds and memory bounds of the detector, and what is different in single organizations.
    pub detection: SettingsFile,
    /// Sigma rules of the operator's own, for all organizations; read with [`litesoc_detect::taxonomy`].
    pub rules: HotRules,
    /// Where the detector keeps what it remembers; `None` keeps nothing, and a start shows it the events of the last hours
    /// again. With SQLite, a folder beside the database.
    pub detector_files: Option<DetectorFiles>,
    /// What is known of the addresses of users. Nothing: without data events are stored as they come.
    pub enrichment: HotEnricher,
    /// Web origins whose pages may call the API besides `http://localhost:3000` and `https://127.0.0.1:3000`, which
    /// always may; `https://*.example.com` stands for every sub-domain. Requests without an `Origin` are not concerned.
    pub origins: Vec<String>,
    /// Threads that serve requests; `None` takes one for each processor.
    pub worker_threads: Option<usize>,
    /// How long a key that was looked up is believed, with its organization and plan, before the store is asked again:
    /// the longest time a revoked key still works. 2 seconds.
    pub key_refresh: Duration,
    /// The key that opens `/metrics` from other machines; with `None` only this machine sees them.
    pub metrics_key: Option<ApiKey>,
    /// The audit logs; with `None` this server keeps none.
    pub audit: Option<AuditConfig>,
    /// The node that keeps the audit logs in the place of this one; not beside [`audit`](Self::audit).
    pub audit_node: Option<AuditNode>,
    /// The clock.
    pub clock: Clock,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
            plans: Plans::default(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            queue: QueueBounds::default(),
            detection: SettingsFile::default(),
            rules: HotRules::default(),
            detector_files: None,
            enrichment: HotEnricher::default(),
            origins: Vec::new(),
            worker_threads: None,
            key_refresh: Duration::from_secs(2),
            metrics_key: None,
            audit: None,
            audit_node: None,
            clock: Clock::system(),
        }
    }
}

/// Where the audit logs are and what they are called.
#[derive(Clone)]
#[non_exhaustive]
pub struct AuditConfig {
    /// The folder, for one server at a time; made if it is not there.
    pub directory: PathBuf,
    /// What stands before the name of each log in its checkpoints, such as `audit.example`. It names the logs made from now
    /// on and renames none. `litesoc.localhost`.
    pub host: String,
    /// The address at which clients reach the server, such as `https://audit.example`, for the addresses of downloads;
    /// with `None` it is taken from each request.
    pub public_url: Option<String>,
    /// How often a checkpoint is signed while a log grows. 1 second.
    pub publish_every: Duration,
    /// The longest body of a request. 16 MiB: a thousand events of sixteen kilobytes.
    pub body_bytes: usize,
    /// Which witnesses must have cosigned a checkpoint before it is published (C2SP tlog-policy); with `None` the log's own
    /// signature is enough.
    pub policy: Option<Policy>,
    /// How witnesses are asked; with `None` none is, and a policy that needs one is never met.
    pub ask_witness: Option<AskWitness>,
    /// Whose security events are written to an audit log of their organization too. Nobody's.
    pub events: EventTrail,
    /// How long records are kept; then whole old segments become tombstones, and all proofs stay. `None` keeps them for ever.
    /// What was done to litesoc itself is always kept.
    pub retention: Option<Duration>,
    /// By which servers without audit logs are known that hand on to this one what is asked of them; with `None` there are no
    /// such servers. See [`AuditNode`].
    pub node_token: Option<ApiKey>,
}

impl AuditConfig {
    /// Logs in this folder.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        let host = "litesoc.localhost".to_owned();
        Self {
            directory: directory.into(),
            host,
            public_url: None,
            publish_every: Duration::from_secs(1),
            body_bytes: 16 << 20,
            policy: None,
            ask_witness: None,
            events: EventTrail::Off,
            retention: None,
            node_token: None,
        }
    }
}

/// Whose security events are written to an audit log too, beside the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventTrail {
    /// Nobody's.
    #[default]
    Off,
    /// Those of these organizations.
    Of(BTreeSet<String>),
    /// Everybody's.
    All,
}

impl EventTrail {
    /// The same and one organization more; `all` stands for every one.
    ///
    /// ```
    /// use litesoc_server::EventTrail;
    ///
    /// assert!(EventTrail::Off.and("org_a").covers("org_a"));
    /// assert!(!EventTrail::Off.and("org_a").covers("org_b"));
    /// assert!(EventTrail::Off.and("org_a").and("all").covers("org_b"));
    /// ```
    #[must_use]
    pub fn and(self, organization: &str) -> Self {
        match self {
            Self::All => Self::All,
            _ if organization == "all" => Self::All,
            Self::Off => Self::Of(BTreeSet::from([organization.to_owned()])),
            Self::Of(mut some) => {
                some.insert(organization.to_owned());
                Self::Of(some)
            }
        }
    }

    /// Whether the events of an organization are written.
    #[must_use]
    pub fn covers(&self, organization: &str) -> bool {
        match self {
            Self::Off => false,
            Self::Of(some) => some.contains(organization),
            Self::All => true,
        }
    }
}

impl fmt::Debug for AuditConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AuditConfig")
            .field("directory", &self.directory)
            .field("host", &self.host)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// Where and how often the detector keeps what it remembers: a snapshot, and a file for what no longer fits into memory.
///
/// All of it follows from the stored events and may be deleted while no server runs; then what lies further back than a day is
/// learned anew.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DetectorFiles {
    /// The folder, for one server at a time; made if it is not there.
    pub directory: PathBuf,
    /// The longest time between two snapshots while events come in. 5 minutes: a crash costs the next start as much replay.
    ///
    /// Detection stands still while one is written, so they are also a hundred times as far apart as one takes.
    pub every: Duration,
    /// After how many events one is taken earlier. 1,000,000.
    pub events: u64,
}

impl DetectorFiles {
    /// Snapshots in this folder, as often as usual.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), every: Duration::from_secs(5 * 60), events: 1_000_000 }
    }
}

/// What each plan includes. The defaults are the published ones of the LiteSOC API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plans {
    /// 10,000 events a month, 100 requests a minute, 7 days, no alerts over the API.
    pub free: PlanLimits,
    /// 500,000 events a month, 1,000 requests a minute, 30 days.
    pub pro: PlanLimits,
    /// No quota, no rate limit, 90 days.
    pub enterprise: PlanLimits,
}

impl Plans {
    /// The limits of a plan; a plan this version does not know has those of [`pro`](Self::pro).
    #[must_use]
    pub fn of(&self, plan: &Plan) -> &PlanLimits {
        if *plan == Plan::Free {
            &self.free
        } else if *plan == Plan::Enterprise {
            &self.enterprise
        } else {
            &self.pro
        }
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self {
            free: PlanLimits {
                events_per_month: Some(10_000),
                requests_per_minute: Some(100),
                retention_days: 7,
                alerts_page: None,
                redacted: true,
            },
            pro: PlanLimits {
                events_per_month: Some(500_000),
                requests_per_minute: Some(1_000),
                retention_days: 30,
                alerts_page: Some(200),
                redacted: false,
            },
            enterprise: PlanLimits {
                events_per_month: None,
                requests_per_minute: None,
                retention_days: 90,
                alerts_page: Some(500),
                redacted: false,
            },
        }
    }
}

/// What one plan includes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanLimits {
    /// Events an organization may store in a calendar month (UTC); `None` for no quota.
    pub events_per_month: Option<u64>,
    /// Requests a key may make in a minute, where an event of a batch counts as one; `None` for no limit.
    pub requests_per_minute: Option<u32>,
    /// Days after which an event or alert is no longer shown, and deleted soon after.
    pub retention_days: u32,
    /// The most alerts a page of the list holds; `None` when the plan has no alerts over the API.
    pub alerts_page: Option<usize>,
    /// Whether place and network of an event are hidden.
    pub redacted: bool,
}

/// How much one request and all connections together may take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest body of a request. 1 MiB: a hundred events of ten kilobytes.
    pub body_bytes: usize,
    /// The longest head of a request: request line and headers. 16 KiB; at least 8 KiB.
    pub head_bytes: usize,
    /// The most headers of a request. 64.
    pub headers: usize,
    /// The most connections at a time; more wait in the system's backlog. 4,096.
    pub connections: usize,
    /// The most rows of a page of events. 200; never less than 100, because a client that pages stops at a shorter page.
    pub events_page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1 << 20, head_bytes: 16 << 10, headers: 64, connections: 4_096, events_page: 200 }
    }
}

/// How long the server waits for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the first byte of a request to the end of its head. 10 seconds.
    pub head: Duration,
    /// From the end of the head to the end of the body. 10 seconds.
    pub body: Duration,
    /// Without a request on an open connection. 60 seconds.
    pub idle: Duration,
    /// Without progress while the answer is written. 10 seconds.
    pub write: Duration,
    /// At the stop of the server, for requests that have begun; what is then unfinished is cut. 20 seconds.
    pub shutdown: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            write: Duration::from_secs(10),
            shutdown: Duration::from_secs(20),
        }
    }
}

/// How much may wait to be written; beyond it the answer is 503 with `Retry-After: 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueBounds {
    /// Events. 65,536.
    pub events: usize,
    /// Bytes of their JSON. 64 MiB.
    pub bytes: usize,
    /// The most events of one transaction, which bounds how long an event can wait for the ones before it. 2,000.
    pub commit_events: usize,
}

impl Default for QueueBounds {
    fn default() -> Self {
        Self { events: 65_536, bytes: 64 << 20, commit_events: 2_000 }
    }
}
