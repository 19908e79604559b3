//! Impossible travel: what it sees, and all that it must leave alone.

use crate::sign_ins::{
    DAY, FIREFOX, From, HOUR, LAPTOP, MINUTE, PHONE, Stage, With, berlin, madrid, munich, paris, tokyo, town,
    with,
};
use litesoc_detect::Settings;
use litesoc_model::AlertSeverity::{Critical, High, Low, Medium};
use litesoc_model::AlertType::{GeoAnomaly, ImpossibleTravel, NewDevice};

/// Alice works in Berlin for three weeks.
fn settled() -> Stage {
    let mut stage = Stage::new();
    stage.routine("alice", &berlin(), with(LAPTOP), 0..21);
    stage.expect_nothing();
    stage
}

const NOW: i64 = 21 * DAY + 9 * HOUR;

#[test]
fn berlin_to_tokyo_in_41_minutes_is_told_in_words() {
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    let raised = stage.sign_in("alice", &tokyo(), with(FIREFOX), NOW + 41 * MINUTE);
    let alert = raised.iter().find(|alert| alert.alert_type == ImpossibleTravel).expect("an alert");
    insta::assert_json_snapshot!(alert);
    stage.expect(&[(ImpossibleTravel, Critical), (GeoAnomaly, Medium), (NewDevice, Medium)]);
}

#[test]
fn the_first_days_of_an_account_are_no_free_pass() {
    let mut stage = Stage::new();
    stage.sign_in("alice", &berlin(), with(LAPTOP), 0);
    stage.sign_in("alice", &tokyo(), with(LAPTOP), 2 * HOUR);
    stage.expect(&[(ImpossibleTravel, High)]);
}

#[test]
fn in_the_first_two_weeks_of_an_organisation_a_country_without_anybody_and_a_new_device_are_told() {
    let seville = town("ES", "Spain", "Seville", (37.39, -5.99), 64_650);
    let travels = |days: i64, to: &From, agent, colleague: &From| -> Vec<litesoc_model::AlertSeverity> {
        let mut stage = Stage::new();
        stage.organization = "new_organisation";
        stage.routine("alice", &berlin(), with(LAPTOP), 0..days);
        stage.routine("bob", colleague, with(LAPTOP), 0..days);
        let at = days * DAY + 9 * HOUR;
        stage.sign_in("alice", &berlin(), with(LAPTOP), at);
        stage.sign_in("alice", to, with(agent), at + HOUR);
        stage.of(&ImpossibleTravel).iter().map(|alert| alert.severity.clone()).collect::<Vec<_>>()
    };
    // Nobody was ever in Japan: two sign-ins are enough.
    assert_eq!(travels(0, &tokyo(), LAPTOP, &berlin()), vec![Medium]);
    assert_eq!(travels(8, &tokyo(), LAPTOP, &berlin()), vec![Medium]);
    assert_eq!(travels(8, &tokyo(), FIREFOX, &tokyo()).len(), 0, "a network of the organisation");
    // A colleague is in Spain, on another network.
    assert_eq!(travels(8, &seville, LAPTOP, &madrid()).len(), 0, "her own device");
    assert_eq!(travels(8, &seville, FIREFOX, &madrid()), vec![Medium]);
    assert_eq!(travels(20, &tokyo(), LAPTOP, &berlin()), vec![High], "old enough");
}

#[test]
fn in_the_first_two_weeks_a_journey_is_told_without_data_about_networks() {
    let nowhere = |place: From| place.with(|known| known.network.asn = None);
    let mut stage = Stage::new();
    stage.organization = "new_organisation";
    stage.sign_in("alice", &nowhere(berlin()), with(LAPTOP), 0);
    stage.sign_in("alice", &nowhere(tokyo()), with(LAPTOP), 30 * MINUTE);
    stage.expect(&[(ImpossibleTravel, Medium)]);
}

