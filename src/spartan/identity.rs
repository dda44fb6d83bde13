//! What a proof is of: the digest of the matrices and of every parameter.
//!
//! The matrices are digested by SHA3-256 in the encoding that postcard gives provekit's `R1CS`, the scheme by
//! SHA3-512 in the CBOR that ciborium gives its `WhirR1CSScheme`: the protocol's identity, the first thing
//! that the transcript absorbs.

use std::collections::HashMap;

use sha3::{Digest, Sha3_256, Sha3_512};

use super::parameters::{Code, Grinding, Sumcheck, Whir, ZkWhir};
use crate::field::{Field, Fr, PrimeField};
use crate::groth16::Rows;

/// SHA3-256 of "whir::hash" and the object identifier of SHA-256, 2.16.840.1.101.3.4.2.1.
const SHA256_ENGINE: [u8; 32] = [
    0x01, 0x8e, 0xaa, 0x24, 0x7c, 0xb8, 0x95, 0x7a, 0xb1, 0xe9, 0xfd, 0xac, 0x88, 0x54, 0x50, 0x40,
    0x3c, 0x5e, 0x7b, 0xda, 0x1a, 0xca, 0xaa, 0x50, 0x4e, 0x4c, 0xc8, 0xf2, 0xf7, 0x6b, 0xb0, 0x76,
];

/// An integer of seven bits a byte, the lowest first.
fn varint(hasher: &mut Sha3_256, mut value: u64) {
    while value >= 0x80 {
        hasher.update([value as u8 | 0x80]);
        value >>= 7;
    }
    hasher.update([value as u8]);
}

/// The digest of three matrices by rows, whose terms are in the order of columns.
///
/// Coefficients are numbered as they are first met: constraint after constraint, A before B before C.
pub(super) fn digest(matrices: [&Rows; 3], columns: usize, public: usize) -> [u8; 32] {
    let mut distinct = Vec::new();
    let mut known = HashMap::new();
    // By their places in each matrix' own table.
    let mut numbers = matrices.map(|matrix| vec![None; matrix.coefficients().len()]);
    for row in 0..matrices[0].len() {
        for (matrix, numbers) in matrices.into_iter().zip(&mut numbers) {
            for term in matrix.terms_of(row) {
                let place = term.coefficient as usize;
                numbers[place].get_or_insert_with(|| {
                    let coefficient = matrix.coefficients()[place];
                    *known.entry(coefficient).or_insert_with(|| {
                        distinct.push(coefficient);
                        distinct.len() as u64 - 1
                    })
                });
            }
        }
    }
    let mut hasher = Sha3_256::new();
    let hash = &mut hasher;
    varint(hash, public as u64);
    varint(hash, 8 + 32 * distinct.len() as u64);
    hash.update((distinct.len() as u64).to_le_bytes());
    for coefficient in distinct {
        let mut bytes = [0; Fr::BYTES];
        coefficient.write_canonical(&mut bytes);
        hash.update(bytes);
    }
    for (matrix, numbers) in matrices.into_iter().zip(numbers) {
        let rows = matrix.len();
        varint(hash, rows as u64);
        varint(hash, columns as u64);
        varint(hash, rows as u64);
        let mut begin = 0;
        for row in 0..rows {
            varint(hash, begin);
            begin += matrix.terms_of(row).len() as u64;
        }
        varint(hash, begin);
        for row in 0..rows {
            let mut last = 0;
            for term in matrix.terms_of(row) {
                varint(hash, u64::from(term.wire - last));
                last = term.wire;
            }
        }
        varint(hash, begin);
        for term in matrix.terms() {
            let number = numbers[term.coefficient as usize];
            varint(hash, number.expect("each term was met"));
        }
    }
    hasher.finalize().into()
}

/// The numbers of a scheme beside its commitment.
pub(super) struct Scheme<'a> {
    /// Variables of the wires, and of the constraints.
    pub(super) m: usize,
    pub(super) m_0: usize,
    pub(super) wires: usize,
    /// The binary logarithm of A's terms, rounded up.
    pub(super) log_terms: usize,
    pub(super) has_public: bool,
    pub(super) commitment: &'a ZkWhir,
    pub(super) matrices: [u8; 32],
}

impl Scheme<'_> {
    /// The protocol's identity.
    pub(super) fn id(&self) -> [u8; 64] {
        let mut cbor = Cbor(Sha3_512::new());
        cbor.map(9);
        cbor.number("m", self.m);
        cbor.number("w1_size", self.wires);
        cbor.number("m_0", self.m_0);
        cbor.number("a_num_terms", self.log_terms);
        cbor.number("num_challenges", 0);
        cbor.text("challenge_offsets");
        cbor.array(0);
        cbor.flag("has_public_inputs", self.has_public);
        cbor.text("whir_witness");
        cbor.map(2);
        cbor.text("blinded_polynomial");
        cbor.whir(&self.commitment.main);
        cbor.text("blinding_polynomial");
        cbor.whir(&self.commitment.masks);
        cbor.text("r1cs_hash");
        cbor.integers(&self.matrices);
        cbor.0.finalize().into()
    }
}

