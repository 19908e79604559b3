//! [`HotRules`]: the operator's own rules, exchangeable while the server runs.

use std::sync::Arc;

use litesoc_detect::sigma::RuleSet;
use parking_lot::RwLock;

/// The operator's own rules, shared by everybody who has a copy, and exchangeable while the server runs.
///
/// Correlations whose text stays the same keep what they remember over a change.
///
/// ```
/// use litesoc_detect::sigma::RuleSet;
/// use litesoc_server::HotRules;
///
/// let hot = HotRules::default();
/// let copy = hot.clone();
/// assert!(copy.current().is_none());
/// hot.replace(RuleSet::empty());
/// assert!(copy.current().is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct HotRules(Arc<RwLock<State>>);

#[derive(Debug, Default)]
struct State {
    rules: Option<RuleSet>,
    /// How often they were exchanged.
    edition: u64,
}

impl HotRules {
    /// Starts with these; `None` for none, and for what a snapshot holds of rules to be kept.
    #[must_use]
    pub fn new(rules: Option<RuleSet>) -> Self {
        Self(Arc::new(RwLock::new(State { rules, edition: 0 })))
    }

    /// Those that hold now.
    #[must_use]
    pub fn current(&self) -> Option<RuleSet> {
        self.0.read().rules.clone()
    }

    /// Puts others in their place, for every copy; events that are examined from now on are matched with them.
    pub fn replace(&self, rules: RuleSet) {
        let mut state = self.0.write();
        state.rules = Some(rules);
        state.edition += 1;
    }

    /// Those that hold now, when they are of another edition than the one known.
    pub(crate) fn newer(&self, known: &mut u64) -> Option<RuleSet> {
        let state = self.0.read();
        if state.edition == *known {
            return None;
        }
        *known = state.edition;
        state.rules.clone()
    }
}
