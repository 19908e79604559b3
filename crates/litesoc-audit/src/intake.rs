//! From an event as it was sent to an envelope that lacks only its time.

use litesoc_ledger::canonical::Value;
use litesoc_ledger::envelope::{Draft, Prepared};
use litesoc_ledger::event::Event;
use litesoc_ledger::signature::{self, PublicKey, SignatureFault};

use crate::fault::Fault;
use crate::log::AuditLog;
use crate::schema::SaveMalformed;

/// The most characters of a signature.
const LONGEST_SIGNATURE: usize = 256;
/// The most characters of a key with whatever its owner says about it.
const LONGEST_KEY: usize = 4_096;

/// One event as it was sent.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Incoming {
    /// The JSON text of the event.
    pub event: Vec<u8>,
    /// Base64 of an Ed25519 signature over the canonical event.
    pub signature: Option<String>,
    /// The key that verifies it.
    pub public_key: Option<String>,
}

impl Incoming {
    /// An unsigned event.
    #[must_use]
    pub fn unsigned(event: impl Into<Vec<u8>>) -> Self {
        Self { event: event.into(), ..Self::default() }
    }
}

impl AuditLog {
    /// Checks an event and makes its envelope, all but the time.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with places within the item of the request: `/event/message`, `/signature`.
    pub fn prepare(&self, incoming: &Incoming) -> Result<Prepared, Vec<Fault>> {
        let event = Event::parse(&incoming.event).map_err(|error| {
            let place = format!("/event{}", error.pointer);
            vec![Fault::new("BadFormat", place, format!("the event cannot be read: {error}"))]
        })?;
        let faults = self.schema().faults(&event);
        let keeps = self.schema().save_malformed != SaveMalformed::Reject;
        if !faults.is_empty() && !keeps {
            return Err(faults.into_iter().map(|fault| fault.below("/event")).collect());
        }
        let draft = self.sign_or_check(event, incoming)?;
        let draft = if faults.is_empty() { draft } else { draft.with_err(malformed(&faults)) };
        draft.prepare().map_err(|error| vec![Fault::new("BadState", "/event", error.to_string())])
    }

    fn sign_or_check(&self, mut event: Event, incoming: &Incoming) -> Result<Draft, Vec<Fault>> {
        let schema = self.schema();
        let (signature, key) = match (&incoming.signature, &incoming.public_key) {
            (Some(signature), Some(key)) => (signature, key),
            (None, None) => {
                schema.normalize_times(&mut event);
                return Ok(if self.configuration().vault_sign {
                    self.vault_signed(event)
                } else {
                    Draft::new(event)
                });
            }
            (Some(_), None) => {
                let detail = "a signature without its key cannot be told from one whose key was taken away";
                return Err(vec![Fault::new("FieldRequired", "/public_key", detail)]);
            }
            (None, Some(_)) => {
                return Err(vec![Fault::new(
                    "FieldRequired",
                    "/signature",
                    "a key without a signature says nothing",
                )]);
            }
        };
        if !schema.client_signable {
            return Err(vec![Fault::new(
                "BadState",
                "/signature",
                "events of this log are not signed by clients",
            )]);
        }
        check_lengths(signature, key)?;
        // Parsed here, so that no stored record can break a reader.
        PublicKey::parse(key)
            .map_err(|error| vec![Fault::new("BadFormat", "/public_key", error.to_string())])?;
        let settled = signature::settle(event, &schema.times(), signature, key);
        let event = settled.map_err(|error| {
            let code = if matches!(error, SignatureFault::Mismatch) { "BadState" } else { "BadFormatBase64" };
            vec![Fault::new(code, "/signature", error.to_string())]
        })?;
        Ok(Draft::new(event).signed(signature, key))
    }

    fn vault_signed(&self, event: Event) -> Draft {
        let signature = self.vault().sign(event.to_canonical().as_bytes());
        let id = format!("pvi_{}", self.configuration().id.as_str().trim_start_matches("pci_"));
        let key = signature::vault_public_key_text(&self.vault_key(), &id, 1);
        Draft::new(event).signed(signature, key)
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

/// What is malformed, as the envelope lists it.
fn malformed(faults: &[Fault]) -> Value {
    let member = |name: &str, text: &str| (name.to_owned(), Value::from(text));
    let one = |fault: &Fault| {
        Value::Object(
            [member("code", fault.code), member("detail", &fault.detail), member("source", &fault.source)]
                .into(),
        )
    };
    Value::Array(faults.iter().map(one).collect())
}
