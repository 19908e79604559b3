//! Countries, devices and networks that are unusual for an account, and what an account learns from whom.

use crate::sign_ins::{
    DAY, FIREFOX, From, HOUR, LAPTOP, MINUTE, PHONE, Stage, With, berlin, madrid, munich, paris, tokyo, town,
    with,
};
use litesoc_detect::Settings;
use litesoc_events::EventType;
use litesoc_model::AlertSeverity::{Critical, High, Low, Medium};
use litesoc_model::AlertType::{GeoAnomaly, HighRiskCountry, ImpossibleTravel, NewDevice, SuspiciousNetwork};

const NOW: i64 = 22 * DAY;

/// Alice works in Berlin for three weeks.
fn settled() -> Stage {
    let mut stage = Stage::new();
    stage.routine("alice", &berlin(), with(LAPTOP), 0..21);
    stage.expect_nothing();
    stage
}

fn tor(place: From) -> From {
    place.with(|known| (known.network.is_tor, known.network.asn) = (true, Some(64_900)))
}

fn datacenter(place: From) -> From {
    place.with(|known| (known.network.is_datacenter, known.network.asn) = (true, Some(64_901)))
}

fn vpn(place: From) -> From {
    place.with(|known| (known.network.is_vpn, known.network.asn) = (true, Some(64_902)))
}

#[test]
fn a_new_country_is_told_in_words() {
    let mut stage = settled();
    let raised = stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW);
    let [alert] = &raised[..] else { panic!("one alert, not {}", raised.len()) };
    insta::assert_snapshot!(format!(
        "{}\n\n{}\n\n{:#?}",
        alert.title, alert.description, alert.evidence.facts
    ));
    stage.expect(&[(GeoAnomaly, Medium)]);
}

#[test]
fn a_new_country_after_failures_is_high_and_through_a_vpn_one_step_less() {
    let failing = |stage: &mut Stage, from: &From, failures: i64| {
        for number in 0..failures {
            stage.event(
                EventType::AUTH_LOGIN_FAILED,
                "alice",
                from,
                with(LAPTOP),
                NOW - 10 * MINUTE + number,
            );
        }
        stage.sign_in("alice", from, with(LAPTOP), NOW);
        stage.of(&GeoAnomaly)[0].severity.clone()
    };
    assert_eq!(failing(&mut settled(), &tokyo(), 2), Medium);
    assert_eq!(failing(&mut settled(), &tokyo(), 3), High);
    assert_eq!(failing(&mut settled(), &vpn(tokyo()), 0), Low);
    assert_eq!(failing(&mut settled(), &vpn(tokyo()), 3), Medium);
}

#[test]
fn a_country_of_the_organisation_is_unusual_only_after_ten_sign_ins_or_two_weeks() {
    let mut stage = Stage::new();
    stage.routine("colleague", &tokyo(), with(LAPTOP), 0..3);
    stage.routine("alice", &berlin(), with(LAPTOP), 0..3);
    stage.sign_in("alice", &tokyo(), with(LAPTOP), 5 * DAY);
    stage.expect_nothing();
    let mut stage = Stage::new();
    stage.sign_in("bob", &berlin(), with(LAPTOP), 0);
    stage.sign_in("bob", &tokyo(), with(LAPTOP), 15 * DAY);
    stage.expect(&[(GeoAnomaly, Medium)]);
}

#[test]
fn a_country_where_nobody_was_seen_is_unusual_after_three_sign_ins() {
    let told = |days: i64| {
        let mut stage = Stage::new();
        stage.routine("alice", &berlin(), with(LAPTOP), 0..days);
        stage.sign_in("alice", &tokyo(), with(LAPTOP), 5 * DAY);
        stage.of(&GeoAnomaly).len()
    };
    // A day of the routine has one sign-in or more.
    assert_eq!((told(0), told(3)), (0, 1));
}

#[test]
fn a_country_across_the_border_the_organisation_s_own_and_a_trusted_network_are_left_alone() {
    let kehl = town("DE", "Germany", "Kehl", (48.57, 7.81), 64_601);
    let strasbourg = town("FR", "France", "Strasbourg", (48.57, 7.75), 64_602);
    let mut stage = Stage::new();
    stage.routine("bob", &kehl, with(LAPTOP), 0..21);
    stage.sign_in("bob", &strasbourg, with(LAPTOP), NOW);
    stage.expect_nothing();

    let mut stage = settled();
    for number in 0..6 {
        stage.routine(&format!("user_{number}"), &paris(), with(LAPTOP), 0..10);
    }
    stage.sign_in("alice", &paris(), with(LAPTOP), NOW);
    stage.expect_nothing();

    let mut stage = settled();
    let office = tokyo().with(|known| known.network.is_allowed = true);
    stage.sign_in("alice", &office, with(LAPTOP), NOW);
    stage.expect_nothing();
}

