//! What the normaliser makes of names: known ones in every spelling, aliases, custom ones, and nonsense.

use litesoc_events::{EventType, MAX_NAME_BYTES, Rule, Severity, aliases, catalogue, lookup, normalize};
use proptest::prelude::*;

/// The normaliser's answer for a name, as one line.
fn answer(name: &str) -> String {
    let found = normalize(name);
    format!("{} {:?} {}", found.event, found.rule, found.recognized)
}

#[track_caller]
fn becomes(name: &str, event: &EventType) {
    let found = normalize(name);
    assert_eq!(found.event, *event, "{name:?} by {:?}", found.rule);
    assert!(found.recognized, "{name:?}");
}

#[track_caller]
fn stays_custom(name: &str, event: &str, recognized: bool) {
    let found = normalize(name);
    assert!(lookup(name).is_none(), "{name:?} is {}", found.event);
    assert_eq!(found.event.as_str(), event, "{name:?}");
    assert_eq!(found.recognized, recognized, "{name:?}");
    assert!(!found.event.is_known(), "{name:?}");
}

#[test]
fn every_event_of_the_catalogue_is_itself_or_what_it_merges_into() {
    for info in catalogue() {
        let target = info.normalizes_to.as_ref().unwrap_or(&info.event);
        becomes(info.name, target);
        let rule = if info.normalizes_to.is_some() { Rule::Merged } else { Rule::Exact };
        assert_eq!(normalize(info.name).rule, rule, "{}", info.name);
    }
}

#[test]
fn the_formats_the_api_states() {
    becomes("user.login.failed", &EventType::AUTH_LOGIN_FAILED);
    becomes("permission.denied", &EventType::AUTHZ_ACCESS_DENIED);
    becomes("privilege.escalation", &EventType::ADMIN_PRIVILEGE_ESCALATION);
    becomes("rate_limit.exceeded", &EventType::SECURITY_RATE_LIMIT_EXCEEDED);
}

#[test]
fn the_names_of_the_first_event_guide() {
    for (name, event) in [
        ("auth.login.success", EventType::AUTH_LOGIN_SUCCESS),
        ("auth.login.failure", EventType::AUTH_LOGIN_FAILED),
        ("auth.logout", EventType::AUTH_LOGOUT),
        ("auth.mfa.enabled", EventType::AUTH_MFA_ENABLED),
        ("auth.mfa.disabled", EventType::AUTH_MFA_DISABLED),
        ("admin.user.created", EventType::ADMIN_USER_CREATED),
        ("admin.user.deleted", EventType::ADMIN_USER_DELETED),
        ("admin.role.changed", EventType::AUTHZ_ROLE_CHANGED),
        ("admin.settings.changed", EventType::ADMIN_SETTINGS_CHANGED),
        ("data.export.requested", EventType::DATA_EXPORT),
        ("data.import.completed", EventType::DATA_IMPORT),
        ("security.suspicious.activity", EventType::SECURITY_SUSPICIOUS_ACTIVITY),
        ("security.blocked", EventType::SECURITY_IP_BLOCKED),
        ("security.rate.limited", EventType::SECURITY_RATE_LIMIT_EXCEEDED),
        ("authz.access.granted", EventType::AUTHZ_ACCESS_GRANTED),
        ("authz.access.denied", EventType::AUTHZ_ACCESS_DENIED),
        ("authz.permission.changed", EventType::AUTHZ_ROLE_CHANGED),
    ] {
        becomes(name, &event);
    }
}

