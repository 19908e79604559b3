//! Finding records in the audit log, each shown to stand in the log that was signed.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use litesoc::audit::{Audit, Found, Order, Trust};

#[expect(dead_code, clippy::unwrap_used, clippy::panic, reason = "it serves the tests too")]
#[path = "../tests/audit/service.rs"]
mod service;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = service::Service::start(12);
    let audit = Audit::builder("lsoc_live_0123456789abcdef")
        .base_url(service.server.url(""))
        .trust(Trust::keys(&service.keys())?)
        .build()?;

    let search = audit.search().query("earlier").order_by("received_at", Order::Ascending).limit(5);
    let page = search.send().wait()?;
    println!("{} records match; the first of them:", page.count);
    for found in &page.records {
        match found {
            Found::Verified(record) => println!("{:?} {}", record.index, record.event.to_canonical()),
            Found::Unverified(record) => println!("said, not shown: {}", record.why()),
            Found::Forged { place, error } => println!("record {place} of the page does not hold: {error}"),
        }
    }

    // All or nothing: an error at the first record that is not shown.
    let id = page.id.ok_or("a search has an id")?;
    let rest = audit.results(id).offset(5).limit(100).send().wait()?.verified()?;
    println!("and {} more, all verified", rest.len());
    println!("the root of {} records is trusted", audit.root().send().wait()?.size());
    Ok(())
}
