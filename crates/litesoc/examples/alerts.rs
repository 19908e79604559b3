//! Reading alerts and closing them, from a plain thread.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use litesoc::{AlertStatus, Client, ErrorKind, Resolution};

mod support;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = support::service();
    let client = Client::builder(service.key()).base_url(service.url()).build()?;

    let health = client.health().timeout(Duration::from_secs(2)).send().wait()?;
    println!("service is {}", health.status);

    // Pages by itself; `.send()` gives one page, `.stream()` an async stream.
    for alert in client.alerts().status(AlertStatus::Open).iter() {
        match alert {
            Ok(alert) => println!("{} {}: {}", alert.severity, alert.id, alert.title),
            Err(error) if error.kind() == ErrorKind::Plan => {
                println!("alerts need the plan {}", error.required_plan().unwrap_or("Pro"));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }

    let closed = client
        .alert("alert_1")
        .resolve(Resolution::BlockedIp)
        .notes("blocked in firewall")
        .by("security-team");
    let closed = closed.send().wait()?;
    println!("alert_1 is {}", closed.status.as_ref().map_or("unknown", AlertStatus::as_str));

    let plan = client.last_plan().ok_or("no answer carried a plan")?;
    println!("plan {}, {} days kept", plan.plan.ok_or("no plan")?, plan.retention_days.unwrap_or_default());
    Ok(())
}
