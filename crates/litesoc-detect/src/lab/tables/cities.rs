//! Cities with their coordinates, countries and time zones.

/// A city.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) country: &'static str,
    pub(crate) country_name: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    /// Minutes ahead of UTC in winter; the lab knows no summer time.
    pub(crate) offset_minutes: i64,
    pub(crate) timezone: &'static str,
    /// Inhabitants of the region, in hundred thousands, roughly: how likely it is picked.
    pub(crate) weight: f64,
}

#[expect(clippy::too_many_arguments, reason = "a row of a table")]
const fn city(
    name: &'static str,
    country: &'static str,
    country_name: &'static str,
    latitude: f64,
    longitude: f64,
    offset_minutes: i64,
    timezone: &'static str,
    weight: f64,
) -> City {
    City { name, country, country_name, latitude, longitude, offset_minutes, timezone, weight }
}

/// The cities; the order does not matter.
#[rustfmt::skip]
pub(crate) static CITIES: &[City] = &[
    city("Berlin", "DE", "Germany", 52.52, 13.40, 60, "Europe/Berlin", 60.0),
    city("Munich", "DE", "Germany", 48.14, 11.58, 60, "Europe/Berlin", 60.0),
    city("Hamburg", "DE", "Germany", 53.55, 9.99, 60, "Europe/Berlin", 50.0),
    city("Frankfurt", "DE", "Germany", 50.11, 8.68, 60, "Europe/Berlin", 55.0),
    city("Cologne", "DE", "Germany", 50.94, 6.96, 60, "Europe/Berlin", 50.0),
    city("Aachen", "DE", "Germany", 50.78, 6.08, 60, "Europe/Berlin", 5.0),
    city("Freiburg", "DE", "Germany", 47.99, 7.85, 60, "Europe/Berlin", 5.0),
    city("Loerrach", "DE", "Germany", 47.62, 7.66, 60, "Europe/Berlin", 2.0),
    city("Kehl", "DE", "Germany", 48.57, 7.81, 60, "Europe/Berlin", 1.0),
    city("Paris", "FR", "France", 48.86, 2.35, 60, "Europe/Paris", 120.0),
    city("Lyon", "FR", "France", 45.76, 4.84, 60, "Europe/Paris", 23.0),
    city("Marseille", "FR", "France", 43.30, 5.37, 60, "Europe/Paris", 19.0),
    city("Strasbourg", "FR", "France", 48.57, 7.75, 60, "Europe/Paris", 8.0),
    city("Lille", "FR", "France", 50.63, 3.06, 60, "Europe/Paris", 15.0),
    city("Annemasse", "FR", "France", 46.19, 6.23, 60, "Europe/Paris", 3.0),
    city("Basel", "CH", "Switzerland", 47.56, 7.59, 60, "Europe/Zurich", 5.5),
    city("Geneva", "CH", "Switzerland", 46.20, 6.14, 60, "Europe/Zurich", 6.0),
    city("Zurich", "CH", "Switzerland", 47.38, 8.54, 60, "Europe/Zurich", 14.0),
    city("London", "GB", "United Kingdom", 51.51, -0.13, 0, "Europe/London", 140.0),
    city("Manchester", "GB", "United Kingdom", 53.48, -2.24, 0, "Europe/London", 28.0),
    city("Edinburgh", "GB", "United Kingdom", 55.95, -3.19, 0, "Europe/London", 9.0),
    city("Belfast", "GB", "United Kingdom", 54.60, -5.93, 0, "Europe/London", 6.5),
    city("Dublin", "IE", "Ireland", 53.35, -6.26, 0, "Europe/Dublin", 20.0),
    city("Amsterdam", "NL", "Netherlands", 52.37, 4.90, 60, "Europe/Amsterdam", 25.0),
    city("Maastricht", "NL", "Netherlands", 50.85, 5.69, 60, "Europe/Amsterdam", 3.0),
    city("Brussels", "BE", "Belgium", 50.85, 4.35, 60, "Europe/Brussels", 21.0),
    city("Liege", "BE", "Belgium", 50.63, 5.58, 60, "Europe/Brussels", 6.0),
    city("Luxembourg", "LU", "Luxembourg", 49.61, 6.13, 60, "Europe/Luxembourg", 5.0),
    city("Trier", "DE", "Germany", 49.75, 6.64, 60, "Europe/Berlin", 2.0),
    city("Vienna", "AT", "Austria", 48.21, 16.37, 60, "Europe/Vienna", 28.0),
    city("Salzburg", "AT", "Austria", 47.81, 13.04, 60, "Europe/Vienna", 4.0),
    city("Bratislava", "SK", "Slovakia", 48.15, 17.11, 60, "Europe/Bratislava", 6.0),
    city("Prague", "CZ", "Czechia", 50.08, 14.44, 60, "Europe/Prague", 21.0),
    city("Warsaw", "PL", "Poland", 52.23, 21.01, 60, "Europe/Warsaw", 31.0),
    city("Krakow", "PL", "Poland", 50.06, 19.94, 60, "Europe/Warsaw", 14.0),
    city("Budapest", "HU", "Hungary", 47.50, 19.04, 60, "Europe/Budapest", 30.0),
    city("Bucharest", "RO", "Romania", 44.43, 26.10, 120, "Europe/Bucharest", 23.0),
    city("Sofia", "BG", "Bulgaria", 42.70, 23.32, 120, "Europe/Sofia", 16.0),
    city("Athens", "GR", "Greece", 37.98, 23.73, 120, "Europe/Athens", 36.0),
    city("Rome", "IT", "Italy", 41.90, 12.50, 60, "Europe/Rome", 43.0),
    city("Milan", "IT", "Italy", 45.46, 9.19, 60, "Europe/Rome", 50.0),
    city("Madrid", "ES", "Spain", 40.42, -3.70, 60, "Europe/Madrid", 67.0),
    city("Barcelona", "ES", "Spain", 41.39, 2.17, 60, "Europe/Madrid", 55.0),
    city("Lisbon", "PT", "Portugal", 38.72, -9.14, 0, "Europe/Lisbon", 29.0),
    city("Copenhagen", "DK", "Denmark", 55.68, 12.57, 60, "Europe/Copenhagen", 21.0),
    city("Malmo", "SE", "Sweden", 55.60, 13.00, 60, "Europe/Stockholm", 7.0),
    city("Stockholm", "SE", "Sweden", 59.33, 18.07, 60, "Europe/Stockholm", 24.0),
    city("Oslo", "NO", "Norway", 59.91, 10.75, 60, "Europe/Oslo", 15.0),
    city("Bergen", "NO", "Norway", 60.39, 5.32, 60, "Europe/Oslo", 4.0),
    city("Helsinki", "FI", "Finland", 60.17, 24.94, 120, "Europe/Helsinki", 15.0),
    city("Tallinn", "EE", "Estonia", 59.44, 24.75, 120, "Europe/Tallinn", 6.0),
    city("Kyiv", "UA", "Ukraine", 50.45, 30.52, 120, "Europe/Kyiv", 35.0),
    city("Istanbul", "TR", "Turkey", 41.01, 28.98, 180, "Europe/Istanbul", 155.0),
    city("Moscow", "RU", "Russia", 55.76, 37.62, 180, "Europe/Moscow", 170.0),
    city("New York", "US", "United States", 40.71, -74.01, -300, "America/New_York", 190.0),
    city("Boston", "US", "United States", 42.36, -71.06, -300, "America/New_York", 49.0),
    city("Chicago", "US", "United States", 41.88, -87.63, -360, "America/Chicago", 94.0),
    city("Dallas", "US", "United States", 32.78, -96.80, -360, "America/Chicago", 77.0),
    city("Denver", "US", "United States", 39.74, -104.99, -420, "America/Denver", 30.0),
    city("San Francisco", "US", "United States", 37.77, -122.42, -480, "America/Los_Angeles", 65.0),
    city("Seattle", "US", "United States", 47.61, -122.33, -480, "America/Los_Angeles", 40.0),
    city("San Diego", "US", "United States", 32.72, -117.16, -480, "America/Los_Angeles", 33.0),
    city("Miami", "US", "United States", 25.76, -80.19, -300, "America/New_York", 61.0),
    city("Detroit", "US", "United States", 42.33, -83.05, -300, "America/Detroit", 43.0),
    city("El Paso", "US", "United States", 31.76, -106.49, -420, "America/Denver", 9.0),
    city("Toronto", "CA", "Canada", 43.65, -79.38, -300, "America/Toronto", 62.0),
    city("Windsor", "CA", "Canada", 42.31, -83.04, -300, "America/Toronto", 4.0),
    city("Vancouver", "CA", "Canada", 49.28, -123.12, -480, "America/Vancouver", 26.0),
    city("Montreal", "CA", "Canada", 45.50, -73.57, -300, "America/Montreal", 43.0),
    city("Mexico City", "MX", "Mexico", 19.43, -99.13, -360, "America/Mexico_City", 218.0),
    city("Tijuana", "MX", "Mexico", 32.51, -117.04, -480, "America/Tijuana", 21.0),
    city("Ciudad Juarez", "MX", "Mexico", 31.69, -106.42, -420, "America/Ciudad_Juarez", 15.0),
    city("Sao Paulo", "BR", "Brazil", -23.55, -46.63, -180, "America/Sao_Paulo", 220.0),
    city("Rio de Janeiro", "BR", "Brazil", -22.91, -43.17, -180, "America/Sao_Paulo", 135.0),
    city("Buenos Aires", "AR", "Argentina", -34.60, -58.38, -180, "America/Argentina/Buenos_Aires", 152.0),
    city("Bogota", "CO", "Colombia", 4.71, -74.07, -300, "America/Bogota", 110.0),
    city("Lagos", "NG", "Nigeria", 6.52, 3.38, 60, "Africa/Lagos", 150.0),
    city("Nairobi", "KE", "Kenya", -1.29, 36.82, 180, "Africa/Nairobi", 50.0),
    city("Johannesburg", "ZA", "South Africa", -26.20, 28.05, 120, "Africa/Johannesburg", 100.0),
    city("Cairo", "EG", "Egypt", 30.04, 31.24, 120, "Africa/Cairo", 210.0),
    city("Tel Aviv", "IL", "Israel", 32.09, 34.78, 120, "Asia/Jerusalem", 40.0),
    city("Dubai", "AE", "United Arab Emirates", 25.20, 55.27, 240, "Asia/Dubai", 35.0),
    city("Mumbai", "IN", "India", 19.08, 72.88, 330, "Asia/Kolkata", 207.0),
    city("Bengaluru", "IN", "India", 12.97, 77.59, 330, "Asia/Kolkata", 130.0),
    city("Delhi", "IN", "India", 28.61, 77.21, 330, "Asia/Kolkata", 320.0),
    city("Singapore", "SG", "Singapore", 1.35, 103.82, 480, "Asia/Singapore", 59.0),
    city("Johor Bahru", "MY", "Malaysia", 1.49, 103.74, 480, "Asia/Kuala_Lumpur", 18.0),
    city("Kuala Lumpur", "MY", "Malaysia", 3.139, 101.69, 480, "Asia/Kuala_Lumpur", 80.0),
    city("Jakarta", "ID", "Indonesia", -6.21, 106.85, 420, "Asia/Jakarta", 300.0),
    city("Manila", "PH", "Philippines", 14.60, 120.98, 480, "Asia/Manila", 240.0),
    city("Ho Chi Minh City", "VN", "Vietnam", 10.82, 106.63, 420, "Asia/Ho_Chi_Minh", 90.0),
    city("Hong Kong", "HK", "Hong Kong", 22.32, 114.17, 480, "Asia/Hong_Kong", 75.0),
    city("Shenzhen", "CN", "China", 22.54, 114.06, 480, "Asia/Shanghai", 175.0),
    city("Shanghai", "CN", "China", 31.23, 121.47, 480, "Asia/Shanghai", 280.0),
    city("Seoul", "KR", "South Korea", 37.57, 126.98, 540, "Asia/Seoul", 255.0),
    city("Tokyo", "JP", "Japan", 35.68, 139.69, 540, "Asia/Tokyo", 370.0),
    city("Osaka", "JP", "Japan", 34.69, 135.50, 540, "Asia/Tokyo", 190.0),
    city("Sydney", "AU", "Australia", -33.87, 151.21, 600, "Australia/Sydney", 53.0),
    city("Melbourne", "AU", "Australia", -37.81, 144.96, 600, "Australia/Melbourne", 52.0),
    city("Tehran", "IR", "Iran", 35.69, 51.39, 210, "Asia/Tehran", 95.0),
    city("Yangon", "MM", "Myanmar", 16.87, 96.20, 390, "Asia/Yangon", 53.0),
    city("Pyongyang", "KP", "North Korea", 39.04, 125.76, 540, "Asia/Pyongyang", 30.0),
    city("Damascus", "SY", "Syria", 33.51, 36.29, 180, "Asia/Damascus", 25.0),
    city("Havana", "CU", "Cuba", 23.11, -82.37, -300, "America/Havana", 21.0),
];

