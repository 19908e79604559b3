//! Reading any JSON text that has a canonical form.

use super::{InvalidJson, JsonFault, MAX_DEPTH, MAX_INTEGER, Object, Value};

pub(super) fn parse(text: &[u8]) -> Result<Value, InvalidJson> {
    let text =
        str::from_utf8(text).map_err(|error| InvalidJson::new(JsonFault::Encoding, error.valid_up_to()))?;
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    parser.space();
    let value = parser.value(0)?;
    parser.space();
    if parser.at < parser.bytes.len() { Err(parser.fault(JsonFault::Trailing)) } else { Ok(value) }
}

/// Reads one JSON string from the start of `text`, quotes included, and says how many bytes it took.
pub(super) fn string(text: &str) -> Result<(String, usize), InvalidJson> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    let decoded = parser.string()?;
    Ok((decoded, parser.at))
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn fault(&self, fault: JsonFault) -> InvalidJson {
        InvalidJson::new(fault, self.at)
    }

    fn peek(&self) -> Result<u8, InvalidJson> {
        self.bytes.get(self.at).copied().ok_or_else(|| self.fault(JsonFault::End))
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn literal(&mut self, literal: &str, value: Value) -> Result<Value, InvalidJson> {
        if self.text[self.at..].starts_with(literal) {
            self.at += literal.len();
            return Ok(value);
        }
        Err(self.fault(JsonFault::Syntax))
    }

    fn value(&mut self, depth: usize) -> Result<Value, InvalidJson> {
        match self.peek()? {
            b'{' => self.object(depth).map(Value::Object),
            b'[' => self.array(depth).map(Value::Array),
            b'"' => self.string().map(Value::String),
            b't' => self.literal("true", Value::Bool(true)),
            b'f' => self.literal("false", Value::Bool(false)),
            b'n' => self.literal("null", Value::Null),
            b'-' | b'0'..=b'9' => self.number().map(Value::Integer),
            _ => Err(self.fault(JsonFault::Syntax)),
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), InvalidJson> {
        if depth >= MAX_DEPTH {
            return Err(self.fault(JsonFault::Depth));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// After an element: true when another follows.
    fn another(&mut self, close: u8) -> Result<bool, InvalidJson> {
        self.space();
        let next = self.peek()?;
        if next != b',' && next != close {
            return Err(self.fault(JsonFault::Syntax));
        }
        self.at += 1;
        self.space();
        Ok(next == b',')
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value>, InvalidJson> {
        self.enter(depth)?;
        let mut elements = Vec::new();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(elements);
        }
        loop {
            let element = self.value(depth + 1).map_err(|error| error.inside(&elements.len().to_string()))?;
            elements.push(element);
            if !self.another(b']')? {
                return Ok(elements);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Object, InvalidJson> {
        self.enter(depth)?;
        let mut members = Object::new();
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(members);
        }
        loop {
            let start = self.at;
            if self.peek()? != b'"' {
                return Err(self.fault(JsonFault::Syntax));
            }
            let name = self.string()?;
            self.space();
            if self.peek()? != b':' {
                return Err(self.fault(JsonFault::Syntax));
            }
            self.at += 1;
            self.space();
            let member = self.value(depth + 1).map_err(|error| error.inside(&name))?;
            if members.contains_key(&name) {
                return Err(InvalidJson::new(JsonFault::Duplicate, start).inside(&name));
            }
            members.insert(name, member);
            if !self.another(b'}')? {
                return Ok(members);
            }
        }
    }

    fn number(&mut self) -> Result<i64, InvalidJson> {
        let start = self.at;
        self.at += usize::from(self.bytes[self.at] == b'-');
        let digits = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == digits || (self.bytes[digits] == b'0' && self.at > digits + 1) {
            self.at = start;
            return Err(self.fault(JsonFault::Syntax));
        }
        if matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E')) {
            self.at = start;
            return Err(self.fault(JsonFault::Fraction));
        }
        let number = self.text[start..self.at].parse::<i64>().ok();
        number
            .filter(|number| (-MAX_INTEGER..=MAX_INTEGER).contains(number))
            .ok_or_else(|| InvalidJson::new(JsonFault::Range, start))
    }

    /// At the opening quote.
    fn string(&mut self) -> Result<String, InvalidJson> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.at;
            while self.bytes.get(self.at).is_some_and(|byte| *byte >= 0x20 && !matches!(byte, b'"' | b'\\')) {
                self.at += 1;
            }
            out.push_str(&self.text[plain..self.at]);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err(self.fault(JsonFault::Control)),
            }
        }
    }

    /// At the backslash.
    fn escape(&mut self) -> Result<char, InvalidJson> {
        self.at += 1;
        let plain = match self.peek()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.fault(JsonFault::Escape)),
        };
        self.at += 1;
        Ok(plain)
    }

    /// At the four digits.
    fn unicode(&mut self) -> Result<char, InvalidJson> {
        let start = self.at;
        let unit = self.unit()?;
        if let Some(character) = char::from_u32(unit) {
            return Ok(character);
        }
        let high = unit < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u");
        if high {
            self.at += 2;
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return char::from_u32(code).ok_or_else(|| InvalidJson::new(JsonFault::Surrogate, start));
            }
        }
        Err(InvalidJson::new(JsonFault::Surrogate, start))
    }

    fn unit(&mut self) -> Result<u32, InvalidJson> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or_else(|| self.fault(JsonFault::End))?;
        let mut unit = 0;
        for digit in digits {
            let value = char::from(*digit).to_digit(16).ok_or_else(|| self.fault(JsonFault::Escape))?;
            unit = unit << 4 | value;
        }
        self.at += 4;
        Ok(unit)
    }
}
