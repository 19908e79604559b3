//! Any bytes as the files of a bundle: no panic, and nothing that was not signed is verified.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litesoc_ledger::{
    bundle::{Bundle, Manifest, Signatures, Trust, verify},
    policy::Policy,
};

fuzz_target!(|files: (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>)| {
    let (manifest, checkpoint, entries, envelopes, pangea) = files;
    if let Ok(read) = Manifest::parse(&manifest) {
        assert_eq!(Manifest::parse(read.to_json().as_bytes()), Ok(read));
    }
    let bundle = Bundle::new(&manifest, &checkpoint, &entries, &envelopes).with_pangea(&pangea);
    let policy = Policy::parse(b"quorum none\n").expect("a policy without logs");
    assert!(verify(&bundle, Trust::Policy(&policy), &Signatures::Skip).is_err());
    let _ = verify(&bundle, Trust::Embedded, &Signatures::Skip);
});
