//! Names as fixed blocks of bytes, and the folding of case and separators on them.
//!
//! Every step works on sixteen bytes at once without branches, which the compiler turns into vector instructions.

/// The most bytes a listed name may have.
pub(crate) const MAX_BYTES: usize = 32;

/// Sixteen bytes.
type Half = [u8; 16];

/// A name of 8 to 32 bytes: its first and its last sixteen bytes, which overlap unless it has 32.
///
/// Of a name with less than sixteen bytes it is the first and the last eight, and zeros.
/// So a name is read with two loads, whatever its length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    head: Half,
    tail: Half,
    length: u8,
}

/// What may tell the words of a name apart. Each is true when it is so, and the last two may be when it is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Some separator.
    pub(crate) separators: bool,
    /// Two separators side by side.
    pub(crate) runs: bool,
    /// Capitals among small letters.
    pub(crate) humps: bool,
}

impl Key {
    /// The letters of a name as they are; `None` when it is shorter or longer than any listed name.
    #[inline]
    pub(crate) const fn new(name: &[u8]) -> Option<Self> {
        if name.len() > MAX_BYTES {
            return None;
        }
        let length = name.len() as u8;
        if let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk()) {
            return Some(Self { head: *head, tail: *tail, length });
        }
        let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) else {
            return None;
        };
        let head = (u64::from_le_bytes(*last) as u128) << 64 | u64::from_le_bytes(*first) as u128;
        Some(Self { head: head.to_le_bytes(), tail: [0; 16], length })
    }

    /// The key of a name with letters made small and every separator made `_`; `None` where [`Key::new`] gives it.
    #[inline]
    pub(crate) const fn folded(name: &[u8]) -> Option<Self> {
        let length = name.len() as u8;
        if name.len() <= MAX_BYTES
            && let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk())
        {
            let (head, tail) = folded(head, tail);
            return Some(Self { head, tail, length });
        }
        let Some(Self { head, tail, .. }) = Self::new(name) else {
            return None;
        };
        let (head, tail) = folded(&head, &tail);
        Some(Self { head, tail, length })
    }

    /// The key with its first letter made small.
    #[inline]
    pub(crate) const fn uncapitalized(mut self) -> Self {
        self.head[0] = self.head[0].to_ascii_lowercase();
        self
    }

    /// What tells the words of a name apart, given its folded key.
    #[inline]
    pub(crate) const fn shape(&self, folded: &Self) -> Shape {
        let letters = [u128::from_le_bytes(self.head), u128::from_le_bytes(self.tail)];
        let [head, tail] = [u128::from_le_bytes(folded.head), u128::from_le_bytes(folded.tail)];
        let in_capitals = [capitals(letters[0] ^ head), capitals(letters[1] ^ tail)];
        let small = small(head) & !in_capitals[0] | small(tail) & !in_capitals[1];
        let [in_head, in_tail] = [separators(head), separators(tail)];
        Shape {
            separators: in_head | in_tail != 0,
            // Of 32 bytes the halves only touch, with one more pair between them.
            runs: (in_head & (in_head >> 8 | in_tail << 120)) | (in_tail & in_tail >> 8) != 0,
            humps: in_capitals[0] | in_capitals[1] != 0 && small != 0,
        }
    }

    /// A number that scatters the keys: one multiplication for each eight bytes.
    #[inline]
    pub(crate) const fn scattered(&self, multipliers: &[u64; 4]) -> u64 {
        let (head, tail) = (u128::from_le_bytes(self.head), u128::from_le_bytes(self.tail));
        (head as u64)
            .wrapping_mul(multipliers[0])
            .wrapping_add(((head >> 64) as u64).wrapping_mul(multipliers[1]))
            .wrapping_add((tail as u64).wrapping_mul(multipliers[2]))
            .wrapping_add(((tail >> 64) as u64).wrapping_mul(multipliers[3]))
    }

    /// What `==` says, where the tables are made.
    pub(crate) const fn equals(&self, other: &Self) -> bool {
        u128::from_le_bytes(self.head) == u128::from_le_bytes(other.head)
            && u128::from_le_bytes(self.tail) == u128::from_le_bytes(other.tail)
            && self.length == other.length
    }
}

/// The halves with letters made small and every separator made `_`.
///
/// Not to be inlined: by itself it becomes a few dozen vector instructions, amid other code ten times as many others.
#[inline(never)]
const fn folded(head: &Half, tail: &Half) -> (Half, Half) {
    let (mut head, mut tail) = (*head, *tail);
    let mut at = 0;
    while at < head.len() {
        head[at] = folded_byte(head[at]);
        at += 1;
    }
    at = 0;
    while at < tail.len() {
        tail[at] = folded_byte(tail[at]);
        at += 1;
    }
    (head, tail)
}

/// Arithmetic instead of branches, which no vector instruction could do.
#[inline]
const fn folded_byte(byte: u8) -> u8 {
    let small = byte | (byte.is_ascii_uppercase() as u8) << 5;
    let separator = (is_separator(byte) as u8).wrapping_neg();
    (small & !separator) | (b'_' & separator)
}

/// One in each byte of a half.
const ONES: u128 = u128::from_le_bytes([1; 16]);

/// A bit for each byte that folding changed as it changes a capital: in the sixth bit and not in the seventh, which
/// every separator other than `_` changes too.
#[inline]
const fn capitals(changed: u128) -> u128 {
    changed & !(changed >> 1) & (ONES << 5)
}

