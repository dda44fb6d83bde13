//! Any bytes as Spartan proofs of both dialects: read or refused, what is read has one spelling, and nothing is
//! accepted but the proofs that are known.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use zkiln::field::{Fr, Int};
use zkiln::groth16::{R1cs, WireCounts, Witness};
use zkiln::spartan::{self, compact};

/// `c = a b`, for a public `c`.
static PRODUCT: LazyLock<R1cs> = LazyLock::new(|| {
    let wires = WireCounts {
        total: 4,
        outputs: 1,
        public_inputs: 0,
        private_inputs: 2,
    };
    let product = [2, 3, 1].map(|wire| vec![(wire, Fr::from(1))]);
    R1cs::new(wires, [product]).expect("a circuit")
});

/// The circuit in a dialect that has little work to do, with the one proof of it that is known: `compact` has no
/// other of this witness.
static COMPACT: LazyLock<(compact::Circuit, Vec<u8>)> = LazyLock::new(|| {
    let mut parameters = compact::Parameters::default();
    parameters.security_bits = 80;
    parameters.work_bits = 4;
    parameters.log_inverse_rate = 6;
    let circuit = compact::Circuit::new(&PRODUCT, parameters).expect("sound");
    let witness = [1, 33, 3, 11].map(Int::from_u64).to_vec();
    let witness = Witness::new(witness).expect("below r");
    let (proof, _) = circuit.prove(&witness).expect("satisfied");
    (circuit, proof.to_bytes())
});

static SPARTAN: LazyLock<spartan::Circuit> = LazyLock::new(|| {
    let parameters = spartan::Parameters::default();
    spartan::Circuit::new(&PRODUCT, parameters).expect("sound")
});

/// A proof as the fuzzer has it: an edit of the known one, which is too long to be found. A place, how many bytes
/// are cut there, and what is put there instead.
fn edited(known: &[u8], edit: &[u8]) -> Option<Vec<u8>> {
    let (place, rest) = edit.split_first_chunk::<4>()?;
    let (cut, put) = rest.split_first()?;
    let place = u32::from_le_bytes(*place) as usize % known.len();
    let end = known.len().min(place + usize::from(*cut));
    Some([&known[..place], put, &known[end..]].concat())
}

fn check(data: &[u8]) {
    let signal = [Fr::from(33)];
    let (circuit, known) = &*COMPACT;
    if let Ok(proof) = compact::Proof::from_bytes(data) {
        assert_eq!(proof.to_bytes(), data);
        let accepted = circuit.verify(&signal, &proof).unwrap_or(false);
        assert_eq!(accepted, data == known);
    }
    if let Ok(proof) = spartan::Proof::from_bytes(data) {
        assert_eq!(proof.to_bytes(), data);
        // No proof of it with these lengths is ever put in here.
        assert!(!SPARTAN.verify(&signal, &proof).unwrap_or(false));
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    if let Some(edited) = edited(&COMPACT.1, data) {
        check(&edited);
    }
});