#[test]
fn a_new_place_of_a_usual_country_is_low() {
    let mut stage = settled();
    stage.sign_in("alice", &munich(), with(LAPTOP), NOW);
    assert_eq!(stage.alerts[0].title, "alice signed in from a new place: Munich, Germany");
    stage.expect(&[(GeoAnomaly, Low)]);
    // A large provider serves the attacker as well, so its network vouches for nothing. Once told is enough.
    let own_network = town("DE", "Germany", "Hamburg", (53.55, 9.99), 64_500);
    stage.sign_in("alice", &own_network, with(LAPTOP), NOW + DAY);
    stage.sign_in("alice", &own_network, with(LAPTOP), NOW + DAY + HOUR);
    stage.expect(&[(GeoAnomaly, Low)]);
    // Near home, behind a gateway, or on the account's own device it is nothing.
    let suburb = town("DE", "Germany", "Potsdam", (52.4, 13.06), 64_620);
    let gateway = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_621).mobile();
    for (turn, from) in (2..).zip([suburb, gateway]) {
        stage.sign_in("alice", &from, with(LAPTOP), NOW + turn * DAY);
    }
    stage.expect_nothing();
    let laptop = With { agent: LAPTOP, device: "7d1f" };
    stage.routine("bob", &berlin(), laptop, 0..21);
    stage.sign_in("bob", &munich(), laptop, NOW);
    stage.expect_nothing();
}

#[test]
fn a_country_told_once_is_told_again_after_a_week_unless_marked_safe() {
    let mut stage = settled();
    for day in 0..7 {
        stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + day * DAY);
    }
    assert_eq!(stage.of(&GeoAnomaly).len(), 1);
    stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + 7 * DAY);
    assert_eq!(stage.of(&GeoAnomaly).len(), 2);
    let alert = stage.alerts[1].id;
    stage.detector.trust(alert);
    stage.alerts.clear();
    for day in 8..60 {
        stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + day * DAY);
    }
    stage.expect_nothing();
}

#[test]
fn a_journey_with_the_account_s_own_device_is_low_and_becomes_usual_by_itself() {
    let laptop = With { agent: LAPTOP, device: "7d1f" };
    let mut stage = Stage::new();
    stage.routine("alice", &berlin(), laptop, 0..21);
    stage.routine("alice", &tokyo(), laptop, 22..50);
    stage.expect(&[(GeoAnomaly, Low)]);
}

#[test]
fn an_account_that_slept_learns_anew_and_is_told_softly_when_everything_is_new() {
    let mut stage = settled();
    stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + 120 * DAY);
    stage.expect_nothing();
    let mut stage = settled();
    stage.sign_in("alice", &tokyo(), with(FIREFOX), NOW + 120 * DAY);
    stage.expect(&[(GeoAnomaly, Low)]);
}

#[test]
fn a_new_device_is_low_at_home_and_medium_elsewhere() {
    let mut stage = settled();
    let raised = stage.sign_in("alice", &berlin(), with(PHONE), NOW);
    insta::assert_snapshot!(format!("{}\n\n{}", raised[0].title, raised[0].description));
    stage.expect(&[(NewDevice, Low)]);
    stage.sign_in("alice", &berlin(), with(PHONE), NOW + HOUR);
    stage.expect_nothing();
    stage.sign_in("alice", &munich(), with(FIREFOX), NOW + 12 * HOUR);
    stage.expect(&[(NewDevice, Medium)]);
}

#[test]
fn a_browser_update_a_first_week_and_an_event_without_device_are_no_new_device() {
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(&LAPTOP.replace("126.0.0.0", "127.0.0.0")), NOW);
    stage.sign_in("alice", &berlin(), with(""), NOW + HOUR);
    stage.expect_nothing();
    let mut stage = Stage::new();
    stage.routine("bob", &berlin(), with(LAPTOP), 0..4);
    stage.sign_in("bob", &berlin(), with(PHONE), 4 * DAY);
    stage.expect_nothing();
}

#[test]
fn ids_made_anew_for_every_session_tell_nothing() {
    let mut stage = Stage::new();
    for day in 0..40 {
        let id = format!("session-{day}");
        stage.sign_in("alice", &berlin(), With { agent: LAPTOP, device: &id }, day * DAY);
    }
    stage.expect_nothing();
    stage.sign_in("alice", &berlin(), With { agent: FIREFOX, device: "session-40" }, 40 * DAY);
    stage.expect(&[(NewDevice, Low)]);
}

#[test]
fn listed_countries_are_told_at_once_and_once() {
    let pyongyang = town("KP", "North Korea", "Pyongyang", (39.03, 125.75), 64_800);
    let mut stage = Stage::new();
    stage.sign_in("kim", &pyongyang, with(LAPTOP), 0);
    stage.sign_in("kim", &pyongyang, with(LAPTOP), DAY);
    assert_eq!(
        stage.of(&HighRiskCountry)[0].title,
        "kim signed in from North Korea, a country on your high-risk list"
    );
    stage.expect(&[(HighRiskCountry, High)]);
    let mut settings = Settings::default();
    settings.high_risk_country.countries = vec!["FR".to_owned()];
    let mut stage = Stage::with(settings.clone());
    stage.sign_in("kim", &pyongyang, with(LAPTOP), 0);
    stage.sign_in("claire", &paris(), with(LAPTOP), 0);
    stage.expect(&[(HighRiskCountry, High)]);
    settings.high_risk_country.countries.push("Atlantis".to_owned());
    assert_eq!(settings.validate().unwrap_err().problems().len(), 1);
}

