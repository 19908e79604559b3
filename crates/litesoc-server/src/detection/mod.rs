//! Detection, after the acknowledgement and on the committed order: a crash, a restart or a stall gives the same alerts, once.

mod aside;
mod effects;
mod folder;
mod keeper;
mod mailbox;
mod recall;
mod replay;
mod show;
mod verdicts;
mod worker;

pub(crate) use self::mailbox::{Committed, Mailbox};
pub use self::replay::{Changed, Differences, Replay, ReplayError, replay};
pub(crate) use self::worker::{Links, Worker};
