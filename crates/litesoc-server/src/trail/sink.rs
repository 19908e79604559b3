//! Where the trail is written: to logs of this server, or to those of the node that keeps them.

use std::io;
use std::sync::Arc;

use litesoc_audit::AuditService;
use litesoc_tlog::{Appending, RequestId};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;
use tokio::runtime::{self, Runtime};

use super::admin::Known;
use super::record::{Act, Line, prepare};
use super::{ADMIN, Held};
use crate::audit::{KNOWN, Lines, Remote, TRAIL, Whose};

/// Lines that are sent to a node at a time: each is below 200 KiB, so they fit into a request.
const SENT: usize = 64;

/// Held while lines are looked for and written: a node that shares a store with this server may tell of the same.
static TURN: Mutex<()> = Mutex::new(());

/// Where the trail is written.
pub(crate) enum Sink {
    /// To logs of this server.
    Own(Arc<AuditService>),
    /// To the node that keeps the logs; the runtime is for asking it from the thread of the trail.
    Node(Arc<Remote>, Runtime),
}

impl Sink {
    pub(crate) fn node(remote: Arc<Remote>) -> io::Result<Self> {
        Ok(Self::Node(remote, runtime::Builder::new_current_thread().enable_all().build()?))
    }

    /// Writes lines unless they are there; they are durable when this returns. Blocks.
    pub(super) fn write(&self, organization: &str, log: &str, lines: Vec<Line>) -> Result<(), Held> {
        match self {
            Self::Own(service) => append(service, organization, log, &lines),
            Self::Node(remote, runtime) => {
                let mut lines = lines.into_iter();
                loop {
                    let some: Vec<_> = lines.by_ref().take(SENT).collect();
                    if some.is_empty() {
                        return Ok(());
                    }
                    let (organization, log) = (organization.to_owned(), log.to_owned());
                    let question = serde_json::to_string(&Lines { organization, log, lines: some })?;
                    asked(runtime.block_on(remote.ask(TRAIL, question)))?;
                }
            }
        }
    }

    /// What the trail of an organization says already of a store.
    pub(super) fn known(&self, organization: &str, store: &str) -> Result<Known, Held> {
        match self {
            Self::Own(service) => known(service, organization, store),
            Self::Node(remote, runtime) => {
                #[derive(Deserialize)]
                struct Answer {
                    result: Known,
                }

                let whose = Whose { organization: organization.to_owned(), store: store.to_owned() };
                let question = serde_json::to_string(&whose)?;
                let answer = asked(runtime.block_on(remote.ask(KNOWN, question)))?;
                Ok(serde_json::from_slice::<Answer>(&answer)?.result)
            }
        }
    }
}

fn asked<T>(answer: Result<T, String>) -> Result<T, Held> {
    answer.map_err(|fault| format!("the node that keeps the audit logs was not reached: {fault}").into())
}

/// What the trail of an organization says already of a store. Blocks.
pub(crate) fn known(service: &AuditService, organization: &str, store: &str) -> Result<Known, Held> {
    Known::read(service.named(organization, ADMIN)?.records(), store)
}

/// Writes lines to a log of the trail, unless it has them; they are durable when this returns. Blocks.
pub(crate) fn append(
    service: &AuditService,
    organization: &str,
    name: &str,
    lines: &[Line],
) -> Result<(), Held> {
    let log = service.named(organization, name)?;
    let _turn = TURN.lock();
    let mut waiting: Vec<Appending> = Vec::with_capacity(lines.len());
    for Line { request, event } in lines {
        let id = RequestId::new(request).ok_or_else(|| format!("{request:?} names no request"))?;
        if log.records().committed(id).is_some() {
            continue;
        }
        let draft = prepare(&log, event).or_else(|error| {
            tracing::error!(%error, request, "of a line of the trail only what it is about is in the audit log");
            let about = event["target"].as_str().unwrap_or(request);
            prepare(&log, &json!({ "message": about }))
        })?;
        waiting.push(log.records().append(id, vec![draft])?);
    }
    for one in waiting {
        one.wait()?;
    }
    Ok(())
}

/// Writes an act to the trail of an organization; it is durable when this returns. Blocks.
pub(crate) fn write(
    service: &AuditService,
    organization: &str,
    id: &str,
    act: &Act,
) -> Result<(), litesoc_audit::Refused> {
    let written = append(service, organization, ADMIN, &[act.line(id)]);
    written.map_err(|error| {
        litesoc_audit::Refused::Unavailable(format!("the act could not be recorded: {error}"))
    })
}
