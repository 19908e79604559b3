//! A durable transparency log in a folder: append-only segments, one sequencer, two Merkle trees.
#![doc = include_str!("../README.md")]

mod cache;
mod checkpoints;
mod chunks;
mod entries;
mod epoch;
mod erase;
mod error;
mod log;
mod queue;
mod record;
mod recovery;
mod roots;
mod segment;
mod sequencer;
mod tiles;

pub use self::error::{AppendError, OpenError, ReadError};
pub use self::log::{Clock, Log, OpenDisk, Options, ReadCheckpoint, Recovery, State};
pub use self::queue::{Appended, Appending, EraseError, Placed};
pub use self::record::{Body, Record, RequestId, Tombstone};
pub use self::segment::file::Disk;
