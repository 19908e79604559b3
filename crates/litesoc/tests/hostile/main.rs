//! The client over real HTTP against servers that misbehave, once for each transport.

#![expect(clippy::unwrap_used, reason = "the checks are tests; what fails is told by its line")]

/// Mounts each test over every transport.
macro_rules! over_every_transport {
    ($($(#[$attribute:meta])* fn $name:ident($transport:ident) $body:block)*) => { $(
        mod $name {
            use super::*;

            fn check($transport: SharedTransport) $body

            $(#[$attribute])*
            #[test]
            fn hyper() {
                check(SharedTransport::new(litesoc_hyper::HyperTransport::builder().build()));
            }

            $(#[$attribute])*
            #[test]
            fn ureq() {
                check(SharedTransport::new(litesoc_ureq::UreqTransport::new().transport()));
            }
        }
    )* };
}

mod delivery;
mod ending;
mod management;
mod service;
