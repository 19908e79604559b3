//! Reading policy files: lines of words, all faults at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, InvalidPolicy, Member, Policy, PolicyLog, PolicyProblem, PolicyWitness};
use crate::{encoding, note::VerifierKey};

pub(super) fn parse(file: &[u8]) -> Result<Policy, InvalidPolicy> {
    let mut reader = Reader::default();
    let lines = file.strip_suffix(b"\n").unwrap_or(file);
    for (number, line) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
        reader.line(number, line);
    }
    if reader.quorum.is_none() {
        let after = lines.split(|byte| *byte == b'\n').count();
        reader.fault(after, 1, "the policy has no quorum line; `quorum none` asks for no witness".to_owned());
    }
    if !reader.problems.is_empty() {
        reader.problems.sort_by_key(|problem| (problem.line, problem.column));
        return Err(InvalidPolicy(reader.problems));
    }
    let quorum = reader.quorum.flatten();
    Ok(Policy { logs: reader.logs, witnesses: reader.witnesses, groups: reader.groups, quorum })
}

/// A word and the column it starts in.
type Word<'a> = (usize, &'a [u8]);

#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    /// Witnesses and groups share their names, which are bytes and nothing more.
    names: BTreeMap<Vec<u8>, Member>,
    /// Names whose own line is faulty, so that lines that use them are not blamed.
    faulty: BTreeSet<Vec<u8>>,
    used: BTreeSet<Vec<u8>>,
    /// The outer `None` is no line, the inner one `quorum none`.
    quorum: Option<Option<Member>>,
    problems: Vec<PolicyProblem>,
}

impl Reader {
    fn fault(&mut self, line: usize, column: usize, message: String) {
        self.problems.push(PolicyProblem { line, column, message });
    }

    fn line(&mut self, number: usize, line: &[u8]) {
        let control = |byte: &u8| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f;
        if let Some(at) = line.iter().position(control) {
            let message = "control characters other than tab and newline are not allowed";
            return self.fault(number, at + 1, message.to_owned());
        }
        let words = words(line);
        let Some(((column, keyword), rest)) = words.split_first() else { return };
        if keyword.starts_with(b"#") {
            return;
        }
        let end = line.len() + 1;
        match *keyword {
            b"log" => self.log(number, end, rest),
            b"witness" => self.witness(number, end, rest),
            b"group" => self.group(number, end, rest),
            b"quorum" => self.quorum(number, end, rest),
            other => {
                let message =
                    format!("{:?} is none of log, witness, group, quorum", String::from_utf8_lossy(other));
                self.fault(number, *column, message);
            }
        }
    }

