//! [`StopSignal`] and [`ReloadSignal`]: being told by the system to end, and to read files again.

use std::io;
use std::time::Duration;

use tokio::runtime::{self, Runtime};

/// Listens for SIGTERM and SIGINT (elsewhere than on Unix for Ctrl-C), which from then on no longer end the process by
/// themselves.
///
/// ```no_run
/// # fn serve(server: litesoc_server::Running) -> std::io::Result<()> {
/// let stop = litesoc_server::StopSignal::listen()?;
/// println!("listening on http://{}", server.local_addr());
/// stop.wait()?;
/// server.shutdown();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "signals are listened to and nobody waits for them"]
pub struct StopSignal {
    runtime: Runtime,
    signals: Signals,
}

impl StopSignal {
    /// Listens from now on; what comes before [`wait`](Self::wait) is not lost.
    ///
    /// # Errors
    ///
    /// When the system does not let the process listen.
    pub fn listen() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _within = runtime.enter();
            Signals::listen()?
        };
        Ok(Self { runtime, signals })
    }

    /// Waits until a signal has come. Blocks meanwhile.
    ///
    /// # Errors
    ///
    /// When the signals cannot be waited for.
    pub fn wait(self) -> io::Result<()> {
        let Self { runtime, signals } = self;
        runtime.block_on(signals.next())?;
        tracing::info!("asked to stop");
        Ok(())
    }
}

/// Listens for SIGHUP, by which an operator asks for files to be read again, and which from then on no longer ends the
/// process. Elsewhere than on Unix nobody can ask.
///
/// ```no_run
/// # fn keep(hot: litesoc_server::HotEnricher) -> std::io::Result<()> {
/// let mut asked = litesoc_server::ReloadSignal::listen()?;
/// while asked.wait(None)? {
///     println!("reading the files again");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "signals are listened to and nobody waits for them"]
pub struct ReloadSignal {
    runtime: Runtime,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl ReloadSignal {
    /// Listens from now on; what comes before [`wait`](Self::wait) is not lost.
    ///
    /// # Errors
    ///
    /// When the system does not let the process listen.
    pub fn listen() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        #[cfg(unix)]
        let hangup = {
            let _within = runtime.enter();
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            hangup,
        })
    }

    /// Waits until somebody asks, or for so long at most; whether somebody asked. Blocks meanwhile.
    ///
    /// # Errors
    ///
    /// When no signal can come any more.
    pub fn wait(&mut self, at_most: Option<Duration>) -> io::Result<bool> {
        #[cfg(unix)]
        let asked = self.hangup.recv();
        #[cfg(not(unix))]
        let asked = std::future::pending::<Option<()>>();
        let heard = self.runtime.block_on(async {
            match at_most {
                Some(limit) => tokio::time::timeout(limit, asked).await.ok(),
                None => Some(asked.await),
            }
        });
        match heard {
            Some(None) => Err(io::Error::other("no signal can come any more")),
            heard => Ok(heard.is_some()),
        }
    }
}

#[cfg(unix)]
#[derive(Debug)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
