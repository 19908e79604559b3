//! A log in a folder: what it keeps, what it proves, what it refuses.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, in its helpers too")]

mod damage;
mod disk;
mod erasure;
mod life;
mod scene;
mod steps;
mod takeover;
