//! Somebody's own labelled events: what is counted, and what is said of a line that cannot be read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use litesoc_detect::Settings;
use litesoc_detect::lab::{LabelledError, LabelledReport, score_ndjson, score_rba};

fn score(lines: &str) -> Result<LabelledReport, LabelledError> {
    score_ndjson(lines.as_bytes(), &Settings::default())
}

const BOTH: &str = "line 3: `ip` and `user_ip` say the same; leave one out";

fn complaint(line: &str) -> String {
    let lines = format!("{{\"event\":\"auth.logout\",\"time\":\"2026-03-01T12:00:00Z\"}}\n\n{line}\n");
    score(&lines).expect_err(line).to_string()
}

/// Two attacks of one label, two hours apart, one of another that no rule sees, and clean events between.
fn file() -> String {
    let mut lines = String::new();
    for hour in [12, 14] {
        for second in 10..40 {
            let _infallible = writeln!(
                lines,
                r#"{{"event":"user.login_failed","actor":"alice","ip":"203.0.113.{hour}","time":"2026-03-01T{hour}:00:{second}Z","label":"guess","country":"RO","lat":44.4,"lon":26.1}}"#
            );
        }
    }
    lines.push_str(
        r#"{"event":"auth.logout","actor":"bob","ip":"198.51.100.4","time":"2026-03-01T13:00:00Z","label":"insider"}
{"event":"auth.login_success","actor":"bob","ip":"198.51.100.4","time":"2026-03-01T11:00:00Z","label":"benign","user_agent":"x","metadata":{"a":1}}
{"event":"auth.login_success","actor":"carol","time":"2026-03-01T11:30:00Z","label":null}
"#,
    );
    lines
}

#[test]
fn attacks_are_counted_by_label() {
    let report = score(&file()).unwrap();
    assert_eq!((report.events, report.clean_events), (63, 2));
    let rows: Vec<_> = report.labels.iter().map(|row| (row.label.as_str(), row.attacks, row.seen)).collect();
    assert_eq!(rows, [("guess", 2, 2), ("insider", 1, 0)]);
    assert_eq!(report.labels[0].precision, Some(1.0));
    assert!(report.labels[0].types.contains(&"brute_force_attack".to_owned()), "{report:?}");
    let text = report.to_string();
    assert!(text.contains("labels that mean an attack: guess, insider"), "{text}");
}

