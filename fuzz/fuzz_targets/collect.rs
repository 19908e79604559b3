//! Any body of a request that brings events: no panic, and what is accepted is within the limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_model::{CollectRequest, ErrorBody, MAX_BATCH, MAX_METADATA_BYTES, Timestamp};
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let request = match CollectRequest::parse(body) {
        Ok(request) => request,
        Err(error) => {
            assert!(!ErrorBody::from(&error).message.is_empty());
            return;
        }
    };
    assert!((1..=MAX_BATCH).contains(&request.items.len()));
    for (index, item) in request.items.into_iter().enumerate() {
        match item {
            Ok(mut event) => {
                assert!(!event.name.trim().is_empty() && event.name.len() <= 128);
                let metadata: Value = serde_json::from_str(&event.metadata).expect("metadata is JSON");
                assert!(metadata.is_object());
                assert!(event.metadata.len() <= MAX_METADATA_BYTES + 16 * 1_024, "what is added is bounded");
                event.add_metadata("unrecognized_format", &true);
                serde_json::from_str::<Value>(&event.metadata).expect("it still is after an addition");
                let _ = event.event_time(Timestamp::UNIX_EPOCH);
            }
            Err(error) => assert_eq!(error.index, index),
        }
    }
});
