//! Serves the LiteSOC API from a temporary store until it is told to stop; the keys are `good` (pro), `free` and `enterprise`.
//!
//! `cargo run -p litesoc-server --example serve -- 127.0.0.1:8787`

use std::error::Error;
use std::sync::Arc;

use litesoc_model::Plan;
use litesoc_server::{Accounts, ApiKey, Config, Server};
use litesoc_store::SqliteStore;

#[expect(clippy::print_stdout, reason = "an example tells its user where it listens")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut config = Config::default();
    if let Some(address) = std::env::args().nth(1) {
        config.listen = address.parse()?;
    }
    let store = Arc::new(SqliteStore::open_temporary()?);
    let accounts = Accounts::of(&*store);
    for (key, plan) in [("good", Plan::Pro), ("free", Plan::Free), ("enterprise", Plan::Enterprise)] {
        accounts.bootstrap(&ApiKey::new(key)?, &plan)?;
    }
    let server = Server::bind(config, store)?;
    println!("listening on http://{}", server.local_addr());
    server.until_signal()?;
    Ok(())
}
