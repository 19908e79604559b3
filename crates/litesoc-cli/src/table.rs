//! [`Table`]: rows for people, safe on a terminal whatever stands in the data.

use std::fmt::{self, Write as _};

/// Longest cell shown, in characters.
const MAX_CELL: usize = 72;

/// Text from elsewhere, fit for a terminal.
///
/// Control characters could move the cursor, rewrite what stands above or start a program's escape sequences; marks of
/// direction and of no width could make a name read like another. Both come out as `\u{..}`.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || unseen {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Rows under a heading, columns aligned.
#[derive(Debug)]
pub(crate) struct Table {
    heading: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heading: &[&'static str]) -> Self {
        Self { heading: heading.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; its cells are made safe and cut.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let cells =
            cells.into_iter().map(|cell| if cell.is_empty() { "-".to_owned() } else { cut(&shown(cell)) });
        self.rows.push(cells.collect());
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_CELL {
        return text.to_owned();
    }
    text.chars().take(MAX_CELL - 3).chain("...".chars()).collect()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([self.heading[column].len()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.heading.len()).map(width).collect();
        let heading: Vec<String> = self.heading.iter().map(|&name| name.to_owned()).collect();
        for row in std::iter::once(&heading).chain(&self.rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(line, "{cell:<width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Names and values, one a line, for a single thing.
#[derive(Debug, Default)]
pub(crate) struct Card(Vec<(&'static str, String)>);

impl Card {
    /// Adds a value unless it is missing or empty.
    pub(crate) fn add(&mut self, name: &'static str, value: Option<impl fmt::Display>) {
        let text = value.map(|value| shown(&value.to_string())).unwrap_or_default();
        if !text.is_empty() {
            self.0.push((name, text));
        }
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.0 {
            writeln!(f, "{name:<width$}  {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_safe() {
        let mut table = Table::new(&["actor", "title"]);
        table.row(["alice", "ordinary"]);
        table.row(["\u{1b}[2J\u{202e}bob\n", ""]);
        table.row(["carol", &"x".repeat(80)]);
        insta::assert_snapshot!(table.to_string());
    }
}
