//! [`AuditNode`]: the node that keeps the audit logs, for a server that keeps none itself.

use std::path::PathBuf;
use std::time::Duration;

use super::EventTrail;
use crate::access::ApiKey;

/// The node that keeps the audit logs, for a server that keeps none itself and hands everything about them on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditNode {
    /// Its address, such as `https://audit.internal:8787`. Over `http` the keys of clients can be read on the way, so only
    /// within one machine or a network that nobody else is on.
    pub url: String,
    /// By which it knows this server: its [`AuditConfig::node_token`](super::AuditConfig::node_token).
    pub token: ApiKey,
    /// Where it is written down how far the trail of events is; a folder for one server at a time, made if it is not there.
    pub directory: PathBuf,
    /// Whose security events are written to an audit log there. Nobody's; where servers share a store, by one of them.
    pub events: EventTrail,
    /// The longest body of a request. 16 MiB, as there.
    pub body_bytes: usize,
    /// The longest time to the beginning of an answer, and between two pieces of it. 60 seconds: a search may take long.
    pub answer_within: Duration,
}

impl AuditNode {
    /// The node at an address.
    #[must_use]
    pub fn new(url: impl Into<String>, token: ApiKey, directory: impl Into<PathBuf>) -> Self {
        Self {
            url: url.into(),
            token,
            directory: directory.into(),
            events: EventTrail::Off,
            body_bytes: 16 << 20,
            answer_within: Duration::from_secs(60),
        }
    }
}
