//! [`Record`]: state of one key as bytes, for snapshots and for what is put aside when memory is full.

/// State of one key that can leave memory and come back.
///
/// The bytes belong to one version of this crate: a snapshot names its version, and a reader refuses another.
pub(crate) trait Record: Sized {
    /// Appends the state.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads it back, taking what it read off `input`; `None` when the bytes are none that `write` made.
    fn read(input: &mut &[u8]) -> Option<Self>;

    /// Whether it is worth keeping when memory is full. A key that has shown nothing but one failure is not: else whoever
    /// floods the detector with names pushes out what it has learned.
    fn is_worth_keeping(&self) -> bool;
}
