//! How much a set of rules may hold: what lies beyond is a fault, so that no file can make a program run wild.

/// Bytes of one file.
pub(crate) const FILE_BYTES: usize = 1 << 20;
/// Documents of one file.
pub(crate) const DOCUMENTS: usize = 1_000;
/// Values of one file, counting every key and every item.
pub(crate) const NODES: usize = 100_000;
/// Levels of lists and maps inside each other.
pub(crate) const DEPTH: usize = 16;
/// Rules of one set.
pub(crate) const RULES: usize = 10_000;
/// Search identifiers of one rule: their results are the bits of one number.
pub(crate) const SEARCHES: usize = 128;
/// Bytes of one value that is looked for.
pub(crate) const PATTERN_BYTES: usize = 4_096;
/// Words and brackets of one condition.
pub(crate) const CONDITION_WORDS: usize = 1_000;
/// Brackets and negations inside each other.
pub(crate) const CONDITION_DEPTH: usize = 32;
/// Bytes a compiled regular expression may take.
pub(crate) const EXPRESSION_BYTES: usize = 256 << 10;
/// Regular expressions of one set.
pub(crate) const EXPRESSIONS: usize = 1_000;
/// Correlations on correlations.
pub(crate) const CHAIN: usize = 8;
/// Rules a correlation refers to.
pub(crate) const INPUTS: usize = 64;
/// Fields a correlation groups by.
pub(crate) const GROUP_FIELDS: usize = 8;
/// Days of one timespan.
pub(crate) const TIMESPAN_DAYS: i64 = 30;
/// The largest count a correlation may wait for.
pub(crate) const COUNT: u64 = 10_000;
/// Faults that are told; more are only counted.
pub(crate) const FAULTS: usize = 200;
