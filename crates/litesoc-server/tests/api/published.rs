//! What an audit log shows beside its API: checkpoints, keys, tiles, proofs, bundles, published roots.

use std::thread;
use std::time::Duration;

use litesoc_audit::Unpacked;
use litesoc_ledger::bundle::{self, Signatures, Trust};
use litesoc_ledger::checkpoint::Checkpoint;
use litesoc_ledger::note::{Note, VerifierKey};
use litesoc_ledger::policy::Policy;
use litesoc_ledger::proof::RecordProof;
use litesoc_ledger::signature::AllowedKeys;
use litesoc_ledger::tiles::{entries_of, tile_hashes};
use litesoc_ledger::{Hash, merkle, ptree};
use litesoc_server::{AuditConfig, Clock};
use serde_json::{Value, json};

use crate::support::{Answer, World};

/// A world with audit logs, and how to ask them.
pub(crate) struct Logs {
    pub(crate) world: World,
    pub(crate) folder: tempfile::TempDir,
}

impl Logs {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut AuditConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::with(|config| {
            let mut audit = AuditConfig::new(folder.path());
            change(&mut audit);
            config.audit = Some(audit);
        });
        Self { world, folder }
    }

    pub(crate) fn call(&self, path: &str, body: Value) -> Value {
        let answer = self.world.post(path, body).header("Authorization", "Bearer good").send();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["result"].clone()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.world.get(path).header("Authorization", "Bearer good").send()
    }

    pub(crate) fn log(&self, count: usize) {
        let events: Vec<_> =
            (0..count).map(|n| json!({"event": {"message": format!("event {n}")}})).collect();
        self.call("/v2/log", json!({ "events": events }));
    }

    /// Waits until so many records are published; the checkpoint that says so, inside the proof of the first record.
    pub(crate) fn published(&self, size: u64) -> RecordProof {
        let started = Clock::system();
        loop {
            let answer = self.get("/v1/proof/0");
            if answer.status == 200 {
                let proof: RecordProof = answer.text().parse().unwrap();
                let checkpoint: Checkpoint = proof.proof().checkpoint.text().parse().unwrap();
                if checkpoint.size >= size {
                    return proof;
                }
            }
            assert!(started.elapsed() < Duration::from_secs(20), "nothing is published");
            thread::yield_now();
        }
    }

    pub(crate) fn origin(proof: &RecordProof) -> String {
        proof.proof().checkpoint.text().lines().next().unwrap().to_owned()
    }
}

fn key_of(logs: &Logs) -> VerifierKey {
    let origin = Logs::origin(&logs.published(1));
    let keys = logs.world.get(&format!("/log/{origin}/vkey")).send();
    keys.text().lines().next().unwrap().parse().unwrap()
}

#[test]
fn a_log_can_be_rebuilt_from_what_it_shows() {
    let logs = Logs::new();
    logs.log(300);
    let origin = Logs::origin(&logs.published(301));
    let public = |path: &str| logs.world.get(&format!("/log/{origin}/{path}")).send();

    let keys = public("vkey");
    let keys: Vec<VerifierKey> = keys.text().lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(
        keys.iter().map(VerifierKey::name).collect::<Vec<_>>(),
        [&*origin, &*format!("{origin}/receipt")]
    );
    let note = Note::parse(public("checkpoint").text()).unwrap();
    let checkpoint = Checkpoint::open(&note, &keys[0]).unwrap();
    assert_eq!(checkpoint.size, 301);

    let full = public("tile/entries/000");
    assert!(full.header("cache-control").unwrap().contains("immutable"));
    let part = public("tile/entries/001.p/45");
    let entries: Vec<_> = [&full, &part].iter().flat_map(|tile| entries_of(&tile.body).unwrap()).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
    let mut tree = litesoc_ledger::tree::Frontier::<litesoc_ledger::tree::Rfc6962>::new();
    leaves.iter().for_each(|leaf| tree.append(*leaf));
    assert_eq!(tree.root(), Some(checkpoint.root));
    assert_eq!(tile_hashes(&public("tile/0/000").body).unwrap(), leaves[..256]);
    assert_eq!(tile_hashes(&public("tile/0/001.p/7").body).unwrap(), leaves[256..263], "an exact part");
    assert_eq!(tile_hashes(&public("tile/1/000.p/1").body).unwrap().len(), 1);

    for missing in [
        "tile/0/001",
        "tile/0/001.p/46",
        "tile/entries/002.p/1",
        "tile/9/000.p/1",
        "tile/0/1",
        "tile/x",
        "key",
    ] {
        assert_eq!(public(missing).status, 404, "{missing}");
    }
    assert_eq!(logs.world.get("/log/no/such/checkpoint").send().status, 404);
}

