//! The lab: traffic of a made-up organisation with attacks whose truth is known, and figures of how well the rules see them.
#![doc = include_str!("README.md")]

mod attack;
mod chance;
mod explain;
mod judge;
mod labelled;
mod picture;
mod ranking;
mod report;
mod statistic;
mod tables;
mod trial;
mod world;

pub use self::attack::{Attack, Class};
pub use self::judge::{Alarm, Verdict};
pub use self::labelled::ndjson::score_ndjson;
pub use self::labelled::rba::score_rba;
pub use self::labelled::{
    AlertRow, FalseAlarm, LabelRow, LabelledError, LabelledReport, LevelRow, MissedAttack,
};
pub use self::ranking::RankingRow;
pub use self::report::{ClassRow, KindRow, Report, SeverityRow, TypeRow};
pub use self::statistic::Estimate;
pub use self::trial::{Plan, Trial, trial};
