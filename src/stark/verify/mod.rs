//! Verification of proofs, which are hostile input.
//!
//! What a proof must look like follows from the constraints and the parameters alone: first every length
//! in it is compared with what it must be, then the transcript is replayed, then the values are checked.
//! Nothing here is shared with the prover but what both must agree on.

mod fri;
mod openings;
mod shape;

use super::air::{PointRow, Program, Selectors};
use super::challenger::{Challenger, ObserveDigests};
use super::config::{Digest, StarkConfig};
use super::parameters::Parameters;
use super::proof::{OpenedRows, Proof};
use super::security::{Instance, Security};
use super::transcript::{StarkShape, observe_seed};
use crate::field::Field;
use crate::field::small::{ExtensionField, SmallField};
use crate::merkle::Dimensions;
use crate::{Error, Fault, Result};
use openings::{Claim, Matrix};

/// What proofs of one statement are verified against: constraints, height, preprocessed columns and
/// parameters.
#[derive(Clone, Debug)]
pub struct Verifier<C: StarkConfig> {
    config: C,
    parameters: Parameters,
    program: Program<C::Val>,
    log_height: u32,
    preprocessed: Option<Vec<Digest<C>>>,
    log_quotient_chunks: u32,
    /// The binary logarithm of each round's arity.
    schedule: Vec<u32>,
}

impl<C: StarkConfig> Verifier<C> {
    /// A verifier of proofs that some trace of `2^log_height` rows satisfies the constraints, with the
    /// preprocessed columns, if there are any, that `preprocessed` is the cap of.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters that are [not sound](Parameters::check) for this, for a period
    /// longer than the trace, and for a cap of another length than the parameters say, without columns, or
    /// missing.
    pub fn new(
        config: C,
        parameters: Parameters,
        program: Program<C::Val>,
        log_height: u32,
        preprocessed: Option<Vec<Digest<C>>>,
    ) -> Result<Self> {
        // The height first: what follows takes it for one of the field's domains.
        parameters.check::<C::Val>(log_height, 0)?;
        let log_quotient_chunks = program.log_quotient_chunks(log_height);
        parameters.check::<C::Val>(log_height, log_quotient_chunks)?;
        let periods = &program.shape().periodic;
        if let Some(period) = periods.iter().find(|period| period.len() >> log_height > 1) {
            return Err(Error::Argument(format!(
                "a period of {} rows in a trace of 2^{log_height}",
                period.len()
            )));
        }
        let columns = program.shape().preprocessed_width;
        let cap = preprocessed.as_ref().map_or(0, Vec::len);
        if cap != usize::from(columns > 0) << parameters.cap_height {
            return Err(Error::Argument(format!(
                "a cap of {cap} nodes for {columns} preprocessed columns and caps of height {}",
                parameters.cap_height
            )));
        }
        Ok(Self {
            config,
            parameters,
            program,
            log_height,
            preprocessed: preprocessed.filter(|_| columns > 0),
            log_quotient_chunks,
            schedule: parameters.folding_schedule(log_height),
        })
    }

    /// The constraints.
    pub fn program(&self) -> &Program<C::Val> {
        &self.program
    }

    /// The parameters.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The binary logarithm of the number of a trace's rows.
    pub fn log_height(&self) -> u32 {
        self.log_height
    }

    /// The cap of the preprocessed columns, if there are any.
    pub fn preprocessed(&self) -> Option<&[Digest<C>]> {
        self.preprocessed.as_deref()
    }

    /// How many bits of security a proof has that is accepted.
    pub fn security(&self) -> Security {
        Instance::new::<C>(&self.program, self.log_height).security(&self.parameters)
    }