/// Countries no user of the lab lives in or travels to.
pub(crate) const AVOIDED: [&str; 5] = ["CU", "IR", "KP", "MM", "SY"];

/// Pairs of cities in two countries between which people commute, by name.
pub(crate) const BORDERS: [(&str, &str); 12] = [
    ("Basel", "Loerrach"),
    ("Strasbourg", "Kehl"),
    ("Geneva", "Annemasse"),
    ("Luxembourg", "Trier"),
    ("Aachen", "Maastricht"),
    ("Liege", "Maastricht"),
    ("Vienna", "Bratislava"),
    ("Copenhagen", "Malmo"),
    ("Detroit", "Windsor"),
    ("San Diego", "Tijuana"),
    ("El Paso", "Ciudad Juarez"),
    ("Singapore", "Johor Bahru"),
];

/// The city of this name.
///
/// # Panics
///
/// When the table has no such city; the names come from the table itself.
pub(crate) fn named(name: &str) -> &'static City {
    CITIES.iter().find(|city| city.name == name).expect("the tables name cities of the table")
}

/// Great-circle distance in kilometres on a sphere of 6,371 km (the haversine formula).
pub(crate) fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (phi1, phi2) = (from.0.to_radians(), to.0.to_radians());
    let half_phi = ((to.0 - from.0).to_radians() / 2.0).sin();
    let half_lambda = ((to.1 - from.1).to_radians() / 2.0).sin();
    let root = half_phi * half_phi + phi1.cos() * phi2.cos() * half_lambda * half_lambda;
    2.0 * 6_371.0 * root.sqrt().min(1.0).asin()
}

impl City {
    pub(crate) fn point(&self) -> (f64, f64) {
        (self.latitude, self.longitude)
    }

    pub(crate) fn distance_to(&self, other: &Self) -> f64 {
        distance_km(self.point(), other.point())
    }

    /// Whether somebody might live or travel here.
    pub(crate) fn is_ordinary(&self) -> bool {
        !AVOIDED.contains(&self.country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_place_and_every_border_is_near() {
        for city in CITIES {
            assert!((-90.0..=90.0).contains(&city.latitude) && (-180.0..=180.0).contains(&city.longitude));
            assert_eq!(city.country.len(), 2, "{}", city.name);
            // The sun agrees with the clock to within three hours and a half.
            let solar = city.longitude / 15.0 * 60.0;
            assert!((solar - city.offset_minutes as f64).abs() < 210.0, "{}", city.name);
        }
        for (one, other) in BORDERS {
            let (one, other) = (named(one), named(other));
            assert_ne!(one.country, other.country);
            assert!(one.distance_to(other) < 100.0, "{} to {}", one.name, other.name);
        }
        let paris_to_new_york = named("Paris").distance_to(named("New York"));
        assert!((5_820.0..5_860.0).contains(&paris_to_new_york));
    }
}
