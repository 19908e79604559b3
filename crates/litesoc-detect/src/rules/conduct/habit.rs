//! [`Habits`]: which kinds of deeds are everyday work of an account.

use crate::record::fields;

/// A kind of deed that may be somebody's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Deed {
    /// Gives roles and permissions.
    Grants,
    /// Makes, suspends and removes accounts.
    ManagesAccounts,
    /// Takes data out.
    Exports,
    /// Reads sensitive data.
    ReadsSensitiveData,
    /// Deletes data in bulk.
    DeletesInBulk,
    /// Runs into closed doors.
    IsDenied,
    /// Runs into rate limits.
    IsLimited,
    /// Issues API keys and changes settings.
    Administers,
}

const DEEDS: usize = 8;

/// Days on which something was done, in what distance it is still habit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Habit {
    last_day: u16,
    /// The hour of that day in which it was counted.
    hour: u8,
    /// Different days without a longer pause, at most 255.
    days: u8,
}

/// Which kinds of deeds are everyday work of an account: on how many days each was done, and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    held: [Habit; DEEDS],
}

/// Longest pause in days after which a habit is none.
pub(crate) const MEMORY: u16 = 30;
/// Days on which something has to be done to be a habit.
pub(crate) const DAYS: u8 = 3;
/// What lies closer together is one day's work, whatever midnight says: a burst must not become a habit by going on.
const APART: u32 = 12;

impl Habit {
    fn begin(hour: u32, days: u8) -> Self {
        let last_day = u16::try_from(hour / 24).unwrap_or(u16::MAX);
        Self { last_day, hour: (hour % 24) as u8, days }
    }

    fn counted_at(self) -> u32 {
        u32::from(self.last_day) * 24 + u32::from(self.hour)
    }
}

impl Habits {
    /// The deed was done in this hour, counted since 1970.
    pub(crate) fn note(&mut self, deed: Deed, hour: u32, memory: u16) {
        let habit = &mut self.held[deed as usize];
        let (now, passed) = (Habit::begin(hour, 1), hour.saturating_sub(habit.counted_at()));
        if habit.days == 0 || now.last_day.saturating_sub(habit.last_day) > memory {
            *habit = now;
        } else if now.last_day > habit.last_day && passed >= APART {
            *habit = Habit { days: habit.days.saturating_add(1), ..now };
        }
    }

    /// Whether the account did it at all within so many days before this one, or on it.
    pub(crate) fn did(&self, deed: Deed, day: u16, memory: u16) -> bool {
        let habit = self.held[deed as usize];
        habit.days > 0 && day.saturating_sub(habit.last_day) <= memory
    }

    /// Whether it was everyday work before this hour, counted since 1970: done on three earlier days, without a longer pause than
    /// this.
    pub(crate) fn has(&self, deed: Deed, hour: u32, memory: u16) -> bool {
        self.days_before(deed, hour, memory) >= DAYS
    }

    /// Whether it is, when what was done earlier on the day under way counts as well.
    pub(crate) fn has_with_today(&self, deed: Deed, hour: u32, memory: u16) -> bool {
        self.did(deed, Habit::begin(hour, 0).last_day, memory) && self.held[deed as usize].days >= DAYS
    }

    /// Earlier days on which it was done. The one under way does not count, or the first part of a burst would excuse the rest.
    pub(crate) fn days_before(&self, deed: Deed, hour: u32, memory: u16) -> u8 {
        let (habit, now) = (self.held[deed as usize], Habit::begin(hour, 0));
        if !self.did(deed, now.last_day, memory) {
            return 0;
        }
        let goes_on = now.last_day == habit.last_day || hour.abs_diff(habit.counted_at()) < APART;
        habit.days - u8::from(goes_on)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.iter().all(|habit| habit.days == 0)
    }
}

fields!(Habit { last_day, hour, days });
fields!(Habits { held });
