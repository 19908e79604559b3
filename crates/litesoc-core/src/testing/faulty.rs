//! A transport that breaks another one, now and then and reproducibly.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::transport::{Transport, TransportError, TransportErrorKind};

/// Passes requests to another transport and spoils some of the exchanges, as a seed decides. Clones share the
/// seed's sequence and the counts.
///
/// The same seed and the same order of requests give the same faults. Probabilities are from 0 (never) to 1
/// (always); each kind of fault is drawn on its own, in the order delay, connect error, cut, lost reply.
///
/// # Examples
///
/// ```
/// use litesoc_core::testing::{Capture, Faulty};
/// use litesoc_core::transport::Transport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let inner = Capture::new();
/// let faulty = Faulty::new(inner.clone(), 7).lost_reply(1.0);
/// let request = http::Request::post("https://api.example/collect").body("{}".into()).unwrap();
/// assert!(faulty.send(request).await.is_err());
/// assert_eq!(inner.count(), 1, "the server has it, the client does not know");
/// assert_eq!(faulty.counts().lost_replies, 1);
/// # });
/// ```
pub struct Faulty<T> {
    inner: Arc<T>,
    settings: Settings,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Settings {
    connect_error: f64,
    cut: f64,
    lost_reply: f64,
    delay: f64,
    longest_delay: Duration,
}

struct State {
    seed: u64,
    counts: FaultCounts,
}

/// How often a [`Faulty`] transport did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultCounts {
    /// Requests that failed before the inner transport saw them, as if nobody listened.
    pub connect_errors: usize,
    /// Requests that failed before the inner transport saw them, as if the connection had broken.
    pub cuts: usize,
    /// Requests that the inner transport answered but whose answer was thrown away.
    pub lost_replies: usize,
    /// Requests that had to wait first.
    pub delays: usize,
    /// Requests whose outcome is that of the inner transport.
    pub passed: usize,
}

/// What was drawn for one request.
struct Fate {
    delay: Option<Duration>,
    outcome: Outcome,
}

enum Outcome {
    Pass,
    ConnectError,
    Cut,
    LostReply,
}

impl<T: Transport> Faulty<T> {
    /// Wraps `inner`. Without further settings nothing is spoilt.
    #[must_use]
    pub fn new(inner: T, seed: u64) -> Self {
        let state = State { seed, counts: FaultCounts::default() };
        Self { inner: Arc::new(inner), settings: Settings::default(), state: Arc::new(Mutex::new(state)) }
    }

    /// With this probability, no connection comes about.
    #[must_use]
    pub fn connect_error(mut self, probability: f64) -> Self {
        self.settings.connect_error = probability;
        self
    }

    /// With this probability, the connection breaks before the server has the request.
    #[must_use]
    pub fn cut(mut self, probability: f64) -> Self {
        self.settings.cut = probability;
        self
    }

    /// With this probability, the connection breaks after the server has handled the request.
    #[must_use]
    pub fn lost_reply(mut self, probability: f64) -> Self {
        self.settings.lost_reply = probability;
        self
    }

    /// With this probability, the request waits first, at most for `longest`. Needs a tokio runtime with its timer.
    #[must_use]
    pub fn delay(mut self, probability: f64, longest: Duration) -> Self {
        self.settings.delay = probability;
        self.settings.longest_delay = longest;
        self
    }

    /// The wrapped transport.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// What was done so far.
    #[must_use]
    pub fn counts(&self) -> FaultCounts {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).counts
    }

    fn draw(&self) -> Fate {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = self.settings;
        // Every request draws the same number of times, so that one fault does not shift the fate of all later ones.
        let [delay, share, connect, cut, lost] = std::array::from_fn(|_| state.unit());
        let delay = (delay < settings.delay).then(|| settings.longest_delay.mul_f64(share));
        state.counts.delays += usize::from(delay.is_some());
        let (outcome, counter) = if connect < settings.connect_error {
            (Outcome::ConnectError, &mut state.counts.connect_errors)
        } else if cut < settings.cut {
            (Outcome::Cut, &mut state.counts.cuts)
        } else if lost < settings.lost_reply {
            (Outcome::LostReply, &mut state.counts.lost_replies)
        } else {
            (Outcome::Pass, &mut state.counts.passed)
        };
        *counter += 1;
        Fate { delay, outcome }
    }
}

impl State {
    /// The next number in `0.0..1.0`, by SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
    /// generators", 2014).
    fn unit(&mut self) -> f64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl<T> Clone for Faulty<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), settings: self.settings, state: Arc::clone(&self.state) }
    }
}

impl<T: Transport> fmt::Debug for Faulty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("inner", &self.inner)
            .field("settings", &self.settings)
            .field("counts", &self.counts())
            .finish()
    }
}

impl<T: Transport> Transport for Faulty<T> {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let fate = self.draw();
        if let Some(delay) = fate.delay {
            tokio::time::sleep(delay).await;
        }
        match fate.outcome {
            Outcome::Pass => self.inner.send(request).await,
            Outcome::ConnectError => Err(TransportErrorKind::Connect.into()),
            Outcome::Cut => Err(TransportErrorKind::Closed.into()),
            Outcome::LostReply => {
                self.inner.send(request).await?;
                Err(TransportErrorKind::Closed.into())
            }
        }
    }
}
