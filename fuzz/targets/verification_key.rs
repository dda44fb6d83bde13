//! A verification key from a stranger: read or refused, and what is read can be used.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::groth16::{PreparedVerifyingKey, VerifyingKey};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = VerifyingKey::from_json(text, "fuzz") {
        assert_eq!(
            VerifyingKey::from_json(&key.to_json(), "fuzz").unwrap(),
            key
        );
        key.check("fuzz").unwrap();
        let is_secure = key.weakness().is_none();
        assert_eq!(PreparedVerifyingKey::new(&key).is_ok(), is_secure);
        assert_eq!(key.to_solidity().is_ok(), is_secure);
    }
});
