//! A log in memory, and bundles of it as a server writes them.

use std::collections::BTreeSet;

use litesoc_ledger::{
    Hash,
    bundle::{
        Bundle, BundleFault, Head, Manifest, PangeaRoot, PangeaWriter, Signatures, Trust, Verified,
        tombstone, verify,
    },
    checkpoint::Checkpoint,
    cosignature::Cosigner,
    entry::Entry,
    envelope::{Draft, Sealed, genesis},
    event::Event,
    merkle,
    note::NoteSigner,
    policy::Policy,
    ptree::{self, MembershipProof, TrustedRoot},
    signature::{AllowedKeys, PrivateKey},
    time::Moment,
    tree::{MemoryTree, Pangea, Rfc6962},
};

pub(crate) const ORIGIN: &str = "audit.example/acme";

pub(crate) struct Log {
    pub(crate) sealed: Vec<Sealed>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) records: MemoryTree<Pangea>,
    pub(crate) tree: MemoryTree<Rfc6962>,
    pub(crate) erased: BTreeSet<u64>,
}

pub(crate) fn log_key() -> NoteSigner {
    NoteSigner::new(ORIGIN, PrivateKey::from_seed([1; 32])).unwrap()
}

pub(crate) fn cosigner() -> Cosigner {
    Cosigner::new("witness.example/w1", PrivateKey::from_seed([2; 32])).unwrap()
}

pub(crate) fn author() -> PrivateKey {
    PrivateKey::from_seed([3; 32])
}

pub(crate) fn policy() -> Policy {
    let (log, witness) = (log_key(), cosigner());
    let file = format!("log {}\nwitness w {}\nquorum w\n", log.verifier_key(), witness.verifier_key());
    Policy::parse(file.as_bytes()).unwrap()
}

impl Log {
    /// A genesis record and further ones, every third of them signed.
    pub(crate) fn of(size: u64) -> Self {
        let first =
            genesis(ORIGIN, &log_key().verifier_key().to_string(), &Hash::of(b"schema"), "litesoc test");
        let mut log = Self::empty();
        log.push(Draft::new(first));
        for index in 1..size {
            let event = Event::new().with("message", format!("event {index}")).with("actor", "alice");
            let draft = Draft::new(event.clone());
            log.push(if index % 3 == 0 {
                draft.signed(author().sign(event.to_canonical().as_bytes()), author().public_key_text())
            } else {
                draft
            });
        }
        log
    }

    pub(crate) fn empty() -> Self {
        let (sealed, entries, erased) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { sealed, entries, records: MemoryTree::new(), tree: MemoryTree::new(), erased }
    }

    pub(crate) fn push(&mut self, draft: Draft) {
        let time = Moment::from_micros(1_735_689_600_000_000 + self.sealed.len() as i64).unwrap();
        self.push_sealed(draft.prepare().unwrap().seal(time));
    }

    pub(crate) fn push_sealed(&mut self, sealed: Sealed) {
        self.records.append(sealed.leaf_hash);
        let entry = Entry::of(&sealed, self.records.root().unwrap());
        self.tree.append(entry.merkle_leaf());
        self.entries.push(entry);
        self.sealed.push(sealed);
    }

    pub(crate) fn size(&self) -> u64 {
        self.sealed.len() as u64
    }

    pub(crate) fn checkpoint(&self, size: u64) -> String {
        let checkpoint = Checkpoint::new(ORIGIN, size, merkle::root(&self.tree, size).unwrap()).unwrap();
        let mut note = checkpoint.sign(&log_key()).unwrap();
        note.add(cosigner().cosign(note.text(), 1_735_689_999).unwrap());
        note.to_string()
    }

    pub(crate) fn root(&self, size: u64) -> TrustedRoot {
        TrustedRoot::pinned(size, ptree::root(&self.records, size).unwrap())
    }

    /// The bundle of a range; `of` is the size whose root the proofs in `pangea.json` are against.
    pub(crate) fn bundle(&self, from: u64, to: u64, of: u64) -> Files {
        let size = self.size();
        let range = from as usize..to as usize;
        let head =
            Head::new(*self.entries.last().unwrap(), merkle::inclusion(&self.tree, size - 1, size).unwrap());
        let manifest =
            Manifest::build(log_key().verifier_key().clone(), from..to, size, &self.tree, &self.records);
        let manifest = manifest.unwrap().with_head(head).to_json().into_bytes();
        let entries = self.entries[range].iter().flat_map(Entry::to_bytes).collect();
        let mut envelopes = Vec::new();
        let shown: Vec<u64> = (from.max(1)..to).filter(|index| !self.erased.contains(index)).collect();
        let mut writer = PangeaWriter::new(String::new(), "prq_example", shown.len() as u64);
        for index in from..to {
            let sealed = &self.sealed[index as usize];
            if self.erased.contains(&index) {
                envelopes.extend_from_slice(tombstone(index, &sealed.leaf_hash).as_bytes());
            } else {
                envelopes.extend_from_slice(&sealed.bytes);
            }
            envelopes.push(b'\n');
            if shown.contains(&index) {
                let proof = MembershipProof::build(&self.records, index, of).unwrap();
                writer.event(str::from_utf8(&sealed.bytes).unwrap(), &sealed.leaf_hash, index, &proof);
            }
        }
        let time = Moment::from_micros(1_735_689_700_000_000).unwrap();
        let root = PangeaRoot::new(self.root(of), ptree::tree_name(ORIGIN), time, "https://audit.example/");
        let pangea = writer.finish(&root).into_bytes();
        Files { manifest, checkpoint: self.checkpoint(size).into_bytes(), entries, envelopes, pangea }
    }
}

#[derive(Clone)]
pub(crate) struct Files {
    pub(crate) manifest: Vec<u8>,
    pub(crate) checkpoint: Vec<u8>,
    pub(crate) entries: Vec<u8>,
    pub(crate) envelopes: Vec<u8>,
    pub(crate) pangea: Vec<u8>,
}

impl Files {
    pub(crate) fn all(&mut self) -> [(&'static str, &mut Vec<u8>); 5] {
        [
            ("bundle.json", &mut self.manifest),
            ("checkpoint", &mut self.checkpoint),
            ("entries.bin", &mut self.entries),
            ("envelopes.jsonl", &mut self.envelopes),
            ("pangea.json", &mut self.pangea),
        ]
    }

    pub(crate) fn bundle(&self) -> Bundle<'_> {
        Bundle::new(&self.manifest, &self.checkpoint, &self.entries, &self.envelopes)
            .with_pangea(&self.pangea)
    }

    pub(crate) fn verify(&self) -> Result<Verified, BundleFault> {
        self.verify_with(&Signatures::Verify(AllowedKeys::Any))
    }

    pub(crate) fn verify_with(&self, signatures: &Signatures) -> Result<Verified, BundleFault> {
        verify(&self.bundle(), Trust::Policy(&policy()), signatures)
    }

    pub(crate) fn lines(&self) -> Vec<Vec<u8>> {
        let lines = self.envelopes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        lines.filter(|line| !line.is_empty()).collect()
    }

    pub(crate) fn with_lines(mut self, lines: &[Vec<u8>]) -> Self {
        self.envelopes = lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
        self
    }
}
