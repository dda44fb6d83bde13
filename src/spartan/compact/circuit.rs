//! A circuit, prepared for proofs and their verification.

use sha2::{Digest as _, Sha256};

use super::channel::{Challenger, Listener, Speaker};
use super::parameters::{Parameters, Whir};
use super::proof::Proof;
use super::prove::prove;
use super::verify::verify;
use super::whir::Plans;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::field::{Field, Fr};
use crate::groth16::{R1cs, Rows, Witness};
use crate::memory::Buffer;
use crate::poly::PreparedMatrix;
use crate::spartan::ProveOptions;
use crate::spartan::circuit::prepared;
use crate::spartan::identity;
use crate::spartan::layout::{check_size, terms};
use crate::spartan::multilinear::eq_table;
use crate::spartan::vector::add_scaled;

/// The name of the dialect: what transcripts and identities begin with.
const DIALECT: &str = "zkiln spartan compact 1, no zero knowledge";

/// A circuit with what proofs of it and their verification need. Made once, used by any number of threads.
///
/// Its proofs have **no zero knowledge**: see the [module](super).
pub struct Circuit {
    pub(super) whir: Whir,
    pub(super) plans: Plans,
    /// A, B and C, a row for each constraint.
    pub(super) matrices: [PreparedMatrix<Fr>; 3],
    /// Their transposes, a row for each wire.
    transposed: [PreparedMatrix<Fr>; 3],
    /// The variables of the constraints.
    pub(super) m_0: usize,
    pub(super) wires: usize,
    /// Public signals, without the constant 1.
    pub(super) public: usize,
    id: [u8; 32],
    security: f64,
}

impl Circuit {
    /// Prepares a circuit. Linear in its terms.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters that make no sense or ask for more than the field gives, and for a
    /// circuit larger than the format holds.
    pub fn new(r1cs: &R1cs, parameters: Parameters) -> Result<Self> {
        let _span = tracing::info_span!("spartan circuit").entered();
        check_size(r1cs)?;
        let constraints = r1cs.n_constraints();
        let counts = r1cs.wires();
        let (wires, public) = (counts.total, counts.public());
        let m_0 = constraints.next_power_of_two().ilog2().max(1) as usize;
        let whir = Whir::new(&parameters, wires - public - 1, m_0)?;
        // Each row in the order of wires, each of them once: one digest for one system.
        let row = |rows: &Rows, i: usize| terms(rows, i, |wire| wire);
        let sorted =
            (0..constraints).map(|i| [r1cs.a(), r1cs.b(), r1cs.c()].map(|rows| row(rows, i)));
        let r1cs = R1cs::new(*counts, sorted)?;
        let rows = [r1cs.a(), r1cs.b(), r1cs.c()];
        let id = id(rows, wires, public, &parameters);
        let [[a, a_t], [b, b_t], [c, c_t]] = prepared(rows, wires)?;
        drop(r1cs);
        Ok(Self {
            plans: Plans::new(&whir)?,
            matrices: [a, b, c],
            transposed: [a_t, b_t, c_t],
            m_0,
            wires,
            public,
            id,
            security: whir.bits(m_0),
            whir,
        })
    }

    /// Proves that the witness satisfies the circuit, and returns the proof, **which tells of the witness**, with
    /// the public signals. The proof is verified before. The same witness gives the same proof.
    ///
    /// # Errors
    /// [`Error::WitnessMismatch`] for a witness of another length, [`Error::Unsatisfied`] for one that breaks
    /// a constraint; [`Error::SelfCheck`] for a proof that does not verify, a fault of the machine.
    pub fn prove(&self, witness: &Witness) -> Result<(Proof, Vec<Fr>)> {
        self.prove_with(witness, &ProveOptions::default())
    }

    /// [`Circuit::prove`] without the verification: for callers that verify the proof themselves.
    ///
    /// # Errors
    /// Those of [`Circuit::prove`] but [`Error::SelfCheck`].
    pub fn prove_unverified(&self, witness: &Witness) -> Result<(Proof, Vec<Fr>)> {
        let options = ProveOptions {
            verify: false,
            ..ProveOptions::default()
        };
        self.prove_with(witness, &options)
    }

