//! The brute-force rules: failed sign-ins by source, by account, and in the whole organisation.
//!
//! How they share one alert is told in `detector/attack.rs`.

pub(crate) mod account;
pub(crate) mod address;
#[expect(dead_code, reason = "the rule comes after its settings")]
mod credential_stuffing;
#[expect(dead_code, reason = "the rule comes after its settings")]
mod distributed;
#[expect(dead_code, reason = "the rule comes after its settings")]
mod distributed_spray;
mod known_sources;
#[expect(dead_code, reason = "the rule comes after its settings")]
mod pair;
#[expect(dead_code, reason = "the rule comes after its settings")]
mod password_spray;
pub(crate) mod success_after_failures;

pub use self::account::BruteForceAccount;
pub use self::address::BruteForceAddress;
pub use self::credential_stuffing::CredentialStuffing;
pub use self::distributed::BruteForceDistributed;
pub use self::distributed_spray::DistributedSpray;
pub use self::known_sources::KnownSources;
pub use self::pair::BruteForcePair;
pub use self::password_spray::PasswordSpray;
