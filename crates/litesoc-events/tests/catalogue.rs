//! The laws of the catalogue, and how an event type behaves as a value.

use std::collections::{BTreeSet, HashMap, HashSet};

use litesoc_events::{
    Category, EventInfo, EventType, MAX_NAME_BYTES, Rule, Severity, SeverityLevel, Tier, aliases, catalogue,
    extended, lookup, normalize, standard,
};

#[test]
fn there_are_27_standard_and_48_extended_events() {
    assert_eq!(standard().count(), 27);
    assert_eq!(extended().count(), 48);
    assert_eq!(catalogue().len(), 75);
}

#[test]
fn names_are_unique_and_clean() {
    let names: HashSet<_> = catalogue().map(|info| info.name).collect();
    assert_eq!(names.len(), catalogue().len());
    for name in names {
        assert!(name.len() <= MAX_NAME_BYTES);
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.' || byte == b'_'), "{name}");
    }
}

#[test]
fn every_name_comes_back_as_its_own_constant() {
    for info in catalogue() {
        let parsed: EventType = info.name.parse().expect("parsing cannot fail");
        assert_eq!(parsed, info.event);
        assert_eq!(parsed, EventType::from(String::from(info.name)));
        assert_eq!(parsed.as_str(), info.name);
        assert!(parsed.info().is_some_and(|found| std::ptr::eq(found, info)));
    }
    assert_eq!(EventType::AUTH_LOGIN_SUCCESS.as_str(), "auth.login_success");
    assert_eq!(EventType::BILLING_INVOICE_PAID.as_str(), "billing.invoice_paid");
    assert_eq!(EventType::USER_LOGIN_FAILED.as_str(), "user.login_failed");
    assert_eq!(EventType::USER_LOGIN_FAILED_DOTTED.as_str(), "user.login.failed");
}

#[test]
fn the_category_is_the_prefix() {
    for info in catalogue() {
        assert_eq!(Category::of(info.name), Some(info.category), "{}", info.name);
        if info.tier == Tier::Standard {
            assert!(info.category <= Category::Security, "{}", info.name);
        }
    }
}

#[test]
fn exactly_seven_events_are_instant() {
    let instant: BTreeSet<_> = catalogue().filter(|info| info.instant).map(|info| info.name).collect();
    let stated = BTreeSet::from([
        "authz.access_denied",
        "authz.role_changed",
        "admin.privilege_escalation",
        "data.bulk_delete",
        "data.sensitive_access",
        "security.suspicious_activity",
        "security.brute_force_detected",
    ]);
    assert_eq!(instant, stated);
    assert!(catalogue().filter(|info| info.instant).all(|info| info.severity == Severity::Critical));
}

#[test]
fn severities_of_the_extended_events_are_those_the_api_states() {
    let of = |severity| {
        extended()
            .filter(move |info| info.severity == severity)
            .map(|info| info.name)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        of(Severity::Critical),
        BTreeSet::from(["authz.role_assigned", "authz.role_removed", "security.impossible_travel"])
    );
    assert_eq!(
        of(Severity::Warning),
        BTreeSet::from([
            "auth.password_changed",
            "auth.password_reset_requested",
            "auth.password_reset_completed",
            "auth.mfa_challenge_failed",
            "auth.failed",
            "user.deleted",
            "user.email_changed",
            "user.phone_changed",
            "user.login_failed",
            "user.login.failed",
            "admin.member_removed",
            "data.bulk_update",
            "data.shared",
            "security.account_locked",
            "security.geo_anomaly",
            "api.rate_limited",
        ])
    );
}

#[test]
fn severities_of_the_standard_events_are_those_the_api_states() {
    let of = |level| {
        standard().filter(move |info| info.level == level).map(|info| info.name).collect::<BTreeSet<_>>()
    };
    assert_eq!(
        of(SeverityLevel::Info),
        BTreeSet::from([
            "auth.logout",
            "auth.session_expired",
            "auth.token_refreshed",
            "authz.permission_granted"
        ])
    );
    assert_eq!(
        of(SeverityLevel::Low),
        BTreeSet::from(["auth.login_success", "auth.mfa_enabled", "admin.user_created"])
    );
    assert_eq!(
        of(SeverityLevel::High),
        BTreeSet::from([
            "admin.user_deleted",
            "admin.user_suspended",
            "admin.user_impersonation",
            "security.ip_blocked"
        ])
    );
    assert_eq!(of(SeverityLevel::Critical).len(), 7);
    assert_eq!(of(SeverityLevel::Medium).len(), 9);
}

#[test]
fn an_event_merges_once_and_into_a_standard_one() {
    for EventInfo { name, tier, normalizes_to, .. } in catalogue() {
        let Some(target) = normalizes_to else { continue };
        assert_eq!(*tier, Tier::Extended, "{name}");
        assert!(target.is_standard(), "{name}");
        assert!(target.info().is_some_and(|info| info.normalizes_to.is_none()), "{name}");
    }
    assert_eq!(catalogue().filter(|info| info.normalizes_to.is_some()).count(), 11);
}

#[test]
fn meanings_are_single_lines_and_techniques_have_the_form_of_attack() {
    for info in catalogue() {
        assert!(info.meaning.starts_with(|letter: char| letter.is_uppercase()), "{}", info.name);
        assert!(!info.meaning.contains(['\n', '|']) && !info.meaning.ends_with('.'), "{}", info.name);
        if let Some(technique) = info.attack {
            let digits = technique.strip_prefix('T').expect("a technique begins with T");
            let (number, sub) = digits.split_once('.').unwrap_or((digits, "000"));
            assert!(number.len() == 4 && sub.len() == 3, "{technique}");
            assert!(number.parse::<u16>().is_ok() && sub.parse::<u16>().is_ok(), "{technique}");
        }
    }
}

