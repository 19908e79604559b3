//! Data exfiltration: an account takes out far more data than it usually does.
//!
//! # What it sees
//!
//! `data.export`, `data.download` and `data.shared`, added up by account over two windows of event time: how many, how many
//! records (`record_count`, `count`, `rows` and their like) and how many bytes (`bytes`, `size`).
//! ATT&CK T1567 (exfiltration over a web service); T1530 (from cloud storage) when most of it were downloads.
//!
//! # Thresholds
//!
//! A figure has to reach a floor and be unusual. The floors are 25 events, 10,000 records or 1 GB in an hour, and 100 events,
//! 25,000 records or 2.5 GB in a day: what a person working by hand hardly reaches. The counts published for single services
//! are of that size (25 files or repositories in a few minutes).
//! Unusual is:
//!
//! * for an account with a week of history on three clean days or more: six spreads above its own mean, in logarithms, which is
//!   at least 11 times its usual busiest hour (or day);
//! * for one without: above what 19 of 20 accounts of the organisation have never done on any day, once ten are known that take
//!   data out at all; whatever they do, four times the floor is too much for it. An account that goes beyond the floor every day,
//!   such as a job of the night, is measured by itself and is no measure for others;
//! * before that the floor alone speaks, and the alert is of medium severity only, since there is nothing to compare with.
//!
//! The LiteSOC API's defaults, 5 exports in 10 minutes or 10,000 records in an hour, are settings away (`window`, `events`, `long_window`, `long_records`), and
//! still do not fire for accounts whose normal day looks like that.
//!
//! # Whoever grows slowly
//!
//! The mean follows an account that exports a little more every day. So where the rule would have fired when learning ended is
//! kept as a second limit; it may follow by half every 30 days, and never passes 40 times the floor. Ten per cent a day meets it
//! within a month. An account that was beyond that ceiling while it was learned (a warehouse job) keeps its own.
//!
//! # Severity
//!
//! High; critical when the account read sensitive data that is not its daily work, or signed in from a new device, a new
//! country, impossibly far away or after a brute force within the hour.
//!
//! # Suppressions and known costs
//!
//! * A nightly backup is learned like anybody; in a new installation it is told once, at medium severity, and not again unless
//!   it grows to three times as much. Days that were told or on which something else was found teach nothing; marking the alert safe does.
//! * A report that somebody runs once a month and that is 11 times their busiest hour is told once for each month until it is
//!   marked safe.
//! * Applications that send neither counts nor sizes are watched by the number of events alone.
//! * Days of learning end at midnight UTC, but not while exports follow each other within the short window: they go on for up to
//!   24 hours, so that no burst is cut in two.
//! * Windows are counted in twelfths (the long one in 24ths) and reach up to one such part further than their length.

use std::time::Duration;

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Occasion;
use super::actor::{Actor, Exports};
use super::organization::Organization;
use super::phrases::{self, number, size};
use super::usual::{FIGURES, Learning, Measure};
use super::volume::{Volume, Windows, seconds};
use crate::finding::{Finding, SignalKind, WINDOW};
use crate::settings::{Problems, Section};
use crate::text::duration;

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "data_exfiltration";

/// Accounts that take data out from which on the organisation's own figures are believed.
const ENOUGH_ACCOUNTS: u32 = 10;
/// How many times the floor is too much for a new account, whatever others do.
const MOST_AT_FIRST: u64 = 4;

/// How much data may leave before an account is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DataExfiltration {
    /// The short window of event time, 1 second to 24 hours: 1 hour.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
    /// Exports, downloads and shares in it, from 1 on: 25.
    pub events: u32,
    /// Records in them, from 1 on: 10,000.
    pub records: u64,
    /// Bytes in them, from 1 on: 1 GB.
    pub bytes: u64,
    /// The long window of event time, not shorter than the short one, up to 24 hours: 24 hours.
    #[serde(with = "crate::settings::span")]
    pub long_window: Duration,
    /// Exports, downloads and shares in the long window, from 1 on: 100.
    pub long_events: u32,
    /// Records in them, from 1 on: 25,000.
    pub long_records: u64,
    /// Bytes in them, from 1 on: 2.5 GB.
    pub long_bytes: u64,
    /// Spreads above the account's own mean that are unusual, 2 to 50: 6.
    pub deviations: u8,
    /// Days before an account's own usual is believed, 1 to 90: 7.
    pub learning_days: u16,
    /// How many times the floor nobody reaches by growing slowly, 1 to 10,000: 40.
    pub ceiling: u16,
}

impl Default for DataExfiltration {
    fn default() -> Self {
        const GB: u64 = 1 << 30;
        let hour = Duration::from_secs(60 * 60);
        Self {
            window: hour,
            events: 25,
            records: 10_000,
            bytes: GB,
            long_window: 24 * hour,
            long_events: 100,
            long_records: 25_000,
            long_bytes: 5 * GB / 2,
            deviations: 6,
            learning_days: 7,
            ceiling: 40,
        }
    }
}