#[test]
fn an_address_no_list_knows_is_like_the_rest_of_its_network() {
    let exit = town("JP", "Japan", "Tokyo", (35.68, 139.69), 64_900);
    let listed = exit.clone().with(|known| known.network.is_vpn = true);
    let told = |listed_sign_ins: i64, unlisted_sign_ins: i64| {
        let mut stage = settled();
        for turn in 0..listed_sign_ins {
            stage.routine(&format!("listed_{turn}"), &listed, with(LAPTOP), 10..11);
        }
        for turn in 0..unlisted_sign_ins {
            stage.routine(&format!("unlisted_{turn}"), &exit, with(LAPTOP), 10..11);
        }
        stage.alerts.clear();
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
        stage.sign_in("alice", &exit, with(FIREFOX), NOW + 41 * MINUTE);
        stage.of(&ImpossibleTravel).len()
    };
    assert_eq!(told(12, 1), 0);
    assert_eq!(told(0, 0), 1);
    // Sign-ins from addresses on no list teach nothing of the kind, nor does a list that knows few of a network.
    assert_eq!(told(0, 2), 1);
    assert_eq!(told(1, 1), 1);
}

#[test]
fn a_telephone_that_roams_explains_usual_devices_and_no_new_one() {
    let carrier = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_510).mobile();
    let mut stage = settled();
    stage.routine("alice", &berlin(), with(PHONE), 21..26);
    stage.routine("alice", &carrier, with(PHONE), 26..31);
    stage.alerts.clear();
    let at = 31 * DAY + 9 * HOUR;
    stage.sign_in("alice", &carrier, with(PHONE), at);
    stage.sign_in("alice", &madrid(), with(LAPTOP), at + 20 * MINUTE);
    assert!(stage.of(&ImpossibleTravel).is_empty());
    stage.sign_in("alice", &carrier, with(PHONE), at + HOUR);
    stage.sign_in("alice", &tokyo(), with(FIREFOX), at + 2 * HOUR);
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
}

#[test]
fn nobody_is_asked_about_a_train_a_flight_or_a_border_town() {
    let mut stage = settled();
    // 500 km by train in two and a half hours, then on to Paris and to Madrid by plane.
    stage.sign_in("alice", &munich(), with(LAPTOP), NOW);
    stage.sign_in("alice", &paris(), with(LAPTOP), NOW + 3 * HOUR);
    stage.sign_in("alice", &madrid(), with(LAPTOP), NOW + 5 * HOUR);
    assert!(stage.of(&ImpossibleTravel).is_empty());
    // Basel and Mulhouse are 30 km apart in two countries.
    let basel = town("CH", "Switzerland", "Basel", (47.56, 7.59), 64_600);
    let mulhouse = town("FR", "France", "Mulhouse", (47.75, 7.34), 64_601);
    let mut stage = Stage::new();
    stage.routine("bob", &basel, with(LAPTOP), 0..21);
    stage.sign_in("bob", &mulhouse, with(LAPTOP), NOW);
    stage.sign_in("bob", &basel, with(LAPTOP), NOW + MINUTE);
    stage.expect_nothing();
}

#[test]
fn a_flight_round_the_world_at_900_km_an_hour_is_possible_and_one_at_1_200_is_not() {
    let (auckland, honolulu) = (
        town("NZ", "New Zealand", "Auckland", (-36.85, 174.76), 64_610),
        town("US", "United States", "Honolulu", (21.31, -157.86), 64_611),
    );
    // 7,080 km across the date line.
    for (hours, told) in [(8, 0), (6, 1)] {
        let mut stage = Stage::new();
        stage.sign_in("kim", &auckland, with(LAPTOP), 0);
        stage.sign_in("kim", &honolulu, with(LAPTOP), hours * HOUR);
        assert_eq!(stage.of(&ImpossibleTravel).len(), told, "{hours} h");
    }
}

#[test]
fn databases_that_err_by_less_than_their_radius_raise_no_alarm() {
    let wide = |place: From, radius| {
        place.with(|known| {
            let place = known.place.as_mut().unwrap();
            place.position.as_mut().unwrap().radius_km = Some(radius);
        })
    };
    // 505 km apart; with 50 km around each, less than 500 may be left.
    let mut stage = Stage::new();
    stage.sign_in("alice", &berlin(), with(LAPTOP), 0);
    stage.sign_in("alice", &munich(), with(LAPTOP), 5 * MINUTE);
    stage.expect_nothing();
    let mut stage = Stage::new();
    stage.sign_in("alice", &wide(berlin(), 1_000), with(LAPTOP), 0);
    stage.sign_in("alice", &wide(madrid(), 1_000), with(LAPTOP), 5 * MINUTE);
    stage.expect_nothing();
    // The poles, and the same place twice.
    let pole = |longitude| town("AQ", "Antarctica", "South Pole", (-90.0, longitude), 64_620);
    stage.sign_in("amundsen", &pole(0.0), with(LAPTOP), 0);
    stage.sign_in("amundsen", &pole(170.0), with(LAPTOP), 0);
    stage.expect_nothing();
}

