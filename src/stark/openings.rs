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

mod reduce;

use core::ops::Range;

use rayon::prelude::*;

use super::packed::{MAX_DEGREE, Packed, Points};
use crate::field::Field;
use crate::field::small::{Engine, ExtensionField, Kernel, Lanes, SmallField, Vector};
use crate::memory::prefetch;
use crate::poly::Columns;
pub(super) use reduce::{Opening, reduce};

/// Rows that are one task.
const LOG_TASK: u32 = 10;

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
        let mut weights = Vec::with_capacity(self.denominators.len());
        for denominator in self.denominators {
            let mut of_point = vec![Packed::<V, E>::zero(); points.len()];
            denominator.inverses(&points, &mut norms, &mut of_point);
            for (weight, &x) in of_point.iter_mut().zip(&points) {
                *weight = weight.times_base(x);
            }
            weights.push(of_point);
        }
        let width = self.columns.width();
        let height = self.columns.height();
        let part = |column: usize| {
            let column = &self.columns.values()[column * height..][..height];
            &column[self.range.clone()]
        };
        for column in 0..width {
            // The part of the next column is elsewhere, where the processor does not look by itself.
            if column + 1 < width {
                prefetch(part(column + 1));
            }
            let values = V::pack(part(column)).0;
            for (i, weights) in weights.iter().enumerate() {
                self.sums[i * width + column] += inner(values, weights).sum();
            }
        }
    }
}

/// The sum of the values times the weights, lane by lane.
#[inline(always)]
fn inner<E: ExtensionField, V: Vector<Element = E::Base>>(
    values: &[V],
    weights: &[Packed<V, E>],
) -> Packed<V, E> {
    #[inline(always)]
    fn of_degree<E: ExtensionField, V: Vector<Element = E::Base>, const D: usize>(
        values: &[V],
        weights: &[Packed<V, E>],
    ) -> Packed<V, E> {
        let weights = &weights[..values.len()];
        let sums = V::inner(values.len(), |i| values[i], |i| weights[i].first::<D>());
        Packed::from_fn(|c| sums[c])
    }
    match E::DEGREE {
        1 => of_degree::<E, V, 1>(values, weights),
        2 => of_degree::<E, V, 2>(values, weights),
        3 => of_degree::<E, V, 3>(values, weights),
        _ => of_degree::<E, V, MAX_DEGREE>(values, weights),
    }
}

#[cfg(test)]
mod tests;
