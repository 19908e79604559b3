//! Somebody's own labelled events: what is counted, and what is said of a line that cannot be read.

use std::fmt::Write as _;

use litesoc_detect::Settings;
use litesoc_detect::lab::{LabelledError, LabelledReport, score_ndjson, score_rba};

fn score(lines: &str) -> Result<LabelledReport, LabelledError> {
    score_ndjson(lines.as_bytes(), &Settings::default())
}

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
    assert!(told(r#""lattitude":3"#).starts_with("line 3: unknown field `lattitude`, expected one of"));
    assert!(complaint(r#"{"event":"auth.logout"}"#).starts_with("line 3: missing field `time`"));
    assert!(complaint(r#"{"event":"auth.logout","time":"yesterday"}"#).contains("no RFC 3339 time"));
    assert!(complaint("nonsense").starts_with("line 3: expected"), "{}", complaint("nonsense"));
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