#[test]
fn there_and_back_counts_once() {
    let mut stage = settled();
    for turn in 0..12 {
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + turn * HOUR);
        stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + turn * HOUR + 30 * MINUTE);
    }
    let alerts = stage.of(&ImpossibleTravel);
    assert_eq!((alerts.len(), alerts[0].count), (1, 2), "one alert of two events");
}

#[test]
fn a_vpn_tor_a_proxy_a_relay_or_a_data_centre_raises_no_alarm_and_hides_no_true_one() {
    let ways: [fn(&mut litesoc_model::Network); 5] = [
        |network| network.is_vpn = true,
        |network| network.is_tor = true,
        |network| network.is_proxy = true,
        |network| network.is_relay = true,
        |network| network.is_datacenter = true,
    ];
    for hide in ways {
        let mut stage = settled();
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
        stage.sign_in(
            "alice",
            &tokyo().with(|known| hide(&mut known.network)),
            with(LAPTOP),
            NOW + 5 * MINUTE,
        );
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + 10 * MINUTE);
        assert!(stage.of(&ImpossibleTravel).is_empty());
        // The place before the VPN is still the one that counts.
        stage.sign_in("alice", &madrid(), with(LAPTOP), NOW + 30 * MINUTE);
        assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
    }
}

#[test]
fn a_vpn_that_no_list_knows_is_told_once_a_day_until_somebody_marks_it_safe() {
    let mut stage = Stage::new();
    let toggles = |stage: &mut Stage, day: i64| {
        for turn in 0..4 {
            let at = day * DAY + 8 * HOUR + turn * 2 * HOUR;
            stage.sign_in("carol", &madrid(), with(LAPTOP), at);
            stage.sign_in("carol", &paris(), with(LAPTOP), at + 10 * MINUTE);
        }
    };
    for day in 0..3 {
        toggles(&mut stage, day);
        assert_eq!(stage.of(&ImpossibleTravel).len() as i64, day + 1);
    }
    let latest = stage.alerts.last().unwrap().id;
    stage.detector.trust(latest);
    stage.alerts.clear();
    for day in 3..30 {
        toggles(&mut stage, day);
    }
    stage.expect_nothing();
    // What is known now to be no place is no reason for an alert when she travels.
    stage.sign_in("carol", &paris(), with(LAPTOP), 30 * DAY);
    stage.sign_in("carol", &berlin(), with(LAPTOP), 30 * DAY + 20 * MINUTE);
    assert!(stage.of(&ImpossibleTravel).is_empty());
}

#[test]
fn what_is_marked_safe_is_not_told_again() {
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    stage.sign_in("alice", &paris(), with(LAPTOP), NOW + 10 * MINUTE);
    let alerts: Vec<_> = stage.alerts.iter().map(|alert| alert.id).collect();
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
    for alert in alerts {
        stage.detector.trust(alert);
    }
    stage.alerts.clear();
    for day in 1..20 {
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + day * DAY);
        stage.sign_in("alice", &paris(), with(LAPTOP), NOW + day * DAY + 10 * MINUTE);
    }
    stage.expect_nothing();
}

#[test]
fn an_exit_that_a_good_part_of_the_organisation_uses_is_nobody_s_journey() {
    let mut stage = Stage::new();
    for number in 0..10 {
        let actor = format!("user_{number}");
        stage.routine(&actor, &paris(), with(LAPTOP), 0..14);
    }
    stage.routine("alice", &madrid(), with(LAPTOP), 0..14);
    stage.expect_nothing();
    stage.sign_in("alice", &madrid(), with(LAPTOP), NOW);
    stage.sign_in("alice", &paris(), with(LAPTOP), NOW + 10 * MINUTE);
    stage.expect_nothing();
    // From there to somewhere strange is one all the same.
    stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + 40 * MINUTE);
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
}

