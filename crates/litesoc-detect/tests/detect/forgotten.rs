//! Forgotten passwords on the way: people who look like themselves, and attackers who would like to.

use crate::sign_ins::{
    DAY, FIREFOX, From, HOUR, LAPTOP, MINUTE, PHONE, Stage, With, berlin, munich, paris, tokyo, with,
};
use litesoc_events::EventType;
use litesoc_model::AlertSeverity::{self, Critical, High};
use litesoc_model::AlertType::{BruteForceAttack, SuspiciousActivity};

const NOW: i64 = 22 * DAY;

fn settled(accounts: &[&str]) -> Stage {
    let mut stage = Stage::new();
    for account in accounts {
        stage.routine(account, &berlin(), with(LAPTOP), 0..21);
    }
    stage.expect_nothing();
    stage
}

/// Another address of the usual network.
fn elsewhere(mut from: From) -> From {
    from.ip = "192.0.2.77".to_owned();
    from
}

fn fails(stage: &mut Stage, account: &str, from: &From, with: With<'_>, times: i64, pause: i64) -> i64 {
    for time in 0..times {
        stage.event(EventType::AUTH_LOGIN_FAILED, account, from, with, NOW + time * pause);
    }
    NOW + times * pause
}

#[test]
fn a_forgotten_password_on_a_usual_device_in_the_usual_network_is_no_attack() {
    let mut stage = settled(&["alice"]);
    let end = fails(&mut stage, "alice", &elsewhere(berlin()), with(LAPTOP), 8, 20);
    stage.sign_in("alice", &elsewhere(berlin()), with(LAPTOP), end);
    stage.expect_nothing();
}

#[test]
fn with_another_device_or_from_another_country_it_is_one() {
    for (from, device) in [(elsewhere(berlin()), FIREFOX), (tokyo(), LAPTOP)] {
        let mut stage = settled(&["alice"]);
        fails(&mut stage, "alice", &from, with(device), 8, 20);
        stage.expect(&[(BruteForceAttack, High)]);
    }
}

#[test]
fn a_usual_device_behind_a_proxy_is_nobody_in_particular() {
    let mut stage = settled(&["alice"]);
    let hidden = elsewhere(berlin()).with(|known| known.network.is_proxy = true);
    fails(&mut stage, "alice", &hidden, with(LAPTOP), 5, 20);
    stage.expect(&[(BruteForceAttack, High)]);
}

#[test]
fn ten_in_ten_minutes_are_an_attack_whatever_they_look_like() {
    let mut stage = settled(&["alice"]);
    fails(&mut stage, "alice", &elsewhere(berlin()), with(LAPTOP), 10, 20);
    stage.expect(&[(BruteForceAttack, High)]);
}

#[test]
fn whoever_guessed_with_another_device_gains_nothing_by_the_right_one_in_the_end() {
    let mut stage = settled(&["alice"]);
    let end = fails(&mut stage, "alice", &elsewhere(berlin()), with(PHONE), 6, 20);
    stage.sign_in("alice", &elsewhere(berlin()), with(LAPTOP), end);
    let severities: Vec<_> = stage.of(&BruteForceAttack).iter().map(|alert| alert.severity.clone()).collect();
    assert_eq!(severities, [Critical]);
}

#[test]
fn whoever_knows_only_the_browser_and_the_country_is_seen_after_seven() {
    let mut stage = settled(&["alice"]);
    fails(&mut stage, "alice", &munich(), with(LAPTOP), 6, 20);
    stage.expect_nothing();
    let mut stage = settled(&["alice"]);
    fails(&mut stage, "alice", &munich(), with(LAPTOP), 7, 28);
    stage.expect(&[(BruteForceAttack, High)]);
    // One in a minute is how somebody thinks.
    let mut stage = settled(&["alice"]);
    fails(&mut stage, "alice", &munich(), with(LAPTOP), 8, MINUTE);
    stage.expect_nothing();
}

#[test]
fn a_guess_that_looks_like_the_owner_all_along_is_critical_when_it_succeeds() {
    let told = |from: &From, tries: i64, pause: i64, between: &[EventType]| {
        let mut stage = settled(&["alice"]);
        let end = fails(&mut stage, "alice", from, with(LAPTOP), tries, pause);
        for event in between {
            stage.event(event.clone(), "alice", from, with(LAPTOP), end);
        }
        stage.sign_in("alice", from, with(LAPTOP), end + 20);
        stage.of(&BruteForceAttack).iter().map(|alert| alert.severity.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&munich(), 8, 25, &[]), [Critical]);
    assert_eq!(told(&munich(), 40, 15, &[]), [Critical]);
    assert_eq!(told(&munich(), 12, 250, &[]), [Critical], "slowly, seen by account");
    assert_eq!(told(&elsewhere(berlin()), 40, 15, &[]), [Critical]);
    assert_eq!(told(&munich(), 8, 25, &[EventType::AUTH_PASSWORD_RESET]), [High]);
    assert!(told(&munich(), 6, 25, &[]).is_empty());
}

