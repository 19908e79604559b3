//! Acts: keys made and revoked, plans changed, alerts dealt with, rules read again.

use litesoc_ledger::canonical::Value;
use litesoc_ledger::envelope::EnvelopeView;
use litesoc_store::OrganizationId;
use litesoc_tlog::{Body, Log};

use super::record::Act;
use super::{Held, Trail};

const CHUNK: usize = 500;
const PLAN: &str = "organization.plan";

/// What the trail of an organization says already.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The number of the last audit row of the store.
    row: u64,
    plan: Option<String>,
    plans: u64,
}

impl Known {
    /// Reads it from the log: what is there was written, and nothing else was.
    fn read(log: &Log) -> Result<Self, Held> {
        let mut known = Self::default();
        log.records(1, log.state().size, |record| {
            let id = record.request.as_str();
            if let Some(row) = id.strip_prefix("row.").and_then(|row| row.parse().ok()) {
                known.row = known.row.max(row);
            }
            if id.starts_with("plan.") {
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
        let log = self.admin_of(organization.as_str())?;
        let mut known = match self.known.get(organization) {
            Some(known) => known.clone(),
            None => Known::read(log.records())?,
        };
        for key in self.store.keys(organization)? {
            let id = key.id.simple();
            let act = |action| Act::new(action, "operator").on(key.id.to_string()).with("name", &*key.name);
            act("key.create").at(key.created_ms).append(&log, &format!("key.made.{id}"))?;
            if let Some(at) = key.revoked_ms {
                act("key.revoke").at(at).append(&log, &format!("key.gone.{id}"))?;
            }
        }
        if let Some(row) = self.store.organization(organization)?
            && known.plan.as_ref() != Some(&row.plan)
        {
            let mut act = Act::new(PLAN, "operator").on(&*row.plan);
            if let Some(before) = &known.plan {
                act = act.with("before", before.as_str());
            }
            act.append(&log, &format!("plan.{}", known.plans))?;
            (known.plan, known.plans) = (Some(row.plan), known.plans + 1);
        }
        loop {
            let rows = self.store.audit(organization, known.row, CHUNK)?;
            let Some(last) = rows.last().map(|row| row.number) else { break };
            for row in rows {
                let action = action(&row.action);
                let mut act = Act::new(action, row.by).on(row.subject.to_string()).at(row.at_ms);
                act = act.with("before", row.status_before).with("after", row.status_after);
                if let Some(resolution) = row.resolution_type {
                    act = act.with("resolution_type", resolution);
                }
                if let Some(notes) = row.notes {
                    act = act.with("notes", notes);
                }
                act.append(&log, &format!("row.{}", row.number))?;
            }
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
        let id = format!("reload.{}.{edition}", self.clock.now_micros());
        for organization in self.store.organizations()? {
            let log = self.admin_of(organization.id.as_str())?;
            Act::new("settings.reload", "operator").on("rules").with("edition", edition).append(&log, &id)?;
        }
        self.edition = edition;
        Ok(())
    }
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
