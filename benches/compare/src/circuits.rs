//! Synthetic circuits with a witness, of the two shapes real ones have.
//!
//! * [`dense`] is all arithmetic, like Poseidon and EdDSA: nearly every wire is of full size, and
//!   half of the constraints are linear.
//! * [`bits`] is all logic, like SHA-256 and Keccak: nearly every wire is 0 or 1.
//!
//! Both fill the domain to the last row.

pub mod bits;
pub mod builder;
pub mod dense;

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use self::builder::Summary;

/// The shape of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Arithmetic on full-size wires.
    Dense,
    /// Logic on wires that are 0 or 1.
    Bits,
}

impl Kind {
    /// Writes a circuit of this kind for a domain of `2^log_size`, and its witness.
    pub fn write(self, log_size: u32, r1cs: &Path, wtns: &Path) -> Result<Summary> {
        match self {
            Self::Dense => dense::write(log_size, r1cs, wtns),
            Self::Bits => bits::write(log_size, r1cs, wtns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{self, Container, FIELD, u32_at};
    use ark_bn254::Fr;

    /// Takes the next linear combination off `bytes` and evaluates it.
    fn evaluate(bytes: &mut &[u8], witness: &[Fr]) -> Fr {
        let count = u32_at(bytes, 0) as usize;
        let (terms, rest) = bytes[4..].split_at(count * (4 + FIELD));
        *bytes = rest;
        let value = |term: &[u8]| {
            let coefficient = container::plain_scalar(&term[4..]).unwrap();
            witness[u32_at(term, 0) as usize] * coefficient
        };
        terms.chunks_exact(4 + FIELD).map(value).sum()
    }

    fn check(kind: Kind) {
        let directory = std::env::temp_dir();
        let path = |extension: &str| {
            directory.join(format!("zkiln-{kind:?}-{}.{extension}", std::process::id()))
        };
        let (r1cs, wtns) = (path("r1cs"), path("wtns"));
        let written = kind.write(12, &r1cs, &wtns).unwrap();

        let mut file = Container::open(&r1cs, b"r1cs").unwrap();
        let head = file.read(1).unwrap();
        let [wires, outputs, inputs] = [36, 40, 44].map(|at| u32_at(&head, at) as usize);
        let constraints = u32_at(&head, 60) as usize;
        assert_eq!((wires, constraints), (written.wires, written.constraints));
        assert_eq!(
            constraints + outputs + inputs,
            (1 << 12) - 1,
            "the domain is not full"
        );
        assert_eq!(file.read(3).unwrap().len(), 8 * wires);

        let witness = container::witness_prefix(&wtns, wires).unwrap();
        let section = file.read(2).unwrap();
        let mut rest = &section[..];
        for row in 0..constraints {
            let [a, b, c] = [(); 3].map(|()| evaluate(&mut rest, &witness));
            assert_eq!(a * b, c, "constraint {row}");
        }
        assert!(rest.is_empty());
        std::fs::remove_file(r1cs).unwrap();
        std::fs::remove_file(wtns).unwrap();
    }

    #[test]
    fn the_dense_circuit_fills_its_domain_and_is_satisfied() {
        check(Kind::Dense);
    }

    #[test]
    fn the_circuit_of_bits_fills_its_domain_and_is_satisfied() {
        check(Kind::Bits);
    }
}
