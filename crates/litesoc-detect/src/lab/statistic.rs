//! [`Estimate`]: a figure with its 95 % confidence interval over seeds.

use serde::Serialize;

use super::chance::Chance;

/// A figure and the interval in which the true one lies with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The figure over all seeds.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Resamples for an interval; the third decimal does not change beyond.
const RESAMPLES: usize = 1_000;
/// Normal quantile of 0.975.
const Z: f64 = 1.959_964;

/// A share, from hits and cases of each seed; `None` without cases.
///
/// The interval is the wider, at each end, of the score interval (Wilson, 1927), which knows that ten of ten is not yet
/// certainty, and of the percentile bootstrap over seeds (Efron, 1979), which knows that seeds differ.
pub(crate) fn share(seeds: &[(f64, f64)]) -> Option<Estimate> {
    let (hits, cases) = sum(seeds);
    if cases == 0.0 {
        return None;
    }
    let value = hits / cases;
    let squared = Z * Z / cases;
    let centre = (value + squared / 2.0) / (1.0 + squared);
    let half = Z / (1.0 + squared) * (value * (1.0 - value) / cases + squared / (4.0 * cases)).sqrt();
    let (low, high) = bootstrap(seeds);
    Some(Estimate { value, low: low.min(centre - half).max(0.0), high: high.max(centre + half).min(1.0) })
}

/// How many in so much, from counts and amounts of each seed, times `scale`; `None` without an amount.
///
/// The interval is the bootstrap over seeds; a count of nothing is at most three (Hanley and Lippman-Hand, 1983).
pub(crate) fn rate(seeds: &[(f64, f64)], scale: f64) -> Option<Estimate> {
    let (count, amount) = sum(seeds);
    if amount == 0.0 {
        return None;
    }
    let (low, high) = bootstrap(seeds);
    let high = if count == 0.0 { 3.0 / amount } else { high };
    Some(Estimate { value: count / amount * scale, low: low * scale, high: high * scale })
}

fn sum(seeds: &[(f64, f64)]) -> (f64, f64) {
    seeds.iter().fold((0.0, 0.0), |sum, seed| (sum.0 + seed.0, sum.1 + seed.1))
}

/// The middle 95 % of the ratio when seeds are drawn with replacement.
fn bootstrap(seeds: &[(f64, f64)]) -> (f64, f64) {
    let mut chance = Chance::new(0x1ab);
    let mut ratios: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let drawn: Vec<(f64, f64)> = seeds.iter().map(|_| chance.choose(seeds)).collect();
            let (part, whole) = sum(&drawn);
            (whole > 0.0).then_some(part / whole)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    (quantile(&ratios, 0.025), quantile(&ratios, 0.975))
}

/// The value below which this share of a sorted list lies; 0 of an empty one.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    match sorted.len() {
        0 => 0.0,
        len => sorted[((len - 1) as f64 * share).round() as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        // Wilson, 95 %: 10 of 10 is 0.7225 to 1.
        let all = share(&[(5.0, 5.0), (5.0, 5.0)]).unwrap();
        assert!((all.low - 0.7225).abs() < 0.001 && (all.value, all.high) == (1.0, 1.0), "{all:?}");
        // Seeds that differ widen what the pooled count claims.
        let uneven = share(&[(10.0, 10.0), (0.0, 10.0)]).unwrap();
        assert_eq!((uneven.value, uneven.low, uneven.high), (0.5, 0.0, 1.0));
        assert_eq!(share(&[]), None);
        let none = rate(&[(0.0, 1_000.0), (0.0, 2_000.0)], 1_000.0).unwrap();
        assert_eq!((none.value, none.low, none.high), (0.0, 0.0, 1.0));
    }
}
