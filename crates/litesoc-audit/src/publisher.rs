//! The thread that publishes checkpoints of all logs, about once a second.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::configuration::ConfigId;
use crate::log::AuditLog;

type Logs = Mutex<BTreeMap<ConfigId, Arc<AuditLog>>>;

/// The thread that publishes checkpoints.
#[derive(Debug)]
pub(crate) struct Publisher {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    told: Condvar,
}

impl Publisher {
    pub(crate) fn start(logs: Arc<Logs>, every: Duration) -> io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let asked = Arc::clone(&stop);
        let thread =
            Builder::new().name("litesoc-publish".to_owned()).spawn(move || run(&logs, every, &asked))?;
        Ok(Self { stop, thread })
    }

    /// Publishes once more, then ends.
    pub(crate) fn stop(self) {
        *self.stop.asked.lock() = true;
        self.stop.told.notify_one();
        // A publisher that panicked has nothing left to publish with.
        let _ended = self.thread.join();
    }
}

fn run(logs: &Logs, every: Duration, stop: &Stop) {
    loop {
        let last = {
            let mut asked = stop.asked.lock();
            if !*asked {
                stop.told.wait_for(&mut asked, every);
            }
            *asked
        };
        // The logs are not held: a witness may take its time, and requests look logs up.
        let all: Vec<_> = logs.lock().values().cloned().collect();
        for log in all {
            if let Err(error) = log.publish() {
                tracing::error!(origin = log.configuration().origin, %error, "no checkpoint was published");
            }
        }
        if last {
            break;
        }
    }
}
