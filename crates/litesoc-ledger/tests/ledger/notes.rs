//! Notes, keys, checkpoints, cosignatures, proof files, receipts and witnesses.

use litesoc_ledger::{
    Hash,
    checkpoint::{Checkpoint, CheckpointFault},
    cosignature::Cosigner,
    entry::Entry,
    merkle::{self, MerkleFault},
    note::{InvalidNote, InvalidVerifierKey, KeyKind, Note, NoteFault, NoteSigner, VerifierKey},
    policy::{Policy, PolicyFault},
    proof::{InvalidTlogProof, RecordProof, TlogProof, TlogProofFault},
    receipt::{self, Receipt, ReceiptFault},
    signature::PrivateKey,
    time::Moment,
    tree::{MemoryTree, Rfc6962},
    witness::{AddCheckpoint, WitnessRefusal, add_cosignatures, conflict_size},
};
use proptest::prelude::*;

use crate::common::{list, many, number, private_key, text, unhex, vectors};

fn log() -> NoteSigner {
    NoteSigner::new("audit.example/demo", private_key("log")).unwrap()
}

fn witness() -> Cosigner {
    Cosigner::new("witness.example/w1", private_key("witness")).unwrap()
}

fn entries() -> Vec<Vec<u8>> {
    list(&vectors("c2sp")["entries"]).iter().map(|entry| unhex(text(entry, "entry_hex"))).collect()
}

fn tree() -> MemoryTree<Rfc6962> {
    entries().iter().map(|entry| merkle::leaf_hash(entry)).collect()
}

fn policy(quorum: &str) -> Policy {
    let (log, witness) = (log(), witness());
    let file = format!("log {}\nwitness w {}\nquorum {quorum}\n", log.verifier_key(), witness.verifier_key());
    Policy::parse(file.as_bytes()).unwrap()
}

#[test]
fn the_vectors_of_keys_checkpoints_cosignatures_proofs_and_requests() {
    let vector = vectors("c2sp");
    let (log, witness, tree) = (log(), witness(), tree());
    assert_eq!(log.verifier_key().to_string(), text(&vector, "log_vkey"));
    assert_eq!(witness.verifier_key().to_string(), text(&vector, "witness_vkey"));
    let checkpoint = Checkpoint::new(text(&vector, "origin"), 8, tree.root().unwrap()).unwrap();
    assert_eq!(checkpoint.to_string(), text(&vector, "checkpoint_text"));
    let mut note = checkpoint.sign(&log).unwrap();
    assert_eq!(note.to_string(), text(&vector, "checkpoint_signed"));
    let line = witness.cosign(note.text(), number(&vector, "cosignature_time")).unwrap();
    note.add(line);
    assert_eq!(note.to_string(), text(&vector, "checkpoint_cosigned"));
    let proof = TlogProof::new(3, merkle::inclusion(&tree, 3, 8).unwrap(), note.clone());
    assert_eq!(proof.to_string(), text(&vector, "tlog_proof_index_3"));
    let request =
        AddCheckpoint::new(5, merkle::consistency(&tree, 5, 8).unwrap(), checkpoint.sign(&log).unwrap());
    let expected = text(&vector, "add_checkpoint_request_from_5");
    assert_eq!(expected.parse::<AddCheckpoint>().unwrap().old_size, 5);
    assert_eq!(request.to_string(), expected);

    let read: TlogProof = text(&vector, "tlog_proof_index_3").parse().unwrap();
    let accepted = read.verify(&merkle::leaf_hash(&entries()[3]), &policy("w")).unwrap();
    assert_eq!(accepted.checkpoint, checkpoint);
    assert_eq!(accepted.witnesses, [("w".to_owned(), 1_735_689_610)]);
    assert_eq!(&accepted.log, log.verifier_key());
}

/// The example of C2SP signed-note, with its key.
const EXAMPLE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