impl Section for DataExfiltration {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.window(self.window, "window");
        problems.window(self.long_window, "long_window");
        let ordered = self.long_window >= self.window;
        problems.unless(ordered, "long_window", "must not be shorter than window");
        let names = ["events", "records", "bytes", "long_events", "long_records", "long_bytes"];
        for (floor, name) in self.floors().into_iter().zip(names) {
            problems.unless(floor > 0, name, "must not be 0");
        }
        problems.within(self.deviations, "deviations", 2..=50);
        problems.within(self.learning_days, "learning_days", 1..=90);
        problems.within(self.ceiling, "ceiling", 1..=10_000);
    }
}

impl DataExfiltration {
    pub(crate) fn windows(&self) -> Windows {
        Windows::new(self.window, self.long_window)
    }

    /// In the order of [`Volume::figures`], the short window first.
    fn floors(&self) -> [u64; FIGURES] {
        [
            self.events.into(),
            self.records,
            self.bytes.div_ceil(1_024),
            self.long_events.into(),
            self.long_records,
            self.long_bytes.div_ceil(1_024),
        ]
    }

    pub(crate) fn learning(&self) -> Learning {
        let ceilings = self.floors().map(|floor| floor.saturating_mul(self.ceiling.into()));
        Learning { deviations: self.deviations.into(), days: self.learning_days, ceilings }
    }
}

/// Whether the event takes data out.
pub(crate) fn is_export(event: &EventType) -> bool {
    *event == EventType::DATA_EXPORT || *event == EventType::DATA_DOWNLOAD || *event == EventType::DATA_SHARED
}

/// A figure that is too high.
#[derive(Clone, Copy, Debug)]
struct Excess {
    place: usize,
    figure: u64,
    floor: u64,
    measure: Measure,
}

/// Counts what was taken out and says whether it is too much.
pub(crate) fn examine(
    occasion: &Occasion<'_>,
    actor: &mut Actor,
    organization: &mut Organization,
) -> Option<Finding> {
    let settings = &occasion.scene.settings.data_exfiltration;
    let (windows, at) = (settings.windows(), seconds(occasion.at()));
    let exports = actor.exports.get_or_insert_with(|| Box::new(Exports::new(occasion.day)));
    let day = exports.day_of(at, occasion.day, windows.gap());
    turn(exports, organization, day, settings);
    exports.follow(at, windows.gap());
    // What one alert told of does not count for the next, or the first export of the next morning would tell it again.
    let grouping = u32::try_from(occasion.scene.settings.grouping.as_secs()).unwrap_or(u32::MAX);
    if exports.fired_at > 0 && at > exports.fired_at.saturating_add(grouping) {
        exports.slices.spend(exports.fired_at);
        exports.fired_at = 0;
    }
    let volume = Volume::of(
        occasion.particulars.records.unwrap_or_default(),
        occasion.particulars.bytes.unwrap_or_default(),
    );
    exports.slices.add(at, volume, windows);
    exports.sample(occasion.at(), occasion.scene.seen.event_id);
    judge(occasion, exports, organization)
}

/// Sensitive data read within the hour makes what was told before critical.
pub(crate) fn reconsider(
    occasion: &Occasion<'_>,
    actor: &mut Actor,
    organization: &Organization,
) -> Option<Finding> {
    let exports = actor.exports.as_mut()?;
    let apart = seconds(occasion.at()).abs_diff(exports.fired_at);
    if exports.fired_at == 0 || apart > 3_600 {
        return None;
    }
    judge(occasion, exports, organization).filter(|finding| finding.severity == AlertSeverity::Critical)
}

/// Ends the day under way when the event is of another, and lets the organisation learn of it.
fn turn(exports: &mut Exports, organization: &mut Organization, day: u16, settings: &DataExfiltration) {
    if let Some(peaks) = exports.usual.turn(day, &settings.learning()) {
        exports.usual.count_in(organization.exports.get_or_insert_default(), peaks, settings.floors());
    }
}

fn judge(occasion: &Occasion<'_>, exports: &mut Exports, organization: &Organization) -> Option<Finding> {
    let settings = &occasion.scene.settings.data_exfiltration;
    let at = seconds(occasion.at());
    let [short, long] = exports.slices.sums(at, settings.windows());
    let figures = spread(short.figures(), long.figures());
    let day = exports.day_of(at, occasion.day, settings.windows().gap());
    exports.usual.note(day, figures);
    let known = organization.exports.as_deref().filter(|histograms| {
        histograms.accounts() >= ENOUGH_ACCOUNTS && organization.age(occasion.day) >= settings.learning_days
    });
    let learning = settings.learning();
    let excesses =
        figures.into_iter().zip(settings.floors()).enumerate().filter_map(|(place, (figure, floor))| {
            let measure = (figure >= floor)
                .then(|| {
                    exports.usual.exceeded(
                        place,
                        figure,
                        &learning,
                        known,
                        MOST_AT_FIRST.saturating_mul(floor),
                    )
                })
                .flatten()?;
            Some(Excess { place, figure, floor, measure })
        });
    // Of several the one furthest above its floor tells the most; compared crosswise, to stay with whole numbers.
    let excess = excesses.max_by(|one, other| {
        let cross = |a: &Excess, b: &Excess| u128::from(a.figure) * u128::from(b.floor);
        cross(one, other).cmp(&cross(other, one)).then(other.place.cmp(&one.place))
    })?;
    exports.tell(at);
    exports.usual.tell(day, figures);
    Some(tell(occasion, exports, &excess, if excess.place < 3 { short } else { long }))
}

