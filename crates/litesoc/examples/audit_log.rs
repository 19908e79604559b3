//! Recording events in the audit log, signed here, and verified before the call returns.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use litesoc::audit::{Audit, ErrorKind, Event, InFile, PrivateKey, Trust};

#[expect(dead_code, clippy::unwrap_used, clippy::panic, reason = "it serves the tests too")]
#[path = "../tests/audit/service.rs"]
mod service;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = service::Service::start(3);
    let folder = tempfile::tempdir()?;

    // The keys come from whoever runs the log, and not from the log: `/log/<origin>/vkey` has them.
    let audit = Audit::builder("lsoc_live_0123456789abcdef")
        .base_url(service.server.url(""))
        .trust(Trust::keys(&service.keys())?)
        .sign_with(PrivateKey::from_seed([7; 32]))
        .memory(InFile::new(folder.path().join("seen.json")))
        .build()?;

    for message in ["opened the vault", "copied the key", "closed the vault"] {
        let event = Event::new().with("message", message).with("actor", "alice").with("action", "vault");
        match audit.log(event).send().wait() {
            Ok(logged) => println!("record {:?} is {}", logged.index(), logged.hash),
            // Nothing to try again: somebody changed something.
            Err(error) if error.kind() == ErrorKind::Forged => return Err(error.into()),
            Err(error) => println!("not recorded, or not known: {error}"),
        }
    }

    let many = (0..100).map(|number| Event::new().with("message", format!("row {number} was read")));
    let ticket = audit.log_bulk(many).send().wait()?;
    println!("{} more records; their proofs come with a search", ticket.len());
    Ok(())
}