/// A bit, the same one, for each byte of a folded half that is a letter: only those have the sixth and the seventh.
#[inline]
const fn small(half: u128) -> u128 {
    half & (half >> 1) & (ONES << 5)
}

/// The top bit of each byte of a folded half that is a separator.
#[inline]
const fn separators(half: u128) -> u128 {
    let other = half ^ (ONES * b'_' as u128);
    !(((other & (ONES * 0x7f)) + ONES * 0x7f) | other) & (ONES << 7)
}

/// Whether the byte stands between words.
#[inline]
const fn is_separator(byte: u8) -> bool {
    (byte == b' ') | (byte == b':') | (byte == b'_') | (byte.wrapping_sub(b'-') < 3)
}

/// The folded key of a name in which single separators do not tell the words apart: runs of separators do, and humps
/// when asked. `None` when no listed name has that key.
///
/// A hump is a capital behind a small letter or a digit, or the last of several capitals before a small letter.
pub(crate) fn respaced(name: &[u8], humps: bool) -> Option<Key> {
    // One byte of the name makes two at most.
    let mut words = [0; MAX_BYTES + 2];
    let mut length = 0;
    let mut before = 0;
    let mut class = CLASSES[usize::from(*name.first()?)];
    for (at, &byte) in name.iter().enumerate() {
        if length > MAX_BYTES {
            return None;
        }
        let after = name.get(at + 1).map_or(0, |&next| CLASSES[usize::from(next)]);
        // Bits instead of branches: nobody can predict where the next word begins.
        let hump =
            (class / CAPITAL) & ((before / SMALL) | (before / CAPITAL) & (after / SMALL)) & u8::from(humps);
        words[length] = b'_';
        length += usize::from((before & !class | hump) & SEPARATOR);
        // A capital and its small letter differ in the sixth bit.
        words[length] = byte | (class & CAPITAL) << 4;
        length += usize::from(!class & SEPARATOR);
        (before, class) = (class, after);
    }
    // A separator before the first word is in the key and so matches nothing; one behind the last must not either.
    if before == SEPARATOR { None } else { Key::new(&words[..length]) }
}

/// Stands between words.
const SEPARATOR: u8 = 1;
/// A capital.
const CAPITAL: u8 = 2;
/// A small letter or a digit.
const SMALL: u8 = 4;

/// What each byte is to the words around it.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            byte if is_separator(byte) => SEPARATOR,
            b'A'..=b'Z' => CAPITAL,
            b'a'..=b'z' | b'0'..=b'9' => SMALL,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    //! Keys of names of every length, and the folding of sixteen bytes at once.

    use super::{Key, MAX_BYTES, Shape, is_separator};

    /// The fewest bytes a key may have.
    const MIN_BYTES: usize = 8;

    #[test]
    fn every_byte_folds_as_it_does_alone() {
        for byte in 0..=u8::MAX {
            let name = [byte, b'A', byte, b'.', 0xff, byte, b'z', b'/', byte];
            let alone =
                name.map(|byte| if b" -./:_".contains(&byte) { b'_' } else { byte.to_ascii_lowercase() });
            assert!(Key::folded(&name) == Key::new(&alone), "byte {byte:#04x}");
            assert_eq!(is_separator(byte), b" -./:_".contains(&byte), "byte {byte:#04x}");
        }
    }

    #[test]
    fn a_key_sees_every_byte_of_its_name_and_the_length() {
        let name = [b'a'; MAX_BYTES];
        for length in MIN_BYTES..=MAX_BYTES {
            let key = Key::new(&name[..length]);
            assert!(key.is_some() && key != Key::new(&name[..length - 1]), "{length}");
            for at in 0..length {
                let mut other = name;
                other[at] = b'b';
                assert!(key != Key::new(&other[..length]), "byte {at} of {length}");
            }
        }
        assert!(Key::new(&name[..MIN_BYTES - 1]).is_none());
        assert!(Key::new(&[b'a'; MAX_BYTES + 1]).is_none());
    }

    fn shape(name: &[u8]) -> Shape {
        let (letters, folded) =
            (Key::new(name).expect("a fit length"), Key::folded(name).expect("a fit length"));
        letters.shape(&folded)
    }

    #[test]
    fn a_run_is_seen_wherever_it_stands() {
        for length in MIN_BYTES..=MAX_BYTES {
            for at in 0..length - 1 {
                let mut name = [b'a'; MAX_BYTES];
                name[at..at + 2].copy_from_slice(b": ");
                assert!(shape(&name[..length]).runs, "{at} of {length}");
            }
            let none = shape(&[b'a'; MAX_BYTES][..length]);
            assert!(!none.runs && !none.separators && !none.humps, "none of {length}");
        }
    }

    #[test]
    fn separators_and_humps_are_seen() {
        for separator in b" -./:_" {
            let mut name = *b"separated name";
            name[9] = *separator;
            let shape = shape(&name);
            assert!(shape.separators && !shape.runs && !shape.humps, "{separator}");
        }
        assert!(shape(b"SOMEtHING").humps && shape(b"someThing").humps);
        assert!(!shape(b"SOME-THING-LARGE").humps && !shape(b"some thing small").humps);
        assert!(!shape(b"SOMETHING.LARGE").runs);
    }
}
