//! ark-groth16 with the reduction that keys of snarkjs are made for.
//!
//! ark-groth16 itself ships the reduction of libsnark, which gives invalid proofs with such keys.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use ark_bn254::{Bn254, Fr};
use ark_ff::{PrimeField, UniformRand};
use ark_groth16::r1cs_to_qap::{R1CSToQAP, evaluate_constraint};
use ark_groth16::{Groth16, ProvingKey, VerifyingKey};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, Matrix, SynthesisError};
use rayon::prelude::*;

use super::{Proof, Prover};
use crate::container::{self, Container, Header};

/// The quotient in values instead of coefficients.
///
/// A key of snarkjs holds, as its H points, the Lagrange basis of the domain of size 2n at the odd
/// powers of its root g, already multiplied by all that depends on the key. `A B - C` is zero at
/// the even powers, so its values at the odd ones are the scalars: no division by the vanishing
/// polynomial and no way back to coefficients.
///
/// The matrices come from the key, whose rows include those that bind the public signals. C is not
/// among them: on the domain it is the product of A and B.
struct OddRootsReduction;

impl R1CSToQAP for OddRootsReduction {
    /// Part of making a key, which this crate never does.
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        _: ConstraintSystemRef<F>,
        _: &F,
    ) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize), SynthesisError> {
        Err(SynthesisError::AssignmentMissing)
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Matrix<F>],
        num_inputs: usize,
        num_constraints: usize,
        full_assignment: &[F],
    ) -> Result<Vec<F>, SynthesisError> {
        let too_large = SynthesisError::PolynomialDegreeTooLarge;
        let domain = D::new(num_constraints + num_inputs).ok_or(too_large)?;
        let n = domain.size();
        let g = F::get_root_of_unity(2 * n as u64).ok_or(too_large)?;
        let odd_powers = domain.get_coset(g).ok_or(too_large)?;

        let evaluate = |matrix: &Matrix<F>| {
            let mut rows: Vec<F> = matrix
                .par_iter()
                .map(|row| evaluate_constraint(row, full_assignment))
                .collect();
            rows.resize(n, F::zero());
            rows
        };
        let mut a = evaluate(&matrices[0]);
        let mut b = evaluate(&matrices[1]);
        let mut c: Vec<F> = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();

        for values in [&mut a, &mut b, &mut c] {
            domain.ifft_in_place(values);
            odd_powers.fft_in_place(values);
        }
        a.par_iter_mut()
            .zip(b)
            .zip(c)
            .for_each(|((a, b), c)| *a = *a * b - c);
        Ok(a)
    }

    /// Part of making a key, which this crate never does.
    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        _: usize,
        _: F,
        _: F,
        _: F,
    ) -> Result<Vec<F>, SynthesisError> {
        Err(SynthesisError::AssignmentMissing)
    }
}

struct Loaded {
    key: ProvingKey<Bn254>,
    matrices: Vec<Matrix<Fr>>,
    inputs: usize,
    constraints: usize,
    witness: Vec<Fr>,
}

/// Loads key and witness. arkworks reads no zkey, so this is the reader one would write for it:
/// a section at a time, all cores, no point checked.
pub fn groth16(zkey: &Path, wtns: &Path) -> Result<Box<dyn Prover>> {
    let mut file = Container::open(zkey, b"zkey")?;
    let header = Header::read(&mut file)?;
    let mut g1s = |id| -> Result<Vec<_>> {
        Ok(file
            .read(id)?
            .par_chunks_exact(container::G1)
            .map(container::g1)
            .collect())
    };
    let (ic, a_query, b_g1_query) = (g1s(3)?, g1s(5)?, g1s(6)?);
    let (l_query, h_query) = (g1s(8)?, g1s(9)?);
    let b_g2_query = file
        .read(7)?
        .par_chunks_exact(container::G2)
        .map(container::g2)
        .collect();
    let matrices = matrices(&file.read(4)?, &header)?;

    let inputs = header.public + 1;
    ensure!(
        matrices[0].len() >= inputs,
        "the key does not bind its public signals"
    );
    let constraints = matrices[0].len() - inputs;
    ensure!(
        (constraints + inputs).next_power_of_two() == header.domain,
        "the domain of the key does not fit its rows"
    );
    let witness = container::witness_prefix(wtns, header.variables)?;

    let vk = VerifyingKey {
        alpha_g1: header.alpha_g1,
        beta_g2: header.beta_g2,
        gamma_g2: header.gamma_g2,
        delta_g2: header.delta_g2,
        gamma_abc_g1: ic,
    };
    let key = ProvingKey {
        vk,
        beta_g1: header.beta_g1,
        delta_g1: header.delta_g1,
        a_query,
        b_g1_query,
        b_g2_query,
        h_query,
        l_query,
    };
    Ok(Box::new(Loaded {
        key,
        matrices,
        inputs,
        constraints,
        witness,
    }))
}

/// A and B by rows, as ark-groth16 wants them, out of the list of entries of section 4.
fn matrices(section: &[u8], header: &Header) -> Result<Vec<Matrix<Fr>>> {
    const ENTRY: usize = 12 + container::FIELD;
    let entries = section.get(4..).context("section 4 is empty")?;
    let mut matrices = vec![Matrix::new(); 2];
    for entry in entries.chunks_exact(ENTRY) {
        let [matrix, row, wire] = [0, 4, 8].map(|at| container::u32_at(entry, at) as usize);
        ensure!(
            matrix < 2 && row < header.domain && wire < header.variables,
            "an entry of section 4 is out of range"
        );
        let rows = &mut matrices[matrix];
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        rows[row].push((container::coefficient(&entry[12..]), wire));
    }
    Ok(matrices)
}

impl Prover for Loaded {
    /// Does not verify the result: ark-groth16 leaves that to its caller.
    fn prove(&mut self) -> Result<Proof> {
        let mut rng = ark_std::rand::thread_rng();
        let (r, s) = (Fr::rand(&mut rng), Fr::rand(&mut rng));
        let proof = Groth16::<Bn254, OddRootsReduction>::create_proof_with_reduction_and_matrices(
            &self.key,
            r,
            s,
            &self.matrices,
            self.inputs,
            self.constraints,
            &self.witness,
        )?;
        Ok(proof)
    }
}
