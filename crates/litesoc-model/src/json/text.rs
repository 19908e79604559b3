//! JSON strings: escaping into bytes, and back.

/// For each byte: 0 when it stands for itself in a JSON string, the letter after the backslash, or `u` for `\u00XX`.
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// A word whose high bits mark the bytes of `word` that need escaping; exact as far as "none" goes.
const fn marks(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20);
    (control | quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES)) & !word & HIGHS
}

/// Whether no byte of `text` needs escaping. Eight bytes at a time: the common string has nothing to escape.
#[inline]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    if words.is_empty() {
        return rest.iter().all(|byte| ESCAPES[usize::from(*byte)] == 0);
    }
    let mut found = 0;
    for word in words {
        found |= marks(u64::from_le_bytes(*word));
    }
    // The last eight bytes once more, overlapping: cheaper than the up to seven left over one by one.
    if let Some(last) = text.last_chunk::<8>() {
        found |= marks(u64::from_le_bytes(*last));
    }
    found == 0
}

/// Appends `text` as a JSON string, quotes included.
///
/// Most texts are short and have nothing to escape. Those are looked at and copied in the same few words, the last of
/// which overlaps the one before; a call to copy memory would cost as much as everything else together.
#[inline]
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let done = match bytes.len() {
        4..=7 => write_short(out, bytes),
        8..=16 => write_words::<1, 18>(out, bytes),
        17..=32 => write_words::<3, 34>(out, bytes),
        _ => false,
    };
    if !done {
        write_any(out, bytes);
    }
}

/// A text of four to seven bytes; false if it has something to escape.
#[inline]
fn write_short(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) else { return false };
    let word = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    if marks(word) != 0 {
        return false;
    }
    let (start, length) = (out.len(), bytes.len());
    out.extend_from_slice(&[b'"'; 9]);
    let Some(room) = out.get_mut(start + 1..start + 1 + length) else { return false };
    room[..4].copy_from_slice(first);
    room[length - 4..].copy_from_slice(last);
    out.truncate(start + length + 2);
    true
}

/// A text of `WORDS` words and one more that may overlap them, at most `FRAME` bytes with its quotes; false if it has
/// something to escape.
#[inline]
fn write_words<const WORDS: usize, const FRAME: usize>(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let (words, _) = bytes.as_chunks::<8>();
    let Some(last) = bytes.last_chunk::<8>() else { return false };
    let mut found = marks(u64::from_le_bytes(*last));
    for index in 0..WORDS {
        found |= words.get(index).map_or(0, |word| marks(u64::from_le_bytes(*word)));
    }
    if found != 0 {
        return false;
    }
    let (start, length) = (out.len(), bytes.len());
    out.extend_from_slice(&[b'"'; FRAME]);
    let Some(room) = out.get_mut(start + 1..start + 1 + length) else { return false };
    let (places, _) = room.as_chunks_mut::<8>();
    for index in 0..WORDS {
        if let (Some(place), Some(word)) = (places.get_mut(index), words.get(index)) {
            *place = *word;
        }
    }
    if let Some(place) = room.last_chunk_mut::<8>() {
        *place = *last;
    }
    out.truncate(start + length + 2);
    true
}

#[inline(never)]
fn write_any(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
    } else {
        write_escaped(out, bytes);
    }
    out.push(b'"');
}

/// Appends `bytes` with escapes: runs of ordinary bytes in one piece each.
#[cold]
#[inline(never)]
pub(crate) fn write_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape = ESCAPES[usize::from(*byte)];
        if escape == 0 {
            continue;
        }
        out.extend_from_slice(&bytes[start..at]);
        if escape == b'u' {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        } else {
            out.extend_from_slice(&[b'\\', escape]);
        }
        start = at + 1;
    }
    out.extend_from_slice(&bytes[start..]);
}

/// The text of a JSON string's inside, `escaped` being what stands between the quotes of valid JSON.
///
/// Half of a surrogate pair becomes U+FFFD: some clients cut strings in the middle of one, and the rest is still worth having.
pub(crate) fn unescape(escaped: &str) -> String {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mut taken = 1;
        match after.as_bytes().first() {
            Some(b'n') => text.push('\n'),
            Some(b't') => text.push('\t'),
            Some(b'r') => text.push('\r'),
            Some(b'b') => text.push('\u{8}'),
            Some(b'f') => text.push('\u{c}'),
            Some(b'u') => {
                let (character, length) = unicode_escape(after);
                text.push(character);
                taken = length;
            }
            Some(byte) => text.push(char::from(*byte)),
            None => taken = 0,
        }
        rest = after.get(taken..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// The character of an escape that begins with `u`, and how many bytes it takes.
fn unicode_escape(text: &str) -> (char, usize) {
    let unit = |from: usize| text.get(from..from + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(first) = unit(1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if (0xd800..0xdc00).contains(&first)
        && text.get(5..7) == Some("\\u")
        && let Some(second) = unit(7).filter(|second| (0xdc00..0xe000).contains(second))
    {
        let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_byte_is_escaped_as_serde_json_escapes_it_wherever_it_stands() {
        for code in 0_u32..0x250 {
            let character = char::from_u32(code).unwrap();
            for length in 0..40 {
                for at in 0..=length {
                    let mut text = "x".repeat(length);
                    text.insert(at, character);
                    assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
                }
            }
        }
    }

    #[test]
    fn unescaping_undoes_escaping_and_mends_halves() {
        for text in ["", "a\"b\\c\n\r\t\u{8}\u{c}\u{1}", "é😀x", "\u{7f}"] {
            let json = written(text);
            assert_eq!(unescape(&json[1..json.len() - 1]), text);
        }
        assert_eq!(unescape(r"\ud83d\ude00!"), "😀!");
        assert_eq!(unescape(r"a\ud83dz"), "a\u{fffd}z");
        assert_eq!(unescape(r"\ude00\/"), "\u{fffd}/");
        assert_eq!(unescape(r"\ud83d\u0041"), "\u{fffd}A");
    }
}
