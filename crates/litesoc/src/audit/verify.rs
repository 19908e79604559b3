//! What an envelope in an answer is held against, wherever it comes from.

use litesoc_ledger::Hash;
use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::envelope;
use litesoc_ledger::event::Event;
use litesoc_ledger::signature::{AllowedKeys, PublicKey};
use litesoc_ledger::time::DateTime;

use super::error::Error;

/// An envelope whose hash and signature hold.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub(super) text: String,
    pub(super) hash: Hash,
    pub(super) event: Object,
    pub(super) received_at: String,
    pub(super) signature: Option<(String, String)>,
    pub(super) signed_by: Option<PublicKey>,
}

/// Reads an envelope and checks its hash and its signature. Whatever is missing counts as taken away.
pub(super) fn sealed(text: &str, hash: Option<&str>, signers: &AllowedKeys) -> Result<Sealed, Error> {
    let forged = |what: &str| Error::forged(what);
    let value = Value::parse(text.as_bytes())
        .map_err(|error| Error::forged(format!("the envelope cannot be hashed: {error}")))?;
    let computed = envelope::leaf_hash(text.as_bytes())
        .map_err(|error| Error::forged(format!("the envelope cannot be hashed: {error}")))?;
    let claimed = hash.ok_or_else(|| forged("the answer has no hash for the record"))?;
    if Hash::from_hex(claimed) != Ok(computed) {
        return Err(forged("the record is not the one of its hash: it was changed"));
    }
    let Value::Object(mut members) = value else { return Err(forged("the envelope is no object")) };
    let Some(Value::Object(event)) = members.remove("event") else {
        return Err(forged("the envelope has no event"));
    };
    let mut string = |name: &str| match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::forged(format!("{name} in the envelope is no string"))),
    };
    let received_at = string("received_at")?.ok_or_else(|| forged("the envelope has no received_at"))?;
    let (signature, signed_by) = match (string("signature")?, string("public_key")?) {
        (None, None) => (None, None),
        (Some(signature), Some(key)) => {
            let bytes = Value::Object(event.clone()).to_canonical();
            let by = signers.verify(bytes.as_bytes(), &signature, &key);
            let by = by.map_err(|error| Error::forged(format!("the signature of the event: {error}")))?;
            (Some((signature, key)), Some(by))
        }
        (Some(_), None) => return Err(forged("the signature has no key: it was taken away")),
        (None, Some(_)) => return Err(forged("the key has no signature: it was taken away")),
    };
    Ok(Sealed { text: text.to_owned(), hash: computed, event, received_at, signature, signed_by })
}

/// Whether the log has sealed what was sent. Times may come back in another form of the same moment.
pub(super) fn same_event(sent: &Event, sealed: &Object) -> Result<(), Error> {
    if let Some(name) = sealed.keys().find(|name| sent.get(name).is_none()) {
        return Err(Error::forged(format!("the recorded event has {name:?}, which was not sent")));
    }
    for (name, value) in sent.members() {
        let same = sealed.get(name).is_some_and(|found| found == value || same_time(found, value));
        if !same {
            return Err(Error::forged(format!("{name:?} in the recorded event is not what was sent")));
        }
    }
    Ok(())
}

fn same_time(a: &Value, b: &Value) -> bool {
    let moment = |value: &Value| DateTime::parse(value.as_str()?)?.moment();
    moment(a).is_some_and(|moment_of_a| Some(moment_of_a) == moment(b))
}
