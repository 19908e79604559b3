//! [`Country`]: two letters, and roughly where the country lies.

use litesoc_model::Position;

use super::spot::Spot;

/// A country by its two letters, ISO 3166-1 alpha-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Country(u16);

impl Country {
    /// The country of a code in letters of either case; `None` for what is no code.
    pub(crate) fn of(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self::of_letters(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    const fn of_letters(letters: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(letters))
    }

    pub(crate) const fn key(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_key(key: u16) -> Self {
        Self(key)
    }

    /// The two letters.
    pub(crate) fn code(self) -> String {
        self.0.to_be_bytes().map(char::from).iter().collect()
    }

    /// Its middle, and the kilometres from there to its farthest corner.
    ///
    /// Data that knows no more than the country gives a point that may be half a continent off; the kilometres say so.
    pub(crate) fn extent(self) -> Option<(Spot, u16)> {
        let place = EXTENTS.binary_search_by_key(&self, |extent| extent.country).ok()?;
        let extent = &EXTENTS[place];
        let middle = Position::new(extent.north.into(), extent.east.into(), None)?;
        Some((Spot::of(middle), extent.radius_km))
    }
}

/// Roughly where a country lies.
#[derive(Debug)]
struct Extent {
    country: Country,
    north: f32,
    east: f32,
    radius_km: u16,
}

const fn extent(code: [u8; 2], north: f32, east: f32, radius_km: u16) -> Extent {
    Extent { country: Country::of_letters(code), north, east, radius_km }
}

/// Degrees and kilometres, rounded so that the circle holds the country: too large a circle only keeps a rule silent.
/// That of the United States holds the contiguous ones.
static EXTENTS: [Extent; 250] = [
    extent(*b"AD", 42.5, 1.5, 30),
    extent(*b"AE", 24.0, 54.0, 350),
    extent(*b"AF", 34.0, 66.0, 800),
    extent(*b"AG", 17.0, -62.0, 50),
    extent(*b"AI", 18.2, -63.0, 30),
    extent(*b"AL", 41.0, 20.0, 200),
    extent(*b"AM", 40.0, 45.0, 200),
    extent(*b"AO", -12.0, 18.0, 900),
    extent(*b"AQ", -90.0, 0.0, 2500),
    extent(*b"AR", -38.0, -65.0, 2000),
    extent(*b"AS", -14.0, -171.0, 350),
    extent(*b"AT", 47.5, 14.0, 320),
    extent(*b"AU", -27.0, 134.0, 2300),
    extent(*b"AW", 12.5, -70.0, 20),
    extent(*b"AX", 60.2, 20.0, 80),
    extent(*b"AZ", 40.5, 47.5, 300),
    extent(*b"BA", 44.0, 18.0, 200),
    extent(*b"BB", 13.2, -59.5, 30),
    extent(*b"BD", 24.0, 90.0, 420),
    extent(*b"BE", 50.6, 4.7, 170),
    extent(*b"BF", 12.0, -1.5, 450),
    extent(*b"BG", 42.7, 25.3, 280),
    extent(*b"BH", 26.0, 50.5, 50),
    extent(*b"BI", -3.5, 30.0, 150),
    extent(*b"BJ", 9.5, 2.3, 400),
    extent(*b"BL", 17.9, -62.8, 15),
    extent(*b"BM", 32.3, -64.8, 20),
    extent(*b"BN", 4.5, 114.7, 100),
    extent(*b"BO", -17.0, -65.0, 900),
    extent(*b"BQ", 14.0, -66.0, 450),
    extent(*b"BR", -10.0, -53.0, 2500),
    extent(*b"BS", 24.0, -76.0, 500),
    extent(*b"BT", 27.4, 90.4, 180),
    extent(*b"BV", -54.4, 3.4, 10),
    extent(*b"BW", -22.0, 24.0, 550),
    extent(*b"BY", 53.5, 28.0, 350),
    extent(*b"BZ", 17.2, -88.7, 160),
    extent(*b"CA", 60.0, -96.0, 3300),
    extent(*b"CC", -12.2, 96.8, 20),
    extent(*b"CD", -3.0, 23.0, 1300),
    extent(*b"CF", 6.5, 20.5, 800),
    extent(*b"CG", -1.0, 15.5, 700),
    extent(*b"CH", 46.8, 8.2, 200),
    extent(*b"CI", 7.5, -5.5, 420),
    extent(*b"CK", -16.0, -160.0, 900),
    extent(*b"CL", -36.0, -71.0, 3800),
    extent(*b"CM", 5.5, 12.5, 800),
    extent(*b"CN", 36.0, 104.0, 2800),
    extent(*b"CO", 4.0, -73.0, 1100),
    extent(*b"CR", 9.5, -84.2, 550),
    extent(*b"CU", 21.7, -79.5, 650),
    extent(*b"CV", 16.0, -24.0, 180),
    extent(*b"CW", 12.2, -69.0, 40),
    extent(*b"CX", -10.5, 105.6, 20),
    extent(*b"CY", 35.0, 33.0, 130),
    extent(*b"CZ", 49.8, 15.5, 280),
    extent(*b"DE", 51.2, 10.4, 480),
    extent(*b"DJ", 11.7, 42.6, 130),
    extent(*b"DK", 56.0, 10.5, 330),
    extent(*b"DM", 15.4, -61.3, 40),
    extent(*b"DO", 18.9, -70.5, 230),
    extent(*b"DZ", 28.0, 2.6, 1300),
    extent(*b"EC", -1.2, -81.0, 1300),
    extent(*b"EE", 58.7, 25.5, 230),
    extent(*b"EG", 26.5, 30.0, 850),
    extent(*b"EH", 24.5, -13.7, 550),
    extent(*b"ER", 15.4, 39.0, 500),
    extent(*b"ES", 38.0, -6.0, 1700),
    extent(*b"ET", 9.0, 40.0, 900),
    extent(*b"FI", 64.5, 26.0, 700),
    extent(*b"FJ", -18.0, 178.0, 500),
    extent(*b"FK", -51.8, -59.5, 200),
    extent(*b"FM", 6.5, 150.0, 1600),
    extent(*b"FO", 62.0, -7.0, 80),
    extent(*b"FR", 46.5, 2.5, 750),
    extent(*b"GA", -0.7, 11.7, 450),
    extent(*b"GB", 54.8, -3.0, 750),
    extent(*b"GD", 12.1, -61.7, 40),
    extent(*b"GE", 42.2, 43.5, 330),
    extent(*b"GF", 4.0, -53.0, 300),
    extent(*b"GG", 49.5, -2.5, 50),
    extent(*b"GH", 8.0, -1.2, 420),
    extent(*b"GI", 36.1, -5.4, 10),
    extent(*b"GL", 72.0, -40.0, 1500),
    extent(*b"GM", 13.5, -15.5, 190),
    extent(*b"GN", 10.5, -11.0, 470),
    extent(*b"GP", 16.2, -61.5, 80),
    extent(*b"GQ", 1.2, 9.0, 500),
    extent(*b"GR", 38.5, 24.0, 600),
    extent(*b"GS", -55.0, -33.0, 800),
    extent(*b"GT", 15.7, -90.3, 300),
    extent(*b"GU", 13.4, 144.8, 40),
    extent(*b"GW", 12.0, -15.0, 220),
    extent(*b"GY", 5.0, -59.0, 480),
    extent(*b"HK", 22.3, 114.2, 50),
    extent(*b"HM", -53.1, 73.5, 50),
    extent(*b"HN", 15.0, -86.5, 420),
    extent(*b"HR", 45.0, 16.3, 330),
    extent(*b"HT", 19.0, -72.7, 230),
    extent(*b"HU", 47.2, 19.5, 300),
    extent(*b"ID", -2.5, 118.0, 2700),
    extent(*b"IE", 53.3, -8.0, 280),
    extent(*b"IL", 31.4, 35.0, 250),
    extent(*b"IM", 54.2, -4.5, 40),
    extent(*b"IN", 21.5, 80.5, 2000),
    extent(*b"IO", -7.0, 72.0, 200),
    extent(*b"IQ", 33.0, 43.7, 600),
    extent(*b"IR", 32.5, 54.0, 1150),
    extent(*b"IS", 65.0, -18.5, 320),
    extent(*b"IT", 42.0, 12.5, 800),
    extent(*b"JE", 49.2, -2.1, 20),
    extent(*b"JM", 18.1, -77.3, 130),
    extent(*b"JO", 31.3, 36.8, 330),
    extent(*b"JP", 36.0, 137.0, 1900),
    extent(*b"KE", 0.5, 38.0, 650),
    extent(*b"KG", 41.5, 74.5, 500),
    extent(*b"KH", 12.7, 105.0, 330),
    extent(*b"KI", -2.0, -171.0, 2800),
    extent(*b"KM", -12.0, 43.7, 150),
    extent(*b"KN", 17.3, -62.7, 50),
    extent(*b"KP", 40.2, 127.0, 400),
    extent(*b"KR", 36.3, 127.8, 400),
    extent(*b"KW", 29.3, 47.6, 130),
    extent(*b"KY", 19.5, -80.6, 180),
    extent(*b"KZ", 48.0, 67.5, 1700),
    extent(*b"LA", 18.5, 103.8, 600),
    extent(*b"LB", 33.9, 35.9, 130),
    extent(*b"LC", 13.9, -61.0, 40),
    extent(*b"LI", 47.1, 9.5, 20),
    extent(*b"LK", 7.7, 80.7, 260),
    extent(*b"LR", 6.5, -9.4, 330),
    extent(*b"LS", -29.6, 28.2, 150),
    extent(*b"LT", 55.3, 23.9, 230),
    extent(*b"LU", 49.7, 6.1, 60),
    extent(*b"LV", 56.9, 25.0, 280),
    extent(*b"LY", 27.0, 17.5, 950),
    extent(*b"MA", 30.0, -8.5, 1100),
    extent(*b"MC", 43.7, 7.4, 10),
    extent(*b"MD", 47.2, 28.5, 230),
    extent(*b"ME", 42.8, 19.2, 110),
    extent(*b"MF", 18.1, -63.0, 15),
    extent(*b"MG", -19.0, 46.7, 850),
    extent(*b"MH", 9.0, 168.0, 900),
    extent(*b"MK", 41.6, 21.7, 130),
    extent(*b"ML", 17.5, -2.0, 1200),
    extent(*b"MM", 20.0, 96.5, 1250),
    extent(*b"MN", 46.9, 103.0, 1250),
    extent(*b"MO", 22.2, 113.5, 20),
    extent(*b"MP", 16.5, 145.7, 550),
    extent(*b"MQ", 14.7, -61.0, 50),
    extent(*b"MR", 20.0, -10.5, 900),
    extent(*b"MS", 16.7, -62.2, 15),
    extent(*b"MT", 35.9, 14.4, 40),
    extent(*b"MU", -17.0, 59.0, 1000),
    extent(*b"MV", 3.2, 73.3, 500),
    extent(*b"MW", -13.3, 34.0, 470),
    extent(*b"MX", 24.0, -103.0, 1900),
    extent(*b"MY", 4.0, 109.5, 1150),
    extent(*b"MZ", -18.0, 36.0, 1150),
    extent(*b"NA", -22.0, 17.0, 850),
    extent(*b"NC", -21.3, 165.5, 600),
    extent(*b"NE", 17.5, 9.5, 950),
    extent(*b"NF", -29.0, 168.0, 15),
    extent(*b"NG", 9.5, 8.0, 800),
    extent(*b"NI", 12.9, -85.0, 330),
    extent(*b"NL", 52.2, 5.5, 200),
    extent(*b"NO", 65.0, 14.0, 1050),
    extent(*b"NP", 28.2, 84.0, 470),
    extent(*b"NR", -0.5, 166.9, 10),
    extent(*b"NU", -19.0, -169.9, 20),
    extent(*b"NZ", -41.0, 174.0, 1300),
    extent(*b"OM", 21.0, 56.5, 650),
    extent(*b"PA", 8.5, -80.0, 400),
    extent(*b"PE", -9.5, -75.0, 1250),
    extent(*b"PF", -16.0, -145.0, 1700),
    extent(*b"PG", -6.5, 147.0, 1200),
    extent(*b"PH", 12.0, 122.5, 1000),
    extent(*b"PK", 30.0, 69.5, 1050),
    extent(*b"PL", 52.1, 19.4, 420),
    extent(*b"PM", 46.9, -56.3, 30),
    extent(*b"PN", -24.7, -128.0, 400),
    extent(*b"PR", 18.2, -66.6, 180),
    extent(*b"PS", 31.9, 35.0, 120),
    extent(*b"PT", 38.5, -18.0, 1200),
    extent(*b"PW", 6.0, 133.0, 600),
    extent(*b"PY", -23.3, -58.4, 700),
    extent(*b"QA", 25.3, 51.2, 110),
    extent(*b"RE", -21.1, 55.5, 40),
    extent(*b"RO", 45.9, 25.0, 420),
    extent(*b"RS", 44.2, 20.8, 280),
    extent(*b"RU", 61.5, 97.0, 4400),
    extent(*b"RW", -2.0, 30.0, 130),
    extent(*b"SA", 24.0, 44.7, 1250),
    extent(*b"SB", -9.5, 161.0, 950),
    extent(*b"SC", -6.5, 51.5, 1000),
    extent(*b"SD", 15.5, 30.0, 1100),
    extent(*b"SE", 62.5, 16.5, 850),
    extent(*b"SG", 1.35, 103.8, 40),
    extent(*b"SH", -21.0, -10.0, 2000),
    extent(*b"SI", 46.1, 14.8, 150),
    extent(*b"SJ", 76.0, 8.0, 900),
    extent(*b"SK", 48.7, 19.5, 240),
    extent(*b"SL", 8.5, -11.8, 210),
    extent(*b"SM", 43.9, 12.5, 10),
    extent(*b"SN", 14.4, -14.5, 400),
    extent(*b"SO", 6.0, 46.0, 1000),
    extent(*b"SR", 4.0, -56.0, 330),
    extent(*b"SS", 7.5, 30.0, 800),
    extent(*b"ST", 0.8, 7.0, 150),
    extent(*b"SV", 13.8, -88.9, 160),
    extent(*b"SX", 18.0, -63.1, 15),
    extent(*b"SY", 35.0, 38.5, 450),
    extent(*b"SZ", -26.5, 31.5, 110),
    extent(*b"TC", 21.8, -71.8, 120),
    extent(*b"TD", 15.4, 18.7, 1000),
    extent(*b"TF", -46.0, 62.0, 2800),
    extent(*b"TG", 8.6, 1.0, 330),
    extent(*b"TH", 13.5, 101.0, 950),
    extent(*b"TJ", 38.8, 71.0, 450),
    extent(*b"TK", -9.2, -171.8, 150),
    extent(*b"TL", -8.8, 125.8, 230),
    extent(*b"TM", 39.0, 59.5, 700),
    extent(*b"TN", 34.1, 9.6, 480),
    extent(*b"TO", -19.5, -174.5, 600),
    extent(*b"TR", 39.0, 35.2, 900),
    extent(*b"TT", 10.5, -61.2, 110),
    extent(*b"TV", -8.0, 178.5, 500),
    extent(*b"TW", 23.8, 120.8, 350),
    extent(*b"TZ", -6.3, 34.8, 750),
    extent(*b"UA", 48.7, 31.3, 800),
    extent(*b"UG", 1.3, 32.4, 400),
    extent(*b"UM", 10.0, -170.0, 5000),
    extent(*b"US", 39.8, -98.6, 2800),
    extent(*b"UY", -32.8, -56.0, 350),
    extent(*b"UZ", 41.5, 64.0, 900),
    extent(*b"VA", 41.9, 12.5, 10),
    extent(*b"VC", 13.2, -61.2, 60),
    extent(*b"VE", 7.0, -66.0, 900),
    extent(*b"VG", 18.4, -64.6, 60),
    extent(*b"VI", 18.0, -64.8, 60),
    extent(*b"VN", 16.0, 107.0, 950),
    extent(*b"VU", -16.3, 167.7, 550),
    extent(*b"WF", -13.8, -177.2, 200),
    extent(*b"WS", -13.8, -172.2, 100),
    extent(*b"XK", 42.6, 20.9, 90),
    extent(*b"YE", 15.0, 47.7, 800),
    extent(*b"YT", -12.8, 45.2, 30),
    extent(*b"ZA", -29.0, 25.0, 1050),
    extent(*b"ZM", -13.5, 28.0, 850),
    extent(*b"ZW", -19.0, 29.8, 480),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_it_can_be_searched() {
        assert!(EXTENTS.is_sorted_by(|one, next| one.country < next.country));
        assert!(EXTENTS.iter().all(|extent| extent.country.extent().is_some()));
    }

    #[test]
    fn codes_are_two_letters_of_either_case() {
        assert_eq!(Country::of("de"), Country::of("DE"));
        assert_eq!(Country::of("DE").map(Country::code).as_deref(), Some("DE"));
        for wrong in ["", "D", "DEU", "\u{df}", "1A", "--"] {
            assert_eq!(Country::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn circles_hold_far_corners_and_touch_those_of_neighbours() {
        let circle = |code: &str| Country::of(code).and_then(Country::extent).unwrap();
        let corners = [
            ("DE", 47.6, 12.9),
            ("DE", 54.9, 8.4),
            ("ES", 28.1, -15.4),
            ("PT", 37.7, -25.7),
            ("JP", 26.2, 127.7),
            ("RU", 54.7, 20.5),
            ("RU", 43.1, 131.9),
            ("US", 47.6, -122.3),
            ("US", 25.8, -80.2),
            ("CL", -27.1, -109.4),
            ("IN", 11.7, 92.7),
            ("GB", 60.2, -1.2),
            ("NO", 70.7, 23.7),
            ("AU", -42.9, 147.3),
            ("AU", -31.9, 115.9),
            ("BR", -9.97, -67.8),
            ("CN", 39.5, 76.0),
            ("CN", 45.8, 126.5),
            ("CA", 47.6, -52.7),
            ("CA", 60.7, -135.1),
            ("ID", 5.5, 95.3),
            ("ID", -2.5, 140.7),
            ("MX", 32.5, -117.0),
            ("MX", 21.2, -86.8),
            ("NZ", -46.4, 168.3),
            ("AR", -54.8, -68.3),
            ("TR", 38.5, 43.4),
            ("MY", 5.98, 116.1),
            ("KZ", 43.7, 51.2),
        ];
        let outside = corners.into_iter().filter(|(code, north, east)| {
            let (middle, radius_km) = circle(code);
            !middle.is_within(Spot::of(Position::new(*north, *east, None).unwrap()), radius_km.into())
        });
        assert_eq!(outside.collect::<Vec<_>>(), []);
        for (one, other) in
            [("DE", "PL"), ("FR", "ES"), ("US", "CA"), ("US", "MX"), ("IN", "PK"), ("MY", "SG")]
        {
            let ((here, radius), (there, its_radius)) = (circle(one), circle(other));
            assert!(here.is_within(there, f64::from(radius) + f64::from(its_radius)), "{one} {other}");
        }
    }
}
