//! [`Pattern`]: a text with wildcards, matched in one pass.

/// One element of a text that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// This character.
    Char(char),
    /// Any one character: `?`.
    One,
    /// Any number of any characters: `*`.
    Many,
    /// Any of the five characters by which command lines begin an option.
    Dash,
}

/// The characters that `windash` takes for one another.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Reads a Sigma text: `*` and `?` are wildcards unless a backslash stands before them.
pub(crate) fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        units.push(match character {
            '\\' => match characters.next_if(|next| matches!(next, '*' | '?' | '\\')) {
                Some(escaped) => Unit::Char(escaped),
                None => Unit::Char('\\'),
            },
            '*' => Unit::Many,
            '?' => Unit::One,
            other => Unit::Char(other),
        });
    }
    units
}

/// Makes every dash that begins a word any dash.
pub(crate) fn any_dash(units: &mut [Unit]) {
    let is_word =
        |unit: Option<&Unit>| matches!(unit, Some(Unit::Char(c)) if c.is_alphanumeric() || *c == '_');
    for at in 0..units.len() {
        let begins =
            !is_word(at.checked_sub(1).and_then(|before| units.get(before))) && is_word(units.get(at + 1));
        if begins && matches!(units.get(at), Some(Unit::Char(c)) if DASHES.contains(c)) {
            units[at] = Unit::Dash;
        }
    }
}

/// The text of units without wildcards.
pub(crate) fn literal(units: &[Unit]) -> Option<String> {
    let text = |unit: &Unit| if let Unit::Char(c) = unit { Some(*c) } else { None };
    units.iter().map(text).collect()
}

/// A text with wildcards.
///
/// It is cut at the wildcards that stand for any number of characters; each piece is then looked for from where the one
/// before it ended. The first place is always as good as a later one, so there is no going back, and the work is at
/// most the length of the text times that of the pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) cased: bool,
    /// Whether anything may stand before the first piece.
    open_start: bool,
    /// Whether anything may stand after the last piece.
    open_end: bool,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(Box<str>),
    Units(Box<[Unit]>),
}

impl Pattern {
    pub(crate) fn new(units: &[Unit], cased: bool) -> Self {
        let fold = |unit: &Unit| {
            if let (Unit::Char(c), false) = (unit, cased) {
                c.to_lowercase().map(Unit::Char).collect()
            } else {
                vec![*unit]
            }
        };
        let units: Vec<Unit> = units.iter().flat_map(fold).collect();
        let pieces = units.split(|unit| *unit == Unit::Many).filter(|piece| !piece.is_empty());
        let piece = |units: &[Unit]| match literal(units) {
            Some(text) => Piece::Text(text.into()),
            None => Piece::Units(units.into()),
        };
        Self {
            cased,
            open_start: units.first() == Some(&Unit::Many),
            open_end: units.last() == Some(&Unit::Many),
            pieces: pieces.map(piece).collect(),
        }
    }

    /// The whole text, when there is no wildcard in it.
    pub(crate) fn exact(&self) -> Option<&str> {
        match &self.pieces[..] {
            [] if !self.open_start => Some(""),
            [Piece::Text(text)] if !self.open_start && !self.open_end => Some(text),
            _ => None,
        }
    }

    /// The text that must stand at the beginning.
    pub(crate) fn prefix(&self) -> Option<&str> {
        match self.pieces.first() {
            Some(Piece::Text(text)) if !self.open_start => Some(text),
            _ => None,
        }
    }

    /// Whether the text fits; without regard to case, it must be folded.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut pieces = &self.pieces[..];
        let mut rest = text;
        if !self.open_start {
            let Some((first, more)) = pieces.split_first() else {
                return self.open_end || rest.is_empty();
            };
            let Some(after) = first.at_start(rest) else { return false };
            (rest, pieces) = (after, more);
            if pieces.is_empty() {
                return self.open_end || rest.is_empty();
            }
        }
        if !self.open_end {
            let Some((last, more)) = pieces.split_last() else { return rest.is_empty() };
            let Some(before) = last.at_end(rest) else { return false };
            (rest, pieces) = (before, more);
        }
        for piece in pieces {
            let Some(after) = piece.after_first(rest) else { return false };
            rest = after;
        }
        true
    }
}

impl Piece {
    /// What comes after the piece, when the text begins with it.
    fn at_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_prefix(&**piece),
            Self::Units(units) => {
                let mut characters = text.chars();
                let fits = units.iter().all(|unit| characters.next().is_some_and(|c| unit.is(c)));
                fits.then_some(characters.as_str())
            }
        }
    }

    /// What comes before the piece, when the text ends with it.
    fn at_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_suffix(&**piece),
            Self::Units(units) => {
                let mut characters = text.chars();
                let fits = units.iter().rev().all(|unit| characters.next_back().is_some_and(|c| unit.is(c)));
                fits.then_some(characters.as_str())
            }
        }
    }

    /// What comes after the first place where the piece is found.
    fn after_first<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.split_once(&**piece).map(|(_, after)| after),
            Self::Units(_) => {
                let mut from = text.char_indices().map(|(place, _)| &text[place..]);
                from.find_map(|rest| self.at_start(rest))
            }
        }
    }
}

impl Unit {
    fn is(self, character: char) -> bool {
        match self {
            Self::Char(wanted) => wanted == character,
            Self::One | Self::Many => true,
            Self::Dash => DASHES.contains(&character),
        }
    }
}

/// The same text as it must be written in a rule for it to mean itself: wildcards and backslashes escaped.
///
/// ```
/// assert_eq!(litesoc_sigma::escaped(r"50% *off* at C:\shop"), r"50% \*off\* at C:\\shop");
/// ```
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            written.push('\\');
        }
        written.push(character);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::folded;

    /// The same by trying everything.
    fn naive(units: &[Unit], text: &[char]) -> bool {
        match (units.first(), text.first()) {
            (None, end) => end.is_none(),
            (Some(Unit::Many), _) => (0..=text.len()).any(|skip| naive(&units[1..], &text[skip..])),
            (Some(unit), Some(c)) => unit.is(*c) && naive(&units[1..], &text[1..]),
            (Some(_), None) => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn one_pass_finds_what_trying_everything_finds(pattern in "[ab*?-]{0,8}", text in "[ab/-]{0,10}", dash: bool) {
            let mut units = units(&pattern);
            if dash {
                any_dash(&mut units);
            }
            let characters: Vec<char> = text.chars().collect();
            proptest::prop_assert_eq!(Pattern::new(&units, true).matches(&text), naive(&units, &characters));
        }

        #[test]
        fn an_escaped_text_means_itself(text in r"[a\\*?]{0,8}", other in r"[a\\*?]{0,8}") {
            let pattern = Pattern::new(&units(&escaped(&text)), true);
            proptest::prop_assert!(pattern.matches(&text));
            proptest::prop_assert_eq!(pattern.matches(&other), text == other);
        }
    }

    #[test]
    fn case_is_folded_letter_by_letter() {
        let pattern = Pattern::new(&units("*ÜBER*"), false);
        assert!(pattern.matches(&folded("Die über-Straße")));
        assert!(Pattern::new(&units("ΣΑΣ"), false).matches(&folded("σασ")));
    }
}
