//! Rates of hashing, appending, proving and verifying, as ratios to bare SHA-256 in the same run.

fn main() {}
