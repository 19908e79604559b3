//! Checkpoints, witnesses and proofs.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use litesoc_audit::{AskWitness, AuditLog, AuditService, Incoming, OpenError, Settings, WitnessAnswer};
use litesoc_ledger::Hash;
use litesoc_ledger::cosignature::Cosigner;
use litesoc_ledger::note::VerifierKey;
use litesoc_ledger::policy::Policy;
use litesoc_ledger::signature::PrivateKey;
use litesoc_ledger::time::Moment;
use litesoc_ledger::witness::{AddCheckpoint, WitnessRefusal};
use litesoc_tlog::{Body, RequestId};

fn settings() -> Settings {
    let clock = AtomicI64::new(1_735_689_600_000_000);
    let now = move || Moment::from_micros(clock.fetch_add(1_000, Ordering::Relaxed)).unwrap();
    let mut settings = Settings::new(Arc::new(now));
    settings.publish_every = None;
    settings
}

fn open(folder: &Path, settings: Settings) -> (AuditService, Arc<AuditLog>) {
    let service = AuditService::open(folder, settings).unwrap();
    let log = service.log_of("acme", None).unwrap().unwrap();
    (service, log)
}

fn append(log: &AuditLog, records: u64) {
    for number in 0..records {
        let prepared =
            log.prepare(&Incoming::parse(&format!(r#"{{"message":"m{number}"}}"#)).unwrap()).unwrap();
        let request = RequestId::new(&format!("prq_{}_{number}", log.records().state().size)).unwrap();
        log.records().append(request, vec![prepared]).unwrap().wait().unwrap();
    }
}

/// A witness that lives in memory and knows one log.
struct Witness {
    cosigner: Cosigner,
    last: Mutex<Option<(u64, Hash)>>,
    keys: Mutex<Vec<VerifierKey>>,
    asked: Mutex<u64>,
}

impl Witness {
    fn new() -> Arc<Self> {
        let cosigner = Cosigner::new("witness.example", PrivateKey::from_seed([3; 32])).unwrap();
        Arc::new(Self { cosigner, last: Mutex::default(), keys: Mutex::default(), asked: Mutex::default() })
    }

    fn answer(&self, body: &str) -> WitnessAnswer {
        *self.asked.lock().unwrap() += 1;
        let request: AddCheckpoint = body.parse().unwrap();
        let mut last = self.last.lock().unwrap();
        let (status, body) = match request.consider(*last, &self.keys.lock().unwrap()) {
            Ok(checkpoint) => {
                *last = Some((checkpoint.size, checkpoint.root));
                (
                    200,
                    format!("{}\n", self.cosigner.cosign(request.checkpoint.text(), 1_735_689_600).unwrap()),
                )
            }
            Err(WitnessRefusal::Conflict { size, .. }) => (409, format!("{size}\n")),
            Err(other) => (other.status(), other.to_string()),
        };
        WitnessAnswer { status, body: body.into_bytes() }
    }

    fn ask(self: &Arc<Self>) -> AskWitness {
        let witness = Arc::clone(self);
        Arc::new(move |url, body| {
            assert_eq!(url, "https://witness.example/w");
            Ok(witness.answer(body))
        })
    }

    fn settings(self: &Arc<Self>) -> Settings {
        let key = self.cosigner.verifier_key();
        let text = format!("witness w {key} https://witness.example/w\nquorum w\n");
        let mut settings = settings();
        settings.policy = Some(Policy::parse(text.as_bytes()).unwrap());
        settings.ask_witness = Some(self.ask());
        settings
    }
}

#[test]
fn what_is_published_is_proven_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let (service, log) = open(folder.path(), settings());
    assert!(log.published().is_none());
    append(&log, 5);
    log.publish().unwrap();
    let published = log.published().unwrap();
    assert_eq!((published.size, published.pangea_root), (6, log.records().state().pangea_root));
    append(&log, 3);
    assert_eq!(log.published().unwrap().size, 6, "publishing follows, it does not lead");
    let first = log.published_at(3).unwrap();
    log.publish().unwrap();
    assert_eq!((log.published().unwrap().size, log.published_at(3)), (9, Some(first)));
    assert!(log.published_at(9).unwrap() > first);
    assert_eq!(log.published_at(10), None);

    let policy = Policy::of_log(log.verifier_keys()[0].clone());
    let Body::Envelope(envelope) = log.records().record(4).unwrap().body else {
        panic!("nothing was erased")
    };
    let proof = log.proof(4).unwrap().unwrap();
    let shown = proof.verify(&envelope, &policy).unwrap();
    assert_eq!((shown.index, shown.root_after.size()), (4, 5));
    assert!(proof.verify(b"{\"event\":{\"message\":\"forged\"}}", &policy).is_err());
    assert!(log.proof(9).unwrap().is_none());

    let published = log.published();
    drop((service, log));
    let (_service, log) = open(folder.path(), settings());
    assert_eq!((log.published(), log.published_at(3)), (published, Some(first)));
}

#[test]
fn a_checkpoint_counts_once_its_witness_has_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let witness = Witness::new();
    let (_service, log) = open(folder.path(), witness.settings());
    append(&log, 2);
    log.publish().unwrap();
    assert!(log.published().is_none(), "the witness does not know the log yet");
    witness.keys.lock().unwrap().push(log.verifier_keys()[0].clone());
    log.publish().unwrap();
    let published = log.published().unwrap();
    assert_eq!((published.size, published.checkpoint.signatures().len()), (3, 2));
    append(&log, 4);
    log.publish().unwrap();
    assert_eq!(log.published().unwrap().size, 7);
    let before = *witness.asked.lock().unwrap();
    log.publish().unwrap();
    assert_eq!(*witness.asked.lock().unwrap(), before, "nothing grew, nobody is asked");
}

#[test]
fn a_restored_copy_is_refused_because_of_the_witness() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let witness = Witness::new();
    {
        let (_service, log) = open(folder.path(), witness.settings());
        witness.keys.lock().unwrap().push(log.verifier_keys()[0].clone());
        append(&log, 2);
        log.publish().unwrap();
        copy_folder(folder.path(), copy.path());
        append(&log, 5);
        log.publish().unwrap();
    }
    let error = AuditService::open(copy.path(), witness.settings()).unwrap_err();
    assert!(matches!(&error, OpenError::WitnessSawMore { seen: 8, size: 3, .. }), "{error}");
    assert!(error.to_string().contains("w has seen 8 records"), "{error}");
    assert!(AuditService::open(copy.path(), settings()).is_ok(), "without a witness nobody can know");
}

