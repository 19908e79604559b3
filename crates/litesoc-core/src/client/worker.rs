//! The one driver: carries requests between the pipeline and the transport, and wakes whoever waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::call::Call;
use super::confirm::Confirm;
use super::errand::Errand;
use super::flush::{FlushReport, Flushing};
use super::hooks::Dropped;
use super::identity::seeded;
use super::shared::{Link, Shared};
use crate::error::{Error, ErrorKind};
use crate::pipeline::{Dispatch, LossReason, Losses, Outcome, Report, Sleep, Verdict};
use crate::transport::{TimeLimit, Transport, TransportError};

/// What other threads ask of the worker.
#[derive(Debug)]
pub(super) enum Command {
    Call(Box<Call>),
    Errand(Errand),
    /// Report when everything tracked so far has an outcome, or at the deadline.
    Flush {
        deadline: Instant,
        answer: oneshot::Sender<FlushReport>,
    },
    /// The same, and then end.
    Close {
        deadline: Instant,
        answer: oneshot::Sender<FlushReport>,
    },
    /// The key was replaced.
    Resume,
}

type Answer = Result<http::Response<Bytes>, TransportError>;
type Exchange = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Starts the worker on a thread of its own, or on the runtime the client was given.
pub(super) fn start(shared: &Arc<Shared>) -> Result<Arc<Link>, Error> {
    let (commands, received) = mpsc::unbounded_channel();
    let link = Arc::new(Link { wake: Notify::new(), commands });
    let failed = |error: std::io::Error| Error::new(ErrorKind::Configuration, format!("worker: {error}"));
    if let Some(handle) = &shared.settings.runtime {
        handle.spawn(Driver::new(Arc::clone(shared), Arc::clone(&link), received).run());
        return Ok(link);
    }
    // Built here so that its failure reaches the caller, not a thread nobody listens to.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let driver = (Arc::clone(shared), Arc::clone(&link));
    std::thread::Builder::new()
        .name("litesoc".to_owned())
        .spawn(move || runtime.block_on(Driver::new(driver.0, driver.1, received).run()))
        .map_err(failed)?;
    Ok(link)
}

struct Driver {
    shared: Arc<Shared>,
    link: Arc<Link>,
    commands: mpsc::UnboundedReceiver<Command>,
    dispatch: Dispatch,
    /// The ingestion request in flight.
    exchange: Option<Exchange>,
    /// Management calls in flight; dropping the set ends them.
    calls: JoinSet<()>,
    flushes: Vec<Flushing>,
    /// When the open batch goes out, full or not.
    tick: Option<Instant>,
    /// When to look for the next full batch, right after one was sent.
    nap: Option<Instant>,
    close: Option<Flushing>,
    /// What keeps events from being delivered at present.
    trouble: Option<Error>,
    start: Instant,
    /// The losses so far.
    lost: Losses,
    /// The losses the hook has heard of, and when it may hear of more.
    reported: Losses,
    next_losses: Instant,
}

/// How long full batches may pile up behind one that was just sent.
const NAP: Duration = Duration::from_millis(1);

/// The least time between two calls of the hook for losses.
const LOSSES_EVERY: Duration = Duration::from_secs(1);

impl Driver {
    fn new(shared: Arc<Shared>, link: Arc<Link>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        let dispatch = Dispatch::new(shared.settings.pipeline.retry, seeded().next_u64());
        Self {
            shared,
            link,
            commands,
            dispatch,
            exchange: None,
            calls: JoinSet::new(),
            flushes: Vec::new(),
            tick: None,
            nap: None,
            close: None,
            trouble: None,
            start: now(),
            lost: Losses::default(),
            reported: Losses::default(),
            next_losses: now(),
        }
    }

    async fn run(mut self) {
        loop {
            self.transmit();
            self.report();
            self.report_losses(now());
            if self.finish() {
                break;
            }
            self.wait().await;
        }
    }

    /// Puts the next request on its way, if one is due, and says how the worker waits afterwards.
    fn transmit(&mut self) {
        let now = now();
        let ticked = self.tick.is_some_and(|tick| now >= tick);
        if ticked {
            self.tick = None;
        }
        let all = ticked || self.close.is_some();
        if let Some(body) = self.next_body(now, all) {
            self.exchange = Some(self.exchange_for(body));
        }
    }

