//! The codeword that says that all openings are right.

use core::ops::Range;

use rayon::prelude::*;

use super::{Denominator, LOG_TASK, block_points, domain};
use crate::field::Field;
use crate::field::small::{Engine, ExtensionField, Kernel, Lanes, Vector};
use crate::ntt::columns::Extender;
use crate::ntt::reverse_bits;
use crate::poly::Columns;
use crate::stark::fri::Codeword;
use crate::stark::packed::{MAX_DEGREE, Packed, PackedFactor, row_blocks, sort_by_residue};

/// Columns that are opened at the same points, with the same powers of the challenge at each.
pub(in crate::stark) struct Opening<'a, E: ExtensionField> {
    /// The committed columns.
    pub(in crate::stark) columns: &'a Columns<E::Base>,
    /// For each point the values there, of all columns.
    pub(in crate::stark) values: &'a [Vec<E>],
}

/// The columns from which on those of an opening are combined on the smallest coset that determines the
/// combination, which is then extended: as many as make the other cosets' part dearer than four transforms.
pub(super) const WIDE: usize = 64;

/// The sum of `alpha^i (f_i(x) - y_i) / (x - z_i)` over all openings, their points and their columns, in
/// this order, as a codeword with rows of `2^log_arity` values. `openings` have columns of the same
/// height, extended by `extender`'s factor, and the first so many of `points`. Parallel.
pub(in crate::stark) fn reduce<E: ExtensionField>(
    openings: &[Opening<'_, E>],
    points: &[E],
    alpha: E,
    log_arity: u32,
    extender: &Extender<E::Base>,
) -> Codeword<E> {
    let height = openings[0].columns.height();
    let domain = domain::<E::Base>(height.ilog2(), LOG_TASK.max(log_arity));
    let rows = domain.first().len();
    let denominators: Vec<Denominator<E>> = points.iter().map(|&z| Denominator::new(z)).collect();

    let mut power = E::ONE;
    let mut combined = Vec::new();
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
        combined.push((opening.columns.width() >= WIDE).then(|| {
            let columns = combine(opening.columns, &factors, extender);
            factors = basis();
            columns
        }));
        terms.push(Term {
            columns: opening.columns,
            factors,
            points: opening.values.len(),
            shift: alpha.pow(&[opening.columns.width() as u64]),
        });
    }
    for (term, combined) in terms.iter_mut().zip(&combined) {
        term.columns = combined.as_ref().unwrap_or(term.columns);
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
            combine_rows(
                term.columns,
                &term.factors,
                self.range.clone(),
                &mut combined,
            );
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

/// `1, X, X^2, ...`: the elements whose combination with coefficients is what these are the coefficients of.
fn basis<E: ExtensionField>() -> Vec<E> {
    let element = |i| {
        let mut coefficients = vec![E::Base::ZERO; E::DEGREE];
        coefficients[i] = E::Base::ONE;
        E::from_coefficients(&coefficients).expect("as many as the degree")
    };
    (0..E::DEGREE).map(element).collect()
}

/// The coefficients of the sum of the columns times the factors, as columns of the same height.
fn combine<E: ExtensionField>(
    columns: &Columns<E::Base>,
    factors: &[E],
    extender: &Extender<E::Base>,
) -> Columns<E::Base> {
    let mut first = Columns::zeroed(extender.len(), E::DEGREE);
    let rows = first.height().min(1 << LOG_TASK);
    row_blocks(&mut first, rows)
        .into_par_iter()
        .enumerate()
        .for_each(|(block, output)| {
            Engine::best().run(Combine {
                columns,
                factors,
                range: block * rows..(block + 1) * rows,
                output,
            });
        });
    let mut combined = Columns::zeroed(columns.height(), E::DEGREE);
    extender.extend_coset(first.values(), combined.values_mut());
    combined
}

/// A block of a combination of columns, coefficient by coefficient.
struct Combine<'a, E: ExtensionField> {
    columns: &'a Columns<E::Base>,
    factors: &'a [E],
    range: Range<usize>,
    output: Vec<&'a mut [E::Base]>,
}

impl<E: ExtensionField> Kernel<E::Base> for Combine<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = E::Base>>(self) {
        if self.range.len().is_multiple_of(V::LANES) {
            self.run_on::<V>();
        } else {
            self.run_on::<Lanes<E::Base, 1>>();
        }
    }
}

impl<E: ExtensionField> Combine<'_, E> {
    #[inline(always)]
    fn run_on<V: Vector<Element = E::Base>>(mut self) {
        let mut combined = vec![Packed::<V, E>::zero(); self.range.len() / V::LANES];
        combine_rows(self.columns, self.factors, self.range, &mut combined);
        for (c, output) in self.output.iter_mut().enumerate() {
            for (to, combined) in output.chunks_exact_mut(V::LANES).zip(&combined) {
                combined.coefficients()[c].store(to);
            }
        }
    }
}

/// The sums of the columns times the factors, in a range of rows.
#[inline(always)]
fn combine_rows<E: ExtensionField, V: Vector<Element = E::Base>>(
    columns: &Columns<E::Base>,
    factors: &[E],
    range: Range<usize>,
    combined: &mut [Packed<V, E>],
) {
    combined.fill(Packed::zero());
    let mut parts: Vec<&[E::Base]> = Vec::with_capacity(columns.width());
    for column in columns.columns() {
        parts.push(&column[range.clone()]);
    }
    // As many columns at a time as stay in the nearest cache for all coefficients.
    const COLUMNS: usize = 32;
    for (columns, factors) in parts.chunks(COLUMNS).zip(factors.chunks(COLUMNS)) {
        for (i, sum) in combined.iter_mut().enumerate() {
            let value = |column: usize| V::load(&columns[column][i * V::LANES..]);
            *sum = *sum + dot(value, factors);
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
