//! Policy files: what they accept, and every fault with its place.

use litesoc_ledger::{
    checkpoint::Checkpoint,
    cosignature::Cosigner,
    merkle,
    note::{Note, NoteSigner, VerifierKey},
    policy::{Policy, PolicyFault},
    signature::PrivateKey,
};
use proptest::prelude::*;

fn log(seed: u8) -> NoteSigner {
    NoteSigner::new(format!("log.example/{seed}"), PrivateKey::from_seed([seed; 32])).unwrap()
}

fn witness(seed: u8) -> Cosigner {
    Cosigner::new(format!("witness.example/{seed}"), PrivateKey::from_seed([seed; 32])).unwrap()
}

fn key(seed: u8) -> String {
    witness(seed).verifier_key().to_string()
}

fn signed(by: &[u8]) -> Note {
    let log = log(1);
    let mut note = Checkpoint::new("log.example/1", 0, merkle::EMPTY_ROOT).unwrap().sign(&log).unwrap();
    for seed in by {
        note.add(witness(*seed).cosign(note.text(), 7).unwrap());
    }
    note
}

/// The two-level example of the specification.
fn two_levels() -> Policy {
    let mut file = format!("# who we trust\n\nlog {}\thttps://log.example/\n", log(1).verifier_key());
    for seed in 11..=13 {
        file += &format!("  witness X{seed} {} https://w.example/ \n", key(seed));
    }
    file += "group X 2 X11 X12 X13\n";
    for seed in 21..=23 {
        file += &format!("witness Y{seed} {}\n", key(seed));
    }
    file += "group Y any Y21 Y22 Y23\ngroup X-and-Y all X Y\nquorum X-and-Y\n";
    Policy::parse(file.as_bytes()).unwrap()
}

#[test]
fn a_quorum_of_groups_of_groups() {
    let policy = two_levels();
    assert_eq!(policy.logs()[0].url.as_deref(), Some("https://log.example/"));
    assert_eq!(policy.witnesses()[0].name, "X11");
    let cases: &[(&[u8], bool)] = &[
        (&[], false),
        (&[11, 12], false),
        (&[21], false),
        (&[11, 21, 22, 23], false),
        (&[11, 13, 22], true),
        (&[11, 12, 13, 21, 22, 23], true),
    ];
    for (cosigned, accepted) in cases {
        let verdict = policy.accept(&signed(cosigned));
        assert_eq!(verdict.is_ok(), *accepted, "{cosigned:?}");
        match verdict {
            Ok(accepted) => assert_eq!(accepted.witnesses.len(), cosigned.len()),
            Err(PolicyFault::Quorum { cosigned: seen }) => assert_eq!(seen.len(), cosigned.len()),
            Err(other) => panic!("{other}"),
        }
    }
    let strangers = policy.accept(&signed(&[31, 32, 33, 34]));
    assert_eq!(strangers, Err(PolicyFault::Quorum { cosigned: vec![] }), "unknown witnesses do not count");
}

#[test]
fn one_witness_with_two_lines_counts_once() {
    let policy = two_levels();
    let mut note = signed(&[11, 21]).to_string();
    let again = witness(11).cosign(signed(&[]).text(), 9).unwrap();
    note += &format!("{again}\n");
    assert!(matches!(policy.accept(&Note::parse(&note).unwrap()), Err(PolicyFault::Quorum { .. })));
}

#[test]
fn without_a_quorum_the_logs_word_is_enough_and_it_is_said() {
    let file = format!("log {}\nquorum none\n", log(1).verifier_key());
    let policy = Policy::parse(file.as_bytes()).unwrap();
    assert!(policy.needs_no_witness());
    assert!(policy.accept(&signed(&[])).is_ok());
    assert_eq!(policy, Policy::of_log(log(1).verifier_key().clone()));
    let empty = Policy::parse(b"quorum none").unwrap();
    assert!(matches!(empty.accept(&signed(&[])), Err(PolicyFault::UnknownLog { .. })));
    assert!(empty.with_log(log(1).verifier_key().clone()).accept(&signed(&[])).is_ok());
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let same = VerifierKey::ed25519("other.example", PrivateKey::from_seed([1; 32]).public_key()).unwrap();
    let file = format!(
        "log\nlog nonsense\nlog {log}\nlog {same}\nlog {w}\nwitness a {w}\nwitness a {w2}\nwitness b {w}\n\
         witness none {w3}\nwitness c {log}\ngroup g 3 a a\ngroup h 0 a\ngroup i any\ngroup j all nobody\n\
         group k some c\nquorum later\nquorum a\nwitnes d {w3}\nbell \u{7}\n  group l all g\n",
        log = log(1).verifier_key(),
        w = key(2),
        w2 = key(3),
        w3 = key(4),
    );
    insta::assert_snapshot!(Policy::parse(file.as_bytes()).unwrap_err().to_string());
    insta::assert_snapshot!(Policy::parse(b"# nothing\n\n").unwrap_err().to_string());
}

#[test]
fn names_are_bytes() {
    // A Kelvin sign is not a K, and a byte that is no UTF-8 is a name as well.
    let file = [
        format!("witness K {}\nwitness \u{212a} {}\nwitness ", key(1), key(2)).as_bytes(),
        b"\xff",
        format!(" {}\ngroup g 3 K \u{212a} ", key(3)).as_bytes(),
        b"\xff\nquorum g\n",
    ]
    .concat();
    assert_eq!(Policy::parse(&file).unwrap().witnesses().len(), 3);
}

#[test]
fn large_policies_are_read() {
    let mut file = String::new();
    let mut names = String::new();
    for seed in 1..=64 {
        file += &format!(
            "log {}\nwitness w{seed} {}\ngroup g{seed} all w{seed}\n",
            log(seed).verifier_key(),
            key(seed)
        );
        names += &format!(" g{seed}");
    }
    file += &format!("group all 64{names}\nquorum all\n");
    let policy = Policy::parse(file.as_bytes()).unwrap();
    assert!(policy.is_quorum(|_| true) && !policy.is_quorum(|place| place != 63));
}

proptest! {
    #[test]
    fn any_bytes_are_a_policy_or_faults(file in "((log|witness|group|quorum|#)( (a|b|none|all|any|1|2)){0,4}[ \t]?\n){0,8}") {
        match Policy::parse(file.as_bytes()) {
            Ok(policy) => prop_assert!(policy.is_quorum(|_| true)),
            Err(faults) => {
                prop_assert!(!faults.0.is_empty());
                let lines = file.lines().count().max(1);
                prop_assert!(faults.0.iter().all(|fault| (1..=lines).contains(&fault.line) && fault.column >= 1));
            }
        }
    }
}
