//! `litesoc demo`, the whole of it.

use std::process::{Command, Stdio};

use crate::command::{document, litesoc, run, text};

#[test]
fn eight_attacks_are_caught_and_every_event_is_stored_once() {
    for seed in ["7", "8"] {
        let told = document(&run(["demo", "--seed", seed, "--events", "1500", "--json"]));
        assert_eq!(told["ok"], true, "{told:#}");
        let events = &told["events"];
        assert_eq!(
            (&events["sent"], &events["stored"], &events["lost"]),
            (&1500.into(), &1500.into(), &0.into())
        );
        let attacks = told["attacks"].as_array().unwrap();
        let of =
            |field: &str| attacks.iter().map(|attack| attack["alert"][field].clone()).collect::<Vec<_>>();
        assert_eq!(
            of("alert_type"),
            [
                "brute_force_attack",
                "brute_force_attack",
                "brute_force_attack",
                "impossible_travel",
                "account_compromise",
                "mfa_fatigue",
                "data_exfiltration",
                "privilege_escalation"
            ]
        );
        assert_eq!(
            of("severity"),
            ["critical", "high", "high", "medium", "critical", "critical", "high", "critical"]
        );
        let sources = of("source_ip");
        assert_eq!(sources[..2], ["203.0.113.66", "198.51.100.23"]);
        assert_eq!(sources[2], serde_json::Value::Null, "many addresses");
        assert_eq!(attacks[0]["alert"]["forensics"]["location"]["city"], "Bucharest");
        assert_eq!(attacks[0]["alert"]["forensics"]["network"]["is_datacenter"], true);
        assert_eq!(told["signs"].as_array().unwrap().len(), 4);
        let counts: Vec<u64> =
            attacks.iter().filter_map(|attack| attack["alert"]["metadata"]["count"].as_u64()).collect();
        assert_eq!(counts, [30, 40, 24, 2, 2, 9, 23, 1]);
        assert_eq!(told["resolved"]["status"], "resolved");
        assert_eq!(told["marked_safe"]["status"], "dismissed");
        assert_eq!(told["plan"]["name"], "enterprise");
        assert_eq!(told["differences"], serde_json::json!([]));
    }
}

#[test]
fn people_read_a_short_account_and_the_data_can_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let output = run(["demo", "--events", "300", "--keep", keep.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "progress is for terminals");
    let told = text(&output.stdout);
    assert!(told.lines().count() < 110, "{told}");
    for part in [
        "sent 300, stored 300, lost 0",
        "8 of 8 attacks caught",
        "Bucharest, Romania: Cheap Servers, a data centre; threat 20 of 100",
        "9,615 km from Berlin, Germany, 35 minutes after",
        "the second factor was turned off after a sign-in from a new device",
        "took out 36,000 records within an hour",
        "on 40 accounts from 198.51.100.23",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert!(keep.read_dir().unwrap().next().is_some());
}

#[cfg(unix)]
#[test]
fn interrupted_it_leaves_nothing_behind() {
    for signal in ["INT", "TERM"] {
        let temporary = tempfile::tempdir().unwrap();
        let mut demo = litesoc();
        demo.args(["demo", "--events", "1000000"]).env("TMPDIR", temporary.path()).stderr(Stdio::null());
        let mut demo = demo.spawn().unwrap();
        let is_empty = || temporary.path().read_dir().unwrap().next().is_none();
        while is_empty() {
            assert_eq!(demo.try_wait().unwrap(), None, "it ended before it made a folder");
            std::thread::yield_now();
        }
        let sent = Command::new("kill").args(["-s", signal, &demo.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(demo.wait().unwrap().code(), Some(130), "SIG{signal}");
        assert!(is_empty(), "SIG{signal} left a folder");
    }
}
