//! What a transcript begins with: the **seeds** of Plonky3 0.8.
//!
//! A STARK is three protocols, one inside the other: the STARK itself hands its openings to an opening
//! argument, and that its low-degree test to FRI. Each one begins by telling the challenger who it is
//! and which shape this run has, before anything of the run. A seed is a string of bytes,
//!
//! ```text
//! 64 bytes   1 | the protocol's name | zeros | the name's length
//! 32 bytes   Keccak-256 of the list of the protocol's steps, in words
//!  4 bytes   the length of the next part
//!            the numbers of the shape that the steps do not show, each with its length before it
//!  1 byte    0x80
//! ```
//!
//! and enters a challenger as elements: its length, then as many bytes as surely fit one at a time. All
//! of it is a function of the shape, which both sides know before there is a proof.
//!
//! ```
//! use zkiln::field::small::{KoalaBear, KoalaBear4};
//! use zkiln::stark::challenger::SerializingChallenger;
//! use zkiln::stark::transcript::{FriShape, observe_seed};
//!
//! let shape = FriShape {
//!     log_arities: vec![3, 2],
//!     log_final_poly_len: 0,
//!     commit_grinding: 0,
//!     query_grinding: 16,
//!     queries: 100,
//!     index_bits: 6,
//!     log_blowup: 1,
//!     max_log_arity: 3,
//! };
//! let mut challenger = SerializingChallenger::<KoalaBear>::new(Vec::new());
//! observe_seed(&mut challenger, &shape.seed::<KoalaBear4>());
//! ```

use core::fmt::{self, Display, Formatter};

use sha3::{Digest, Keccak256};

use super::challenger::Challenger;
use crate::field::small::{ExtensionField, SmallField};

/// What fixes the transcript of a STARK but for its openings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarkShape {
    /// The binary logarithm of the trace's height.
    pub log_height: u32,
    /// The number of the trace's columns.
    pub width: usize,
    /// The number of preprocessed columns.
    pub preprocessed_width: usize,
    /// The number of periodic columns.
    pub periodic_columns: usize,
    /// The number of public values.
    pub public_values: usize,
    /// The number of chunks of the quotient.
    pub quotient_chunks: usize,
    /// Whether constraints read the trace's next row.
    pub next_row: bool,
    /// Whether constraints read the next row of the preprocessed columns.
    pub preprocessed_next_row: bool,
    /// Bits of work before the point outside of the domain is drawn.
    pub ood_grinding: u32,
}

/// What fixes the transcript of an opening argument but for its low-degree test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningShape {
    /// The number of values claimed, for each commitment, each matrix of it and each point that the
    /// matrix is opened at.
    pub claims: Vec<Vec<Vec<usize>>>,
    /// Bits of work before the challenge that combines all claims is drawn.
    pub batch_grinding: u32,
}

/// What fixes the transcript of FRI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriShape {
    /// The binary logarithm of each round's arity.
    pub log_arities: Vec<u32>,
    /// The binary logarithm of the number of coefficients of the final polynomial.
    pub log_final_poly_len: u32,
    /// Bits of work before each round's challenge is drawn.
    pub commit_grinding: u32,
    /// Bits of work before the queries are drawn.
    pub query_grinding: u32,
    /// The number of queries.
    pub queries: u32,
    /// Bits of a query's index: the binary logarithm of the longest codeword's length.
    pub index_bits: u32,
    /// The binary logarithm of a codeword's length over its number of coefficients.
    pub log_blowup: u32,
    /// The binary logarithm of the largest arity a round may have.
    pub max_log_arity: u32,
}

impl StarkShape {
    /// The seed, where challenges are elements of `E`.
    pub fn seed<E: ExtensionField>(&self) -> Vec<u8> {
        let (base, extension) = (Type::base::<E>(), Type::extension::<E>());
        let mut steps = Steps::default();
        steps.push(
            "Atomic Message",
            "trace_commitment",
            "Scalar",
            &Type::Opaque,
        );
        if self.preprocessed_width > 0 {
            steps.push(
                "Atomic Message",
                "preprocessed_commitment",
                "Scalar",
                &Type::Opaque,
            );
        }
        steps.push(
            "Atomic Public",
            "public_values",
            fixed(self.public_values),
            &base,
        );
        steps.push("Atomic Challenge", "alpha", "Scalar", &extension);
        steps.push(
            "Atomic Message",
            "quotient_commitment",
            "Scalar",
            &Type::Opaque,
        );
        steps.push_work("ood_pow", self.ood_grinding, &base);
        steps.push("Atomic Challenge", "zeta", "Scalar", &extension);
        steps.push_inner("opening_argument");

        let numbers = [
            // The committed trace is as high as the trace: nothing is added to hide it.
            self.log_height as usize,
            self.log_height as usize,
            self.width,
            self.preprocessed_width,
            self.periodic_columns,
            self.quotient_chunks,
            usize::from(self.next_row),
            usize::from(self.preprocessed_next_row),
        ];
        seed("p3-uni-stark", &steps, numbers)
    }
}

