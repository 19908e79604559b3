//! The last entry of a list of hops, and the address in it.
//!
//! Lists are taken apart from the right: what is left of the entry in question was written by somebody less trusted,
//! and must not decide where the entry begins. (Read from the left, one quote sign that an attacker opens would
//! swallow every entry that proxies add after it.)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Takes the last entry off a list.
pub(super) type Split = for<'a> fn(&'a [u8]) -> Hop<'a>;

/// The last entry of a list, and the list without it.
pub(super) struct Hop<'a> {
    pub(super) found: Found,
    pub(super) rest: Option<&'a [u8]>,
}

/// What an entry holds.
pub(super) enum Found {
    /// It is empty, which lists may have (RFC 9110, section 5.6.1).
    Nothing,
    Address(IpAddr),
    NoAddress,
}

impl Found {
    fn from_address(address: Option<IpAddr>) -> Self {
        address.map_or(Self::NoAddress, Self::Address)
    }
}

/// Splits at the last comma.
pub(super) fn last_listed(list: &[u8]) -> Hop<'_> {
    let comma = list.iter().rposition(|byte| *byte == b',');
    let (rest, entry) = comma.map_or((None, list), |at| (Some(&list[..at]), &list[at + 1..]));
    let entry = entry.trim_ascii();
    let found = if entry.is_empty() { Found::Nothing } else { Found::from_address(address(entry)) };
    Hop { found, rest }
}

/// Splits at the last comma outside quotes, and looks for the `for` parameter (RFC 7239, section 4).
pub(super) fn last_forwarded(list: &[u8]) -> Hop<'_> {
    let Some((rest, element)) = split_last(list, b',') else {
        return Hop { found: Found::NoAddress, rest: None };
    };
    if element.is_empty() {
        return Hop { found: Found::Nothing, rest };
    }
    Hop { found: Found::from_address(node(element)), rest }
}

/// The text before and after the last separator outside quotes, the latter trimmed; `None` if a quote is not closed.
fn split_last(text: &[u8], separator: u8) -> Option<(Option<&[u8]>, &[u8])> {
    let mut quoted = false;
    for (at, byte) in text.iter().enumerate().rev() {
        if *byte == b'"' {
            let backslashes = text[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
            // Within quotes, a quote sign after an odd number of backslashes is part of the text.
            quoted = !quoted || backslashes % 2 == 1;
        } else if *byte == separator && !quoted {
            return Some((Some(&text[..at]), text[at + 1..].trim_ascii()));
        }
    }
    (!quoted).then(|| (None, text.trim_ascii()))
}

/// The address in the `for` parameter of one element. A parameter that occurs twice names nobody.
fn node(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    let mut rest = Some(element);
    while let Some(text) = rest {
        let (before, pair) = split_last(text, b';')?;
        rest = before;
        if pair.is_empty() {
            continue;
        }
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"for") {
            let value = unquoted(value)?;
            if found.replace(address(&value)?).is_some() {
                return None;
            }
        }
    }
    found
}

/// A token as it is, a quoted string without its quotes and backslashes (RFC 9110, section 5.6.4).
fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let Some(rest) = value.strip_prefix(b"\"") else { return Some(value.to_vec()) };
    let mut text = Vec::with_capacity(rest.len());
    let mut bytes = rest.strip_suffix(b"\"")?.iter();
    while let Some(byte) = bytes.next() {
        text.push(if *byte == b'\\' { *bytes.next()? } else { *byte });
    }
    Some(text)
}

/// An address with or without a port, IPv6 with or without brackets, IPv4 within IPv6 as IPv4.
pub(super) fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    // `SocketAddr` would take a scope (`fe80::1%1`) and lose it; such an address means nothing to anybody else.
    let with_port = || (!text.contains('%')).then(|| text.parse::<SocketAddr>().ok()).flatten();
    let plain = || {
        text.parse::<Ipv4Addr>().map(IpAddr::V4).or_else(|_| text.parse::<Ipv6Addr>().map(IpAddr::V6)).ok()
    };
    plain()
        .or_else(bracketed)
        .or_else(|| with_port().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}
