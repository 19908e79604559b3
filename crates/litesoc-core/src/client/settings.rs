//! What a client was told when it was built.

use std::sync::Arc;
use std::time::Duration;

use litesoc_model::{Event, SdkMark};
use tokio::runtime::Handle;

use crate::clock::Clock;
use crate::pipeline::PipelineConfig;
use crate::transport::SharedTransport;

#[derive(Debug)]
pub(super) struct Settings {
    pub(super) pipeline: PipelineConfig,
    pub(super) transport: SharedTransport,
    pub(super) request_timeout: Duration,
    pub(super) confirm_timeout: Duration,
    pub(super) drop_timeout: Duration,
    pub(super) clock: Arc<dyn Clock>,
    /// Where the worker lives, if not on a thread of its own.
    pub(super) runtime: Option<Handle>,
    /// Metadata keys whose values are never sent, besides those that always are kept back.
    pub(super) secret_keys: Vec<String>,
    pub(super) marks: SdkMark,
}

impl Settings {
    /// The event without the values of the application's own secret keys.
    pub(super) fn redact(&self, mut event: Event) -> Event {
        if !self.secret_keys.is_empty() {
            event.redact_metadata(&|key| {
                self.secret_keys.iter().any(|secret| secret.eq_ignore_ascii_case(key))
            });
        }
        event
    }
}
