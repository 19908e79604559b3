//! The vocabularies of other systems: every row of the data file, and the traps.

use std::collections::{HashMap, HashSet};

use litesoc_events::{Confidence, EventType, Vendor, VendorMatch};

/// A row of the data file, without the reference.
struct Line {
    vendor: Vendor,
    name: String,
    condition: Option<(String, String)>,
    event: EventType,
    confidence: Confidence,
}

/// Reads the data file anew, so that a fault in the making of the tables shows.
fn data_file() -> Vec<Line> {
    let mut lines = include_str!("../data/vendor-event-names.csv").lines();
    assert_eq!(lines.next(), Some("system,source_name,canonical,confidence,reference"));
    lines
        .map(|line| {
            let mut columns = line.splitn(5, ',');
            let mut column = || columns.next().unwrap_or_else(|| panic!("{line}: a column is missing"));
            let (system, source, canonical, confidence) = (column(), column(), column(), column());
            assert!(!column().is_empty(), "{line}: no reference");
            let parts = source.strip_suffix(']').and_then(|open| open.split_once('['));
            let condition = parts.and_then(|(_, condition)| condition.split_once('='));
            Line {
                vendor: system.parse().unwrap_or_else(|_| panic!("{system} is no vendor")),
                name: parts.map_or(source, |(name, _)| name).to_owned(),
                condition: condition.map(|(field, value)| (field.to_owned(), value.to_owned())),
                event: canonical.into(),
                confidence: confidence.parse().unwrap_or_else(|_| panic!("{confidence} is no confidence")),
            }
        })
        .collect()
}

fn with(vendor: Vendor, name: &str, fields: &[(&str, &str)]) -> Option<VendorMatch> {
    vendor.normalize(name, fields)
}

#[track_caller]
fn event(vendor: Vendor, name: &str, fields: &[(&str, &str)]) -> EventType {
    with(vendor, name, fields).unwrap_or_else(|| panic!("{vendor} does not know {name}")).event
}

#[test]
fn every_row_of_the_data_file_is_found() {
    let lines = data_file();
    assert_eq!(lines.len(), 584);
    for line in &lines {
        // `6003:*` stands for any activity of the class, `*` for any name.
        let name = line.name.replace('*', "7");
        let fields: Vec<_> =
            line.condition.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
        let found = with(line.vendor, &name, &fields).unwrap_or_else(|| panic!("{} {name}", line.vendor));
        assert_eq!(found.event, line.event, "{} {name}", line.vendor);
        assert_eq!(found.confidence, line.confidence, "{} {name}", line.vendor);
        assert_eq!(found.condition.is_some(), line.condition.is_some(), "{} {name}", line.vendor);
    }
}

#[test]
fn rows_are_clean_and_their_events_are_in_the_catalogue() {
    let mut seen = HashSet::new();
    for Line { vendor, name, condition, event, .. } in data_file() {
        assert!(event.is_known(), "{vendor} {name}: {event}");
        assert!(name.is_ascii() && name.trim() == name && !name.is_empty(), "{vendor} {name:?}");
        assert!(seen.insert((vendor, name.clone(), condition)), "{vendor} {name} twice");
    }
    let vendors: HashSet<_> = seen.into_iter().map(|(vendor, ..)| vendor).collect();
    assert_eq!(vendors.len(), 20);
    assert_eq!(Vendor::ALL.len(), 20);
}

#[test]
fn a_condition_that_does_not_hold_leaves_the_plain_row_or_nothing() {
    let lines = data_file();
    for line in lines.iter().filter(|line| line.condition.is_some()) {
        let name = line.name.replace('*', "no such name");
        let plain = lines.iter().find(|other| {
            (other.vendor, &other.name) == (line.vendor, &line.name) && other.condition.is_none()
        });
        let found = with(line.vendor, &name, &[("no.such.field", "x")]);
        assert_eq!(
            found.map(|found| found.event),
            plain.map(|plain| plain.event.clone()),
            "{} {name}",
            line.vendor
        );
    }
}

