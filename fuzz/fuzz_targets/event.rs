//! Any texts and any metadata in an outgoing event: what is written is JSON, and means what was given.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_model::{Event, is_secret_key};
use serde_json::Value;

fuzz_target!(|input: (String, String, Vec<(String, String)>, u8)| {
    let (name, actor, pairs, removed) = input;
    let mut event = Event::new(name.as_str()).actor(&actor).email(&actor);
    for (key, text) in &pairs {
        event = match serde_json::from_str::<Value>(text) {
            Ok(tree) => event.metadata(key, tree),
            Err(_) => event.metadata(key, text),
        };
    }
    let _ = event.check();
    let written: Value = serde_json::from_str(&event.to_json()).expect("an event is JSON");
    assert_eq!(written["event"], name);
    for (key, _) in &pairs {
        if is_secret_key(key) && event.metadata_value(key).is_some() {
            assert_eq!(written["metadata"][key.as_str()], "[REDACTED]");
        }
    }
    event.redact_metadata(&|key| key.len() % 2 == 1);
    if let Some((key, _)) = pairs.get(usize::from(removed)) {
        event.remove_metadata(key);
        assert_eq!(event.metadata_value(key), None);
    }
    serde_json::from_str::<Value>(&event.to_json()).expect("it still is after redaction and removal");
});
