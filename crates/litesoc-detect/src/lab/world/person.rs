//! [`Person`]: one user of the organisation: home, office, devices, habits.

use crate::lab::chance::Chance;
use crate::lab::tables::cities::City;
use crate::lab::tables::devices::{Form, MAKES, Make};
use crate::lab::world::network::Networks;
use crate::lab::world::organization::Organization;

/// What somebody does for a living, as far as it shows in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Signs in, reads, writes.
    Staff,
    /// Exports reports daily.
    Analyst,
    /// Exports a lot at the end of a month.
    Finance,
    /// Reads private records for customers or colleagues.
    Support,
    /// Creates users, changes roles and settings.
    Administrator,
}

/// One device.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) make: &'static Make,
    /// What the application calls it, where it names devices.
    pub(crate) id: String,
    /// Days its owner waits before an update.
    pub(crate) lag_days: i64,
    /// First day of use.
    pub(crate) from_day: i64,
}

impl Device {
    pub(crate) fn new(form: Form, from_day: i64, chance: &mut Chance) -> Self {
        let fitting: Vec<&'static Make> = MAKES.iter().filter(|make| make.form == form).collect();
        let make = fitting[chance.weighted(fitting.iter().map(|make| make.share))];
        Self::of(make, from_day, chance)
    }

    pub(crate) fn of(make: &'static Make, from_day: i64, chance: &mut Chance) -> Self {
        let id = format!("dev_{:012x}", chance.next() >> 16);
        Self { make, id, lag_days: chance.whole(0, 6), from_day }
    }

    pub(crate) fn user_agent(&self, day: i64) -> String {
        self.make.user_agent(day, self.lag_days)
    }
}

/// A line at home.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) provider: u8,
    pub(crate) subscriber: u16,
    /// Days between new addresses; `None` keeps the same one.
    pub(crate) lease_days: Option<i64>,
    pub(crate) has_v6: bool,
}

/// A VPN somebody pays for.
#[derive(Clone, Debug)]
pub(crate) struct Vpn {
    pub(crate) provider: u8,
    pub(crate) exits: Vec<&'static City>,
    /// How often it is on when they sign in from a computer outside the office.
    pub(crate) habit: f64,
}

/// One user of the organisation.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) home: &'static City,
    /// Place of the office among the organisation's; `None` works from home.
    pub(crate) office: Option<usize>,
    /// Share of working days in the office.
    pub(crate) presence: f64,
    pub(crate) line: Line,
    pub(crate) carrier: u8,
    pub(crate) computers: Vec<Device>,
    pub(crate) phones: Vec<Device>,
    pub(crate) vpn: Option<Vpn>,
    pub(crate) uses_relay: bool,
    pub(crate) uses_company_vpn: bool,
    /// How often a password is mistyped.
    pub(crate) clumsiness: f64,
    /// When the day begins, in minutes after midnight of the home's clock.
    pub(crate) starts: i64,
    /// How often they sign in outside working hours, per day.
    pub(crate) evening: f64,
    /// Trips for work, per day.
    pub(crate) trips: f64,
    /// First day at work: some join while the lab runs.
    pub(crate) joins: i64,
}

impl Person {
    pub(crate) fn new(number: usize, organization: &Organization, days: i64, chance: &mut Chance) -> Self {
        let (home, office) = organization.settle(chance);
        let role = role(number, chance);
        let phones = phones(days, chance);
        let computers = computers(days, chance);
        let is_apple = phones[0].make.family.starts_with("iOS");
        Self {
            name: format!("user_{number:04}"),
            role,
            home,
            office,
            presence: chance.choose(&[0.2, 0.6, 0.6, 0.9]),
            line: Line {
                provider: Networks::provider(chance),
                subscriber: (chance.next() >> 48) as u16,
                lease_days: chance.choose(&[None, None, Some(1), Some(7), Some(14)]),
                has_v6: chance.happens(0.4),
            },
            carrier: u8::from(chance.happens(0.4)),
            computers,
            phones,
            vpn: chance.happens(0.08).then(|| vpn(home, chance)),
            uses_relay: is_apple && chance.happens(0.3),
            uses_company_vpn: chance.happens(0.5),
            clumsiness: chance.scale(0.01, 0.12),
            starts: 8 * 60 + (chance.bell() * 45.0) as i64,
            evening: chance.scale(0.03, 0.5),
            trips: if chance.happens(0.3) { chance.scale(0.01, 0.06) } else { 0.002 },
            joins: if chance.happens(0.06) { chance.whole(1, days.max(2) - 1) } else { 0 },
        }
    }

    /// The device in use on a day: the newest of those they have by then, mostly.
    pub(crate) fn device(&self, form: Form, day: i64, chance: &mut Chance) -> &Device {
        let devices = match form {
            Form::Computer => &self.computers,
            Form::Phone => &self.phones,
        };
        let owned = devices.partition_point(|device| device.from_day <= day).max(1);
        // A second computer at home is in use now and then; an old phone lies in a drawer.
        let spare = form == Form::Computer && owned > 1 && chance.happens(0.25);
        if spare { &devices[0] } else { &devices[owned - 1] }
    }
}

/// Fixed by the number at first, so that the smallest organisation has one of each.
fn role(number: usize, chance: &mut Chance) -> Role {
    match number {
        0 | 1 => Role::Administrator,
        2 => Role::Analyst,
        3 => Role::Finance,
        4 => Role::Support,
        _ => {
            const ROLES: [Role; 5] =
                [Role::Staff, Role::Analyst, Role::Finance, Role::Support, Role::Administrator];
            ROLES[chance.weighted([0.80, 0.08, 0.05, 0.05, 0.02].into_iter())]
        }
    }
}

fn phones(days: i64, chance: &mut Chance) -> Vec<Device> {
    let mut phones = vec![Device::new(Form::Phone, 0, chance)];
    // A phone lives for about two and a half years.
    if chance.happens(days as f64 / 900.0) {
        let day = chance.whole(1, days.max(2) - 1);
        // Most stay with the maker they know.
        let next = if chance.happens(0.8) {
            Device::of(phones[0].make, day, chance)
        } else {
            Device::new(Form::Phone, day, chance)
        };
        phones.push(next);
    }
    phones
}

fn computers(days: i64, chance: &mut Chance) -> Vec<Device> {
    let mut computers = vec![Device::new(Form::Computer, 0, chance)];
    if chance.happens(0.25) {
        computers.push(Device::new(Form::Computer, 0, chance));
    }
    // A new computer, or another browser.
    if chance.happens(days as f64 / 700.0) {
        computers.push(Device::new(Form::Computer, chance.whole(1, days.max(2) - 1), chance));
    }
    computers
}

fn vpn(home: &'static City, chance: &mut Chance) -> Vpn {
    let everywhere: Vec<&'static City> = Organization::vpn_cities();
    let mut exits = vec![chance.choose(&everywhere)];
    for _ in 0..chance.below(4) {
        exits.push(chance.choose(&everywhere));
    }
    // Many use the exit that is fastest.
    if chance.happens(0.5) {
        let nearest =
            everywhere.iter().min_by(|one, other| home.distance_to(one).total_cmp(&home.distance_to(other)));
        exits[0] = nearest.copied().unwrap_or(home);
    }
    Vpn {
        provider: chance.below(usize::from(super::network::VPNS)) as u8,
        exits,
        habit: chance.scale(0.03, 0.8),
    }
}
