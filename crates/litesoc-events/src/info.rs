//! What is known of a catalogued event besides its name.

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use crate::{Category, EventType, Severity, SeverityLevel, level::UnknownWord};

/// How firmly an event belongs to the catalogue.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[strum(serialize_all = "lowercase")]
#[strum(parse_err_fn = UnknownWord::new, parse_err_ty = UnknownWord)]
#[non_exhaustive]
pub enum Tier {
    /// One of the 27 events every LiteSOC client names.
    Standard,
    /// An event some clients name: further detail, or the older name of a standard one.
    Extended,
}

impl Tier {
    /// `standard` or `extended`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The class and activity an event has in OCSF 1.8.0, the Open Cybersecurity Schema Framework.
///
/// An activity of 99 is OCSF's "Other": the class fits and none of its activities does.
/// A class of 0 says that no class fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Ocsf {
    /// For example 3002, Authentication.
    pub class_uid: u32,
    /// For example 1, Logon.
    pub activity_id: u8,
}

impl Ocsf {
    /// No class fits.
    pub const NONE: Self = Self::new(0, 0);

    /// Joins a class and one of its activities.
    #[must_use]
    pub const fn new(class_uid: u32, activity_id: u8) -> Self {
        Self { class_uid, activity_id }
    }

    /// The number OCSF calls `type_uid`: the class times 100 plus the activity.
    #[must_use]
    pub const fn type_uid(self) -> u64 {
        self.class_uid as u64 * 100 + self.activity_id as u64
    }
}

/// One row of the catalogue.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventInfo {
    /// The name on the wire, as in `auth.login_failed`.
    pub name: &'static str,
    /// The event itself.
    pub event: EventType,
    /// The prefix of the name.
    pub category: Category,
    /// How grave, in five steps.
    pub level: SeverityLevel,
    /// How grave, in the three steps of the API; follows from the level.
    pub severity: Severity,
    /// Whether one such event raises an alert by itself.
    pub instant: bool,
    /// Standard or extended.
    pub tier: Tier,
    /// What happened, in one line.
    pub meaning: &'static str,
    /// Its place in OCSF 1.8.0.
    pub ocsf: Ocsf,
    /// The technique of MITRE ATT&CK (Enterprise) that the event is a trace of, where one fits.
    pub attack: Option<&'static str>,
    /// The event that [`normalize`](crate::normalize()) makes of this one; `None` when it stays.
    pub normalizes_to: Option<EventType>,
}
