//! `litesoc audit`: writing the audit log, reading it, taking it away as a file, and checking that file alone.

mod config;
mod export;
mod keygen;
mod log;
mod logs;
mod mirror;
mod search;
mod verify;
mod witness;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use litesoc::HOSTED;
use litesoc::audit::{Audit, InFile, Trust};

use self::config::ConfigCommand;
use self::export::ExportArguments;
use self::keygen::KeygenArguments;
use self::log::LogArguments;
pub(crate) use self::logs::{AUDIT, AuditFiles};
use self::mirror::MirrorArguments;
use self::search::SearchArguments;
use self::verify::VerifyArguments;
pub(crate) use self::verify::{LONGEST, check};
use self::witness::WitnessArguments;
use crate::outcome::Failure;
use crate::screen::Screen;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Record an event, and wait until it is on the log's disk.
    Log(Box<LogArguments>),
    /// Find records.
    Search(Box<SearchArguments>),
    /// The newest published root, or that of a size.
    Root {
        /// The root of the first so many records. Default: the newest one.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        size: Option<u64>,
        #[command(flatten)]
        service: Service,
    },
    /// Fetch records as one file that verifies without a network.
    Export(ExportArguments),
    /// Check such a file: 0 it holds, 1 it does not, 2 it cannot be read.
    Verify(VerifyArguments),
    /// Make an Ed25519 key, for signing events or for a log or witness.
    Keygen(KeygenArguments),
    /// Run a witness until SIGTERM or SIGINT: it cosigns checkpoints of logs that only grew (C2SP tlog-witness).
    Witness(WitnessArguments),
    /// Run a mirror until SIGTERM or SIGINT: a verified copy of a log as static files, from which clients can read when the
    /// log is away (C2SP tlog-tiles).
    Mirror(MirrorArguments),
    /// Make and list logs with a schema, signing or tokens of their own. A server may run on the data folder.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// The audit log to talk to, and whom to believe about it.
#[derive(Args, Debug)]
pub(crate) struct Service {
    /// The API key. Better set in the environment, where other users of the machine cannot read it.
    #[arg(
        long = "key",
        visible_alias = "api-key",
        value_name = "KEY",
        env = "LITESOC_API_KEY",
        hide_env_values = true
    )]
    key: Option<String>,
    /// The address of the service.
    #[arg(
        long = "url",
        visible_alias = "base-url",
        value_name = "URL",
        env = "LITESOC_BASE_URL",
        default_value = HOSTED
    )]
    url: String,
    /// The configuration, `pci_...`. Default: that of the organization.
    #[arg(long, value_name = "ID")]
    config_id: Option<String>,
    /// The keys of the log and of its receipts, one a line, as the log shows them at /log/ORIGIN/vkey and as its operator
    /// should have given them to you. Without them answers are shown as unverified.
    #[arg(long, value_name = "FILE")]
    log_key: Option<PathBuf>,
    /// Which witnesses must have seen the log (C2SP tlog-policy).
    #[arg(long, value_name = "FILE", requires = "log_key")]
    policy: Option<PathBuf>,
    /// Where it is kept what was seen of the log, so that a later answer cannot contradict it unnoticed.
    #[arg(long, value_name = "FILE", requires = "log_key")]
    memory: Option<PathBuf>,
    /// Seconds that one exchange may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl Service {
    fn key(&self) -> Result<&str, Failure> {
        self.key.as_deref().ok_or_else(|| {
            Failure::usage("no API key")
                .advise("Set LITESOC_API_KEY, or give --key. `litesoc serve` shows one when it first starts.")
        })
    }

    fn verifies(&self) -> bool {
        self.log_key.is_some()
    }

    fn client(
        &self,
        adjust: impl FnOnce(litesoc::audit::AuditBuilder) -> litesoc::audit::AuditBuilder,
    ) -> Result<Audit, Failure> {
        let limit = Duration::from_secs(self.timeout);
        let mut builder = Audit::builder(self.key()?)
            .base_url(&*self.url)
            .request_timeout(limit)
            .call_timeout(limit.saturating_mul(6));
        if let Some(id) = &self.config_id {
            builder = builder.config_id(id);
        }
        if let Some(path) = &self.log_key {
            let mut trust = Trust::keys(&read(path)?)?;
            if let Some(policy) = &self.policy {
                trust = trust.witnessed(read(policy)?.as_bytes())?;
            }
            builder = builder.trust(trust);
        }
        if let Some(path) = &self.memory {
            builder = builder.memory(InFile::new(path));
        }
        Ok(adjust(builder).build()?)
    }
}

/// A text file that was named; one that cannot be read is wrong usage.
fn read(path: &PathBuf) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

pub(crate) fn run(command: &AuditCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        AuditCommand::Log(arguments) => log::run(arguments, screen),
        AuditCommand::Search(arguments) => search::run(arguments, screen),
        AuditCommand::Root { size, service } => search::root(*size, service, screen),
        AuditCommand::Export(arguments) => export::run(arguments, screen),
        AuditCommand::Verify(arguments) => verify::run(arguments, screen),
        AuditCommand::Keygen(arguments) => keygen::run(arguments, screen),
        AuditCommand::Witness(arguments) => witness::run(arguments, screen),
        AuditCommand::Mirror(arguments) => mirror::run(arguments, screen),
        AuditCommand::Config(command) => config::run(command, screen),
    }
}
