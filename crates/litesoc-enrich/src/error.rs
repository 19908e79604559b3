//! [`EnrichError`]: everything that is wrong with the files that were named, at once.

use std::fmt;

/// Most faults that are told of one file; a file that is not what its name says has one on every line.
pub(crate) const MAX_FAULTS_PER_FILE: usize = 20;

/// Everything that is wrong with the files that were named.
///
/// Its text has one line for each fault.
///
/// ```
/// use litesoc_enrich::{Enricher, Source, SourceKind};
///
/// let broken = Source::new("geo/vpn.txt", "vpn".parse::<SourceKind>()?, "192.0.2.0/24\n192.0.2.0/99\n");
/// let error = Enricher::open([broken]).expect_err("a prefix of 99 bits");
/// assert_eq!(error.faults()[0].line, Some(2));
/// assert!(error.to_string().starts_with("geo/vpn.txt:2: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrichError {
    faults: Vec<Fault>,
}

impl EnrichError {
    /// `Ok` when there is nothing to tell.
    pub(crate) fn unless_empty(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { faults }) }
    }

    /// What is wrong; at least one fault, in the order of the files and their lines.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for EnrichError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for EnrichError {}

/// One thing that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The file, as it was named.
    pub file: Box<str>,
    /// The line, counted from 1, in files that have lines.
    pub line: Option<usize>,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Fault {
    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, message: message.into() }
    }

    pub(crate) fn at(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: Some(line), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// At most so many characters of a text from a file, fit for one line of an error.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let mut out: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        out.push_str("...");
    }
    out
}
