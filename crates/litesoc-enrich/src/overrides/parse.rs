//! Reading the overrides file, with all that is wrong in it at once.

use litesoc_model::{Place, Position};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Overrides, OwnNetwork};
use crate::address::Span;
use crate::country::country_name;
use crate::error::{Fault, quoted};
use crate::list::parse_network;
use crate::source::ListKind;
use crate::threat::ThreatWeights;

type Value<'a> = Spanned<DeValue<'a>>;

/// Reads the file; what is wrong is added to the faults.
pub(crate) fn parse(name: &str, content: &[u8], faults: &mut Vec<Fault>) -> Overrides {
    let Ok(text) = str::from_utf8(content) else {
        faults.push(Fault::of_file(name, "is not text (UTF-8)"));
        return Overrides::default();
    };
    let mut found = Vec::new();
    let overrides = read(name, text, &mut found);
    // Tables come sorted by their keys; people read by lines.
    found.sort_by_key(|fault| fault.line);
    faults.append(&mut found);
    overrides
}

fn read(name: &str, text: &str, faults: &mut Vec<Fault>) -> Overrides {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut page = Page { name, text, faults };
    for error in &errors {
        page.fault(error.span().map_or(0, |span| span.start), error.message().to_owned());
    }
    if !errors.is_empty() {
        return Overrides::default();
    }
    let mut overrides = Overrides::default();
    for (key, value) in document.get_ref() {
        match key.get_ref().as_ref() {
            "allow" => overrides.allow = page.spans(value).into_iter().map(|(_, span)| span).collect(),
            "deny" => overrides.deny = page.spans(value).into_iter().map(|(_, span)| span).collect(),
            "attribution" => {
                overrides.attributions = page.texts(value).map(|(_, text)| text.into()).collect()
            }
            "threat" => overrides.threat = page.threat(value),
            "network" => overrides.networks = page.networks(value),
            other => page.unknown(key.span().start, other, "allow, deny, attribution, threat, [[network]]"),
        }
    }
    page.repeated(&overrides.networks);
    overrides
}

