//! [`Usual`]: what is usual for one account or organisation, in a few bytes: a level, its spread, and a limit that moves slowly.

use super::quantile::Histograms;
use crate::record::{Field, fields};

/// A figure as the logarithm of one more than it, in steps of 1/1024.
///
/// Volumes of data are compared by factors: 40 exports instead of 20 are not what 10,020 instead of 10,000 are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Log(pub(crate) u16);

impl Log {
    const STEPS: f64 = 1_024.0;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the logarithm of the largest number is 44.4, and the digits lost are smaller than a step"
    )]
    pub(crate) fn of(figure: u64) -> Self {
        // Most applications say how many records there are or how large they are, not both.
        if figure == 0 {
            return Self(0);
        }
        Self(((figure as f64).ln_1p() * Self::STEPS).round() as u16)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a conversion from floating point saturates"
    )]
    pub(crate) fn figure(self) -> u64 {
        (f64::from(self.0) / Self::STEPS).exp_m1().round() as u64
    }

    /// Larger by a factor.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self(self.0.saturating_add(Self::step(factor.ln())))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a conversion from floating point saturates"
    )]
    fn step(logarithm: f64) -> u16 {
        (logarithm * Self::STEPS).round() as u16
    }
}

/// Figures compared: events, records and kibibytes, each in the short window and in the long one.
pub(crate) const FIGURES: usize = 6;

/// How a usual is learned and when it is exceeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Learning {
    /// How many spreads above the level are too many.
    pub(crate) deviations: f64,
    /// Days from the first on before a usual is believed.
    pub(crate) days: u16,
    /// Beyond this nobody comes by growing slowly.
    pub(crate) ceilings: [u64; FIGURES],
}

/// Days with activity needed beside the days passed.
const ACTIVE_DAYS: u16 = 3;
/// The spread of the logarithm is never taken for smaller: with six of them, a usual has to be exceeded by a factor of 11.
pub(crate) const LEAST_SPREAD: f64 = 0.4;
/// A mean absolute deviation as a standard deviation of a normal distribution.
const FROM_ABSOLUTE: f64 = 1.253_3;
/// One day weighs at least so much in the mean.
const WEIGHT: f64 = 0.1;
/// Once in so many days the limit may follow the level.
const LIMIT_DAYS: u16 = 30;
/// By so much at most.
const LIMIT_GROWTH: f64 = 1.5;
/// What has been told once during learning may grow to this before it is told again. More than twice: two nights of a nightly job
/// lie within any 24 hours and a bit.
const TOLD_GROWTH: f64 = 3.0;

/// One figure: where it is usually, how much it varies, and how far it may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Level {
    mean: Log,
    /// Mean absolute deviation, in the steps of [`Log`].
    spread: u16,
    /// While learning, what has been told already; afterwards, where the rule fires however the mean has crept up.
    limit: Log,
}

impl Level {
    fn learn(&mut self, seen: Log, days: u16) {
        let weight = (1.0 / f64::from(days.saturating_add(1))).max(WEIGHT);
        if days == 0 {
            *self = Self { mean: seen, spread: 0, limit: self.limit };
            return;
        }
        let (mean, spread) = (f64::from(self.mean.0), f64::from(self.spread));
        // One wild day moves the mean by no more than a few spreads.
        let reach = 3.0 * spread.max(LEAST_SPREAD * Log::STEPS);
        let apart = (f64::from(seen.0) - mean).clamp(-reach, reach);
        self.mean = Log(Log::step((mean + weight * apart) / Log::STEPS));
        self.spread = Log::step((spread + weight * (apart.abs() - spread)) / Log::STEPS);
    }

    /// Where the moving mean alone would call it too many.
    fn moving_limit(&self, deviations: f64) -> Log {
        let spread = (f64::from(self.spread) / Log::STEPS * FROM_ABSOLUTE).max(LEAST_SPREAD);
        Log(self.mean.0.saturating_add(Log::step(deviations * spread)))
    }
}

/// What is usual of six figures, learned from the highest of each clean day.
///
/// The mean and the spread follow the days (an exponentially weighted average that one wild day cannot drag far).
/// Whoever lets his exports grow a little every day drags the mean along, so there is a second limit: set where learning ended,
/// it follows at most by half every 30 days, and never beyond a ceiling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usual {
    levels: [Level; FIGURES],
    /// The highest of the day under way.
    peaks: [Log; FIGURES],
    day: u16,
    first_day: u16,
    /// Clean days learned.
    days: u16,
    limit_day: u16,
    /// Enough days were learned, and the limits are set.
    known: bool,
    tainted: bool,
    told: bool,
    /// What an alert told of last.
    last_told: [Log; FIGURES],
    /// Where it counts in the organisation's figures.
    counted: [u8; FIGURES],
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// The account's own usual.
    Own { usual: u64, days: u16 },
    /// What hardly anybody in the organisation does.
    Organization { rare: u64 },
    /// Nothing is known yet; the floor alone speaks.
    Nothing,
}

