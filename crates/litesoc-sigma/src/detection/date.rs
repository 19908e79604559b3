//! Parts of a date, taken as they are written: no time zone is converted.

use jiff::civil::DateTime;

use crate::detection::modifiers::DatePart;

/// The part of a text such as `2026-03-01T12:30:00Z`; `None` when it is no date.
pub(crate) fn part(text: &str, part: DatePart) -> Option<i32> {
    // The reader of dates without a zone takes any zone behind them but this letter.
    let date: DateTime = text.trim_end_matches(['Z', 'z']).parse().ok()?;
    Some(match part {
        DatePart::Minute => date.minute().into(),
        DatePart::Hour => date.hour().into(),
        DatePart::Day => date.day().into(),
        DatePart::Week => date.date().iso_week_date().week().into(),
        DatePart::Month => date.month().into(),
        DatePart::Year => date.year().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_as_they_are() {
        for text in ["2026-03-01T23:05:59+02:00", "2026-03-01 23:05:59.25", "2026-03-01T23:05:59Z"] {
            let of = |wanted| part(text, wanted);
            assert_eq!(
                [of(DatePart::Hour), of(DatePart::Minute), of(DatePart::Day)],
                [Some(23), Some(5), Some(1)]
            );
            assert_eq!([of(DatePart::Month), of(DatePart::Year)], [Some(3), Some(2026)]);
            assert_eq!(of(DatePart::Week), Some(9));
        }
        assert_eq!(part("2026-13-01", DatePart::Year), None);
        assert_eq!(part("yesterday", DatePart::Hour), None);
    }
}
