//! Nanoseconds per address with every kind of file loaded.
fn main() {}
