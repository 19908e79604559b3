//! What the licences of well-known databases ask to be shown.

use maxminddb::Metadata;

/// A word by which a publisher's databases are known, and the words its licence asks for.
const PUBLISHERS: &[(&[&str], &str)] = &[
    (&["dbip", "db-ip"], "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"),
    (
        &["geolite2", "maxmind"],
        "This product includes GeoLite Data created by MaxMind, available from https://www.maxmind.com",
    ),
    (&["ipinfo"], "IP address data powered by IPinfo (https://ipinfo.io), CC BY-SA 4.0"),
    (&["iplocate"], "IP address data by IPLocate (https://www.iplocate.io), CC BY-SA 4.0"),
    (&["ip2location"], "This product uses IP2Location LITE data available from https://lite.ip2location.com"),
];

/// The words that must be shown where results of this database are, by its own description or its file's name.
pub(super) fn of(file: &str, metadata: &Metadata) -> Option<&'static str> {
    let descriptions = metadata.description.values().map(String::as_str);
    let named = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let texts: Vec<String> = [metadata.database_type.as_str(), named]
        .into_iter()
        .chain(descriptions)
        .map(str::to_ascii_lowercase)
        .collect();
    // A GeoIP2 database is bought, and asks for nothing.
    let asks =
        |(words, _): &&(&[&str], &str)| words.iter().any(|word| texts.iter().any(|text| text.contains(word)));
    PUBLISHERS.iter().find(asks).filter(|_| !texts[0].starts_with("geoip2")).map(|(_, words)| *words)
}
