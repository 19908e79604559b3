//! ureq's errors as kinds of [`TransportError`].

use std::io;

use litesoc_core::transport::{MAX_RESPONSE_BYTES, TransportError, TransportErrorKind};
use ureq::{Error, Timeout};

pub(crate) fn of_exchange(error: Error) -> TransportError {
    TransportError::new(kind(&error), error)
}

pub(crate) fn too_long() -> TransportError {
    TransportError::new(
        TransportErrorKind::Protocol,
        format!("the body is longer than {MAX_RESPONSE_BYTES} bytes"),
    )
}

fn kind(error: &Error) -> TransportErrorKind {
    match error {
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => TransportErrorKind::Connect,
        Error::Timeout(_) => TransportErrorKind::Timeout,
        Error::Io(error) => kind_of_io(error.kind()),
        Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_) | Error::Tls(_) => {
            TransportErrorKind::Connect
        }
        #[cfg(feature = "tls")]
        Error::Rustls(_) => TransportErrorKind::Connect,
        Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::BodyExceedsLimit(_) => {
            TransportErrorKind::Protocol
        }
        Error::BodyStalled => TransportErrorKind::Closed,
        Error::BadUri(_) | Error::TlsRequired | Error::Http(_) => TransportErrorKind::Unsupported,
        _ => TransportErrorKind::Other,
    }
}

/// ureq reports failures to connect and failures afterwards alike; only the kind of IO error tells them apart.
fn kind_of_io(kind: io::ErrorKind) -> TransportErrorKind {
    use io::ErrorKind as Io;

    // `InvalidData` is what rustls reports of a handshake that failed.
    let not_connected = [
        Io::ConnectionRefused,
        Io::HostUnreachable,
        Io::NetworkUnreachable,
        Io::AddrNotAvailable,
        Io::InvalidData,
    ];
    if not_connected.contains(&kind) {
        TransportErrorKind::Connect
    } else if [Io::TimedOut, Io::WouldBlock].contains(&kind) {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Closed
    }
}