/// The little of CBOR (RFC 8949) that is needed, into a hash.
struct Cbor(Sha3_512);

impl Cbor {
    /// A major type and its argument in the fewest bytes.
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        match argument {
            0..24 => self.0.update([major | argument as u8]),
            24..0x100 => self.0.update([major | 24, argument as u8]),
            0x100..0x1_0000 => {
                self.0.update([major | 25]);
                self.0.update((argument as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.0.update([major | 26]);
                self.0.update((argument as u32).to_be_bytes());
            }
            _ => {
                self.0.update([major | 27]);
                self.0.update(argument.to_be_bytes());
            }
        }
    }

    fn array(&mut self, len: usize) {
        self.head(4, len as u64);
    }

    fn map(&mut self, len: usize) {
        self.head(5, len as u64);
    }

    fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.0.update(text);
    }

    fn number(&mut self, name: &str, value: usize) {
        self.text(name);
        self.head(0, value as u64);
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.text(name);
        self.0.update([0xf4 | u8::from(value)]);
    }

    /// A float, which a twentieth of a root never holds in fewer bytes than eight.
    fn float(&mut self, name: &str, value: f64) {
        self.text(name);
        self.0.update([0xfb]);
        self.0.update(value.to_be_bytes());
    }

    /// Bytes as an array of integers.
    fn integers(&mut self, bytes: &[u8]) {
        self.array(bytes.len());
        bytes.iter().for_each(|&byte| self.head(0, byte.into()));
    }

    /// The field: its characteristic, big-endian, and its degree.
    fn field(&mut self, name: &str) {
        self.text(name);
        self.map(2);
        self.text("characteristic");
        self.head(2, 32);
        let limbs = Fr::MODULUS.0;
        limbs
            .iter()
            .rev()
            .for_each(|limb| self.0.update(limb.to_be_bytes()));
        self.number("extension_degree", 1);
    }

    fn engine(&mut self, name: &str) {
        self.text(name);
        self.integers(&SHA256_ENGINE);
    }

    fn work(&mut self, name: &str, work: Grinding) {
        self.text(name);
        self.map(2);
        self.engine("hash_id");
        self.text("threshold");
        self.head(0, work.threshold);
    }

    fn code(&mut self, name: &str, code: &Code) {
        self.text(name);
        self.map(10);
        self.text("embedding");
        self.map(2);
        self.text("type");
        self.text("identity");
        self.text("value");
        self.map(1);
        self.field("field");
        self.number("num_vectors", code.vectors);
        self.number("vector_size", code.vector_len);
        self.number("codeword_length", code.codeword_len);
        self.number("interleaving_depth", code.interleaving);
        self.text("matrix_commit");
        self.map(4);
        self.field("element_type");
        self.number("num_cols", code.row_len());
        self.engine("leaf_hash_id");
        self.text("merkle_tree");
        self.map(2);
        self.number("num_leaves", code.codeword_len);
        self.text("layers");
        let layers = code.codeword_len.ilog2() as usize;
        self.array(layers);
        for _ in 0..layers {
            self.map(1);
            self.engine("hash_id");
        }
        self.float("johnson_slack", code.slack);
        self.number("in_domain_samples", code.in_domain);
        self.number("out_domain_samples", code.out_of_domain);
        self.flag("deduplicate_in_domain", false);
    }

    fn sumcheck(&mut self, name: &str, sumcheck: &Sumcheck) {
        self.text(name);
        self.map(4);
        self.field("field");
        self.number("initial_size", sumcheck.initial_len);
        self.work("round_pow", sumcheck.work);
        self.number("num_rounds", sumcheck.rounds);
    }

    fn whir(&mut self, whir: &Whir) {
        self.map(6);
        self.code("initial_committer", &whir.code);
        self.sumcheck("initial_sumcheck", &whir.sumcheck);
        self.work("initial_skip_pow", whir.skip_work);
        self.text("round_configs");
        self.array(whir.rounds.len());
        for round in &whir.rounds {
            self.map(3);
            self.code("irs_committer", &round.code);
            self.sumcheck("sumcheck", &round.sumcheck);
            self.work("pow", round.work);
        }
        self.sumcheck("final_sumcheck", &whir.final_sumcheck);
        self.work("final_pow", whir.final_work);
    }
}
