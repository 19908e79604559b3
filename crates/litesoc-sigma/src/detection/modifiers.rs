//! The modifiers after a field's name, such as `|contains|all`, and which of them go together.

use crate::fault::{Position, Reporter, meant};

/// How a value is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Equality of texts, numbers and truth values.
    #[default]
    Plain,
    /// A regular expression with its flags: not caring for case, several lines, a dot for line ends.
    Expression {
        insensitive: bool,
        lines: bool,
        dot: bool,
    },
    Network,
    Compare(Comparison),
    Exists,
    Reference,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

/// Where in the field's text the value must stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    Whole,
    Anywhere,
    Start,
    End,
}

/// How a value is turned into bytes before base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "these are their names")]
pub(crate) enum Encoding {
    Utf16Little,
    Utf16Big,
    /// Little end first, with a byte order mark.
    Utf16Marked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base64 {
    Whole,
    /// Somewhere inside, in each of the three alignments.
    Offset,
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modifiers {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    pub(crate) all: bool,
    pub(crate) cased: bool,
    pub(crate) negated: bool,
    pub(crate) windash: bool,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) base64: Option<Base64>,
    pub(crate) part: Option<DatePart>,
}

const NAMES: [&str; 36] = [
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "day",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "hour",
    "i",
    "lt",
    "lte",
    "m",
    "minute",
    "month",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
    "ignorecase",
    "multiline",
    "dotall",
    "utf16-le",
    "utf8",
];
/// The names of the end of the list are old spellings; they are known, and not offered.
const OFFERED: usize = 31;

impl Modifiers {
    /// Reads what stands after the first bar of a key; `None` after a fault.
    pub(crate) fn read(names: &str, at: Position, reporter: &mut Reporter<'_>) -> Option<Self> {
        let mut read = Self::default();
        let mut fine = true;
        for name in names.split('|').filter(|_| !names.is_empty()) {
            if let Err((problem, advice)) = read.take(name) {
                reporter.tell(at, problem, advice);
                fine = false;
            }
        }
        if fine && read.encoding.is_some() && read.base64.is_none() {
            let advice = "add `base64` or `base64offset` after it; texts in events are compared as they are";
            reporter.tell(at, "a UTF-16 modifier without base64", advice);
            fine = false;
        }
        fine.then_some(read)
    }

    fn take(&mut self, name: &str) -> Result<(), (String, String)> {
        match name {
            "contains" => return self.put(name, Place::Anywhere),
            "startswith" => return self.put(name, Place::Start),
            "endswith" => return self.put(name, Place::End),
            "all" => self.all = true,
            "cased" => self.cased = true,
            "neq" => self.negated = true,
            "re" => {
                return self
                    .become_kind(name, Kind::Expression { insensitive: false, lines: false, dot: false });
            }
            "i" | "ignorecase" | "m" | "multiline" | "s" | "dotall" => return self.flag(name),
            "cidr" => return self.become_kind(name, Kind::Network),
            "lt" => return self.become_kind(name, Kind::Compare(Comparison::Less)),
            "lte" => return self.become_kind(name, Kind::Compare(Comparison::LessOrEqual)),
            "gt" => return self.become_kind(name, Kind::Compare(Comparison::Greater)),
            "gte" => return self.become_kind(name, Kind::Compare(Comparison::GreaterOrEqual)),
            "exists" => return self.become_kind(name, Kind::Exists),
            "fieldref" => return self.become_kind(name, Kind::Reference),
            "windash" => self.windash = true,
            "wide" | "utf16le" | "utf16-le" => return self.encode(name, Encoding::Utf16Little),
            "utf16be" => return self.encode(name, Encoding::Utf16Big),
            "utf16" => return self.encode(name, Encoding::Utf16Marked),
            "base64" => return self.base64(name, Base64::Whole),
            "base64offset" => return self.base64(name, Base64::Offset),
            "minute" => self.part = Some(DatePart::Minute),
            "hour" => self.part = Some(DatePart::Hour),
            "day" => self.part = Some(DatePart::Day),
            "week" => self.part = Some(DatePart::Week),
            "month" => self.part = Some(DatePart::Month),
            "year" => self.part = Some(DatePart::Year),
            "expand" => {
                let problem = "placeholders (`expand`) are filled by nobody here";
                return Err((problem.to_owned(), "write the values out, as a list".to_owned()));
            }
            _ => return Err(unknown(name)),
        }
        self.agree(name)
    }

    fn put(&mut self, name: &str, place: Place) -> Result<(), (String, String)> {
        if self.place != Place::Whole {
            return Err(clash(name, "a second of `contains`, `startswith` and `endswith`"));
        }
        self.place = place;
        self.agree(name)
    }

    fn become_kind(&mut self, name: &str, kind: Kind) -> Result<(), (String, String)> {
        if self.kind != Kind::Plain {
            return Err(clash(name, "a second way to compare"));
        }
        self.kind = kind;
        self.agree(name)
    }

    fn flag(&mut self, name: &str) -> Result<(), (String, String)> {
        let Kind::Expression { insensitive, lines, dot } = &mut self.kind else {
            return Err((
                format!("`{name}` without `re` before it"),
                "write `|re|i`, `|re|m` or `|re|s`".to_owned(),
            ));
        };
        match name {
            "i" | "ignorecase" => *insensitive = true,
            "m" | "multiline" => *lines = true,
            _ => *dot = true,
        }
        Ok(())
    }

    fn encode(&mut self, name: &str, encoding: Encoding) -> Result<(), (String, String)> {
        if self.encoding.is_some() || self.base64.is_some() {
            return Err(clash(name, "an encoding before it"));
        }
        self.encoding = Some(encoding);
        self.agree(name)
    }

    fn base64(&mut self, name: &str, base64: Base64) -> Result<(), (String, String)> {
        if self.base64.is_some() {
            return Err(clash(name, "a second base64"));
        }
        if self.place != Place::Whole {
            return Err(clash(name, "`contains` and its like before it: they come last"));
        }
        self.base64 = Some(base64);
        self.agree(name)
    }

    /// Whether everything so far goes together.
    fn agree(&self, name: &str) -> Result<(), (String, String)> {
        let shaped = self.windash || self.encoding.is_some() || self.base64.is_some();
        let placed = self.place != Place::Whole;
        let fine = match self.kind {
            Kind::Plain => self.part.is_none() || !(shaped || placed || self.cased),
            Kind::Expression { .. } => !shaped && !placed && self.part.is_none(),
            Kind::Network => !shaped && !placed && !self.cased && self.part.is_none(),
            Kind::Compare(_) => !shaped && !placed && !self.cased && !self.negated && !self.all,
            Kind::Exists => {
                !shaped && !placed && !self.cased && !self.negated && !self.all && self.part.is_none()
            }
            Kind::Reference => !shaped && self.part.is_none(),
        };
        if fine { Ok(()) } else { Err(clash(name, "what stands before it")) }
    }
}

fn clash(name: &str, with: &str) -> (String, String) {
    (format!("`{name}` does not go together with {with}"), "leave one of them out".to_owned())
}

fn unknown(name: &str) -> (String, String) {
    let advice = match meant(name, NAMES.into_iter().take(OFFERED)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", NAMES[..OFFERED].join(", ")),
    };
    (format!("unknown modifier `{name}`"), advice)
}