impl OpeningShape {
    /// The seed, where claims are elements of `E`.
    pub fn seed<E: ExtensionField>(&self) -> Vec<u8> {
        let (base, extension) = (Type::base::<E>(), Type::extension::<E>());
        let mut steps = Steps::default();
        for &width in self.claims.iter().flatten().flatten() {
            steps.push(
                "Atomic Message",
                "claimed_evaluations",
                fixed(width),
                &extension,
            );
        }
        steps.push_work("batch_pow", self.batch_grinding, &base);
        steps.push("Atomic Challenge", "alpha", "Scalar", &extension);
        steps.push_inner("low_degree_test");

        let mut numbers = vec![self.claims.len()];
        for commitment in &self.claims {
            numbers.push(commitment.len());
            numbers.extend(commitment.iter().map(Vec::len));
        }
        seed("p3-fri-pcs", &steps, numbers)
    }
}

impl FriShape {
    /// The seed, where codewords are of elements of `E`.
    pub fn seed<E: ExtensionField>(&self) -> Vec<u8> {
        let (base, extension) = (Type::base::<E>(), Type::extension::<E>());
        let mut steps = Steps::default();
        for _ in &self.log_arities {
            steps.push(
                "Atomic Message",
                "commit_phase_commitment",
                "Scalar",
                &Type::Opaque,
            );
            steps.push_work("commit_pow", self.commit_grinding, &base);
            steps.push("Atomic Challenge", "fold_challenge", "Scalar", &extension);
        }
        let final_poly_len = fixed(1usize << self.log_final_poly_len);
        steps.push("Atomic Message", "final_poly", final_poly_len, &extension);
        steps.push_work("query_pow", self.query_grinding, &base);
        let index = Type::Bits(self.index_bits);
        steps.push(
            "Atomic Challenge",
            "query_indices",
            fixed(self.queries),
            &index,
        );

        let arities = self.log_arities.iter();
        let numbers = [self.log_blowup, self.max_log_arity]
            .into_iter()
            .chain(arities.copied());
        seed("p3-fri", &steps, numbers.map(|number| number as usize))
    }
}

/// Takes a seed in: its length, then its bytes, little-endian, as many at a time as are below the
/// modulus whatever they are.
pub fn observe_seed<F: SmallField, C: Challenger<F>>(challenger: &mut C, seed: &[u8]) {
    challenger.observe(F::from(seed.len() as u64));
    for bytes in seed.chunks((F::BITS as usize - 1) / 8) {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        challenger.observe(F::from(u64::from_le_bytes(word)));
    }
}

fn seed(name: &str, steps: &Steps, numbers: impl IntoIterator<Item = usize>) -> Vec<u8> {
    const ID_LEN: usize = 64;
    let mut seed = vec![0; ID_LEN];
    seed[0] = 1;
    seed[1..=name.len()].copy_from_slice(name.as_bytes());
    seed[ID_LEN - 1] = name.len() as u8;
    seed.extend_from_slice(&Keccak256::digest(steps.to_string()));
    let mut label = Vec::new();
    for number in numbers {
        label.extend_from_slice(&8u32.to_be_bytes());
        label.extend_from_slice(&(number as u64).to_be_bytes());
    }
    seed.extend_from_slice(&(label.len() as u32).to_be_bytes());
    seed.extend_from_slice(&label);
    seed.push(0x80);
    seed
}

fn fixed(number: impl Display) -> String {
    format!("Fixed({number})")
}

/// What a step carries.
enum Type {
    /// What the challenger encodes.
    Opaque,
    /// Nothing: where another protocol begins or ends.
    Marker,
    /// Numbers of so many bits.
    Bits(u32),
    /// Elements with so many coefficients below a modulus, and the Keccak-256 of what the basis is.
    Algebra {
        modulus: u64,
        degree: usize,
        basis: [u8; 32],
    },
}

impl Type {
    fn base<E: ExtensionField>() -> Self {
        Self::algebra::<E>(1, "p3-scalar-basis-v1")
    }