    /// Checks that `proof` proves the constraints with these public values.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the failing check for a proof that does not, with
    /// [`Fault::Count`] if it has not even the shape of one; [`Error::PublicInputs`] for another
    /// number of public values than the constraints read.
    pub fn verify(&self, proof: &Proof<C>, public_values: &[C::Val]) -> Result<()> {
        let expected = self.program.shape().public_values;
        if public_values.len() != expected {
            return Err(Error::PublicInputs(format!(
                "{} values, where the constraints read {expected}",
                public_values.len()
            )));
        }
        self.check_shape(proof)?;

        let mut challenger = self.config.challenger();
        observe_seed(&mut challenger, &self.shape().seed::<C::Challenge>());
        challenger.observe_cap(&proof.commitments.trace);
        if let Some(cap) = &self.preprocessed {
            challenger.observe_cap(cap);
        }
        challenger.observe_slice(public_values);
        let alpha: C::Challenge = challenger.sample_extension();
        challenger.observe_cap(&proof.commitments.quotient);
        let bits = self.parameters.ood_grinding;
        check_work(
            &mut challenger,
            bits,
            proof.ood_witness,
            "the point outside",
        )?;
        let zeta: C::Challenge = challenger.sample_extension();

        self.check_constraints(proof, public_values, alpha, zeta)?;
        self.check_openings(&self.claims(proof, zeta), proof, challenger)
    }

    /// The constraints, combined by `alpha`, are the quotient times the vanishing polynomial at `zeta`.
    fn check_constraints(
        &self,
        proof: &Proof<C>,
        public_values: &[C::Val],
        alpha: C::Challenge,
        zeta: C::Challenge,
    ) -> Result<()> {
        let selectors = Selectors::at(zeta, self.log_height)
            .ok_or_else(|| invalid("constraints", "the point outside of the domain is in it"))?;
        let opened = &proof.opened;
        let next = |rows: &'_ OpenedRows<C::Challenge>| rows.next.clone().unwrap_or_default();
        let main_next = next(&opened.trace);
        let preprocessed_next = opened.preprocessed.as_ref().map_or(Vec::new(), next);
        let row = PointRow {
            main: &opened.trace.local,
            main_next: &main_next,
            preprocessed: opened.preprocessed.as_ref().map_or(&[], |rows| &rows.local),
            preprocessed_next: &preprocessed_next,
            periodic: &self.program.periodic_at(self.log_height, zeta)?,
            public_values,
            selectors,
        };
        let combined = self.program.fold_at(&row, alpha)?;
        if combined * selectors.inverse_vanishing != self.quotient_at(&opened.quotient, zeta) {
            return Err(invalid(
                "constraints",
                "they are not the quotient times the vanishing polynomial",
            ));
        }
        Ok(())
    }

    /// The quotient at `zeta` from its chunks there. Chunk `i` of `c` is the polynomial with the values
    /// of the quotient on the coset `g w^i H` of the trace's domain `H` of `n` elements, `w` of order
    /// `c n`. The polynomial that is one on that coset and zero on the others is, in `y = x^n`, that of
    /// Lagrange at `g^n w^(i n)` among the points `g^n w^(j n)`, which are the roots of
    /// `y^c = g^(n c)`.
    fn quotient_at(&self, chunks: &[Vec<C::Challenge>], zeta: C::Challenge) -> C::Challenge {
        let power = |x: C::Challenge| (0..self.log_height).fold(x, |x, _| x.square());
        let y = power(zeta);
        let root =
            C::Val::root_of_unity(self.log_quotient_chunks).expect("of the codewords' order");
        let first = (0..self.log_height).fold(C::Val::GENERATOR, |x, _| x.square());
        let points: Vec<C::Val> = core::iter::successors(Some(first), |&point| Some(point * root))
            .take(chunks.len())
            .collect();
        let mut quotient = C::Challenge::ZERO;
        for (i, chunk) in chunks.iter().enumerate() {
            let mut lagrange = C::Challenge::ONE;
            let mut scale = C::Val::ONE;
            for (j, &other) in points.iter().enumerate() {
                if i != j {
                    lagrange *= y - C::Challenge::from(other);
                    scale *= points[i] - other;
                }
            }
            let scale = scale.inverse().expect("the points are different");
            quotient += lagrange * scale * from_columns(chunk);
        }
        quotient
    }

