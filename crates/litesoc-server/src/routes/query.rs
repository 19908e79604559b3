//! Query parameters, read with the tolerance that their senders need: nothing in a query is an error.

use litesoc_model::Timestamp;

/// The parameters of a request; of repeated ones the last counts, empty ones are absent.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) const fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first of these names that is given.
    pub(super) fn text(&self, names: &[&str]) -> Option<&str> {
        let value =
            |name: &&str| self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        names.iter().find_map(|name| value(name).filter(|value| !value.is_empty()))
    }

    /// A number moved into `1..=most`; `usual` when it is absent or no number.
    pub(super) fn limit(&self, usual: usize, most: usize) -> usize {
        let asked = self.number("limit").map(|limit| usize::try_from(limit).unwrap_or(most));
        asked.unwrap_or(usual).min(most).max(1)
    }

    /// A number of rows to skip; 0 when it is absent, negative or no number.
    pub(super) fn offset(&self) -> u64 {
        // More than any store has rows, and safe to add to.
        const MOST: u64 = 1 << 53;
        self.number("offset").unwrap_or(0).min(MOST)
    }

    /// A whole number, where a negative one is 0 and a huge one the largest there is.
    fn number(&self, name: &str) -> Option<u64> {
        let text = self.text(&[name])?;
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let digits = digits.split_once('.').map_or(digits, |(whole, _)| whole);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| if negative { 0 } else { digits.parse().unwrap_or(u64::MAX) })
    }

    /// A moment in milliseconds since the Unix epoch; `None` when it is absent or none.
    pub(super) fn moment(&self, names: &[&str]) -> Option<i64> {
        let text = self.text(names)?;
        // A plus sign that was not escaped arrives as a blank.
        let moment = text.parse::<Timestamp>().or_else(|_| text.replace(' ', "+").parse());
        moment.ok().map(Timestamp::as_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    fn of(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::new(pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn numbers_are_moved_into_their_bounds() {
        for (sent, limit) in
            [("0", 1), ("-1", 1), ("abc", 50), ("", 50), ("7", 7), ("7.9", 7), ("99999", 200)]
        {
            assert_eq!(of(&[("limit", sent)]).limit(50, 200), limit, "{sent}");
        }
        assert_eq!(of(&[("limit", "99999999999999999999999")]).limit(50, 200), 200);
        assert_eq!(of(&[]).limit(50, 200), 50);
        for (sent, offset) in [("-5", 0), ("x", 0), ("12", 12), ("99999999999999999999999", 1 << 53)] {
            assert_eq!(of(&[("offset", sent)]).offset(), offset, "{sent}");
        }
    }

    #[test]
    fn an_unescaped_plus_in_a_time_is_understood() {
        let parameters = of(&[("from", "2026-03-01T14:30:00 02:00"), ("to", "never")]);
        assert_eq!(parameters.moment(&["from"]), Some(1_772_368_200_000));
        assert_eq!(parameters.moment(&["to"]), None);
    }
}
