//! An answer that is on its way: await it, or wait for it.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::oneshot;

/// The result of a call that the client's worker carries out.
///
/// Await it in any async runtime, or call [`wait`](Self::wait) on a plain thread: there is one client for both. The
/// call goes on if the value is dropped, and it ends by its own time limit, so neither way can hang.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: litesoc_core::Client) -> Result<(), litesoc_core::Error> {
/// let health = client.health().send().await?;          // in async code
/// let health = client.health().send().wait()?;         // anywhere else
/// # Ok(()) }
/// ```
#[must_use = "the call is made anyway, but nobody learns what came of it"]
pub struct Pending<T>(Pin<Box<dyn Future<Output = T> + Send>>);

impl<T: Send + 'static> Pending<T> {
    pub(super) fn ready(value: T) -> Self {
        Self(Box::pin(std::future::ready(value)))
    }

    /// The worker's answer, or what to say when it ended without one.
    pub(super) fn new(answer: oneshot::Receiver<T>, gone: fn() -> T) -> Self {
        Self(Box::pin(async move { answer.await.unwrap_or_else(|_| gone()) }))
    }

    pub(super) fn map<U: Send + 'static>(self, change: fn(T) -> U) -> Pending<U> {
        Pending(Box::pin(async move { change(self.0.await) }))
    }
}

impl<T> Pending<T> {
    /// Blocks this thread until the result is there.
    ///
    /// Safe on every thread, also inside an async runtime with a single thread: the worker that makes the call
    /// shares nothing with it. The exception is a client that was told to live on that very runtime with
    /// [`ClientBuilder::drive_on`](crate::ClientBuilder::drive_on).
    pub fn wait(self) -> T {
        block_on(self)
    }
}

impl<T> Future for Pending<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending(..)")
    }
}

/// Wakes a thread that is parked in [`block_on`].
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread without a runtime.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        // May return without a reason; the loop asks again then.
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_another_thread_and_survives_its_end() {
        let (sender, receiver) = oneshot::channel();
        let thread = std::thread::spawn(move || sender.send(7));
        assert_eq!(Pending::new(receiver, || 0).wait(), 7);
        thread.join().unwrap().unwrap();

        let (sender, receiver) = oneshot::channel::<i32>();
        drop(sender);
        assert_eq!(Pending::new(receiver, || -1).wait(), -1);
        assert_eq!(Pending::ready(3).wait(), 3);
    }
}
