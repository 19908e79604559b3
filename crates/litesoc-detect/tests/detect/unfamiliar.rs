//! Sign-ins that look like their owner's but for the line they come from, and what networks nobody listed turn out to be.

use crate::sign_ins::{
    DAY, FIREFOX, From, HOUR, LAPTOP, MINUTE, PHONE, Stage, berlin, madrid, munich, paris, tokyo, town, with,
};
use litesoc_events::EventType;
use litesoc_model::AlertSeverity::{Critical, High, Low, Medium};
use litesoc_model::AlertType::{GeoAnomaly, ImpossibleTravel, NewDevice};

const NOW: i64 = 22 * DAY;
const NEWER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36";

/// Alice works in Berlin for three weeks.
fn settled() -> Stage {
    let mut stage = Stage::new();
    stage.routine("alice", &berlin(), with(LAPTOP), 0..21);
    stage.expect_nothing();
    stage
}

/// The same place and network from another address.
fn at(place: &From, ip: &str) -> From {
    From { ip: ip.to_owned(), ..place.clone() }
}

fn neighbour() -> From {
    town("DE", "Germany", "Berlin", (52.5, 13.45), 64_630)
}

#[test]
fn another_network_near_home_is_nothing_by_itself_and_low_with_something_else() {
    let mut stage = settled();
    stage.sign_in("alice", &neighbour(), with(LAPTOP), NOW);
    stage.expect_nothing();

    let mut stage = settled();
    stage.event(EventType::AUTH_LOGIN_FAILED, "alice", &neighbour(), with(LAPTOP), NOW - MINUTE);
    stage.sign_in("alice", &neighbour(), with(LAPTOP), NOW);
    assert_eq!(stage.alerts[0].title, "alice signed in from a new network in Berlin, Germany");
    stage.expect(&[(GeoAnomaly, Low)]);
    // Once told is enough.
    stage.event(EventType::AUTH_LOGIN_FAILED, "alice", &neighbour(), with(LAPTOP), NOW + DAY - MINUTE);
    stage.sign_in("alice", &neighbour(), with(LAPTOP), NOW + DAY);
    stage.expect_nothing();

    let mut stage = settled();
    stage.sign_in("alice", &neighbour(), with(NEWER), NOW);
    stage.expect(&[(GeoAnomaly, Low)]);

    for (hours, told) in [(1, 1), (3, 1), (5, 0)] {
        let mut stage = settled();
        stage.sign_in("alice", &berlin(), with(LAPTOP), NOW - hours * HOUR);
        stage.sign_in("alice", &neighbour(), with(LAPTOP), NOW);
        assert_eq!(stage.of(&GeoAnomaly).len(), told, "{hours} h after a sign-in from home");
    }
}

#[test]
fn an_update_or_a_wrong_password_at_home_and_an_address_of_colleagues_are_nothing() {
    let mut stage = settled();
    stage.event(EventType::AUTH_LOGIN_FAILED, "alice", &berlin(), with(NEWER), NOW - MINUTE);
    stage.sign_in("alice", &at(&berlin(), "198.51.100.77"), with(NEWER), NOW);
    stage.expect_nothing();

    let mut stage = settled();
    for colleague in ["bob", "carol", "dave"] {
        stage.routine(colleague, &neighbour(), with(LAPTOP), 0..10);
    }
    stage.sign_in("alice", &neighbour(), with(NEWER), NOW);
    stage.expect_nothing();
}

#[test]
fn a_town_known_by_a_gateway_vouches_for_no_line_in_it() {
    let gateway = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_510).mobile();
    let line = town("DE", "Germany", "Frankfurt", (50.12, 8.7), 64_511);
    let mut stage = Stage::new();
    stage.routine("bob", &berlin(), with(LAPTOP), 0..21);
    for day in 0..21 {
        stage.sign_in("bob", &gateway, with(PHONE), day * DAY + 12 * HOUR);
    }
    stage.alerts.clear();
    stage.sign_in("bob", &line, with(LAPTOP), NOW);
    assert_eq!(stage.alerts[0].title, "bob signed in from a new network in Frankfurt, Germany");
    stage.expect(&[(GeoAnomaly, Low)]);
}

#[test]
fn the_organisation_s_own_country_is_no_excuse_for_a_new_device() {
    let mut stage = settled();
    for number in 0..6 {
        stage.routine(&format!("user_{number}"), &paris(), with(LAPTOP), 0..10);
    }
    let line = town("FR", "France", "Lyon", (45.76, 4.84), 64_640);
    stage.sign_in("alice", &line, with(FIREFOX), NOW);
    stage.expect(&[(GeoAnomaly, Low), (NewDevice, Medium)]);
}

