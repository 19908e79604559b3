//! [`Plan`]: what to fetch and where to put it, as the configuration says.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use litesoc::Timestamp;
use litesoc_enrich::SourceKind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::address::Address;

/// What to fetch and where to put it.
#[derive(Debug)]
pub(super) struct Plan {
    /// Where the files are put.
    pub(super) folder: PathBuf,
    /// The most bytes of one file, packed and unpacked.
    pub(super) limit: u64,
    /// How long one file may take.
    pub(super) time: Duration,
    /// The proxy to go through.
    pub(super) proxy: Option<String>,
    pub(super) files: Vec<Wanted>,
}

/// One file to fetch.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) kind: SourceKind,
    pub(super) address: Address,
    pub(super) checksum: Checksum,
}

/// How to tell that a file is the one that was meant.
#[derive(Debug)]
pub(super) enum Checksum {
    /// SHA-256 of the file as it is sent.
    Known([u8; 32]),
    /// A file that begins with it, in hexadecimal.
    At(Address),
    /// The operator trusts the address.
    Waived,
}

const FILE_KEYS: &str = "name, url, kind, sha256, sha256_url, checksum";
const KEYS: &str = "folder, limit_mib, timeout_seconds, proxy, [[file]]";

impl Plan {
    /// Reads a configuration; all that is wrong with it is told at once, each fault with its line.
    ///
    /// `{year}`, `{month}` and `{day}` in addresses are those of today (UTC).
    pub(super) fn parse(text: &str, today: Timestamp) -> Result<Self, Vec<String>> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut page = Page { text, date: today.to_string(), faults: Vec::new() };
        for error in &errors {
            page.fault(error.span().map_or(0, |span| span.start), error.message());
        }
        let mut plan = Self {
            folder: PathBuf::new(),
            limit: 1_024 << 20,
            time: Duration::from_secs(900),
            proxy: None,
            files: Vec::new(),
        };
        if errors.is_empty() {
            plan.read(document.get_ref(), &mut page);
        }
        if page.faults.is_empty() {
            return Ok(plan);
        }
        page.faults.sort_by_key(|(line, _)| *line);
        Err(page.faults.into_iter().map(|(line, message)| format!("line {line}: {message}")).collect())
    }

    fn read(&mut self, table: &DeTable<'_>, page: &mut Page<'_>) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "folder" => self.folder = page.text("folder", value).unwrap_or("?").into(),
                "limit_mib" => self.limit = page.whole("limit_mib", value, 1, 65_536).unwrap_or(1) << 20,
                "timeout_seconds" => {
                    let seconds = page.whole("timeout_seconds", value, 1, 86_400);
                    self.time = Duration::from_secs(seconds.unwrap_or(1));
                }
                "proxy" => self.proxy = page.text("proxy", value).map(str::to_owned),
                "file" => self.files = page.files(value),
                other => page.unknown(key, other, KEYS),
            }
        }
        if !table.contains_key("folder") {
            page.fault(0, "`folder` is missing: where the files are put");
        }
        if !table.contains_key("file") {
            page.fault(0, "there is no [[file]] to fetch");
        }
    }
}

/// The configuration while it is read.
struct Page<'a> {
    text: &'a str,
    date: String,
    faults: Vec<(usize, String)>,
}

