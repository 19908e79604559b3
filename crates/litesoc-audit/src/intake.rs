//! From an event as it was sent to an envelope that lacks only its time.

use litesoc_ledger::canonical::InvalidJson;
use litesoc_ledger::envelope::{Draft, Prepared};
use litesoc_ledger::event::Event;
use litesoc_ledger::schema::Admitted;
use litesoc_ledger::signature::{self, PublicKey, SignatureFault};

use crate::fault::Fault;
use crate::log::AuditLog;

/// The most characters of a signature.
const LONGEST_SIGNATURE: usize = 256;
/// The most characters of a key with whatever its owner says about it.
const LONGEST_KEY: usize = 4_096;

/// One event as it was sent.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Incoming {
    /// The event.
    pub event: Event,
    /// Base64 of an Ed25519 signature over the canonical event.
    pub signature: Option<String>,
    /// The key that verifies it.
    pub public_key: Option<String>,
}

impl Incoming {
    /// An unsigned event.
    #[must_use]
    pub fn unsigned(event: Event) -> Self {
        Self { event, ..Self::default() }
    }

    /// An unsigned event from its JSON text.
    ///
    /// ```
    /// use litesoc_audit::Incoming;
    ///
    /// assert!(Incoming::parse(r#"{"message":"signed in"}"#).is_ok());
    /// assert!(Incoming::parse(r#"{"message":0.5}"#).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// What has no canonical form.
    pub fn parse(text: &str) -> Result<Self, InvalidJson> {
        Event::parse(text.as_bytes()).map(Self::unsigned)
    }
}

impl AuditLog {
    /// Checks an event and makes its envelope, all but the time.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with places within the item of the request: `/event/message`, `/signature`.
    pub fn prepare(&self, incoming: &Incoming) -> Result<Prepared, Vec<Fault>> {
        let draft = match (&incoming.signature, &incoming.public_key) {
            (None, None) => self.unsigned(incoming.event.clone())?,
            (Some(signature), Some(key)) => self.signed(incoming.event.clone(), signature, key)?,
            (Some(_), None) => {
                let detail = "a signature without its key cannot be told from one whose key was taken away";
                return Err(vec![Fault::new("FieldRequired", "/public_key", detail)]);
            }
            (None, Some(_)) => {
                let detail = "a key without a signature says nothing";
                return Err(vec![Fault::new("FieldRequired", "/signature", detail)]);
            }
        };
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| {
            vec![Fault::new("BadState", "", format!("the system gives no randomness: {error}"))]
        })?;
        // Leaf hashes are public; without salt whoever guesses an event could see that the guess is right.
        let prepared = draft.salted(salt).prepare();
        prepared.map_err(|error| vec![Fault::new("BadState", "/event", error.to_string())])
    }

    fn admit(&self, event: Event, signed: bool) -> Result<Admitted, Vec<Fault>> {
        let admitted = self.schema().admit(event, "/event", signed);
        admitted.map_err(|faults| faults.0.into_iter().map(Fault::from).collect())
    }

    fn unsigned(&self, event: Event) -> Result<Draft, Vec<Fault>> {
        let admitted = self.admit(event, false)?;
        let draft = if self.configuration().vault_sign {
            self.vault_signed(admitted.event)
        } else {
            Draft::new(admitted.event)
        };
        Ok(with_err(draft, admitted.err))
    }

    fn signed(&self, event: Event, signature: &str, key: &str) -> Result<Draft, Vec<Fault>> {
        check_lengths(signature, key)?;
        // Parsed here, so that no stored record can break a reader.
        PublicKey::parse(key)
            .map_err(|error| vec![Fault::new("BadFormat", "/public_key", error.to_string())])?;
        let times: Vec<_> = self.schema().times().collect();
        let settled = signature::settle(event, &times, signature, key).map_err(|error| {
            let code = if matches!(error, SignatureFault::Mismatch) { "BadState" } else { "BadFormatBase64" };
            vec![Fault::new(code, "/signature", error.to_string())]
        })?;
        let admitted = self.admit(settled, true)?;
        Ok(with_err(Draft::new(admitted.event).signed(signature, key), admitted.err))
    }

    fn vault_signed(&self, event: Event) -> Draft {
        let signature = self.vault().sign(event.to_canonical().as_bytes());
        let id = format!("pvi_{}", self.configuration().id.as_str().trim_start_matches("pci_"));
        let key = signature::vault_public_key_text(&self.vault_key(), &id, 1);
        Draft::new(event).signed(signature, key)
    }
}

fn with_err(draft: Draft, err: Option<litesoc_ledger::canonical::Value>) -> Draft {
    match err {
        Some(err) => draft.with_err(err),
        None => draft,
    }
}

fn check_lengths(signature: &str, key: &str) -> Result<(), Vec<Fault>> {
    let faults: Vec<_> = [("/signature", signature, LONGEST_SIGNATURE), ("/public_key", key, LONGEST_KEY)]
        .into_iter()
        .filter(|(_, text, most)| text.chars().count() > *most)
        .map(|(place, _, most)| Fault::new("AboveMaxLength", place, format!("at most {most} characters")))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