#[test]
fn the_owner_on_the_way_does_not_end_somebody_else_s_guess() {
    let mut stage = settled(&["alice"]);
    for number in 0..12 {
        let mut from = tokyo();
        from.ip = format!("192.0.2.{number}");
        stage.event(EventType::AUTH_LOGIN_FAILED, "alice", &from, with(FIREFOX), NOW + number * 100);
    }
    stage.event(EventType::AUTH_LOGIN_FAILED, "alice", &munich(), with(LAPTOP), NOW + 1_210);
    stage.sign_in("alice", &munich(), with(LAPTOP), NOW + 1_220);
    let severities: Vec<_> = stage.of(&BruteForceAttack).iter().map(|alert| alert.severity.clone()).collect();
    assert_eq!(severities, [High]);
}

/// How severe the brute force is told after six failures from abroad, these events, and a sign-in.
fn after_six_failures(between: &[(EventType, i64)]) -> AlertSeverity {
    let mut stage = settled(&["alice"]);
    let end = fails(&mut stage, "alice", &tokyo(), with(LAPTOP), 6, 20);
    for (event, after) in between {
        stage.event(event.clone(), "alice", &tokyo(), with(LAPTOP), end + after);
    }
    stage.sign_in("alice", &tokyo(), with(LAPTOP), end + 120);
    let [alert] = stage.of(&BruteForceAttack)[..] else { panic!("one brute force") };
    alert.severity.clone()
}

#[test]
fn whoever_resets_the_password_has_not_guessed_it() {
    let asked = (EventType::AUTH_PASSWORD_RESET_REQUESTED, 10);
    assert_eq!(after_six_failures(&[(EventType::AUTH_PASSWORD_RESET, 60)]), High);
    assert_eq!(after_six_failures(&[asked.clone(), (EventType::AUTH_PASSWORD_RESET_COMPLETED, 60)]), High);
    assert_eq!(after_six_failures(&[]), Critical);
    assert_eq!(after_six_failures(&[asked]), Critical, "anybody may ask for a reset");
    // Nor does one count that was long before, or that wrong passwords came after.
    assert_eq!(after_six_failures(&[(EventType::AUTH_PASSWORD_RESET, -3_600)]), Critical);
    let again = [(EventType::AUTH_PASSWORD_RESET, 30), (EventType::AUTH_LOGIN_FAILED, 60)];
    assert_eq!(after_six_failures(&again), Critical);
}

#[test]
fn a_brute_force_that_was_told_is_not_told_again_as_suspicious_activity() {
    let hidden = |from: From| from.with(|known| known.network.is_vpn = true);
    let told = |then: &From| {
        let mut stage = settled(&["alice"]);
        let end = fails(&mut stage, "alice", &hidden(tokyo()), with(LAPTOP), 12, 20);
        stage.event(EventType::AUTH_PASSWORD_RESET, "alice", then, with(LAPTOP), end + 60);
        stage.sign_in("alice", then, with(LAPTOP), end + 90);
        let severities = |kind| stage.of(kind).iter().map(|alert| alert.severity.clone()).collect::<Vec<_>>();
        (severities(&BruteForceAttack), severities(&SuspiciousActivity))
    };
    assert_eq!(told(&hidden(tokyo())), (vec![High], vec![]));
    // What comes from elsewhere meanwhile, nobody was told of.
    assert_eq!(told(&hidden(paris())), (vec![High], vec![High]));
}

#[test]
fn one_password_for_each_of_many_is_a_spray_though_each_looks_like_its_owner() {
    let names = ["ann", "bob", "cem", "dan", "eva", "fay", "gus", "hal"];
    let mut stage = settled(&names);
    for (number, account) in (0..).zip(names) {
        let at = NOW + number * 25 * MINUTE;
        stage.event(EventType::AUTH_LOGIN_FAILED, account, &elsewhere(berlin()), with(LAPTOP), at);
    }
    let alerts = stage.of(&BruteForceAttack);
    assert_eq!(alerts.len(), 1, "one source, one alert");
    assert_eq!(
        (alerts[0].evidence.accounts, &alerts[0].evidence.rules[..]),
        (8, &["password_spray".to_owned()][..])
    );
}

#[test]
fn eight_colleagues_behind_one_address_who_also_sign_in_are_no_spray() {
    let names = ["ann", "bob", "cem", "dan", "eva", "fay", "gus", "hal"];
    let mut stage = settled(&names);
    for (number, account) in (0..).zip(names) {
        let at = NOW + number * HOUR / 3;
        stage.event(EventType::AUTH_LOGIN_FAILED, account, &elsewhere(berlin()), with(LAPTOP), at);
        stage.sign_in(account, &elsewhere(berlin()), with(LAPTOP), at + 20);
    }
    assert_eq!(stage.of(&BruteForceAttack).len(), 0);
}
