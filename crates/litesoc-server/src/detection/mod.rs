//! Detection, after the acknowledgement and on the committed order: a crash, a restart or a stall gives the same alerts, once.

mod effects;
mod mailbox;
mod worker;

pub(crate) use self::mailbox::{Committed, Mailbox, Verdict};
pub(crate) use self::worker::Worker;
