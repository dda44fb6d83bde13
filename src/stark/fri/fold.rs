//! One round of folding.
//!
//! A polynomial is `f(x) = sum x^j f_j(x^a)` for `j` below the arity `a`; its fold by `beta` is
//! `sum beta^j f_j`. A codeword holds the values of `f` on a subgroup in bit-reversed order, so the `a`
//! values that the fold's value at `x^a` depends on, those at the points with that power, are neighbours.
//! With arity 2 it is `(f(x) + f(-x)) / 2 + beta (f(x) - f(-x)) / 2x`; larger arities are that several
//! times, by `beta`, `beta^2`, `beta^4`, ...

use rayon::prelude::*;

use crate::field::Field;
use crate::field::small::{ExtensionField, SmallField};
use crate::ntt::reverse_bits;
use crate::{Error, Result};

/// Folds a codeword by `beta` with arity `2^log_arity`: from values in bit-reversed order to as many
/// fewer. Parallel.
///
/// # Errors
/// [`Error::Argument`] if the length is no power of two, if the field has no subgroup of this length,
/// or if the codeword is shorter than the arity.
pub fn fold<E: ExtensionField>(codeword: &[E], log_arity: u32, beta: E) -> Result<Vec<E>> {
    let log_n = codeword.len().checked_ilog2().unwrap_or(0);
    let root = E::Base::root_of_unity(log_n);
    let (Some(root), true, true) = (root, codeword.len().is_power_of_two(), log_arity <= log_n)
    else {
        return Err(Error::Argument(format!(
            "a codeword of {} values and arity 2^{log_arity}",
            codeword.len()
        )));
    };
    let inverse = root.inverse().expect("a root of unity is not zero");
    let mut folded = codeword.to_vec();
    let (mut beta, mut inverse) = (beta, inverse);
    for _ in 0..log_arity {
        folded = halve(&folded, beta, inverse);
        beta = beta.square();
        inverse = inverse.square();
    }
    Ok(folded)
}

/// A round with arity 2; `inverse` is the inverse of the root that generates the points.
fn halve<E: ExtensionField>(codeword: &[E], beta: E, inverse: E::Base) -> Vec<E> {
    let half_len = codeword.len() / 2;
    let log_half = half_len.ilog2();
    const CHUNK: usize = 1 << 10;
    let chunk_len = half_len.min(CHUNK);
    // Pair `i` is at the points `w^k` and `-w^k` for `k = rev(i)`. Within a chunk the low bits of `i`, the
    // high ones of `k`, run; the root to the rest of `k` is one factor for the chunk.
    let log_chunk = chunk_len.ilog2();
    let step = inverse.pow(&[(half_len / chunk_len) as u64]);
    let mut powers = vec![E::Base::ONE; chunk_len];
    for i in 1..chunk_len {
        powers[i] = powers[i - 1] * step;
    }
    let powers: Vec<E::Base> = (0..chunk_len)
        .map(|i| powers[reverse_bits(i, log_chunk)])
        .collect();
    let mut folded = vec![E::ZERO; half_len];
    let pairs = codeword.as_chunks::<2>().0;
    folded
        .par_chunks_mut(chunk_len)
        .zip(pairs.par_chunks(chunk_len))
        .enumerate()
        .for_each(|(chunk, (folded, pairs))| {
            let exponent = reverse_bits(chunk, log_half - log_chunk);
            let factor = inverse.pow(&[exponent as u64]).halve();
            let scaled_beta = beta * factor;
            let half = E::Base::ONE.halve();
            for ((value, [a, b]), &power) in folded.iter_mut().zip(pairs).zip(&powers) {
                *value = (*a + *b) * half + (*a - *b) * scaled_beta * power;
            }
        });
    folded
}

/// One value of [`fold`]: number `index` of `2^log_height`, from the `2^log_arity` neighbours that it
/// depends on. What a verifier does for each query.
///
/// # Errors
/// [`Error::Argument`] for another number of values, an index that is too large, or a subgroup that the
/// field does not have.
pub fn fold_row<E: ExtensionField>(
    index: usize,
    log_height: u32,
    log_arity: u32,
    beta: E,
    row: &[E],
) -> Result<E> {
    let root = E::Base::root_of_unity(log_height.saturating_add(log_arity));
    let fits = row.len().checked_shr(log_arity) == Some(1) && row.len().is_power_of_two();
    let below = index.checked_shr(log_height).unwrap_or(0) == 0;
    let (Some(root), true, true) = (root, fits, below) else {
        return Err(Error::Argument(format!(
            "value {index} of 2^{log_height} from {} with arity 2^{log_arity}",
            row.len()
        )));
    };
    let inverse = root.inverse().expect("a root of unity is not zero");
    let (mut values, mut beta, mut inverse) = (row.to_vec(), beta, inverse);
    let mut first = index << log_arity;
    let mut log_n = log_height + log_arity;
    while values.len() > 1 {
        let pairs = values.as_chunks::<2>().0.iter().enumerate();
        let halve = |(i, [a, b]): (usize, &[E; 2])| {
            let exponent = reverse_bits(first / 2 + i, log_n - 1);
            let half_inverse = inverse.pow(&[exponent as u64]).halve();
            (*a + *b) * E::Base::ONE.halve() + (*a - *b) * beta * half_inverse
        };
        values = pairs.map(halve).collect();
        (beta, inverse) = (beta.square(), inverse.square());
        (first, log_n) = (first / 2, log_n - 1);
    }
    Ok(values[0])
}
