//! The figures as a picture: recall of each class, false alarms, precision, and a map of journeys possible and impossible.

mod canvas;
mod map;

use self::canvas::{Anchor, Canvas, Style};
use super::report::{Report, delay};
use super::trial::Trial;

const WIDTH: f64 = 1_240.0;
const LEFT: f64 = 30.0;
/// Where the right half begins.
const RIGHT: f64 = 790.0;
const ROW: f64 = 21.0;
const TOP: f64 = 120.0;

const INK: &str = "#1f2933";
const FAINT: &str = "#7b8794";
const GRID: &str = "#e4e7eb";
const GOOD: &str = "#2b6cb0";
const POOR: &str = "#c05621";

impl Report {
    /// The figures as SVG, with the journeys of the first trial.
    #[must_use]
    pub fn picture(&self, trials: &[Trial]) -> String {
        let below = TOP + ROW * self.classes.len().max(18) as f64 + 60.0;
        let height = below + map::HEIGHT + 60.0;
        let mut canvas = Canvas::new(WIDTH, height);
        self.head(&mut canvas);
        self.recall(&mut canvas);
        let next = self.alarms(&mut canvas);
        self.precision(&mut canvas, next);
        if let Some(trial) = trials.first() {
            map::draw(&mut canvas, trial, LEFT, below, WIDTH - 2.0 * LEFT);
        }
        canvas.finish()
    }

    fn head(&self, canvas: &mut Canvas) {
        let title = Style::new(INK).size(22.0).bold();
        canvas.text(LEFT, 42.0, "How well the rules see attacks", title);
        let range = match (self.seeds.first(), self.seeds.last()) {
            (Some(first), Some(last)) if first != last => format!("seeds {first} to {last}"),
            (Some(only), _) => format!("seed {only}"),
            (None, _) => "no seeds".to_owned(),
        };
        let facts = format!(
            "{} people, {} days, {range}: {} events, {:.0} user-days. Bars are 95 % confidence intervals over seeds.",
            self.users, self.days, self.events, self.user_days
        );
        canvas.text(LEFT, 66.0, &facts, Style::new(FAINT).size(13.0));
    }

    fn recall(&self, canvas: &mut Canvas) {
        let (from, to) = (230.0, 530.0);
        let at = |share: f64| from + (to - from) * share;
        let bottom = TOP + ROW * self.classes.len() as f64;
        canvas.text(
            LEFT,
            TOP - 22.0,
            "Share of the attacks seen, by class",
            Style::new(INK).size(15.0).bold(),
        );
        for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
            canvas.line((at(tick), TOP - 8.0), (at(tick), bottom), GRID, 1.0);
            let style = Style::new(FAINT).size(11.0).anchor(Anchor::Middle);
            canvas.text(at(tick), bottom + 16.0, &format!("{tick}"), style);
        }
        canvas.dashes((at(0.95), TOP - 8.0), (at(0.95), bottom), FAINT);
        let caption = Style::new(FAINT).size(11.0).anchor(Anchor::Middle);
        canvas.text(at(0.95), bottom + 30.0, "target 0.95", caption);
        for (x, word) in [(600.0, "seen"), (675.0, "median"), (745.0, "p90")] {
            canvas.text(x, TOP - 8.0, word, Style::new(FAINT).size(11.0).anchor(Anchor::End));
        }
        for (place, row) in self.classes.iter().enumerate() {
            let y = TOP + ROW * (place as f64 + 0.5);
            let Some(recall) = row.recall else { continue };
            let is_free = row.class == "takeover_very_targeted";
            let colour = if recall.value >= 0.95 || is_free { GOOD } else { POOR };
            let name = row.class.replace('_', " ");
            canvas.text(from - 14.0, y + 4.0, &name, Style::new(INK).size(12.5).anchor(Anchor::End));
            canvas.line((at(recall.low), y), (at(recall.high), y), colour, 3.0);
            canvas.dot(at(recall.value), y, 5.0, colour);
            let figure = Style::new(INK).size(12.0).anchor(Anchor::End);
            canvas.text(600.0, y + 4.0, &format!("{}/{}", row.seen, row.attacks), figure);
            canvas.text(675.0, y + 4.0, &delay(row.delay_median_s), figure);
            canvas.text(745.0, y + 4.0, &delay(row.delay_p90_s), figure);
        }
    }

    /// False alarms by severity; gives the height at which the next part may begin.
    fn alarms(&self, canvas: &mut Canvas) -> f64 {
        let (from, to) = (RIGHT + 110.0, RIGHT + 270.0);
        let heading = Style::new(INK).size(15.0).bold();
        canvas.text(RIGHT, TOP - 22.0, "False alarms in 1,000 user-days without attacks", heading);
        let rows = self.clean.iter().map(|row| (row.severity.as_str(), row.rate));
        let rows: Vec<_> = std::iter::once(("high and above", self.grave)).chain(rows).collect();
        let most = rows.iter().filter_map(|(_, rate)| rate.map(|rate| rate.high)).fold(1.0, f64::max);
        let at = |rate: f64| from + (to - from) * rate / most;
        for (place, (word, rate)) in rows.iter().enumerate() {
            let y = TOP + ROW * (place as f64 + 0.5);
            let Some(rate) = rate else { continue };
            let colour = if place == 0 && rate.value > 1.0 { POOR } else { GOOD };
            canvas.text(from - 14.0, y + 4.0, word, Style::new(INK).size(12.5).anchor(Anchor::End));
            canvas.block(from, y - 6.0, (at(rate.value) - from).max(1.0), 12.0, colour);
            canvas.line((at(rate.low), y), (at(rate.high), y), INK, 1.2);
            let text = format!("{:.2} ({:.2} to {:.2})", rate.value, rate.low, rate.high);
            canvas.text(to + 12.0, y + 4.0, &text, Style::new(INK).size(12.0));
        }
        let mut y = TOP + ROW * rows.len() as f64 + 18.0;
        for row in self.kinds.iter().take(5) {
            let text = format!("{:.2}  {}", row.rate, row.kind);
            canvas.text(RIGHT, y, &cut(&text, 74), Style::new(FAINT).size(11.5));
            y += 16.0;
        }
        y + 34.0
    }

    fn precision(&self, canvas: &mut Canvas, top: f64) {
        let (from, to) = (RIGHT + 150.0, RIGHT + 310.0);
        let at = |share: f64| from + (to - from) * share;
        let heading = Style::new(INK).size(15.0).bold();
        canvas.text(RIGHT, top - 14.0, "Share of the alerts that were right, by type", heading);
        for (place, row) in self.types.iter().enumerate() {
            let y = top + ROW * (place as f64 + 0.5);
            let Some(precision) = row.precision else { continue };
            let word = row.alert_type.replace('_', " ");
            canvas.text(from - 14.0, y + 4.0, &word, Style::new(INK).size(12.5).anchor(Anchor::End));
            canvas.line((at(0.0), y), (at(1.0), y), GRID, 1.0);
            canvas.line((at(precision.low), y), (at(precision.high), y), GOOD, 3.0);
            canvas.dot(at(precision.value), y, 5.0, GOOD);
            let text = format!("{:.3}   {}/{}", precision.value, row.right, row.alerts);
            canvas.text(to + 12.0, y + 4.0, &text, Style::new(INK).size(12.0));
        }
    }
}

/// At most so many letters.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
