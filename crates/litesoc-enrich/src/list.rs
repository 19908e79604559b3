//! Lists of networks as text or CSV: one prefix, address or range a line.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::address::Span;
use crate::error::{Fault, MAX_FAULTS_PER_FILE, quoted};

/// Words that head a column of addresses in a CSV file.
const HEADINGS: &[&str] = &[
    "ip",
    "ips",
    "address",
    "ip_address",
    "network",
    "networks",
    "cidr",
    "prefix",
    "range",
    "subnet",
    "start",
    "first",
    "start_ip",
    "ip_start",
    "first_ip",
    "ip_range_start",
    "range_start",
    "ipv4",
    "ipv6",
    "ip_prefix",
    "ipaddr",
    "ip_addr",
];

/// Reads a list. What cannot be read is told; the rest of the list is read all the same, so that all of it is told.
pub(crate) fn parse(name: &str, content: &[u8], may_be_empty: bool, faults: &mut Vec<Fault>) -> Vec<Span> {
    let text = match str::from_utf8(content) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(error) => {
            let line = 1 + content[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            faults.push(Fault::at(name, line, "is not text (UTF-8); is it compressed, or a database?"));
            return Vec::new();
        }
    };
    if is_page(text) {
        faults.push(Fault::of_file(name, "is a web page and not a list; was an error page downloaded?"));
        return Vec::new();
    }
    let mut spans = Vec::new();
    let mut told = 0_usize;
    let (mut first, mut skipped) = (true, 0);
    for (number, line) in text.lines().enumerate() {
        let line = without_comment(line);
        if line.is_empty() {
            continue;
        }
        if let (true, Some(column)) = (std::mem::take(&mut first), heading(line)) {
            skipped = column;
            continue;
        }
        match parse_line(line, skipped) {
            Ok(span) => spans.push(span),
            Err(message) => {
                told += 1;
                if told <= MAX_FAULTS_PER_FILE {
                    faults.push(Fault::at(name, number + 1, message));
                }
            }
        }
    }
    if told > MAX_FAULTS_PER_FILE {
        let more = told - MAX_FAULTS_PER_FILE;
        faults.push(Fault::of_file(name, format!("{more} more lines cannot be read")));
    }
    if spans.is_empty() && told == 0 && !may_be_empty {
        faults.push(Fault::of_file(
            name,
            "holds no network; was it cut off? Do not name it if it is meant to be empty",
        ));
    }
    spans
}

/// One network, wherever one may stand: prefix, address or range.
pub(crate) fn parse_network(text: &str) -> Result<Span, String> {
    let refuse = |why: &str| Err(format!("`{}` {why}", quoted(text)));
    let span = if let Some((first, last)) = text.split_once('-') {
        let (Ok(first), Ok(last)) = (first.trim().parse(), last.trim().parse()) else {
            return refuse("is no range of addresses, such as 192.0.2.0-192.0.2.63");
        };
        match Span::between(first, last) {
            Some(span) => span,
            None => return refuse("is a range whose end is before its start, or of another family"),
        }
    } else if let Ok(net) = text.parse::<IpNet>() {
        Span::of_net(net)
    } else if let Ok(ip) = text.parse::<IpAddr>() {
        Span::of_net(IpNet::from(ip))
    } else {
        return refuse(
            "is no network, such as 192.0.2.0/24, 2001:db8::/32, 192.0.2.7 or 192.0.2.0-192.0.2.63",
        );
    };
    if span.is_everything() {
        return refuse("is every address there is");
    }
    Ok(span)
}

fn parse_line(line: &str, skipped: usize) -> Result<Span, String> {
    let mut columns = columns(line).skip(skipped);
    let first = columns.next().unwrap_or_default();
    // Two addresses side by side are a range, in a CSV file and as `192.0.2.0 - 192.0.2.63`.
    if let Ok(start) = first.parse::<IpAddr>() {
        let second = columns.by_ref().find(|column| !column.is_empty() && *column != "-");
        if let Some(end) = second.and_then(|column| column.parse::<IpAddr>().ok()) {
            let span = Span::between(start, end).filter(|span| !span.is_everything());
            return span.ok_or_else(|| {
                format!("from `{first}` to `{end}` is no range: backwards, of two families, or every address there is")
            });
        }
    }
    parse_network(first)
}

fn columns(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', '\t', ' ', '|']).map(|column| column.trim().trim_matches('"').trim())
}

/// The column of the addresses, if the line is the heading of a table.
fn heading(line: &str) -> Option<usize> {
    let place = columns(line).position(|column| HEADINGS.contains(&&*column.to_ascii_lowercase()))?;
    parse_line(line, 0).is_err().then_some(place)
}

fn without_comment(line: &str) -> &str {
    let line = line.split('#').next().unwrap_or_default().trim();
    if line.starts_with(';') || line.starts_with("//") { "" } else { line }
}

fn is_page(text: &str) -> bool {
    let start = text.trim_start();
    start.starts_with('<') || start.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"))
}
