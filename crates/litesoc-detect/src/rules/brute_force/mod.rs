//! The brute-force rules: failed sign-ins by source, by account, and in the whole organisation.
//!
//! How they share one alert is told in `detector/attack.rs`.

mod account;
mod acquaintance;
mod address;
mod credential_stuffing;
mod distributed;
pub(crate) mod distributed_spray;
pub(crate) mod judge;
mod known_sources;
pub(crate) mod memory;
pub(crate) mod organization;
mod pair;
mod password_spray;
pub(crate) mod source;
pub(crate) mod success_after_failures;
pub(crate) mod track;

pub use self::account::BruteForceAccount;
pub use self::address::BruteForceAddress;
pub use self::credential_stuffing::CredentialStuffing;
pub(crate) use self::credential_stuffing::NAME as CREDENTIAL_STUFFING;
pub use self::distributed::BruteForceDistributed;
pub use self::distributed_spray::DistributedSpray;
pub use self::known_sources::KnownSources;
pub use self::pair::BruteForcePair;
pub use self::password_spray::PasswordSpray;