#[test]
fn the_example_of_the_specification_verifies() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    assert_eq!((key.kind(), key.id()), (KeyKind::Ed25519, 0x530d_903a));
    let note = Note::parse(EXAMPLE).unwrap();
    assert_eq!(note.to_string(), EXAMPLE);
    assert_eq!(note.verify([&key]).unwrap()[0].time, None);
    assert_eq!(note.text(), "This is an example message.\n");
}

#[test]
fn every_changed_byte_of_a_note_is_noticed() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    for at in 0..EXAMPLE.len() {
        for change in [1_u8, 0x20, 0x80] {
            let mut bytes = EXAMPLE.as_bytes().to_vec();
            bytes[at] ^= change;
            let verified = Note::from_bytes(&bytes).is_ok_and(|note| note.verify([&key]).is_ok());
            assert!(!verified, "byte {at} changed by {change:#x}");
        }
    }
}

#[test]
fn what_is_no_note() {
    let line = EXAMPLE.split_once("\n\n").unwrap().1;
    let cases = [
        (String::new(), InvalidNote::Border),
        ("text\n".to_owned(), InvalidNote::Border),
        ("text\n\n".to_owned(), InvalidNote::Signature { line: 0 }),
        (format!("text\n{line}"), InvalidNote::Border),
        (format!("te\txt\n\n{line}"), InvalidNote::Control),
        (format!("te\rxt\n\n{line}"), InvalidNote::Control),
        (format!("text\n\n{}", line.trim_end()), InvalidNote::Signature { line: 0 }),
        (format!("text\n\n{line}x\n"), InvalidNote::Signature { line: 1 }),
        (format!("text\n\n{}", line.replace('—', "-")), InvalidNote::Signature { line: 0 }),
        (format!("text\n\n{}", line.replace("foo", "f+o")), InvalidNote::Signature { line: 0 }),
        (format!("text\n\n{}", line.replace("foo", "f\u{2003}o")), InvalidNote::Signature { line: 0 }),
        (format!("text\n\n{}", line.replace("=\n", "\n")), InvalidNote::Signature { line: 0 }),
        ("text\n\n— a AAAAAA==\n".to_owned(), InvalidNote::Signature { line: 0 }),
        (format!("text\n\n{}", line.repeat(129)), InvalidNote::Signatures),
        ("x".repeat((1 << 20) + 1), InvalidNote::Length),
    ];
    for (note, fault) in cases {
        assert_eq!(Note::parse(&note), Err(fault), "{:.60}", note);
    }
    assert_eq!(Note::from_bytes(b"\xff\n\n"), Err(InvalidNote::Encoding));
    assert!(Note::parse(&format!("text\n\n{}", line.repeat(128))).is_ok());
}

#[test]
fn unknown_keys_say_nothing_and_bad_signatures_spoil_the_note() {
    let (log, other) = (log(), NoteSigner::new("other.example", PrivateKey::from_seed([9; 32])).unwrap());
    let note = Note::unsigned("text\n").unwrap().sign(&log).sign(&other);
    assert_eq!(note.verify([log.verifier_key()]).unwrap().len(), 1);
    let stranger = NoteSigner::new("audit.example/demo", PrivateKey::from_seed([8; 32])).unwrap();
    assert_eq!(note.verify([stranger.verifier_key()]), Err(NoteFault::Unsigned));
    let forged = note.to_string().replacen("text", "tExt", 1);
    let forged = Note::parse(&forged).unwrap();
    let fault = NoteFault::Signature { name: "audit.example/demo".to_owned() };
    assert_eq!(forged.verify([log.verifier_key(), other.verifier_key()]), Err(fault));
    assert_eq!(forged.verify([stranger.verifier_key()]), Err(NoteFault::Unsigned));
    let twice = format!("{note}{}\n", note.signatures()[0]);
    assert_eq!(Note::parse(&twice).unwrap().verify([log.verifier_key()]).unwrap().len(), 1);
}

