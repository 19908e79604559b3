//! Positions in the committed order, pages of a list and what is known of a list's length.

use std::fmt;
use std::str::FromStr;

use crate::error::StoreError;

/// The most rows one page of a list holds; a larger limit is lowered to this.
pub const MAX_ROWS: usize = 1_000;

/// How far a filtered list is counted before its total becomes [`Total::AtLeast`].
///
/// Counting costs time in proportion to the rows counted; this bound keeps a list request in the order of milliseconds
/// however many events an organisation keeps.
pub const MAX_COUNTED: u64 = 10_000;

/// A place in the committed order of events: the first event stored is 1, zero stands before all of them.
///
/// A number is never given twice, not even after the events that held the highest ones were purged.
///
/// ```
/// use litesoc_store::Seq;
///
/// assert!(Seq::START < Seq::new(1));
/// assert_eq!(Seq::new(7).get(), 7);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(u64);

impl Seq {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The place with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number of this place.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a page ended, to continue the list from there; its text form is opaque to clients.
///
/// Unlike an offset it stays in place while new rows arrive, and costs the same on the thousandth page as on the first.
///
/// ```
/// use litesoc_store::PageCursor;
///
/// let text = PageCursor::new(1_700_000_000_000, 42).to_string();
/// assert_eq!(text.parse::<PageCursor>()?, PageCursor::new(1_700_000_000_000, 42));
/// assert!("'; drop table events".parse::<PageCursor>().is_err());
/// # Ok::<(), litesoc_store::StoreError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageCursor {
    time_ms: i64,
    row: i64,
}

impl PageCursor {
    /// The place after the row of this time (milliseconds since the Unix epoch) and number.
    #[must_use]
    pub const fn new(time_ms: i64, row: i64) -> Self {
        Self { time_ms, row }
    }

    /// The time of the last row of the page, in milliseconds since the Unix epoch.
    #[must_use]
    pub const fn time_ms(self) -> i64 {
        self.time_ms
    }

    /// The number of the last row of the page, which decides between rows of the same time.
    #[must_use]
    pub const fn row(self) -> i64 {
        self.row
    }
}

impl fmt::Display for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.time_ms, self.row)
    }
}

impl FromStr for PageCursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let refused = || StoreError::invalid("the page cursor is not one that this server gave out");
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let half = |part: &str| u64::from_str_radix(part, 16).map(u64::cast_signed).map_err(|_| refused());
        Ok(Self { time_ms: half(&text[..16])?, row: half(&text[16..])? })
    }
}

/// How many rows match a list's filters, pages aside.
///
/// ```
/// use litesoc_store::Total;
///
/// assert_eq!(Total::Exactly(3).at_least(), 3);
/// assert!(!Total::AtLeast(10_000).is_exact());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Total {
    /// This many rows match.
    Exactly(u64),
    /// At least this many rows match; counting stopped at [`MAX_COUNTED`] or thereabouts.
    AtLeast(u64),
    /// Nobody asked.
    NotCounted,
}

impl Total {
    /// The number of rows known to match.
    #[must_use]
    pub const fn at_least(self) -> u64 {
        match self {
            Self::Exactly(rows) | Self::AtLeast(rows) => rows,
            Self::NotCounted => 0,
        }
    }

    /// Whether [`at_least`](Self::at_least) is the whole number.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Exactly(_))
    }
}

/// One page of a list, newest row first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rows<T> {
    /// The rows of this page, at most the limit asked for.
    pub rows: Vec<T>,
    /// How many rows match in all.
    pub total: Total,
    /// Where the next page starts; `None` when this was the last one.
    pub next: Option<PageCursor>,
}

impl<T> Rows<T> {
    /// A page of these rows.
    #[must_use]
    pub const fn new(rows: Vec<T>, total: Total, next: Option<PageCursor>) -> Self {
        Self { rows, total, next }
    }

    /// No rows; the total is zero if it was asked for.
    #[must_use]
    pub const fn empty(count: bool) -> Self {
        let total = if count { Total::Exactly(0) } else { Total::NotCounted };
        Self::new(Vec::new(), total, None)
    }
}
