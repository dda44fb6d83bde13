//! Openings of committed columns at points of the extension: their values there, and the one codeword
//! that says they are right.
//!
//! A committed column `f` is given by its values on the coset `g K` in bit-reversed order. If `f(z) = y`,
//! then `(f(x) - y) / (x - z)` is a polynomial, of degree below `f`'s; a random combination of these for
//! all columns and points is what FRI then shows to be close to one.
//!
//! `1 / (x - z)` takes no inversion in the extension: with the conjugates `z_i` of `z`, `x - z` divides
//! `m(x) = (x - z_0) (x - z_1) ...`, whose coefficients, and so its values at points of the base, are in
//! the base.

use core::ops::Range;

use rayon::prelude::*;

use super::fri::Codeword;
use super::packed::{MAX_DEGREE, Packed, PackedFactor, Points, row_blocks, sort_by_residue};
use crate::field::Field;
use crate::field::small::{Engine, ExtensionField, Kernel, Lanes, SmallField, Vector};
use crate::ntt::reverse_bits;
use crate::poly::Columns;

/// Rows that are one task.
const LOG_TASK: u32 = 10;

/// Columns that are opened at the same points, with the same powers of the challenge at each.
pub(super) struct Opening<'a, E: ExtensionField> {
    /// The committed columns.
    pub(super) columns: &'a Columns<E::Base>,
    /// For each point the values there, of all columns.
    pub(super) values: &'a [Vec<E>],
}

/// The points of the coset `GENERATOR K` of `2^log_n` elements, in bit-reversed order.
fn domain<F: SmallField>(log_n: u32, log_task: u32) -> Points<F> {
    let root = F::root_of_unity(log_n).expect("columns have been extended to this length");
    Points::new(root, log_n, F::GENERATOR, log_task)
}

/// The values at the points of the polynomials below degree `height / 2^log_blowup` that the columns hold
/// the values of: for each point those of all columns. Parallel; a product of base and extension for each
/// value of the smallest coset that determines the polynomials, which comes first in bit-reversed order.
///
/// With `n` points `x_i` on that coset, `f(z) = ((z / g)^n - 1) / n sum f(x_i) x_i / (z - x_i)`.
pub(super) fn evaluate<E: ExtensionField>(
    columns: &Columns<E::Base>,
    log_blowup: u32,
    points: &[E],
) -> Vec<Vec<E>> {
    let log_n = columns.height().ilog2() - log_blowup;
    let domain = domain::<E::Base>(log_n, LOG_TASK);
    let rows = domain.first().len();
    let width = columns.width();
    let denominators: Vec<Denominator<E>> = points.iter().map(|&z| Denominator::new(z)).collect();
    let zero = || vec![E::ZERO; points.len() * width];
    let sums = (0..1usize << (log_n - rows.ilog2()))
        .into_par_iter()
        .fold(zero, |mut sums, block| {
            Engine::best().run(Evaluate {
                columns,
                range: block * rows..(block + 1) * rows,
                points: domain.first(),
                point_factor: domain.factor(block),
                denominators: &denominators,
                sums: &mut sums,
            });
            sums
        })
        .reduce(zero, |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        });
    let shift = E::Base::GENERATOR
        .inverse()
        .expect("a generator is not zero");
    let scale = |(i, &z): (usize, &E)| {
        let vanishing = (z * shift).pow(&[1 << log_n]) - E::ONE;
        let factor = -vanishing * E::Base::ONE.div_2exp(log_n);
        let sums = sums[i * width..(i + 1) * width].iter();
        sums.map(|&sum| sum * factor).collect()
    };
    points.iter().enumerate().map(scale).collect()
}

