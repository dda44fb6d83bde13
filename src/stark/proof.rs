//! Proofs: what Plonky3's `p3_uni_stark::Proof` over a two-adic FRI without zero knowledge holds.

use core::fmt;

use super::config::{Digest, StarkConfig};
use super::wire::{Encode, Reader};
use crate::{Fault, Result};

/// A proof that some trace satisfies the constraints.
///
/// It carries no lengths, indices or heights that a verifier would have to believe: all of them follow
/// from the parameters and the constraints, and must be as they say.
pub struct Proof<C: StarkConfig> {
    /// What the prover committed to.
    pub commitments: Commitments<Digest<C>>,
    /// The committed columns at the point outside of the domain.
    pub opened: Opened<C::Challenge>,
    /// That the opened values are those of the committed columns.
    pub fri: FriProof<C::Val, C::Challenge, Digest<C>>,
    /// The binary logarithm of the height of the trace.
    pub degree_bits: u32,
    /// The work before the point outside of the domain is drawn; zero if none is asked for.
    pub ood_witness: C::Val,
}

/// Caps of the Merkle trees of the prover's matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitments<D> {
    /// Of the trace.
    pub trace: Vec<D>,
    /// Of the chunks of the quotient.
    pub quotient: Vec<D>,
}

/// Values at the point outside of the domain, `zeta`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<E> {
    /// The columns of the trace.
    pub trace: OpenedRows<E>,
    /// The preprocessed columns, if there are any.
    pub preprocessed: Option<OpenedRows<E>>,
    /// For each chunk of the quotient the values of the columns it was committed to as, one for each
    /// coefficient of an extension's element.
    pub quotient: Vec<Vec<E>>,
}

/// The columns of a matrix at `zeta` and at the point of the next row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRows<E> {
    /// At `zeta`.
    pub local: Vec<E>,
    /// At `zeta` times the generator of the trace's domain, if some constraint reads a next row.
    pub next: Option<Vec<E>>,
}

/// A proof of proximity that holds for all opened values at once. `F` is the base field, `E` the
/// extension, `D` a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriProof<F, E, D> {
    /// The work before the challenge that batches the opened values.
    pub batch_witness: F,
    /// The cap of each round's codeword.
    pub commit_caps: Vec<Vec<D>>,
    /// The work before each round's challenge.
    pub commit_witnesses: Vec<F>,
    /// Openings of the committed matrices: trace, quotient, preprocessed.
    pub input_openings: Vec<InputOpening<F, D>>,
    /// Openings of the rounds' codewords.
    pub folding_openings: Vec<FoldingOpening<E, D>>,
    /// The coefficients of the last codeword's polynomial, that of `1` first.
    pub final_poly: Vec<E>,
    /// The work before the queries are drawn.
    pub query_witness: F,
}

/// All queries' rows of the matrices under one commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputOpening<F, D> {
    /// For each query and each matrix its row.
    pub rows: Vec<Vec<Vec<F>>>,
    /// The digests that all queries' paths need and do not yield themselves.
    pub siblings: Vec<D>,
}

/// All queries' rows of one round's codeword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldingOpening<E, D> {
    /// For each query the values of its row but the one that follows from the round before.
    pub values: Vec<Vec<E>>,
    /// The digests that all queries' paths need and do not yield themselves.
    pub siblings: Vec<D>,
}

