//! Acts: keys made and revoked, plans changed, alerts dealt with, rules read again.

use litesoc_ledger::canonical::Value;
use litesoc_ledger::envelope::EnvelopeView;
use litesoc_store::{AuditRow, KeyRow, OrganizationId};
use litesoc_tlog::{Body, Log};
use serde::{Deserialize, Serialize};

use super::record::{Act, Line};
use super::{ADMIN, Held, Trail};

const CHUNK: usize = 500;
const PLAN: &str = "organization.plan";

/// What the trail of an organization says already.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Known {
    /// The number of the last audit row of the store.
    row: u64,
    plan: Option<String>,
    plans: u64,
}

impl Known {
    /// Reads it from the log: what is there was written, and nothing else was. Of another store's acts it knows nothing.
    pub(super) fn read(log: &Log, store: &str) -> Result<Self, Held> {
        let mut known = Self::default();
        log.records(1, log.state().size, |record| {
            let id = record.request.as_str();
            let of = |kind: &str| id.strip_prefix(kind)?.strip_prefix(store)?.strip_prefix('.');
            if let Some(row) = of("row.").and_then(|row| row.parse().ok()) {
                known.row = known.row.max(row);
            }
            if of("plan.").is_some() {
                known.plans += 1;
                known.plan = match record.body {
                    Body::Envelope(bytes) => target_of(&bytes),
                    Body::Erased(_) => None,
                };
            }
        })?;
        Ok(known)
    }
}

fn target_of(envelope: &[u8]) -> Option<String> {
    let view = EnvelopeView::read(envelope).ok()?;
    let event = Value::parse(view.event.as_bytes()).ok()?;
    event.get("target").and_then(Value::as_str).map(str::to_owned)
}

impl Trail {
    /// Writes what was done in an organization and is not in its trail yet.
    pub(super) fn look_at(&mut self, organization: &OrganizationId) -> Result<(), Held> {
        let id = organization.as_str();
        let keys = self.store.keys(organization)?;
        let store = store_of(&keys);
        let mut known = match self.known.get(organization) {
            Some(known) => known.clone(),
            None => self.sink.known(id, &store)?,
        };
        let mut lines = Vec::new();
        for key in keys {
            let name = key.id.simple();
            let act = |action| Act::new(action, "operator").on(key.id.to_string()).with("name", &*key.name);
            lines.push(act("key.create").at(key.created_ms).line(&format!("key.made.{name}")));
            if let Some(at) = key.revoked_ms {
                lines.push(act("key.revoke").at(at).line(&format!("key.gone.{name}")));
            }
        }
        if let Some(row) = self.store.organization(organization)?
            && known.plan.as_ref() != Some(&row.plan)
        {
            let mut act = Act::new(PLAN, "operator").on(&*row.plan);
            if let Some(before) = &known.plan {
                act = act.with("before", before.as_str());
            }
            lines.push(act.line(&format!("plan.{store}.{}", known.plans)));
            (known.plan, known.plans) = (Some(row.plan), known.plans + 1);
        }
        self.sink.write(id, ADMIN, lines)?;
        loop {
            let rows = self.store.audit(organization, known.row, CHUNK)?;
            let Some(last) = rows.last().map(|row| row.number) else { break };
            self.sink.write(id, ADMIN, rows.into_iter().map(|row| line_of(row, &store)).collect())?;
            known.row = last;
        }
        self.known.insert(organization.clone(), known);
        Ok(())
    }

    /// Writes to every organization that the operator's rules were read again.
    pub(super) fn look_at_rules(&mut self) -> Result<(), Held> {
        let mut edition = self.edition;
        if self.rules.newer(&mut edition).is_none() {
            return Ok(());
        }
        // The same one when it is tried again, so that nobody hears of it twice.
        let now = self.clock.now_micros();
        let id = self.reload.get_or_insert_with(|| format!("reload.{now}.{edition}")).clone();
        for organization in self.store.organizations()? {
            let act = Act::new("settings.reload", "operator").on("rules").with("edition", edition);
            self.sink.write(organization.id.as_str(), ADMIN, vec![act.line(&id)])?;
        }
        (self.edition, self.reload) = (edition, None);
        Ok(())
    }
}

/// What tells the acts of one store from those of another that is about the same organization: the random half of the id of its
/// oldest key. Servers that share a store have the same.
fn store_of(keys: &[KeyRow]) -> String {
    let oldest = keys.iter().map(|key| (key.created_ms, key.id)).min();
    oldest.map_or_else(|| "none".to_owned(), |(_, id)| id.simple().to_string().split_off(20))
}

/// What was done to an alert.
fn line_of(row: AuditRow, store: &str) -> Line {
    let act = Act::new(action(&row.action), row.by).on(row.subject.to_string()).at(row.at_ms);
    let mut act = act.with("before", row.status_before).with("after", row.status_after);
    if let Some(resolution) = row.resolution_type {
        act = act.with("resolution_type", resolution);
    }
    if let Some(notes) = row.notes {
        act = act.with("notes", notes);
    }
    act.line(&format!("row.{store}.{}", row.number))
}

fn action(stored: &str) -> &'static str {
    match stored {
        "alert.resolve" => "alert.resolve",
        "alert.mark_safe" => "alert.mark_safe",
        "alert.reopen" => "alert.reopen",
        "alert.acknowledge" => "alert.acknowledge",
        _ => "alert.change",
    }
}
