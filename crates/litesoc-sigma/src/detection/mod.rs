//! Detections: what one event must look like.

mod condition;
mod date;
mod modifiers;
pub(crate) mod pattern;
pub(crate) mod read;
mod requirement;
mod test;
mod values;

use self::condition::Condition;
pub(crate) use self::requirement::Requirement;
use self::test::Test;
use crate::value::Fields;

/// What one event must look like.
#[derive(Debug)]
pub(crate) struct Detection {
    searches: Vec<Search>,
    condition: Condition,
}

#[derive(Debug)]
enum Search {
    Test(Test),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Detection {
    /// Whether the event looks like that. Each search is worked out once, however often the condition names it.
    pub(crate) fn holds(&self, fields: &dyn Fields) -> bool {
        let (mut known, mut true_ones) = (0_u128, 0_u128);
        self.condition.holds(&mut |index| {
            let bit = 1_u128 << index;
            if known & bit == 0 {
                known |= bit;
                if self.searches.get(index).is_some_and(|search| search.holds(fields)) {
                    true_ones |= bit;
                }
            }
            true_ones & bit != 0
        })
    }
}

impl Search {
    fn holds(&self, fields: &dyn Fields) -> bool {
        match self {
            Self::Test(test) => test.holds(fields),
            Self::All(parts) => parts.iter().all(|part| part.holds(fields)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(fields)),
        }
    }
}