#[test]
fn a_condition_wins_over_the_plain_row() {
    let console = |fields| with(Vendor::AwsCloudtrail, "ConsoleLogin", fields).expect("a name of CloudTrail");
    let failed = console(&[("responseElements.ConsoleLogin", "Failure")]);
    assert_eq!((failed.event, failed.confidence), (EventType::AUTH_LOGIN_FAILED, Confidence::High));
    assert_eq!(failed.condition, Some(("responseElements.ConsoleLogin", "Failure")));
    let unknown = console(&[]);
    assert_eq!((unknown.event, unknown.confidence), (EventType::AUTH_LOGIN_SUCCESS, Confidence::Low));

    let denied = [("errorCode", "AccessDenied")];
    assert_eq!(event(Vendor::AwsCloudtrail, "CreateUser", &denied), EventType::AUTHZ_ACCESS_DENIED);
    assert_eq!(event(Vendor::AwsCloudtrail, "NoSuchCall", &denied), EventType::AUTHZ_ACCESS_DENIED);
    assert_eq!(event(Vendor::AwsCloudtrail, "CreateUser", &[]), EventType::ADMIN_USER_CREATED);
    assert_eq!(with(Vendor::AwsCloudtrail, "NoSuchCall", &[]), None);

    assert_eq!(event(Vendor::Ocsf, "6003:2", &[("status_id", "2")]), EventType::API_ERROR);
    assert_eq!(with(Vendor::Ocsf, "6003:2", &[("status_id", "1")]), None);
    assert_eq!(with(Vendor::Ocsf, "6004:2", &[("status_id", "2")]), None);
    assert_eq!(with(Vendor::Ocsf, "6003", &[("status_id", "2")]), None);
}

#[test]
fn the_same_name_means_different_things() {
    assert_eq!(event(Vendor::Clerk, "session.created", &[]), EventType::AUTH_LOGIN_SUCCESS);
    assert_eq!(event(Vendor::Workos, "session.created", &[]), EventType::AUTH_SESSION_CREATED);
    for code in ["s", "f", "ss"] {
        for &vendor in Vendor::ALL {
            assert_eq!(with(vendor, code, &[]).is_some(), vendor == Vendor::Auth0, "{vendor} {code}");
        }
    }
    // A failed silent sign-in is a session that ran out; counted as a failure it would look like brute force.
    assert_eq!(event(Vendor::Auth0, "fsa", &[]), EventType::AUTH_SESSION_EXPIRED);
    for quiet in ["pla", "cs", "cls", "w"] {
        assert_eq!(with(Vendor::Auth0, quiet, &[]), None, "{quiet}");
    }
    let sso = [("outcome.result", "FAILURE")];
    assert_eq!(event(Vendor::Okta, "user.authentication.sso", &sso), EventType::AUTHZ_ACCESS_DENIED);
}

#[test]
fn names_match_letter_for_letter() {
    for (vendor, name) in [
        (Vendor::Keycloak, "login"),
        (Vendor::Keycloak, "LOGIN "),
        (Vendor::Auth0, "S"),
        (Vendor::Okta, "user.mfa.factor.activate "),
        (Vendor::Castle, "logout:$succeeded"),
        (Vendor::GithubAudit, ""),
        (Vendor::GithubAudit, "user"),
        (Vendor::GithubAudit, "user.login.more"),
    ] {
        assert_eq!(with(vendor, name, &[]), None, "{vendor} {name:?}");
    }
}

#[test]
fn a_system_is_detected_only_by_a_name_that_no_other_writes() {
    let mut writers: HashMap<String, HashSet<Vendor>> = HashMap::new();
    for line in data_file() {
        writers.entry(line.name).or_default().insert(line.vendor);
    }
    let mut detected = HashSet::new();
    for (name, vendors) in &writers {
        if let Some(vendor) = Vendor::detect(name) {
            assert_eq!(*vendors, HashSet::from([vendor]), "{name}");
            detected.insert(vendor);
        }
    }
    assert_eq!(detected.len(), 10);
    for shared in
        ["session.created", "s", "f", "ss", "login", "logout", "download", "user.created", "LOGIN", ""]
    {
        assert_eq!(Vendor::detect(shared), None, "{shared}");
    }
    assert_eq!(Vendor::detect("$login:$unheard_of"), None);
    assert_eq!(Vendor::detect("3002:5"), Some(Vendor::Ocsf));
    assert_eq!(Vendor::detect("8080:1"), None);
}

#[test]
fn every_system_has_its_word() {
    for &vendor in Vendor::ALL {
        assert_eq!(vendor.as_str().parse(), Ok(vendor));
        assert_eq!(vendor.to_string(), vendor.as_str());
    }
    assert_eq!(Vendor::AwsCloudtrail.as_str(), "aws-cloudtrail");
    assert!("litesoc-legacy".parse::<Vendor>().is_err());
}