    /// [`Circuit::prove`] with options.
    ///
    /// # Errors
    /// Those of [`Circuit::prove`]; [`Error::Cancelled`].
    pub fn prove_with(
        &self,
        witness: &Witness,
        options: &ProveOptions<'_>,
    ) -> Result<(Proof, Vec<Fr>)> {
        let cancel = options.cancel.cloned().unwrap_or_default();
        let (proof, public) = self.make(witness, &cancel)?;
        if options.verify {
            cancel.check()?;
            if !self.verify(&public, &proof)? {
                let what = "every constraint holds; a fault of the machine";
                return Err(Error::SelfCheck(what.into()));
            }
        }
        Ok((proof, public))
    }

    fn make(&self, witness: &Witness, cancel: &Cancel) -> Result<(Proof, Vec<Fr>)> {
        let _span = tracing::info_span!("spartan prove").entered();
        let (given, wires) = (witness.values().len(), self.wires);
        if given != wires {
            let reason = format!("{given} values for {wires} wires of the constraint system");
            return Err(Error::WitnessMismatch(reason));
        }
        let public = &witness.values()[1..=self.public];
        let public: Vec<Fr> = public.iter().map(|&value| Fr::from(value)).collect();
        let proof = prove(self, witness, &with_one(&public), cancel)?;
        Ok((Proof(proof), public))
    }

    /// Whether the proof shows a witness with these public signals, the circuit's wires 1 to `n`.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] for another number of signals, [`Error::Malformed`] for a proof of another
    /// shape: its length, elements that are not below r.
    pub fn verify(&self, public: &[Fr], proof: &Proof) -> Result<bool> {
        let _span = tracing::info_span!("spartan verify").entered();
        if public.len() != self.public {
            return Err(Error::PublicInputs(format!(
                "{} where the circuit has {}",
                public.len(),
                self.public
            )));
        }
        verify(self, &with_one(public), &proof.0)
    }

    /// A digest of all that a proof depends on beside the witness and the public signals: constraints,
    /// parameters, dialect.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// The number of public signals.
    pub fn n_public(&self) -> usize {
        self.public
    }

    /// The binary logarithm of the length of the vector that is committed to.
    pub fn log_vector_len(&self) -> usize {
        self.whir.variables()
    }

    /// Bits of security: of the sum of all error terms at the Johnson bound.
    pub fn security_bits(&self) -> f64 {
        self.security
    }

    /// Bits of each error term of the commitment: what p3-whir calls the `security_level`.
    pub fn term_bits(&self) -> usize {
        self.whir.level
    }

    /// For each wire the sum of its column of `A + rho B + rho^2 C` at a point of the constraints.
    pub(super) fn columns_at(&self, alpha: &[Fr], rho: Fr) -> Result<Buffer<Fr>> {
        let at = eq_table(alpha);
        let at = &at[..self.matrices[0].rows()];
        let [a, b, c] = &self.transposed;
        let mut columns = Buffer::zeroed(self.wires);
        a.mul_vec(at, &mut columns)?;
        let mut other = Buffer::zeroed(self.wires);
        for (matrix, factor) in [(b, rho), (c, rho.square())] {
            matrix.mul_vec(at, &mut other)?;
            add_scaled(&mut columns, factor, &other);
        }
        Ok(columns)
    }

    /// A transcript that has absorbed what the proof is of.
    fn challenger(&self, public: &[Fr]) -> Challenger {
        let mut challenger = Challenger::default();
        challenger.observe_seed(&[DIALECT.as_bytes(), &self.id].concat());
        public
            .iter()
            .for_each(|&signal| challenger.observe_element(signal));
        challenger
    }

    pub(super) fn speaker(&self, public: &[Fr]) -> Speaker {
        Speaker::new(self.challenger(public))
    }

    pub(super) fn listener<'a>(&self, public: &[Fr], proof: &'a [u8]) -> Listener<'a> {
        Listener::new(self.challenger(public), proof)
    }
}

impl std::fmt::Debug for Circuit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Circuit")
            .field("constraints", &self.matrices[0].rows())
            .field("wires", &self.wires)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// The wires that a verifier knows.
fn with_one(public: &[Fr]) -> Vec<Fr> {
    [&[Fr::ONE], public].concat()
}

fn id(rows: [&Rows; 3], wires: usize, public: usize, parameters: &Parameters) -> [u8; 32] {
    let mut hasher = Sha256::new().chain_update(DIALECT);
    let Parameters {
        security_bits,
        work_bits,
        log_inverse_rate,
        log_folding,
    } = parameters;
    for number in [security_bits, work_bits, log_inverse_rate, log_folding] {
        hasher.update(number.to_le_bytes());
    }
    hasher.update(identity::digest(rows, wires, public));
    hasher.finalize().into()
}
