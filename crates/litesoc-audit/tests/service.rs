//! Logs are made when they are asked for, kept apart, and there again after a restart.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use litesoc_audit::{AuditService, NewConfiguration, NoConfiguration, Settings};
use litesoc_ledger::time::Moment;
use litesoc_tlog::Body;

fn open(folder: &std::path::Path) -> AuditService {
    let clock = AtomicI64::new(1_735_689_600_000_000);
    let now = move || Moment::from_micros(clock.fetch_add(10, Ordering::Relaxed)).unwrap();
    AuditService::open(folder, Settings::new(Arc::new(now))).unwrap()
}

#[test]
fn the_default_log_begins_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path());
    let log = service.log_of("acme", None).unwrap().unwrap();
    let Body::Envelope(genesis) = log.records().record(0).unwrap().body else { panic!("nothing was erased") };
    let genesis = String::from_utf8(genesis).unwrap();
    assert!(genesis.contains(&log.configuration().origin) && genesis.contains("genesis"), "{genesis}");
    let again = service.log_of("acme", Some(log.configuration().id.as_str())).unwrap().unwrap();
    assert_eq!((again.records().state(), log.records().state().size), (log.records().state(), 1));
}

#[test]
fn nobody_reaches_the_log_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path());
    let log = service.log_of("acme", None).unwrap().unwrap();
    let id = log.configuration().id.to_string();
    let refused = service.log_of("umbrella", Some(&id)).unwrap().unwrap_err();
    assert_eq!(refused, NoConfiguration::Unknown(id));
    assert!(service.log_of("acme", Some("../../etc")).unwrap().is_err());
    assert_ne!(service.log_of("umbrella", None).unwrap().unwrap().tree_name(), log.tree_name());
}

#[test]
fn logs_and_their_keys_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (id, keys, state) = {
        let service = open(folder.path());
        let log = service.create("acme", NewConfiguration::named("payments")).unwrap();
        let keys = log.verifier_keys().map(ToString::to_string);
        (log.configuration().id.to_string(), keys, log.records().state())
    };
    let service = open(folder.path());
    let log = service.log_of("acme", Some(&id)).unwrap().unwrap();
    assert_eq!(log.verifier_keys().map(ToString::to_string), keys);
    assert_eq!((log.records().state(), log.configuration().name.as_str()), (state, "payments"));
    assert_eq!(service.configurations("acme").len(), 1);
    assert!(service.configurations("umbrella").is_empty());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join(id).join("keys")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
