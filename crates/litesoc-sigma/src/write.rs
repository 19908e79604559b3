//! Writing rules as Sigma YAML: [`DetectionText`] and [`CorrelationText`].

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use crate::rule::{CorrelationKind, Level, Status};

/// What a rule to be written says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heading {
    /// What it detects.
    pub title: String,
    /// Its id.
    pub id: Option<String>,
    /// The name by which correlations refer to it.
    pub name: Option<String>,
    /// How far it is trusted.
    pub status: Option<Status>,
    /// More about it.
    pub description: Option<String>,
    /// Words such as `attack.t1110`.
    pub tags: Vec<String>,
    /// How grave a match is.
    pub level: Option<Level>,
}

impl Heading {
    /// Only a title.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            id: None,
            name: None,
            status: None,
            description: None,
            tags: Vec::new(),
            level: None,
        }
    }

    /// The same with this id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The same with this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same with this status.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// The same with this description.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The same with one more tag.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// The same with this level.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    fn begin(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "title: {}", Quoted(&self.title))?;
        let status = self.status.map(|status| status.to_string());
        let lines =
            [("id", &self.id), ("name", &self.name), ("status", &status), ("description", &self.description)];
        for (key, text) in lines {
            if let Some(text) = text {
                writeln!(f, "{key}: {}", Quoted(text))?;
            }
        }
        Ok(())
    }

    fn end(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.tags.is_empty() {
            writeln!(f, "tags:")?;
            self.tags.iter().try_for_each(|tag| writeln!(f, "    - {}", Quoted(tag)))?;
        }
        self.level.map_or(Ok(()), |level| writeln!(f, "level: {level}"))
    }
}

/// A value in a rule to be written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scalar {
    /// A Sigma text, with wildcards; [`escaped`](crate::escaped) makes one that means itself.
    Text(String),
    /// A number.
    Number(i64),
    /// True or false.
    Bool(bool),
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Scalar {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl Display for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            // A text in a detection is always quoted, as the Sigma specification asks.
            Self::Text(text) => always_quoted(text, f),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(truth) => write!(f, "{truth}"),
        }
    }
}

/// A field with its modifiers, and its values.
type FieldTest = (String, Vec<Scalar>);

/// A detection to be written.
///
/// ```
/// use litesoc_sigma::{DetectionText, Heading, Level, RuleSet};
///
/// let text = DetectionText::new(Heading::new("Any export").level(Level::Low), "litesoc")
///     .test("selection", "event", ["data.export"])
///     .to_string();
/// assert_eq!(RuleSet::parse([("export.yml", &text)])?.rules()[0].title, "Any export");
/// # Ok::<(), litesoc_sigma::Faults>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DetectionText {
    heading: Heading,
    product: String,
    searches: Vec<(String, Vec<FieldTest>)>,
    condition: Option<String>,
}

impl DetectionText {
    /// A detection in the events of this product, so far without a search.
    #[must_use]
    pub fn new(heading: Heading, product: impl Into<String>) -> Self {
        Self { heading, product: product.into(), searches: Vec::new(), condition: None }
    }

    /// The same with one more test in the search of this name; `field` may carry modifiers.
    #[must_use]
    pub fn test<S: Into<Scalar>>(
        mut self,
        search: &str,
        field: impl Into<String>,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let test = (field.into(), values.into_iter().map(Into::into).collect());
        match self.searches.iter_mut().find(|(name, _)| name == search) {
            Some((_, tests)) => tests.push(test),
            None => self.searches.push((search.to_owned(), vec![test])),
        }
        self
    }

    /// The same with this condition; without one, all searches must hold.
    #[must_use]
    pub fn condition(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }
}

impl Display for DetectionText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.heading.begin(f)?;
        writeln!(f, "logsource:\n    product: {}", Quoted(&self.product))?;
        writeln!(f, "detection:")?;
        for (name, tests) in &self.searches {
            writeln!(f, "    {}:", Quoted(name))?;
            for (field, values) in tests {
                match &values[..] {
                    [value] => writeln!(f, "        {}: {value}", Quoted(field))?,
                    values => {
                        writeln!(f, "        {}:", Quoted(field))?;
                        values.iter().try_for_each(|value| writeln!(f, "            - {value}"))?;
                    }
                }
            }
        }
        let names: Vec<&str> = self.searches.iter().map(|(name, _)| name.as_str()).collect();
        match &self.condition {
            Some(condition) => writeln!(f, "    condition: {}", Quoted(condition))?,
            None => writeln!(f, "    condition: {}", Quoted(&names.join(" and ")))?,
        }
        self.heading.end(f)
    }
}

