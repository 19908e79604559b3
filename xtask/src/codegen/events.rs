//! docs/EVENTS.md, made from the catalogue.

use std::{fmt::Write as _, path::PathBuf};

use litesoc_events::{Confidence, EventInfo, EventType, Vendor, aliases, catalogue, extended, standard};

use super::{Made, csv::VendorRow, vendors::constant};

/// The document.
pub(super) fn document(rows: &[VendorRow]) -> Made {
    let mut text = String::from(HEAD);
    section(&mut text, "Standard events", standard());
    section(&mut text, "Extended events", extended());
    text.push_str(NORMALISER);
    text.push_str("| Name | Becomes |\n|---|---|\n");
    for (name, event) in aliases() {
        row(&mut text, &[&code(name), &code(event.as_str())]);
    }
    text.push_str(VENDORS);
    for &vendor in Vendor::ALL {
        let count = |confidence: Confidence| {
            rows.iter().filter(|row| row.vendor == vendor && row.confidence == confidence).count().to_string()
        };
        let all = rows.iter().filter(|row| row.vendor == vendor).count().to_string();
        let counts = [count(Confidence::High), count(Confidence::Medium), count(Confidence::Low)];
        row(&mut text, &[&code(vendor.as_str()), &all, &counts[0], &counts[1], &counts[2]]);
    }
    let _ = writeln!(
        text,
        "\n{} names in all, for {} of the {} events.",
        rows.len(),
        used(rows),
        catalogue().count()
    );
    Made { path: PathBuf::from("docs/EVENTS.md"), content: text }
}

const HEAD: &str = "\
# Events

This page is made from the catalogue in `crates/litesoc-events` by `cargo xtask codegen`; change the catalogue, not the page.

Level is the severity in five steps, severity the one of the API, which follows from the level.
\u{26a1} marks an event that raises an alert by itself.
OCSF gives class and activity of version 1.8.0; activity 99 is \"Other\".
ATT&CK gives the technique of MITRE ATT&CK that the event is a trace of, where one fits: a trace, not a proof.
An event with an arrow is an older or finer name, which the normaliser merges into the event behind the arrow.
";

const NORMALISER: &str = "
## How names are normalised

1. White space around the name goes and letters become small; the words of the name are what its separators (space, `-`, `.`, `/`, `:`, `_`, or runs of them) leave between them.
2. The same words as those of an event are that event, or the one it merges into; the same words as those of an alias below are the alias's event.
3. A name not found yet is tried with a border before each hump, as in `authLoginFailed` and `authMFAEnabled`.
4. A name not found yet that begins with `user` is tried again with `auth` in its place.
5. Any other name is a custom event.

A custom event keeps its name in small letters, with each space, `-`, `:` and `/` made `_`, the first of them `.` when the name has no dot.
It is recognised when its prefix is one of `auth`, `authz`, `admin`, `data`, `security`, `user`, `api` and `billing` and it has at most 128 bytes; otherwise it is stored with `unrecognized_format: true`.
Its severity is `info`, with the prefix `security` `warning`; `data.deleted` and `auth.password_change_failed` are `warning` too.

Nothing is guessed from a part of a name.
A name with a word more, less or changed is unknown.

## Aliases

";

const VENDORS: &str = "
## Names of other systems

`Vendor::normalize` reads them as the system writes them, letter for letter, with the fields of the payload where the name alone does not decide.
The rows, with the place each was read, are in `crates/litesoc-events/data/vendor-event-names.csv`.
Low confidence means that something is lost: keep the original name and raise no alert on such an event.

| System | Names | High | Medium | Low |
|---|---|---|---|---|
";

fn section<'a>(text: &mut String, title: &str, events: impl Iterator<Item = &'a EventInfo> + Clone) {
    let _ = writeln!(text, "\n## {title}\n\n{} events.\n", events.clone().count());
    text.push_str(
        "| Event | Constant | Level | Severity | OCSF | ATT&CK | Meaning |\n|---|---|---|---|---|---|---|\n",
    );
    for info in events {
        let arrow = info.normalizes_to.as_ref().map(|event| format!(" \u{2192} {}", code(event.as_str())));
        let name = code(info.name) + if info.instant { " \u{26a1}" } else { "" } + &arrow.unwrap_or_default();
        let ocsf = match (info.ocsf.class_uid, info.ocsf.activity_id) {
            (0, _) => String::new(),
            (class, activity) => format!("{class}:{activity}"),
        };
        let constant = code(&constant(&info.event));
        let attack = info.attack.unwrap_or_default();
        row(
            text,
            &[&name, &constant, info.level.as_str(), info.severity.as_str(), &ocsf, attack, info.meaning],
        );
    }
}

fn row(text: &mut String, cells: &[&str]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

/// How many events of the catalogue the vocabularies name.
fn used(rows: &[VendorRow]) -> usize {
    let mut events: Vec<&EventType> = rows.iter().map(|row| &row.event).collect();
    events.sort();
    events.dedup();
    events.len()
}
