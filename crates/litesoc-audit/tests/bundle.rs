//! Bundles: what is written verifies, and whatever is changed afterwards is found.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::sync::Arc;

use litesoc_audit::{
    AuditLog, AuditService, BundleError, Incoming, InvalidArchive, NewConfiguration, Settings, Unpacked,
};
use litesoc_ledger::bundle::{self, BundleFault, Signatures, Trust, Verified};
use litesoc_ledger::policy::Policy;
use litesoc_ledger::signature::AllowedKeys;
use litesoc_ledger::time::Moment;
use litesoc_tlog::RequestId;

const LIMIT: u64 = 1 << 24;

fn log(records: u64) -> (tempfile::TempDir, Arc<AuditLog>) {
    let folder = tempfile::tempdir().unwrap();
    let clock = || Moment::from_micros(1_735_689_600_000_000).unwrap();
    let mut settings = Settings::new(Arc::new(clock));
    settings.publish_every = None;
    let service = AuditService::open(folder.path(), settings).unwrap();
    let log = service.create("acme", NewConfiguration::named("test")).unwrap();
    let drafts = (1..records).map(|number| {
        let event = format!(r#"{{"actor":"alice","message":"event {number}"}}"#);
        log.prepare(&Incoming::parse(&event).unwrap()).unwrap()
    });
    let drafts = drafts.collect();
    log.records().append(RequestId::new("prq_test").unwrap(), drafts).unwrap().wait().unwrap();
    (folder, log)
}

fn export(log: &AuditLog, from: u64, to: Option<u64>) -> Vec<u8> {
    let mut file = Vec::new();
    log.bundle(from, to, &mut file).unwrap();
    file
}

fn verify(log: &AuditLog, files: &Unpacked) -> Result<Verified, BundleFault> {
    let policy = Policy::of_log(log.verifier_keys()[0].clone());
    bundle::verify(&files.bundle(), Trust::Policy(&policy), &Signatures::Verify(AllowedKeys::Any))
}

#[test]
fn every_range_verifies_and_is_the_same_twice() {
    let (_folder, log) = log(20);
    for (from, to) in [(0, None), (0, Some(1)), (3, Some(9)), (19, Some(20)), (8, Some(16))] {
        let file = export(&log, from, to);
        let verified = verify(&log, &Unpacked::read(&*file, LIMIT).unwrap()).unwrap();
        assert_eq!(verified.range, from..to.unwrap_or(20));
        assert_eq!(export(&log, from, to), file);
    }
}

#[test]
fn an_erased_record_leaves_a_bundle_that_verifies() {
    let (_folder, log) = log(9);
    log.records().erase(vec![4]).unwrap();
    let files = Unpacked::read(&*export(&log, 0, None), LIMIT).unwrap();
    assert!(!String::from_utf8_lossy(&files.envelopes).contains("event 4"));
    assert_eq!(verify(&log, &files).unwrap().erased, 1);
}

#[test]
fn a_range_that_does_not_exist_is_refused_with_what_there_is() {
    let (_folder, log) = log(5);
    for (from, to) in [(5, None), (3, Some(3)), (4, Some(2)), (0, Some(6))] {
        let error = log.bundle(from, to, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, BundleError::Range { size: 5, .. }), "{error}");
    }
}

#[test]
fn what_was_changed_is_found_at_its_record() {
    let (_folder, log) = log(12);
    let files = Unpacked::read(&*export(&log, 0, None), LIMIT).unwrap();
    let changed = |change: &dyn Fn(&mut Unpacked)| {
        let mut files = files.clone();
        change(&mut files);
        let mut file = Vec::new();
        files.write(&mut file).unwrap();
        verify(&log, &Unpacked::read(&*file, LIMIT).unwrap()).map_err(|fault| fault.record)
    };
    assert!(changed(&|_| ()).is_ok());
    let text = String::from_utf8(files.envelopes.clone()).unwrap();
    assert_eq!(
        changed(&|files| files.envelopes = text.replace("event 7", "event 8").into()),
        Err(Some(7)),
        "a changed record"
    );
    let without = text
        .lines()
        .filter(|line| !line.contains("event 5"))
        .fold(String::new(), |all, line| all + line + "\n");
    assert_eq!(changed(&|files| files.envelopes = without.clone().into()), Err(Some(5)), "a removed record");
    assert_eq!(changed(&|files| files.entries.truncate(65 * 11)), Err(Some(11)), "a torn file");
    let pangea = String::from_utf8(files.pangea.clone().unwrap()).unwrap();
    assert_eq!(
        changed(&|files| files.pangea = Some(pangea.replace("event 2", "event 3").into())),
        Err(Some(2)),
        "another text for other readers"
    );
}

#[test]
fn what_is_no_archive_says_so() {
    let (_folder, log) = log(3);
    let file = export(&log, 0, None);
    assert!(matches!(Unpacked::read(&b"no bundle"[..], LIMIT), Err(InvalidArchive::Io(_))));
    assert!(matches!(Unpacked::read(&file[..file.len() / 2], LIMIT), Err(InvalidArchive::Io(_))));
    assert!(matches!(Unpacked::read(&[][..], LIMIT), Err(InvalidArchive::Missing { name: "bundle.json" })));
    assert!(matches!(Unpacked::read(&*file, 100), Err(InvalidArchive::TooLong { limit: 100 })));
    let mut files = Unpacked::read(&*file, LIMIT).unwrap();
    files.pangea = None;
    let mut without = Vec::new();
    files.write(&mut without).unwrap();
    assert!(verify(&log, &Unpacked::read(&*without, LIMIT).unwrap()).is_ok(), "pangea.json is optional");
}

#[test]
fn frames_and_paths_of_other_tools_are_read() {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    let (_folder, log) = log(3);
    let files = Unpacked::read(&*export(&log, 0, None), LIMIT).unwrap();
    let mut archive = tar::Builder::new(Vec::new());
    let named = [
        ("./bundle.json", &files.manifest),
        ("./entries.bin", &files.entries),
        ("./checkpoint", &files.checkpoint),
        ("./envelopes.jsonl", &files.envelopes),
    ];
    for (name, content) in named {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, name, &**content).unwrap();
    }
    let archive = archive.into_inner().unwrap();
    let frames = archive.chunks(1_000).map(|piece| compress_to_vec(piece, CompressionLevel::Fastest));
    let file = frames.collect::<Vec<_>>().concat();
    assert!(verify(&log, &Unpacked::read(&*file, LIMIT).unwrap()).is_ok());
}
