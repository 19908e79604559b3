//! What a matcher remembers, as bytes: written at any moment, read back into a matcher with the same future.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use crate::correlation::group::Occurrence;
use crate::matcher::{Capacity, Matcher};
use crate::set::RuleSet;

const MAGIC: [u8; 6] = *b"LSIGMA";
/// Changes whenever the bytes, or what they mean, do.
const VERSION: u16 = 1;

/// Why what a matcher remembered could not be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes could not be read.
    #[error("the state of the Sigma rules cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The bytes are of another version of this crate, or of something else.
    #[error("the state of the Sigma rules was written by another version; start without it")]
    Foreign,
    /// The bytes are not what was written.
    #[error("the state of the Sigma rules is damaged; start without it")]
    Damaged,
}

impl Matcher {
    /// Writes all that is remembered, 32 bytes an event and 20 a group.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn snapshot(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut out = Summing { out, hash: Sha256::new() };
        out.put(&MAGIC)?;
        out.put(&VERSION.to_le_bytes())?;
        out.put(&number(self.tables.len()))?;
        for (correlation, table) in self.rules.inner.correlations.iter().zip(&self.tables) {
            out.put(&correlation.digest)?;
            out.put(&number(table.len()))?;
            for (key, occurrences) in table.oldest_first() {
                out.put(&key.to_le_bytes())?;
                out.put(&number(occurrences.len()))?;
                for occurrence in occurrences {
                    out.put(&occurrence.at.to_le_bytes())?;
                    out.put(&occurrence.id)?;
                    out.put(&occurrence.value.to_le_bytes())?;
                }
            }
        }
        let sum: [u8; 32] = out.hash.finalize().into();
        out.out.write_all(&sum)
    }

    /// Reads back what [`snapshot`](Self::snapshot) wrote.
    ///
    /// What correlations remembered that are no longer among the rules, or that read otherwise now, is left out.
    /// Only the bytes of the snapshot are taken off `input`.
    ///
    /// # Errors
    ///
    /// [`RestoreError`] when the bytes are not those of a snapshot of this version.
    pub fn restore(rules: RuleSet, capacity: Capacity, input: &mut dyn Read) -> Result<Self, RestoreError> {
        let mut input = Checking { input, hash: Sha256::new() };
        let (magic, version) = (input.take::<6>()?, u16::from_le_bytes(input.take()?));
        if magic != MAGIC || version != VERSION {
            return Err(RestoreError::Foreign);
        }
        let mut matcher = Self::new(rules, capacity);
        let mut places: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
        for (place, correlation) in matcher.rules.inner.correlations.iter().enumerate().rev() {
            places.entry(correlation.digest).or_default().push(place);
        }
        for _ in 0..input.number()? {
            let digest: [u8; 32] = input.take()?;
            let place = places.get_mut(&digest).and_then(Vec::pop);
            for _ in 0..input.number()? {
                matcher.group(place, &mut input)?;
            }
        }
        let sum: [u8; 32] = input.hash.clone().finalize().into();
        if input.take::<32>()? != sum {
            return Err(RestoreError::Damaged);
        }
        matcher.weigh();
        matcher.make_room();
        Ok(matcher)
    }

    /// Reads one group into the table at this place, or past it.
    fn group(&mut self, place: Option<usize>, input: &mut Checking<'_>) -> Result<(), RestoreError> {
        let key = u128::from_le_bytes(input.take()?);
        let mut occurrences: Vec<Occurrence> = Vec::new();
        for _ in 0..input.number()? {
            let at = i64::from_le_bytes(input.take()?);
            let (id, value) = (input.take()?, u64::from_le_bytes(input.take()?));
            if occurrences.last().is_some_and(|last| (last.at, last.value) > (at, value)) {
                return Err(RestoreError::Damaged);
            }
            occurrences.push(Occurrence { at, id, value });
        }
        let Some(table) = place.and_then(|place| self.tables.get_mut(place)) else { return Ok(()) };
        table.change(key, |group| group.occurrences = occurrences);
        if table.len() > self.capacity.groups {
            table.forget_oldest();
        }
        Ok(())
    }
}

fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

struct Summing<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
}

impl Summing<'_> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }
}

struct Checking<'a> {
    input: &'a mut dyn Read,
    hash: Sha256,
}

impl Checking<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], RestoreError> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|error| {
            let is_short = error.kind() == io::ErrorKind::UnexpectedEof;
            if is_short { RestoreError::Damaged } else { RestoreError::Io(error) }
        })?;
        self.hash.update(bytes);
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, RestoreError> {
        self.take().map(u32::from_le_bytes)
    }
}