#[test]
fn a_carrier_s_gateway_far_away_raises_no_alarm_and_hides_no_true_one() {
    let hub = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_510).mobile();
    let far_hub = town("DE", "Germany", "Oberstdorf", (47.41, 10.28), 64_510).mobile();
    let mut stage = settled();
    for turn in 0..20 {
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + turn * 20 * MINUTE);
        stage.sign_in("alice", &hub, with(PHONE), NOW + turn * 20 * MINUTE + 5 * MINUTE);
        stage.sign_in("alice", &far_hub, with(PHONE), NOW + turn * 20 * MINUTE + 10 * MINUTE);
    }
    assert!(stage.of(&ImpossibleTravel).is_empty());
    stage.sign_in("alice", &tokyo(), with(FIREFOX), NOW + 20 * 20 * MINUTE);
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
}

#[test]
fn somebody_who_roams_on_the_carrier_from_home_is_in_one_place() {
    let carrier = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_510).mobile();
    let phone = With { agent: PHONE, device: "phone" };
    let laptop = With { agent: LAPTOP, device: "laptop" };
    let mut stage = Stage::new();
    stage.routine("alice", &berlin(), laptop, 0..21);
    stage.routine("alice", &carrier, phone, 0..21);
    // Flies to Tokyo overnight; the telephone is routed home, the laptop uses the hotel's line.
    stage.sign_in("alice", &berlin(), laptop, 21 * DAY + 20 * HOUR);
    for turn in 0..6 {
        let at = 22 * DAY + 9 * HOUR + turn * HOUR;
        stage.sign_in("alice", &carrier, phone, at);
        stage.sign_in("alice", &tokyo(), laptop, at + 10 * MINUTE);
    }
    assert!(stage.of(&ImpossibleTravel).is_empty());
}

#[test]
fn a_telephone_that_knows_gateways_only_still_has_a_country() {
    let carrier = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_510).mobile();
    let mut stage = Stage::new();
    stage.routine("alice", &carrier, with(PHONE), 0..21);
    stage.sign_in("alice", &carrier, with(PHONE), NOW);
    stage.sign_in("alice", &tokyo(), with(LAPTOP), NOW + 41 * MINUTE);
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
}

#[test]
fn one_line_with_two_places_for_ipv4_and_ipv6_raises_no_alarm() {
    let v6 = town("ES", "Spain", "Barcelona", (42.5, 3.0), 64_504);
    let far = town("ES", "Spain", "Tenerife", (28.47, -16.25), 64_504);
    let mut stage = Stage::new();
    stage.routine("carol", &madrid(), with(LAPTOP), 0..14);
    stage.sign_in("carol", &v6, with(LAPTOP), NOW);
    stage.sign_in("carol", &far, with(LAPTOP), NOW + MINUTE);
    assert!(stage.of(&ImpossibleTravel).is_empty());
    stage.alerts.clear();
    // Of an account that is hardly known it is told, with low severity.
    stage.sign_in("dave", &v6, with(LAPTOP), NOW);
    stage.sign_in("dave", &far, with(LAPTOP), NOW + MINUTE);
    stage.expect(&[(ImpossibleTravel, Low)]);
}

#[test]
fn the_same_device_at_both_ends_is_of_low_severity() {
    let laptop = With { agent: LAPTOP, device: "7d1f" };
    let mut stage = Stage::new();
    stage.routine("alice", &berlin(), laptop, 0..14);
    stage.sign_in("alice", &berlin(), laptop, NOW);
    stage.sign_in("alice", &tokyo(), laptop, NOW + 10 * MINUTE);
    stage.expect(&[(ImpossibleTravel, Low), (GeoAnomaly, Low)]);
    // The same two places with another device are worse and told.
    stage.sign_in("alice", &berlin(), laptop, NOW + 2 * HOUR);
    stage.sign_in("alice", &tokyo(), With { agent: FIREFOX, device: "other" }, NOW + 2 * HOUR + MINUTE);
    assert_eq!(stage.of(&ImpossibleTravel).last().unwrap().severity, Critical);
}