/// The sum of `alpha^i (f_i(x) - y_i) / (x - z_i)` over all openings, their points and their columns, in
/// this order, as a codeword with rows of `2^log_arity` values. `openings` have columns of the same
/// height, and the first so many of `points`. Parallel.
pub(super) fn reduce<E: ExtensionField>(
    openings: &[Opening<'_, E>],
    points: &[E],
    alpha: E,
    log_arity: u32,
) -> Codeword<E> {
    let height = openings[0].columns.height();
    let domain = domain::<E::Base>(height.ilog2(), LOG_TASK.max(log_arity));
    let rows = domain.first().len();
    let denominators: Vec<Denominator<E>> = points.iter().map(|&z| Denominator::new(z)).collect();

    let mut power = E::ONE;
    let mut terms = Vec::new();
    let mut constants = vec![E::ZERO; points.len()];
    for opening in openings {
        let mut factors = Vec::with_capacity(opening.columns.width());
        for (point, values) in opening.values.iter().enumerate() {
            for &value in values {
                if point == 0 {
                    factors.push(power);
                }
                constants[point] += power * value;
                power *= alpha;
            }
        }
        terms.push(Term {
            columns: opening.columns,
            factors,
            points: opening.values.len(),
            shift: alpha.pow(&[opening.columns.width() as u64]),
        });
    }

    let mut codeword = Columns::zeroed(height >> log_arity, E::DEGREE << log_arity);
    row_blocks(&mut codeword, rows >> log_arity)
        .into_par_iter()
        .enumerate()
        .for_each(|(block, output)| {
            Engine::best().run(Reduce {
                terms: &terms,
                constants: &constants,
                range: block * rows..(block + 1) * rows,
                points: domain.first(),
                point_factor: domain.factor(block),
                denominators: &denominators,
                output,
            });
        });
    Codeword::new(codeword, log_arity)
}

/// What `1 / (x - z)` takes for many `x` of the base, as `q(x) / m(x)`.
struct Denominator<E: ExtensionField> {
    /// The coefficients of `m`, the highest first, which is one and left out.
    norm: Vec<E::Base>,
    /// Those of `q`.
    others: Vec<E>,
}

impl<E: ExtensionField> Denominator<E> {
    fn new(z: E) -> Self {
        // A product of linear factors, the highest coefficient first.
        let times = |polynomial: &[E], root: E| -> Vec<E> {
            let shifted = polynomial.iter().copied().chain([E::ZERO]);
            let scaled = [E::ZERO]
                .into_iter()
                .chain(polynomial.iter().map(|&c| c * root));
            shifted.zip(scaled).map(|(a, b)| a - b).collect()
        };
        let mut others = vec![E::ONE];
        let mut conjugate = z;
        for _ in 1..E::DEGREE {
            conjugate = conjugate.frobenius();
            others = times(&others, conjugate);
        }
        let norm = times(&others, z);
        Self {
            norm: norm[1..].iter().map(|c| c.coefficients()[0]).collect(),
            others: others[1..].to_vec(),
        }
    }

    /// `1 / (x - z)` for each `x`; `norms` is as long and is overwritten. Zero for `x = z`.
    #[inline(always)]
    fn inverses<V: Vector<Element = E::Base>>(
        &self,
        points: &[V],
        norms: &mut [V],
        inverses: &mut [Packed<V, E>],
    ) {
        for (norm, &x) in norms.iter_mut().zip(points) {
            *norm = x + V::splat(self.norm[0]);
            for &c in &self.norm[1..] {
                *norm = *norm * x + V::splat(c);
            }
        }
        invert::<V>(norms);
        for ((inverse, &x), &norm) in inverses.iter_mut().zip(points).zip(&*norms) {
            let mut q = Packed::splat(self.others[0]).plus_base(x);
            for &c in &self.others[1..] {
                q = q.times_base(x) + Packed::splat(c);
            }
            *inverse = q.times_base(norm);
        }
    }
}

/// Inverts all lanes (Montgomery's trick, in each lane of several chains of vectors); zeros stay zeros.
#[inline(always)]
fn invert<V: Vector>(vectors: &mut [V]) {
    const CHAINS: usize = 4;
    let one = V::splat(V::Element::ONE);
    if vectors.len() < CHAINS
        || vectors
            .iter()
            .any(|v| v.elements().iter().any(Field::is_zero))
    {
        V::Element::invert_all(bytemuck::cast_slice_mut(vectors));
        return;
    }
    let mut chains = [one; CHAINS];
    let mut before = Vec::with_capacity(vectors.len());
    for (i, &vector) in vectors.iter().enumerate() {
        before.push(chains[i % CHAINS]);
        chains[i % CHAINS] = chains[i % CHAINS] * vector;
    }
    V::Element::invert_all(bytemuck::cast_slice_mut(&mut chains));
    for (i, vector) in vectors.iter_mut().enumerate().rev() {
        let inverse = chains[i % CHAINS];
        chains[i % CHAINS] = inverse * *vector;
        *vector = inverse * before[i];
    }
}

/// The points of a block.
#[inline(always)]
fn block_points<V: Vector>(first: &[V::Element], factor: V::Element) -> Vec<V> {
    let factor = V::spread(V::factor(factor));
    let mut points = vec![V::zeroed(); first.len() / V::LANES];
    for (points, first) in points.iter_mut().zip(first.chunks_exact(V::LANES)) {
        *points = V::load(first).times(factor);
    }
    points
}

/// Adds a block's part to the sums `f(x_i) x_i / (x_i - z)`, for each point of all columns.
struct Evaluate<'a, E: ExtensionField> {
    columns: &'a Columns<E::Base>,
    range: Range<usize>,
    points: &'a [E::Base],
    point_factor: E::Base,
    denominators: &'a [Denominator<E>],
    sums: &'a mut [E],
}

