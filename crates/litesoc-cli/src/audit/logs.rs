//! What is set about the audit logs of `litesoc serve`: where they are, or which node keeps them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use litesoc_server::{ApiKey, AuditConfig, AuditNode, Config, EventTrail};

use crate::outcome::Failure;
use crate::witnesses;

/// The folder of the audit logs within the data folder.
pub(crate) const AUDIT: &str = "audit";
/// The folder of a server whose audit logs another node keeps.
const AUDIT_NODE: &str = "audit-node";

/// What is set about audit logs.
#[derive(Args, Debug)]
pub(crate) struct AuditFiles {
    /// The witnesses that must have cosigned a checkpoint before it is published (C2SP tlog-policy). Without it the
    /// signature of the log is enough.
    #[arg(long = "audit-policy", value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What stands before the name of each audit log that is made from now on, such as audit.example.
    #[arg(long = "audit-host", value_name = "NAME", default_value = "litesoc.localhost")]
    pub(crate) host: String,
    /// Write every security event of this organization to an audit log too, or of `all`. Repeatable.
    #[arg(long = "audit-events", value_name = "ORGANIZATION")]
    pub(crate) events: Vec<String>,
    /// Days after which audit records are forgotten, whole segments at a time; their hashes and all proofs stay. Without it
    /// they are kept for ever.
    #[arg(long = "audit-retention", value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    pub(crate) retention: Option<u64>,
    /// This server keeps no audit logs: whatever is asked of them is handed on to the server at this address, which keeps them.
    #[arg(
        long = "audit-node",
        value_name = "URL",
        requires = "node_token",
        conflicts_with_all = ["policy", "host", "retention"]
    )]
    pub(crate) node: Option<String>,
    /// The token by which the servers that keep no audit logs are known to the one that does; the same on all of them. Better
    /// set in the environment.
    #[arg(
        long = "audit-node-token",
        value_name = "TOKEN",
        env = "LITESOC_AUDIT_NODE_TOKEN",
        hide_env_values = true
    )]
    pub(crate) node_token: Option<String>,
}

impl AuditFiles {
    /// Sets how the audit logs are run.
    pub(crate) fn apply(&self, data: &Path, config: &mut Config) -> Result<(), Failure> {
        let token = self.node_token.as_deref().map(ApiKey::new).transpose();
        let token =
            token.map_err(|_| Failure::usage("--audit-node-token is visible characters without blanks"))?;
        let events = self.events.iter().fold(EventTrail::Off, |trail, name| trail.and(name));
        if let (Some(url), Some(token)) = (&self.node, &token) {
            let mut node = AuditNode::new(url, token.clone(), data.join(AUDIT_NODE));
            node.events = events;
            config.audit_node = Some(node);
            return Ok(());
        }
        let mut audit = AuditConfig::new(data.join(AUDIT));
        audit.host.clone_from(&self.host);
        audit.retention = self.retention.map(|days| Duration::from_secs(days * 86_400));
        (audit.events, audit.node_token) = (events, token);
        if let Some(path) = &self.policy {
            audit.policy = Some(witnesses::policy(path)?);
            audit.ask_witness = Some(witnesses::ask());
        }
        config.audit = Some(audit);
        Ok(())
    }
}
