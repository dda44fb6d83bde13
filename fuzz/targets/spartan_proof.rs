//! Any bytes as Spartan proofs of both dialects: read or refused, what is read has one spelling, and nothing is
//! accepted but the proofs that are known.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use zkiln::field::{Fr, Int};
use zkiln::groth16::{R1cs, Witness};
use zkiln::spartan::{self, compact};

/// `c = a b`, for a public `c`.
static PRODUCT: LazyLock<R1cs> = LazyLock::new(|| {
    let bytes = include_bytes!("../../tests/data/multiplier/circuit.r1cs");
    R1cs::from_bytes(bytes, "multiplier").expect("a circuit")
});

/// The circuit in a dialect that has little work to do and a round between two codes, with the one proof of it
/// that is known: `compact` has no other of this witness.
static COMPACT: LazyLock<(compact::Circuit, Vec<u8>)> = LazyLock::new(|| {
    let mut parameters = compact::Parameters::default();
    parameters.security_bits = 80;
    parameters.work_bits = 4;
    parameters.log_inverse_rate = 6;
    parameters.log_folding = 3;
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

/// The proof in the other dialect that is known.
const PROVEKIT: &[u8] = include_bytes!("../../tests/data/multiplier/provekit.proof");

/// A proof as the fuzzer has it: an edit of a known one, which is too long to be found. A place, whose highest bit
/// says of which dialect, how many bytes are cut there, and what is put there instead.
fn edited(edit: &[u8]) -> Option<Vec<u8>> {
    let (place, rest) = edit.split_first_chunk::<4>()?;
    let (cut, put) = rest.split_first()?;
    let place = u32::from_le_bytes(*place);
    let known = match place >> 31 {
        0 => &COMPACT.1,
        _ => PROVEKIT,
    };
    let place = (place & (u32::MAX >> 1)) as usize % known.len();
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
        let accepted = SPARTAN.verify(&signal, &proof).unwrap_or(false);
        assert_eq!(accepted, data == PROVEKIT);
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    if let Some(edited) = edited(data) {
        check(&edited);
    }
});