#[test]
fn what_is_no_verifier_key() {
    let cases = [
        ("", InvalidVerifierKey::Form),
        ("name", InvalidVerifierKey::Form),
        ("name+12345678", InvalidVerifierKey::Form),
        ("name+12345678+!", InvalidVerifierKey::Form),
        ("name+12345678+", InvalidVerifierKey::Form),
        ("name+12345678+AQ==", InvalidVerifierKey::Key),
        ("name+12345678+AgAA", InvalidVerifierKey::Kind(2)),
        ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", InvalidVerifierKey::Id),
        ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", InvalidVerifierKey::Id),
        ("example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", InvalidVerifierKey::Id),
        ("exa mple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", InvalidVerifierKey::Name),
        ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", InvalidVerifierKey::Name),
        // The neutral point: with it everything verifies.
        ("name+12345678+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", InvalidVerifierKey::Key),
    ];
    for (text, fault) in cases {
        assert_eq!(text.parse::<VerifierKey>(), Err(fault), "{text}");
    }
}

#[test]
fn what_is_no_checkpoint() {
    let root = merkle::EMPTY_ROOT.to_base64();
    for text in [
        String::new(),
        "\n".to_owned(),
        format!("\n1\n{root}\n"),
        "o\n1\n".to_owned(),
        format!("o\n1\n{root}"),
        format!("o\n01\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n-1\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n1\n{}\n", root.trim_end_matches('=')),
        format!("o\n1\n{root}\n\n"),
        format!("o\n1\n{root}\nextension\n\n"),
        format!("o\r\n1\r\n{root}\r\n"),
    ] {
        assert!(text.parse::<Checkpoint>().is_err(), "{text:?}");
    }
    let extended = format!("o\n1\n{root}\nextension\n");
    assert_eq!(extended.parse::<Checkpoint>().unwrap().to_string(), extended);
}

#[test]
fn a_checkpoint_is_signed_and_opened_under_its_own_name() {
    let checkpoint = Checkpoint::new("another.example", 0, merkle::EMPTY_ROOT).unwrap();
    assert_eq!(checkpoint.sign(&log()), Err(CheckpointFault::Name));
    let forged = Note::unsigned(checkpoint.to_string()).unwrap().sign(&log());
    assert!(matches!(Checkpoint::open(&forged, log().verifier_key()), Err(CheckpointFault::Origin { .. })));
    assert!(matches!(policy("none").accept(&forged), Err(PolicyFault::UnknownLog { .. })));
}

#[test]
fn a_cosignature_belongs_to_its_time_its_checkpoint_and_its_kind() {
    let (log, witness) = (log(), witness());
    let checkpoint = Checkpoint::new("audit.example/demo", 8, tree().root().unwrap()).unwrap();
    let mut note = checkpoint.sign(&log).unwrap();
    let line = witness.cosign(note.text(), 1_000).unwrap();
    let mut later = line.clone();
    later.signature[7] ^= 1;
    note.add(later);
    assert!(matches!(note.verify([witness.verifier_key()]), Err(NoteFault::Signature { .. })));
    let mut beyond = line.clone();
    beyond.signature[0] |= 0x80;
    note.add(beyond);
    assert!(note.verify([witness.verifier_key()]).is_err());
    note.add(line.clone());
    assert_eq!(note.verify([witness.verifier_key()]).unwrap()[0].time, Some(1_000));
    assert!(policy("w").accept(&note).is_ok());

    // The same key as a log key (type 0x01) has another id, and its signature is another one.
    let plain = VerifierKey::ed25519("witness.example/w1", private_key("witness").public_key()).unwrap();
    assert_ne!(plain.id(), witness.verifier_key().id());
    assert_eq!(note.verify([&plain]), Err(NoteFault::Unsigned));
    assert!(witness.cosign("no checkpoint\n", 1).is_err());
    let mut other = Checkpoint::new("audit.example/demo", 7, checkpoint.root).unwrap().sign(&log).unwrap();
    other.add(line);
    assert!(policy("w").accept(&other).is_err(), "a cosignature of another checkpoint");
}

