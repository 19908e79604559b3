//! The days of the people: when they sign in, what goes wrong, when they leave.

use std::sync::Arc;

use litesoc_events::EventType;
use serde_json::json;

use crate::lab::chance::Chance;
use crate::lab::tables::cities::City;
use crate::lab::tables::devices::Form;
use crate::lab::world::connection::{Moment, second_thought, within_hours};
use crate::lab::world::itinerary::{Itinerary, Whereabouts};
use crate::lab::world::network::Networks;
use crate::lab::world::organization::Organization;
use crate::lab::world::person::Person;
use crate::lab::world::scribe::{Scribe, Via, challenge_sent};
use crate::lab::world::{DAY, HOUR, MINUTE, is_weekend, work};

/// The life of one person, from the first day to the last.
#[derive(Debug)]
pub(crate) struct Routine<'a> {
    pub(crate) number: usize,
    pub(crate) person: &'a Person,
    pub(crate) actor: Arc<str>,
    pub(crate) organization: &'a Organization,
    pub(crate) itinerary: Itinerary,
    pub(crate) chance: Chance,
}

/// What a session is for.
#[derive(Clone, Copy, Debug)]
struct Session {
    at: i64,
    form: Form,
    in_office: bool,
    /// How long the person works in it; 0 for a glance.
    hours: f64,
}

