//! The values of one field in a rule, with the field's modifiers applied.

use std::collections::HashSet;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use regex::RegexBuilder;

use crate::detection::modifiers::{Base64, Encoding, Kind, Modifiers, Place};
use crate::detection::pattern::{Pattern, Unit, any_dash, literal, units};
use crate::detection::read::Reading;
use crate::detection::test::{Atom, Wanted};
use crate::limits;
use crate::yaml::{Content, Node};

/// Reads a value or a list of them; `None` after a fault. Keywords have no field and are found anywhere in a text.
pub(crate) fn read(
    node: &Node,
    mut modifiers: Modifiers,
    keywords: bool,
    reading: &mut Reading<'_, '_, '_>,
) -> Option<Wanted> {
    if keywords && !prepare_keywords(&mut modifiers) {
        let advice = "give the values a field, or use only `all`, `cased`, `re` and encodings";
        reading.reporter.tell(node.at, "this comparison needs a field", advice);
        return None;
    }
    let items = node.items();
    let is_list = matches!(node.content, Content::List(_));
    if items.is_empty() {
        let advice = "write at least one value; `null` stands for a field that is missing";
        reading.reporter.tell(node.at, "an empty list of values", advice);
        return None;
    }
    if modifiers.all && items.len() < 2 {
        let advice = "leave `all` out; for a second test of the same field, write a second search";
        reading.reporter.tell(node.at, "`all` with one value", advice);
        return None;
    }
    match (modifiers.kind, &items[0].content) {
        (Kind::Exists, Content::Bool(wanted)) if !is_list => return Some(Wanted::Exists(*wanted)),
        (Kind::Exists, _) => {
            reading.reporter.tell(node.at, "`exists` with something else", "write `true` or `false`");
            return None;
        }
        (Kind::Plain, Content::Null) if !is_list && is_bare(modifiers) && !keywords => {
            return Some(Wanted::Null);
        }
        _ => {}
    }
    let atoms: Vec<_> = items.iter().filter_map(|item| atoms(item, modifiers, reading)).collect();
    if atoms.len() < items.len() {
        return None;
    }
    Some(if modifiers.all { all(atoms) } else { any(atoms.into_iter().flatten()) })
}

/// Keywords are looked for inside the texts of an event; says whether that makes sense with these modifiers.
fn prepare_keywords(modifiers: &mut Modifiers) -> bool {
    match modifiers.kind {
        Kind::Plain if modifiers.part.is_none() => {
            modifiers.place = Place::Anywhere;
            true
        }
        Kind::Expression { .. } => true,
        Kind::Plain | Kind::Network | Kind::Compare(_) | Kind::Exists | Kind::Reference => false,
    }
}

fn is_bare(modifiers: Modifiers) -> bool {
    Modifiers { negated: false, ..modifiers } == Modifiers::default()
}

/// A value can become several, of which one must hold.
fn all(values: Vec<Vec<Atom>>) -> Wanted {
    // Only base64offset makes several of one value, and any of the three is as good.
    Wanted::All(
        values
            .into_iter()
            .map(|mut one| if one.len() == 1 { one.remove(0) } else { Atom::OneOf(one) })
            .collect(),
    )
}

fn any(values: impl Iterator<Item = Atom>) -> Wanted {
    let mut exact = HashSet::new();
    let mut atoms = Vec::new();
    for atom in values {
        let text =
            if let Atom::Text(pattern) = &atom { pattern.exact().filter(|_| !pattern.cased) } else { None };
        match text {
            Some(text) => _ = exact.insert(Box::from(text)),
            None => atoms.push(atom),
        }
    }
    Wanted::Any { exact, atoms }
}

fn atoms(node: &Node, modifiers: Modifiers, reading: &mut Reading<'_, '_, '_>) -> Option<Vec<Atom>> {
    match one(node, modifiers, &mut reading.expressions) {
        Ok(atoms) => Some(atoms),
        Err((problem, advice)) => {
            reading.reporter.tell(node.at, problem, advice);
            None
        }
    }
}

type Wrong = (String, String);

fn one(node: &Node, modifiers: Modifiers, expressions: &mut usize) -> Result<Vec<Atom>, Wrong> {
    let Some(words) = node.words() else {
        let nothing = node.content == Content::Null;
        let (problem, advice) = if nothing {
            let problem = "`null` among other values, or with a modifier".to_owned();
            (problem, "give it a search of its own, and join the two in the condition")
        } else {
            (format!("a value that is {}", node.kind()), "write a text, a number or a truth value")
        };
        return Err((problem, advice.to_owned()));
    };
    if words.len() > limits::PATTERN_BYTES {
        let problem = format!("a value of more than {} bytes", limits::PATTERN_BYTES);
        return Err((problem, "look for a part of it".to_owned()));
    }
    match modifiers.kind {
        Kind::Plain if modifiers.part.is_some() => date_part(node, modifiers, words),
        Kind::Plain if !is_shaped(modifiers) => Ok(vec![match &node.content {
            Content::Number(written, number) => Atom::Number(*number, written.clone()),
            Content::Bool(truth) => Atom::Bool(*truth),
            Content::Text(_) | Content::Null | Content::List(_) | Content::Map(_) => {
                Atom::Text(Pattern::new(&units(words), modifiers.cased))
            }
        }]),
        Kind::Plain => shaped(words, modifiers),
        Kind::Expression { .. } => expression(words, modifiers.kind, expressions),
        Kind::Network => network(words),
        Kind::Compare(_) => date_part(node, modifiers, words),
        Kind::Reference => {
            let field = words.into();
            Ok(vec![Atom::Reference { field, place: modifiers.place, cased: modifiers.cased }])
        }
        Kind::Exists => Err(("`exists` with a list".to_owned(), "write `true` or `false`".to_owned())),
    }
}