#[cfg(feature = "ml-dsa")]
#[test]
fn a_cosignature_by_ml_dsa() {
    use litesoc_ledger::cosignature::MlDsaCosigner;

    let cosigner = MlDsaCosigner::new("witness.example/pq", [5; 32]).unwrap();
    let key = cosigner.verifier_key();
    assert_eq!(key.to_string().parse::<VerifierKey>().as_ref(), Ok(key));
    let checkpoint = Checkpoint::new("audit.example/demo", 8, tree().root().unwrap()).unwrap();
    let mut note = checkpoint.sign(&log()).unwrap();
    let line = cosigner.cosign(note.text(), 1_735_689_610).unwrap();
    note.add(line.clone());
    let read = Note::parse(&note.to_string()).unwrap();
    assert_eq!(read.verify([key]).unwrap()[0].time, Some(1_735_689_610));
    let file = format!("log {}\nwitness pq {key}\nquorum pq\n", log().verifier_key());
    assert!(Policy::parse(file.as_bytes()).unwrap().accept(&read).is_ok());
    for at in [0, 7, 8, 1_000, line.signature.len() - 1] {
        let mut forged = line.clone();
        forged.signature[at] ^= 1;
        note.add(forged);
        assert!(note.verify([key]).is_err(), "byte {at}");
    }
    let mut without_time = line;
    without_time.signature[..8].fill(0);
    note.add(without_time);
    assert!(note.verify([key]).is_err());
}

#[test]
fn a_proof_file_says_nothing_about_another_place_or_entry() {
    let file = text(&vectors("c2sp"), "tlog_proof_index_3").to_owned();
    let leaf = merkle::leaf_hash(&entries()[3]);
    let verify = |file: &str, leaf: &Hash| file.parse::<TlogProof>().unwrap().verify(leaf, &policy("w"));
    assert!(verify(&file, &leaf).is_ok());
    let moved = file.replace("index 3", "index 2");
    assert_eq!(verify(&moved, &leaf), Err(TlogProofFault::Inclusion(MerkleFault::Root)));
    let beyond = file.replace("index 3", "index 8");
    assert!(matches!(
        verify(&beyond, &leaf),
        Err(TlogProofFault::Inclusion(MerkleFault::NoSuchLeaf { index: 8, size: 8 }))
    ));
    assert!(verify(&file, &merkle::leaf_hash(&entries()[2])).is_err());
    let shorter = file.replacen("1Y40weNxTUqPoSaXMOlZZ7vy0PljhyC5wR3xGAqotyg=\n", "", 1);
    assert!(matches!(
        verify(&shorter, &leaf),
        Err(TlogProofFault::Inclusion(MerkleFault::Length { needed: 3, given: 2 }))
    ));
    let without: String = file
        .lines()
        .filter(|line| !line.contains("witness"))
        .fold(String::new(), |all, line| all + line + "\n");
    assert!(matches!(
        verify(&without, &leaf),
        Err(TlogProofFault::Policy(PolicyFault::Quorum { cosigned })) if cosigned.is_empty()
    ));
}

#[test]
fn what_is_no_proof_file() {
    let file = text(&vectors("c2sp"), "tlog_proof_index_3").to_owned();
    let cases = [
        (file.replacen("@v1", "@v2", 1), InvalidTlogProof::Header),
        (file.replacen("index 3", "index 03", 1), InvalidTlogProof::Index),
        (file.replacen("index 3\n", "", 1), InvalidTlogProof::Index),
        (file.replacen("index", "extra !\nindex", 1), InvalidTlogProof::Extra),
        (file.replacen("tyg=\n", "tyg\n", 1), InvalidTlogProof::Hash { line: 0 }),
        (file.replace("\n\n", "\n"), InvalidTlogProof::Border),
    ];
    for (text, fault) in cases {
        assert_eq!(text.parse::<TlogProof>(), Err(fault));
    }
    assert_eq!(file.parse::<RecordProof>(), Err(InvalidTlogProof::Extra), "no record's proof");
}