impl Usual {
    pub(crate) fn new(day: u16) -> Self {
        Self { day, first_day: day, limit_day: day, ..Self::default() }
    }

    /// Moves on to the day of an event. Gives back the day that ended, when it was clean.
    pub(crate) fn turn(&mut self, day: u16, learning: &Learning) -> Option<[Log; FIGURES]> {
        if day <= self.day {
            return None;
        }
        let ended = self.end_day(day, learning);
        self.peaks = [Log::default(); FIGURES];
        (self.day, self.tainted, self.told) = (day, false, false);
        ended
    }

    /// Counts a clean day that ended in the organisation's figures.
    ///
    /// An account known to go beyond a floor every day is no measure for those who do not: three jobs of the night among
    /// sixty people would hide what any of these takes out at once.
    pub(crate) fn count_in(
        &mut self,
        organization: &mut Histograms,
        peaks: [Log; FIGURES],
        floors: [u64; FIGURES],
    ) {
        let mut sizes = peaks.map(Some);
        for ((size, level), floor) in sizes.iter_mut().zip(&self.levels).zip(floors) {
            *size = size.filter(|_| !self.known || level.mean < Log::of(floor));
        }
        organization.count(&mut self.counted, sizes);
    }

    fn end_day(&mut self, next: u16, learning: &Learning) -> Option<[Log; FIGURES]> {
        if self.told && !self.known {
            for (level, peak) in self.levels.iter_mut().zip(self.peaks) {
                level.limit = level.limit.max(peak.times(TOLD_GROWTH));
            }
        }
        if self.told || self.tainted {
            return None;
        }
        for (level, peak) in self.levels.iter_mut().zip(self.peaks) {
            level.learn(peak, self.days);
        }
        self.days = self.days.saturating_add(1);
        let enough = self.days >= ACTIVE_DAYS && next.saturating_sub(self.first_day) >= learning.days;
        if enough && (!self.known || next.saturating_sub(self.limit_day) >= LIMIT_DAYS) {
            self.move_limits(!self.known, learning);
            (self.known, self.limit_day) = (true, next);
        }
        Some(self.peaks)
    }

    fn move_limits(&mut self, first: bool, learning: &Learning) {
        for (level, ceiling) in self.levels.iter_mut().zip(learning.ceilings) {
            let (moving, ceiling) = (level.moving_limit(learning.deviations), Log::of(ceiling));
            level.limit = if first {
                moving
            } else {
                let reach = level.limit.times(LIMIT_GROWTH).min(ceiling.max(level.limit));
                moving.clamp(level.limit, reach)
            };
        }
    }

    /// Notes the sums of the day under way.
    pub(crate) fn note(&mut self, day: u16, figures: [u64; FIGURES]) {
        if day == self.day {
            for (peak, figure) in self.peaks.iter_mut().zip(figures) {
                *peak = (*peak).max(Log::of(figure));
            }
        }
    }

    /// The day under way.
    pub(crate) const fn day(&self) -> u16 {
        self.day
    }

    /// Whether enough days were learned to believe the usual.
    pub(crate) const fn is_known(&self) -> bool {
        self.known
    }

    /// What the figure exceeds, if it does. However much is usual in the organisation, `most` is too much for somebody new.
    pub(crate) fn exceeded(
        &self,
        place: usize,
        figure: u64,
        learning: &Learning,
        organization: Option<&Histograms>,
        most: u64,
    ) -> Option<Measure> {
        let (level, seen) = (&self.levels[place], Log::of(figure));
        if self.known {
            let limit = level.limit.min(level.moving_limit(learning.deviations));
            return (seen >= limit).then(|| Measure::Own { usual: level.mean.figure(), days: self.days });
        }
        if level.limit > Log::default() && seen < level.limit {
            return None;
        }
        match organization {
            Some(histograms) => {
                let rare = histograms.rare(place).min(Log::of(most));
                (seen > rare).then(|| Measure::Organization { rare: rare.figure() })
            }
            None => Some(Measure::Nothing),
        }
    }

    /// The day under way is not to be learned.
    pub(crate) fn taint(&mut self, day: u16) {
        self.tainted |= day == self.day;
    }

    /// An alert told of these sums: the day under way is not learned either.
    pub(crate) fn tell(&mut self, day: u16, figures: [u64; FIGURES]) {
        self.told |= day == self.day;
        self.last_told = figures.map(Log::of);
    }

    /// A person called what was told last usual.
    pub(crate) fn trust(&mut self) {
        for (level, told) in self.levels.iter_mut().zip(self.last_told) {
            level.limit = level.limit.max(told.times(TOLD_GROWTH));
            if told > level.mean {
                level.spread = level.spread.max((told.0 - level.mean.0) / 4);
            }
        }
        self.told = false;
    }
}

impl Field for Log {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        u16::take(input).map(Self)
    }
}

fields!(Level { mean, spread, limit });
fields!(Usual { levels, peaks, day, first_day, days, limit_day, known, tainted, told, last_told, counted });
