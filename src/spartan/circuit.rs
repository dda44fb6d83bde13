//! A circuit, prepared for proofs and their verification.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::identity::{Scheme, digest};
use super::layout::{self, Layout};
use super::parameters::{Parameters, ZkWhir};
use super::proof::Proof;
use super::prove::{ProveOptions, Prover, prove};
use super::transcript::{Sponge, reduce};
use super::verify::verify;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::field::{Field, Fr};
use crate::groth16::{R1cs, Rows, Witness};
use crate::poly::{PreparedMatrix, SparseMatrix};

/// A circuit with what proofs of it and their verification need: matrices, layout, parameters. Made once,
/// used by any number of threads.
pub struct Circuit {
    pub(super) layout: Layout,
    pub(super) commitment: ZkWhir,
    /// A, B and C, a row for each constraint.
    pub(super) matrices: [PreparedMatrix<Fr>; 3],
    m_0: usize,
    public: usize,
    protocol: [u8; 64],
    security: f64,
    prover: Prover,
}

impl Circuit {
    /// Prepares a circuit. Linear in its terms.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters that make no sense or ask for more than the field gives, and for a
    /// circuit larger than the format holds.
    pub fn new(r1cs: &R1cs, parameters: Parameters) -> Result<Self> {
        let _span = tracing::info_span!("spartan circuit").entered();
        layout::check_size(r1cs)?;
        let (layout, commitment) = Layout::new(r1cs, &parameters)?;
        let extended = layout.extend(r1cs)?;
        let public = extended.wires().public();
        let rows = [extended.a(), extended.b(), extended.c()];
        let scheme = Scheme {
            m: commitment.mu(),
            m_0: layout.m_0(),
            wires: layout.columns,
            log_terms: rows[0].n_terms().next_power_of_two().ilog2() as usize,
            has_public: true,
            commitment: &commitment,
            matrices: digest(rows, layout.columns, public),
        };
        let columns = layout.columns;
        let id = scheme.id();
        let m_0 = scheme.m_0;
        let [[a, a_t], [b, b_t], [c, c_t]] = prepared(rows, columns)?;
        drop(extended);
        Ok(Self {
            m_0,
            public: r1cs.wires().public(),
            protocol: id,
            security: commitment.least_bits(5),
            matrices: [a, b, c],
            prover: Prover::new([a_t, b_t, c_t], &commitment)?,
            layout,
            commitment,
        })
    }

    /// The constraint system that proofs are of: the circuit's, its wires moved apart, with three constraints
    /// that hide the witness and, if the circuit has none, a public signal; without the wires that linear
    /// constraints determine, and these constraints, where that halves the vector. Its public signals are the
    /// same, and who satisfies one satisfies the other. A verifier by others checks proofs against this one.
    ///
    /// # Errors
    /// Those of [`Circuit::new`].
    pub fn proven(r1cs: &R1cs, parameters: Parameters) -> Result<R1cs> {
        layout::check_size(r1cs)?;
        let (layout, _) = Layout::new(r1cs, &parameters)?;
        layout.extend(r1cs)
    }

