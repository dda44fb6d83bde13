//! What the tests of transparent proofs share, whatever the dialect.

use std::time::Instant;

use rayon::prelude::*;
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::groth16::{R1cs, WireCounts, Witness};
use zkiln::{Fault, Result};

use super::data;

/// A fixture's circuit and witness.
pub fn open(circuit: &str) -> (R1cs, Witness) {
    let folder = data(circuit);
    (
        R1cs::open(folder.join("circuit.r1cs")).unwrap(),
        Witness::open(folder.join("witness.wtns")).unwrap(),
    )
}

pub fn wires(total: usize, outputs: usize) -> WireCounts {
    WireCounts {
        total,
        outputs,
        public_inputs: 0,
        private_inputs: 0,
    }
}

pub fn witness(values: &[u64]) -> Witness {
    Witness::new(values.iter().map(|&value| Int::from_u64(value)).collect()).unwrap()
}

/// `x -> x^2`, so many times, from a public 3; with its wires.
pub fn squares(constraints: usize) -> (R1cs, Witness) {
    let wire = |i: usize| vec![(i as u32, Fr::ONE)];
    let rows = (1..=constraints).map(|i| [wire(i), wire(i), wire(i + 1)]);
    let r1cs = R1cs::new(wires(constraints + 2, 1), rows).unwrap();
    let squares = std::iter::successors(Some(Fr::from_u64(3)), |x| Some(x.square()));
    let squares = squares.take(constraints + 1).map(|x| x.to_canonical());
    let values = std::iter::once(Int::from_u64(1)).chain(squares);
    (r1cs, Witness::new(values.collect()).unwrap())
}

/// Whether a proof is refused, for whatever reason.
pub fn refused(verdict: Result<bool>) -> bool {
    !verdict.unwrap_or(false)
}

/// Why a proof is malformed, if it is.
pub fn fault_of(verdict: Result<bool>) -> Option<Fault> {
    let error = verdict.err()?;
    assert!(error.to_string().starts_with("spartan proof: "), "{error}");
    error.fault()
}

/// Writes `element + r` where an element is.
pub fn add_r(word: &mut [u8]) {
    let element = Fr::read_canonical(word).expect("an element");
    let mut carry = 0;
    let limbs = element.to_canonical().0;
    for ((chunk, limb), r) in word.chunks_mut(8).zip(limbs).zip(Fr::MODULUS.0) {
        let sum = u128::from(limb) + u128::from(r) + carry;
        chunk.copy_from_slice(&(sum as u64).to_le_bytes());
        carry = sum >> 64;
    }
    assert_eq!(carry, 0);
}

/// A way to change a proof at a place.
struct Mutation {
    name: &'static str,
    /// What its places are multiples of, in bytes.
    unit: usize,
    /// The bytes that must follow.
    needs: usize,
    change: fn(&mut Vec<u8>, usize),
}

/// An element or a digest.
const WORD: usize = 32;
/// Counts and nonces have as many bytes, so that every word begins at a multiple.
const UNIT: usize = 8;

const MUTATIONS: [Mutation; 6] = [
    Mutation {
        name: "a bit flipped",
        unit: 1,
        needs: 1,
        change: |bytes, at| bytes[at] ^= 1 << (at % 8),
    },
    Mutation {
        name: "all from there on cut off",
        unit: 1,
        needs: 1,
        change: Vec::truncate,
    },
    Mutation {
        name: "two words swapped",
        unit: UNIT,
        needs: 2 * WORD,
        change: |bytes, at| bytes[at..][..2 * WORD].rotate_left(WORD),
    },
    Mutation {
        name: "a word dropped",
        unit: UNIT,
        needs: WORD,
        change: |bytes, at| drop(bytes.drain(at..at + WORD)),
    },
    Mutation {
        name: "a word doubled",
        unit: UNIT,
        needs: WORD,
        change: |bytes, at| {
            let word = bytes[at..][..WORD].to_vec();
            bytes.splice(at..at, word);
        },
    },
    Mutation {
        name: "a word repeated at the end",
        unit: UNIT,
        needs: WORD,
        change: |bytes, at| bytes.extend_from_within(at..at + WORD),
    },
];

/// Changes a part of a valid proof at every `step`th byte, in each of several ways, of which the verifier must accept
/// none.
pub fn mutate(
    part: &str,
    bytes: &[u8],
    step: usize,
    verify: impl Fn(Vec<u8>) -> Result<bool> + Sync,
) {
    assert!(verify(bytes.to_vec()).unwrap(), "it is a valid proof's");
    for mutation in &MUTATIONS {
        let begin = Instant::now();
        let places =
            (0..=bytes.len() - mutation.needs).step_by(step.next_multiple_of(mutation.unit));
        let places: Vec<usize> = places.collect();
        let count = places.len();
        let accepts = |&at: &usize| {
            let mut changed = bytes.to_vec();
            (mutation.change)(&mut changed, at);
            // Equal words may change places.
            changed != bytes && !refused(verify(changed))
        };
        let accepted: Vec<usize> = places.into_par_iter().filter(accepts).collect();
        let name = mutation.name;
        assert_eq!(
            accepted, [0; 0],
            "{part} with {name}: accepted at these bytes"
        );
        let (len, seconds) = (bytes.len(), begin.elapsed().as_secs());
        println!("{part} of {len} bytes with {name}, {count} times: refused, {seconds} s");
    }
}