impl<E: ExtensionField> Kernel<E::Base> for Evaluate<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = E::Base>>(self) {
        if self.points.len().is_multiple_of(V::LANES) {
            self.run_on::<V>();
        } else {
            self.run_on::<Lanes<E::Base, 1>>();
        }
    }
}

impl<E: ExtensionField> Evaluate<'_, E> {
    #[inline(always)]
    fn run_on<V: Vector<Element = E::Base>>(self) {
        let points = block_points::<V>(self.points, self.point_factor);
        let mut norms = points.clone();
        let mut weights = vec![Packed::<V, E>::zero(); points.len()];
        let width = self.columns.width();
        let sums = self.sums.chunks_exact_mut(width.max(1));
        for (denominator, sums) in self.denominators.iter().zip(sums) {
            denominator.inverses(&points, &mut norms, &mut weights);
            for (weight, &x) in weights.iter_mut().zip(&points) {
                *weight = weight.times_base(x);
            }
            for (sum, column) in sums.iter_mut().zip(self.columns.columns()) {
                let column = column[self.range.clone()].chunks_exact(V::LANES);
                let mut total = Packed::<V, E>::zero();
                for (values, &weight) in column.zip(&weights) {
                    total = total + weight.times_base(V::load(values));
                }
                *sum += total.sum();
            }
        }
    }
}

/// An opening, for [`reduce`].
struct Term<'a, E: ExtensionField> {
    columns: &'a Columns<E::Base>,
    /// The powers of the challenge for the first point.
    factors: Vec<E>,
    /// At how many points.
    points: usize,
    /// The powers for the next point over those for this one.
    shift: E,
}

/// A block of the codeword.
struct Reduce<'a, E: ExtensionField> {
    terms: &'a [Term<'a, E>],
    /// For each point the combination of all values there.
    constants: &'a [E],
    range: Range<usize>,
    points: &'a [E::Base],
    point_factor: E::Base,
    denominators: &'a [Denominator<E>],
    output: Vec<&'a mut [E::Base]>,
}

impl<E: ExtensionField> Kernel<E::Base> for Reduce<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = E::Base>>(self) {
        let arity = self.output.len() / E::DEGREE;
        if self.points.len().is_multiple_of(arity * V::LANES) {
            self.run_on::<V>();
        } else {
            self.run_on::<Lanes<E::Base, 1>>();
        }
    }
}

