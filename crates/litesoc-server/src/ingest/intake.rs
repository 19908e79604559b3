//! From an event as it was sent to an event as it is stored: canonical name, severity, id, time.

use std::borrow::Cow;
use std::net::IpAddr;

use litesoc_enrich::Enricher;
use litesoc_events::normalize;
use litesoc_model::{ClientMarks, IncomingEvent, Timestamp};
use litesoc_store::{NewEvent, OrganizationId};

use crate::enrichment;
use crate::ids::Ids;

/// The metadata key under which the LiteSOC API keeps a name that was not the canonical one.
const ORIGINAL_EVENT: &str = "original_event";
/// The metadata key by which the LiteSOC API marks a name it could make nothing of.
const UNRECOGNIZED: &str = "unrecognized_format";

/// What the events of one request have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) organization: &'a OrganizationId,
    pub(crate) peer: IpAddr,
    pub(crate) at: Timestamp,
    pub(crate) ids: &'a Ids,
    pub(crate) enricher: &'a Enricher,
}

impl Arrival<'_> {
    pub(crate) fn take_in(&self, mut event: IncomingEvent<'_>) -> NewEvent {
        let normalized = normalize(&event.name);
        let name = normalized.event.as_str();
        let renamed = event.name != name;
        if renamed {
            let original = event.name.clone();
            event.add_metadata(ORIGINAL_EVENT, &*original);
        }
        if !normalized.recognized {
            event.add_metadata(UNRECOGNIZED, &true);
        }
        let id = event.marks.event_id.unwrap_or_else(|| self.ids.next(self.at));
        let happened = event.event_time(self.at);
        let mut row = NewEvent::new(self.organization.clone(), id, name, self.at.as_millis());
        row.event_time_ms = happened.as_millis();
        row.severity = Cow::Borrowed(normalized.event.severity().as_str());
        row.severity_detail = Some(Cow::Borrowed(normalized.event.severity_level().as_str()));
        row.original_event = renamed.then(|| event.name.into_owned());
        row.actor_id = event.actor_id.map(Cow::into_owned);
        row.actor_email = event.actor_email.map(Cow::into_owned);
        row.actor_name = event.actor_name.map(Cow::into_owned);
        row.target = event.target.map(str::to_owned);
        row.user_ip = event.user_ip;
        // Of the user alone: where the application runs says nothing of who used it.
        row.enrichment = enrichment::of(self.enricher, event.user_ip);
        row.server_ip = Some(self.peer.to_canonical());
        row.metadata = event.metadata.into_owned();
        row.marks = marks_json(&event.marks);
        row
    }
}

/// Which client sent it, for whoever has to find out why an event looks as it does.
fn marks_json(marks: &ClientMarks<'_>) -> Option<String> {
    #[derive(serde::Serialize)]
    struct Kept<'a> {
        #[serde(rename = "_sdk")]
        sdk: &'a str,
        #[serde(rename = "_sdk_version", skip_serializing_if = "Option::is_none")]
        version: Option<&'a str>,
    }
    let kept = Kept { sdk: marks.sdk.as_deref()?, version: marks.sdk_version.as_deref() };
    serde_json::to_string(&kept).ok()
}
