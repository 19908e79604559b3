//! When the caller has to know: one event, or a batch with a result for each.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use litesoc::{Client, Event};

mod support;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = support::service();
    let client = Client::builder(service.key()).base_url(service.url()).build()?;

    // Resolves when the service has acknowledged this very event.
    match client.track_confirmed(Event::privilege_escalation("admin_1")).await {
        Ok(receipt) => println!("stored as {}", receipt.event_id),
        Err(failure) => println!("not stored: {}", failure.error),
    }

    // One bad event costs itself and no other.
    let batch = [
        Event::role_changed("user_1", "viewer", "admin"),
        Event::bulk_delete("user_2", 500).metadata("share", f64::NAN),
        Event::sensitive_access("user_3", "customers.csv"),
    ];
    let report = client.track_batch(batch).await;
    println!("{} of {} accepted", report.accepted(), report.items.len());
    for (index, failure) in report.failures() {
        println!("event {index}: {}", failure.error);
    }
    Ok(())
}
