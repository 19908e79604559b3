//! Bundles: what holds, and what every kind of tampering is called.

use litesoc_ledger::{
    Hash,
    bundle::{BundleVerifier, Manifest, Reason, Signatures, Trust, tombstone, verify},
    envelope::{Draft, Sealed},
    event::Event,
    note::{NoteSigner, VerifierKey},
    policy::{Policy, PolicyFault},
    signature::{AllowedKeys, PrivateKey, SignatureFault},
};
use proptest::prelude::*;

use crate::bundle_maker::{Log, ORIGIN, author, log_key, policy};

#[test]
fn a_whole_log_verifies_and_says_what_was_shown() {
    let log = Log::of(20);
    let verified = log.bundle(0, 20, 20).verify().unwrap();
    assert_eq!((verified.range, verified.erased, verified.signed), (0..20, 0, 6));
    assert_eq!(verified.accepted.witnesses, [("w".to_owned(), 1_735_689_999)]);
    assert!(verified.by_policy);
    assert_eq!((verified.root_after, verified.head), (log.root(20), Some(log.root(20))));
    let (first, last) = verified.received.unwrap();
    assert_eq!(last.as_micros() - first.as_micros(), 19);
}

#[test]
fn every_range_of_a_log_verifies() {
    let log = Log::of(13);
    for from in 0..13 {
        for to in from + 1..=13 {
            for of in [to, 13] {
                let verified = log.bundle(from, to, of).verify();
                let verified = verified.unwrap_or_else(|fault| panic!("{from}..{to} of {of}: {fault}"));
                assert_eq!((verified.root_after, verified.head), (log.root(to), Some(log.root(13))));
            }
        }
    }
}

#[test]
fn erased_records_leave_every_proof_valid() {
    let mut log = Log::of(20);
    log.erased = [3, 4, 19].into();
    let files = log.bundle(0, 20, 20);
    assert_eq!(files.verify().unwrap().erased, 3);
    let lines = files.lines();
    let swapped = |index: usize, line: String| {
        let mut lines = lines.clone();
        lines[index] = line.into_bytes();
        files.clone().with_lines(&lines).verify().unwrap_err()
    };
    let hash = log.sealed[3].leaf_hash;
    assert_eq!(swapped(3, tombstone(4, &hash)).reason, Reason::Changed);
    assert_eq!(swapped(3, tombstone(3, &Hash::of(b"x"))).reason, Reason::Changed);
    assert_eq!(swapped(3, tombstone(3, &hash).replace(':', ": ")).reason, Reason::Changed);
    let genesis = swapped(0, tombstone(0, &log.sealed[0].leaf_hash));
    assert_eq!((genesis.record, genesis.reason), (Some(0), Reason::Changed), "the genesis record stays");
}

#[test]
fn changed_bytes_of_every_file_are_noticed() {
    let mut log = Log::of(9);
    log.erased = [4].into();
    let files = log.bundle(2, 7, 9);
    files.verify().unwrap();
    // Parts of pangea.json that nothing can show: they are names, a time and an address, and no evidence.
    let free: Vec<&[u8]> = vec![b"prq_example", b"2025-01-01T00:01:40.000000Z", b"https://audit.example/"];
    for file in 0..5 {
        let length = files.clone().all()[file].1.len();
        for at in (0..length).step_by(if file == 1 { 1 } else { 3 }) {
            let mut changed = files.clone();
            let (name, bytes) = &mut changed.all()[file];
            let inside = |text: &&[u8]| {
                let found = bytes.windows(text.len()).position(|window| window == *text);
                found.is_some_and(|start| (start..start + text.len()).contains(&at))
            };
            let member_name = *name == "pangea.json"
                && [b"\"request_id\"".as_slice(), b"\"published_at\"", b"\"url\""].iter().any(inside);
            if member_name || (*name == "pangea.json" && free.iter().any(inside)) {
                continue;
            }
            bytes[at] ^= 1;
            let name = *name;
            assert!(changed.verify().is_err(), "byte {at} of {name}");
        }
    }
}

#[test]
fn the_first_bad_record_is_named() {
    let log = Log::of(20);
    let files = log.bundle(0, 20, 20);
    let lines = files.lines();
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        let fault = files.clone().with_lines(&lines).verify().unwrap_err();
        (fault.record, fault.reason)
    };
    assert_eq!(with(&|lines| lines[7][20] ^= 1), (Some(7), Reason::Changed));
    assert_eq!(with(&|lines| drop(lines.remove(7))), (Some(7), Reason::Changed));
    assert_eq!(with(&|lines| lines.swap(7, 8)), (Some(7), Reason::Changed));
    assert_eq!(with(&|lines| lines.insert(7, lines[7].clone())), (Some(8), Reason::Changed));
    assert_eq!(with(&|lines| drop(lines.pop())), (Some(19), Reason::Missing { to: 20 }));
    assert_eq!(with(&|lines| lines.push(lines[7].clone())), (Some(20), Reason::Surplus));
    assert_eq!(with(&|lines| lines[7].clear()).0, Some(7));
    let text = files.clone().with_lines(&[]).verify().unwrap_err().to_string();
    insta::assert_snapshot!(text, @"record 0: missing: the range goes to 20; a record was taken away, or the file is torn");
}

