//! [`Site`]: a few paths that one function answers, behind the guards of the server: a witness, a mirror.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;

use crate::config::{Limits, Timeouts};
use crate::listener::{self, Answer};
use crate::routes::body;
use crate::server::{LAST_MOMENT, StartError, thread};

/// Threads that move bytes; those that answer are further ones.
const THREADS: usize = 2;
/// Requests that are answered at the same time; each may wait for the disk.
const ANSWERING: usize = 8;

/// Answers a request whose body is whole. It may block.
pub type SiteHandler = Arc<dyn Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync>;

/// A few paths that one function answers. Connections have the limits and times of the server. Dropping it stops it as
/// [`shutdown`](Self::shutdown) does.
///
/// ```
/// use std::sync::Arc;
///
/// use litesoc_server::{Limits, Site};
///
/// let hello = Arc::new(|_: &http::Request<bytes::Bytes>| http::Response::new("hello\n".into()));
/// let site = Site::bind("127.0.0.1:0".parse()?, Limits::default(), hello)?;
/// assert_ne!(site.local_addr().port(), 0);
/// assert_eq!(site.shutdown(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops it"]
pub struct Site {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<usize>>,
}

impl Site {
    /// Listens and answers, on threads of its own. Port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the address cannot be listened on, or there are no threads to be had.
    pub fn bind(listen: SocketAddr, limits: Limits, handler: SiteHandler) -> Result<Self, StartError> {
        let unheard = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).map_err(unheard)?;
        listener.set_nonblocking(true).map_err(unheard)?;
        let address = listener.local_addr().map_err(unheard)?;
        let mut threads = runtime::Builder::new_multi_thread();
        threads
            .worker_threads(THREADS)
            .max_blocking_threads(ANSWERING)
            .thread_name("litesoc-site")
            .enable_all();
        let runtime = threads.build().map_err(StartError::Threads)?;
        let (stop, stopped) = watch::channel(false);
        let answers = Arc::new(Answers { limits, timeouts: Timeouts::default(), handler });
        let thread = thread("litesoc-listen", move || serve(runtime, listener, answers, stopped))?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// The address it listens on, with the port it got.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections and finishes the requests that have begun. Blocks meanwhile. Returns how many connections
    /// were cut because they did not finish.
    pub fn shutdown(mut self) -> usize {
        self.stop()
    }

    fn stop(&mut self) -> usize {
        self.stop.send_replace(true);
        self.thread.take().map_or(0, |thread| thread.join().unwrap_or_default())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(
    runtime: Runtime,
    listener: TcpListener,
    answers: Arc<Answers>,
    stop: watch::Receiver<bool>,
) -> usize {
    let cut = runtime.block_on(async {
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => {
                let bounds = (&answers.limits, &answers.timeouts);
                listener::serve(listener, Arc::clone(&answers), bounds, stop).await
            }
            Err(error) => {
                tracing::error!(%error, "cannot listen");
                0
            }
        }
    });
    runtime.shutdown_timeout(LAST_MOMENT);
    cut
}

struct Answers {
    limits: Limits,
    timeouts: Timeouts,
    handler: SiteHandler,
}

impl Answer for Answers {
    async fn answer(&self, request: Request<Incoming>, _: IpAddr) -> Response {
        let (head, incoming) = request.into_parts();
        let whole = Request::from_parts(head.clone(), Body::new(incoming));
        let bytes = match body::read(whole, self.limits.body_bytes, &self.timeouts).await {
            Ok(bytes) => bytes,
            Err(refusal) => return plain(refusal.status(), format!("{}\n", refusal.message())),
        };
        let (handler, request) = (Arc::clone(&self.handler), Request::from_parts(head, bytes));
        match tokio::task::spawn_blocking(move || handler(&request)).await {
            Ok(answer) => answer.map(Body::from),
            Err(error) => {
                tracing::error!(%error, "a request ended early");
                plain(StatusCode::INTERNAL_SERVER_ERROR, "the server failed\n".to_owned())
            }
        }
    }
}

fn plain(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
