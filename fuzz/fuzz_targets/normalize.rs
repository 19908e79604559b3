//! Any text: the normaliser neither panics nor changes its mind about its own answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_events::{EventType, MAX_NAME_BYTES, Rule, Vendor, lookup, normalize};

fuzz_target!(|name: &str| {
    let once = normalize(name);
    let twice = normalize(once.event.as_str());
    assert_eq!(once.event, twice.event, "normalising again changes the event");
    assert_eq!(once.recognized, twice.recognized, "normalising again changes whether the name is recognised");

    // What the tables know, another spelling of the separators does not hide.
    if let Some(found) = lookup(name) {
        assert_eq!(found, once);
        assert!(name.trim().len() <= 4 * MAX_NAME_BYTES);
        assert_eq!(lookup(&name.replace('.', "_")).map(|found| found.event), Some(found.event));
    } else {
        assert!(!once.event.is_known() || !name.is_ascii());
    }
    if once.rule == Rule::Exact {
        assert_eq!(once.event, name.trim());
    }

    let parsed = EventType::from(name);
    assert_eq!(parsed.as_str(), name, "reading a name never renames");
    for &vendor in Vendor::ALL {
        let everything = |_: &str, _: &str| true;
        if let Some(found) = vendor.normalize(name, &everything) {
            assert!(found.event.is_known());
        }
    }
    let _ = Vendor::detect(name);
});