    /// The lock is held for this and no longer: callers of `track` wait for it.
    fn next_body(&mut self, now: Instant, all: bool) -> Option<Bytes> {
        let shared = Arc::clone(&self.shared);
        let mut queue = shared.queue();
        let mut body = None;
        if self.exchange.is_none() {
            body = self.dispatch.poll_transmit(now - self.start, &mut queue.intake, all);
        }
        queue.taken_since_ms = self.dispatch.oldest_ms();
        let sending = body.is_some() || self.exchange.is_some();
        let sleep = if sending || self.dispatch.paused_until().is_some() {
            Sleep::Busy
        } else if self.nap.is_some_and(|nap| now < nap) {
            Sleep::Nap
        } else if queue.intake.is_empty() && self.tick.is_none() {
            Sleep::Deep
        } else {
            self.nap = None;
            self.tick.get_or_insert(now + shared.settings.pipeline.linger);
            Sleep::Doze
        };
        queue.intake.set_sleep(sleep);
        self.lost = *queue.intake.counters().lost();
        body
    }

    fn exchange_for(&self, body: Bytes) -> Exchange {
        emit!(trace, bytes = body.len(), "sending");
        let settings = &self.shared.settings;
        let request = self.shared.service().collect(body);
        let transport = settings.transport.clone();
        let limit = settings.request_timeout;
        Box::pin(async move { exchange(&transport, request, limit).await })
    }

    /// Tells hooks, flushes and confirms what became of events.
    fn report(&mut self) {
        while let Some(outcome) = self.dispatch.poll_outcome() {
            self.settle(&outcome);
            match outcome {
                Outcome::Delivered(_) => {}
                outcome @ (Outcome::Lost { .. } | Outcome::Deferred { .. } | Outcome::Refused { .. }) => {
                    let report = Report::from(outcome);
                    emit!(debug, ?report, "delivery");
                    self.shared.hooks.on_delivery_error(&report);
                }
            }
        }
    }

    /// Tells the hook what was lost, once in a while: a full queue drops faster than anybody reads.
    fn report_losses(&mut self, now: Instant) {
        let due = self.next_losses <= now || self.close.is_some();
        if !due || self.lost == self.reported {
            return;
        }
        self.shared.queue().intake.calm();
        let lost = self.lost;
        for (reason, count) in lost.since(&self.reported).iter() {
            emit!(warn, %reason, count, "events lost");
            self.shared.hooks.on_drop(&Dropped { reason, count });
            self.next_losses = now + LOSSES_EVERY;
        }
        self.reported = lost;
    }

    fn settle(&mut self, outcome: &Outcome) {
        let watching = self.flushes.iter_mut().chain(&mut self.close);
        match outcome {
            Outcome::Delivered(events) => {
                self.trouble = None;
                watching.for_each(|flush| flush.watch.handle_delivered(events));
                self.confirm(|confirm| confirm.handle_delivered(events));
            }
            Outcome::Lost { events, reason, error } => {
                watching.for_each(|flush| flush.handle_lost(events, error.as_ref()));
                self.confirm(|confirm| confirm.handle_lost(events, *reason, error.as_ref()));
            }
            Outcome::Deferred { error, .. } | Outcome::Refused { error, .. } => {
                self.trouble = Some(error.clone());
                watching.for_each(|flush| flush.handle_error(error));
            }
        }
    }

    fn confirm(&self, settle: impl FnMut(&mut Confirm)) {
        self.shared.with_confirms(|confirms| confirms.iter_mut().for_each(settle));
    }

    /// Answers those whose events are settled or whose time is over. Says whether the worker's work is done.
    fn finish(&mut self) -> bool {
        let now = now();
        let ended = now.into_std();
        let refused = self.dispatch.is_refused();
        if let Some(error) = self.trouble.as_ref().filter(|_| refused) {
            // Whoever waits should hear of it now and not when the pause is over.
            self.confirm(|confirm| confirm.handle_refused(error));
        }
        self.shared.with_confirms(|confirms| confirms.retain_mut(|confirm| !confirm.finish(ended)));
        self.flushes.retain_mut(|flush| !flush.finish(now, refused));
        let Some(close) = &mut self.close else { return false };
        if close.watch.pending() > 0 && now < close.deadline && !refused {
            return false;
        }
        self.exchange = None;
        {
            let mut queue = self.shared.queue();
            self.dispatch.abandon(LossReason::Closed, &mut queue.intake);
            self.lost = *queue.intake.counters().lost();
        }
        let pending = self.close.as_ref().map_or(0, |close| close.watch.pending());
        self.report();
        self.report_losses(now);
        if let Some(close) = self.close.take() {
            close.answer_closed(pending);
        }
        self.flushes.retain_mut(|flush| !flush.finish(flush.deadline, true));
        true
    }