#[test]
fn the_aliases() {
    for (name, event) in [
        ("login.success", EventType::AUTH_LOGIN_SUCCESS),
        ("login.failure", EventType::AUTH_LOGIN_FAILED),
        ("password.reset_requested", EventType::AUTH_PASSWORD_RESET),
        ("auth.password_changed", EventType::AUTH_PASSWORD_RESET),
        ("user.signup", EventType::ADMIN_USER_CREATED),
        ("auth.signup_success", EventType::ADMIN_USER_CREATED),
        ("auth.failed", EventType::AUTH_LOGIN_FAILED),
        ("user.login_failed", EventType::AUTH_LOGIN_FAILED),
        ("auth.login", EventType::AUTH_LOGIN_SUCCESS),
        ("authz.role_change", EventType::AUTHZ_ROLE_CHANGED),
        ("auth.password_change", EventType::AUTH_PASSWORD_RESET),
        ("authz.role_assigned", EventType::AUTHZ_ROLE_CHANGED),
        ("api.rate_limited", EventType::SECURITY_RATE_LIMIT_EXCEEDED),
        ("settings.updated", EventType::ADMIN_SETTINGS_CHANGED),
        ("sso.enabled", EventType::ADMIN_SETTINGS_CHANGED),
        ("ip_whitelist.updated", EventType::ADMIN_SETTINGS_CHANGED),
        ("retention.changed", EventType::ADMIN_SETTINGS_CHANGED),
        ("api_key.regenerated", EventType::ADMIN_API_KEY_CREATED),
    ] {
        becomes(name, &event);
    }
}

#[test]
fn names_in_common_use() {
    for (name, event) in [
        ("login_failed", EventType::AUTH_LOGIN_FAILED),
        ("LoginFailed", EventType::AUTH_LOGIN_FAILED),
        ("Failed Login", EventType::AUTH_LOGIN_FAILED),
        ("auth.login.failure", EventType::AUTH_LOGIN_FAILED),
        ("authentication_failed", EventType::AUTH_LOGIN_FAILED),
        ("user.signin.failed", EventType::AUTH_LOGIN_FAILED),
        ("user_signed_in", EventType::AUTH_LOGIN_SUCCESS),
        ("mfaFailed", EventType::AUTH_MFA_CHALLENGE_FAILED),
        ("MFA-Challenge-Failed", EventType::AUTH_MFA_CHALLENGE_FAILED),
        ("role_changed", EventType::AUTHZ_ROLE_CHANGED),
        ("permission_granted", EventType::AUTHZ_PERMISSION_GRANTED),
        ("access denied", EventType::AUTHZ_ACCESS_DENIED),
        ("data.exported", EventType::DATA_EXPORT),
        ("user.registered", EventType::ADMIN_USER_CREATED),
        ("bulk_delete", EventType::DATA_BULK_DELETE),
        ("Rate Limited", EventType::SECURITY_RATE_LIMIT_EXCEEDED),
    ] {
        becomes(name, &event);
        assert_ne!(normalize(name).rule, Rule::Exact, "{name}");
    }
}

/// Every name that is taken for an event, as its letters and digits alone.
#[test]
fn no_alias_is_a_slip_of_the_keyboard_away_from_another_event() {
    let letters = |name: &str| name.replace(['.', '_'], "");
    let mut known = std::collections::HashMap::new();
    let all = catalogue().map(|info| (info.name, info.event.clone())).chain(aliases());
    for (name, event) in all {
        let event = normalize(event.as_str()).event;
        let before = known.insert(letters(name), event.clone());
        assert!(before.is_none_or(|before| before == event), "{name} stands for two events");
    }
    for (name, event) in aliases() {
        let name = letters(name);
        for at in 0..name.len() {
            let shorter = format!("{}{}", &name[..at], &name[at + 1..]);
            let other = known.get(&shorter).is_some_and(|other| *other != event);
            assert!(!other, "{name} without its letter {at} is another event");
        }
    }
}

#[test]
fn a_user_prefix_reads_as_auth_where_the_name_is_not_a_users_own() {
    becomes("user.logout", &EventType::AUTH_LOGOUT);
    becomes("userLoginSuccess", &EventType::AUTH_LOGIN_SUCCESS);
    becomes("user.password_reset", &EventType::AUTH_PASSWORD_RESET);
    becomes("USER.MFA.DISABLED", &EventType::AUTH_MFA_DISABLED);
    assert_eq!(normalize("user.logout").rule, Rule::UserPrefix);
    // Its own event comes first.
    becomes("user.created", &EventType::ADMIN_USER_CREATED);
    becomes("user.updated", &EventType::USER_UPDATED);
}