/// A correlation to be written.
///
/// ```
/// use std::time::Duration;
///
/// use litesoc_sigma::{CorrelationKind, CorrelationText, Heading};
///
/// let text = CorrelationText::new(Heading::new("Guessing"), CorrelationKind::EventCount, Duration::from_secs(600))
///     .rule("failed_sign_in")
///     .group_by("actor.id")
///     .at_least(10)
///     .to_string();
/// assert!(text.contains("    timespan: 10m\n    condition:\n        gte: 10\n"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrelationText {
    heading: Heading,
    kind: CorrelationKind,
    rules: Vec<String>,
    group_by: Vec<String>,
    counted: Option<String>,
    timespan: Duration,
    at_least: Option<u64>,
    generate: bool,
}

impl CorrelationText {
    /// A correlation over so much time; parts of a second are cut off.
    #[must_use]
    pub const fn new(heading: Heading, kind: CorrelationKind, timespan: Duration) -> Self {
        Self {
            heading,
            kind,
            rules: Vec::new(),
            group_by: Vec::new(),
            counted: None,
            timespan,
            at_least: None,
            generate: false,
        }
    }

    /// The same with one more rule, by id or name.
    #[must_use]
    pub fn rule(mut self, name: impl Into<String>) -> Self {
        self.rules.push(name.into());
        self
    }

    /// The same with one more field to group by.
    #[must_use]
    pub fn group_by(mut self, field: impl Into<String>) -> Self {
        self.group_by.push(field.into());
        self
    }

    /// The same counting the values of this field.
    #[must_use]
    pub fn counted(mut self, field: impl Into<String>) -> Self {
        self.counted = Some(field.into());
        self
    }

    /// The same matching from this count on.
    #[must_use]
    pub const fn at_least(mut self, count: u64) -> Self {
        self.at_least = Some(count);
        self
    }

    /// The same with the rules it refers to told too.
    #[must_use]
    pub const fn generate(mut self) -> Self {
        self.generate = true;
        self
    }
}

impl Display for CorrelationText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.heading.begin(f)?;
        writeln!(f, "correlation:\n    type: {}\n    rules:", self.kind)?;
        self.rules.iter().try_for_each(|rule| writeln!(f, "        - {}", Quoted(rule)))?;
        if !self.group_by.is_empty() {
            writeln!(f, "    group-by:")?;
            self.group_by.iter().try_for_each(|field| writeln!(f, "        - {}", Quoted(field)))?;
        }
        let seconds = self.timespan.as_secs();
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let unit = units.into_iter().find(|(length, _)| seconds > 0 && seconds.is_multiple_of(*length));
        let (length, letter) = unit.unwrap_or((1, 's'));
        writeln!(f, "    timespan: {}{letter}", seconds / length)?;
        if self.counted.is_some() || self.at_least.is_some() {
            writeln!(f, "    condition:")?;
        }
        if let Some(field) = &self.counted {
            writeln!(f, "        field: {}", Quoted(field))?;
        }
        if let Some(count) = self.at_least {
            writeln!(f, "        gte: {count}")?;
        }
        if self.generate {
            writeln!(f, "    generate: true")?;
        }
        self.heading.end(f)
    }
}

/// A text in quotes, where it needs them.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | ',' | '(' | ')');
        let is_plain = self.0.starts_with(|c: char| c.is_ascii_alphabetic())
            && !self.0.ends_with(' ')
            && self.0.chars().all(plain)
            && !matches!(
                self.0.to_ascii_lowercase().as_str(),
                "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
            );
        if is_plain { f.write_str(self.0) } else { always_quoted(self.0, f) }
    }
}

fn always_quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    if !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return write!(f, "'{}'", text.replace('\'', "''"));
    }
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                write!(f, "\\U{:08x}", u32::from(c))?;
            }
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}
