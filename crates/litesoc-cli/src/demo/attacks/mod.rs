//! The attacks of the demo, and the alerts that must come of each.

mod guessing;
mod inside;
mod takeover;

use std::net::IpAddr;

use litesoc::EventType;

use super::chance::Chance;
use super::script::{Expected, Line, User};

/// The first users play a part each and do nothing else, or what they do otherwise would count with the attack's.
pub(super) const CAST: usize = 7;

/// What people sign in with.
pub(super) const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/// A day, and where its events are written.
pub(super) struct Stagecraft<'a> {
    pub(super) users: &'a [User],
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) chance: &'a mut Chance,
    pub(super) lines: &'a mut Vec<Line>,
}

/// What must be found of the attacks.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// One alert for each attack.
    pub(super) attacks: Vec<Expected>,
    /// Alerts about the first signs of an attack that has one of its own.
    pub(super) signs: Vec<Expected>,
}

/// Adds the attacks, and says what must be found of them.
///
/// The escalation is the last event of all: when it has become an alert, everything before it was examined.
pub(super) fn write(stage: &mut Stagecraft<'_>) -> Found {
    let mut found = Found::default();
    found.attacks.push(guessing::one_account_from_one_address(stage));
    found.attacks.push(guessing::many_accounts_from_one_address(stage));
    found.attacks.push(guessing::one_account_from_many_addresses(stage));
    takeover::two_places_at_once(stage, &mut found);
    takeover::new_country_and_device(stage, &mut found);
    found.attacks.push(takeover::worn_down(stage));
    found.attacks.push(inside::data_taken_out(stage));
    found.attacks.push(inside::rights_gained(stage));
    found
}

impl Stagecraft<'_> {
    fn name(&self, user: usize) -> String {
        self.users[user].name.clone()
    }

    fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    fn failure(&mut self, at: i64, actor: &str, ip: IpAddr) {
        let line = Line::new(at, EventType::AUTH_LOGIN_FAILED, actor, ip);
        self.push(line.with("reason", "invalid_password"));
    }

    fn sign_in(&mut self, at: i64, actor: &str, ip: IpAddr, with: &str) {
        self.push(Line::new(at, EventType::AUTH_LOGIN_SUCCESS, actor, ip).with("user_agent", with));
    }
}