#[test]
fn satellite_networks_and_trusted_ones_are_no_places() {
    let starlink = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 14_593);
    let ground = town("ES", "Spain", "Madrid", (40.417, -3.703), 14_593);
    let office = tokyo().with(|known| known.network.is_allowed = true);
    let mut stage = Stage::new();
    stage.routine("alice", &starlink, with(LAPTOP), 0..14);
    for turn in 0..5 {
        stage.sign_in("alice", &starlink, with(LAPTOP), NOW + turn * 10 * MINUTE);
        stage.sign_in("alice", &ground, with(LAPTOP), NOW + turn * 10 * MINUTE + MINUTE);
        stage.sign_in("alice", &office, with(LAPTOP), NOW + turn * 10 * MINUTE + 2 * MINUTE);
    }
    assert!(stage.of(&ImpossibleTravel).is_empty());
}

#[test]
fn data_that_knows_the_country_only_tells_far_ones_apart_and_no_neighbours() {
    let only = |code: &str, country: &str| {
        town(code, country, "", (0.0, 0.0), 64_700)
            .with(|known| known.place.as_mut().unwrap().position = None)
    };
    let mut stage = Stage::new();
    stage.sign_in("alice", &only("DE", "Germany"), with(LAPTOP), 0);
    stage.sign_in("alice", &only("PL", "Poland"), with(LAPTOP), MINUTE);
    stage.sign_in("alice", &only("FR", "France"), with(LAPTOP), 2 * MINUTE);
    stage.expect_nothing();
    stage.sign_in("alice", &only("JP", "Japan"), with(LAPTOP), 60 * MINUTE);
    // Three sign-ins are enough to call a country unusual in which nobody of the organisation was seen.
    stage.expect(&[(ImpossibleTravel, High), (GeoAnomaly, Medium)]);
}

#[test]
fn a_late_event_finds_its_neighbours() {
    // A true one that arrives late is found.
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + 50 * MINUTE);
    stage.sign_in("alice", &tokyo(), with(FIREFOX), NOW + 20 * MINUTE);
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
    // One that belongs before a flight is no reason.
    let mut stage = settled();
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    stage.sign_in("alice", &tokyo(), with(FIREFOX), NOW + 14 * HOUR);
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + 2 * HOUR);
    assert!(stage.of(&ImpossibleTravel).is_empty());
    // One that arrives late hides no later one.
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + 14 * HOUR + 30 * MINUTE);
    assert_eq!(stage.of(&ImpossibleTravel).len(), 1);
}

#[test]
fn more_than_a_day_later_everybody_can_be_anywhere() {
    let far = town("NZ", "New Zealand", "Auckland", (-36.85, 174.76), 64_610);
    let mut stage = Stage::new();
    stage.sign_in("alice", &madrid(), with(LAPTOP), 0);
    stage.sign_in("alice", &far, with(LAPTOP), DAY + MINUTE);
    stage.expect_nothing();
}

#[test]
fn private_unknown_and_missing_addresses_are_nowhere() {
    let private = tokyo().with(|known| known.network.is_private = true);
    let mut stage = settled();
    for (turn, from) in
        (0..).zip([private, From::default(), From { ip: "192.0.2.1".to_owned(), known: None }])
    {
        stage.sign_in("alice", &from, with(LAPTOP), NOW + turn * MINUTE);
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW + turn * MINUTE + 30);
    }
    stage.expect_nothing();
}

#[test]
fn distance_and_speed_are_settings() {
    let mut settings = Settings::default();
    (settings.travel.distance_km, settings.travel.speed_kmh) = (300, 500);
    let mut stage = Stage::with(settings);
    stage.sign_in("alice", &berlin(), with(LAPTOP), 0);
    stage.sign_in("alice", &munich(), with(LAPTOP), 30 * MINUTE);
    stage.expect(&[(ImpossibleTravel, High)]);
    let mut settings = Settings::default();
    (settings.travel.distance_km, settings.travel.common_percent) = (0, 0);
    assert_eq!(settings.validate().unwrap_err().problems().len(), 2);
}