    fn extension<E: ExtensionField>() -> Self {
        let basis = format!("p3-power-basis-v1:X^{}-{}", E::DEGREE, E::W.to_u64());
        Self::algebra::<E>(E::DEGREE, &basis)
    }

    fn algebra<E: ExtensionField>(degree: usize, basis: &str) -> Self {
        Self::Algebra {
            modulus: E::Base::MODULUS,
            degree,
            basis: Keccak256::digest(basis).into(),
        }
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opaque => write!(f, "Opaque"),
            Self::Marker => write!(f, "Marker"),
            Self::Bits(bits) => write!(f, "Bits({bits})"),
            Self::Algebra {
                modulus,
                degree,
                basis,
            } => {
                write!(f, "Algebra({modulus}^{degree};")?;
                basis.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, ")")
            }
        }
    }
}

/// The steps of a protocol, a line of text each.
#[derive(Default)]
struct Steps(Vec<String>);

impl Steps {
    fn push(&mut self, role: &str, label: &str, length: impl Display, values: &Type) {
        let len = label.len();
        self.0
            .push(format!("{role} {len} {label} {length} {values}"));
    }

    /// A step of work, which there is not without work to do.
    fn push_work(&mut self, label: &str, bits: u32, base: &Type) {
        if bits > 0 {
            self.push("Atomic Pow", label, fixed(bits), base);
        }
    }

    /// The place of another protocol, which has a seed of its own.
    fn push_inner(&mut self, label: &str) {
        self.push("Begin Protocol", label, "None", &Type::Marker);
        self.push("End Protocol", label, "None", &Type::Marker);
    }
}

impl Display for Steps {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        writeln!(f, "Plonky3 Fiat-Shamir Transcript ({count} interactions)")?;
        let digits = count.saturating_sub(1).to_string().len();
        let mut lines = self.0.iter().enumerate();
        lines.try_for_each(|(i, step)| writeln!(f, "{i:0digits$} {step}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::small::{Goldilocks2, KoalaBear, KoalaBear4};

    fn shapes() -> (StarkShape, OpeningShape, FriShape) {
        let stark = StarkShape {
            log_height: 9,
            width: 17,
            preprocessed_width: 5,
            periodic_columns: 2,
            public_values: 3,
            quotient_chunks: 4,
            next_row: true,
            preprocessed_next_row: false,
            ood_grinding: 7,
        };
        let openings = OpeningShape {
            claims: vec![vec![vec![17, 17]], vec![vec![4]; 4], vec![vec![5]]],
            batch_grinding: 10,
        };
        let fri = FriShape {
            log_arities: vec![3, 3, 2],
            log_final_poly_len: 2,
            commit_grinding: 5,
            query_grinding: 16,
            queries: 100,
            index_bits: 11,
            log_blowup: 1,
            max_log_arity: 3,
        };
        (stark, openings, fri)
    }

    fn digests<E: ExtensionField>() -> [String; 3] {
        let (stark, openings, fri) = shapes();
        [stark.seed::<E>(), openings.seed::<E>(), fri.seed::<E>()].map(|seed| {
            let digest = Keccak256::digest(seed);
            digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect()
        })
    }

    const KOALABEAR: [&str; 3] = ["f8f2f5b09144fe16", "053c9b5b80d9034d", "fe173f0412c16c19"];
    const GOLDILOCKS: [&str; 3] = ["7cab1fa76b292f12", "fa5eb53d62a8eac4", "d11c81d5ca5ca295"];

    /// The first bytes of the Keccak-256 of the seeds that Plonky3 0.8 makes of these shapes.
    #[test]
    fn seeds_are_those_of_plonky3() {
        assert_eq!(digests::<KoalaBear4>(), KOALABEAR);
        assert_eq!(digests::<Goldilocks2>(), GOLDILOCKS);
    }

    #[test]
    fn a_grouping_changes_the_seed() {
        let (_, openings, _) = shapes();
        let mut other = openings.clone();
        other.claims[0] = vec![vec![17], vec![17]];
        assert_ne!(openings.seed::<KoalaBear4>(), other.seed::<KoalaBear4>());
    }

    #[test]
    fn a_seed_goes_in_three_bytes_at_a_time() {
        let mut direct = crate::stark::challenger::SerializingChallenger::new(Vec::new());
        let mut seeded = direct.clone();
        observe_seed(&mut seeded, &[1, 2, 3, 4]);
        for value in [4, 0x03_02_01, 4] {
            direct.observe(KoalaBear::from(value));
        }
        let (a, b): (KoalaBear, KoalaBear) = (direct.sample(), seeded.sample());
        assert_eq!(a, b);
    }
}
