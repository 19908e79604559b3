//! Fake transports, a fake clock and the transport conformance suite.