#[test]
fn entries_that_were_changed_with_the_records_do_not_reach_the_checkpoint() {
    let log = Log::of(20);
    let files = log.bundle(0, 20, 20);
    // A forger with the bundle alone rewrites record 7 and everything that follows from it.
    let mut forged = Log::empty();
    for (index, sealed) in log.sealed.iter().enumerate() {
        if index == 7 {
            let draft = Draft::new(Event::new().with("message", "nothing happened"));
            forged.push(draft);
        } else {
            forged.push_sealed(sealed.clone());
        }
    }
    let mut other = forged.bundle(0, 20, 20);
    other.checkpoint = files.checkpoint.clone();
    other.manifest = files.manifest.clone();
    assert_eq!(other.verify().unwrap_err().reason, Reason::CheckpointRoot);
    let mut entry = files.clone();
    entry.entries[7 * 65 + 40] ^= 1;
    let fault = entry.verify().unwrap_err();
    assert_eq!((fault.record, fault.reason), (Some(7), Reason::Root));
    let mut version = files;
    version.entries[7 * 65] = 2;
    assert_eq!(version.verify().unwrap_err().reason, Reason::Entry);
}

#[test]
fn a_range_cannot_be_said_to_be_another() {
    let log = Log::of(20);
    let files = log.bundle(5, 9, 9);
    let manifest = |from: &str, to: &str| {
        let mut files = files.clone();
        files.manifest = String::from_utf8(files.manifest).unwrap().replace(from, to).into_bytes();
        files.verify().unwrap_err()
    };
    assert!(matches!(
        manifest("\"from\":5", "\"from\":6").reason,
        Reason::ManifestRule(_) | Reason::Changed | Reason::Root
    ));
    assert!(matches!(manifest("\"to\":9", "\"to\":8").reason, Reason::ManifestRule(_)));
    assert!(matches!(
        manifest("\"size\":20", "\"size\":24").reason,
        Reason::ManifestRule(_) | Reason::Mismatch { .. }
    ));
    assert!(manifest("bundle/v1", "bundle/v2").is_unreadable());
    let torn = Manifest::parse(&files.manifest[..100]).unwrap_err();
    assert!(matches!(torn, Reason::Manifest(_)));
}

#[test]
fn checkpoints_of_strangers_and_missing_witnesses() {
    let log = Log::of(6);
    let files = log.bundle(0, 6, 6);
    let signatures = Signatures::Skip;
    let stranger = NoteSigner::new(ORIGIN, PrivateKey::from_seed([9; 32])).unwrap();
    let other = Policy::of_log(stranger.verifier_key().clone());
    let fault = verify(&files.bundle(), Trust::Policy(&other), &signatures).unwrap_err();
    assert!(matches!(fault.reason, Reason::Policy(PolicyFault::Checkpoint(_))), "{fault}");
    let mut without = files;
    let text = String::from_utf8(without.checkpoint).unwrap();
    without.checkpoint = text
        .lines()
        .filter(|line| !line.contains("witness"))
        .fold(String::new(), |all, line| all + line + "\n")
        .into_bytes();
    assert!(matches!(without.verify().unwrap_err().reason, Reason::Policy(PolicyFault::Quorum { .. })));
    // Believing the bundle itself shows that it holds together, and says that nobody vouched for it.
    let verified = verify(&without.bundle(), Trust::Embedded, &signatures).unwrap();
    assert!(!verified.by_policy);
    let key: VerifierKey = log_key().verifier_key().clone();
    assert_eq!(verified.accepted.log, key);
}

#[test]
fn signatures_are_judged_as_the_verifier_asks() {
    let mut log = Log::of(5);
    let event = Event::new().with("message", "transfer");
    let stranger = PrivateKey::from_seed([8; 32]);
    log.push(
        Draft::new(event.clone())
            .signed(stranger.sign(event.to_canonical().as_bytes()), stranger.public_key_text()),
    );
    log.push(Draft::new(event).signed(author().sign(b"another event"), author().public_key_text()));
    let files = log.bundle(0, 6, 6);
    assert!(files.verify().is_ok(), "signed by somebody");
    let only = Signatures::Verify(AllowedKeys::Only(vec![author().public_key()]));
    let fault = files.verify_with(&only).unwrap_err();
    assert!(matches!(
        (fault.record, &fault.reason),
        (Some(5), Reason::Signature(SignatureFault::Stranger { .. }))
    ));
    let files = log.bundle(0, 7, 7);
    let fault = files.verify().unwrap_err();
    assert_eq!((fault.record, fault.reason), (Some(6), Reason::Signature(SignatureFault::Mismatch)));
    assert!(files.verify_with(&Signatures::Skip).is_ok());
}

