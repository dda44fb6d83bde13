//! The verifier. It shares with the prover the circuit, the parameters, the sponge and the multilinear
//! extensions, and no step of the protocol.

mod opening;
mod whir;
mod zk;

use super::circuit::Circuit;
use super::multilinear::{eq, eq_table, par_dot};
use super::proof::Proof;
use super::transcript::{Challenges, Listener, powers};
use crate::error::{Error, Result};
use crate::field::Fr;

/// Why a proof is refused.
pub(super) enum Refusal {
    /// It has another shape.
    Malformed(Error),
    /// Its shape is right, and this is not.
    Invalid(&'static str),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Malformed(error)
    }
}

pub(super) type Checked<T> = std::result::Result<T, Refusal>;

/// A check of the protocol.
pub(super) fn check(holds: bool, what: &'static str) -> Checked<()> {
    if holds {
        Ok(())
    } else {
        Err(Refusal::Invalid(what))
    }
}

/// Whether the proof is one for the circuit and these public signals, without the constant 1.
pub(super) fn verify(circuit: &Circuit, signals: &[Fr], proof: &Proof) -> Result<bool> {
    let mut listener = Listener::new(circuit.sponge(signals), proof);
    match spartan(circuit, signals, &mut listener) {
        Err(Refusal::Malformed(error)) => return Err(error),
        Err(Refusal::Invalid(what)) => {
            tracing::debug!(what, "a proof is refused");
            return Ok(false);
        }
        Ok(()) => {}
    }
    listener.finish()?;
    Ok(true)
}

/// A cubic by its coefficients.
fn cubic(coefficients: &[Fr], x: Fr) -> Fr {
    super::multilinear::horner(coefficients, x)
}

fn spartan(circuit: &Circuit, signals: &[Fr], listener: &mut Listener<'_>) -> Checked<()> {
    let config = &circuit.commitment;
    let commitment = zk::Commitment::hear(listener, config)?;

    // The sum of eq(r, i) ((A w)_i (B w)_i - (C w)_i) over all i is 0, beside a mask's.
    let m_0 = circuit.m_0();
    let r = listener.challenges(m_0);
    let mask_sum = listener.hear()?;
    let rho = listener.challenge();
    let mut claim = rho * mask_sum;
    let mut alpha = Vec::with_capacity(m_0);
    for _ in 0..m_0 {
        let polynomial = listener.hear_all(4)?;
        let at_one: Fr = polynomial.iter().copied().sum();
        check(polynomial[0] + at_one == claim, "a round of the sumcheck")?;
        let x = listener.challenge();
        claim = cubic(&polynomial, x);
        alpha.push(x);
    }
    let mask = listener.hear()?;
    let claim = claim - rho * mask;

    // The public signals once more, as the format has them.
    let digest = listener.hear()?;
    check(
        digest == super::circuit::digest_of(signals),
        "the signals' digest",
    )?;
    let x = listener.challenge();

    let rows = listener.hear_all(3)?;
    let public = listener.hear()?;
    let weights = powers(x, 1 + signals.len());
    let expected = signals.iter().zip(&weights[1..]);
    let expected = Fr::ONE + expected.map(|(&signal, &weight)| signal * weight).sum();
    check(public == expected, "the public signals")?;
    check(
        claim == (rows[0] * rows[1] - rows[2]) * eq(&r, &alpha),
        "the sumcheck's end",
    )?;

    let claims = [public, rows[0], rows[1], rows[2], mask];
    let forms = |point: &[Fr]| forms_at(circuit, &alpha, &weights, point);
    zk::verify(listener, config, &commitment, &claims, forms)
}

/// The extensions at a point of what the claims are sums over the vector with: powers of x over 1 and the
/// public signals, eq(alpha, .) times the three matrices, powers of alpha over the mask.
fn forms_at(circuit: &Circuit, alpha: &[Fr], public: &[Fr], point: &[Fr]) -> Checked<[Fr; 5]> {
    let at = eq_table(point);
    let rows = eq_table(alpha);
    let columns = &at[..circuit.columns()];
    let [a, b, c] = &circuit.matrices;
    let mut product = vec![Fr::ZERO; a.rows()];
    let mut extension = |matrix: &crate::poly::PreparedMatrix<Fr>| -> Result<Fr> {
        matrix.mul_vec(columns, &mut product)?;
        Ok(par_dot(&rows[..product.len()], &product))
    };
    let [a, b, c] = [extension(a)?, extension(b)?, extension(c)?];
    let mask: Vec<Fr> = alpha.iter().flat_map(|&x| powers(x, 4)).collect();
    let masked = &at[circuit.columns()..][..mask.len()];
    Ok([
        par_dot(&at[..public.len()], public),
        a,
        b,
        c,
        par_dot(masked, &mask),
    ])
}
