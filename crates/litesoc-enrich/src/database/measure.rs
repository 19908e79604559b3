//! [`Meter`]: how much work the records of an MMDB file are, so that a hostile file cannot make it endless.

/// Steps that every file may take, however short it is.
const FREE_STEPS: usize = 1 << 22;
/// Steps for each byte of data. Records that share much, as names of countries in ten languages, take about eight.
const STEPS_PER_BYTE: usize = 24;
/// How deep records may lie in each other. The known ones are four deep.
const MAX_DEPTH: usize = 16;

const POINTER: u8 = 1;
const MAP: u8 = 7;
const ARRAY: u8 = 11;
const BOOLEAN: u8 = 14;

/// Counts the values that decoding would visit, all pointers followed.
///
/// A value behind a pointer costs every time it is pointed to. With pointers into each other a few kilobytes can hold
/// what takes years to decode; the meter notices after a second at most, as its steps are bounded by the length of the
/// file.
pub(super) struct Meter<'a> {
    data: &'a [u8],
    left: usize,
}

impl<'a> Meter<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { data, left: data.len().saturating_mul(STEPS_PER_BYTE).saturating_add(FREE_STEPS) }
    }

    /// Takes the steps of the record that begins here.
    pub(super) fn charge(&mut self, offset: usize) -> Result<(), String> {
        self.value(offset, 0).map(drop)
    }

    /// Takes the steps of a value; returns where the next one begins.
    fn value(&mut self, offset: usize, depth: usize) -> Result<usize, String> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(
                "is refused: its records refer to each other so often that reading them would not end"
                    .to_owned(),
            );
        };
        self.left = left;
        if depth > MAX_DEPTH {
            return Err(
                "is refused: its records are nested deeper than any known kind of database".to_owned()
            );
        }
        let Head { kind, size, next } = self.head(offset)?;
        match kind {
            POINTER => {
                self.value(size, depth + 1)?;
                Ok(next)
            }
            MAP | ARRAY => {
                let values = if kind == MAP { size.saturating_mul(2) } else { size };
                let mut next = next;
                for _ in 0..values {
                    next = self.value(next, depth + 1)?;
                }
                Ok(next)
            }
            BOOLEAN => Ok(next),
            _ => {
                let end = next.saturating_add(size);
                if end > self.data.len() { Err(cut_off()) } else { Ok(end) }
            }
        }
    }

    /// Kind and size of a value, or of a pointer its target, and where its content begins.
    fn head(&self, offset: usize) -> Result<Head, String> {
        let byte = |at: usize| self.data.get(at).copied().map(usize::from).ok_or_else(cut_off);
        let number = |from: usize, bytes: usize| {
            (from..from + bytes).try_fold(0_usize, |number, at| Ok::<_, String>(number << 8 | byte(at)?))
        };
        let control = byte(offset)?;
        let mut next = offset + 1;
        let mut kind = control >> 5;
        if kind == usize::from(POINTER) {
            let (length, low) = (control >> 3 & 3, control & 7);
            let value = number(next, length + 1)?;
            let target = match length {
                0 => low << 8 | value,
                1 => (low << 16 | value) + 2_048,
                2 => (low << 24 | value) + 526_336,
                _ => value,
            };
            return Ok(Head { kind: POINTER, size: target, next: next + length + 1 });
        }
        if kind == 0 {
            kind = byte(next)? + 7;
            next += 1;
        }
        let size = match control & 31 {
            29 => 29 + number(next, 1)?,
            30 => 285 + number(next, 2)?,
            31 => 65_821 + number(next, 3)?,
            size => size,
        };
        next += (control & 31).saturating_sub(28);
        let kind = u8::try_from(kind).map_err(|_| cut_off())?;
        Ok(Head { kind, size, next })
    }
}

struct Head {
    kind: u8,
    size: usize,
    next: usize,
}

fn cut_off() -> String {
    "is damaged: a record does not end before the data does".to_owned()
}
