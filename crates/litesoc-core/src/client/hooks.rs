//! What an application can listen to, and what it may decide.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use litesoc_model::Event;

use crate::pipeline::{LossReason, Report};

/// Events that were lost, as the `on_drop` hook hears of them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Dropped {
    /// Why.
    pub reason: LossReason,
    /// How many since the hook last heard of this reason.
    pub count: u64,
}

type BeforeSend = Arc<dyn Fn(Event) -> Option<Event> + Send + Sync>;
type OnDrop = Arc<dyn Fn(&Dropped) + Send + Sync>;
type OnDeliveryError = Arc<dyn Fn(&Report) + Send + Sync>;

#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) before_send: Option<BeforeSend>,
    pub(super) on_drop: Option<OnDrop>,
    pub(super) on_delivery_error: Option<OnDeliveryError>,
}

thread_local! {
    /// Whether this thread is inside a hook. A hook that tracks events about its own failures would feed itself.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn inside_hook() -> bool {
    INSIDE.get()
}

/// Calls a hook. Its panic ends neither the caller's request nor the worker.
fn guarded<T>(hook: impl FnOnce() -> T) -> Option<T> {
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(hook)).ok();
    INSIDE.set(false);
    result
}

impl Hooks {
    /// The event to send, or nothing if the hook keeps it back or panics.
    pub(super) fn before_send(&self, event: Event) -> Option<Event> {
        match &self.before_send {
            Some(hook) => guarded(|| hook(event)).flatten(),
            None => Some(event),
        }
    }

    pub(super) fn on_drop(&self, dropped: &Dropped) {
        if let Some(hook) = &self.on_drop {
            guarded(|| hook(dropped));
        }
    }

    pub(super) fn on_delivery_error(&self, report: &Report) {
        if let Some(hook) = &self.on_delivery_error {
            guarded(|| hook(report));
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("before_send", &self.before_send.is_some())
            .field("on_drop", &self.on_drop.is_some())
            .field("on_delivery_error", &self.on_delivery_error.is_some())
            .finish()
    }
}
