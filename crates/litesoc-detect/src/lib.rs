//! Detection rules over a stream of security events. Pure: same input, same alerts.
#![doc = include_str!("../README.md")]

mod address;
mod alert;
mod detector;
mod fields;
mod finding;
mod incident;
mod incidents;
mod key;
#[cfg(feature = "lab")]
pub mod lab;
mod observation;
mod profile;
mod record;
mod rules;
mod scene;
mod settings;
mod signals;
mod snapshot;
mod spill;
mod story;
mod table;
mod text;
mod untold;
mod words;

pub use self::address::AddressGroup;
pub use self::alert::{AlertDraft, AlertProgress, Change, Evidence, coalesce};
pub use self::detector::{Detector, Remembered};
pub use self::observation::Observation;
pub use self::rules::brute_force::{
    BruteForceAccount, BruteForceAddress, BruteForceDistributed, BruteForcePair, CredentialStuffing,
    DistributedSpray, KnownSources, PasswordSpray,
};
pub use self::rules::catalogue::{BuiltIn, built_in};
pub use self::rules::conduct::{
    AccessProbing, AccountCompromise, DataDestruction, DataExfiltration, MfaFatigue, PrivilegeEscalation,
    RateLimitExceeded, SignUpVelocity, SuspiciousActivity,
};
pub use self::rules::custom::{EventFields, SigmaFile, export, taxonomy};
pub use self::rules::sign_in::{GeoAnomaly, HighRiskCountry, NewDevice, SuspiciousNetwork, Travel};
pub use self::settings::{Capacity, InvalidSettings, Problem, Settings, SettingsFile};
pub use self::snapshot::RestoreError;
pub use self::spill::Spill;
/// Rules of the operator's own are written in Sigma.
pub use litesoc_sigma as sigma;

/// Most event ids an alert carries as samples.
pub const MAX_SAMPLES: usize = 20;
