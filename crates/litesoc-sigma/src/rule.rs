//! [`Rule`]: what a rule says of itself, besides what it looks for.

use std::time::Duration;

use strum::{Display, EnumString, IntoStaticStr, VariantNames};

use crate::fault::Position;

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// What it detects, in a few words.
    pub title: String,
    /// The id that tells it from all others, as a rule a UUID.
    pub id: Option<String>,
    /// The name by which correlations refer to it.
    pub name: Option<String>,
    /// How far it is trusted.
    pub status: Option<Status>,
    /// How grave a match is; where the rule says nothing, a correlation takes the gravest of the rules it refers to,
    /// and a detection is medium.
    pub level: Level,
    /// More about it.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Words such as `attack.t1110.003`.
    pub tags: Vec<String>,
    /// What is known to set it off without harm.
    pub false_positives: Vec<String>,
    /// Where more can be read.
    pub references: Vec<String>,
    /// The events it is for; empty for a correlation.
    pub log_source: LogSource,
    /// The file it stands in, as the file was named.
    pub file: String,
    /// Where in the file.
    pub position: Position,
    /// Whether its matches are told. Those of a rule that a correlation refers to are not, unless that says `generate`.
    pub told: bool,
    /// How it looks at events.
    pub shape: Shape,
}

impl Rule {
    /// The id, or else the name, or else the title.
    #[must_use]
    pub fn label(&self) -> &str {
        self.id.as_deref().or(self.name.as_deref()).unwrap_or(&self.title)
    }

    /// The techniques of MITRE ATT&CK that its tags name, as in `T1110.003`.
    pub fn techniques(&self) -> impl Iterator<Item = String> {
        let number = |tag: &String| {
            let technique = tag.strip_prefix("attack.")?;
            let digits = technique.strip_prefix(['t', 'T'])?;
            let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            is_number.then(|| format!("T{digits}"))
        };
        self.tags.iter().filter_map(number)
    }
}

/// How a rule looks at events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// At one event alone.
    Detection,
    /// At several together.
    Correlation(Correlated),
}

/// How a correlation looks at several events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Correlated {
    /// What is counted.
    pub kind: CorrelationKind,
    /// The places, in the set, of the rules it refers to.
    pub rules: Vec<usize>,
    /// The fields whose values tell one group of events from another; aliases by their own names.
    pub group_by: Vec<String>,
    /// The fields whose different values are counted, for [`CorrelationKind::ValueCount`].
    pub counted: Vec<String>,
    /// The length of the window; both its ends belong to it.
    pub timespan: Duration,
    /// The least count that matches.
    pub at_least: u64,
    /// The greatest count that matches; without a bound, `u64::MAX`.
    pub at_most: u64,
}

/// What a correlation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum CorrelationKind {
    /// Events.
    EventCount,
    /// Different values of a field.
    ValueCount,
    /// Different rules that matched, in any order.
    Temporal,
    /// Rules that matched in the order in which they are listed, each on another event than the one before.
    TemporalOrdered,
}

impl CorrelationKind {
    /// The word in the rule.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How far a rule is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// For use.
    Stable,
    /// May need to be adjusted.
    Test,
    /// May be noisy.
    Experimental,
    /// Replaced by another.
    Deprecated,
    /// Not to be used; a set with such a rule is refused.
    Unsupported,
}

/// How grave a match is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantNames,
)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// A remark, and no alert.
    Informational,
    /// Of note, and rarely an incident.
    Low,
    /// To be looked at some time.
    Medium,
    /// To be looked at promptly.
    High,
    /// To be looked at now.
    Critical,
}

impl Level {
    /// The word in the rule.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The events a rule is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogSource {
    /// The kind of log, such as `application`.
    pub category: Option<String>,
    /// What writes it.
    pub product: Option<String>,
    /// The part of that which writes it.
    pub service: Option<String>,
}
