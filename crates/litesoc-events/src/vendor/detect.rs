//! Tells a system by the shape of one of its names.

use super::{Vendor, named, tables};

/// Whether a name looks like one of a certain system.
type Shape = fn(&str) -> bool;

/// What a name must look like before it is looked up, so that no ordinary word gives a system away.
const SHAPES: &[(Vendor, Shape)] = &[
    (Vendor::Auth0, |name| name.starts_with("gd_")),
    (Vendor::Castle, |name| name.starts_with('$')),
    (Vendor::Keycloak, |name| name.starts_with("admin.") && name.contains('-')),
    (Vendor::Laravel, |name| name.contains('\\')),
    (Vendor::MicrosoftEntra, |name| name.starts_with("riskEventType:")),
    (Vendor::Ocsf, |name| name.split_once(':').is_some_and(|(class, _)| class.parse::<u32>().is_ok())),
    (Vendor::OwaspVocabulary, |name| name.starts_with("authn_")),
    (Vendor::RailsDevise, |name| name.starts_with("devise.") || name.starts_with("warden.")),
    (Vendor::SpringSecurity, |name| name.ends_with("Event")),
    (Vendor::Workos, |name| name.starts_with("dsync.")),
];

impl Vendor {
    /// The system that alone writes this name, when its shape leaves no doubt.
    ///
    /// Few names do: most vocabularies use words that any application might.
    /// `session.created` is a sign-in at Clerk and a session at WorkOS; `s`, `f`, `login`, `logout` and `download` are
    /// codes of one system and plain words for everybody else.
    /// For those say which system it is.
    ///
    /// ```
    /// use litesoc_events::Vendor;
    ///
    /// assert_eq!(Vendor::detect("$login:$failed"), Some(Vendor::Castle));
    /// assert_eq!(Vendor::detect("devise.failure.locked"), Some(Vendor::RailsDevise));
    /// assert_eq!(Vendor::detect("session.created"), None);
    /// assert_eq!(Vendor::detect("f"), None);
    /// ```
    #[must_use]
    pub fn detect(name: &str) -> Option<Self> {
        let (vendor, _) = SHAPES
            .iter()
            .find(|(vendor, shape)| shape(name) && !named(tables::rows(*vendor), name).is_empty())?;
        Some(*vendor)
    }
}