#[test]
fn the_proof_of_a_record_binds_the_envelope_and_both_trees() {
    let leaves = vectors("leaves");
    let envelope = text(&list(&leaves)[3], "canonical_envelope_utf8");
    let entry = Entry::from_bytes(&entries()[3]).unwrap();
    let tree = tree();
    let note = Note::parse(text(&vectors("c2sp"), "checkpoint_cosigned")).unwrap();
    let proof = RecordProof::new(entry, 3, merkle::inclusion(&tree, 3, 8).unwrap(), note);
    let file = proof.to_string();
    insta::assert_snapshot!(file.lines().take(3).collect::<Vec<_>>().join("\n"));
    let read: RecordProof = file.parse().unwrap();
    let shown = read.verify(envelope.as_bytes(), &policy("w")).unwrap();
    assert_eq!((shown.index, shown.leaf_hash), (3, entry.leaf_hash));
    assert_eq!((shown.root_after.size(), shown.root_after.root()), (4, &entry.root_after));
    let changed = envelope.replace("event 3", "event 4");
    assert_eq!(read.verify(changed.as_bytes(), &policy("w")), Err(TlogProofFault::Envelope));
    // Another P-root in the extra data is another entry.
    let forged = RecordProof::new(
        Entry::new(entry.leaf_hash, Hash::of(b"x")),
        3,
        read.proof().path.clone(),
        read.proof().checkpoint.clone(),
    );
    assert_eq!(forged.verify_entry(&policy("w")), Err(TlogProofFault::Inclusion(MerkleFault::Root)));
}

#[test]
fn receipts() {
    let origin = "audit.example/demo";
    let signer = NoteSigner::new(receipt::key_name(origin), PrivateKey::from_seed([4; 32])).unwrap();
    let time = Moment::parse_exact("2025-01-01T00:00:00.000003Z").unwrap();
    let receipt = Receipt::new(origin, 3, many(1)[0], 4, many(2)[1], time);
    insta::assert_snapshot!(receipt.to_text());
    let note = receipt.sign(&signer).unwrap().to_string();
    let open = |note: &str| Receipt::open(note, signer.verifier_key());
    assert_eq!(open(&note), Ok(receipt.clone()));
    assert_eq!(receipt.trusted_root().size(), 4);
    assert!(matches!(open(&note.replace("\n3\n", "\n2\n")), Err(ReceiptFault::Signature(_))));
    assert_eq!(receipt.sign(&log()), Err(ReceiptFault::Origin), "the log's own key signs no receipts");
    let not_below = Receipt::new(origin, 4, many(1)[0], 4, many(2)[1], time);
    assert_eq!(open(&not_below.sign(&signer).unwrap().to_string()), Err(ReceiptFault::Form));
    let checkpoint = Note::unsigned("another text\n").unwrap().sign(&signer).to_string();
    assert_eq!(open(&checkpoint), Err(ReceiptFault::Form));
}