#[test]
fn an_otp_that_was_sent_is_no_second_factor_turned_on() {
    for name in
        ["auth.mfa_challenge", "auth.mfa_challenge_sent", "AUTH.MFA-CHALLENGE", "authMfaChallengeSent"]
    {
        let found = normalize(name);
        assert_eq!(found.event, "auth.mfa_challenge_sent");
        assert!(found.recognized && !found.event.is_known());
        assert_eq!(found.event.severity(), Severity::Info);
    }
}

#[test]
fn one_deleted_row_is_no_bulk_deletion() {
    let found = normalize("data.deleted");
    assert_eq!(found.event, "data.deleted");
    assert_eq!((found.event.severity(), found.event.is_instant()), (Severity::Warning, false));
    assert!(found.recognized && !found.event.is_known());
}

#[test]
fn every_style_of_letters_and_separators() {
    for name in [
        "auth.login_failed",
        "auth.login.failed",
        "auth_login_failed",
        "auth-login-failed",
        "auth/login/failed",
        "auth:login:failed",
        "auth::login::failed",
        "auth login failed",
        "Auth Login Failed",
        "  auth.login_failed\n",
        "\u{3000}auth.login_failed\u{a0}",
        "AUTH.LOGIN-FAILED",
        "AUTH_LOGIN_FAILED",
        "AUTH::LOGIN::FAILED",
        "aUtH.lOgIn_FaIlEd",
        "aUtH..lOgIn__FaIlEd",
        "authLoginFailed",
        "AuthLoginFailed",
        "Auth::LoginFailed",
        "auth.loginFailed",
        "Auth/Login Failed",
        "userLoginFailed",
        "USER.LOGIN-FAILED",
        "user login failed",
        "user.failed",
        "auth . login . failed",
        "auth - - - - - - - - - - login - - - - - - - - - - failed",
    ] {
        becomes(name, &EventType::AUTH_LOGIN_FAILED);
    }
    becomes("authMFAEnabled", &EventType::AUTH_MFA_ENABLED);
    becomes("securityIPBlocked", &EventType::SECURITY_IP_BLOCKED);
    becomes("AdminAPIKeyCreated", &EventType::ADMIN_API_KEY_CREATED);
    becomes("apiError", &EventType::API_ERROR);
}

#[test]
fn what_a_custom_event_keeps() {
    stays_custom("inventory.counted", "inventory.counted", false);
    stays_custom("  Inventory.Counted ", "inventory.counted", false);
    stays_custom("Inventory Item-Counted", "inventory.item_counted", false);
    stays_custom("a:b/c d-e_f", "a.b_c_d_e_f", false);
    stays_custom("a_b c", "a_b.c", false);
    stays_custom("MyCustomEvent", "mycustomevent", false);
    stays_custom("billing.Voucher Used", "billing.voucher_used", true);
    stays_custom("AUTH/MAGIC LINK", "auth.magic_link", true);
    stays_custom("security.honeypot_touched", "security.honeypot_touched", true);
    stays_custom("ÉVÉNEMENT.Créé", "événement.créé", false);
    assert_eq!(normalize("Security: Honeypot").event.severity(), Severity::Warning);
}

#[test]
fn nothing_is_guessed() {
    for name in [
        "login",
        "logout",
        "s",
        "f",
        "ss",
        "download",
        "session.created",
        "authloginfailed",
        "auth.log_in_failed",
        "auth.login_failed_twice",
        "auth.login_faile",
        "auth.login_failed2",
        "xauth.login_failed",
        "not.auth.login_failed",
        ".auth.login_failed",
        "auth.login_failed.",
        "login_failed.auth",
        "auth.login\tfailed",
        "auth.login_fаiled", // the `а` is Cyrillic
        "billing.plan_changed",
        "user.signup_failed",
        "authz.login_failed",
    ] {
        assert_eq!(lookup(name), None, "{name:?}");
        assert!(!normalize(name).event.is_known(), "{name:?}");
    }
}

