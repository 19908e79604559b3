//! [`Stage`]: a server in this process on a free loopback port, and a client of it.
#![expect(clippy::disallowed_methods, reason = "the demo plays in real time")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use litesoc::{Client, Plan, Timestamp};
use litesoc_detect::Settings;
use litesoc_server::{Accounts, Config, Running, Server};
use litesoc_store::SqliteStore;

use super::geography;
use crate::outcome::Failure;

/// How often something is looked at again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// A server in this process on a free loopback port, and a client of it.
#[derive(Debug)]
pub(super) struct Stage {
    server: Running,
    pub(super) entrance: Entrance,
}

/// Where the server of a stage is, and the key to it.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    key: String,
    pub(super) url: String,
}

impl Stage {
    /// Starts the server on a temporary folder, or on one that is kept.
    pub(super) fn open(keep: Option<&Path>) -> Result<Self, Failure> {
        let store = match keep {
            Some(folder) => SqliteStore::open(folder)?,
            None => SqliteStore::open_temporary()?,
        };
        let accounts = Accounts::of(&store);
        let organization = accounts.create_organization("demo", &Plan::Enterprise)?;
        let key = accounts.create_key(&organization, "demo")?.key.reveal().to_owned();
        let mut config = Config::default();
        config.listen = ([127, 0, 0, 1], 0).into();
        config.enrichment = geography::enricher()?.into();
        adjust(&mut config.detection.default);
        let server = Server::bind(config, Arc::new(store))?;
        let url = format!("http://{}", server.local_addr());
        Ok(Self { server, entrance: Entrance { key, url } })
    }

    /// Stops the server; a temporary folder goes with it.
    pub(super) fn close(self) {
        self.server.shutdown();
    }
}

impl Entrance {
    /// A client whose queue holds so many events.
    pub(super) fn client(&self, events: usize) -> Result<Client, Failure> {
        const BYTES_EACH: usize = 1_024;
        Ok(Client::builder(&*self.key)
            .base_url(&*self.url)
            .queue_events(events)
            .queue_bytes(events.saturating_mul(BYTES_EACH))
            .build()?)
    }
}

/// The demo has a day; to ask for five days of habits would be too much.
pub(super) const fn adjust(settings: &mut Settings) {
    settings.new_device.learning_days = 0;
}

pub(super) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

pub(super) fn clock() -> Instant {
    Instant::now()
}

pub(super) fn pause() {
    std::thread::sleep(LOOK_AGAIN);
}
