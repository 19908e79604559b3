//! [`InvalidSettings`]: everything that is wrong with settings, each [`Problem`] with its place.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::span;

/// One setting that cannot work.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The path of the setting, such as `travel.speed_kmh`; `organization.org_1.travel.speed_kmh` for one organisation's.
    /// Empty when the file as a whole cannot be read.
    pub setting: String,
    /// What is wrong with it.
    pub rule: String,
    /// Line and column in the file, from 1; `None` for settings that come from no file.
    pub position: Option<(usize, usize)>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        match &*self.setting {
            "" => f.write_str(&self.rule),
            setting => write!(f, "{setting} {}", self.rule),
        }
    }
}

/// Settings that cannot work, with everything that is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSettings {
    problems: Vec<Problem>,
}

impl InvalidSettings {
    /// The problems as a result: no problem, no error.
    pub(super) fn of(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }

    /// Everything that is wrong, in the order of the file or of the settings.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid detection settings: ")?;
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSettings {}

/// Gathers what is wrong with one section.
#[derive(Debug)]
pub(crate) struct Problems<'a> {
    section: &'static str,
    found: &'a mut Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) const fn new(section: &'static str, found: &'a mut Vec<Problem>) -> Self {
        Self { section, found }
    }

    /// Notes a problem of a setting unless it is fine; `rule` follows its name: `must be 2 to 1000`.
    pub(crate) fn unless(&mut self, fine: bool, setting: &str, rule: impl Into<String>) {
        if !fine {
            let dot = if self.section.is_empty() { "" } else { "." };
            let setting = format!("{}{dot}{setting}", self.section);
            self.found.push(Problem { setting, rule: rule.into(), position: None });
        }
    }

    /// A number, within bounds.
    pub(crate) fn within<T: PartialOrd + fmt::Display>(
        &mut self,
        value: T,
        setting: &str,
        bounds: RangeInclusive<T>,
    ) {
        let fine = bounds.contains(&value);
        self.unless(fine, setting, format!("must be {} to {}, not {value}", bounds.start(), bounds.end()));
    }

    /// A number of events, 2 to 1,000.
    pub(crate) fn count(&mut self, count: u32, setting: &str) {
        self.within(count, setting, 2..=1_000);
    }

    /// A duration, within bounds.
    pub(crate) fn lasting(&mut self, length: Duration, setting: &str, bounds: RangeInclusive<Duration>) {
        let (least, most) = (span::text(*bounds.start()), span::text(*bounds.end()));
        let rule = format!("must be {least} to {most}, not {}", span::text(length));
        self.unless(bounds.contains(&length), setting, rule);
    }

    /// A window of event time, 1 second to 24 hours.
    pub(crate) fn window(&mut self, window: Duration, setting: &str) {
        self.lasting(window, setting, Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60));
    }
}

/// The settings of one rule.
pub(crate) trait Section {
    /// Notes everything that is wrong with them.
    fn check(&self, problems: &mut Problems<'_>);
}
