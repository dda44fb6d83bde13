//! Any bytes as a witness; what is read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::groth16::Witness;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(witness) = Witness::from_bytes(bytes, "fuzz") {
        let again = Witness::from_bytes(&witness.to_bytes(), "written");
        assert_eq!(again.expect("what is written can be read"), witness);
        assert_eq!(Witness::new(witness.values().to_vec()).ok(), Some(witness));
    }
});
