//! Accepts connections, a bounded number of them, and lets them finish when the server stops.

mod guard;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use self::guard::{GuardedStream, Phase};
use crate::config::{Limits, Timeouts};

/// How long to leave the listener alone after it failed, most likely for want of file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// What answers the requests of connections.
pub(crate) trait Answer: Send + Sync + 'static {
    /// The answer to a request; there always is one.
    fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> impl Future<Output = Response> + Send;
}

/// Serves connections until `stop` turns true, then lets requests that have begun finish.
///
/// Returns how many connections were cut because they did not.
pub(crate) async fn serve<A: Answer>(
    listener: TcpListener,
    front: Arc<A>,
    (limits, timeouts): (&Limits, &Timeouts),
    mut stop: watch::Receiver<bool>,
) -> usize {
    let places = Arc::new(Semaphore::new(limits.connections));
    let connections = Connections::new(front, limits, timeouts);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer, place)) => connections.spawn(stream, peer, place, graceful.watcher()),
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
    drop(listener);
    let open = limits.connections - places.available_permits();
    tracing::info!(open, "no new connections; finishing the requests that have begun");
    match tokio::time::timeout(timeouts.shutdown, graceful.shutdown()).await {
        Ok(()) => 0,
        Err(_) => limits.connections - places.available_permits(),
    }
}

/// Waits for a free place first, so that a connection nobody can serve yet stays in the system's backlog.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// What all connections have in common.
struct Connections<A> {
    front: Arc<A>,
    http: http1::Builder,
    head: Duration,
    write: Duration,
}

impl<A: Answer> Connections<A> {
    fn new(front: Arc<A>, limits: &Limits, timeouts: &Timeouts) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            // From the end of one request to the end of the next head: what an idle connection has.
            .header_read_timeout(timeouts.idle.max(timeouts.head))
            .max_headers(limits.headers)
            .max_buf_size(limits.head_bytes.max(8 << 10));
        Self { front, http, head: timeouts.head, write: timeouts.write }
    }

    fn spawn(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit, watcher: Watcher) {
        // Answers are written whole; waiting for more to send would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not switch off Nagle's algorithm");
        }
        let phase = Arc::new(Phase::default());
        let stream = GuardedStream::new(stream, Arc::clone(&phase), self.head, self.write);
        let front = Arc::clone(&self.front);
        let service = service_fn(move |request| {
            phase.begin_request();
            let (front, phase) = (Arc::clone(&front), Arc::clone(&phase));
            async move {
                let response = front.answer(request, peer.ip()).await;
                phase.end_request();
                Ok::<_, Infallible>(response)
            }
        });
        let connection = watcher.watch(self.http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
}
