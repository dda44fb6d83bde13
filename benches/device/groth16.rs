//! Proofs, from a witness to a verified proof, on the device and on the processor.

use zkiln::backend::Backend;
use zkiln::field::{Fr, PrimeField};
use zkiln::groth16::{DevelopmentKey, KeyOptions, ProvingKey, R1cs, WireCounts, Witness};

use crate::Result;
use crate::row::{Bench, Row};

/// A constraint: the terms of A, B and C.
type Constraint = [Vec<(u32, Fr)>; 3];

pub(crate) fn measure(bench: &Bench, emit: &mut dyn FnMut(Row)) -> Result<()> {
    for log_n in bench.log_sizes(&[16, 18, 20]) {
        for (name, circuit) in [("dense", dense as fn(usize) -> _), ("bits", bits)] {
            // With a row for the constant and one for the output they fill the domain.
            let (constraints, wires): (Vec<Constraint>, Vec<Fr>) = circuit((1 << log_n) - 2);
            let counts = WireCounts {
                total: wires.len(),
                outputs: 1,
                public_inputs: 0,
                private_inputs: wires.len() - 2,
            };
            let r1cs = R1cs::new(counts, constraints)?;
            let bytes = DevelopmentKey::generate(&r1cs)?.parts().to_bytes()?;
            let witness = Witness::new(wires.iter().map(PrimeField::to_canonical).collect())?;
            for (place, backend) in [
                ("", Backend::Device(bench.device.clone())),
                (" on the processor", Backend::Cpu),
            ] {
                let mut options = KeyOptions::default();
                options.backend = backend;
                let key = ProvingKey::from_bytes_with(&bytes, "development key", options)?;
                // It verifies its proof, which counts too: it is what callers wait for.
                let workload = format!("groth16 {name} 2^{log_n}{place}");
                emit(bench.on_the_wall(workload, || {
                    key.prove(&witness)?;
                    Ok(())
                })?);
            }
        }
    }
    Ok(())
}

/// `x_(i+1) = (x_i + 3 x_(i-1)) x_i`, from 2 and 3 on: all wires of full size. The output is the last one.
fn dense(n: usize) -> (Vec<Constraint>, Vec<Fr>) {
    const FIRST: u32 = 2;
    let mut values = vec![Fr::from(2), Fr::from(3)];
    let mut constraints = Vec::with_capacity(n);
    for i in 1..=n {
        let (before, this) = (values[i - 1], values[i]);
        values.push((this + Fr::from(3) * before) * this);
        let wire = FIRST + i as u32;
        // The last value is not a wire of its own: it is the output.
        let next = if i == n { 1 } else { wire + 1 };
        constraints.push([
            vec![(wire, Fr::ONE), (wire - 1, Fr::from(3))],
            vec![(wire, Fr::ONE)],
            vec![(next, Fr::ONE)],
        ]);
    }
    let output = values.pop().unwrap_or(Fr::ONE);
    let wires = [Fr::ONE, output].into_iter().chain(values);
    (constraints, wires.collect())
}

/// `b_i b_i = b_i`: wires of bits, of which 42 in a hundred are ones. The output is a bit too.
fn bits(n: usize) -> (Vec<Constraint>, Vec<Fr>) {
    let bit = |i: usize| (i * 1_103_515_245 + 12_345) / 65_536 % 100 < 42;
    let wires = (0..=n).map(|i| if i == 0 || bit(i) { Fr::ONE } else { Fr::ZERO });
    let square = |wire: u32| [(); 3].map(|()| vec![(wire, Fr::ONE)]);
    ((1..=n as u32).map(square).collect(), wires.collect())
}