    /// Waits for whatever happens next, and takes it in.
    async fn wait(&mut self) {
        let deadline = self.deadline();
        let exchanging = self.exchange.is_some();
        tokio::select! {
            biased;
            answer = in_flight(&mut self.exchange), if exchanging => {
                self.exchange = None;
                self.handle_answer(answer);
            }
            command = self.commands.recv() => {
                // The sender lives in the link this driver holds, so the channel never ends by itself.
                if let Some(command) = command {
                    self.handle_command(command);
                }
            }
            () = self.link.wake.notified() => {}
            () = sleep_until(deadline) => {}
            Some(_) = self.calls.join_next(), if !self.calls.is_empty() => {}
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let paused = self.dispatch.paused_until().map(|until| self.start + until);
        let confirm = self.shared.with_confirms(|confirms| confirms.iter().map(Confirm::deadline).min());
        let untold = self.lost != self.reported;
        let idle = self.exchange.is_none() && paused.is_none();
        let (tick, nap) = if idle { (self.tick, self.nap) } else { (None, None) };
        self.flushes
            .iter()
            .chain(&self.close)
            .map(|flush| flush.deadline)
            .chain(confirm.map(Instant::from_std))
            .chain(paused.filter(|_| self.exchange.is_none()))
            .chain(tick)
            .chain(nap)
            .chain(untold.then_some(self.next_losses))
            .min()
    }

    fn handle_answer(&mut self, answer: Answer) {
        let now_ms = self.shared.settings.clock.now_ms();
        let verdict = match answer {
            Ok(response) => {
                self.shared.note_plan(response.headers());
                Verdict::of(&response, now_ms)
            }
            Err(error) => Verdict::of_failure(error),
        };
        let now = now();
        // Where events came others follow: with a timer running, they need not wake the worker.
        self.tick = Some(now + self.shared.settings.pipeline.linger);
        self.nap = Some(now + NAP);
        self.dispatch.handle_verdict(now - self.start, verdict, &mut self.shared.queue().intake);
    }

    fn handle_command(&mut self, command: Command) {
        match command {
            Command::Call(call) => {
                self.calls.spawn(call.run(Arc::clone(&self.shared)));
            }
            Command::Errand(Errand(task)) => {
                self.calls.spawn(task);
            }
            Command::Flush { deadline, answer } => {
                let watermark = self.shared.queue().intake.hurry();
                let flushing = self.watch(watermark, deadline, answer);
                self.flushes.push(flushing);
            }
            Command::Close { deadline, answer } => {
                let watermark = self.shared.queue().intake.close();
                let flushing = self.watch(watermark, deadline, answer);
                // A second shutdown has nothing of its own to wait for.
                if let Some(first) = &self.close {
                    self.flushes.push(flushing.until(first.deadline));
                } else {
                    self.close = Some(flushing);
                }
            }
            Command::Resume => self.dispatch.resume(),
        }
    }

    fn watch(&self, watermark: u64, deadline: Instant, answer: oneshot::Sender<FlushReport>) -> Flushing {
        let queue = self.shared.queue();
        let first =
            self.dispatch.first_unsettled().or_else(|| queue.intake.first_waiting()).unwrap_or(watermark);
        Flushing::new(first..watermark, deadline, self.trouble.clone(), answer)
    }
}

/// The monotonic clock of the runtime, which tests can pause.
fn now() -> Instant {
    Instant::now()
}

/// One attempt within its time, the body included.
pub(super) async fn exchange(
    transport: &impl Transport,
    mut request: http::Request<Bytes>,
    limit: Duration,
) -> Answer {
    request.extensions_mut().insert(TimeLimit::new(limit));
    tokio::time::timeout(limit, transport.send(request))
        .await
        .unwrap_or_else(|_| Err(TransportError::timeout()))
}

async fn in_flight(exchange: &mut Option<Exchange>) -> Answer {
    match exchange {
        Some(exchange) => exchange.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
