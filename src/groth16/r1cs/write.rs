//! Writing, in the order of circom's sections.

use std::io::{self, Write};

use super::{FORMAT, R1cs, Rows, id};
use crate::field::{Field, Fr, PrimeField};
use crate::groth16::container::{Writer, write_limbs};

pub(super) fn write(r1cs: &R1cs, out: &mut impl Write) -> io::Result<()> {
    let mut file = Writer::new(out, &FORMAT, 3)?;
    let matrices = [&r1cs.a, &r1cs.b, &r1cs.c];
    let length = matrices
        .iter()
        .map(|m| 4 * m.len() + (4 + Fr::BYTES) * m.n_terms())
        .sum();
    file.section(id::CONSTRAINTS, length, |out| {
        (0..r1cs.n_constraints())
            .try_for_each(|i| matrices.iter().try_for_each(|m| write_row(out, m, i)))
    })?;
    file.section(id::HEADER, (4 + Fr::BYTES) + 4 * 4 + 8 + 4, |out| {
        out.write_all(&(Fr::BYTES as u32).to_le_bytes())?;
        write_limbs(out, &[Fr::MODULUS])?;
        let wires = &r1cs.wires;
        for count in [
            wires.total,
            wires.outputs,
            wires.public_inputs,
            wires.private_inputs,
        ] {
            out.write_all(&(count as u32).to_le_bytes())?;
        }
        out.write_all(&r1cs.n_labels.to_le_bytes())?;
        out.write_all(&(r1cs.n_constraints() as u32).to_le_bytes())
    })?;
    file.section(id::LABELS, 8 * r1cs.labels.len(), |out| {
        write_limbs(out, &r1cs.labels)
    })
}

fn write_row(out: &mut impl Write, matrix: &Rows, row: usize) -> io::Result<()> {
    let terms = matrix.row(row);
    out.write_all(&(terms.len() as u32).to_le_bytes())?;
    for (wire, coefficient) in terms {
        out.write_all(&(wire as u32).to_le_bytes())?;
        write_limbs(out, &[coefficient.to_canonical()])?;
    }
    Ok(())
}