impl<C: StarkConfig> Proof<C> {
    /// The bytes that `postcard` makes of Plonky3's proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// Reads a proof. What is read has exactly these bytes; lengths are bounded by the bytes that are
    /// there, and are otherwise up to the [verifier](super::verify::Verifier).
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed) for anything else: elements that are not reduced,
    /// numbers longer than need be, too few or too many bytes, parts of proofs of zero knowledge.
    pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<Self> {
        let mut reader = Reader::new(bytes, origin);
        let proof = Self::decode(&mut reader)?;
        reader.end()?;
        Ok(proof)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.commitments.trace.encode(out);
        self.commitments.quotient.encode(out);
        ABSENT.encode(out);
        self.opened.trace.local.encode(out);
        self.opened.trace.next.encode(out);
        match &self.opened.preprocessed {
            None => {
                ABSENT.encode(out);
                ABSENT.encode(out);
            }
            Some(rows) => {
                out.push(1);
                rows.local.encode(out);
                rows.next.encode(out);
            }
        }
        self.opened.quotient.encode(out);
        ABSENT.encode(out);
        let fri = &self.fri;
        fri.batch_witness.encode(out);
        fri.commit_caps.encode(out);
        fri.commit_witnesses.encode(out);
        fri.input_openings.encode(out);
        fri.folding_openings.encode(out);
        fri.final_poly.encode(out);
        fri.query_witness.encode(out);
        u64::from(self.degree_bits).encode(out);
        self.ood_witness.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let commitments = Commitments {
            trace: input.read("trace commitment")?,
            quotient: input.read("quotient commitment")?,
        };
        absent(input, "random commitment")?;
        let opened = Opened {
            trace: OpenedRows {
                local: input.read("opened trace row")?,
                next: input.read("opened next trace row")?,
            },
            preprocessed: {
                let local = input.read("opened preprocessed row")?;
                let next = input.read("opened next preprocessed row")?;
                match (local, next) {
                    (None, None) => None,
                    (Some(local), next) => Some(OpenedRows { local, next }),
                    (None, Some(_)) => {
                        return Err(input.error(Fault::Value, "a next row without a row"));
                    }
                }
            },
            quotient: input.read("opened quotient")?,
        };
        absent(input, "opened random row")?;
        let fri = FriProof {
            batch_witness: input.read("batch witness")?,
            commit_caps: input.read("commitments of rounds")?,
            commit_witnesses: input.read("witnesses of rounds")?,
            input_openings: input.read("openings of inputs")?,
            folding_openings: input.read("openings of rounds")?,
            final_poly: input.read("final polynomial")?,
            query_witness: input.read("query witness")?,
        };
        let degree_bits: u64 = input.read("degree")?;
        let degree_bits = u32::try_from(degree_bits)
            .map_err(|_| input.error(Fault::Domain, format!("a trace of 2^{degree_bits} rows")))?;
        Ok(Self {
            commitments,
            opened,
            fri,
            degree_bits,
            ood_witness: input.read("witness of the point outside")?,
        })
    }
}

/// The place of what only proofs of zero knowledge have.
const ABSENT: Option<u64> = None;

fn absent(input: &mut Reader<'_>, section: &'static str) -> Result<()> {
    match input.read::<Tag>(section)? {
        Tag(0) => Ok(()),
        _ => Err(input.error(Fault::Version, "proofs of zero knowledge are not supported")),
    }
}

/// A byte.
struct Tag(u8);

impl Encode for Tag {
    const MIN_BYTES: usize = 1;
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        input.bytes().map(|[byte]| Self(byte))
    }
}

impl<F: Encode, D: Encode> Encode for InputOpening<F, D> {
    const MIN_BYTES: usize = 2;

    fn encode(&self, out: &mut Vec<u8>) {
        self.rows.encode(out);
        self.siblings.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            rows: Encode::decode(input)?,
            siblings: Encode::decode(input)?,
        })
    }
}

impl<E: Encode, D: Encode> Encode for FoldingOpening<E, D> {
    const MIN_BYTES: usize = 2;

    fn encode(&self, out: &mut Vec<u8>) {
        self.values.encode(out);
        self.siblings.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            values: Encode::decode(input)?,
            siblings: Encode::decode(input)?,
        })
    }
}

// By hand, for derived ones would ask the same of the configuration.
impl<C: StarkConfig> Clone for Proof<C> {
    fn clone(&self) -> Self {
        Self {
            commitments: self.commitments.clone(),
            opened: self.opened.clone(),
            fri: self.fri.clone(),
            ..*self
        }
    }
}
impl<C: StarkConfig> PartialEq for Proof<C> {
    fn eq(&self, other: &Self) -> bool {
        self.commitments == other.commitments
            && self.opened == other.opened
            && self.fri == other.fri
            && self.degree_bits == other.degree_bits
            && self.ood_witness == other.ood_witness
    }
}
impl<C: StarkConfig> Eq for Proof<C> {}
impl<C: StarkConfig> fmt::Debug for Proof<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof")
            .field("commitments", &self.commitments)
            .field("opened", &self.opened)
            .field("fri", &self.fri)
            .field("degree_bits", &self.degree_bits)
            .field("ood_witness", &self.ood_witness)
            .finish()
    }
}
