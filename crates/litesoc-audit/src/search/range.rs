//! [`TimeRange`]: from when to when, absolute or so long ago.

use litesoc_ledger::time::{DateTime, Moment};

use crate::fault::Fault;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// How far back a search goes that does not say.
const DEFAULT: i64 = 14 * DAY;

/// The units of a duration and what they stand for; a month has 30 days, a year 365.
const UNITS: [(&[&str], i64); 7] = [
    (&["s", "sec", "secs", "second", "seconds"], SECOND),
    (&["mi", "min", "mins", "minute", "minutes"], 60 * SECOND),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600 * SECOND),
    (&["d", "da", "day", "days"], DAY),
    (&["w", "week", "weeks"], 7 * DAY),
    (&["mo", "mon", "month", "months"], 30 * DAY),
    (&["y", "year", "years"], 365 * DAY),
];

/// From when to when records were received, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeRange {
    /// The earliest.
    pub start: Moment,
    /// The latest; `None` for no end.
    pub end: Option<Moment>,
}

impl TimeRange {
    /// The range of a search: `start` or `last`, and `end`, as they were sent.
    ///
    /// # Errors
    ///
    /// Everything that cannot be read; `start` and `last` together.
    pub fn of(
        start: Option<&str>,
        last: Option<&str>,
        end: Option<&str>,
        now: Moment,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if start.is_some() && last.is_some() {
            faults.push(Fault::new(
                "MutuallyExclusive",
                "/last",
                "start and last say the same; give one of them",
            ));
        }
        let mut read = |text: Option<&str>, source: &str| {
            let text = text?;
            let time = parse_time(text, now);
            if time.is_none() {
                let detail = "neither a time such as 2026-01-02T03:04:05Z nor so long ago, such as 7d";
                faults.push(Fault::new("BadFormatDateTime", source, detail));
            }
            time
        };
        let begin = read(start, "/start").or_else(|| read(last, "/last"));
        let end = read(end, "/end");
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { start: begin.unwrap_or_else(|| before(now, DEFAULT)), end })
    }

    /// Whether a time lies in the range.
    #[must_use]
    pub fn holds(&self, at: Moment) -> bool {
        at >= self.start && self.end.is_none_or(|end| at <= end)
    }
}

/// A time as it was sent: absolute, or so long before now.
///
/// ```
/// use litesoc_audit::parse_time;
/// use litesoc_ledger::time::Moment;
///
/// let now = Moment::parse_exact("2026-01-15T00:00:00.000000Z").expect("the one form");
/// let week = parse_time("7d", now).expect("a duration");
/// assert_eq!(week.to_string(), "2026-01-08T00:00:00.000000Z");
/// assert_eq!(parse_time("2026-1-8T0:0:0", now), Some(week));
/// assert_eq!(parse_time("soon", now), None);
/// ```
#[must_use]
pub fn parse_time(text: &str, now: Moment) -> Option<Moment> {
    if let Some(time) = DateTime::parse(text) {
        return time.moment();
    }
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let (_, length) = UNITS.iter().find(|(names, _)| names.contains(&unit))?;
    let ago = number.parse::<i64>().ok()?.checked_mul(*length)?;
    Some(before(now, ago))
}

/// So many microseconds earlier, but not before time begins.
fn before(now: Moment, micros: i64) -> Moment {
    let earliest = Moment::from_micros(0).expect("1970 is a year");
    Moment::from_micros(now.as_micros().saturating_sub(micros))
        .map_or(earliest, |moment| moment.max(earliest))
}
