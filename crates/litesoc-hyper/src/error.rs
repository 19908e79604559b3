//! hyper's errors as kinds of [`TransportError`].

use std::error::Error;
use std::io;

use litesoc_core::transport::{TransportError, TransportErrorKind};

/// What an error means that ended an exchange on an established connection.
pub(crate) fn of_exchange(error: hyper::Error) -> TransportError {
    TransportError::new(kind(&error), error)
}

fn kind(error: &hyper::Error) -> TransportErrorKind {
    if error.is_parse() {
        return TransportErrorKind::Protocol;
    }
    if error.is_user() {
        return TransportErrorKind::Unsupported;
    }
    // The decoder of bodies reports nonsense (a chunk size of letters) as an IO error of these kinds.
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => TransportErrorKind::Protocol,
        _ => TransportErrorKind::Closed,
    }
}
