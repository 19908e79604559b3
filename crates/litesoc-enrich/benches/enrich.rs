//! Nanoseconds per address with every kind of file loaded, beside a bare lookup in the largest of them.
//!
//! The databases are made up, of the size of published ones: 400,000 networks of 40,000 places with names in eight
//! languages, 120,000 networks of autonomous systems, 20,000 anonymous ones, and 55,000 prefixes on lists.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant, SystemTime};

use ipnet::Ipv4Net;
use litesoc_enrich::{Enricher, Source, SourceKind};
use maxminddb::Reader;
use mmdb_writer::{Value, Writer};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const LOOKUPS: usize = 400_000;
const LANGUAGES: [&str; 8] = ["de", "en", "es", "fr", "ja", "pt-BR", "ru", "zh-CN"];

fn main() -> Outcome<()> {
    let mut chance = Chance(7);
    let begin = Instant::now();
    let (city, asn, anonymous) = (cities(&mut chance)?, systems(&mut chance)?, anonymous(&mut chance)?);
    let lists = [("vpn", 11_000), ("datacenter", 42_500), ("tor", 1_400)];
    let lists = lists.map(|(kind, count)| (kind, list(&mut chance, count)));
    println!(
        "made {} MB of files in {} ms",
        (city.len() + asn.len()) / 1_000_000,
        begin.elapsed().as_millis()
    );

    let begin = Instant::now();
    let database = |name: &str, bytes: &[u8]| Source::new(name, SourceKind::Database, bytes);
    let mut sources = vec![database("city", &city), database("asn", &asn), database("anonymous", &anonymous)];
    for (kind, text) in &lists {
        sources.push(Source::new(*kind, kind.parse()?, text.as_str()));
    }
    let all = Enricher::open(sources)?;
    println!("opened and read through in {} ms", begin.elapsed().as_millis());

    let only_lists = lists.iter().map(|(kind, text)| Ok(Source::new(*kind, kind.parse()?, text.as_str())));
    let only_lists = Enricher::open(only_lists.collect::<Outcome<Vec<_>>>()?)?;
    let only_city = Enricher::open([database("city", &city)])?;
    let reader = Reader::from_source(city.as_slice())?;
    let addresses: Vec<IpAddr> = (0..LOOKUPS).map(|_| IpAddr::V4(chance.address())).collect();

    let bare = measure("a bare lookup and decoding of the city", &addresses, |ip| {
        let record: Option<maxminddb::geoip2::City<'_>> = reader.lookup(ip).ok()?.decode().ok()?;
        record
    });
    let told = [
        measure("the lists", &addresses, |ip| only_lists.enrich(Some(ip))),
        measure("the city database", &addresses, |ip| only_city.enrich(Some(ip))),
        measure("all files", &addresses, |ip| all.enrich(Some(ip))),
        measure("all files, and as it is stored", &addresses, |ip| {
            serde_json::to_string(&all.enrich(Some(ip))?).ok()
        }),
    ];
    println!("all files, ratio to the bare lookup: {:.2}", told[2] / bare);
    Ok(())
}

/// The best of five rounds.
fn measure<T>(what: &str, addresses: &[IpAddr], ask: impl Fn(IpAddr) -> T) -> f64 {
    let round = || {
        let begin = Instant::now();
        for ip in addresses {
            black_box(ask(black_box(*ip)));
        }
        begin.elapsed()
    };
    let best = (0..5).map(|_| round()).min().unwrap_or(Duration::ZERO);
    let each = best.as_secs_f64() * 1e9 / LOOKUPS as f64;
    println!("{what:<42} {each:>7.0} ns");
    each
}

fn names(text: &str) -> Value {
    Value::map(LANGUAGES.map(|language| (language, Value::from(text))))
}

fn writer(calls_itself: &str) -> Writer {
    Writer::builder(calls_itself)
        .build_epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_323_200))
        .build()
}

fn cities(chance: &mut Chance) -> Outcome<Vec<u8>> {
    let mut writer = writer("GeoLite2-City");
    let countries = ["DE", "NO", "JP", "BR", "US", "ZA", "FR", "IN"];
    let place = |number: u64| {
        let code = countries[number as usize % countries.len()];
        let degrees = |span: f64, factor: u64| (number * factor % 9_973) as f64 / 9_973.0 * span - span / 2.0;
        Value::map([
            (
                "city",
                Value::map([
                    ("geoname_id", Value::from(number as u32)),
                    ("names", names(&format!("City {number}"))),
                ]),
            ),
            ("continent", Value::map([("code", Value::from("EU")), ("names", names("Europe"))])),
            ("country", Value::map([("iso_code", Value::from(code)), ("names", names(code))])),
            (
                "location",
                Value::map([
                    ("accuracy_radius", Value::from(20_u16)),
                    ("latitude", Value::from(degrees(160.0, 7_919))),
                    ("longitude", Value::from(degrees(340.0, 6_007))),
                    ("time_zone", Value::from("Europe/Berlin")),
                ]),
            ),
            ("postal", Value::map([("code", Value::from("10115"))])),
            ("registered_country", Value::map([("iso_code", Value::from(code)), ("names", names(code))])),
            (
                "subdivisions",
                Value::array([Value::map([
                    ("iso_code", Value::from("BE")),
                    ("names", names(&format!("Region {}", number % 900))),
                ])]),
            ),
        ])
    };
    let places: Vec<Value> = (0..40_000).map(place).collect();
    for _ in 0..400_000 {
        let place = &places[chance.below(places.len() as u64) as usize];
        writer.insert_value(chance.network(21, 24)?, place.clone())?;
    }
    Ok(writer.to_bytes()?)
}

fn systems(chance: &mut Chance) -> Outcome<Vec<u8>> {
    let mut writer = writer("GeoLite2-ASN");
    for _ in 0..120_000 {
        let number = chance.below(70_000) as u32;
        let record = Value::map([
            ("autonomous_system_number", Value::from(number)),
            ("autonomous_system_organization", Value::from(format!("Example Network {number}"))),
        ]);
        writer.insert_value(chance.network(17, 23)?, record)?;
    }
    Ok(writer.to_bytes()?)
}

fn anonymous(chance: &mut Chance) -> Outcome<Vec<u8>> {
    let mut writer = writer("GeoIP2-Anonymous-IP");
    for number in 0..20_000_u32 {
        let kind = ["is_anonymous_vpn", "is_hosting_provider", "is_public_proxy"][number as usize % 3];
        let record = Value::map([("is_anonymous", Value::from(true)), (kind, Value::from(true))]);
        writer.insert_value(chance.network(20, 30)?, record)?;
    }
    Ok(writer.to_bytes()?)
}

fn list(chance: &mut Chance, count: usize) -> String {
    let mut text = String::new();
    for _ in 0..count {
        let network = chance.network(16, 29);
        if let Ok(network) = network {
            let _always = writeln!(text, "{network}");
        }
    }
    text
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// An address of the half of the space that is mostly public.
    fn address(&mut self) -> Ipv4Addr {
        Ipv4Addr::from(0x2000_0000 + (self.next() as u32 >> 1))
    }

    fn network(&mut self, shortest: u64, longest: u64) -> Outcome<Ipv4Net> {
        let length = shortest + self.below(longest - shortest + 1);
        Ok(Ipv4Net::new(self.address(), length as u8)?.trunc())
    }
}