/// Three colleagues live in Berlin and use telephones and laptops on a network in Frankfurt that no list calls a carrier's.
fn with_unlisted(agents: [&'static str; 2]) -> (Stage, From) {
    let network = town("DE", "Germany", "Frankfurt", (50.11, 8.68), 64_512);
    let mut stage = Stage::new();
    for (number, name) in (1..).zip(["alice", "bob", "carol"]) {
        let home = at(&berlin(), &format!("203.0.113.{number}"));
        let out = at(&network, &format!("203.0.113.{}", 100 + number));
        stage.routine(name, &home, with(LAPTOP), 0..21);
        for day in 0..21 {
            stage.sign_in(name, &out, with(agents[day as usize % 2]), day * DAY + 22 * HOUR);
        }
    }
    stage.alerts.clear();
    (stage, at(&network, "203.0.113.101"))
}

#[test]
fn a_network_that_serves_telephones_only_is_a_carrier_s_though_no_list_says_so() {
    for (agents, told) in [([PHONE, PHONE], 0), ([PHONE, LAPTOP], 1)] {
        let (mut stage, out) = with_unlisted(agents);
        stage.sign_in("alice", &out, with(PHONE), NOW + 9 * HOUR);
        stage.sign_in("alice", &madrid(), with(LAPTOP), NOW + 9 * HOUR + 20 * MINUTE);
        assert_eq!(stage.of(&ImpossibleTravel).len(), told, "{agents:?}");
    }
}

/// An address in Tokyo from which eight people sign in, of whom so many live in Berlin.
fn with_address(visitors: usize) -> (Stage, From) {
    let shared = at(&tokyo(), "192.0.2.1");
    let mut stage = Stage::new();
    for number in 0..8 {
        let (name, town) = (format!("user_{number}"), if number < visitors { berlin() } else { tokyo() });
        let home = at(&town, &format!("203.0.113.{number}"));
        for day in 0..20 {
            stage.sign_in(&name, &home, with(LAPTOP), day * DAY + 6 * HOUR + number as i64 * MINUTE);
            let stays = number >= visitors || day % 2 == 0;
            if stays {
                stage.sign_in(&name, &shared, with(LAPTOP), day * DAY + 20 * HOUR + number as i64 * MINUTE);
            }
        }
    }
    stage.alerts.clear();
    (stage, shared)
}

#[test]
fn an_address_of_people_who_live_elsewhere_says_nothing_of_where_they_are() {
    // Six of eight are at home in Berlin when they come out in Tokyo: so may the seventh be, who lives in Tokyo and travels.
    for (visitors, told) in [(6, 0), (1, 1)] {
        let (mut stage, shared) = with_address(visitors);
        stage.sign_in("user_7", &shared, with(LAPTOP), NOW);
        stage.sign_in("user_7", &madrid(), with(LAPTOP), NOW + HOUR);
        assert_eq!(stage.of(&ImpossibleTravel).len(), told, "{visitors} live elsewhere");
    }
}

#[test]
fn a_way_out_hides_no_travel_between_two_other_places() {
    let (mut stage, shared) = with_address(6);
    stage.sign_in("user_7", &at(&tokyo(), "203.0.113.7"), with(LAPTOP), NOW);
    stage.sign_in("user_7", &shared, with(LAPTOP), NOW + 10 * MINUTE);
    stage.sign_in("user_7", &madrid(), with(FIREFOX), NOW + HOUR);
    assert_eq!(stage.of(&ImpossibleTravel)[0].severity, Critical);
}

#[test]
fn the_provider_of_colleagues_in_another_town_explains_no_journey() {
    let mut stage = settled();
    for number in 0..6 {
        let home = at(&tokyo(), &format!("203.0.113.{number}"));
        stage.routine(&format!("user_{number}"), &home, with(LAPTOP), 0..21);
    }
    stage.sign_in("alice", &berlin(), with(LAPTOP), NOW);
    stage.sign_in("alice", &at(&tokyo(), "203.0.113.200"), with(LAPTOP), NOW + 41 * MINUTE);
    stage.expect(&[(ImpossibleTravel, High)]);
}

#[test]
fn a_telephone_explains_no_line_that_could_not_be_reached_from_the_last_one() {
    let carrier = town("DE", "Germany", "Munich", (48.14, 11.58), 64_513).mobile();
    for (minutes, told) in [(60, 1), (20 * 60, 0)] {
        let mut stage = settled();
        stage.routine("alice", &carrier, with(PHONE), 20..22);
        stage.alerts.clear();
        let line = NOW + 12 * HOUR;
        stage.sign_in("alice", &berlin(), with(LAPTOP), line);
        stage.sign_in("alice", &carrier, with(PHONE), line + (minutes - 20) * MINUTE);
        stage.sign_in("alice", &tokyo(), with(LAPTOP), line + minutes * MINUTE);
        assert_eq!(stage.of(&ImpossibleTravel).len(), told, "{minutes} minutes");
    }
    // Munich is where the gateway is, and not where anybody was.
    let mut stage = settled();
    stage.sign_in("alice", &munich(), with(LAPTOP), NOW);
    stage.expect(&[(GeoAnomaly, Low)]);
}