impl Page<'_> {
    fn fault(&mut self, at: usize, message: impl Into<String>) {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        self.faults.push((line, message.into()));
    }

    fn unknown(&mut self, key: &Spanned<impl Sized>, name: &str, known: &str) {
        self.fault(key.span().start, format!("`{name}` is not known here; known are {known}"));
    }

    fn text<'v>(&mut self, name: &str, value: &'v Spanned<DeValue<'_>>) -> Option<&'v str> {
        let text = value.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            self.fault(value.span().start, format!("`{name}` must be a text"));
        }
        text
    }

    fn whole(&mut self, name: &str, value: &Spanned<DeValue<'_>>, from: u64, to: u64) -> Option<u64> {
        let digits = value.get_ref().as_integer().map(|number| number.as_str().replace('_', ""));
        let number =
            digits.and_then(|digits| digits.parse().ok()).filter(|number| (from..=to).contains(number));
        if number.is_none() {
            self.fault(value.span().start, format!("`{name}` must be a whole number from {from} to {to}"));
        }
        number
    }

    fn files(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Wanted> {
        let Some(items) = value.get_ref().as_array() else {
            self.fault(value.span().start, "`file` must be a list of tables, each under [[file]]");
            return Vec::new();
        };
        let mut files: Vec<Wanted> = Vec::new();
        let mut names = HashSet::new();
        for item in items {
            let at = item.span().start;
            match item.get_ref().as_table() {
                Some(table) => files.extend(self.file(at, table)),
                None => self.fault(at, "`file` must be a table under [[file]]"),
            }
            if let Some(file) = files.last().filter(|file| names.contains(&file.name)) {
                let message = format!("two files are called `{}`", file.name);
                self.fault(at, message);
            }
            names.extend(files.last().map(|file| file.name.clone()));
        }
        files
    }

    fn file(&mut self, at: usize, table: &DeTable<'_>) -> Option<Wanted> {
        let (mut name, mut address, mut kind, mut checksums) = (None, None, None, Vec::new());
        for (key, value) in table {
            let start = value.span().start;
            match key.get_ref().as_ref() {
                "name" => name = self.name(value),
                "url" => address = self.address("url", value),
                "kind" => {
                    kind = self.text("kind", value).and_then(|word| {
                        word.parse::<SourceKind>().map_err(|error| self.fault(start, error.to_string())).ok()
                    });
                }
                "sha256" => {
                    let digest = self.text("sha256", value).map(digest);
                    if digest == Some(None) {
                        self.fault(start, "`sha256` must be 64 hexadecimal digits");
                    }
                    checksums.extend(digest.flatten().map(Checksum::Known));
                }
                "sha256_url" => checksums.extend(self.address("sha256_url", value).map(Checksum::At)),
                "checksum" if value.get_ref().as_str() == Some("none") => checksums.push(Checksum::Waived),
                "checksum" => {
                    self.fault(start, "`checksum` can only be \"none\": the address alone is trusted")
                }
                other => self.unknown(key, other, FILE_KEYS),
            }
        }
        let mut needs = |there: bool, what: &str| {
            if !there {
                self.fault(at, what);
            }
        };
        needs(table.contains_key("name"), "a [[file]] needs a `name`: what it is called in the folder");
        needs(table.contains_key("url"), "a [[file]] needs a `url`");
        let given =
            ["sha256", "sha256_url", "checksum"].iter().filter(|key| table.contains_key(**key)).count();
        needs(
            given == 1,
            "a [[file]] needs one of `sha256`, `sha256_url`, or checksum = \"none\" to trust the address alone",
        );
        let name: String = name?;
        let kind = kind.or_else(|| SourceKind::of_path(&name));
        if kind.is_none() && !table.contains_key("kind") {
            self.fault(at, format!("the name `{name}` does not tell what kind of file it is; write `kind`"));
        }
        Some(Wanted { name, kind: kind?, address: address?, checksum: checksums.pop()? })
    }

    /// A name that stays in its folder.
    fn name(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let name = self.text("name", value)?;
        if name.starts_with('.') || name.contains(['/', '\\', '\0', ':']) {
            self.fault(value.span().start, "`name` must be a plain file name, and not start with a dot");
            return None;
        }
        Some(name.to_owned())
    }

    fn address(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Address> {
        let text = self.text(key, value)?;
        let part = |from: usize, to: usize| self.date.get(from..to).unwrap_or_default().to_owned();
        let text = text
            .replace("{year}", &part(0, 4))
            .replace("{month}", &part(5, 7))
            .replace("{day}", &part(8, 10));
        Address::parse(&text).map_err(|why| self.fault(value.span().start, format!("`{key}` {why}"))).ok()
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, place) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Timestamp = Timestamp::from_millis(1_772_366_400_000);

    #[test]
    fn dates_in_addresses_are_those_of_today() {
        let text = r#"
            folder = "geo"
            [[file]]
            name = "dbip-city-lite.mmdb"
            url = "https://download.example/city-{year}-{month}.mmdb.gz"
            checksum = "none"
        "#;
        let plan = Plan::parse(text, TODAY).unwrap();
        assert_eq!(plan.files[0].address.to_string(), "https://download.example/city-2026-03.mmdb.gz");
        assert_eq!(plan.files[0].kind, SourceKind::Database);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let text = r#"
limit_mib = 0
folders = "geo"
timeout_seconds = "long"

[[file]]
name = "../vpn.txt"
url = "http://lists.example/vpn.txt"
sha256 = "abc"

[[file]]
name = "ranges.txt"
url = "ftp://lists.example/vpn.txt"
checksum = "maybe"
sum = 1

[[file]]
name = "tor.txt"
url = "https://user:secret@lists.example/tor.txt"
sha256_url = "nowhere"

[[file]]
kind = "weather"
"#;
        insta::assert_snapshot!(Plan::parse(text, TODAY).unwrap_err().join("\n"));
        assert!(Plan::parse("folder = \n[[file]", TODAY).unwrap_err()[0].starts_with("line "));
    }
}