impl Routine<'_> {
    pub(crate) fn live(&mut self, days: i64, holidays: &[i64], networks: &mut Networks, scribe: &mut Scribe) {
        if self.person.joins > 0 {
            self.first_day(networks, scribe);
        }
        for day in self.person.joins..days {
            for session in self.sessions_of(day, holidays.contains(&day)) {
                if session.at < days * DAY {
                    self.session(session, networks, scribe);
                }
            }
        }
    }

    /// Where the day is spent, for its clock.
    fn city_of(&self, day: i64) -> &'static City {
        let morning = day * DAY + 10 * HOUR - self.person.home.offset_minutes * MINUTE;
        self.itinerary.at(morning, self.person.home).destination().unwrap_or(self.person.home)
    }

    fn sessions_of(&mut self, day: i64, is_holiday: bool) -> Vec<Session> {
        let midnight = day * DAY - self.city_of(day).offset_minutes * MINUTE;
        let noon = midnight + 12 * HOUR;
        let on_leave = self
            .itinerary
            .trips()
            .iter()
            .any(|trip| !trip.is_work && (trip.out.from_ms..trip.back.until_ms).contains(&noon));
        let mut sessions = Vec::new();
        let chance = &mut self.chance;
        let works = !is_weekend(day) && !is_holiday && !on_leave && !chance.happens(0.03);
        let starts = midnight + self.person.starts * MINUTE + (chance.bell() * 12.0 * MINUTE as f64) as i64;
        if works {
            let in_office = self.person.office.is_some() && chance.happens(self.person.presence);
            let phone = Session { at: 0, form: Form::Phone, in_office: false, hours: 0.0 };
            if chance.happens(0.15) {
                // On the way to work.
                sessions.push(Session { at: starts - within_hours(1.0, chance) - 10 * MINUTE, ..phone });
            }
            let computer = Session { at: starts, form: Form::Computer, in_office, hours: 8.0 };
            sessions.push(computer);
            if chance.happens(0.35) {
                let again = starts + 3 * HOUR + within_hours(3.0, chance);
                sessions.push(Session { at: again, hours: 3.0, ..computer });
            }
            if chance.happens(0.25) {
                sessions.push(Session { at: starts + within_hours(9.0, chance), in_office, ..phone });
            }
        }
        let evening = if on_leave { 0.15 } else { self.person.evening };
        if chance.happens(evening) {
            let form = if on_leave || chance.happens(0.5) { Form::Phone } else { Form::Computer };
            let at = midnight + 18 * HOUR + within_hours(5.0, chance);
            sessions.push(Session { at, form, in_office: false, hours: 1.0 });
        }
        sessions.sort_by_key(|session| session.at);
        sessions
    }

    fn session(&mut self, session: Session, networks: &mut Networks, scribe: &mut Scribe) {
        let day = session.at.div_euclid(DAY);
        let place = self.itinerary.at(session.at, self.person.home);
        // Few pay for a connection in the air.
        if matches!(place, Whereabouts::Flying) && !self.chance.happens(0.08) {
            return;
        }
        let device = self.person.device(session.form, day, &mut self.chance).clone();
        let moment = Moment {
            person: self.person,
            organization: self.organization,
            place,
            device: &device,
            at: session.at,
            in_office: session.in_office && matches!(place, Whereabouts::Home),
        };
        let city = moment.city();
        let source = moment.source(networks, &mut self.chance);
        let via = Via { source: &source, device: Some(&device) };
        let mut at = self.mistakes(session.at, via, scribe);
        at = self.enter(at, city, via, scribe);
        let until = at + (session.hours * HOUR as f64) as i64;
        if session.hours > 0.0 {
            work::write(self, at, until, via, scribe);
        }
        self.leave(at, until, via, scribe);
    }

    /// Wrong passwords before the right one; gives the time of the right one.
    fn mistakes(&mut self, mut at: i64, via: Via<'_>, scribe: &mut Scribe) -> i64 {
        let chance = &mut self.chance;
        let mut fails = |count: i64, at: &mut i64, chance: &mut Chance| {
            for _ in 0..count {
                scribe.write(
                    *at,
                    EventType::AUTH_LOGIN_FAILED,
                    &self.actor,
                    via,
                    &[("reason", json!("wrong_password"))],
                );
                *at += second_thought(chance);
            }
        };
        if chance.happens(1.0 / 150.0) {
            // Forgotten altogether.
            let count = chance.whole(2, 8);
            fails(count, &mut at, chance);
            scribe.write(at, EventType::AUTH_PASSWORD_RESET_REQUESTED, &self.actor, via, &[]);
            at += MINUTE + within_hours(0.15, chance);
            scribe.write(at, EventType::AUTH_PASSWORD_RESET_COMPLETED, &self.actor, via, &[]);
            at += second_thought(chance);
        } else if chance.happens(self.person.clumsiness) {
            let count = 1 + i64::from(chance.happens(0.35)) + i64::from(chance.happens(0.15));
            fails(count, &mut at, chance);
        }
        at
    }

    /// The second factor, where there is one, and the sign-in; gives its time.
    fn enter(&mut self, mut at: i64, city: &'static City, via: Via<'_>, scribe: &mut Scribe) -> i64 {
        let chance = &mut self.chance;
        if self.organization.has_mfa {
            // Now and then a prompt is missed or a code mistyped.
            let misses = i64::from(chance.happens(0.05)) + i64::from(chance.happens(0.01));
            for miss in 0..=misses {
                scribe.write(at, challenge_sent(), &self.actor, via, &[]);
                at += second_thought(chance) / 2;
                let answer = if miss < misses {
                    EventType::AUTH_MFA_CHALLENGE_FAILED
                } else {
                    EventType::AUTH_MFA_CHALLENGE_SUCCESS
                };
                scribe.write(at, answer, &self.actor, via, &[]);
                at += 1_000;
            }
        }
        scribe.write(at, EventType::AUTH_LOGIN_SUCCESS, &self.actor, via, &[]);
        scribe.signed_in(self.number, at, city, via);
        at
    }

    fn leave(&mut self, at: i64, until: i64, via: Via<'_>, scribe: &mut Scribe) {
        if self.organization.is_verbose {
            let mut refreshed = at + HOUR;
            while refreshed < until {
                scribe.write(refreshed, EventType::AUTH_TOKEN_REFRESHED, &self.actor, via, &[]);
                refreshed += 2 * HOUR + within_hours(1.0, &mut self.chance);
            }
        }
        let farewell = match self.chance.unit() {
            lot if lot < 0.35 => EventType::AUTH_LOGOUT,
            lot if lot < 0.75 => EventType::AUTH_SESSION_EXPIRED,
            _ => return,
        };
        scribe.write(until.max(at + 2 * MINUTE), farewell, &self.actor, via, &[]);
    }

    /// A new colleague chooses a password, and a second factor where the house asks for one.
    fn first_day(&mut self, networks: &mut Networks, scribe: &mut Scribe) {
        let at = self.person.joins * DAY + 9 * HOUR - self.person.home.offset_minutes * MINUTE;
        let device = self.person.device(Form::Computer, self.person.joins, &mut self.chance).clone();
        let moment = Moment {
            person: self.person,
            organization: self.organization,
            place: Whereabouts::Home,
            device: &device,
            at,
            in_office: self.person.office.is_some(),
        };
        let source = moment.source(networks, &mut self.chance);
        let via = Via { source: &source, device: Some(&device) };
        scribe.write(at, EventType::AUTH_PASSWORD_RESET_COMPLETED, &self.actor, via, &[]);
        if self.organization.has_mfa {
            scribe.write(at + MINUTE, EventType::AUTH_MFA_ENABLED, &self.actor, via, &[]);
        }
    }
}
