//! What an engine is tested with: the contract every store keeps, as a function, and the simplest store that keeps it.

mod accounts;
mod detection;
mod fixture;
mod lists;
mod log;
mod memory;
mod model;
mod notices;
mod triage;

use std::fmt;

pub use self::fixture::{alert, event, organization, uuid_v7};
pub use self::memory::MemoryStore;

use crate::error::StoreError;
use crate::store::Store;

/// How a store fell short of the contract.
#[derive(Debug)]
struct Flaw(String);

impl From<StoreError> for Flaw {
    fn from(error: StoreError) -> Self {
        Self(format!("an unexpected error: {error}"))
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

type Checked = Result<(), Flaw>;

/// One promise of the contract, tried on an empty store.
struct Check {
    promise: &'static str,
    run: fn(&dyn Store) -> Checked,
}

/// Ends a check when a condition does not hold.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::testing::Flaw(format!($($text)+)));
        }
    };
}

/// Ends a check when a value is not the one the contract asks for.
macro_rules! ensure_eq {
    ($found:expr, $wanted:expr, $($text:tt)+) => {{
        let (found, wanted) = (&$found, &$wanted);
        if found != wanted {
            let what = format!($($text)+);
            return Err($crate::testing::Flaw(format!("{what}\n  found  {found:?}\n  wanted {wanted:?}")));
        }
    }};
}

use {ensure, ensure_eq};

/// Tries every promise of [`Store`], each on an empty store from `make`.
///
/// ```
/// use litesoc_store::testing::{MemoryStore, contract};
///
/// contract(|| Box::new(MemoryStore::new()));
/// ```
///
/// # Panics
///
/// When a promise is broken, with the name of each such promise and what was found instead.
pub fn contract(make: impl Fn() -> Box<dyn Store>) {
    let tables =
        [log::CHECKS, lists::CHECKS, detection::CHECKS, triage::CHECKS, notices::CHECKS, accounts::CHECKS];
    let broken: Vec<String> = tables
        .into_iter()
        .flatten()
        .filter_map(|check| {
            let flaw = (check.run)(make().as_ref()).err()?;
            Some(format!("{}: {flaw}", check.promise))
        })
        .collect();
    assert!(broken.is_empty(), "the store breaks {} promises\n{}", broken.len(), broken.join("\n"));
}