/// The file while it is read.
struct Page<'a> {
    name: &'a str,
    text: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Page<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn fault(&mut self, at: usize, message: impl Into<String>) {
        let line = self.line(at);
        self.faults.push(Fault::at(self.name, line, message));
    }

    fn unknown(&mut self, at: usize, key: &str, known: &str) {
        self.fault(at, format!("`{}` is not known here; known are {known}", quoted(key)));
    }

    /// A value of another type than it must be.
    fn mistyped<T>(&mut self, key: &str, value: &Value<'_>, wanted: &str) -> Option<T> {
        let is = value.get_ref().type_str();
        self.fault(value.span().start, format!("`{}` must be {wanted}, not {is}", quoted(key)));
        None
    }

    fn text<'v>(&mut self, key: &str, value: &'v Value<'_>) -> Option<&'v str> {
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() && text.len() <= 256 => Some(text.trim()),
            Some(_) => {
                self.fault(value.span().start, format!("`{}` must have 1 to 256 characters", quoted(key)));
                None
            }
            None => self.mistyped(key, value, "a text"),
        }
    }

    /// The texts of a list, or the one text that stands for a list.
    fn texts<'v>(&mut self, value: &'v Value<'_>) -> std::vec::IntoIter<(usize, &'v str)> {
        let one = std::slice::from_ref(value);
        let items = value.get_ref().as_array().map_or(one, |items| &items[..]);
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push((item.span().start, text)),
                None => self.fault(item.span().start, "must be a text, or a list of texts"),
            }
        }
        texts.into_iter()
    }

    fn spans(&mut self, value: &Value<'_>) -> Vec<(usize, Span)> {
        let mut spans = Vec::new();
        for (at, text) in self.texts(value) {
            match parse_network(text) {
                Ok(span) => spans.push((self.line(at), span)),
                Err(message) => self.fault(at, message),
            }
        }
        spans
    }

    fn number(&mut self, key: &str, value: &Value<'_>, from: f64, to: f64) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => {
                digits(number.as_str()).parse::<f64>().ok().filter(|_| number.radix() == 10)
            }
            DeValue::Float(number) => digits(number.as_str()).parse().ok(),
            DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => return self.mistyped(key, value, "a number"),
        };
        let number = number.filter(|number| (from..=to).contains(number));
        if number.is_none() {
            self.fault(value.span().start, format!("`{}` must be from {from} to {to}", quoted(key)));
        }
        number
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    fn whole(&mut self, key: &str, value: &Value<'_>, to: u32) -> Option<u32> {
        let number = self.number(key, value, 0.0, f64::from(to))?;
        if number.fract() != 0.0 {
            return self.mistyped(key, value, "a whole number");
        }
        Some(number as u32)
    }

    fn country(&mut self, at: usize, text: &str) -> Option<Box<str>> {
        let known = country_name(text).is_some();
        if !known {
            let message = format!("`{}` is no country's code; write two capitals, such as DE", quoted(text));
            self.fault(at, message);
        }
        known.then(|| text.into())
    }

    fn threat(&mut self, value: &Value<'_>) -> ThreatWeights {
        let mut weights = ThreatWeights::default();
        let Some(table) = value.get_ref().as_table() else {
            return self.mistyped("threat", value, "a table").unwrap_or(weights);
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "high_risk_countries" => {
                    let texts = self.texts(value);
                    weights.high_risk_countries = texts.filter_map(|(at, text)| self.country(at, text)).collect();
                }
                "bad_asns" => match value.get_ref().as_array() {
                    Some(items) => {
                        let asns = items.iter().filter_map(|item| self.whole("bad_asns", item, u32::MAX));
                        weights.bad_asns = asns.collect();
                    }
                    None => drop(self.mistyped::<()>("bad_asns", value, "a list of numbers")),
                },
                name if weights.by_name(name).is_some() => {
                    let points = self.whole(name, value, 100).and_then(|points| u8::try_from(points).ok());
                    if let (Some(weight), Some(points)) = (weights.by_name(name), points) {
                        *weight = points;
                    }
                }
                other => self.unknown(
                    key.span().start,
                    other,
                    "denied, tor, proxy, vpn, datacenter, relay, high_risk_country, bad_asn, high_risk_countries, \
                     bad_asns",
                ),
            }
        }
        weights
    }

    fn networks(&mut self, value: &Value<'_>) -> Vec<OwnNetwork> {
        let Some(items) = value.get_ref().as_array() else {
            return self
                .mistyped("network", value, "a list of tables, each under [[network]]")
                .unwrap_or_default();
        };
        let mut networks = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => networks.push(self.network(item.span().start, table)),
                None => drop(self.mistyped::<()>("network", item, "a table under [[network]]")),
            }
        }
        networks
    }

    fn network(&mut self, at: usize, table: &DeTable<'_>) -> OwnNetwork {
        let mut network = OwnNetwork::default();
        let mut place = Place::default();
        let (mut latitude, mut longitude, mut radius) = (None, None, None);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "name" => network.name = self.text(name, value).unwrap_or("own network").into(),
                "networks" => network.spans = self.spans(value),
                "country" => {
                    let code = self.text(name, value).and_then(|text| self.country(value.span().start, text));
                    place.country_name = code.as_deref().and_then(country_name).map(Into::into);
                    place.country_code = code;
                }
                "region" => place.region = self.text(name, value).map(Into::into),
                "city" => place.city = self.text(name, value).map(Into::into),
                "timezone" => place.timezone = self.text(name, value).map(Into::into),
                "latitude" => latitude = self.number(name, value, -90.0, 90.0),
                "longitude" => longitude = self.number(name, value, -180.0, 180.0),
                "radius_km" => radius = self.whole(name, value, 20_000),
                "asn" => network.asn = self.whole(name, value, u32::MAX),
                "organization" => network.organization = self.text(name, value).map(Into::into),
                "kind" => network.kinds = Some(self.kinds(value)),
                other => self.unknown(
                    key.span().start,
                    other,
                    "name, networks, country, region, city, timezone, latitude, longitude, radius_km, asn, \
                     organization, kind",
                ),
            }
        }
        if !table.contains_key("networks") {
            self.fault(at, "a [[network]] needs `networks`, such as networks = [\"10.1.0.0/16\"]");
        }
        if table.contains_key("latitude") != table.contains_key("longitude") {
            self.fault(at, "`latitude` and `longitude` need each other");
        }
        if let (Some(latitude), Some(longitude)) = (latitude, longitude) {
            place.position = Position::new(latitude, longitude, radius.and_then(|km| u16::try_from(km).ok()));
        } else if table.contains_key("radius_km") && !table.contains_key("latitude") {
            self.fault(at, "`radius_km` says nothing without `latitude` and `longitude`");
        }
        if network.name.is_empty() {
            network.name = "own network".into();
        }
        network.place = (place != Place::default()).then_some(place);
        network
    }

    /// The kinds of a network; an office is none of those that are told of.
    fn kinds(&mut self, value: &Value<'_>) -> Vec<ListKind> {
        let mut kinds = Vec::new();
        for (at, word) in self.texts(value) {
            let kind = ListKind::ALL.into_iter().find(|kind| kind.as_str() == word && !kind.is_own());
            match kind {
                Some(kind) => kinds.push(kind),
                None if word == "office" => {}
                None => self.unknown(at, word, "office, vpn, tor, proxy, relay, datacenter, mobile"),
            }
        }
        kinds
    }

    /// Two own networks that are the same one contradict each other.
    fn repeated(&mut self, networks: &[OwnNetwork]) {
        let mut all: Vec<(Span, usize)> =
            networks.iter().flat_map(|network| &network.spans).map(|(line, span)| (*span, *line)).collect();
        all.sort_unstable();
        for pair in all.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let message = format!("this network is named already, in line {}", pair[0].1);
            self.faults.push(Fault::at(self.name, pair[1].1, message));
        }
    }
}

/// Digits without the underscores that TOML allows between them.
fn digits(text: &str) -> String {
    text.replace('_', "")
}