    /// What is to be opened: everything that is committed to, in the protocol's order.
    fn claims<'a>(&'a self, proof: &'a Proof<C>, zeta: C::Challenge) -> Vec<Claim<'a, C>> {
        let generator = C::Val::root_of_unity(self.log_height).expect("of the codewords' order");
        let next = zeta * generator;
        let rows = |rows: &'a OpenedRows<C::Challenge>| {
            let mut points = vec![(zeta, rows.local.as_slice())];
            points.extend(rows.next.as_ref().map(|values| (next, values.as_slice())));
            Matrix { points }
        };
        let opened = &proof.opened;
        let mut claims = vec![
            Claim {
                name: "opening of the trace",
                cap: &proof.commitments.trace,
                matrices: vec![rows(&opened.trace)],
            },
            Claim {
                name: "opening of the quotient",
                cap: &proof.commitments.quotient,
                matrices: opened
                    .quotient
                    .iter()
                    .map(|chunk| Matrix {
                        points: vec![(zeta, chunk)],
                    })
                    .collect(),
            },
        ];
        if let (Some(cap), Some(values)) = (&self.preprocessed, &opened.preprocessed) {
            claims.push(Claim {
                name: "opening of the preprocessed columns",
                cap,
                matrices: vec![rows(values)],
            });
        }
        claims
    }

    fn shape(&self) -> StarkShape {
        let shape = self.program.shape();
        StarkShape {
            log_height: self.log_height,
            width: shape.width,
            preprocessed_width: shape.preprocessed_width,
            periodic_columns: shape.periodic.len(),
            public_values: shape.public_values,
            quotient_chunks: self.quotient_chunks(),
            next_row: shape.next_row,
            preprocessed_next_row: shape.preprocessed_next_row,
            ood_grinding: self.parameters.ood_grinding,
        }
    }

    fn quotient_chunks(&self) -> usize {
        1 << self.log_quotient_chunks
    }

    /// The binary logarithm of the length of the codewords.
    fn log_codeword(&self) -> u32 {
        self.log_height + self.parameters.log_blowup
    }

    fn dimensions(&self, claim: &Claim<'_, C>) -> Vec<Dimensions> {
        let dimensions = |matrix: &Matrix<'_, C::Challenge>| Dimensions {
            height: 1 << self.log_codeword(),
            width: matrix.width(),
        };
        claim.matrices.iter().map(dimensions).collect()
    }
}

/// `sum x^i c_i` of the columns `c_i` that the coefficients of an extension's elements were committed to
/// as; at a point outside of the base field these are no longer its coefficients.
fn from_columns<E: ExtensionField>(columns: &[E]) -> E {
    let mut coefficients = vec![E::Base::ZERO; E::DEGREE];
    let mut sum = E::ZERO;
    for (i, &column) in columns.iter().enumerate() {
        coefficients.fill(E::Base::ZERO);
        coefficients[i] = E::Base::ONE;
        sum += E::from_coefficients(&coefficients).expect("as many as the degree") * column;
    }
    sum
}

/// A witness of work, which must be zero where there is none to do.
fn check_work<F: SmallField>(
    challenger: &mut impl Challenger<F>,
    bits: u32,
    witness: F,
    before: &str,
) -> Result<()> {
    let fine = match bits {
        0 => witness.is_zero(),
        _ => challenger.check_witness(bits, witness),
    };
    if fine {
        return Ok(());
    }
    Err(invalid(
        "work",
        format!("{witness} is no witness of {bits} bits before {before}"),
    ))
}

/// A proof that fails a check.
fn invalid(check: &str, reason: impl Into<String>) -> Error {
    Error::malformed("proof", check, Fault::Value, reason)
}
