//! [`Organization`]: what the rules know of a whole organisation; [`Office`]: which addresses many of its people share.

use super::quantile::Histograms;
use super::usual::Usual;
use super::volume::Slices;
use crate::key::Key;
use crate::record::{Field, Record, fields};

/// What the rules know of a whole organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Organization {
    /// The first day anything was seen.
    pub(crate) first_day: u16,
    /// How much each account takes out on its fullest hour and day.
    pub(crate) exports: Option<Box<Histograms>>,
    /// Sign-ups by time.
    pub(crate) sign_ups: Slices,
    /// How many sign-ups are usual in the short window and in a day.
    pub(crate) sign_up_usual: Option<Box<Usual>>,
}

impl Organization {
    pub(crate) fn new(day: u16) -> Self {
        Self { first_day: day, ..Self::default() }
    }

    /// Days since anything was first seen.
    pub(crate) fn age(&self, day: u16) -> u16 {
        day.saturating_sub(self.first_day)
    }
}

fields!(Organization { first_day, exports, sign_ups, sign_up_usual });

impl Record for Organization {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        true
    }
}

/// Days an address must have been shared for before it is taken for an office.
const OFFICE_DAYS: u16 = 2;

/// Who signs in from one address: enough to know an office, a school or a carrier's gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Office {
    /// One bit for each account, by its key: counts up to about 40 well enough.
    accounts: u64,
    first_day: u16,
    last_day: u16,
}

impl Office {
    /// An account signed in here and nothing was found in it.
    pub(crate) fn note(&mut self, account: Key, day: u16) {
        if self.accounts == 0 {
            self.first_day = day;
        }
        self.accounts |= 1 << (account.tag() % 64);
        self.last_day = self.last_day.max(day);
    }

    /// Whether at least so many accounts have shared the address for some days.
    pub(crate) fn is_shared(&self, accounts: u32, day: u16) -> bool {
        self.accounts.count_ones() >= accounts && day.saturating_sub(self.first_day) >= OFFICE_DAYS
    }
}

fields!(Office { accounts, first_day, last_day });

impl Record for Office {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        self.accounts.count_ones() >= 3
    }
}
