//! What a prover of sumchecks computes: a round's polynomial, and the tables with a variable fixed.

use rayon::prelude::*;

use super::kernels;
use super::multilinear::{eq_table, horner};
use super::vector::{CHUNK, Folding, secret};
use crate::field::{Field, Fr};
use crate::memory::Secret;

/// The sum of `eq(r, i) (a_i b_i - c_i)`, which is 0, by its tables.
///
/// A round's polynomial is `eq(r, x)`, linear, times a quadratic `t` (Gruen, ePrint 2024/108): two values
/// of `t` and the claim give it, and the table of `eq` is never multiplied.
pub(super) struct Constraints<'a> {
    tables: [Folding; 3],
    /// `eq` over the variables after the next.
    eq: Folding,
    /// `r` from the next variable on.
    r: &'a [Fr],
    /// `eq` over the fixed variables.
    prefix: Fr,
    claim: Fr,
}

impl<'a> Constraints<'a> {
    /// Of tables of `2^n` for `n` elements of `r`, one at least.
    pub(super) fn new(r: &'a [Fr], tables: [Secret<Fr>; 3]) -> Self {
        Self {
            tables: tables.map(Folding::from),
            eq: secret(&eq_table(&r[1..])).into(),
            r,
            prefix: Fr::ONE,
            claim: Fr::ZERO,
        }
    }

    /// The sum as a polynomial in the next variable: the coefficients of a cubic.
    pub(super) fn round(&self) -> [Fr; 4] {
        let [at_zero, square] = self.quadratic();
        // eq(r, x) = zero + slope x, and claim = zero t(0) + (zero + slope) t(1). A challenge that is 0 has
        // no more weight than any other: t(1) is then free, and 0.
        let zero = self.prefix * (Fr::ONE - self.r[0]);
        let one = self.prefix * self.r[0];
        let at_one = one
            .inverse()
            .map_or(Fr::ZERO, |inverse| (self.claim - zero * at_zero) * inverse);
        let t = [at_zero, at_one - at_zero - square, square];
        let slope = one - zero;
        [
            zero * t[0],
            zero * t[1] + slope * t[0],
            zero * t[2] + slope * t[1],
            slope * t[2],
        ]
    }

    /// Fixes the variable of the polynomial that [`Constraints::round`] returned.
    pub(super) fn fix(&mut self, polynomial: &[Fr; 4], x: Fr) {
        let (&r, rest) = self.r.split_first().expect("a variable is left");
        self.claim = horner(polynomial, x);
        self.prefix *= (Fr::ONE - r) + (r.double() - Fr::ONE) * x;
        self.tables.iter_mut().for_each(|table| table.fold(x));
        if !rest.is_empty() {
            self.eq.sum_halves();
        }
        self.r = rest;
    }

    /// The tables' values when all variables are fixed.
    pub(super) fn ends(&self) -> [Fr; 3] {
        self.tables.each_ref().map(|table| table[0])
    }

    /// The sums of `eq (a b - c)` where the next variable is 0, and of the coefficient of its square.
    fn quadratic(&self) -> [Fr; 2] {
        let eq = &self.eq;
        let [(a0, a1), (b0, b1), (c0, _)] = self.tables.each_ref().map(Folding::halves);
        let chunk = |begin: usize| {
            let run = begin..eq.len().min(begin + CHUNK);
            let [a0, a1, b0, b1, c0] = [a0, a1, b0, b1, c0].map(|half| &half[run.clone()]);
            kernels::constraints(&eq[run], [a0, a1], [b0, b1], c0)
        };
        sum_of(eq.len(), chunk)
    }
}

/// The sum of a vector with weights.
pub(super) struct Product {
    pub(super) vector: Folding,
    pub(super) weights: Folding,
    pub(super) sum: Fr,
}

impl Product {
    pub(super) fn new(vector: Secret<Fr>, weights: Secret<Fr>, sum: Fr) -> Self {
        Self {
            vector: vector.into(),
            weights: weights.into(),
            sum,
        }
    }

    /// The sum as a polynomial in the next variable: the coefficients of a quadratic.
    pub(super) fn round(&self) -> [Fr; 3] {
        let ((a0, a1), (b0, b1)) = (self.vector.halves(), self.weights.halves());
        let chunk = |begin: usize| {
            let run = begin..a0.len().min(begin + CHUNK);
            let [a0, a1, b0, b1] = [a0, a1, b0, b1].map(|half| &half[run.clone()]);
            kernels::quadratic([a0, a1], [b0, b1])
        };
        let [constant, square] = sum_of(a0.len(), chunk);
        [constant, self.sum - constant.double() - square, square]
    }

    /// Fixes the variable of the polynomial that [`Product::round`] returned.
    pub(super) fn fix(&mut self, polynomial: &[Fr; 3], x: Fr) {
        self.vector.fold(x);
        self.weights.fold(x);
        self.sum = horner(polynomial, x);
    }
}

/// The sums of what each chunk of `len` places has; parallel.
fn sum_of(len: usize, chunk: impl Fn(usize) -> [Fr; 2] + Send + Sync) -> [Fr; 2] {
    (0..len.div_ceil(CHUNK))
        .into_par_iter()
        .map(|i| chunk(i * CHUNK))
        .reduce(|| [Fr::ZERO; 2], |a, b| [a[0] + b[0], a[1] + b[1]])
}
