//! The map: journeys people made, and sign-ins that were too far apart.

use super::canvas::{Anchor, Canvas, Style};
use super::{FAINT, GOOD, GRID, INK, POOR};
use crate::lab::tables::cities::{CITIES, City};
use crate::lab::trial::{Journey, Trial};

/// How high the map is.
pub(super) const HEIGHT: f64 = 520.0;
/// The northern and southern edges, in degrees: no city of the lab lies beyond.
const NORTH: f64 = 68.0;
const SOUTH: f64 = -42.0;

pub(super) fn draw(canvas: &mut Canvas, trial: &Trial, left: f64, top: f64, width: f64) {
    let title = format!("Journeys of seed {}", trial.seed);
    canvas.text(left, top, &title, Style::new(INK).size(15.0).bold());
    let legend = [
        (GOOD, "people travelling"),
        (POOR, "impossible travel that was seen"),
        (INK, "impossible travel that was missed"),
    ];
    let mut x = left + 190.0;
    for (colour, words) in legend {
        canvas.line((x, top - 4.0), (x + 26.0, top - 4.0), colour, 3.0);
        canvas.text(x + 34.0, top, words, Style::new(FAINT).size(12.0));
        x += 60.0 + 7.2 * words.len() as f64;
    }
    let top = top + 20.0;
    let place = |city: &City| {
        let across = (city.longitude + 170.0).rem_euclid(360.0) / 360.0;
        let down = (NORTH - city.latitude) / (NORTH - SOUTH);
        (left + width * across, top + HEIGHT * down)
    };
    graticule(canvas, left, top, width);
    let (peaceful, attacks): (Vec<&Journey>, Vec<&Journey>) =
        trial.journeys.iter().partition(|journey| journey.seen.is_none());
    for journey in peaceful {
        canvas.arc(place(journey.from), place(journey.to), GOOD, 1.0, 0.35);
    }
    for city in CITIES {
        let (x, y) = place(city);
        canvas.dot(x, y, 2.0, FAINT);
    }
    for journey in attacks {
        let colour = if journey.seen == Some(true) { POOR } else { INK };
        let (from, to) = (place(journey.from), place(journey.to));
        canvas.arc(from, to, colour, 2.4, 0.9);
        canvas.dot(to.0, to.1, 4.0, colour);
        canvas.text(from.0 + 5.0, from.1 + 13.0, journey.from.name, Style::new(INK).size(11.0));
        let speed = journey.from.distance_to(journey.to) / journey.hours.max(0.01);
        let words = format!("{}, {speed:.0} km/h", journey.to.name);
        canvas.text(to.0 + 6.0, to.1 - 6.0, &words, Style::new(colour).size(11.0).anchor(Anchor::Start));
    }
}

fn graticule(canvas: &mut Canvas, left: f64, top: f64, width: f64) {
    for latitude in [-30.0, 0.0, 30.0, 60.0] {
        let y = top + HEIGHT * (NORTH - latitude) / (NORTH - SOUTH);
        canvas.line((left, y), (left + width, y), GRID, 1.0);
        let words = if latitude == 0.0 {
            "equator".to_owned()
        } else {
            format!("{latitude} N").replace("-30 N", "30 S")
        };
        canvas.text(left, y - 3.0, &words, Style::new(FAINT).size(10.0));
    }
    for part in 0..=12 {
        let x = left + width * f64::from(part) / 12.0;
        canvas.line((x, top), (x, top + HEIGHT), GRID, 1.0);
    }
}