#[test]
fn a_log_that_sealed_what_no_log_may_seal() {
    let record = |bytes: &str| Sealed::from_bytes(bytes.as_bytes().to_vec());
    let time = "2025-01-01T00:00:09.000000Z";
    let cases = [
        (
            format!(r#"{{"event":{{"message":"m"}},"received_at":"{time}","signature":"c2ln"}}"#),
            "no public_key",
        ),
        (format!(r#"{{"event":{{"message":"m"}}, "received_at":"{time}"}}"#), "not canonical"),
        (r#"{"event":{"message":"m"},"received_at":"2024-01-01T00:00:00.000000Z"}"#.to_owned(), "before"),
    ];
    for (bytes, expected) in cases {
        let mut log = Log::of(3);
        log.push_sealed(record(&bytes));
        let fault = log.bundle(0, 4, 4).verify().unwrap_err();
        assert_eq!(fault.record, Some(3));
        assert!(fault.to_string().contains(expected), "{fault}");
    }
    // L W5: a log without its genesis record, or with that of another log.
    let mut log = Log::empty();
    log.push(Draft::new(Event::new().with("message", "first")));
    let fault = log.bundle(0, 1, 1).verify().unwrap_err();
    assert_eq!(fault.reason, Reason::Genesis { origin: ORIGIN.to_owned() });
}

#[test]
fn the_search_result_holds_exactly_the_records() {
    let log = Log::of(12);
    let files = log.bundle(0, 12, 12);
    let with = |from: &str, to: &str| {
        let mut files = files.clone();
        let text = String::from_utf8(files.pangea).unwrap();
        assert!(text.contains(from), "{from}");
        files.pangea = text.replacen(from, to, 1).into_bytes();
        files.verify().unwrap_err()
    };
    assert_eq!(with("\"published\":true", "\"published\":false").record, Some(1));
    assert_eq!(with("event 4", "event 5").record, Some(4));
    assert_eq!(with("\"leaf_index\":4", "\"leaf_index\":5").record, Some(5));
    assert_eq!(with("\"leaf_index\":4", "\"leaf_index\":40").record, None);
    assert!(matches!(with("\"count\":11", "\"count\":12").reason, Reason::PangeaRule(_)));
    assert!(matches!(with("\"count\":11,", "\"count\":11, ").reason, Reason::Pangea(_)));
    assert!(matches!(with("\"size\":12", "\"size\":11").reason, Reason::PangeaRule(_)));
    assert!(matches!(
        with("\"membership_proof\":\"", "\"membership_proof\":\"l:").reason,
        Reason::PangeaProof(_)
    ));
    assert!(matches!(with("\"root\":{", "\"root\":{\"a\":null,").reason, Reason::PangeaRule(_)));
    assert!(matches!(with("\"tree_name\":\"", "\"tree_name\":\"0").reason, Reason::PangeaRule(_)));
    let text = String::from_utf8(files.pangea.clone()).unwrap();
    let start = text.find("{\"envelope\"").unwrap();
    let second = start + text[start + 1..].find("{\"envelope\"").unwrap() + 1;
    let mut fewer = files.clone();
    fewer.pangea =
        format!("{}{}", &text[..start], &text[second..]).replace("\"count\":11", "\"count\":10").into_bytes();
    assert_eq!(fewer.verify().unwrap_err().reason, Reason::PangeaRule("events of the range are missing"));
    let older = log.bundle(0, 12, 12);
    let mut mixed = older;
    mixed.pangea = log.bundle(0, 11, 11).pangea;
    assert!(mixed.verify().is_err(), "proofs against another root");
}

#[test]
fn records_can_be_streamed() {
    let log = Log::of(10);
    let files = log.bundle(3, 8, 8);
    let (policy, signatures) = (policy(), Signatures::Skip);
    let verifier = || {
        BundleVerifier::new(&files.manifest, &files.checkpoint, Trust::Policy(&policy), &signatures).unwrap()
    };
    let mut whole = verifier();
    assert_eq!(whole.range(), 3..8);
    for (entry, line) in files.entries.chunks(65).zip(files.lines()) {
        whole.record(entry, &line).unwrap();
    }
    let mut surplus = whole.clone();
    assert_eq!(whole.finish().unwrap().range, 3..8);
    let more = surplus.record(&files.entries[..65], &files.lines()[0]).unwrap_err();
    assert_eq!((more.record, more.reason), (Some(8), Reason::Surplus));
    let mut partly = verifier();
    partly.record(&files.entries[..65], &files.lines()[0]).unwrap();
    assert_eq!(partly.finish().unwrap_err().record, Some(4));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_edit_of_the_records_passes(from in 0_u64..20, length in 1_u64..20, edit in 0..4_u8, at in any::<prop::sample::Index>(), byte in 1_u8..) {
        let log = Log::of(40);
        let files = log.bundle(from, from + length, 40);
        let mut lines = files.lines();
        let at = at.index(lines.len());
        match edit {
            0 => { let place = usize::from(byte) % lines[at].len(); lines[at][place] ^= byte; }
            1 => drop(lines.remove(at)),
            2 => { let line = lines[at].clone(); lines.insert(at, line); }
            _ => { let other = (at + 1) % lines.len(); lines.swap(at, other); if other == at { lines.clear(); } }
        }
        prop_assert!(files.with_lines(&lines).verify().is_err());
    }
}
