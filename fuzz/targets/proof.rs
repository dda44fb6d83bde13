//! A proof from a stranger, as JSON and in every binary encoding: read or refused, and what is read
//! has one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::groth16::{Encoding, Proof, PublicInputs};

const ENCODINGS: [Encoding; 5] = [
    Encoding::Arkworks,
    Encoding::ArkworksUncompressed,
    Encoding::Gnark,
    Encoding::GnarkRaw,
    Encoding::Evm,
];

fuzz_target!(|data: &[u8]| {
    for encoding in ENCODINGS {
        if let Ok(proof) = Proof::from_bytes(data, encoding, "fuzz") {
            assert!(proof.is_well_formed());
            assert_eq!(proof.to_bytes(encoding), data);
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(proof) = Proof::from_json(text, "fuzz") {
        assert!(proof.is_well_formed());
        assert_eq!(Proof::from_json(&proof.to_json(), "fuzz").unwrap(), proof);
    }
    if let Ok(public) = PublicInputs::from_json(text, "fuzz") {
        let again = PublicInputs::from_json(&public.to_json(), "fuzz").unwrap();
        assert_eq!(again, public);
    }
});
