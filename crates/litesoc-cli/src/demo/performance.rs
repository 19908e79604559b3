//! [`Performance`]: playing the script on a thread of its own, so that a signal is heard meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;

use litesoc_server::StopSignal;

use super::account::{self, Account};
use super::script::{self, Script};
use super::stage::{self, LOOK_AGAIN, Stage};
use crate::arguments::DemoArguments;
use crate::outcome::Failure;
use crate::screen::Screen;

/// What the player tells.
enum News {
    Progress(String),
    Played(Box<Result<(Script, Account), Failure>>),
}

/// Where the player says what is going on.
#[derive(Debug)]
pub(super) struct Progress(Sender<News>);

impl Progress {
    pub(super) fn progress(&self, text: &str) {
        // Nobody listens any more after an interruption.
        let _unheard = self.0.send(News::Progress(text.to_owned()));
    }
}

/// A script that is being played, and whether somebody wants it to end.
pub(super) struct Performance {
    news: Receiver<News>,
    interrupted: Arc<AtomicBool>,
}

impl Performance {
    /// Writes the script and plays it to the stage's server.
    pub(super) fn begin(arguments: &DemoArguments, stage: &Stage, stop: StopSignal) -> Result<Self, Failure> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&interrupted);
        thread::Builder::new().name("litesoc-signal".to_owned()).spawn(move || {
            if stop.wait().is_ok() {
                heard.store(true, Ordering::Relaxed);
            }
        })?;
        let (tell, news) = mpsc::channel();
        let (seed, events, entrance) = (arguments.seed, arguments.events, stage.entrance.clone());
        thread::Builder::new().name("litesoc-demo".to_owned()).spawn(move || {
            let progress = Progress(tell);
            let script = script::write(seed, events, stage::now());
            let played = account::play(&entrance, &script, &progress).map(|account| (script, account));
            let _unheard = progress.0.send(News::Played(Box::new(played)));
        })?;
        Ok(Self { news, interrupted })
    }

    /// Shows what is going on until the script has been played.
    ///
    /// After an interruption the player is left to itself; it ends with the process.
    pub(super) fn watch(self, screen: &mut Screen) -> Result<(Script, Account), Failure> {
        loop {
            if self.interrupted.load(Ordering::Relaxed) {
                return Err(Failure::interrupted());
            }
            match self.news.recv_timeout(LOOK_AGAIN) {
                Ok(News::Progress(text)) => screen.progress(&text),
                Ok(News::Played(played)) => return *played,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new("the demo ended before it was over"));
                }
            }
        }
    }
}
