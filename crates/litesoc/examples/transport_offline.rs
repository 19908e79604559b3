//! A transport without a network: every request becomes a line of a file, to be carried over by other means.
//!
//! `cargo run -p litesoc --example transport_offline` writes to memory and prints it.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use litesoc::transport::{Transport, TransportError, TransportErrorKind};
use litesoc::{Client, Event};

/// Appends the bodies of requests to anything that can be written to, a line each.
struct Offline<W>(Mutex<W>);

impl<W> fmt::Debug for Offline<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offline")
    }
}

impl<W: Write + Send + 'static> Transport for Offline<W> {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        if request.method() != http::Method::POST {
            // Questions need a service that answers.
            return Err(TransportErrorKind::Unsupported.into());
        }
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut append = || -> io::Result<()> {
            file.write_all(request.body())?;
            file.write_all(b"\n")?;
            file.flush()
        };
        // A full disk may have room later: the client tries again, as after any failure of a transport.
        append().map_err(|error| TransportError::new(TransportErrorKind::Other, error))?;
        let mut accepted = http::Response::new(Bytes::from_static(br#"{"success":true,"status":"queued"}"#));
        *accepted.status_mut() = http::StatusCode::ACCEPTED;
        Ok(accepted)
    }
}

/// A file in memory that two can hold.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In earnest: `File::options().append(true).create(true).open("events.jsonl")?`.
    let memory = Memory::default();
    let client = Client::with_transport("unused_but_required", Offline(Mutex::new(memory.clone())))?;
    client.track(Event::login_failed("user_123").metadata("reason", "invalid_password"));
    client.track(Event::logout("user_123"));
    let report = client.shutdown(Duration::from_secs(5)).wait();

    let written = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
    print!("{}", String::from_utf8_lossy(&written));
    println!("{} delivered, {} lost, {} not sent", report.delivered, report.lost, report.pending);
    Ok(())
}
