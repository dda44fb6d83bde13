//! The prover.

mod code;
mod sumcheck;
mod whir;
mod zk;

use rayon::prelude::*;

use super::circuit::Circuit;
use super::layout::MASK;
use super::multilinear::{eq_table, horner, par_dot};
use super::parameters::ZkWhir;
use super::proof::Proof;
use super::transcript::{Challenges, Speaker, powers};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::field::{Fr, PrimeField};
use crate::groth16::Witness;
use crate::memory::{Buffer, Secret};
use crate::poly::PreparedMatrix;
use code::Plans;

/// How a proof is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProveOptions<'a> {
    /// Verify the proof before it is handed out, lest a fault of the machine be. Without this: only for callers
    /// that verify it themselves.
    pub verify: bool,
    /// What may stop the proof between its phases, the longest of which is the opening of the commitment.
    pub cancel: Option<&'a Cancel>,
}

impl Default for ProveOptions<'_> {
    /// With verification, not to be stopped.
    fn default() -> Self {
        Self {
            verify: true,
            cancel: None,
        }
    }
}

/// What only a prover needs of a circuit.
pub(super) struct Prover {
    /// The transposes of A, B and C, a row for each column.
    transposed: [PreparedMatrix<Fr>; 3],
    plans: Plans,
}

impl Prover {
    pub(super) fn new(transposed: [PreparedMatrix<Fr>; 3], config: &ZkWhir) -> Result<Self> {
        Ok(Self {
            transposed,
            plans: Plans::new(config)?,
        })
    }
}

/// Fills a slice with uniform elements from the operating system.
fn randomize(elements: &mut [Fr]) -> Result<()> {
    getrandom::fill(bytemuck::cast_slice_mut(elements))
        .map_err(|e| Error::Entropy(e.to_string()))?;
    for element in elements {
        // Keep the modulus' own number of bits: three quarters of the draws are below it.
        let mut limbs = element.to_montgomery();
        limbs[3] &= u64::MAX >> (256 - Fr::BITS);
        *element = match Fr::from_montgomery(limbs) {
            Some(element) => element,
            None => Fr::random()?,
        };
    }
    Ok(())
}

/// The vector that is committed to: wires, the sumcheck's mask, and random elements wherever no constraint
/// looks.
fn vector(circuit: &Circuit, witness: &Witness) -> Result<Secret<Fr>> {
    let layout = &circuit.layout;
    let mut vector = Secret::zeros(circuit.commitment.main.code.vector_len);
    let values = witness.values();
    let mut end = 0;
    for run in layout.runs() {
        randomize(&mut vector[end..run.place])?;
        end = run.places().end;
        vector[run.places()]
            .par_iter_mut()
            .zip(&values[run.wires.clone()])
            .with_min_len(1 << 10)
            .for_each(|(place, &value)| *place = Fr::from(value));
    }
    randomize(&mut vector[end..])?;
    if layout.dummy {
        vector[1] = Fr::ONE;
    }
    Ok(vector)
}

/// A proof for a witness of the right length.
pub(super) fn prove(
    circuit: &Circuit,
    prover: &Prover,
    witness: &Witness,
    signals: &[Fr],
    cancel: &Cancel,
) -> Result<Proof> {
    cancel.check()?;
    circuit.layout.check(witness)?;
    let mut vector = vector(circuit, witness)?;
    let columns = circuit.columns();
    let m_0 = circuit.m_0();
    let mut speaker = Speaker::new(circuit.sponge(signals));
    let plans = &prover.plans;
    let committed = zk::Committed::new(&mut speaker, &circuit.commitment, plans, &mut vector)?;

    cancel.check()?;
    // After the commitment, whose codewords and tree take most memory while they are made; a witness that breaks
    // a constraint pays for that.
    let tables = {
        let _span = tracing::info_span!("matrices").entered();
        tables(circuit, &vector[..columns])?
    };
    cancel.check()?;
    let mask = &vector[columns..columns + MASK * m_0];
    let (alpha, ends) = {
        let _span = tracing::info_span!("sumcheck").entered();
        let r = speaker.challenges(m_0);
        let (mask, _) = mask.as_chunks::<MASK>();
        sumcheck::prove(&mut speaker, &r, tables, mask)
    };
    cancel.check()?;
    let mask_weights: Vec<Fr> = alpha.iter().flat_map(|&x| powers(x, MASK)).collect();
    let mask_value = par_dot(&mask_weights, mask);
    speaker.say(mask_value);

    speaker.say(super::circuit::digest_of(signals));
    let x = speaker.challenge();
    let public_weights = powers(x, 1 + signals.len());
    let public_value = Fr::ONE + horner(signals, x) * x;
    speaker.say_all(&ends);
    speaker.say(public_value);

    let forms = {
        let _span = tracing::info_span!("forms").entered();
        let rows = eq_table(&alpha);
        let rows = &rows[..circuit.matrices[0].rows()];
        let mut forms = vec![zk::Form::new(0, &public_weights)];
        for (i, matrix) in prover.transposed.iter().enumerate() {
            let len = if i == 0 { vector.len() } else { columns };
            let mut weights = Buffer::zeroed(len);
            matrix.mul_vec(rows, &mut weights[..columns])?;
            forms.push(zk::Form { begin: 0, weights });
        }
        forms.push(zk::Form::new(columns, &mask_weights));
        forms
    };
    cancel.check()?;
    let claims = [public_value, ends[0], ends[1], ends[2], mask_value];
    zk::prove(
        &mut speaker,
        &circuit.commitment,
        plans,
        committed,
        vector,
        forms,
        &claims,
    )?;
    Ok(speaker.finish())
}

/// The products of the matrices with the wires, padded to a power of two.
fn tables(circuit: &Circuit, wires: &[Fr]) -> Result<[Secret<Fr>; 3]> {
    let rows = circuit.matrices[0].rows();
    let mut tables = [(); 3].map(|()| Secret::zeros(1 << circuit.m_0()));
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
        Some(i) => Err(circuit.layout.proven_unsatisfied(i)),
    }
}