#[test]
fn names_the_api_refuses_are_not_recognized() {
    assert_eq!(answer(""), " Unrecognized false");
    assert_eq!(answer(" \t "), " Unrecognized false");
    let longest = format!("auth.{}", "x".repeat(MAX_NAME_BYTES - 5));
    stays_custom(&longest, &longest, true);
    let too_long = format!("{longest}x");
    stays_custom(&too_long, &too_long, false);
    let stretched = format!("auth.{}login", ".".repeat(200));
    stays_custom(&stretched, &stretched, false);
    let huge = "É".repeat(1 << 20);
    assert!(!normalize(&huge).recognized);
}

#[test]
fn letters_outside_ascii_with_small_forms_inside_it() {
    // The Kelvin sign becomes `k`.
    becomes("api.\u{212a}ey_used", &EventType::API_KEY_USED);
}

/// One listed name with its letters' case and its separators changed at random.
fn respelled() -> impl Strategy<Value = (&'static str, String)> {
    let names: Vec<&'static str> = catalogue().map(|info| info.name).collect();
    (proptest::sample::select(names), any::<u64>()).prop_map(|(name, mut chance)| {
        let spelled = name
            .chars()
            .map(|letter| {
                chance = chance.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let pick = (chance >> 40) as usize;
                match letter {
                    '.' | '_' => [' ', '-', '.', '/', ':', '_'][pick % 6],
                    _ if pick.is_multiple_of(2) => letter.to_ascii_uppercase(),
                    _ => letter,
                }
            })
            .collect();
        (name, spelled)
    })
}

/// A name of words joined the way programs name classes.
fn camel(name: &str, capital: bool) -> String {
    let mut large = capital;
    let mut camel = String::new();
    for letter in name.chars() {
        match letter {
            '.' | '_' => large = true,
            _ if large => {
                camel.push(letter.to_ascii_uppercase());
                large = false;
            }
            _ => camel.push(letter),
        }
    }
    camel
}

#[test]
fn every_name_in_camel_case() {
    for info in catalogue() {
        let target = info.normalizes_to.as_ref().unwrap_or(&info.event);
        becomes(&camel(info.name, false), target);
        becomes(&camel(info.name, true), target);
    }
}

proptest! {
    #[test]
    fn spelling_does_not_matter((name, spelled) in respelled()) {
        prop_assert_eq!(normalize(&spelled).event, normalize(name).event);
    }

    #[test]
    fn white_space_around_does_not_matter((name, spelled) in respelled(), before in "\\s{0,4}", after in "\\s{0,4}") {
        prop_assert_eq!(normalize(&format!("{before}{spelled}{after}")).event, normalize(name).event);
    }

    #[test]
    fn normalizing_again_changes_nothing(name in "\\PC{0,140}|[ -~]{0,40}|[A-Za-z.:/ _-]{0,140}") {
        let once = normalize(&name);
        let twice = normalize(once.event.as_str());
        prop_assert_eq!(&once.event, &twice.event);
        prop_assert_eq!(once.recognized, twice.recognized);
    }

    #[test]
    fn a_letter_more_makes_a_name_unknown((_, spelled) in respelled(), at in any::<prop::sample::Index>(), letter in "[q-z0-9é\u{7f}]") {
        let mut longer = spelled;
        let at = at.index(longer.len() + 1);
        longer.insert_str(at, &letter);
        // The few that are another listed name, such as `authz.` for `auth.`, need a `z` or an `s`.
        prop_assume!(catalogue().all(|info| !info.name.replace(['.', '_'], "").eq_ignore_ascii_case(&longer.replace([' ', '-', '.', '/', ':', '_'], ""))));
        prop_assert_eq!(lookup(&longer), None);
    }
}
