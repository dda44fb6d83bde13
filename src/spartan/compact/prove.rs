//! The prover.

use rayon::prelude::*;

use super::circuit::Circuit;
use super::pattern;
use super::whir::{self, Committed};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::field::Fr;
use crate::groth16::Witness;
use crate::memory::Secret;
use crate::spartan::multilinear::par_dot;
use crate::spartan::sumcheck::{Constraints, Product};
use crate::spartan::vector::secret;

/// A proof for a witness of the right length and its public signals, with the constant 1 before them.
pub(super) fn prove(
    circuit: &Circuit,
    witness: &Witness,
    public: &[Fr],
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    cancel.check()?;
    let whir = &circuit.whir;
    let wires = wires(circuit, witness);
    let tables = {
        let _span = tracing::info_span!("matrices").entered();
        tables(circuit, &wires[..circuit.wires])?
    };
    cancel.check()?;
    let vector = &wires[public.len()..];
    let mut speaker = circuit.speaker(public);
    let committed = Committed::new(&whir.codes[0], circuit.plans.first(), vector)?;
    speaker.challenger.observe_seed(&pattern::commitment());
    speaker.say_digest(committed.tree.root());

    cancel.check()?;
    let (alpha, ends) = {
        let _span = tracing::info_span!("constraints").entered();
        let tau = speaker.challenger.challenges(circuit.m_0);
        let mut sum = Constraints::new(&tau, tables);
        let mut alpha = Vec::with_capacity(tau.len());
        for _ in &tau {
            let polynomial = sum.round();
            speaker.say_all(&[polynomial[0], polynomial[2], polynomial[3]]);
            let x = speaker.challenger.challenge();
            sum.fix(&polynomial, x);
            alpha.push(x);
        }
        (alpha, sum.ends())
    };
    speaker.say_all(&ends);

    cancel.check()?;
    let (point, value) = {
        let _span = tracing::info_span!("wires").entered();
        let rho = speaker.challenger.challenge();
        let columns = circuit.columns_at(&alpha, rho)?;
        let (known, columns) = columns.split_at(public.len());
        let mut weights = Secret::zeros(vector.len());
        weights[..columns.len()].copy_from_slice(columns);
        let sum = ends[0] + rho * (ends[1] + rho * ends[2]) - par_dot(known, public);
        let mut sum = Product::new(secret(vector), weights, sum);
        let point = whir::sumcheck(&mut speaker, &mut sum, whir.variables());
        (point, sum.vector[0])
    };
    cancel.check()?;
    whir::open(
        &mut speaker,
        whir,
        &circuit.plans,
        committed,
        vector,
        &point,
        value,
    )?;
    Ok(speaker.finish())
}

/// The wires, and zeros to the end of the committed vector, which begins with the first that is not public.
fn wires(circuit: &Circuit, witness: &Witness) -> Secret<Fr> {
    let len = 1 + circuit.public + (1 << circuit.whir.variables());
    let mut wires = Secret::<Fr>::zeros(len);
    wires
        .par_iter_mut()
        .zip(witness.values())
        .with_min_len(1 << 10)
        .for_each(|(wire, &value)| *wire = Fr::from(value));
    wires
}

/// The products of the matrices with the wires, padded to a power of two.
fn tables(circuit: &Circuit, wires: &[Fr]) -> Result<[Secret<Fr>; 3]> {
    let rows = circuit.matrices[0].rows();
    let mut tables = [(); 3].map(|()| Secret::zeros(1 << circuit.m_0));
    for (matrix, table) in circuit.matrices.iter().zip(&mut tables) {
        matrix.mul_vec(wires, &mut table[..rows])?;
    }
    let [a, b, c] = &tables;
    let unsatisfied = (0..rows)
        .into_par_iter()
        .with_min_len(1 << 10)
        .find_first(|&i| a[i] * b[i] != c[i]);
    match unsatisfied {
        None => Ok(tables),
        Some(i) => Err(Error::Unsatisfied(format!(
            "constraint {i} of {rows} does not hold"
        ))),
    }
}