impl<E: ExtensionField> Reduce<'_, E> {
    #[inline(always)]
    fn run_on<V: Vector<Element = E::Base>>(mut self) {
        let points = block_points::<V>(self.points, self.point_factor);
        let count = points.len();

        // For each point the sum of the combinations of columns, less that of their values.
        let mut numerators: Vec<Vec<Packed<V, E>>> = self
            .constants
            .iter()
            .map(|&constant| vec![Packed::zero() - Packed::splat(constant); count])
            .collect();
        let mut combined = vec![Packed::<V, E>::zero(); count];
        for term in self.terms {
            self.combine(term, &mut combined);
            let shift = PackedFactor::new(term.shift);
            for (i, numerators) in numerators.iter_mut().take(term.points).enumerate() {
                for (numerator, combined) in numerators.iter_mut().zip(&mut combined) {
                    if i > 0 {
                        *combined = combined.times(&shift);
                    }
                    *numerator = *numerator + *combined;
                }
            }
        }

        let mut norms = points.clone();
        let mut inverses = vec![Packed::<V, E>::zero(); count];
        combined.fill(Packed::zero());
        for (numerators, denominator) in numerators.iter().zip(self.denominators) {
            denominator.inverses(&points, &mut norms, &mut inverses);
            for ((sum, &numerator), &inverse) in combined.iter_mut().zip(numerators).zip(&inverses)
            {
                *sum = *sum + numerator * inverse;
            }
        }
        self.store(&combined);
    }

    /// The combination of a term's columns for its first point.
    #[inline(always)]
    fn combine<V: Vector<Element = E::Base>>(
        &self,
        term: &Term<'_, E>,
        combined: &mut [Packed<V, E>],
    ) {
        combined.fill(Packed::zero());
        let columns: Vec<&[E::Base]> = term
            .columns
            .columns()
            .map(|column| &column[self.range.clone()])
            .collect();
        // As many columns at a time as stay in the nearest cache for all coefficients.
        const COLUMNS: usize = 32;
        for (columns, factors) in columns.chunks(COLUMNS).zip(term.factors.chunks(COLUMNS)) {
            for (i, sum) in combined.iter_mut().enumerate() {
                let value = |column: usize| V::load(&columns[column][i * V::LANES..]);
                *sum = *sum + dot(value, factors);
            }
        }
    }

    /// Writes values next to each other into the columns of rows.
    #[inline(always)]
    fn store<V: Vector<Element = E::Base>>(&mut self, values: &[Packed<V, E>]) {
        let arity = self.output.len() / E::DEGREE;
        let mut vectors = vec![V::zeroed(); arity];
        let mut scratch = vectors.clone();
        for (group, values) in values.chunks_exact(arity).enumerate() {
            for c in 0..E::DEGREE {
                for (vector, value) in vectors.iter_mut().zip(values) {
                    *vector = value.coefficients()[c];
                }
                sort_by_residue(&mut vectors, &mut scratch);
                for (i, vector) in vectors.iter().enumerate() {
                    let column = reverse_bits(i, arity.ilog2()) * E::DEGREE + c;
                    vector.store(&mut self.output[column][group * V::LANES..]);
                }
            }
        }
    }
}

/// The sum of `value(i)` times factor `i`.
#[inline(always)]
fn dot<E: ExtensionField, V: Vector<Element = E::Base>>(
    value: impl Fn(usize) -> V,
    factors: &[E],
) -> Packed<V, E> {
    // The coefficients of an element lie next to each other.
    let coefficients: &[E::Base] = bytemuck::cast_slice(factors);
    match E::DEGREE {
        1 => {
            let [sum] = V::dot(value, coefficients.as_chunks::<1>().0);
            Packed::from_fn(|_| sum)
        }
        2 => {
            let sums = V::dot(value, coefficients.as_chunks::<2>().0);
            Packed::from_fn(|c| sums[c])
        }
        3 => {
            let sums = V::dot(value, coefficients.as_chunks::<3>().0);
            Packed::from_fn(|c| sums[c])
        }
        _ => {
            let sums = V::dot(value, coefficients.as_chunks::<MAX_DEGREE>().0);
            Packed::from_fn(|c| sums[c])
        }
    }
}

#[cfg(test)]
mod tests;
