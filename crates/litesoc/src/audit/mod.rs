//! The audit log: writing records, finding them, and being shown that none was changed, removed or held back.
//!
//! It speaks the Pangea Audit API, to this project's server and to hosted Pangea.
//!
//! Answers come as [`Verified`] or as [`Unverified`], which are types of their own. Verifying needs [`Trust`]: the keys of
//! the log, from somewhere else than its answers. Each call fails with [`ErrorKind::Forged`] when an answer does not hold;
//! what the client has seen stays in its [`Memory`], and an answer that contradicts it fails too, be it a log that was
//! rolled back or one that shows two histories.
//!
//! A call is awaited or waited for, as everywhere in this crate, and ends by its own time limit.
//!
//! ```no_run
//! use litesoc::audit::{Audit, Event, InFile, Trust};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let audit = Audit::builder("lsoc_live_0123456789abcdef")
//!     .base_url("https://soc.example.com")
//!     .trust(Trust::keys(&std::fs::read_to_string("audit.vkey")?)?)
//!     .memory(InFile::new("audit-seen.json"))
//!     .build()?;
//! let event = Event::new().with("message", "exported all customers").with("actor", "alice");
//! let logged = audit.log(event).send().wait()?;
//! println!("record {:?} is in the log", logged.index());
//! # Ok(()) }
//! ```

mod anchor;
mod bulk;
mod client;
mod error;
mod log;
mod memory;
mod search;
mod trust;
mod verdict;
mod verify;
mod wire;

pub use litesoc_ledger::event::Event;
pub use litesoc_ledger::proof::ShownRecord;
pub use litesoc_ledger::ptree::TrustedRoot;
pub use litesoc_ledger::receipt::Receipt;
pub use litesoc_ledger::signature::{AllowedKeys, PrivateKey, PublicKey};
pub use litesoc_ledger::{Hash, canonical};

pub use self::anchor::{GetProof, GetRoot, Redeem};
pub use self::bulk::{LogBulk, PollBulk, Ticket};
pub use self::client::{Audit, AuditBuilder, PANGEA};
pub use self::error::{Error, ErrorKind, Fault};
pub use self::log::{Log, Logged};
pub use self::memory::{InFile, InProcess, Memory, Remembered};
pub use self::search::{Download, Format, Found, GetResults, Order, Page, Record, Search};
pub use self::trust::Trust;
pub use self::verdict::{Unverified, Verified};
