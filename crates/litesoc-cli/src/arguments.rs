//! What can be written after `litesoc`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use litesoc::events::Vendor;
use litesoc::{HOSTED, Plan, Timestamp};
use uuid::Uuid;

use crate::audit::{AuditCommand, AuditFiles};
use crate::detection::DetectionFiles;
use crate::geo::{GeoCommand, GeoFiles};
use crate::replay::ReplayArguments;
use crate::rules::RulesCommand;

/// Track security events, watch attacks being caught, manage alerts.
///
/// Exit codes: 0 done; 1 it failed; 2 wrong usage; 3 the service could not be reached or was busy, try again;
/// 4 the key or the plan does not allow it; 5 there is no such thing; 130 the demo was interrupted.
#[derive(Debug, Parser)]
#[command(name = "litesoc", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Write one JSON document for programs instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server until SIGTERM or SIGINT.
    Serve(ServeArguments),
    /// Start a server, send it a day of traffic with eight attacks, and check what it says.
    Demo(DemoArguments),
    /// Send one event and wait until the service has it.
    Track(Box<TrackArguments>),
    /// Look at stored events.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look at alerts and deal with them.
    #[command(subcommand)]
    Alerts(AlertsCommand),
    /// Ask whether the service is well and the key is valid.
    Health(Remote),
    /// Make, list and revoke the keys of a data folder, while no server runs on it.
    #[command(subcommand)]
    Key(KeyCommand),
    /// The audit log: write it, read it, take it away as a file, and check that file alone.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What is known of addresses: which files are loaded, what they say, and fetching new ones.
    #[command(subcommand)]
    Geo(GeoCommand),
    /// Examine the stored events again and show which alerts would be others, under other thresholds or with rules of your
    /// own; changes nothing, and works beside a server that runs.
    Replay(Box<ReplayArguments>),
    /// What is watched, rules of your own, trying them out, and the built-in ones as Sigma.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Say which event a name stands for.
    Normalize(NormalizeArguments),
    /// Print a completion script, to be stored where the shell looks for them.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,
    /// The folder that holds everything; made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "litesoc-data")]
    pub(crate) data: PathBuf,
    /// A key to accept: makes an organization with it unless the key is known. Repeatable, each with its plan. A key that
    /// was revoked stays so.
    #[arg(long, value_name = "KEY", requires = "bootstrap_plan")]
    pub(crate) bootstrap_key: Vec<String>,
    /// The plan of the organization of the bootstrap key in the same place; an organization that is on another plan is
    /// moved to this one, which the log says.
    #[arg(long, value_name = "PLAN", requires = "bootstrap_key")]
    pub(crate) bootstrap_plan: Vec<PlanName>,
    #[command(flatten)]
    pub(crate) geo: GeoFiles,
    /// Seconds between two looks at whether the files of --geo have changed; 0 looks at SIGHUP alone.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(crate) geo_check: u64,
    #[command(flatten)]
    pub(crate) detection: DetectionFiles,
    /// Seconds between two snapshots of what detection remembers, while events come in: after a crash the next start
    /// examines as much again before it serves.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) snapshot_every: u64,
    /// The key that opens /metrics from other machines. Without one only this machine sees them.
    #[arg(long, value_name = "KEY", env = "LITESOC_METRICS_KEY", hide_env_values = true)]
    pub(crate) metrics_key: Option<String>,
    #[command(flatten)]
    pub(crate) audit: AuditFiles,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArguments {
    /// What the traffic grows from; the same seed gives the same events and attacks.
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
    /// How many events to send, attacks included.
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(300..=1_000_000))]
    pub(crate) events: u32,
    /// Keep the server's data in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// The service to talk to.
#[derive(Args, Debug)]
pub(crate) struct Remote {
    /// The API key. Better set in the environment, where other users of the machine cannot read it.
    #[arg(long, value_name = "KEY", env = "LITESOC_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// The address of the service.
    #[arg(long, value_name = "URL", env = "LITESOC_BASE_URL", default_value = HOSTED)]
    pub(crate) base_url: String,
    /// Seconds that one exchange may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
}