#[test]
fn deleted_checkpoints_and_other_records_do_not_fool_a_witness() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let witness = Witness::new();
    {
        let (_service, log) = open(folder.path(), witness.settings());
        witness.keys.lock().unwrap().push(log.verifier_keys()[0].clone());
        append(&log, 2);
        log.publish().unwrap();
        copy_folder(folder.path(), copy.path());
        append(&log, 5);
        log.publish().unwrap();
    }
    for entry in std::fs::read_dir(copy.path()).unwrap() {
        let _not_there = std::fs::remove_dir_all(entry.unwrap().path().join("cp"));
    }
    let error = AuditService::open(copy.path(), witness.settings()).unwrap_err();
    assert!(matches!(&error, OpenError::WitnessSawMore { seen: 8, size: 3, .. }), "{error}");
    {
        // Somebody goes on from the old copy, without asking the witness.
        let (_service, log) = open(copy.path(), settings());
        append(&log, 9);
    }
    let error = AuditService::open(copy.path(), witness.settings()).unwrap_err();
    assert!(matches!(&error, OpenError::WitnessSawOther { seen: 8, size: 12, .. }), "{error}");
    assert!(error.to_string().contains("was altered"), "{error}");
}

#[test]
fn the_service_publishes_by_itself_and_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.publish_every = Some(std::time::Duration::from_secs(3_600));
    let (mut service, log) = open(folder.path(), settings);
    append(&log, 2);
    service.close();
    assert_eq!(log.published().unwrap().size, 3);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
