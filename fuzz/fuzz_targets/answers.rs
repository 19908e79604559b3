//! Any bytes where a client expects an answer: no panic, messages stay short, rows survive being written and read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_model::{
    Alert, AlertUpdate, AlertUpdated, CollectResponse, ErrorBody, EventRecord, Health, Page, Record, RetryAfter, Single,
    Timestamp,
};

fuzz_target!(|body: &[u8]| {
    let message = ErrorBody::decode(body).message;
    assert!(!message.is_empty() && message.chars().count() <= 301 && !message.chars().any(char::is_control));
    let _ = CollectResponse::read(http::StatusCode::OK, body);
    let _ = (Single::<EventRecord>::decode(body), Single::<Alert>::decode(body));
    let _ = (AlertUpdate::parse(body, None), AlertUpdated::decode(body), Health::decode(body));
    if let Ok(page) = Page::<EventRecord>::decode(body) {
        for row in &page.data {
            let json = serde_json::to_string(row).expect("a record is JSON");
            assert_eq!(EventRecord::from_json(&json).expect("what is written is read").id, row.id);
        }
        let _ = page.has_more();
    }
    if let Ok(page) = Page::<Alert>::decode(body) {
        for row in &page.data {
            let json = serde_json::to_string(row).expect("an alert is JSON");
            assert_eq!(Alert::from_json(&json).expect("what is written is read").id, row.id);
        }
    }
    if let Ok(text) = str::from_utf8(body) {
        let _ = (text.parse::<Timestamp>(), RetryAfter::parse(text, Timestamp::UNIX_EPOCH));
    }
});
