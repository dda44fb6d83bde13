//! Proofs and public inputs as rapidsnark writes them: JSON without spaces, the names in alphabetical order and
//! without the curve's.

use zkiln::curve::G1Affine;
use zkiln::field::Fq2;
use zkiln::groth16::{Proof, ProvingKey, Witness};
use zkiln::{Error, Result};

/// The most digits of a number below q.
const DIGITS: usize = 77;

/// The length of the longest proof: eight numbers, and what stands between them.
pub(crate) const PROOF_LIMIT: usize = 8 * DIGITS + 95;

/// The text of a proof.
pub(crate) fn proof(proof: &Proof) -> String {
    let g1 = |point: &G1Affine| format!(r#"["{}","{}","1"]"#, point.x, point.y);
    let fq2 = |element: &Fq2| format!(r#"["{}","{}"]"#, element.c0, element.c1);
    format!(
        r#"{{"pi_a":{},"pi_b":[{},{},["1","0"]],"pi_c":{},"protocol":"groth16"}}"#,
        g1(&proof.a),
        fq2(&proof.b.x),
        fq2(&proof.b.y),
        g1(&proof.c)
    )
}

/// The text of the public inputs that a proof of this witness will have.
pub(crate) fn public(key: &ProvingKey, witness: &Witness) -> Result<String> {
    let values = witness.values();
    if values.len() != key.n_wires() {
        return Err(Error::WitnessMismatch(format!(
            "it has {} values, the circuit has {} wires",
            values.len(),
            key.n_wires()
        )));
    }
    let inputs = &values[1..=key.n_public()];
    let inputs: Vec<String> = inputs.iter().map(|value| format!("\"{value}\"")).collect();
    Ok(format!("[{}]", inputs.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkiln::field::{Fq, PrimeField};

    /// Eight times q - 1, which has as many digits as any number below q.
    #[test]
    fn no_proof_is_longer_than_the_limit() {
        let largest = -Fq::ONE;
        assert_eq!(largest.to_string().len(), DIGITS);
        assert_eq!(Fq::MODULUS.to_string().len(), DIGITS);
        let point = G1Affine {
            x: largest,
            y: largest,
        };
        let element = Fq2::new(largest, largest);
        let longest = Proof {
            a: point,
            b: zkiln::curve::G2Affine {
                x: element,
                y: element,
            },
            c: point,
        };
        let text = proof(&longest);
        assert_eq!(text.len(), PROOF_LIMIT);
        assert!((text.len() as u64) < crate::PROOF_SIZE);
    }
}
