//! A substitution-permutation chain over full-size values, in the shape of Poseidon's partial
//! rounds as circom compiles them with `--O1`: three products and three linear constraints each.

use std::path::Path;

use anyhow::Result;
use ark_bn254::Fr;
use ark_ff::{One, UniformRand};
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;

use super::builder::{Builder, ONE, Summary, Wire};

/// Constraints of a round.
const ROUND: usize = 6;
/// Constraints of the output.
const OUTPUT: usize = 1;

/// Writes the chain: one output, two public inputs, a private one.
pub fn write(log_size: u32, r1cs: &Path, wtns: &Path) -> Result<Summary> {
    let mut rng = StdRng::seed_from_u64(0x00de_05e5);
    let inputs = [Fr::rand(&mut rng), Fr::rand(&mut rng)];
    let mut circuit = Builder::create(r1cs, log_size, 1, &inputs, &[Fr::rand(&mut rng)])?;

    let mut state = [circuit.input(0), circuit.input(1), circuit.secret(0)];
    while circuit.remaining() >= ROUND + OUTPUT {
        state = round(&mut circuit, state, Fr::rand(&mut rng))?;
    }
    let mut last = state[0];
    while circuit.remaining() > OUTPUT {
        last = circuit.product(single(last), single(last))?;
    }
    // The last squares replace the first cell; the others must not be left dangling.
    let sum = [last, state[1], state[2]].map(|wire| (wire, Fr::one()));
    circuit.set_output(0, sum.to_vec())?;
    circuit.finish(wtns)
}

/// `x^5` of the first cell, a permutation of the field since 5 does not divide r - 1, then an
/// invertible mix of all three.
fn round(circuit: &mut Builder, state: [Wire; 3], constant: Fr) -> Result<[Wire; 3]> {
    const MIX: [[u64; 3]; 3] = [[3, 1, 1], [1, 2, 1], [1, 1, 3]];
    let [x, rest @ ..] = state;
    let square = circuit.product(single(x), single(x))?;
    let fourth = circuit.product(single(square), single(square))?;
    let fifth = circuit.product(single(fourth), single(x))?;

    let cells = [fifth, rest[0], rest[1]];
    let mut next = state;
    for (index, row) in MIX.into_iter().enumerate() {
        let mix = cells.into_iter().zip(row.map(Fr::from));
        // The constant breaks the symmetry between rounds; one cell is enough for that.
        let constant = (index == 0).then_some((ONE, constant));
        next[index] = circuit.equal(mix.chain(constant).collect())?;
    }
    Ok(next)
}

fn single(wire: Wire) -> Vec<(Wire, Fr)> {
    vec![(wire, Fr::one())]
}
