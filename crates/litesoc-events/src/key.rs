//! Names as four machine words, and the folding of case and separators on them, eight letters at a time.

/// The most bytes a listed name may have.
pub(crate) const KEY_BYTES: usize = 32;

/// A name of 8 to 32 bytes in little-endian words, padded with zeros.
pub(crate) type Key = [u64; KEY_BYTES / 8];

/// One in each byte of a word.
const ONES: u64 = u64::from_le_bytes([1; 8]);
/// The top bit of each byte of a word.
const TOPS: u64 = ONES << 7;

/// The letters of a name as they are; `None` when it is shorter or longer than any listed name.
///
/// The last word of a name that does not fill it is read from the end of the name and shifted: no copy, no loop over
/// bytes.
#[inline]
pub(crate) const fn letters(name: &[u8]) -> Option<Key> {
    if name.len() > KEY_BYTES {
        return None;
    }
    let Some(last) = name.last_chunk::<8>() else {
        return None;
    };
    let mut key = [0; KEY_BYTES / 8];
    let mut at = 0;
    let mut rest = name;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        key[at] = u64::from_le_bytes(*word);
        at += 1;
        rest = after;
    }
    if !rest.is_empty() {
        key[at] = u64::from_le_bytes(*last) >> (8 * (8 - rest.len()));
    }
    Some(key)
}

/// The key with letters made small and every separator made `_`.
#[inline]
pub(crate) const fn folded(letters: &Key) -> Key {
    let mut key = [0; KEY_BYTES / 8];
    let mut at = 0;
    while at < key.len() {
        key[at] = folded_word(letters[at]);
        at += 1;
    }
    key
}

#[inline]
const fn folded_word(word: u64) -> u64 {
    let small = word | (between(word, b'A', b'Z') >> 2);
    let separator = (separators(word) >> 7) * 0xff;
    (small & !separator) | (separator & (ONES * b'_' as u64))
}

/// The top bit of each byte that separates words: space, `-`, `.`, `/`, `:`, `_`.
#[inline]
const fn separators(word: u64) -> u64 {
    between(word, b' ', b' ')
        | between(word, b'-', b'/')
        | between(word, b':', b':')
        | between(word, b'_', b'_')
}

/// The top bit of each byte of the word that lies in the ASCII range, bounds included.
///
/// The sums stay below 256, so no byte disturbs its neighbour.
#[inline]
const fn between(word: u64, low: u8, high: u8) -> u64 {
    let seven = word & !TOPS;
    let at_least_low = seven + ONES * (0x80 - low) as u64;
    let above_high = seven + ONES * (0x7f - high) as u64;
    at_least_low & !above_high & !word & TOPS
}

/// How the words of a name may be told apart where single separators did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// Runs of separators, as in `auth::login`.
    Runs,
    /// Runs of separators and humps, as in `authLogin` or `MFAEnabled`.
    Humps,
}

impl Split {
    /// Whether that way of telling words apart can find a border that single separators do not show.
    #[inline]
    pub(crate) fn can_differ(self, letters: &Key) -> bool {
        let mut found = 0;
        let mut before = 0;
        for &word in letters {
            let mask = match self {
                Self::Runs => separators(word),
                Self::Humps => between(word, b'A', b'Z') | between(word, b'a', b'z') >> 7,
            };
            found |= match self {
                Self::Runs => mask & (mask << 8 | before >> 56),
                Self::Humps => mask,
            };
            before = mask;
        }
        match self {
            Self::Runs => found != 0,
            Self::Humps => found & TOPS != 0 && found & ONES != 0,
        }
    }

    /// The folded key of the words; `None` when no listed name can have that key.
    ///
    /// A separator before the first or behind the last word is kept, and so matches nothing.
    pub(crate) fn key(self, name: &[u8]) -> Option<Key> {
        let mut folded = [0; KEY_BYTES];
        let mut length = 0;
        let mut push = |byte: u8| {
            *folded.get_mut(length)? = byte;
            length += 1;
            Some(())
        };
        let mut before = b'_';
        for (at, &byte) in name.iter().enumerate() {
            let after = name.get(at + 1).copied().unwrap_or_default();
            if is_separator(byte) {
                if at == 0 || !is_separator(before) {
                    push(b'_')?;
                }
            } else if byte.is_ascii_alphanumeric() {
                if self == Self::Humps && is_hump(before, byte, after) {
                    push(b'_')?;
                }
                push(byte.to_ascii_lowercase())?;
            } else {
                return None;
            }
            before = byte;
        }
        letters(&folded[..length])
    }
}

/// Whether a new word begins with this byte: a capital behind a small letter, or the last of several capitals.
fn is_hump(before: u8, byte: u8, after: u8) -> bool {
    byte.is_ascii_uppercase()
        && (before.is_ascii_lowercase()
            || before.is_ascii_digit()
            || before.is_ascii_uppercase() && after.is_ascii_lowercase())
}

/// Whether the byte stands between words.
pub(crate) const fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/' | b':' | b'_')
}

#[cfg(test)]
mod tests {
    //! The folding of eight bytes at once agrees with folding them one by one.

    use super::{folded, is_separator, letters};

    #[test]
    fn every_byte_folds_as_it_does_alone() {
        for byte in 0..=u8::MAX {
            let name = [byte, b'A', byte, b'.', 0xff, byte, b'z', b'/', byte];
            let alone = name.map(|byte| if is_separator(byte) { b'_' } else { byte.to_ascii_lowercase() });
            let together = folded(&letters(&name).expect("nine bytes make a key"));
            assert_eq!(together, letters(&alone).expect("nine bytes make a key"), "byte {byte:#04x}");
        }
    }
}
