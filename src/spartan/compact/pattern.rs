//! What separates the parts of a transcript: the descriptions of them that Plonky3 0.8's drivers absorb first.
//!
//! A part begins with a seed: a version and a name in 64 bytes, the Keccak-256 of the part's steps, written out
//! as text, and a label with the numbers that the steps do not show.

use std::fmt::Write;

use sha3::{Digest, Keccak256};

use super::parameters::{Code, OUT_OF_DOMAIN, Whir};

/// The modulus' lowest word stands for the field, and a digest for its basis over itself.
fn element() -> String {
    let modulus = <crate::field::Fr as crate::field::PrimeField>::MODULUS.0[0];
    let mut tag = format!("Algebra({modulus}^1;");
    for byte in Keccak256::digest("p3-scalar-basis-v1") {
        write!(tag, "{byte:02x}").expect("memory takes all that is written");
    }
    tag.push(')');
    tag
}

/// A part under description.
struct Part {
    version: u8,
    name: &'static str,
    steps: Vec<String>,
    label: Vec<u8>,
}

impl Part {
    fn new(version: u8, name: &'static str) -> Self {
        Self {
            version,
            name,
            steps: Vec::new(),
            label: Vec::new(),
        }
    }

    fn step(&mut self, what: &str, name: &str, length: &str, tag: &str) {
        let len = name.len();
        self.steps
            .push(format!("{what} {len} {name} {length} {tag}"));
    }

    fn challenge(&mut self, name: &str) {
        self.step("Atomic Challenge", name, "Scalar", &element());
    }

    fn message(&mut self, name: &str, length: &str) {
        self.step("Atomic Message", name, length, &element());
    }

    fn commitment(&mut self) {
        self.step("Atomic Message", "commitment", "Scalar", "Opaque");
    }

    /// Work, and places of rows.
    fn queries(&mut self, work: &str, indices: &str, code: &Code) {
        if code.work > 0 {
            let length = format!("Fixed({})", code.work);
            self.step("Atomic Pow", work, &length, &element());
        }
        if code.draws() > 0 {
            let length = format!("Fixed({})", code.draws());
            let tag = format!("UniformBits({})", code.log_rows());
            self.step("Atomic Challenge", indices, &length, &tag);
        }
    }

    /// A part of its own in between.
    fn bracket(&mut self, name: &str) {
        self.step("Begin Protocol", name, "None", "Marker");
        self.step("End Protocol", name, "None", "Marker");
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let len = bytes.len() as u32;
        self.label.extend_from_slice(&len.to_be_bytes());
        self.label.extend_from_slice(bytes);
    }

    fn numbers(&mut self, numbers: &[usize]) {
        for &number in numbers {
            self.bytes(&(number as u64).to_be_bytes());
        }
    }

    /// One table of one column, stacked with nothing, its last variable folded first.
    fn layout(&mut self, variables: usize) {
        self.numbers(&[variables]);
        self.bytes(&[0]);
        self.bytes(&[1]);
        self.numbers(&[1, variables, 1]);
    }

    fn seed(self) -> Vec<u8> {
        let count = self.steps.len();
        let mut text = format!("Plonky3 Fiat-Shamir Transcript ({count} interactions)\n");
        let width = count.saturating_sub(1).to_string().len();
        for (place, step) in self.steps.iter().enumerate() {
            writeln!(text, "{place:0>width$} {step}").expect("memory takes all that is written");
        }
        let mut id = [0; 64];
        id[0] = self.version;
        id[1..][..self.name.len()].copy_from_slice(self.name.as_bytes());
        id[63] = self.name.len() as u8;
        let mut seed = id.to_vec();
        seed.extend_from_slice(&Keccak256::digest(text));
        seed.extend_from_slice(&(self.label.len() as u32).to_be_bytes());
        seed.extend_from_slice(&self.label);
        seed.push(0x80);
        seed
    }
}

/// Before the first commitment.
pub(super) fn commitment() -> Vec<u8> {
    let mut part = Part::new(1, "p3-sumcheck-layout-commitment");
    part.commitment();
    part.seed()
}

/// Before each evaluation of the committed vector out of the domain.
pub(super) fn out_of_domain(whir: &Whir) -> Vec<u8> {
    let mut part = Part::new(1, "p3-sumcheck-layout-ood");
    part.challenge("virtual_point");
    part.message("virtual_eval", "Scalar");
    part.layout(whir.variables());
    part.seed()
}

/// Before the vector's value at a point that is known.
pub(super) fn opening(whir: &Whir) -> Vec<u8> {
    let mut part = Part::new(1, "p3-sumcheck-layout-opening");
    part.message("current_evals", "Fixed(1)");
    part.layout(whir.variables());
    // The table, its variables, one column, the first, and no shifted one.
    part.numbers(&[0, whir.variables(), 1, 0, 0]);
    part.seed()
}

/// Before the challenge that makes one claim of all.
pub(super) fn batching(whir: &Whir) -> Vec<u8> {
    let mut part = Part::new(1, "p3-sumcheck-layout-batching");
    part.challenge("batching");
    part.layout(whir.variables());
    part.numbers(&[1, OUT_OF_DOMAIN]);
    part.seed()
}

/// Before each run of sumcheck's rounds.
pub(super) fn sumcheck(rounds: usize) -> Vec<u8> {
    let mut part = Part::new(1, "p3-sumcheck-quadratic");
    for _ in 0..rounds {
        part.message("round_poly", "Fixed(2)");
        part.challenge("round_challenge");
    }
    // A polynomial is told by its values at 0 and at infinity.
    part.bytes(&[0]);
    part.seed()
}

/// Before WHIR.
pub(super) fn whir(whir: &Whir) -> Vec<u8> {
    const JOHNSON_BOUND: usize = 1;
    const CONSTANT_FOLDING: usize = 0;
    const NO_WORK: usize = 0;
    let mut part = Part::new(3, "p3-whir");
    part.bracket("initial_fold");
    let (last, others) = whir.codes.split_last().expect("one code at least");
    for code in others {
        part.commitment();
        for _ in 0..OUT_OF_DOMAIN {
            part.challenge("ood_point");
            part.message("ood_answer", "Scalar");
        }
        part.queries("query_pow", "query_indices", code);
        part.challenge("round_batching");
        part.bracket("round_fold");
    }
    part.message("final_poly", &format!("Fixed({})", 1 << whir.last));
    part.queries("final_query_pow", "final_query_indices", last);
    part.bracket("final_fold");

    let first = &whir.codes[0];
    part.numbers(&[first.variables, OUT_OF_DOMAIN, 1, first.columns()]);
    part.numbers(&[whir.level, whir.work, first.log_inverse_rate, JOHNSON_BOUND]);
    part.numbers(&[CONSTANT_FOLDING, first.log_columns]);
    part.numbers(&[first.log_columns, NO_WORK, whir.last, NO_WORK]);
    part.numbers(&[others.len()]);
    for code in &whir.codes[1..] {
        part.numbers(&[code.log_inverse_rate, code.log_columns, NO_WORK]);
    }
    part.seed()
}
