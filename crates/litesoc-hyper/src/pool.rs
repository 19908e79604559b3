//! Connections between requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Uri;
use http::uri::{Authority, Scheme};
use tokio::runtime::Id;
use tokio::time::Instant;

use crate::line::Line;

/// How many unused connections are kept. One client has one request under way most of the time.
const KEPT: usize = 8;

/// How long an unused connection is trusted. Servers and middleboxes give up after a minute or more.
const TRUSTED: Duration = Duration::from_secs(50);

/// The unused connections of one process, the latest used last.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    origin: Origin,
    /// The event loop that the connection is registered with: on another one it would never wake anybody.
    runtime: Id,
    since: Instant,
    line: Box<Line>,
}

/// Whom a connection leads to.
#[derive(Clone, PartialEq)]
pub(crate) struct Origin {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
}

impl Origin {
    pub(crate) fn of(address: &Uri) -> Self {
        Self { scheme: address.scheme().cloned(), authority: address.authority().cloned() }
    }
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the latest used connection that is still alive, and gives up those that are not.
    pub(crate) async fn take(&self, origin: &Origin, runtime: Id) -> Option<Box<Line>> {
        loop {
            let mut line = self.latest(origin, runtime)?;
            line.turn().await;
            if line.is_reusable() {
                return Some(line);
            }
        }
    }

    fn latest(&self, origin: &Origin, runtime: Id) -> Option<Box<Line>> {
        let now = Instant::now();
        let mut idle = self.lock();
        idle.retain(|idle| now.duration_since(idle.since) < TRUSTED);
        let at = idle.iter().rposition(|idle| idle.runtime == runtime && idle.origin == *origin)?;
        Some(idle.remove(at).line)
    }

    /// Keeps a connection for the next request.
    pub(crate) fn put(&self, origin: Origin, runtime: Id, line: Box<Line>) {
        let mut idle = self.lock();
        if idle.len() >= KEPT {
            idle.remove(0);
        }
        idle.push(Idle { origin, runtime, since: Instant::now(), line });
    }
}
