//! Rules of the operator's own, in Sigma.

use litesoc_sigma::RuleSet;

use crate::Detector;

impl Detector {
    /// Uses these Sigma rules for every organisation (`None`) or, besides those, for one; an empty set takes them away.
    ///
    /// The rules should have been read with [`taxonomy`](crate::taxonomy), so that a misspelt field is a fault.
    /// Correlations whose text stays the same keep what they remember.
    /// After [`restore`](Self::restore) the rules have to be set again; they then remember what the snapshot holds of them.
    ///
    /// ```
    /// use litesoc_detect::{Change, Detector, Observation, Settings, sigma::RuleSet, taxonomy};
    /// use litesoc_events::EventType;
    /// use litesoc_model::{AlertType, Timestamp};
    /// use uuid::Uuid;
    ///
    /// let rule = "
    /// title: Export by a contractor
    /// logsource:
    ///     product: litesoc
    /// detection:
    ///     selection:
    ///         event: 'data.*'
    ///         actor.id|startswith: 'ext-'
    ///     condition: selection
    /// level: high
    /// ";
    /// let mut detector = Detector::new(Settings::default())?;
    /// detector.set_rules(None, RuleSet::parse_as(&taxonomy(), [("contractors.yml", rule)])?);
    ///
    /// let (at, export) = (Timestamp::from_millis(1_772_368_200_000), EventType::DATA_EXPORT);
    /// let seen = Observation::new("acme", Uuid::nil(), &export, at, at).actor(Some("ext-7"));
    /// let mut changes = Vec::new();
    /// detector.observe(&seen, &mut changes);
    /// let Some(Change::Raise(alert)) = changes.last() else { panic!("an alert") };
    /// assert_eq!(alert.alert_type, AlertType::CustomThreatModel);
    /// assert_eq!(alert.title, "Export by a contractor: ext-7");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_rules(&mut self, organization: Option<&str>, rules: RuleSet) {
        self.custom.set_rules(organization, rules);
    }

    /// The Sigma rules in use for every organisation (`None`), or those that one has besides.
    #[must_use]
    pub fn rules(&self, organization: Option<&str>) -> Option<&RuleSet> {
        self.custom.rules(organization)
    }
}
