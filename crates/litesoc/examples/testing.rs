//! How an application tests what it tracks: a transport that captures, and no network.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use litesoc::testing::Capture;
use litesoc::{Client, Event};

/// The code under test.
fn log_in(client: &Client, user: &str, password: &str) -> bool {
    let right = password == "correct horse battery staple";
    client.track(if right { Event::login_success(user) } else { Event::login_failed(user) });
    right
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let capture = Capture::new();
    let client = Client::with_transport("lsoc_test_0123456789abcdef", capture.clone())?;

    assert!(!log_in(&client, "user_123", "password"));

    assert!(client.flush(Duration::from_secs(5)).wait().is_complete());
    let requests = capture.requests();
    let event: serde_json::Value = serde_json::from_slice(requests[0].body())?;
    assert_eq!(event["event"], "auth.login_failed");
    assert_eq!(event["actor"]["id"], "user_123");
    println!("tracked: {event:#}");
    Ok(())
}
