//! Checking canonical text byte by byte, without building a value.

use std::{borrow::Cow, cmp::Ordering};

use super::{InvalidJson, JsonFault, MAX_DEPTH, MAX_INTEGER, parse};

/// Checks that some bytes are the canonical text of a value.
///
/// # Errors
///
/// The first place at which they are not.
///
/// ```
/// use litesoc_ledger::canonical::is_canonical;
///
/// assert!(is_canonical(br#"{"a":1,"b":[]}"#).is_ok());
/// assert!(is_canonical(br#"{"b":[],"a":1}"#).is_err());
/// ```
pub fn is_canonical(bytes: &[u8]) -> Result<(), InvalidJson> {
    let mut scanner = Scanner::new(bytes)?;
    scanner.value(0)?;
    scanner.end()
}

/// The members of a canonical object, in order, as slices of its text.
///
/// Everything up to the member that was yielded last has been checked; the whole text has been once the iterator ends
/// without an error.
///
/// ```
/// use litesoc_ledger::canonical::Scan;
///
/// let mut members = Scan::object(br#"{"event":{"message":"m"},"received_at":"t"}"#)?;
/// let event = members.next().expect("two members")?;
/// assert_eq!((event.name, event.value), ("event", r#"{"message":"m"}"#));
/// # Ok::<(), litesoc_ledger::canonical::InvalidJson>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    scanner: Scanner<'a>,
    previous: Option<&'a str>,
    done: bool,
}

/// One member of an object, as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member<'a> {
    /// What stands between the quotes of the name. A name without escapes is itself.
    pub name: &'a str,
    /// The canonical text of the value.
    pub value: &'a str,
}

impl<'a> Member<'a> {
    /// The value as a string: without its quotes and with its escapes resolved; `None` when it is no string.
    #[must_use]
    pub fn string(&self) -> Option<Cow<'a, str>> {
        if !self.value.starts_with('"') {
            return None;
        }
        let inner = &self.value[1..self.value.len() - 1];
        decoded(inner)
    }
}

impl<'a> Scan<'a> {
    /// Starts at an object.
    ///
    /// # Errors
    ///
    /// The bytes are not UTF-8 or do not begin with `{`.
    pub fn object(bytes: &'a [u8]) -> Result<Self, InvalidJson> {
        let mut scanner = Scanner::new(bytes)?;
        scanner.expect(b'{')?;
        let mut done = false;
        if scanner.peek()? == b'}' {
            scanner.at += 1;
            scanner.end()?;
            done = true;
        }
        Ok(Self { scanner, previous: None, done })
    }

    fn member(&mut self) -> Result<Member<'a>, InvalidJson> {
        let name = self.scanner.name(&mut self.previous)?;
        let start = self.scanner.at;
        self.scanner.value(1).map_err(|error| error.inside(name))?;
        let value = &self.scanner.text[start..self.scanner.at];
        if !self.scanner.another(b'}')? {
            self.scanner.end()?;
            self.done = true;
        }
        Ok(Member { name, value })
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Result<Member<'a>, InvalidJson>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let member = self.member();
        self.done |= member.is_err();
        Some(member)
    }
}