    fn log(&mut self, line: usize, end: usize, words: &[Word<'_>]) {
        let ([key] | [key, _]) = words else {
            return self.fault(line, end, "expected: log <vkey> [<url>]".to_owned());
        };
        let Some(found) = self.key(line, *key) else { return };
        if found.kind().is_cosignature() && found.public_key().is_some() {
            return self.fault(line, key.0, "this is a witness's key (type 0x04), not a log's".to_owned());
        }
        if self.logs.iter().any(|log| log.key.bytes() == found.bytes()) {
            return self.fault(line, key.0, "another log line has the same public key".to_owned());
        }
        self.logs.push(PolicyLog { key: found, url: words.get(1).map(|word| lossy(word.1)) });
    }

    fn witness(&mut self, line: usize, end: usize, words: &[Word<'_>]) {
        let ([name, key] | [name, key, _]) = words else {
            return self.fault(line, end, "expected: witness <name> <vkey> [<url>]".to_owned());
        };
        let place = Member::Witness(self.witnesses.len());
        let named = self.name(line, *name, place);
        let key_at = key.0;
        let Some(key) = self.key(line, *key) else {
            self.names.remove(name.1);
            self.faulty.insert(name.1.to_vec());
            return;
        };
        let message = if !key.kind().is_cosignature() {
            "this is a log's key (type 0x01), not a witness's (type 0x04)"
        } else if self.witnesses.iter().any(|witness| witness.key.bytes() == key.bytes()) {
            "another witness line has the same public key"
        } else if named {
            let url = words.get(2).map(|word| lossy(word.1));
            return self.witnesses.push(PolicyWitness { name: lossy(name.1), key, url });
        } else {
            return;
        };
        self.fault(line, key_at, message.to_owned());
        if named {
            self.names.remove(name.1);
            self.faulty.insert(name.1.to_vec());
        }
    }

    fn group(&mut self, line: usize, end: usize, words: &[Word<'_>]) {
        let [name, threshold, members @ ..] = words else {
            return self.fault(line, end, "expected: group <name> all|any|<k> <member>...".to_owned());
        };
        let before = self.problems.len();
        if members.is_empty() {
            self.fault(line, end, "a group has at least one member".to_owned());
        }
        let found: Vec<_> = members.iter().filter_map(|member| self.member(line, *member)).collect();
        let most = members.len();
        let number = match threshold.1 {
            b"all" => Some(most),
            b"any" => Some(1),
            digits => {
                str::from_utf8(digits).ok().and_then(encoding::decimal).and_then(|k| usize::try_from(k).ok())
            }
        };
        let number = number.filter(|number| (1..=most.max(1)).contains(number));
        if number.is_none() {
            self.fault(line, threshold.0, format!("the threshold is all, any or a number from 1 to {most}"));
        }
        let place = Member::Group(self.groups.len());
        let named = self.name(line, *name, place);
        match number {
            Some(threshold) if named && self.problems.len() == before && found.len() == most => {
                self.groups.push(Group { threshold, members: found });
            }
            _ if named => {
                self.names.remove(name.1);
                self.faulty.insert(name.1.to_vec());
            }
            _ => {}
        }
    }

    fn quorum(&mut self, line: usize, end: usize, words: &[Word<'_>]) {
        if self.quorum.is_some() {
            return self.fault(line, 1, "the policy has two quorum lines".to_owned());
        }
        self.quorum = Some(None);
        let [name] = words else {
            return self.fault(line, end, "expected: quorum <name>".to_owned());
        };
        if name.1 != b"none" {
            match self.names.get(name.1) {
                Some(member) => self.quorum = Some(Some(*member)),
                None if self.faulty.contains(name.1) => {}
                None => self.fault(line, name.0, unknown(name.1)),
            }
        }
    }

    /// A member of a group: known by a line before, and a member of nothing else, so that nobody counts twice.
    fn member(&mut self, line: usize, name: Word<'_>) -> Option<Member> {
        let Some(member) = self.names.get(name.1).copied() else {
            if !self.faulty.contains(name.1) {
                self.fault(line, name.0, unknown(name.1));
            }
            return None;
        };
        if !self.used.insert(name.1.to_vec()) {
            let message = format!("{:?} is a member already; each name once, in one group", lossy(name.1));
            self.fault(line, name.0, message);
            return None;
        }
        Some(member)
    }

    fn name(&mut self, line: usize, name: Word<'_>, member: Member) -> bool {
        if name.1 == b"none" {
            self.fault(line, name.0, "the name none is taken".to_owned());
            return false;
        }
        if self.names.contains_key(name.1) || self.faulty.contains(name.1) {
            self.fault(line, name.0, format!("the name {:?} is taken", lossy(name.1)));
            return false;
        }
        self.names.insert(name.1.to_vec(), member);
        true
    }

    fn key(&mut self, line: usize, (column, text): Word<'_>) -> Option<VerifierKey> {
        let key = str::from_utf8(text).map_err(|_| "a verifier key is UTF-8".to_owned());
        let key = key.and_then(|text| text.parse::<VerifierKey>().map_err(|error| error.to_string()));
        key.map_err(|message| self.fault(line, column, message)).ok()
    }
}

fn unknown(name: &[u8]) -> String {
    format!("no line before this one defines {:?}", lossy(name))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn words(line: &[u8]) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, byte) in line.iter().chain(b" ").enumerate() {
        let space = matches!(byte, b' ' | b'\t');
        match start {
            None if !space => start = Some(at),
            Some(from) if space => {
                words.push((from + 1, &line[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    words
}
