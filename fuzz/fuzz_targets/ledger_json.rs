//! Any bytes as canonical JSON, an envelope, an event or a schema: no panic, and readers, scanner and writer agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_ledger::{
    canonical::{Scan, Value, is_canonical},
    envelope::{EnvelopeView, leaf_hash},
    event::Event,
    schema::Schema,
};

fuzz_target!(|bytes: &[u8]| {
    let parsed = Value::parse(bytes);
    let canonical = parsed.as_ref().is_ok_and(|value| value.to_canonical().as_bytes() == bytes);
    assert_eq!(is_canonical(bytes).is_ok(), canonical);
    if let Ok(value) = &parsed {
        let text = value.to_canonical();
        assert_eq!(Value::parse_canonical(text.as_bytes()).as_ref(), Ok(value));
        if let Ok(schema) = Schema::from_value(value) {
            assert_eq!(Schema::from_value(&schema.to_value()), Ok(schema));
        }
    }
    if let Ok(members) = Scan::object(bytes) {
        members.map_while(Result::ok).for_each(|member| drop(member.string()));
    }
    if let Ok(envelope) = EnvelopeView::read(bytes) {
        assert_eq!(leaf_hash(bytes), Ok(envelope.leaf_hash()));
    }
    if let Ok(event) = Event::parse(bytes) {
        let _ = Schema::standard().admit(event.with_objects_as_text(), "/event", false);
    }
});
