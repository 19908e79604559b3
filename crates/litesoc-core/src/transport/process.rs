//! State that must not cross a fork.

use std::fmt;
use std::sync::OnceLock;

/// A value that each process has for itself: a connection pool, a set of threads.
///
/// A child of `fork` finds its parent's value in its memory: sockets that the parent goes on writing to, locks held
/// by threads that do not exist here. This wrapper gives the child a new value instead. It takes no lock on the way
/// to the value, since any lock may have been held at the moment of the fork.
///
/// A value inherited from another process is never dropped: its destructor might end what the parent still uses (the
/// sockets of an event loop would leave the loop that parent and child share).
///
/// [`get`](Self::get) asks the operating system for the process id, about a tenth of a microsecond.
///
/// # Examples
///
/// ```
/// use std::sync::Mutex;
/// use litesoc_core::transport::PerProcess;
///
/// let pool: PerProcess<Mutex<Vec<u8>>> = PerProcess::new();
/// pool.get().lock().unwrap().push(1);
/// assert_eq!(pool.get().lock().unwrap().len(), 1, "the same value in the same process");
/// ```
pub struct PerProcess<T> {
    first: Generation<T>,
}

/// The value of one process, and that of the process forked from it.
struct Generation<T> {
    process: u32,
    /// `None` only while it is dropped.
    value: Option<T>,
    child: OnceLock<Box<Self>>,
}

impl<T: Default> Generation<T> {
    fn new(process: u32) -> Self {
        Self { process, value: Some(T::default()), child: OnceLock::new() }
    }
}

impl<T: Default> PerProcess<T> {
    /// Makes the value of this process at once; children make theirs when they ask for it.
    #[must_use]
    pub fn new() -> Self {
        Self { first: Generation::new(std::process::id()) }
    }

    /// The value of the calling process.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the value is there until the drop")]
    pub fn get(&self) -> &T {
        let process = std::process::id();
        let mut generation = &self.first;
        while generation.process != process {
            generation = generation.child.get_or_init(|| Box::new(Generation::new(process)));
        }
        generation.value.as_ref().expect("the value is taken only by the drop")
    }
}

impl<T> Drop for Generation<T> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.value.take());
        }
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the value: its lock may be held by a thread of another process.
        f.debug_struct("PerProcess").finish_non_exhaustive()
    }
}
