//! Reading the vector files beside the tests.

use litesoc_ledger::{Hash, signature::PrivateKey};
use serde_json::Value as Json;

/// One of the files in tests/vectors.
pub(crate) fn vectors(name: &str) -> Json {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
        .unwrap()
}

pub(crate) fn list(value: &Json) -> &[Json] {
    value.as_array().expect("an array")
}

pub(crate) fn text<'a>(value: &'a Json, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

pub(crate) fn number(value: &Json, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("no number {name} in {value}"))
}

pub(crate) fn hash(value: &Json, name: &str) -> Hash {
    Hash::from_hex(text(value, name)).unwrap()
}

/// The leaf hashes of the small tree that all vectors speak of.
pub(crate) fn leaves() -> Vec<Hash> {
    list(&vectors("leaves")).iter().map(|leaf| hash(leaf, "leaf_hash")).collect()
}

pub(crate) fn strings(value: &Json) -> Vec<&str> {
    list(value).iter().map(|item| item.as_str().unwrap()).collect()
}

/// Leaf hashes that differ.
pub(crate) fn many(count: u32) -> Vec<Hash> {
    (0..count).map(|n| Hash::of(&n.to_be_bytes())).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// One of the fixed keys of the vectors.
pub(crate) fn private_key(name: &str) -> PrivateKey {
    let key = vectors("keys")[name].clone();
    let private = PrivateKey::from_seed(unhex(text(&key, "seed_hex")).try_into().unwrap());
    assert_eq!(private.public_key().to_pem(), text(&key, "public_pem"));
    assert_eq!(private.public_key().to_base64(), text(&key, "public_raw_base64"));
    private
}
