//! [`Spot`]: a point on the Earth in four bytes, and the way between two of them.

use litesoc_model::Position;

/// The mean radius of the Earth in kilometres (IUGG).
const EARTH_KM: f64 = 6_371.0;
/// Steps of a quarter turn: the points lie at most 300 m from what they stand for.
const QUARTER: f64 = 32_767.0;
/// Degrees of latitude and longitude of one cell.
const CELL_DEGREES: f64 = 0.5;
const COLUMNS: u32 = 720;

/// A point on the Earth in four bytes, exact to 300 m.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Spot(u32);

impl Spot {
    pub(crate) fn of(position: Position) -> Self {
        let steps = |degrees: f64, quarter: f64| (degrees / quarter * QUARTER).round() as i16;
        let (north, east) = (steps(position.latitude, 90.0), steps(position.longitude, 180.0));
        Self(u32::from(north.cast_unsigned()) << 16 | u32::from(east.cast_unsigned()))
    }

    pub(crate) const fn key(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_key(key: u32) -> Self {
        Self(key)
    }

    /// Degrees north.
    pub(crate) fn latitude(self) -> f64 {
        f64::from(((self.0 >> 16) as u16).cast_signed()) / QUARTER * 90.0
    }

    /// Degrees east.
    pub(crate) fn longitude(self) -> f64 {
        f64::from((self.0 as u16).cast_signed()) / QUARTER * 180.0
    }

    /// The great circle between them in kilometres, by the haversine formula, which is exact enough for near and far alike.
    pub(crate) fn distance_km(self, other: Self) -> f64 {
        if self == other {
            return 0.0;
        }
        let (north, its_north) = (self.latitude().to_radians(), other.latitude().to_radians());
        let up = ((its_north - north) / 2.0).sin();
        let along = ((other.longitude() - self.longitude()).to_radians() / 2.0).sin();
        let half_chord = (up * up + north.cos() * its_north.cos() * along * along).clamp(0.0, 1.0);
        2.0 * EARTH_KM * half_chord.sqrt().asin()
    }

    /// Whether it is at most so far to the other.
    pub(crate) fn is_within(self, other: Self, kilometres: f64) -> bool {
        // One degree of latitude is 111 km everywhere; most places fall out here, without a sine.
        (self.latitude() - other.latitude()).abs() * 110.0 <= kilometres
            && self.distance_km(other) <= kilometres
    }

    /// The cell of half a degree it lies in.
    pub(crate) fn cell(self) -> u32 {
        let row = ((self.latitude() + 90.0) / CELL_DEGREES) as u32;
        let column = ((self.longitude() + 180.0) / CELL_DEGREES) as u32;
        row * COLUMNS + column % COLUMNS
    }

    /// The cell it lies in and those around it.
    pub(crate) fn cells_around(self) -> impl Iterator<Item = u32> {
        let cell = self.cell();
        let (row, column) = (cell / COLUMNS, cell % COLUMNS);
        let rows = row.saturating_sub(1)..=row + 1;
        rows.flat_map(move |row| [COLUMNS - 1, 0, 1].map(|step| row * COLUMNS + (column + step) % COLUMNS))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spot(latitude: f64, longitude: f64) -> Spot {
        Spot::of(Position::new(latitude, longitude, None).unwrap())
    }

    #[test]
    fn distances_are_those_of_the_atlas() {
        let about = |from: Spot, to: Spot| from.distance_km(to).round() as i64;
        let (berlin, tokyo, auckland, honolulu) =
            (spot(52.52, 13.405), spot(35.68, 139.69), spot(-36.85, 174.76), spot(21.31, -157.86));
        assert!((8_900..8_930).contains(&about(berlin, tokyo)));
        assert!((7_050..7_110).contains(&about(auckland, honolulu)), "across the date line");
        assert_eq!(about(spot(10.0, 180.0), spot(10.0, -180.0)), 0);
        assert_eq!(about(spot(90.0, 0.0), spot(90.0, 120.0)), 0, "the pole is one place");
        assert_eq!(about(spot(90.0, 0.0), spot(-90.0, 0.0)), 20_015);
        assert_eq!(about(berlin, berlin), 0);
    }

    #[test]
    fn cells_around_the_date_line_are_neighbours() {
        let (west, east) = (spot(10.1, 179.9), spot(10.1, -179.9));
        assert_ne!(west.cell(), east.cell());
        assert!(west.cells_around().any(|cell| cell == east.cell()));
        assert!(east.cells_around().any(|cell| cell == west.cell()));
    }

    fn anywhere() -> impl Strategy<Value = Spot> {
        (-90.0..=90.0_f64, -180.0..=180.0_f64).prop_map(|(latitude, longitude)| spot(latitude, longitude))
    }

    proptest! {
        #[test]
        fn distance_is_a_metric(a in anywhere(), b in anywhere(), c in anywhere()) {
            let (there, back) = (a.distance_km(b), b.distance_km(a));
            prop_assert!((there - back).abs() < 1e-6 && (0.0..=20_016.0).contains(&there));
            prop_assert!(a.distance_km(c) <= there + b.distance_km(c) + 1e-6);
            prop_assert!(a.is_within(b, there + 1e-9));
            prop_assert_eq!(Spot::from_key(a.key()), a);
        }

        #[test]
        fn what_is_near_lies_in_a_cell_around(a in anywhere(), north in -0.49..0.49_f64, east in -0.49..0.49_f64) {
            let latitude = (a.latitude() + north).clamp(-90.0, 90.0);
            let longitude = (a.longitude() + east + 540.0) % 360.0 - 180.0;
            let b = spot(latitude, longitude);
            prop_assert!(a.cells_around().any(|cell| cell == b.cell()));
        }
    }
}
