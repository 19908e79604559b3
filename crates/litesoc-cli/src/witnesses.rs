//! The witness policy of `serve`, and how witnesses are asked over HTTP.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use litesoc_ledger::policy::Policy;
use litesoc_server::{AskWitness, WitnessAnswer};
use ureq::Agent;

use crate::outcome::Failure;

/// How long a witness may take. Checkpoints wait for it, records do not.
const DEADLINE: Duration = Duration::from_secs(5);
/// The longest answer: a few lines, or a page of a proxy that says what is wrong.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Reads a witness policy (C2SP tlog-policy).
pub(crate) fn policy(path: &Path) -> Result<Policy, Failure> {
    let wrong = |fault: String| Failure::usage(format!("{}: {fault}", path.display()));
    let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    Policy::parse(&text).map_err(|error| wrong(error.to_string()))
}

/// Posts checkpoints to witnesses (C2SP tlog-witness).
pub(crate) fn ask() -> AskWitness {
    let config =
        Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).max_redirects(0);
    let agent = Agent::new_with_config(config.build());
    Arc::new(move |url, body| {
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let request = agent.post(&url).content_type("text/plain; charset=utf-8");
        let mut answer = request.send(body).map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let read = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec();
        Ok(WitnessAnswer { status, body: read.map_err(|error| error.to_string())? })
    })
}
