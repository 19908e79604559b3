//! [`Spill`]: a place for state that no longer fits into memory.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::key::Key;
use crate::record::{FORMAT, Record};

/// A place for the state of accounts that no longer fits into memory, such as a table of a store.
///
/// The detector puts state in when its memory is full, and takes it back when the account signs in again.
/// Without one, such an account is learned anew.
///
/// Keys and states are opaque.
/// State of another version of this crate is recognised and ignored.
/// For a detector that is restored from a snapshot to have the same future as the original, what is here must be as it was at
/// the snapshot.
pub trait Spill: Send {
    /// Keeps a state, in place of an earlier one of the same key.
    fn put(&mut self, key: [u8; 16], state: Vec<u8>);

    /// Gives a state back, if there is one, and need not keep it.
    fn take(&mut self, key: [u8; 16]) -> Option<Vec<u8>>;
}

/// The part of the spill that belongs to one table.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    spill: Option<Arc<Mutex<Box<dyn Spill>>>>,
    /// Tells the tables apart: they know the same accounts.
    table: u8,
}

impl Shelf {
    /// The spill all tables share.
    pub(crate) fn shared(spill: Box<dyn Spill>) -> Self {
        Self { spill: Some(Arc::new(Mutex::new(spill))), table: 0 }
    }

    /// The part of one table; a number of its own, for good. 1 is taken by the signals, 2 by the brute-force rules.
    pub(crate) fn of_table(&self, table: u8) -> Self {
        Self { spill: self.spill.clone(), table }
    }

    pub(crate) const fn is_none(&self) -> bool {
        self.spill.is_none()
    }

    pub(crate) fn put(&self, key: Key, value: &impl Record) {
        if let Some(spill) = &self.spill {
            let mut state = vec![FORMAT];
            value.write(&mut state);
            spill.lock().unwrap_or_else(PoisonError::into_inner).put(key.salted(self.table), state);
        }
    }

    pub(crate) fn take<V: Record>(&self, key: Key) -> Option<V> {
        let spill = self.spill.as_ref()?;
        let state = spill.lock().unwrap_or_else(PoisonError::into_inner).take(key.salted(self.table))?;
        let (format, mut state) = state.split_first()?;
        let value = (*format == FORMAT).then(|| V::read(&mut state)).flatten()?;
        state.is_empty().then_some(value)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").field("table", &self.table).finish_non_exhaustive()
    }
}
