//! Diagnostics through `tracing`, or nothing without the feature.
//!
//! What each level may say: `warn` that events were lost, with counts; `debug` what became of requests, with event
//! numbers and the service's messages; `trace` that a request is sent. Never a key, and no event content.

#[cfg(feature = "tracing")]
macro_rules! emit {
    ($level:ident, $($field:tt)*) => { ::tracing::$level!(target: "litesoc", $($field)*) };
}

#[cfg(not(feature = "tracing"))]
macro_rules! emit {
    ($level:ident, $($field:tt)*) => {};
}
