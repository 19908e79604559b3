//! Any text as a note, key, checkpoint, policy, proof, tile path, time or request: no panic, and what is read is
//! written again as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_ledger::{
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
    policy::Policy,
    proof::{RecordProof, TlogProof},
    ptree::{ConsistencyProof, MembershipProof},
    signature::{PrivateKey, PublicKey},
    tiles::{TilePath, entries_of, entry_bundle, tile_bytes, tile_hashes},
    time::{DateTime, Moment},
    witness::{AddCheckpoint, conflict_size},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(policy) = Policy::parse(bytes) {
        assert!(policy.is_quorum(|_| true));
    }
    if let Ok(entries) = entries_of(bytes) {
        assert_eq!(entry_bundle(entries).as_deref(), Ok(bytes));
    }
    if let Some(hashes) = tile_hashes(bytes) {
        assert_eq!(tile_bytes(&hashes), bytes);
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    same(text, text.parse::<Checkpoint>());
    same(text, text.parse::<VerifierKey>());
    same(text, text.parse::<TilePath>());
    same(text, text.parse::<MembershipProof>());
    same(text, Note::parse(text));
    same(text, text.parse::<TlogProof>());
    same(text, text.parse::<RecordProof>());
    same(text, text.parse::<AddCheckpoint>());
    if let Ok(proof) = ConsistencyProof::parse(&[text]) {
        assert_eq!(proof.to_strings(), [text]);
    }
    if let Some(moment) = Moment::parse_exact(text) {
        assert_eq!(moment.to_string(), text);
    }
    let _ = (DateTime::parse(text).map(|time| (time.moment(), time.to_micros_form())), conflict_size(text));
    let _ = (PublicKey::parse(text), PrivateKey::from_pem(text));
});

fn same<T: std::fmt::Display, E>(text: &str, read: Result<T, E>) {
    if let Ok(value) = read {
        assert_eq!(value.to_string(), text);
    }
}
