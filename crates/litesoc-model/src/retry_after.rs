//! [`RetryAfter`]: how long an answer asks to wait.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// How long an answer asks to wait: whole seconds, at most an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetryAfter(u64);

impl RetryAfter {
    /// The longest wait that is obeyed. A service that asks for more is asked again after this.
    pub const MAX_SECONDS: u64 = 3_600;

    /// This many seconds, or the longest wait.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(if seconds > Self::MAX_SECONDS { Self::MAX_SECONDS } else { seconds })
    }

    /// Reads the value of a `Retry-After` header (RFC 9110, section 10.2.3): seconds or a date.
    ///
    /// Decimals, which some servers send, are rounded up. A date in the past is no wait at all. Anything else,
    /// a negative number included, is `None`: then the caller's own back-off decides.
    ///
    /// ```
    /// use litesoc_model::{RetryAfter, Timestamp};
    ///
    /// let now: Timestamp = "2026-03-01T12:00:00Z".parse()?;
    /// let seconds = |header| RetryAfter::parse(header, now).map(RetryAfter::seconds);
    /// assert_eq!(seconds("7"), Some(7));
    /// assert_eq!(seconds("7.5"), Some(8));
    /// assert_eq!(seconds("Sun, 01 Mar 2026 12:00:30 GMT"), Some(30));
    /// assert_eq!(seconds("soon"), None);
    /// # Ok::<(), litesoc_model::TimestampError>(())
    /// ```
    #[must_use]
    pub fn parse(header: &str, now: Timestamp) -> Option<Self> {
        let header = header.trim();
        Self::of_seconds(header).or_else(|| {
            let wait = http_date(header)?.saturating_since(now);
            Some(Self::from_seconds(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
        })
    }

    /// Decimal seconds, rounded up; nothing else.
    pub(crate) fn of_seconds(text: &str) -> Option<Self> {
        let text = text.trim();
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if seconds.is_empty() || !is_number(seconds) || !is_number(fraction) {
            return None;
        }
        let begun = u64::from(fraction.bytes().any(|digit| digit != b'0'));
        // More digits than fit are far beyond the longest wait.
        let seconds: u64 = seconds.parse().unwrap_or(Self::MAX_SECONDS);
        Some(Self::from_seconds(seconds.saturating_add(begun)))
    }

    /// The wait in seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The wait.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

/// The three forms of a date in HTTP (RFC 9110, section 5.6.7). A wrong day of the week is no reason to hammer a server.
fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text) {
        return Some(Timestamp::from_millis(date.as_millisecond()));
    }
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date: DateTime =
        obsolete.iter().find_map(|form| strtime::parse(form, text).ok()?.to_datetime().ok())?;
    let date = date.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(date.timestamp().as_millisecond()))
}
