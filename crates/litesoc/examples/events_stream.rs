//! Reading events as an async stream.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::pin::pin;

use futures_util::TryStreamExt;
use litesoc::Client;

mod support;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = support::service();
    let client = Client::builder(service.key()).base_url(service.url()).build()?;

    let mut events = pin!(client.events().event_name("auth.login_failed").limit(100).stream());
    while let Some(event) = events.try_next().await? {
        println!("{} {} by {}", event.id, event.event, event.actor_id.as_deref().unwrap_or("nobody known"));
    }
    Ok(())
}