/// The cursor below it all: each byte of a text is looked at once, also by those who descend into values.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, InvalidJson> {
        let text = str::from_utf8(bytes)
            .map_err(|error| InvalidJson::new(JsonFault::Encoding, error.valid_up_to()))?;
        Ok(Self { text, bytes, at: 0 })
    }

    #[cold]
    fn fault(&self, fault: JsonFault) -> InvalidJson {
        InvalidJson::new(fault, self.at)
    }

    pub(crate) fn peek(&self) -> Result<u8, InvalidJson> {
        self.bytes.get(self.at).copied().ok_or_else(|| self.fault(JsonFault::End))
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), InvalidJson> {
        if self.peek()? != byte {
            return Err(self.fault(JsonFault::Syntax));
        }
        self.at += 1;
        Ok(())
    }

    pub(crate) fn end(&self) -> Result<(), InvalidJson> {
        if self.at < self.bytes.len() { Err(self.fault(JsonFault::Trailing)) } else { Ok(()) }
    }

    fn literal(&mut self, literal: &str) -> Result<(), InvalidJson> {
        if !self.bytes[self.at..].starts_with(literal.as_bytes()) {
            return Err(self.fault(JsonFault::Syntax));
        }
        self.at += literal.len();
        Ok(())
    }

    /// The canonical text of the value here.
    pub(crate) fn span(&mut self) -> Result<&'a str, InvalidJson> {
        let start = self.at;
        self.value(0)?;
        Ok(&self.text[start..self.at])
    }

    fn value(&mut self, depth: usize) -> Result<(), InvalidJson> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            b'-' | b'0'..=b'9' => self.number(),
            b' ' | b'\t' | b'\r' | b'\n' => Err(self.fault(JsonFault::Form)),
            _ => Err(self.fault(JsonFault::Syntax)),
        }
    }

    fn deeper(&mut self, depth: usize) -> Result<(), InvalidJson> {
        if depth >= MAX_DEPTH {
            return Err(self.fault(JsonFault::Depth));
        }
        self.at += 1;
        Ok(())
    }

    pub(crate) fn another(&mut self, close: u8) -> Result<bool, InvalidJson> {
        let next = self.peek()?;
        if next != b',' && next != close {
            let space = matches!(next, b' ' | b'\t' | b'\r' | b'\n');
            return Err(self.fault(if space { JsonFault::Form } else { JsonFault::Syntax }));
        }
        self.at += 1;
        Ok(next == b',')
    }

    fn array(&mut self, depth: usize) -> Result<(), InvalidJson> {
        self.deeper(depth)?;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        let mut index = 0_usize;
        loop {
            self.value(depth + 1).map_err(|error| error.inside(&index.to_string()))?;
            index += 1;
            if !self.another(b']')? {
                return Ok(());
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), InvalidJson> {
        self.deeper(depth)?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        let mut previous = None;
        loop {
            let name = self.name(&mut previous)?;
            self.value(depth + 1).map_err(|error| error.inside(name))?;
            if !self.another(b'}')? {
                return Ok(());
            }
        }
    }

    /// The name of a member and its colon; it must stand behind the previous one.
    pub(crate) fn name(&mut self, previous: &mut Option<&'a str>) -> Result<&'a str, InvalidJson> {
        let start = self.at;
        if self.peek()? != b'"' {
            let space = matches!(self.bytes[self.at], b' ' | b'\t' | b'\r' | b'\n');
            return Err(self.fault(if space { JsonFault::Form } else { JsonFault::Syntax }));
        }
        let name = self.string()?;
        if let Some(previous) = *previous {
            match order(previous, name) {
                Ordering::Less => {}
                Ordering::Equal => return Err(InvalidJson::new(JsonFault::Duplicate, start).inside(name)),
                Ordering::Greater => return Err(InvalidJson::new(JsonFault::Order, start).inside(name)),
            }
        }
        *previous = Some(name);
        if self.peek()? != b':' {
            let space = matches!(self.bytes[self.at], b' ' | b'\t' | b'\r' | b'\n');
            return Err(self.fault(if space { JsonFault::Form } else { JsonFault::Syntax }));
        }
        self.at += 1;
        Ok(name)
    }

    fn number(&mut self) -> Result<(), InvalidJson> {
        let start = self.at;
        let negative = self.bytes[start] == b'-';
        self.at += usize::from(negative);
        let digits = self.at;
        let mut number = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(self.at) {
            number = number.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let length = self.at - digits;
        let fraction = matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E'));
        let fault = if length == 0 || (length > 1 && self.bytes[digits] == b'0') {
            JsonFault::Syntax
        } else if fraction {
            JsonFault::Fraction
        } else if number > MAX_INTEGER {
            JsonFault::Range
        } else if negative && number == 0 {
            JsonFault::Form
        } else {
            return Ok(());
        };
        Err(InvalidJson::new(fault, start))
    }

    /// What stands between the quotes of a string.
    fn string(&mut self) -> Result<&'a str, InvalidJson> {
        self.at += 1;
        let start = self.at;
        loop {
            self.plain();
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Ok(&self.text[start..self.at - 1]);
                }
                b'\\' => self.escape()?,
                _ => return Err(self.fault(JsonFault::Control)),
            }
        }
    }

    /// Skips what needs no escape, eight bytes at a time while it can.
    fn plain(&mut self) {
        while let Some(chunk) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            if has_special(u64::from_le_bytes(*chunk)) {
                break;
            }
            self.at += 8;
        }
        while self.bytes.get(self.at).is_some_and(|byte| *byte >= 0x20 && !matches!(byte, b'"' | b'\\')) {
            self.at += 1;
        }
    }

    /// At a backslash: the one canonical escape of its character.
    fn escape(&mut self) -> Result<(), InvalidJson> {
        match self.bytes.get(self.at + 1).copied() {
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6);
                let mut control = [0];
                let canonical = digits.is_some_and(|digits| {
                    digits.starts_with(b"00")
                        && crate::encoding::hex_into(&digits[2..], &mut control)
                        && control[0] < 0x20
                        && !matches!(control[0], 0x08 | 0x09 | 0x0a | 0x0c | 0x0d)
                });
                if !canonical {
                    return Err(self.fault(JsonFault::Form));
                }
                self.at += 6;
            }
            Some(b'/') => return Err(self.fault(JsonFault::Form)),
            Some(_) => return Err(self.fault(JsonFault::Escape)),
            None => return Err(self.fault(JsonFault::End)),
        }
        Ok(())
    }
}

/// Whether one of eight bytes is below 0x20, a quote or a backslash. It may say yes for a byte beside such a one.
const fn has_special(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH != 0
}

/// The order of two names by code point, given what stands between their quotes.
fn order(left: &str, right: &str) -> Ordering {
    if !left.contains('\\') && !right.contains('\\') {
        return left.cmp(right);
    }
    match (decoded(left), decoded(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.cmp(right),
    }
}

/// The characters of what stands between the quotes of a checked string.
fn decoded(inner: &str) -> Option<Cow<'_, str>> {
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let (text, _) = parse::string(&format!("\"{inner}\"")).ok()?;
    Some(Cow::Owned(text))
}
