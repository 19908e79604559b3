//! What became of every event: counts by outcome.

/// The reason why an event will not be delivered. Each is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LossReason {
    /// The queue was full.
    QueueFull,
    /// The event broke a rule of the wire, and its error says which.
    Invalid,
    /// The `before_send` hook kept it back.
    Withheld,
    /// It was tracked from inside a hook of the same client.
    Reentrant,
    /// Its JSON is larger than a request may be, or the service said so.
    TooLarge,
    /// The service refused this very event.
    Rejected,
    /// The service failed on this very event again and again.
    ServerFault,
    /// It was not delivered within [`RetryPolicy::max_age`](super::RetryPolicy::max_age).
    Expired,
    /// The client was shut down before it could be sent, or had been already when it was tracked.
    Closed,
}

impl LossReason {
    /// All reasons, in the order of [`Losses::iter`].
    pub const ALL: [Self; 9] = [
        Self::QueueFull,
        Self::Invalid,
        Self::Withheld,
        Self::Reentrant,
        Self::TooLarge,
        Self::Rejected,
        Self::ServerFault,
        Self::Expired,
        Self::Closed,
    ];

    /// A name for logs and metrics: `queue_full`, `invalid`, ...
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Invalid => "invalid",
            Self::Withheld => "withheld",
            Self::Reentrant => "reentrant",
            Self::TooLarge => "too_large",
            Self::Rejected => "rejected",
            Self::ServerFault => "server_fault",
            Self::Expired => "expired",
            Self::Closed => "closed",
        }
    }
}

impl std::fmt::Display for LossReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Lost events by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses([u64; LossReason::ALL.len()]);

impl Losses {
    /// Events lost for one reason.
    #[must_use]
    pub const fn count(&self, reason: LossReason) -> u64 {
        self.0[reason as usize]
    }

    /// Events lost for any reason.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The reasons that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (LossReason, u64)> + '_ {
        LossReason::ALL.into_iter().map(|reason| (reason, self.count(reason))).filter(|&(_, count)| count > 0)
    }

    const fn add(&mut self, reason: LossReason, count: u64) {
        self.0[reason as usize] += count;
    }

    /// What was lost since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut difference = *self;
        for (now, before) in difference.0.iter_mut().zip(earlier.0) {
            *now = now.saturating_sub(before);
        }
        difference
    }
}

/// Every event tracked is delivered, lost or queued; these counts always add up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    tracked: u64,
    delivered: u64,
    lost: Losses,
    queued_bytes: usize,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
}

impl Counters {
    pub(crate) const fn track(&mut self) {
        self.tracked += 1;
    }

    pub(crate) const fn enqueue(&mut self, bytes: usize) {
        self.queued_bytes += bytes;
    }

    /// Events that never came into the queue.
    pub(crate) const fn lose(&mut self, reason: LossReason, events: u64) {
        self.lost.add(reason, events);
    }

    /// Events that leave the queue, with the bytes they took in it.
    pub(crate) const fn settle(&mut self, delivered: u64, lost: u64, bytes: usize, reason: LossReason) {
        self.delivered += delivered;
        self.lost.add(reason, lost);
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
    }

    pub(crate) const fn tracked(&self) -> u64 {
        self.tracked
    }

    pub(crate) const fn delivered(&self) -> u64 {
        self.delivered
    }

    pub(crate) const fn lost(&self) -> &Losses {
        &self.lost
    }

    pub(crate) const fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    pub(crate) fn queued(&self) -> u64 {
        self.tracked - self.delivered - self.lost.total()
    }
}
