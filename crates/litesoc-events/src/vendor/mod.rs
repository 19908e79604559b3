//! The event names of other systems.
//!
//! The rows live in `data/vendor-event-names.csv`; `cargo xtask codegen` makes the tables below from them.

mod detect;
mod fields;
mod tables;

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use crate::{EventType, level::UnknownWord};

pub use fields::Fields;

/// A system whose event names are known.
///
/// Names are compared as the system writes them, letter for letter.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[strum(serialize_all = "kebab-case")]
#[strum(parse_err_fn = UnknownWord::new, parse_err_ty = UnknownWord)]
#[non_exhaustive]
pub enum Vendor {
    /// Auth0: the `type` code of a log entry, as in `fp`.
    Auth0,
    /// AWS CloudTrail: the `eventName`, as in `ConsoleLogin`.
    AwsCloudtrail,
    /// Castle: event and status, as in `$login:$failed`.
    Castle,
    /// Clerk: the `type` of a webhook, as in `session.created`.
    Clerk,
    /// Django and its allauth and axes: the name of a signal, as in `user_login_failed`.
    Django,
    /// Elastic Common Schema: category and type, as in `authentication/start`.
    Ecs,
    /// FusionAuth: the `type` of an event, as in `user.login.failed`.
    Fusionauth,
    /// The audit log of GitHub: the `action`, as in `repo.destroy`.
    GithubAudit,
    /// Google Workspace: the `name` of an activity's event, as in `login_failure`.
    GoogleWorkspace,
    /// Keycloak: the `type` of an event, or `admin.` with resource type and operation, as in `admin.USER-CREATE`.
    Keycloak,
    /// Laravel: the class of an event, as in `Illuminate\Auth\Events\Login`.
    Laravel,
    /// Microsoft Entra: the activity, `SignIn`, or `riskEventType:` with the type.
    MicrosoftEntra,
    /// OCSF: class and activity, as in `3002:1`.
    Ocsf,
    /// Okta: the `eventType` of a system log entry, as in `user.session.start`.
    Okta,
    /// The OWASP logging vocabulary, as in `authn_login_fail`.
    OwaspVocabulary,
    /// Devise and Warden: hook or message key, as in `devise.failure.locked`.
    RailsDevise,
    /// Spring Security and Spring Boot: the class or the audit type, as in `LogoutSuccessEvent`.
    SpringSecurity,
    /// Stytch: source, object and action, as in `direct.user.create`.
    Stytch,
    /// Supabase: the `action` of an audit log entry, as in `user_signedup`.
    Supabase,
    /// WorkOS: the `event`, as in `authentication.sso_failed`.
    Workos,
}

/// How well an event of ours says what the other system said.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[strum(serialize_all = "lowercase")]
#[strum(parse_err_fn = UnknownWord::new, parse_err_ty = UnknownWord)]
#[non_exhaustive]
pub enum Confidence {
    /// Something is lost: keep the original name and raise no alert on it.
    Low,
    /// The nearest meaning, or a name from a secondary source.
    Medium,
    /// The same meaning, the name from the system's own documents or code.
    High,
}

impl Confidence {
    /// The word in the data file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The event a name of another system stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorMatch {
    /// The event, in its finest name; [`normalize`](crate::normalize()) merges it further.
    pub event: EventType,
    /// How well it fits.
    pub confidence: Confidence,
    /// The field and its value that decided, where the name alone does not.
    pub condition: Option<(&'static str, &'static str)>,
}

/// One row of a vocabulary, sorted by name; among equal names conditional rows come first.
#[derive(Debug)]
struct Row {
    name: &'static str,
    condition: Option<(&'static str, &'static str)>,
    event: EventType,
    confidence: Confidence,
}

/// A row that needs the name only.
const fn plain(name: &'static str, event: EventType, confidence: Confidence) -> Row {
    Row { name, condition: None, event, confidence }
}

/// A row that also needs a field to have a value.
const fn when(
    name: &'static str,
    field: &'static str,
    value: &'static str,
    event: EventType,
    confidence: Confidence,
) -> Row {
    Row { name, condition: Some((field, value)), event, confidence }
}

impl Vendor {
    /// Every system, in the order of its word.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the system, as in `github-audit`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The event that a name of this system stands for; `None` when its vocabulary here does not hold the name.
    ///
    /// Rows that ask for the value of a field come before the row of the name alone.
    /// Among them the more exact name comes first: in AWS CloudTrail any call refused with `AccessDenied` is
    /// `authz.access_denied`, whatever the call was.
    ///
    /// ```
    /// use litesoc_events::{Confidence, EventType, Vendor};
    ///
    /// let fields: &[(&str, &str)] = &[("outcome.result", "FAILURE")];
    /// let found = Vendor::Okta.normalize("user.session.start", fields).expect("a name of Okta");
    /// assert_eq!(found.event, EventType::AUTH_LOGIN_FAILED);
    /// assert_eq!(found.confidence, Confidence::High);
    ///
    /// // The same name means different things: a sign-in here, a session there.
    /// let clerk = Vendor::Clerk.normalize("session.created", &()).expect("a name of Clerk");
    /// let workos = Vendor::Workos.normalize("session.created", &()).expect("a name of WorkOS");
    /// assert_eq!(clerk.event, EventType::AUTH_LOGIN_SUCCESS);
    /// assert_eq!(workos.event, EventType::AUTH_SESSION_CREATED);
    /// ```
    #[must_use]
    pub fn normalize<F: Fields + ?Sized>(self, name: &str, fields: &F) -> Option<VendorMatch> {
        let rows = tables::rows(self);
        let own = named(rows, name);
        let conditional = own
            .iter()
            .chain(named_wildly(rows, name))
            .find(|row| row.condition.is_some_and(|(field, value)| fields.has(field, value)));
        let row = conditional.or_else(|| own.iter().find(|row| row.condition.is_none()))?;
        Some(VendorMatch { event: row.event.clone(), confidence: row.confidence, condition: row.condition })
    }
}

/// The rows of exactly that name.
fn named<'a>(rows: &'a [Row], name: &str) -> &'a [Row] {
    let from = rows.partition_point(|row| row.name < name);
    let count = rows[from..].partition_point(|row| row.name == name);
    &rows[from..from + count]
}

/// The rows for any activity of the name's class, as in `6003:*`, and for any name at all, `*`.
fn named_wildly<'a>(rows: &'a [Row], name: &str) -> impl Iterator<Item = &'a Row> {
    let class = name.split_once(':').map(|(class, _)| class);
    let of_class = rows.iter().filter(move |row| class.is_some() && row.name.strip_suffix(":*") == class);
    of_class.chain(named(rows, "*"))
}