fn tell(occasion: &Occasion<'_>, exports: &Exports, excess: &Excess, sum: Volume) -> Finding {
    let settings = &occasion.scene.settings.data_exfiltration;
    let window = if excess.place < 3 { settings.window } else { settings.long_window };
    let signs = occasion.signs(&[
        SignalKind::SensitiveAccess,
        SignalKind::NewDevice,
        SignalKind::NewCountry,
        SignalKind::ImpossibleTravel,
        SignalKind::BruteForced,
    ]);
    let base = match excess.measure {
        Measure::Nothing => AlertSeverity::Medium,
        Measure::Own { .. } | Measure::Organization { .. } => AlertSeverity::High,
    };
    let severity = if signs.is_empty() { base } else { phrases::worse(base) };
    let mut finding = phrases::finding(NAME, AlertType::DataExfiltration, severity);
    let downloads = *occasion.scene.seen.event == EventType::DATA_DOWNLOAD;
    finding.technique = Some(if downloads { "T1530" } else { "T1567" }.into());
    let who = occasion.who();
    let figure = figure_words(excess.place, excess.figure);
    let span = window_words(window);
    finding.title = format!("{who} took out {figure} within {span}{}", compared_in_short(excess));
    finding.description = format!(
        "{who} took data out {} within {span}: {}. {}{} If nobody asked for this, suspend the account, end its sessions and \
         find out what was taken and where it went.",
        crate::text::times(sum.events, "time", "times"),
        amount(sum),
        compared(excess),
        company(&signs),
    );
    finding.facts = phrases::facts([
        ("exports", json!(sum.events)),
        ("records", json!(sum.records)),
        ("kibibytes", json!(sum.kib)),
        (WINDOW, json!(duration(window))),
        ("usual", usual_fact(excess)),
        ("signs", json!(phrases::signs(&signs))),
    ]);
    let own = occasion.scene.seen.event_id;
    finding.events = exports.samples.iter().map(|(_, id)| *id).filter(|id| *id != own).collect();
    finding
}

/// `48,210 records`; `61 exports`; `1.2 GB`.
fn figure_words(place: usize, figure: u64) -> String {
    match place % 3 {
        0 => format!("data {} times", number(figure)),
        1 => format!("{} records", number(figure)),
        _ => size(figure),
    }
}

fn window_words(window: Duration) -> String {
    if window.as_secs() == 3_600 { "an hour".to_owned() } else { duration(window) }
}

fn amount(sum: Volume) -> String {
    match (sum.records, sum.kib) {
        (0, 0) => "how much is not known".to_owned(),
        (records, 0) => format!("{} records", number(records)),
        (0, kib) => size(kib),
        (records, kib) => format!("{} records, {}", number(records), size(kib)),
    }
}

fn compared_in_short(excess: &Excess) -> String {
    match excess.measure {
        Measure::Own { usual, .. } if usual > 0 => {
            format!(", {} times the usual", number(excess.figure / usual))
        }
        Measure::Own { .. } => ", which they never do".to_owned(),
        Measure::Organization { .. } => ", far beyond what is usual here".to_owned(),
        Measure::Nothing => String::new(),
    }
}

fn compared(excess: &Excess) -> String {
    let usual_words = |usual| match excess.place % 3 {
        0 if usual == 1 => "once".to_owned(),
        0 => format!("{} times", number(usual)),
        _ => figure_words(excess.place, usual),
    };
    match excess.measure {
        Measure::Own { usual, days } => format!(
            "On their usual days the most is {} (learned from {}).",
            usual_words(usual),
            crate::text::times(days.into(), "day", "days")
        ),
        Measure::Organization { rare } => format!(
            "The account has taken data out too seldom to have a usual; in this organisation hardly any account ever goes \
                 beyond {}.",
            usual_words(rare)
        ),
        Measure::Nothing => {
            "Neither the account nor the organisation has been seen long enough to say what is usual."
                .to_owned()
        }
    }
}

fn usual_fact(excess: &Excess) -> Value {
    match excess.measure {
        Measure::Own { usual, .. } => json!(usual),
        Measure::Organization { rare } => json!(rare),
        Measure::Nothing => Value::Null,
    }
}

pub(crate) fn company(signs: &[SignalKind]) -> String {
    if signs.is_empty() {
        String::new()
    } else {
        format!(" Within the same hour: {}.", phrases::signs(signs))
    }
}

fn spread(short: [u64; 3], long: [u64; 3]) -> [u64; FIGURES] {
    let [a, b, c] = short;
    let [d, e, f] = long;
    [a, b, c, d, e, f]
}