#[test]
fn a_witness_cosigns_growth_and_nothing_else() {
    let (log, tree) = (log(), tree());
    let keys = [log.verifier_key().clone()];
    let root = |size: u64| merkle::root(&tree, size).unwrap();
    let checkpoint = |size: u64| Checkpoint::new("audit.example/demo", size, root(size)).unwrap();
    let request = |from: u64, to: u64| {
        let proof = if from == 0 { vec![] } else { merkle::consistency(&tree, from, to).unwrap() };
        AddCheckpoint::new(from, proof, checkpoint(to).sign(&log).unwrap())
    };
    assert_eq!(request(0, 5).consider(None, &keys), Ok(checkpoint(5)));
    assert_eq!(request(5, 8).consider(Some((5, root(5))), &keys), Ok(checkpoint(8)));
    assert_eq!(request(5, 5).consider(Some((5, root(5))), &keys), Ok(checkpoint(5)));
    let refused = |request: AddCheckpoint, last| request.consider(last, &keys).unwrap_err().status();
    assert_eq!(refused(request(4, 8), Some((5, root(5)))), 409);
    assert_eq!(request(4, 8).consider(Some((5, root(5))), &keys), Err(WitnessRefusal::Conflict { size: 5 }));
    assert_eq!(
        refused(request(0, 5), Some((5, root(5)))),
        409,
        "a log that was rolled back and starts again"
    );
    assert_eq!(refused(request(5, 8), Some((5, Hash::of(b"another history")))), 422);
    assert_eq!(refused(request(5, 5), Some((5, Hash::of(b"another history")))), 422);
    let mut with_proof = request(0, 5);
    with_proof.proof.push(root(1));
    assert_eq!(refused(with_proof, None), 422);
    let mut backwards = request(5, 5);
    backwards.old_size = 6;
    assert_eq!(refused(backwards, Some((6, root(6)))), 400);
    let false_empty = Checkpoint::new("audit.example/demo", 0, root(1)).unwrap().sign(&log).unwrap();
    assert_eq!(refused(AddCheckpoint::new(0, vec![], false_empty), None), 422);
    let unknown = NoteSigner::new("unknown.example", PrivateKey::from_seed([1; 32])).unwrap();
    let note = Checkpoint::new("unknown.example", 1, root(1)).unwrap().sign(&unknown).unwrap();
    assert_eq!(refused(AddCheckpoint::new(0, vec![], note), None), 404);
    let stranger = NoteSigner::new("audit.example/demo", PrivateKey::from_seed([1; 32])).unwrap();
    assert_eq!(refused(AddCheckpoint::new(0, vec![], checkpoint(1).sign(&stranger).unwrap()), None), 403);
    let text = request(5, 8).to_string();
    for bad in [text.replace("old 5", "old 05"), text.replace("old 5", "new 5"), text.replace("\n\n", "\n")] {
        assert!(bad.parse::<AddCheckpoint>().is_err());
    }
    let long = format!(
        "old 5\n{}{}",
        format!("{}\n", root(1).to_base64()).repeat(64),
        &text[text.find("\n\n").unwrap() + 1..]
    );
    assert!(long.parse::<AddCheckpoint>().is_err(), "64 lines of proof");
}

#[test]
fn answers_of_witnesses_are_taken_from_known_keys_only() {
    let (log, witness) = (log(), witness());
    let known = [witness.verifier_key().clone()];
    let mut note =
        Checkpoint::new("audit.example/demo", 8, tree().root().unwrap()).unwrap().sign(&log).unwrap();
    let other = Cosigner::new("other.example", PrivateKey::from_seed([6; 32])).unwrap();
    let (good, stranger) = (witness.cosign(note.text(), 5).unwrap(), other.cosign(note.text(), 5).unwrap());
    let before = note.clone();
    assert_eq!(add_cosignatures(&mut note, &format!("{stranger}\n"), &known), Ok(0));
    assert_eq!(note, before);
    let mut bad = good.clone();
    bad.signature[20] ^= 1;
    assert!(add_cosignatures(&mut note, &format!("{bad}\n"), &known).is_err());
    assert!(add_cosignatures(&mut note, "<html>", &known).is_err());
    assert_eq!(note, before);
    assert_eq!(add_cosignatures(&mut note, &format!("{stranger}\n{good}\n"), &known), Ok(1));
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(
        (conflict_size("20852014\n"), conflict_size("5"), conflict_size("05\n")),
        (Some(20_852_014), None, None)
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[—a-c+ \n0-9A=]{0,80}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }

    #[test]
    fn a_signed_text_is_read_as_it_was(text in "([a-zé ]{0,9}\n){0,4}", seed in any::<[u8; 32]>()) {
        let signer = NoteSigner::new("name", PrivateKey::from_seed(seed)).unwrap();
        let text = format!("{text}\n");
        let note = Note::unsigned(text.clone()).unwrap().sign(&signer);
        let read = Note::parse(&note.to_string()).unwrap();
        prop_assert_eq!(read.text(), text);
        prop_assert!(read.verify([signer.verifier_key()]).is_ok());
    }
}
