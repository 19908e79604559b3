//! The usual way: track in the background, shut down at the end.
//!
//! `LITESOC_API_KEY=... cargo run -p litesoc --example track` sends to the hosted service; without a key the example
//! starts a server of its own.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::net::IpAddr;
use std::time::Duration;

use litesoc::{Client, Event, EventType};

mod support;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = support::service();
    let client = Client::builder(service.key())
        .base_url(service.url())
        .on_drop(|dropped| println!("lost {} events: {}", dropped.count, dropped.reason))
        .build()?;

    let address: IpAddr = "203.0.113.7".parse()?;
    client.track(
        Event::login_failed("user_123")
            .email("user@example.com")
            .user_ip(address)
            .metadata("reason", "invalid_password"),
    );
    // A constant of the catalogue, a name of your own, or a name that the service normalises.
    client.track(Event::new(EventType::DATA_EXPORT).actor("user_123").metadata("record_count", 1_000));
    client.track(Event::new("billing.refund_granted").actor("admin_1").target("invoice_77", "invoice"));

    // Before the program ends: within five seconds, everything is delivered or reported.
    let report = client.shutdown(Duration::from_secs(5)).wait();
    println!("{} delivered, {} lost, {} not sent", report.delivered, report.lost, report.pending);
    if let Some(error) = report.error {
        println!("the last problem: {error}");
    }
    Ok(())
}
