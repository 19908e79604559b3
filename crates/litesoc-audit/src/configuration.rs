//! [`Configuration`]: one log, whose it is, and what its records look like.

use std::fmt;

use litesoc_ledger::canonical::Value;
use litesoc_ledger::schema::Schema;
use serde::{Deserialize, Serialize};

/// The id of a configuration: `pci_` and 32 characters of a-z and 2-7.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigId(String);

impl ConfigId {
    /// Reads an id; `None` for any text that is none.
    ///
    /// ```
    /// use litesoc_audit::ConfigId;
    ///
    /// assert!(ConfigId::parse("pci_abcdefghijklmnopqrstuvwxyz234567").is_some());
    /// assert!(ConfigId::parse("pci_../../etc").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.strip_prefix("pci_")?;
        let fits = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        fits.then(|| Self(text.to_owned()))
    }

    /// The id made of 20 bytes: the same bytes give the same id.
    #[must_use]
    pub fn of_bytes(bytes: [u8; 20]) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut text = String::from("pci_");
        for five in bytes.chunks_exact(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            text.extend((0..8).rev().map(|place| char::from(LETTERS[(bits >> (place * 5) & 31) as usize])));
        }
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConfigId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for ConfigId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ConfigId({self})")
    }
}

/// What can be chosen about a configuration.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NewConfiguration {
    /// For people, and the last part of the log's origin unless it has characters that cannot stand there.
    pub name: String,
    /// The schema of its events, as the Pangea Audit API writes one; `None` for the standard schema.
    pub schema: Option<serde_json::Value>,
    /// Whether the server signs events that come unsigned.
    pub vault_sign: bool,
}

impl NewConfiguration {
    /// A configuration of this name with the standard schema.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// One log, whose it is, and what its records look like; kept as `configuration.json` beside the records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Configuration {
    /// Its id.
    pub id: ConfigId,
    /// The organisation it belongs to.
    pub organization: String,
    /// For people.
    pub name: String,
    /// The name of the log in checkpoints and proofs; never changes.
    pub origin: String,
    /// The schema of its events; `None` for the standard schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
    /// Whether the server signs events that come unsigned.
    #[serde(default)]
    pub vault_sign: bool,
    /// Whether requests of the organisation that name no configuration go here.
    #[serde(default)]
    pub is_default: bool,
}

impl Configuration {
    /// The schema of its events, or everything that is wrong with it.
    pub(crate) fn parse_schema(&self) -> Result<Schema, String> {
        let Some(schema) = &self.schema else { return Ok(Schema::standard()) };
        let value = Value::parse(schema.to_string().as_bytes()).map_err(|error| error.to_string())?;
        Schema::from_value(&value).map_err(|faults| faults.to_string().replace('\n', "; "))
    }
}