#[test]
fn ocsf_numbers_are_class_and_activity() {
    let failed = EventType::AUTH_LOGIN_FAILED.info().expect("a known event").ocsf;
    assert_eq!((failed.class_uid, failed.activity_id, failed.type_uid()), (3002, 1, 300_201));
    assert!(catalogue().all(|info| info.ocsf.class_uid > 0 || info.ocsf.activity_id == 0));
    assert!(
        catalogue()
            .filter(|info| info.ocsf == litesoc_events::Ocsf::NONE)
            .all(|info| info.category == Category::Billing)
    );
}

#[test]
fn every_alias_is_reachable_and_shadows_no_event() {
    let mut seen = HashSet::new();
    for (name, event) in aliases() {
        assert!(name.is_ascii() && !name.contains(char::is_whitespace), "{name}");
        assert!(seen.insert(name), "{name} twice");
        assert!(!EventType::from(name).is_known(), "{name} shadows an event");
        let found = lookup(name).expect("an alias is in the tables");
        assert_eq!(found.event, event, "{name}");
        if name != event.as_str() {
            assert_eq!(found.rule, Rule::Alias, "{name}");
        }
        assert_eq!(normalize(found.event.as_str()).event, found.event, "{name} normalises twice");
    }
}

#[test]
fn a_custom_event_keeps_its_name() {
    let custom = EventType::from("Inventory.Counted ");
    assert_eq!(custom, "Inventory.Counted ");
    assert_eq!(custom.to_string(), "Inventory.Counted ");
    assert_eq!(format!("{custom:?} {:>8}|", EventType::from("a.b")), "Inventory.Counted       a.b|");
    assert_eq!((custom.severity(), custom.category(), custom.is_known()), (Severity::Info, None, false));
    assert_ne!(custom, EventType::from("inventory.counted"));
    // Parsing never renames.
    assert_eq!(EventType::from("user.created"), EventType::USER_CREATED);
    assert!(!EventType::from("AUTH.LOGIN_FAILED").is_known());
    assert!(!EventType::from("").is_known());
}

#[test]
fn severities_of_custom_events() {
    for (name, severity, category) in [
        ("security.honeypot", Severity::Warning, Some(Category::Security)),
        ("securityhoneypot", Severity::Info, None),
        ("auth.magic_link", Severity::Info, Some(Category::Auth)),
        ("data.deleted", Severity::Warning, Some(Category::Data)),
        ("auth.password_change_failed", Severity::Warning, Some(Category::Auth)),
        ("auth.signup_failed", Severity::Info, Some(Category::Auth)),
    ] {
        let event = EventType::from(name);
        assert_eq!((event.severity(), event.category()), (severity, category), "{name}");
        assert!(event.info().is_none() && !event.is_instant() && !event.is_standard(), "{name}");
        assert_eq!(event.as_str(), name);
    }
}

#[test]
fn event_types_order_hash_and_compare_by_name() {
    let mut names: Vec<_> =
        catalogue().map(|info| info.name).chain(["a.custom", "data.deleted", "zebra"]).collect();
    let mut events: Vec<_> = names.iter().map(|name| EventType::from(*name)).collect();
    names.sort_unstable();
    events.sort();
    assert!(events.iter().eq(names.iter()));
    let counts: HashMap<EventType, usize> = events.into_iter().zip(0..).collect();
    assert_eq!(counts.get("a.custom"), Some(&0));
    assert!(counts.contains_key(&EventType::DATA_EXPORT));
    assert!(*"data.export" == EventType::DATA_EXPORT && "data.export" == EventType::DATA_EXPORT);
    assert!(size_of::<EventType>() <= 16);
}

#[test]
fn words_parse_as_they_print() {
    for severity in Severity::ALL {
        assert_eq!(severity.as_str().parse(), Ok(*severity));
        assert_eq!(severity.to_string(), severity.as_str());
    }
    for level in SeverityLevel::ALL {
        assert_eq!(level.as_str().parse(), Ok(*level));
    }
    for category in Category::ALL {
        assert_eq!(category.as_str().parse(), Ok(*category));
    }
    assert_eq!(Severity::Warning.to_string(), "warning");
    assert!("Warning".parse::<Severity>().is_err());
    assert!("fatal".parse::<SeverityLevel>().is_err());
    assert!(SeverityLevel::Info < SeverityLevel::Low && SeverityLevel::High < SeverityLevel::Critical);
}

#[cfg(feature = "serde")]
#[test]
fn on_the_wire_everything_is_a_string() {
    let json = serde_json::to_string(&(EventType::DATA_EXPORT, Severity::Critical, Category::Authz)).unwrap();
    assert_eq!(json, r#"["data.export","critical","authz"]"#);
    let back: (EventType, EventType) = serde_json::from_str(r#"["data.export","data.\u0065xtra"]"#).unwrap();
    assert_eq!(back, (EventType::DATA_EXPORT, EventType::from("data.extra")));
    assert!(serde_json::from_str::<EventType>("7").is_err());
    assert_eq!(serde_json::from_str::<SeverityLevel>("\"high\"").unwrap(), SeverityLevel::High);
}
