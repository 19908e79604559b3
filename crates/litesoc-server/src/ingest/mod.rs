//! The way in: events of many requests, written together, acknowledged when they are on the disk.

mod intake;
mod queue;
mod writer;

use std::sync::Arc;

use tokio::sync::oneshot;

pub(crate) use self::intake::Arrival;
pub(crate) use self::queue::{IngestQueue, Job, Unwritten};
pub(crate) use self::writer::Writer;
use crate::access::Reservation;

/// Queues the events of a request and waits until they are on the disk.
///
/// When the client goes away before that, they are written all the same.
pub(crate) async fn write(
    queue: &Arc<IngestQueue>,
    events: Vec<litesoc_store::NewEvent>,
    bytes: usize,
    reservation: Reservation,
) -> Result<(), Unwritten> {
    let (reply, written) = oneshot::channel();
    queue.push(Job { events, bytes, reservation, reply })?;
    written.await.unwrap_or(Err(Unwritten::Failed))
}