#[test]
fn a_proof_needs_the_key_of_its_log_and_a_published_record() {
    let logs = Logs::new();
    logs.log(3);
    let proof = logs.published(4);
    let policy = Policy::of_log(key_of(&logs));
    assert_eq!(proof.verify_entry(&policy).unwrap().index, 0);
    let second: RecordProof = logs.get("/audit/v1/proof/2").text().parse().unwrap();
    let found = logs.call("/v1/search", json!({"query": "message:\"event 1\""}));
    let envelope = serde_json::to_string(&found["events"][0]["envelope"]).unwrap();
    let hash: Hash = litesoc_ledger::envelope::leaf_hash(envelope.as_bytes()).unwrap();
    assert_eq!(second.verify_entry(&policy).unwrap().leaf_hash, hash);

    for (path, status) in [
        ("/v1/proof/4", 404),
        ("/v1/proof/x", 404),
        ("/v1/proof/-1", 404),
        ("/v1/proof/1?config_id=pci_x", 400),
    ] {
        assert_eq!(logs.get(path).status, status, "{path}");
    }
    assert_eq!(logs.world.get("/v1/proof/0").send().status, 401);
    let other = logs.world.get("/v1/proof/1").header("Authorization", "Bearer other").send();
    assert_eq!(other.status, 404, "the log of another organization is another one");
}

#[test]
fn a_bundle_verifies_by_itself() {
    let logs = Logs::new();
    logs.log(20);
    let answer = logs.get("/audit/v1/bundle?from=3&to=11");
    assert_eq!(answer.status, 200);
    let files = Unpacked::read(&*answer.body, 1 << 24).unwrap();
    let policy = Policy::of_log(key_of(&logs));
    let checks = Signatures::Verify(AllowedKeys::Any);
    assert_eq!(bundle::verify(&files.bundle(), Trust::Policy(&policy), &checks).unwrap().range, 3..11);
    assert_eq!(logs.get("/v1/bundle?from=5&to=99").status, 400);
    assert_eq!(logs.get("/v1/bundle?from=x").status, 400);
}

#[test]
fn published_roots_are_found_where_arweave_would_have_them() {
    let logs = Logs::new();
    logs.log(9);
    logs.published(10);
    let root = logs.call("/v1/root", json!({"tree_size": 7}))["data"].clone();
    let name = root["tree_name"].as_str().unwrap();
    let query = format!(
        r#"{{ transactions(tags: [{{name: "tree_size" values: ["7", "99"]}}, {{name: "tree_name" values: ["{name}"]}}]) {{ edges {{ node {{ id }} }} }} }}"#
    );
    let found = logs.world.post("/arweave/graphql", json!({ "query": query })).send().json();
    let edges = found["data"]["transactions"]["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 1, "{found}");
    let id = edges[0]["node"]["id"].as_str().unwrap();
    assert_eq!(id, ptree::published_root_id(name, 7));
    assert_eq!(edges[0]["node"]["tags"][0], json!({"name": "tree_size", "value": "7"}));

    let shown = logs.world.get(&format!("/arweave/{id}/")).send().json();
    assert_eq!((&shown["size"], &shown["root_hash"]), (&root["size"], &root["root_hash"]));
    assert_eq!(
        (&shown["published_at"], &shown["consistency_proof"]),
        (&root["published_at"], &root["consistency_proof"])
    );
    // One that was told to nobody.
    let untold = ptree::published_root_id(name, 3);
    assert_eq!(logs.world.get(&format!("/arweave/{untold}")).send().json()["size"], 3);
    let data = logs.world.get(&format!("/arweave/tx/{id}/data")).send();
    assert_eq!(
        data.text(),
        ptree::published_root_data(logs.world.get(&format!("/arweave/{id}")).send().text())
    );
    let unpublished = ptree::published_root_id(name, 11);
    assert_eq!(logs.world.get(&format!("/arweave/{unpublished}")).send().status, 404);
    assert_eq!(logs.world.get("/arweave/x").send().status, 404);
    assert_eq!(logs.world.post("/arweave/graphql", "{}").send().status, 400);
}