#[test]
fn an_alert_of_clean_events_is_a_false_alarm() {
    let report = score(&file().replace("\"guess\"", "\"Benign\"")).unwrap();
    assert_eq!(report.labels.iter().map(|row| row.label.as_str()).collect::<Vec<_>>(), ["insider"]);
    assert!(report.types.iter().all(|row| row.right == 0) && !report.types.is_empty());
    assert!(report.examples[0].contains("alice"), "{report:?}");
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_what_is_wrong() {
    let told =
        |rest: &str| complaint(&format!(r#"{{"event":"auth.logout","time":"2026-03-01T12:00:00Z",{rest}}}"#));
    assert_eq!(told(r#""ip":"1.2.3""#), "line 3: `ip` \"1.2.3\" is no IP address");
    assert_eq!(told(r#""lat":3.0"#), "line 3: `lat` without `lon`");
    assert_eq!(told(r#""lat":99,"lon":0"#), "line 3: `lat` 99 and `lon` 0 are no point on the Earth");
    assert!(told(r#""country":"Germany""#).contains("two letters"));
    assert_eq!(told(r#""latitude":3.0"#), "line 3: `latitude` without `lon`");
    assert_eq!(told(r#""ip":["1.2.3.4"]"#), "line 3: `ip` [\"1.2.3.4\"] is no IP address");
    assert_eq!(told(r#""vpn":"maybe""#), "line 3: `vpn` \"maybe\" is neither true nor false");
    assert_eq!(told(r#""lat":"north","lon":1"#), "line 3: `lat` \"north\" is no number");
    assert_eq!(told(r#""asn":"Example Ltd""#).find("line 3: `asn` \"Example Ltd\" is no number"), Some(0));
    assert_eq!(told(r#""metadata":[1]"#), "line 3: `metadata` [1] is no object");
    assert_eq!(told(r#""actor":{"name":"A"}"#), "line 3: `actor` is an object without `id` and `email`");
    assert!(told(r#""label":["takeover"]"#).starts_with("line 3: `label` [\"takeover\"] is no label"));
    assert!(told(r#""lat":NaN"#).ends_with("JSON has no NaN, write null"));
    assert_eq!(told(r#""label":"x","label":"y""#), "line 3: `label` is there twice");
    assert_eq!(told(r#""ip":"192.0.2.1","user_ip":"192.0.2.1""#), BOTH);
    assert!(told(r#""attack_id":"a7""#).starts_with("line 3: `attack_id` without `label`"));
    let error = complaint(r#"{"event":5,"time":"2026-03-01T12:00:00Z"}"#);
    assert_eq!(error, "line 3: `event` 5 is no text");
    assert!(complaint(r#"{"event":"auth.logout"}"#).starts_with("line 3: missing field `time`"));
    assert!(complaint(r#"{"event":"auth.logout","time":"yesterday"}"#).contains("no RFC 3339 time"));
    assert!(complaint("nonsense").starts_with("line 3: expected"), "{}", complaint("nonsense"));
}

#[test]
fn a_file_that_is_no_ndjson_is_told_what_is_expected() {
    let told = |file: &str| score(file).unwrap_err().to_string();
    let expected = "line 1: expected one JSON object a line";
    assert!(told("[{\"event\":\"auth.logout\"}]").starts_with(expected));
    assert!(told("{\n  \"event\": \"auth.logout\"\n}").starts_with(expected));
    assert!(told("event,time,actor\nauth.logout,2026-03-01T12:00:00Z,a").starts_with(expected));
    for empty in ["", "\n\n", "\u{feff}\n"] {
        assert_eq!(told(empty), "the file has no events; one JSON object a line is expected");
    }
    let latin = b"{\"event\":\"auth.logout\",\"time\":0}\n{\"actor\":\"M\xfcller\"}\n";
    let error = score_ndjson(&latin[..], &Settings::default()).unwrap_err().to_string();
    assert_eq!(error, "line 2: byte 12 (0xFC) is not UTF-8; save the file as that");
}

/// What is read of a line, which must be about an attack that nobody sees.
fn read(line: &str) -> String {
    let report = score(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    assert_eq!(report.missed.len(), 1, "{line}");
    report.missed[0].first_events[0].clone()
}

#[test]
fn fields_go_by_several_names() {
    let told = "line 1, 2026-03-01T12:00:00.000Z, auth.logout alice 192.0.2.1 Berlin DE AS3320 vpn tor proxy relay \
                datacenter mobile {\"device_id\":\"d1\",\"user_agent\":\"u\"}";
    let spellings = [
        r#"{"event":"auth.logout","time":"2026-03-01T12:00:00Z","actor":"alice","ip":"192.0.2.1","city":"Berlin","country":"DE","lat":1,"lon":2,"asn":3320,"vpn":true,"tor":true,"proxy":true,"relay":true,"datacenter":true,"mobile":true,"user_agent":"u","device_id":"d1","label":"x"}"#,
        r#"{"event_type":"auth.logout","timestamp":"2026-03-01T12:00:00Z","actor_id":"alice","user_ip":"192.0.2.1","city":"Berlin","country_code":"de","latitude":1,"longitude":2,"as_number":3320,"is_vpn":true,"is_tor":true,"is_proxy":true,"is_relay":true,"is_datacenter":true,"is_mobile":true,"ua":"u","device":"d1","label":"x"}"#,
        r#"{"event_name":"auth.logout","created_at":"2026-03-01T13:00:00+01:00","user":"alice","ip_address":"192.0.2.1:443","city":"Berlin","country":"DE","lat":"1","lng":"2","asn":"AS3320","vpn":1,"tor":"true","proxy":"1","relay":"True","hosting":true,"mobile":true,"useragent":"u","device_id":"d1","label":"x"}"#,
        r#"{"type":"auth.logout","occurred_at":1772366400,"actor":{"id":"alice","email":"a@b.example"},"source_ip":" 192.0.2.1","city":"Berlin","country":"DE","asn":"3320","vpn":1,"tor":1,"proxy":1,"relay":1,"datacenter":1,"mobile":1,"ua":"u","device":"d1","label":"x"}"#,
        r#"{"action":"auth.logout","time":1772366400000,"user_id":"alice","ip":"::ffff:192.0.2.1","city":"Berlin","country":"DE","asn":"as3320","vpn":1,"tor":1,"proxy":1,"relay":1,"datacenter":1,"mobile":1,"metadata":{"user_agent":"u","device_id":"d1"},"label":"x"}"#,
        r#"{"event":"auth.logout","time":"1772366400","username":"alice","ip":"[::ffff:192.0.2.1]","city":"Berlin","country":"DE","asn":3320.0,"vpn":1,"tor":1,"proxy":1,"relay":1,"datacenter":1,"mobile":1,"ua":"u","device":"d1","label":"x"}"#,
    ];
    for line in spellings {
        assert_eq!(read(line), told, "{line}");
    }
}

#[test]
fn null_and_empty_text_are_no_values() {
    let bare = "line 1, 2026-03-01T12:00:00.000Z, auth.logout";
    let start = r#"{"event":"auth.logout","time":"1772366400000","label":"x""#;
    let fields = [
        "actor",
        "ip",
        "lat",
        "lon",
        "radius_km",
        "country",
        "region",
        "city",
        "asn",
        "vpn",
        "tor",
        "proxy",
        "relay",
        "datacenter",
        "mobile",
        "user_agent",
        "device_id",
        "metadata",
        "attack",
        "session_id",
    ];
    for absent in ["null", "\"\"", "\" \""] {
        let members: String = fields.iter().map(|field| format!(",\"{field}\":{absent}")).collect();
        assert_eq!(read(&format!("\u{feff}\n\r\n{start}{members}}}\r\n")).replace("line 3", "line 1"), bare);
    }
    let off = r#","vpn":0,"tor":false,"proxy":"false","relay":"0","asn":0,"user_id":null,"actor":7,"device":5,"radius_km":50.4"#;
    assert_eq!(read(&format!("{start}{off}}}")), format!("{bare} 7 {{\"device_id\":\"5\"}}"));
}

#[test]
fn words_truth_values_and_numbers_say_whether_an_event_is_clean() {
    let label = |label: &str| {
        let report = score(&format!(r#"{{"event":"auth.logout","time":0,"label":{label}}}"#)).unwrap();
        assert_eq!(report.clean_events, u64::from(report.labels.is_empty()), "{label}");
        report.labels.first().map(|row| row.label.clone())
    };
    let words = [
        "normal",
        "none",
        "ok",
        "0",
        "false",
        "False",
        "legit",
        "legitimate",
        "negative",
        "",
        " benign ",
        "CLEAN",
    ];
    for clean in words {
        assert_eq!(label(&format!("\"{clean}\"")), None, "{clean}");
    }
    for clean in ["null", "false", "0", "0.0"] {
        assert_eq!(label(clean), None, "{clean}");
    }
    for attack in ["true", "1", "1.0", "\"1\"", "\"True\""] {
        assert_eq!(label(attack).as_deref(), Some("attack"), "{attack}");
    }
    assert_eq!(label("2").as_deref(), Some("2"));
    assert_eq!(label("\"Takeover\"").as_deref(), Some("Takeover"));
}

#[test]
fn what_is_not_read_and_not_known_is_listed() {
    let mut lines = file();
    for _ in 0..1_200 {
        lines.push_str("{\"event\":\"auth.signed_in_ok\",\"time\":0,\"session_id\":\"s\",\"app\":1}\n");
    }
    lines.push_str("{\"event\":\"Gate Opened\",\"time\":0,\"app\":null,\"session_id\":7}\n");
    let report = score(&lines).unwrap();
    assert_eq!(
        report.unread.iter().map(|(name, count)| (name.as_str(), *count)).collect::<Vec<_>>(),
        [("app", 1_200), ("session_id", 1_201)]
    );
    let text = report.to_string();
    assert!(text.contains("not read: session_id (1,201 lines), app (1,200 lines)\n"), "{text}");
    let names = "not in the catalogue: auth.signed_in_ok (1,200), Gate Opened (1)\n";
    assert!(text.contains(names), "{text}");
    assert!(!score(&file()).unwrap().to_string().contains("not "), "everything is read and known");
}

/// A failed sign-in; the time is in seconds.
fn failure(lines: &mut String, second: u32, actor: u32, host: u32, rest: &str) {
    let _infallible = writeln!(
        lines,
        r#"{{"event":"auth.login_failed","actor":"user{actor}","ip":"203.0.113.{host}","time":{second}{rest}}}"#
    );
}

/// The label, the number of attacks and how many of them were seen.
fn attacks(lines: &str) -> Vec<(String, usize, usize)> {
    let report = score(lines).expect("lines of ours");
    report.labels.into_iter().map(|row| (row.label, row.attacks, row.seen)).collect()
}

#[test]
fn a_spray_from_many_sources_on_many_accounts_is_one_attack() {
    let spray = |apart: u32, label: &str| {
        let mut lines = String::new();
        (0..60).for_each(|place| failure(&mut lines, place * apart, place, place, label));
        lines
    };
    let lines = spray(40, r#","label":"spray""#);
    assert_eq!(attacks(&lines), [("spray".to_owned(), 1, 1)]);
    let text = score(&lines).unwrap().to_string();
    assert!(text.contains("bursts of single events were taken as one attack: spray (1 of 60)\n"), "{text}");
    let slow = spray(1_200, r#","label":"spray""#);
    assert_eq!(attacks(&slow)[0].1, 60);
    assert_eq!(attacks(&spray(1_200, r#","label":"spray","incident":7"#))[0].1, 1);
    // A day on which a few intruders come and do something is no spray.
    let mut intruders = String::new();
    for place in 0..20 {
        (0..3).for_each(|step| {
            failure(&mut intruders, place * 300 + step, place, place, r#","label":"takeover""#)
        });
    }
    assert_eq!(attacks(&intruders)[0].1, 20);
}

#[test]
fn a_name_decides_what_is_one_attack_and_ties_join_else() {
    let label = |name: &str| format!(r#","label":"guess","attack_id":"{name}""#);
    let mut named = String::new();
    // One account and one address, and still two attacks; one of them lasts for days.
    for (day, name) in [(0, "a"), (0, "b"), (2, "a")] {
        failure(&mut named, day * 86_400, 1, 1, &label(name));
    }
    let report = score(&named).unwrap();
    let missed: Vec<_> =
        report.missed.iter().map(|missed| (missed.attack.as_deref(), missed.events)).collect();
    assert_eq!(missed, [(Some("a"), 2), (Some("b"), 1)]);
    // Two that seemed apart are one when an event shares the account of one and the address of the other.
    let mut tied = String::new();
    let plain = r#","label":"guess""#;
    for (second, actor, host) in [(0, 1, 1), (10, 2, 2), (20, 1, 2), (30, 2, 3), (40, 3, 3)] {
        failure(&mut tied, second, actor, host, plain);
    }
    assert_eq!(attacks(&tied)[0].1, 1);
    // Clean events are in no attack, whatever names it.
    assert_eq!(attacks(&named.replace("guess", "normal")), []);
}

#[test]
fn the_report_tells_severities() {
    let report = score(&file()).unwrap();
    let guess = &report.labels[0];
    assert_eq!((guess.seen, guess.seen_medium, guess.seen_high), (2, 2, 2));
    assert_eq!((report.labels[1].seen_medium, report.labels[1].seen_high), (0, 0));
    assert_eq!((report.accounts, report.user_days), (3, 3));
    let row = report.types.iter().find(|row| row.alert_type == "brute_force_attack").unwrap();
    let grave: usize = row.severities[..2].iter().map(|level| level.right).sum();
    assert_eq!((grave, row.severities.len()), (row.alerts, 4));
    let levels: Vec<_> = report.severities.iter().map(|level| level.severity.as_str()).collect();
    assert_eq!(levels, ["critical", "high", "medium", "low"]);
    assert!(report.examples.is_empty() && !report.to_string().contains("of the worst"), "{report}");

    let wrong = score(&file().replace("\"guess\"", "false")).unwrap();
    let alarms: usize = wrong.severities.iter().map(|level| level.alerts - level.right).sum();
    assert_eq!(alarms, wrong.types.iter().map(|row| row.alerts).sum::<usize>());
    let per_user_day = 1_000.0 / wrong.user_days as f64;
    for level in &wrong.severities {
        assert_eq!(level.false_alarms, Some(level.alerts as f64 * per_user_day), "{level:?}");
    }
    let text = wrong.to_string();
    assert!(
        text.contains("of the worst false alarms:\n  line ") && text.contains("high brute_force"),
        "{text}"
    );
}

#[test]
fn the_worst_false_alarms_of_all_days_are_the_examples() {
    let mut lines = String::new();
    // On each day somebody else signs in through a proxy, which is medium; on the last an account is guessed.
    for day in 0..40 {
        let _infallible = writeln!(
            lines,
            r#"{{"event":"auth.login_success","actor":"user{day}","ip":"198.51.100.{day}","time":{},"proxy":true}}"#,
            day * 86_400
        );
    }
    (0..30).for_each(|second| failure(&mut lines, 40 * 86_400 + second, 1, 1, ""));
    let report = score(&lines).unwrap();
    assert_eq!(report.examples.len(), 20);
    assert!(report.examples[0].contains("brute_force_attack"), "{:?}", report.examples);
    let days: BTreeSet<&str> = report.examples.iter().filter_map(|line| line.split(", ").nth(1)).collect();
    assert!(days.len() > 10 && days.last().is_some_and(|day| *day > "1970-02-01"), "{days:?}");
}

#[test]
fn missed_attacks_and_false_alarms_are_explained() {
    let mut lines = file();
    (0..30).for_each(|second| failure(&mut lines, second, 1, 1, ""));
    let report = score(&lines).unwrap();
    let text = report.explain();
    let missed = "MISSED insider: 2026-03-01T13:00:00.000Z to 2026-03-01T13:00:00.000Z, 1 events\n    \
                  line 61, 2026-03-01T13:00:00.000Z, auth.logout bob 198.51.100.4\n";
    assert!(text.starts_with(missed), "{text}");
    assert!(text.contains("\nFALSE high brute_force_attack [brute_force"), "{text}");
    let alarm = &report.wrong[0];
    assert!(alarm.event.ends_with("auth.login_failed user1 203.0.113.1"), "{alarm:?}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["missed"][0]["label"], "insider");
    assert_eq!(json["wrong"][0]["alert_type"], "brute_force_attack");
    for figure in
        ["accounts", "user_days", "unread", "unknown_events", "severities", "examples", "false_alarms"]
    {
        assert!(json.get(figure).is_some(), "{figure}");
    }
    assert_eq!(json["labels"][0]["seen_high"], 2);
    assert_eq!(json["types"][0]["severities"][0]["severity"], "critical");
}

#[test]
fn the_public_data_set_is_read_by_the_names_of_its_columns() {
    let csv = include_bytes!("rba.csv");
    let report = score_rba(&csv[..], None, &Settings::default()).unwrap();
    let rows: Vec<_> =
        report.labels.iter().map(|row| (row.label.as_str(), row.events, row.attacks)).collect();
    assert_eq!((report.events, report.clean_events), (5, 1));
    assert_eq!(rows, [("attack_ip", 3, 1), ("takeover", 1, 1)]);
    let first = score_rba(&csv[..], Some(2), &Settings::default()).unwrap();
    assert_eq!(first.events, 2);
    let text = String::from_utf8(csv.to_vec()).unwrap();
    let broken = text.replace(
        "RO,Bucharest,Bucharest,9009,Example/3.0,Example 3.0,Windows 10,desktop,True",
        "RO,-,-,1,x,x,x,x,maybe",
    );
    let error = score_rba(broken.as_bytes(), None, &Settings::default()).unwrap_err();
    assert_eq!(error.to_string(), "line 6: Login Successful is \"maybe\", neither True nor False");
    let headless = text.replace("Login Timestamp", "When");
    let error = score_rba(headless.as_bytes(), None, &Settings::default()).unwrap_err().to_string();
    assert!(error.contains("Login Timestamp"), "{error}");
}
