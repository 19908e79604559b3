//! Any bytes as a snapshot of a detector: an error, or a detector whose own snapshot is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_detect::{Detector, Settings};
use sha2::{Digest, Sha256};

fuzz_target!(|frames: &[u8]| {
    let _ = Detector::restore(Settings::default(), &mut &frames[..]);
    // With a header and a checksum that fit, so that what lies between them is read.
    let mut empty = Vec::new();
    let fresh = Detector::new(Settings::default()).expect("the defaults are valid");
    fresh.snapshot(&mut empty).expect("memory can be written");
    let mut bytes = [&empty[..9], frames, &[0; 4]].concat();
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    if let Ok(detector) = Detector::restore(Settings::default(), &mut &bytes[..]) {
        let mut again = Vec::new();
        detector.snapshot(&mut again).expect("memory can be written");
        Detector::restore(Settings::default(), &mut &again[..]).expect("our own snapshot");
    }
});