#[derive(Args, Debug)]
pub(crate) struct TrackArguments {
    /// The name of the event, such as `auth.login_failed`.
    pub(crate) event: String,
    /// The id of who did it.
    #[arg(long, value_name = "ID")]
    pub(crate) actor: Option<String>,
    /// Their e-mail address.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// The id of what it was done to.
    #[arg(long, value_name = "ID", requires = "target_type")]
    pub(crate) target: Option<String>,
    /// The kind of thing it was done to.
    #[arg(long, value_name = "KIND", requires = "target")]
    pub(crate) target_type: Option<String>,
    /// The address of the end user.
    #[arg(long, value_name = "IP")]
    pub(crate) ip: Option<IpAddr>,
    /// More about it, `KEY=VALUE`; a value that is JSON is sent as such. Repeatable.
    #[arg(long, short, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) metadata: Vec<(String, String)>,
    /// When it happened, as in 2026-03-01T12:30:00Z. Default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<Timestamp>,
    /// The event's own id; the same id twice is stored once.
    #[arg(long, value_name = "UUID")]
    pub(crate) id: Option<Uuid>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// The newest events, with filters.
    List(EventsList),
    /// One event, whole.
    Get {
        /// The event's id.
        id: String,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Args, Debug)]
pub(crate) struct EventsList {
    /// Only events of this name.
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Option<String>,
    /// Only events of this actor.
    #[arg(long, value_name = "ID")]
    pub(crate) actor: Option<String>,
    #[command(flatten)]
    pub(crate) span: Span,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

#[derive(Args, Debug)]
pub(crate) struct Span {
    /// Only from this time on.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<Timestamp>,
    /// Only up to this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Timestamp>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// The newest alerts, with filters.
    List(AlertsList),
    /// One alert, whole.
    Get {
        /// The alert's id.
        id: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Close an alert that was dealt with; the next attack of its kind is a new alert.
    Resolve {
        /// The alert's id.
        id: String,
        /// How: blocked_ip, reset_password, contacted_user, false_positive, other, or a word of your own.
        #[arg(long = "as", value_name = "HOW", default_value = "other")]
        how: String,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        remote: Remote,
    },
    /// Dismiss an alert that was no attack; its like stays silent for 30 days.
    Safe {
        /// The alert's id.
        id: String,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Args, Debug)]
pub(crate) struct AlertsList {
    /// Only alerts of this status: open, acknowledged, resolved, dismissed.
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    /// Only alerts of this severity: low, medium, high, critical.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<String>,
    /// Only alerts of this type, such as brute_force_attack.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) alert_type: Option<String>,
    /// Only alerts about this actor.
    #[arg(long, value_name = "ID")]
    pub(crate) actor: Option<String>,
    #[command(flatten)]
    pub(crate) span: Span,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

#[derive(Args, Debug)]
pub(crate) struct Note {
    /// What to remember about it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
    /// Who did it.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and show it, this once.
    Create {
        #[command(flatten)]
        data: Data,
        /// The organization it speaks for. Default: the only one there is, or a new one named `default`.
        #[arg(long, value_name = "ID", conflicts_with = "new_organization")]
        organization: Option<String>,
        /// Make an organization of this name for it.
        #[arg(long, value_name = "NAME")]
        new_organization: Option<String>,
        /// The plan of a new organization.
        #[arg(long, value_name = "PLAN", default_value = "enterprise")]
        plan: PlanName,
        /// What to call the key.
        #[arg(long, value_name = "NAME", default_value = "")]
        name: String,
    },
    /// List keys by their ids and first characters.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Make a key invalid.
    Revoke {
        /// The key's id, as `litesoc key list` shows it.
        id: Uuid,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Data {
    /// The server's data folder.
    #[arg(long, value_name = "DIR", default_value = "litesoc-data")]
    pub(crate) data: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct NormalizeArguments {
    /// The name, in whatever spelling.
    pub(crate) name: String,
    /// Whose name it is, such as auth0, okta or keycloak. Default: nobody's in particular.
    #[arg(long, value_name = "SYSTEM")]
    pub(crate) vendor: Option<Vendor>,
    /// A field of the system's own event that decides, `PATH=VALUE`. Repeatable.
    #[arg(long, value_name = "PATH=VALUE", value_parser = pair, requires = "vendor")]
    pub(crate) field: Vec<(String, String)>,
}

/// A plan that an organization can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanName {
    /// 10,000 events a month, no alerts over the API.
    Free,
    /// 500,000 events a month.
    Pro,
    /// No quota.
    Enterprise,
}

impl From<PlanName> for Plan {
    fn from(name: PlanName) -> Self {
        match name {
            PlanName::Free => Self::Free,
            PlanName::Pro => Self::Pro,
            PlanName::Enterprise => Self::Enterprise,
        }
    }
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn pairs_split_at_the_first_equals_sign() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(pair("a").is_err());
        assert!(pair("=b").is_err());
    }
}