fn is_shaped(modifiers: Modifiers) -> bool {
    modifiers.place != Place::Whole || modifiers.windash || modifiers.base64.is_some()
}

/// Numbers to compare with, be it the field itself or a part of the date in it.
fn date_part(node: &Node, modifiers: Modifiers, words: &str) -> Result<Vec<Atom>, Wrong> {
    let Content::Number(_, number) = &node.content else {
        return Err((
            format!("`{words}` where a number must stand"),
            "write a number, without quotes".to_owned(),
        ));
    };
    let comparison = if let Kind::Compare(comparison) = modifiers.kind { Some(comparison) } else { None };
    Ok(vec![match (modifiers.part, comparison) {
        (Some(part), comparison) => Atom::Part(part, comparison, *number),
        (None, Some(comparison)) => Atom::Compare(comparison, *number),
        (None, None) => Atom::Number(*number, words.into()),
    }])
}

fn network(words: &str) -> Result<Vec<Atom>, Wrong> {
    let network =
        words.parse::<IpNet>().or_else(|_| words.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
            (format!("`{words}` is no network"), "write it as 203.0.113.0/24 or 2001:db8::/32".to_owned())
        })?;
    Ok(vec![Atom::Network(network.trunc())])
}

fn expression(words: &str, kind: Kind, left: &mut usize) -> Result<Vec<Atom>, Wrong> {
    let Kind::Expression { insensitive, lines, dot } = kind else { return Ok(Vec::new()) };
    let Some(less) = left.checked_sub(1) else {
        let problem = format!("more than {} regular expressions", limits::EXPRESSIONS);
        return Err((problem, "use `contains`, `startswith` and `endswith` where they do".to_owned()));
    };
    *left = less;
    let built = RegexBuilder::new(words)
        .case_insensitive(insensitive)
        .multi_line(lines)
        .dot_matches_new_line(dot)
        .size_limit(limits::EXPRESSION_BYTES)
        .dfa_size_limit(limits::EXPRESSION_BYTES)
        .nest_limit(32)
        .build();
    match built {
        Ok(expression) => Ok(vec![Atom::Expression(expression)]),
        Err(regex::Error::CompiledTooBig(_)) => Err((
            "a regular expression that would take too much memory".to_owned(),
            "make its repetitions smaller, such as `{100}`, or its alternatives fewer".to_owned(),
        )),
        Err(error) => {
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let advice = "look-around and back-references are not there, because their time has no bound";
            Err((format!("a regular expression that cannot be read: {last}"), advice.to_owned()))
        }
    }
}

/// A text with encodings, a place, or dashes that stand for each other.
fn shaped(words: &str, modifiers: Modifiers) -> Result<Vec<Atom>, Wrong> {
    let mut elements = units(words);
    if modifiers.windash {
        any_dash(&mut elements);
    }
    let variants = match modifiers.base64 {
        None => vec![elements],
        Some(base64) => {
            let text = literal(&elements).ok_or_else(|| {
                let problem = "a wildcard in a value that is to be encoded".to_owned();
                (problem, r"write it as `\*` or `\?` if it is meant as it stands".to_owned())
            })?;
            encoded(&bytes(&text, modifiers.encoding), base64)
                .into_iter()
                .map(|text| text.chars().map(Unit::Char).collect())
                .collect()
        }
    };
    // An offset is of use inside a longer text only.
    let place = match (modifiers.place, modifiers.base64) {
        (Place::Whole, Some(Base64::Offset)) => Place::Anywhere,
        (place, _) => place,
    };
    let padded = |units: Vec<Unit>| {
        let before = matches!(place, Place::Anywhere | Place::End).then_some(Unit::Many);
        let after = matches!(place, Place::Anywhere | Place::Start).then_some(Unit::Many);
        before.into_iter().chain(units).chain(after).collect::<Vec<_>>()
    };
    Ok(variants.into_iter().map(|units| Atom::Text(Pattern::new(&padded(units), modifiers.cased))).collect())
}

fn bytes(text: &str, encoding: Option<Encoding>) -> Vec<u8> {
    let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
    match encoding {
        None => text.as_bytes().to_vec(),
        Some(Encoding::Utf16Little) => little().collect(),
        Some(Encoding::Utf16Marked) => [0xff, 0xfe].into_iter().chain(little()).collect(),
        Some(Encoding::Utf16Big) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// The bytes in base64; with an offset, the part that is the same whatever stands around them, for each alignment.
fn encoded(bytes: &[u8], base64: Base64) -> Vec<String> {
    match base64 {
        Base64::Whole => vec![STANDARD.encode(bytes)],
        Base64::Offset => (0..3)
            .map(|offset: usize| {
                let padded: Vec<u8> =
                    std::iter::repeat_n(b' ', offset).chain(bytes.iter().copied()).collect();
                let text = STANDARD.encode(&padded);
                // Eight bits of each byte before, six bits to a letter: the letter they share is not the value's own.
                let first = (offset * 8).div_ceil(6);
                let last = padded.len() * 8 / 6;
                text.get(first..last).unwrap_or_default().to_owned()
            })
            .filter(|text| !text.is_empty())
            .collect(),
    }
}