    /// Proves that the witness satisfies the circuit, and returns the proof with the public signals. The
    /// proof is verified before. Two proofs of one witness differ: what hides it comes from the operating
    /// system.
    ///
    /// # Errors
    /// [`Error::WitnessMismatch`] for a witness of another length, [`Error::Unsatisfied`] for one that breaks
    /// a constraint, [`Error::Entropy`]; [`Error::SelfCheck`] for a proof that does not verify, a fault of
    /// the machine.
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
        self.check_length(witness)?;
        let public: Vec<Fr> = witness.values()[1..=self.public]
            .iter()
            .map(|&value| Fr::from(value))
            .collect();
        let proof = prove(self, &self.prover, witness, &self.signals(&public), cancel)?;
        Ok((proof, public))
    }

    /// The wires of [`Circuit::proven`] for a witness of the circuit, with zeros for those that only hide: what
    /// a prover by others needs, whose proofs hide less. The values are the witness' own: wipe them. Those of
    /// wires that are left out are not among them, and are not checked.
    ///
    /// # Errors
    /// [`Error::WitnessMismatch`] for a witness of another length.
    pub fn assignment(&self, witness: &Witness) -> Result<Vec<Fr>> {
        self.check_length(witness)?;
        let mut wires = vec![Fr::ZERO; self.columns()];
        for run in self.layout.runs() {
            let values = witness.values()[run.wires.clone()].iter();
            let values = values.map(|&value| Fr::from(value));
            wires[run.places()]
                .iter_mut()
                .zip(values)
                .for_each(|(wire, value)| *wire = value);
        }
        if self.layout.dummy {
            wires[1] = Fr::ONE;
        }
        Ok(wires)
    }

    fn check_length(&self, witness: &Witness) -> Result<()> {
        let (given, wires) = (witness.values().len(), self.layout.wires());
        if given == wires {
            return Ok(());
        }
        let reason = format!("{given} values for {wires} wires of the constraint system");
        Err(Error::WitnessMismatch(reason))
    }

    /// Whether the proof shows a witness with these public signals, the circuit's wires 1 to `n`.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] for another number of signals, [`Error::Malformed`] for a proof of another
    /// shape: lengths, elements that are not below r, bytes after the last.
    pub fn verify(&self, public: &[Fr], proof: &Proof) -> Result<bool> {
        let _span = tracing::info_span!("spartan verify").entered();
        if public.len() != self.public {
            return Err(Error::PublicInputs(format!(
                "{} where the circuit has {}",
                public.len(),
                self.public
            )));
        }
        verify(self, &self.signals(public), proof)
    }

    /// A digest of all that a proof depends on beside the witness and the public signals: constraints,
    /// layout, parameters, dialect.
    pub fn id(&self) -> [u8; 32] {
        let hasher = Sha256::new().chain_update("zkiln spartan ProveKitV1");
        hasher.chain_update(self.protocol).finalize().into()
    }

    /// The number of public signals.
    pub fn n_public(&self) -> usize {
        self.public
    }

    /// The binary logarithm of the length of the vector that is committed to.
    pub fn log_vector_len(&self) -> usize {
        self.commitment.mu()
    }

    /// Bits of security: the least of the error terms of the proof's parts at the Johnson bound, as the
    /// format's parameters are chosen. The composed error is the sum of the terms.
    pub fn security_bits(&self) -> f64 {
        self.security
    }

    /// The variables of the constraints.
    pub(super) fn m_0(&self) -> usize {
        self.m_0
    }

    /// The columns of the matrices.
    pub(super) fn columns(&self) -> usize {
        self.layout.columns
    }

    /// The signals that the format sees.
    fn signals(&self, public: &[Fr]) -> Vec<Fr> {
        let dummy = self.layout.dummy.then_some(Fr::ONE);
        dummy.into_iter().chain(public.iter().copied()).collect()
    }

    /// A sponge that has absorbed what the proof is of.
    pub(super) fn sponge(&self, signals: &[Fr]) -> Sponge {
        let mut sponge = Sponge::new();
        sponge.absorb(&self.protocol);
        sponge.absorb(&[0; 32]); // the session
        let mut digest = [0; Fr::BYTES];
        digest_of(signals).write_canonical(&mut digest);
        sponge.absorb(&digest);
        sponge
    }
}

impl std::fmt::Debug for Circuit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Circuit")
            .field("constraints", &self.matrices[0].rows())
            .field("columns", &self.columns())
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// The digest of the public signals: their SHA-256 modulo r.
pub(super) fn digest_of(signals: &[Fr]) -> Fr {
    let mut hasher = Sha256::new();
    for signal in signals {
        let mut bytes = [0; Fr::BYTES];
        signal.write_canonical(&mut bytes);
        hasher.update(bytes);
    }
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(&hasher.finalize());
    reduce(&wide)
}

/// A, B and C, each with its transpose, in the form that products take.
pub(super) fn prepared(rows: [&Rows; 3], columns: usize) -> Result<[[PreparedMatrix<Fr>; 2]; 3]> {
    let matrix = |rows: &&Rows| {
        let terms = (0..rows.len()).map(|i| {
            let terms = rows.terms_of(i).iter();
            terms.map(|term| (term.wire, term.coefficient))
        });
        let matrix = SparseMatrix::from_rows(columns, rows.coefficients(), terms)?;
        let transposed = matrix.transposed().prepared();
        Ok([matrix.prepared(), transposed])
    };
    let matrices: Vec<_> = rows.par_iter().map(matrix).collect::<Result<_>>()?;
    Ok(matrices.try_into().expect("three of them"))
}