#[test]
fn networks_that_hide_are_told_when_the_account_does_not_usually_hide() {
    let cases = [(tor(berlin()), High), (datacenter(berlin()), Medium), (vpn(berlin()), Low)];
    for (from, severity) in cases {
        let mut stage = settled();
        stage.sign_in("alice", &from, with(LAPTOP), NOW);
        stage.sign_in("alice", &from, with(LAPTOP), NOW + DAY);
        stage.expect(&[(SuspiciousNetwork, severity)]);
    }
    let mut stage = settled();
    let unwanted = berlin().with(|known| (known.network.is_denied, known.network.asn) = (true, Some(64_903)));
    stage.sign_in("alice", &unwanted, with(LAPTOP), NOW);
    stage.expect(&[(SuspiciousNetwork, High)]);
    let relay = berlin().with(|known| (known.network.is_relay, known.network.is_datacenter) = (true, true));
    let trusted = vpn(berlin()).with(|known| known.network.is_allowed = true);
    stage.sign_in("alice", &relay, with(LAPTOP), NOW + HOUR);
    stage.sign_in("alice", &trusted, with(LAPTOP), NOW + 2 * HOUR);
    stage.expect_nothing();
}

#[test]
fn who_always_hides_is_not_told_daily() {
    let mut stage = Stage::new();
    for from in [vpn(berlin()), datacenter(berlin())] {
        for day in 0..60 {
            stage.sign_in("robot", &from, with("AcmeSync/1.0"), day * DAY);
        }
        assert!(stage.of(&SuspiciousNetwork).len() <= 9, "{}", stage.of(&SuspiciousNetwork).len());
        stage = Stage::new();
    }
    for day in 0..60 {
        let exit = vpn([berlin(), paris(), madrid()][day as usize % 3].clone());
        stage.sign_in("nomad", &exit, with(LAPTOP), day * DAY);
    }
    stage.expect_nothing();
}

#[test]
fn a_failed_travel_a_day_teaches_nothing() {
    let mut stage = settled();
    for day in 0..40 {
        let at = NOW + day * DAY;
        stage.sign_in("alice", &berlin(), with(LAPTOP), at);
        stage.sign_in("alice", &madrid(), with(FIREFOX), at + 30 * MINUTE);
        // Once more, when the travel is told already and nothing new shows.
        stage.sign_in("alice", &madrid(), with(FIREFOX), at + 60 * MINUTE);
        stage.sign_in("alice", &berlin(), with(LAPTOP), at + 9 * HOUR);
    }
    let travels = stage.of(&ImpossibleTravel);
    assert!(travels.len() >= 39, "{} alerts in 40 days", travels.len());
    assert_eq!(travels.last().unwrap().severity, Critical);
}

#[test]
fn a_new_device_a_day_from_a_strange_network_stays_of_medium_severity() {
    let devices =
        ["curl/8.0", "Mallory/1.0", "Mallet/1.0", FIREFOX, PHONE, "Wget/1.2", "okhttp/4.9", "Trudy/1.1"];
    let mut stage = settled();
    for (day, agent) in (0..).zip(devices) {
        let at = NOW + day * DAY;
        stage.sign_in("alice", &berlin(), with(LAPTOP), at);
        stage.sign_in("alice", &munich(), with(agent), at + 8 * HOUR);
        stage.expect(&[(NewDevice, Medium)]);
    }
}

#[test]
fn the_second_sign_in_of_an_intruder_is_not_believed_for_raising_no_alert() {
    let far = town("DE", "Germany", "Freiburg", (47.3, 7.0), 64_777);
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    stage.sign_in("alice", &far, with(LAPTOP), NOW + 5 * MINUTE);
    stage.expect(&[(ImpossibleTravel, High)]);
    for day in 0..10 {
        stage.sign_in("alice", &far, with(LAPTOP), NOW + day * DAY + HOUR);
        stage.sign_in("alice", &far, with(LAPTOP), NOW + day * DAY + 2 * HOUR);
    }
    stage.alerts.clear();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + 12 * DAY);
    stage.sign_in("alice", &far, with(PHONE), NOW + 12 * DAY + 5 * MINUTE);
    stage.expect(&[(ImpossibleTravel, Critical), (NewDevice, Medium)]);
}

#[test]
fn hostile_words_stay_inside_their_sentence() {
    let hostile = town("JP", "Ja\u{1b}[31mpan\n", "To\"kyo\r\nCritical: all is well", (35.7, 139.7), 64_503);
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    stage.sign_in("alice", &hostile, with("Evil\u{7}\n\u{202e}gent/1 (x)"), NOW + MINUTE);
    assert_eq!(stage.alerts.len(), 3);
    for alert in &stage.alerts {
        for text in [&alert.title, &alert.description] {
            assert!(!text.contains(char::is_control) && text.chars().count() < 1_500, "{text:?}");
        }
    }
}
