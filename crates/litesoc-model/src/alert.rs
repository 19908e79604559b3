//! [`Alert`] and its [`Forensics`]: a threat the service found.

use serde::Serialize;

use crate::decode::{DecodeError, Record, object};
use crate::json::{Members, flag, number, text_or_number, timestamp};
use crate::metadata::Metadata;
use crate::time::Timestamp;
use crate::vocabulary::{AlertSeverity, AlertStatus, AlertType, Resolution};

/// What the service knows of an address: its network and its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Forensics {
    /// The network it belongs to.
    pub network: NetworkForensics,
    /// Where it is.
    pub location: LocationForensics,
}

/// The network an address belongs to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NetworkForensics {
    /// A VPN.
    pub is_vpn: bool,
    /// A Tor exit.
    pub is_tor: bool,
    /// An open proxy.
    pub is_proxy: bool,
    /// A data centre.
    pub is_datacenter: bool,
    /// A mobile network.
    pub is_mobile: bool,
    /// The number of the autonomous system.
    pub asn: Option<u32>,
    /// Who runs the autonomous system.
    pub asn_org: Option<String>,
    /// The internet provider.
    pub isp: Option<String>,
    /// How bad its reputation is, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threat_score: Option<f64>,
}

/// Where an address is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LocationForensics {
    /// The city.
    pub city: Option<String>,
    /// The state or province.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// The country in words.
    pub country_name: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// The IANA name of the time zone.
    pub timezone: Option<String>,
}

impl Forensics {
    /// The `forensics` member; `None` when it is null, absent or no object.
    pub(crate) fn of_member(members: &Members<'_>) -> Option<Self> {
        let forensics = members.inner("forensics")?;
        Some(Self {
            network: NetworkForensics::of(&forensics.inner("network").unwrap_or_default()),
            location: LocationForensics::of(&forensics.inner("location").unwrap_or_default()),
        })
    }
}

impl NetworkForensics {
    /// The word for the kind of network: `tor`, `vpn`, `proxy`, `datacenter`, `mobile` or, when nothing speaks against it,
    /// `residential`.
    ///
    /// ```
    /// use litesoc_model::NetworkForensics;
    ///
    /// let mut network = NetworkForensics::default();
    /// assert_eq!(network.kind(), "residential");
    /// network.is_vpn = true;
    /// assert_eq!(network.kind(), "vpn");
    /// ```
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self { is_tor: true, .. } => "tor",
            Self { is_vpn: true, .. } => "vpn",
            Self { is_proxy: true, .. } => "proxy",
            Self { is_datacenter: true, .. } => "datacenter",
            Self { is_mobile: true, .. } => "mobile",
            _ => "residential",
        }
    }

    fn of(members: &Members<'_>) -> Self {
        let is = |key| members.get(key).and_then(flag).unwrap_or(false);
        Self {
            is_vpn: is("is_vpn"),
            is_tor: is("is_tor"),
            is_proxy: is("is_proxy"),
            is_datacenter: is("is_datacenter"),
            is_mobile: is("is_mobile"),
            asn: members.get("asn").and_then(autonomous_system),
            asn_org: members.string(&["asn_org"]),
            isp: members.string(&["isp"]),
            threat_score: members.get("threat_score").and_then(number),
        }
    }
}

impl LocationForensics {
    fn of(members: &Members<'_>) -> Self {
        Self {
            city: members.string(&["city"]),
            region: members.string(&["region"]),
            country_code: members.string(&["country_code"]),
            country_name: members.string(&["country_name", "country"]),
            latitude: members.get("latitude").and_then(number),
            longitude: members.get("longitude").and_then(number),
            timezone: members.string(&["timezone"]),
        }
    }
}

/// `15169`, `"15169"` or `"AS15169"`.
fn autonomous_system(raw: &str) -> Option<u32> {
    let text = text_or_number(raw)?;
    let text = text.trim();
    let has_prefix = text.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("AS"));
    if has_prefix { text[2..].trim().parse().ok() } else { text.parse().ok() }
}

/// A threat the service found.
///
/// Everything but the id may be missing on one version of the service or another.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Alert {
    /// The alert's id.
    pub id: String,
    /// What kind of threat.
    pub alert_type: AlertType,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// Where it stands.
    pub status: AlertStatus,
    /// One line about it.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// The address it came from.
    pub source_ip: Option<String>,
    /// The account it is about.
    pub actor_id: Option<String>,
    /// The event that set it off.
    pub trigger_event_id: Option<String>,
    /// Network and place of the address; null on the free plan.
    pub forensics: Option<Forensics>,
    /// When it was raised.
    pub created_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// Who resolved it.
    pub resolved_by: Option<String>,
    /// What they noted.
    pub resolution_notes: Option<String>,
    /// Whatever else the service adds.
    pub metadata: Metadata,
}

impl Alert {
    /// An open alert with nothing but an id, a type, a severity, a title and a time.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        alert_type: AlertType,
        severity: AlertSeverity,
        title: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id: id.into(),
            alert_type,
            severity,
            status: AlertStatus::Open,
            title: title.into(),
            description: None,
            source_ip: None,
            actor_id: None,
            trigger_event_id: None,
            forensics: None,
            created_at: Some(created_at),
            updated_at: Some(created_at),
            resolved_at: None,
            resolved_by: None,
            resolution_notes: None,
            metadata: Metadata::default(),
        }
    }

    /// How it was resolved, which services keep in the metadata.
    #[must_use]
    pub fn resolution(&self) -> Option<Resolution> {
        self.metadata.text("resolution_type").map(|word| Resolution::from(&*word))
    }
}

impl Record for Alert {
    const LIST_KEY: &'static str = "alerts";
    const SINGLE_KEY: &'static str = "alert";

    fn from_json(json: &str) -> Result<Self, DecodeError> {
        Self::of(&object(json)?)
    }
}

impl Alert {
    pub(crate) fn of(members: &Members<'_>) -> Result<Self, DecodeError> {
        let id =
            members.string(&["id", "alert_id"]).ok_or(DecodeError::Missing { what: "alert", field: "id" })?;
        let metadata = Metadata::of_member(members, "metadata");
        let notes = members.string(&["resolution_notes", "internal_notes", "notes"]);
        let moment = |key| members.get(key).and_then(timestamp);
        Ok(Self {
            id,
            alert_type: AlertType::from(members.string(&["alert_type", "type"]).unwrap_or_default()),
            severity: AlertSeverity::from(members.string(&["severity"]).unwrap_or_default()),
            status: AlertStatus::from(members.string(&["status"]).unwrap_or_default()),
            title: members.string(&["title"]).unwrap_or_default(),
            description: members.string(&["description"]),
            source_ip: members.string(&["source_ip", "ip_address"]),
            actor_id: members.string(&["actor_id"]),
            trigger_event_id: members.string(&["trigger_event_id"]),
            forensics: Forensics::of_member(members),
            created_at: moment("created_at").or_else(|| moment("timestamp")),
            updated_at: moment("updated_at"),
            resolved_at: moment("resolved_at"),
            resolved_by: members.string(&["resolved_by"]),
            resolution_notes: notes.or_else(|| metadata.text("internal_notes").map(String::from)),
            metadata,
        })
    }
}
