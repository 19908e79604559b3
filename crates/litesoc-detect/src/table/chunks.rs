//! [`Chunks`]: a vector that grows without moving what lies in it.

/// Entries of one chunk.
const CHUNK: usize = 1 << CHUNK_BITS;
const CHUNK_BITS: u32 = 10;

/// A vector that grows without moving what lies in it.
///
/// One that doubled would need three times its memory for a moment and hold up detection while half a gigabyte is copied.
#[derive(Debug)]
pub(super) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
}

impl<T> Chunks<T> {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        match self.chunks.last() {
            Some(last) => (self.chunks.len() - 1) * CHUNK + last.len(),
            None => 0,
        }
    }

    /// The place of the last entry; there must be one.
    pub(super) fn last(&self) -> u32 {
        u32::try_from(self.len() - 1).expect("a table has less than 2^32 places")
    }

    pub(super) fn at(&self, place: u32) -> &T {
        let place = place as usize;
        &self.chunks[place >> CHUNK_BITS][place & (CHUNK - 1)]
    }

    pub(super) fn at_mut(&mut self, place: u32) -> &mut T {
        let place = place as usize;
        &mut self.chunks[place >> CHUNK_BITS][place & (CHUNK - 1)]
    }

    pub(super) fn push(&mut self, entry: T) -> u32 {
        if self.chunks.last().is_none_or(|last| last.len() == CHUNK) {
            // The first chunk starts small: most tables of most installations stay small.
            let chunk = if self.chunks.is_empty() { Vec::new() } else { Vec::with_capacity(CHUNK) };
            self.chunks.push(chunk);
        }
        if let Some(last) = self.chunks.last_mut() {
            last.push(entry);
        }
        self.last()
    }

    /// Takes an entry out and moves the last one into its place.
    pub(super) fn swap_remove(&mut self, place: u32) -> T {
        let last = self.chunks.last_mut().and_then(Vec::pop).expect("there is an entry at the place");
        if self.chunks.last().is_some_and(Vec::is_empty) {
            self.chunks.pop();
        }
        if place as usize == self.len() { last } else { std::mem::replace(self.at_mut(place), last) }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }
}
