//! Times as records hold them: microseconds, UTC, one text form. And the forms that clients send.

use std::fmt;

/// A moment to the microsecond, whose one text form is `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
///
/// That form is the only one all readers of records hash alike.
/// Years 0001 to 9999.
///
/// ```
/// use litesoc_ledger::time::Moment;
///
/// let moment = Moment::from_micros(1_735_689_600_000_001).expect("a year below 10000");
/// assert_eq!(moment.to_string(), "2025-01-01T00:00:00.000001Z");
/// assert_eq!(Moment::parse_exact("2025-01-01T00:00:00.000001Z"), Some(moment));
/// assert_eq!(Moment::parse_exact("2025-01-01T00:00:00.1Z"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(i64);

const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = 253_402_300_799_999_999;

impl Moment {
    /// The moment this many microseconds after 1970 began; `None` outside the years 0001 to 9999.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Option<Self> {
        if micros >= FIRST && micros <= LAST { Some(Self(micros)) } else { None }
    }

    /// Microseconds since 1970 began.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads the one text form.
    #[must_use]
    pub fn parse_exact(text: &str) -> Option<Self> {
        if text.len() != 27 || !text.ends_with('Z') {
            return None;
        }
        let moment = DateTime::parse(text)?.moment()?;
        (moment.to_string() == text).then_some(moment)
    }

    /// The time of the next record: `now`, or a microsecond after the record before when the clock stands still or goes
    /// back, so that times are unique and in the order of the records.
    #[must_use]
    pub fn next(previous: Option<Self>, now: Self) -> Self {
        previous.map_or(now, |previous| now.max(Self((previous.0 + 1).min(LAST))))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_local(self.0, out)?;
        out.write_str("Z")
    }
}

/// A date and time as a client wrote it, with the offset it wrote.
///
/// Accepted is what the Pangea Audit API accepts: `YYYY-M-DTH:M:S[.f][Z|±hh[[:]mm]]`, one or two digits for the parts
/// and one to nine for the fraction; digits beyond microseconds are cut. Without an offset it means UTC.
///
/// ```
/// use litesoc_ledger::time::DateTime;
///
/// let time = DateTime::parse("2025-1-2T3:4:5+05:30").expect("an accepted form");
/// assert_eq!(time.moment().expect("in range").to_string(), "2025-01-01T21:34:05.000000Z");
/// assert_eq!(time.to_micros_form(), "2025-01-02T03:04:05.000000+05:30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// Microseconds since 1970 began, as if the written time were UTC.
    local: i64,
    offset_minutes: Option<i32>,
}

impl DateTime {
    /// Reads an accepted form; `None` for any other text and for dates that do not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let mut parts = date.split('-');
        let year = parts.next().filter(|year| year.len() == 4)?;
        let year = number(year, 4)?;
        let (month, day) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
        if parts.next().is_some() || year == 0 || !(1..=12).contains(&month) {
            return None;
        }
        if day == 0 || day > days_of(year, month) {
            return None;
        }
        let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (time, zone) = time.split_at(zone);
        let (time, fraction) = match time.split_once('.') {
            Some((time, fraction)) => (time, micros(fraction)?),
            None => (time, 0),
        };
        let mut parts = time.split(':');
        let hour = number(parts.next()?, 2)?;
        let (minute, second) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
        if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = days_before(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        Some(Self { local: seconds * 1_000_000 + fraction, offset_minutes: offset(zone)? })
    }

    /// The moment it means; without an offset, in UTC. `None` outside the years 0001 to 9999.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        Moment::from_micros(self.local - i64::from(self.offset_minutes.unwrap_or(0)) * 60_000_000)
    }

    /// The same time with six digits of fraction and the offset as it was written, `Z` for none of it.
    ///
    /// It is one of the two forms in which clients sign a time that they send in another; the other is the text of
    /// [`moment`](Self::moment).
    #[must_use]
    pub fn to_micros_form(&self) -> String {
        struct Local(i64);
        impl fmt::Display for Local {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_local(self.0, out)
            }
        }
        match self.offset_minutes {
            None | Some(0) => format!("{}Z", Local(self.local)),
            Some(offset) => {
                let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.abs());
                format!("{}{sign}{:02}:{:02}", Local(self.local), offset / 60, offset % 60)
            }
        }
    }
}

fn write_local(micros: i64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date_after(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}")
}

fn number(digits: &str, most: usize) -> Option<i64> {
    let plain = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn micros(fraction: &str) -> Option<i64> {
    number(fraction, 9)?;
    let digits = fraction.len().min(6);
    let scale = 10_i64.pow(6 - u32::try_from(digits).ok()?);
    Some(number(&fraction[..digits], 6)? * scale)
}

/// Minutes east; the outer `None` is no offset at all, the inner one an absent offset.
fn offset(zone: &str) -> Option<Option<i32>> {
    let Some(sign) = zone.chars().next() else { return Some(None) };
    let rest = &zone[1..];
    if sign == 'Z' {
        return rest.is_empty().then_some(Some(0));
    }
    let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
        (Some((hours, minutes)), _) if hours.len() == 2 && minutes.len() == 2 => (hours, minutes),
        (None, 4) if rest.is_ascii() => rest.split_at(2),
        (None, 2) => (rest, "0"),
        _ => return None,
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = i32::try_from(hours * 60 + minutes).ok()?;
    Some(Some(if sign == '-' { -east } else { east }))
}

const fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date, with years that begin in March so that the leap day comes last.
const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date this many days after 1970-01-01.
const fn date_after(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}
