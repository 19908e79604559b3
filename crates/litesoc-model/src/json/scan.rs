//! A walk over JSON that is known to be valid, without building anything.

/// One member of an object: the key as it is written between its quotes, and the text of the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

/// The members of an object, in order. `json` must be a valid JSON object; anything else ends the walk early.
pub(crate) fn members(json: &str) -> MemberWalk<'_> {
    let start = json.find('{').map_or(json.len(), |at| at + 1);
    MemberWalk { json, at: start }
}

#[derive(Clone, Debug)]
pub(crate) struct MemberWalk<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Iterator for MemberWalk<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let bytes = self.json.as_bytes();
        let mut at = skip(bytes, self.at, b",");
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, at);
        let key = self.json.get(at + 1..key_end - 1)?;
        at = skip(bytes, key_end, b":");
        let end = value_end(bytes, at);
        self.at = end;
        Some(Member { key, value: self.json.get(at..end)? })
    }
}

/// The elements of an array, in order. `json` must be a valid JSON array; anything else ends the walk early.
pub(crate) fn elements(json: &str) -> impl Iterator<Item = &str> {
    let bytes = json.as_bytes();
    let mut at = json.find('[').map_or(json.len(), |at| at + 1);
    std::iter::from_fn(move || {
        at = skip(bytes, at, b",");
        if matches!(bytes.get(at), None | Some(b']')) {
            return None;
        }
        let start = at;
        at = value_end(bytes, at);
        json.get(start..at)
    })
}

/// The first position from `at` on that holds neither a blank nor one of `also`.
fn skip(bytes: &[u8], mut at: usize, also: &[u8; 1]) -> usize {
    while let Some(byte) = bytes.get(at)
        && (matches!(byte, b' ' | b'\t' | b'\n' | b'\r') || also.contains(byte))
    {
        at += 1;
    }
    at
}

/// The position behind the string that begins at `at`. Eight bytes at a time: most of JSON lies in strings.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ QUOTES) | zero_bytes(word ^ BACKSLASHES);
        if found == 0 {
            at += 8;
            continue;
        }
        let position = at + found.trailing_zeros() as usize / 8;
        match bytes.get(position) {
            Some(b'"') => return position + 1,
            _ => at = position + 2,
        }
    }
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);

/// The high bit of each byte of `word` that is zero. Bits above the lowest one found may be wrong.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(u64::from_le_bytes([1; 8])) & !word & u64::from_le_bytes([0x80; 8])
}

/// The position behind the value that begins at `at`.
fn value_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => string_end(bytes, at),
        Some(b'{' | b'[') => {
            let mut depth = 0_usize;
            let mut at = at;
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        at = string_end(bytes, at);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return at;
                }
            }
            bytes.len()
        }
        _ => {
            let rest = bytes.get(at..).unwrap_or_default();
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'));
            end.map_or(bytes.len(), |end| at + end)
        }
    }
}

/// The length of the valid value at the beginning of `json`.
pub(crate) fn value_length(json: &str) -> usize {
    value_end(json.as_bytes(), 0)
}

/// What one pass over a value tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How many objects and arrays are open at the deepest place.
    pub(crate) depth: usize,
    /// Whether a string holds a surrogate escape, which may be half a pair.
    pub(crate) surrogates: bool,
    /// Whether a number has an exponent, and so may be out of range.
    pub(crate) exponents: bool,
}

/// The shape of a valid JSON value.
pub(crate) fn shape(json: &str) -> Shape {
    let bytes = json.as_bytes();
    let mut shape = Shape::default();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = string_end(bytes, at);
                shape.surrogates |= has_surrogate(&bytes[at..end]);
                at = end;
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                shape.depth = shape.depth.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            // The `e` of `true` and `false` follows a letter, that of a number a digit.
            b'e' | b'E' => shape.exponents |= at > 0 && bytes[at - 1].is_ascii_digit(),
            _ => {}
        }
        at += 1;
    }
    shape
}

fn has_surrogate(string: &[u8]) -> bool {
    string.contains(&b'\\')
        && string.windows(4).any(|four| {
            four[..2] == *b"\\u" && four[2].eq_ignore_ascii_case(&b'd') && !matches!(four[3], b'0'..=b'7')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_whatever_stands_in_the_strings() {
        let json = r#" { "a" : 1 , "b\"}" : "x,\"}]\\" ,"c":{"d":[1,{"e":"}"}]}, "f":true}"#;
        let found: Vec<_> = members(json).map(|member| (member.key, member.value)).collect();
        let expected =
            [("a", "1"), ("b\\\"}", r#""x,\"}]\\""#), ("c", r#"{"d":[1,{"e":"}"}]}"#), ("f", "true")];
        assert_eq!(found, expected);
        assert_eq!(members("{}").count(), 0);
        assert_eq!(members("").count(), 0);
    }

    #[test]
    fn shapes_tell_depth_surrogates_and_exponents() {
        assert_eq!(shape("1").depth, 0);
        assert_eq!(shape(r#"{"a":[[]],"b":"[[[[["}"#).depth, 3);
        assert!(shape(r#"{"a":"\ud83d"}"#).surrogates);
        assert!(!shape(r#"{"a":"\u0041 \ud7ff"}"#).surrogates);
        assert!(shape("[1e9]").exponents && !shape("[true,\"1e9\"]").exponents);
    }
}
