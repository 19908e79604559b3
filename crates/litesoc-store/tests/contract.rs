//! Both engines of this crate against the contract.

use litesoc_store::SqliteStore;
use litesoc_store::testing::{MemoryStore, contract};

#[test]
fn memory_keeps_the_contract() {
    contract(|| Box::new(MemoryStore::new()));
}

#[test]
fn sqlite_keeps_the_contract() {
    contract(|| Box::new(SqliteStore::open_temporary().unwrap()));
}
