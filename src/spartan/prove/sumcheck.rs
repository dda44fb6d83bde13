//! The sumcheck over the constraints.

use rayon::prelude::*;

use super::vector::{CHUNK, Folding};
use crate::field::{Field, Fr};
use crate::memory::Secret;
use crate::spartan::kernels;
use crate::spartan::layout::MASK;
use crate::spartan::multilinear::{eq_table, horner};
use crate::spartan::transcript::{Challenges, Speaker};

/// Proves that the sum of `eq(r, i) (a_i b_i - c_i)` is 0, beside `rho` times that of the mask, a sum of
/// cubics of one variable each. Returns the challenges and the tables' extensions there.
///
/// A round's polynomial is `eq(r, x)`, linear, times a quadratic `t` (Gruen, ePrint 2024/108): two values
/// of `t` and the claim give it, and the table of `eq` is never multiplied.
pub(super) fn prove(
    speaker: &mut Speaker,
    r: &[Fr],
    tables: [Secret<Fr>; 3],
    mask: &[[Fr; MASK]],
) -> (Vec<Fr>, [Fr; 3]) {
    let mut mask = Mask::new(mask);
    speaker.say(mask.sum());
    let rho = speaker.challenge();

    let mut tables = tables.map(Folding::from);
    let mut eq: Folding = secret(eq_table(&r[1..])).into();
    let mut claim = Fr::ZERO;
    let mut prefix = Fr::ONE;
    let mut alpha = Vec::with_capacity(r.len());
    for (round, &r) in r.iter().enumerate() {
        if round > 0 {
            eq.sum_halves();
        }
        let [at_zero, square] = quadratic(&tables, &eq);
        // eq(r, x) = zero + slope x, and claim = zero t(0) + (zero + slope) t(1). A challenge that is 0 has
        // no more weight than any other: t(1) is then free, and 0.
        let zero = prefix * (Fr::ONE - r);
        let one = prefix * r;
        let at_one = one
            .inverse()
            .map_or(Fr::ZERO, |inverse| (claim - zero * at_zero) * inverse);
        let t = [at_zero, at_one - at_zero - square, square];
        let slope = one - zero;
        let polynomial = [
            zero * t[0],
            zero * t[1] + slope * t[0],
            zero * t[2] + slope * t[1],
            slope * t[2],
        ];
        let hidden = mask.round();
        let said: [Fr; MASK] = std::array::from_fn(|i| polynomial[i] + rho * hidden[i]);
        speaker.say_all(&said);
        let x = speaker.challenge();
        claim = horner(&polynomial, x);
        prefix *= (Fr::ONE - r) + (r.double() - Fr::ONE) * x;
        tables.iter_mut().for_each(|table| table.fold(x));
        mask.fix(x);
        alpha.push(x);
    }
    (alpha, tables.map(|table| table[0]))
}

/// A copy that is wiped.
pub(super) fn secret(elements: Vec<Fr>) -> Secret<Fr> {
    let mut secret = Secret::zeros(elements.len());
    secret.copy_from_slice(&elements);
    secret
}

/// The sums of `eq (a b - c)` where the first variable is 0, and of the coefficient of its square.
fn quadratic(tables: &[Folding; 3], eq: &[Fr]) -> [Fr; 2] {
    let [(a0, a1), (b0, b1), (c0, _)] = tables.each_ref().map(Folding::halves);
    let chunk = |begin: usize| {
        let run = begin..eq.len().min(begin + CHUNK);
        let [a0, a1, b0, b1, c0] = [a0, a1, b0, b1, c0].map(|half| &half[run.clone()]);
        kernels::constraints(&eq[run], [a0, a1], [b0, b1], c0)
    };
    (0..eq.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|i| chunk(i * CHUNK))
        .reduce(|| [Fr::ZERO; 2], |a, b| [a[0] + b[0], a[1] + b[1]])
}

/// A sum of cubics of one variable each, over all zeros and ones of the variables that are not fixed.
struct Mask<'a> {
    cubics: &'a [[Fr; MASK]],
    fixed: usize,
    /// Of the fixed variables.
    value: Fr,
    /// Of the others beyond the next: each cubic's values at 0 and 1.
    ends: Fr,
}

/// A cubic's values at 0 and at 1.
fn ends(cubic: &[Fr; MASK]) -> Fr {
    cubic[0] + cubic.iter().copied().sum()
}

impl<'a> Mask<'a> {
    fn new(cubics: &'a [[Fr; MASK]]) -> Self {
        Self {
            cubics,
            fixed: 0,
            value: Fr::ZERO,
            ends: cubics[1..].iter().map(ends).sum(),
        }
    }

    /// Of all variables.
    fn sum(&self) -> Fr {
        ends(&self.round())
    }

    /// As a polynomial in the next variable.
    fn round(&self) -> [Fr; MASK] {
        let half = Fr::from_u64(2).inverse().expect("r is odd");
        let others = self.cubics.len() - self.fixed - 1;
        let weight = Fr::from_u64(2).pow(&[others as u64]);
        let mut polynomial = self.cubics[self.fixed].map(|coefficient| weight * coefficient);
        polynomial[0] += weight * (self.value + half * self.ends);
        polynomial
    }

    fn fix(&mut self, x: Fr) {
        self.value += horner(&self.cubics[self.fixed], x);
        self.fixed += 1;
        if let Some(next) = self.cubics.get(self.fixed) {
            self.ends -= ends(next);
        }
    }
}
