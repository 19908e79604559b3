//! Rates of hashing, appending, proving and verifying, as ratios to bare SHA-256 in the same run.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench may stop")]

use std::{hint::black_box, time::Instant};

use litesoc_ledger::{
    Hash,
    bundle::{Bundle, Manifest, PangeaRoot, PangeaWriter, Signatures, Trust, verify},
    canonical,
    checkpoint::Checkpoint,
    entry::Entry,
    envelope::{Draft, EnvelopeView, Sealed, genesis},
    event::Event,
    merkle,
    note::NoteSigner,
    ptree::{self, ConsistencyProof, MembershipProof, TrustedRoot},
    signature::{AllowedKeys, PrivateKey, verify as verify_signature},
    time::Moment,
    tree::{Frontier, MemoryTree, Pangea, Rfc6962},
};

const RECORDS: u64 = 200_000;
const ORIGIN: &str = "audit.example/bench";

fn main() {
    let sealed = records();
    let bytes = sealed.iter().map(|record| record.bytes.len()).sum::<usize>() / sealed.len();
    println!("{RECORDS} records of {bytes} bytes");
    let base = time("SHA-256 of a record, bare", 1.0, RECORDS, || {
        for record in &sealed {
            black_box(Hash::of(&record.bytes));
        }
    });
    time("canonical check of a record", base, RECORDS, || {
        sealed.iter().for_each(|record| canonical::is_canonical(&record.bytes).unwrap());
    });
    time("strict reading of an envelope", base, RECORDS, || {
        sealed.iter().for_each(|record| drop(black_box(EnvelopeView::read(&record.bytes).unwrap())));
    });
    time("both right edges, P-root after each", base, RECORDS, || {
        let (mut records, mut entries) = (Frontier::<Pangea>::new(), Frontier::<Rfc6962>::new());
        for record in &sealed {
            records.append(record.leaf_hash);
            entries.append(Entry::of(record, records.root().unwrap()).merkle_leaf());
        }
        black_box((records, entries));
    });
    proofs(&sealed, base);
    signatures(base);
    bundles(&sealed, base);
}

fn records() -> Vec<Sealed> {
    let key = NoteSigner::new(ORIGIN, PrivateKey::from_seed([1; 32])).unwrap();
    let first = genesis(ORIGIN, &key.verifier_key().to_string(), &Hash::of(b"schema"), "bench");
    let event = |index: u64| {
        Event::new()
            .with(
                "message",
                format!("The salary of employee {index} was changed: {}", "é and more ".repeat(30)),
            )
            .with("actor", format!("user{}@example.com", index % 997))
            .with("action", "update")
            .with("status", "success")
            .with("source", "10.1.2.3")
            .with("target", format!("employee/{index}"))
            .with("tenant_id", "acme")
    };
    let seal = |(index, event): (u64, Event)| {
        let time = Moment::from_micros(1_735_689_600_000_000 + index as i64).unwrap();
        Draft::new(event).prepare().unwrap().seal(time)
    };
    (0..RECORDS).map(|index| seal((index, if index == 0 { first.clone() } else { event(index) }))).collect()
}

fn proofs(sealed: &[Sealed], base: f64) {
    let tree: MemoryTree<Pangea> = sealed.iter().map(|record| record.leaf_hash).collect();
    let root = TrustedRoot::pinned(RECORDS, tree.root().unwrap());
    let indices: Vec<u64> = (0..20_000).map(|n| n * 7_919 % RECORDS).collect();
    let mut made = Vec::new();
    time("membership proof, made", base, 20_000, || {
        made = indices.iter().map(|index| MembershipProof::build(&tree, *index, RECORDS).unwrap()).collect();
    });
    time("membership proof, verified", base, 20_000, || {
        for (index, proof) in indices.iter().zip(&made) {
            proof.verify(&sealed[*index as usize].leaf_hash, *index, &root).unwrap();
        }
    });
    time("consistency proof, made and written", base, 2_000, || {
        for from in (1..=2_000).map(|n| n * 97) {
            black_box(ConsistencyProof::build(&tree, from, RECORDS).unwrap().to_strings());
        }
    });
}

fn signatures(base: f64) {
    let key = PrivateKey::from_seed([3; 32]);
    let (event, text) = (b"{\"message\":\"m\"}", key.public_key_text());
    let signature = key.sign(event);
    time("signature, made", base, 2_000, || (0..2_000).for_each(|_| drop(black_box(key.sign(event)))));
    time("signature, verified", base, 2_000, || {
        for _ in 0..2_000 {
            black_box(verify_signature(event, &signature, &text).unwrap());
        }
    });
}

fn bundles(sealed: &[Sealed], base: f64) {
    let key = NoteSigner::new(ORIGIN, PrivateKey::from_seed([1; 32])).unwrap();
    let (mut records, mut tree) = (MemoryTree::<Pangea>::new(), MemoryTree::<Rfc6962>::new());
    let (mut entries, mut envelopes) = (Vec::new(), Vec::new());
    for record in sealed {
        records.append(record.leaf_hash);
        let entry = Entry::of(record, records.root().unwrap());
        tree.append(entry.merkle_leaf());
        entries.extend_from_slice(&entry.to_bytes());
        envelopes.extend_from_slice(&record.bytes);
        envelopes.push(b'\n');
    }
    let checkpoint = Checkpoint::new(ORIGIN, RECORDS, tree.root().unwrap()).unwrap();
    let checkpoint = checkpoint.sign(&key).unwrap().to_string();
    let manifest = Manifest::build(key.verifier_key().clone(), 0..RECORDS, RECORDS, &tree, &records).unwrap();
    let manifest = manifest.to_json();
    let bundle = Bundle::new(manifest.as_bytes(), checkpoint.as_bytes(), &entries, &envelopes);
    let signatures = Signatures::Verify(AllowedKeys::Any);
    time("bundle, verified, a record", base, RECORDS, || {
        drop(black_box(verify(&bundle, Trust::Embedded, &signatures).unwrap()));
    });
    let mut writer = PangeaWriter::new(String::new(), "prq_bench", RECORDS - 1);
    for (index, record) in (0..).zip(sealed).skip(1) {
        let proof = MembershipProof::build(&records, index, RECORDS).unwrap();
        writer.event(str::from_utf8(&record.bytes).unwrap(), &record.leaf_hash, index, &proof);
    }
    let root = TrustedRoot::pinned(RECORDS, records.root().unwrap());
    let time_of_root = Moment::from_micros(1_735_689_700_000_000).unwrap();
    let root = PangeaRoot::new(root, ptree::tree_name(ORIGIN), time_of_root, "https://audit.example/");
    let pangea = writer.finish(&root);
    let bundle = bundle.with_pangea(pangea.as_bytes());
    time("bundle with pangea.json, verified, a record", base, RECORDS, || {
        drop(black_box(verify(&bundle, Trust::Embedded, &signatures).unwrap()));
    });
    black_box(merkle::EMPTY_ROOT);
}

/// The best of three runs, in nanoseconds for each; prints it with its ratio to `base`.
fn time(what: &str, base: f64, count: u64, mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let each = best * 1e9 / count as f64;
    let ratio = if base > 1.0 { each / base } else { 1.0 };
    println!("{what:<45} {each:>9.0} ns  {:>11.0}/s  {ratio:>6.2} x SHA-256", 1e9 / each);
    each
}
