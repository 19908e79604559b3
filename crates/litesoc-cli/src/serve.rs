//! `litesoc serve`: the server on a data folder, until it is told to stop.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use litesoc::Plan;
use litesoc_server::{Accounts, ApiKey, Config, DetectorFiles, HotRules, Server, StopSignal};
use litesoc_store::SqliteStore;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::arguments::ServeArguments;
use crate::geo;
use crate::outcome::Failure;
use crate::screen::Screen;

/// The folder of the detector within the data folder.
const DETECTOR: &str = "detector";

/// Which log lines are written; `info` by default.
const LOG_VARIABLE: &str = "LITESOC_LOG";

pub(crate) fn run(arguments: &ServeArguments, screen: &mut Screen) -> Result<(), Failure> {
    if arguments.bootstrap_key.len() != arguments.bootstrap_plan.len() {
        return Err(Failure::usage("each --bootstrap-key needs one --bootstrap-plan, in the same order"));
    }
    let (detection, rules) = (arguments.detection.settings()?, arguments.detection.rules()?);
    let mut config = Config::default();
    arguments.audit.apply(&arguments.data, &mut config)?;
    log_to_stderr();
    // Before the first line is written: whoever reads it may end the server right away.
    let stop = StopSignal::listen()?;
    let enrichment = geo::load_to_serve(&arguments.geo)?;
    let store = SqliteStore::open(&arguments.data)?;
    let made = prepare(&store, arguments)?;
    config.listen = arguments.listen;
    config.enrichment = enrichment.clone();
    let mut files = DetectorFiles::new(arguments.data.join(DETECTOR));
    files.every = Duration::from_secs(arguments.snapshot_every);
    config.detector_files = Some(files);
    config.metrics_key = arguments.metrics_key.as_deref().map(ApiKey::new).transpose()?;
    let rules = HotRules::new(rules);
    (config.detection, config.rules) = (detection, rules.clone());
    let server = Server::bind(config, Arc::new(store))?;
    geo::keep_up_to_date(enrichment, arguments.geo.clone(), arguments.geo_check)?;
    arguments.detection.keep_up_to_date(rules)?;
    screen.line(&format!("listening on http://{}", server.local_addr()))?;
    if let Some(key) = made {
        screen.line(&format!("api key, shown this once: {}", key.reveal()))?;
    }
    stop.wait()?;
    server.shutdown();
    Ok(())
}

/// Makes the organizations that were asked for; on an empty store without any, one with a random key.
fn prepare(store: &SqliteStore, arguments: &ServeArguments) -> Result<Option<ApiKey>, Failure> {
    let accounts = Accounts::of(store);
    for (key, plan) in arguments.bootstrap_key.iter().zip(&arguments.bootstrap_plan) {
        let (key, plan) = (ApiKey::new(key.as_str())?, (*plan).into());
        if accounts.bootstrap(&key, &plan)?.is_none() {
            accounts.change_plan(&key, &plan)?;
        }
    }
    if !accounts.organizations()?.is_empty() {
        return Ok(None);
    }
    let organization = accounts.create_organization("default", &Plan::Enterprise)?;
    Ok(Some(accounts.create_key(&organization, "first key")?.key))
}

/// Sends the log of the program to standard error.
pub(crate) fn log_to_stderr() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .with_env_var(LOG_VARIABLE)
        .from_env_lossy();
    // A second subscriber in one process is refused; the first one is as good.
    let _already_there = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}
