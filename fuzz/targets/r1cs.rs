//! Any bytes as a constraint system; it is evaluated on a witness that fits, and what is read is
//! written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::field::Int;
use zkiln::groth16::{R1cs, Witness};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(r1cs) = R1cs::from_bytes(bytes, "fuzz") {
        // 1, 2, 3, ...: no two wires alike.
        let values = (1..=r1cs.wires().total as u64).map(Int::from_u64).collect();
        let witness = Witness::new(values).expect("small values after a one");
        let first = r1cs
            .first_unsatisfied(&witness)
            .expect("a witness that fits");
        assert!(first.is_none_or(|i| i < r1cs.n_constraints()));

        let again = R1cs::from_bytes(&r1cs.to_bytes(), "written");
        assert_eq!(again.expect("what is written can be read"), r1cs);
    }
});
