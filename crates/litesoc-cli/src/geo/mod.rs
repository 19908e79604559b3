//! `litesoc geo`, and the same data in `litesoc serve`: what is known of addresses.

mod load;
mod lookup;
mod status;
mod update;
mod watch;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::outcome::Failure;
use crate::screen::Screen;

pub(crate) use self::load::load_to_serve;
pub(crate) use self::watch::keep_up_to_date;

/// Where what is known of addresses comes from.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GeoFiles {
    /// What is known of addresses: an MMDB database, a list of networks, or a folder of them; a list whose name does not
    /// tell its kind as KIND=FILE, such as vpn=ranges.txt. Repeatable.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) geo: Vec<String>,
    /// What the operator says of networks, in TOML; it outweighs every other file.
    #[arg(long, value_name = "FILE")]
    pub(crate) geo_overrides: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GeoCommand {
    /// Read the files and say what they know, how old they are, what must be shown with them, and what is missing.
    Status {
        #[command(flatten)]
        files: GeoFiles,
    },
    /// Say what the files know of an address.
    Lookup {
        /// The address.
        ip: IpAddr,
        #[command(flatten)]
        files: GeoFiles,
    },
    /// Fetch the files that a configuration names, check them, and put them in place of the old ones. Nothing else ever
    /// fetches anything.
    Update {
        /// What to fetch, in TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

pub(crate) fn run(command: &GeoCommand, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        GeoCommand::Status { files } => status::run(files, screen),
        GeoCommand::Lookup { ip, files } => lookup::run(*ip, files, screen),
        GeoCommand::Update { config } => update::run(config, screen),
    }
}
