//! Entry bundles: up to 256 entries, each behind its length.

/// Bytes of the longest entry: its length is written as 16 bits.
pub const MAX_ENTRY_LEN: usize = 65_535;

/// The bytes of a bundle.
///
/// # Errors
///
/// No entry, more than 256, or one longer than [`MAX_ENTRY_LEN`].
pub fn entry_bundle<I, E>(entries: I) -> Result<Vec<u8>, InvalidEntryBundle>
where
    I: IntoIterator<Item = E>,
    E: AsRef<[u8]>,
{
    let mut bytes = Vec::new();
    let mut count = 0_usize;
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| InvalidEntryBundle::Length { entry: count })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
        count += 1;
    }
    if (1..=256).contains(&count) { Ok(bytes) } else { Err(InvalidEntryBundle::Count { count }) }
}

/// The entries of a bundle.
///
/// ```
/// use litesoc_ledger::tiles::{entries_of, entry_bundle};
///
/// let bytes = entry_bundle(["one", "two"]).expect("two short entries");
/// assert_eq!(entries_of(&bytes).expect("as written"), [b"one", b"two"]);
/// ```
///
/// # Errors
///
/// Bytes that end inside an entry, no entry, or more than 256.
pub fn entries_of(bytes: &[u8]) -> Result<Vec<&[u8]>, InvalidEntryBundle> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let fault = InvalidEntryBundle::Torn { entry: entries.len() };
        let (length, behind) = rest.split_first_chunk::<2>().ok_or(fault)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, behind) = behind.split_at_checked(length).ok_or(fault)?;
        entries.push(entry);
        rest = behind;
        if entries.len() > 256 {
            return Err(InvalidEntryBundle::Count { count: entries.len() });
        }
    }
    if entries.is_empty() { Err(InvalidEntryBundle::Count { count: 0 }) } else { Ok(entries) }
}

/// Bytes or entries that make no bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEntryBundle {
    /// An entry is longer than 65,535 bytes.
    #[error("entry {entry} of the bundle is longer than 65,535 bytes")]
    Length {
        /// The entry, counted from 0.
        entry: usize,
    },
    /// A bundle has 1 to 256 entries.
    #[error("a bundle has 1 to 256 entries, not {count}")]
    Count {
        /// Entries that were seen.
        count: usize,
    },
    /// The bytes end inside an entry.
    #[error("the bundle ends inside entry {entry}")]
    Torn {
        /// The entry, counted from 0.
        entry: usize,
    },
}
