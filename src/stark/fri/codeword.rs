//! Codewords of elements of an extension, as the columns that a round commits to.

use rayon::prelude::*;

use crate::field::Field;
use crate::field::small::{Engine, ExtensionField, Kernel, Lanes, SmallField, Vector};
use crate::ntt::columns::ColumnNtt;
use crate::ntt::{BitReversed, Natural, reverse_bits};
use crate::poly::Columns;
use crate::stark::packed::{Packed, PackedFactor, Points, row_blocks, sort_by_residue};
use crate::{Error, Result};

/// Rows that are one task.
const LOG_TASK: u32 = 10;

/// The values of a polynomial over `E` on a subgroup, in bit-reversed order, cut into rows of
/// `2^log_arity` neighbours: what one value of the fold depends on. Column `j D + c` holds coefficient `c`
/// of the `j`-th of each row.
pub(crate) struct Codeword<E: ExtensionField> {
    columns: Columns<E::Base>,
    log_arity: u32,
}

impl<E: ExtensionField> Codeword<E> {
    /// A codeword of these columns.
    pub(crate) fn new(columns: Columns<E::Base>, log_arity: u32) -> Self {
        debug_assert_eq!(columns.width(), E::DEGREE << log_arity);
        Self { columns, log_arity }
    }

    /// The matrix that is committed to.
    pub(crate) fn columns(&self) -> &Columns<E::Base> {
        &self.columns
    }

    /// The values of one row.
    pub(crate) fn row(&self, index: usize) -> Vec<E> {
        let row = self.columns.row(index);
        let values = row.chunks_exact(E::DEGREE);
        values
            .map(|c| E::from_coefficients(c).expect("as many as the degree"))
            .collect()
    }

    /// Folds each row into one value by `beta`, as [`fold`](super::fold) does, into rows of
    /// `2^log_next`. Parallel.
    ///
    /// # Panics
    /// If fewer values are left than a row is to have.
    pub(crate) fn fold(&self, beta: E, log_next: u32) -> Self {
        let height = self.columns.height();
        let log_height = height.ilog2();
        let log_task = LOG_TASK.max(log_next);
        let inverse_root = |log_n| {
            let root = E::Base::root_of_unity(log_n).expect("the codeword's own domain");
            root.inverse().expect("a root of unity is not zero")
        };
        let root = inverse_root(log_height + self.log_arity);
        let points = Points::new(root, log_height, E::Base::ONE, log_task);
        let rows = points.first().len();

        // Halving layer `s` multiplies the difference of pair `k` of row `i` by
        // beta^(2^s) / 2 times the inverse of the pair's point: a factor of the pair times one of the row.
        let pairs = 1usize << self.log_arity.saturating_sub(1);
        let pair_root = inverse_root(self.log_arity);
        let mut factors = Vec::with_capacity(2 * pairs);
        let mut power = beta;
        for layer in 0..self.log_arity {
            let count = pairs >> layer;
            let step = pair_root.pow(&[1 << layer]);
            for k in 0..count {
                let place = reverse_bits(k, count.ilog2());
                factors.push(power * step.pow(&[place as u64]).halve());
            }
            power = power.square();
        }

        let mut folded = Columns::zeroed(height >> log_next, E::DEGREE << log_next);
        row_blocks(&mut folded, rows >> log_next)
            .into_par_iter()
            .enumerate()
            .for_each(|(block, output)| {
                let range = block * rows..(block + 1) * rows;
                let input = self.columns.columns().map(|c| &c[range.clone()]).collect();
                Engine::best().run(FoldRows {
                    input,
                    points: points.first(),
                    point_factor: points.factor(block),
                    factors: &factors,
                    output,
                });
            });
        Self::new(folded, log_next)
    }

    /// The coefficients of the polynomial, which has `2^log_len` of them, from a codeword with rows of one
    /// value.
    ///
    /// # Errors
    /// [`Error::Argument`] for rows of more values, or fewer rows than coefficients.
    pub(crate) fn coefficients(&self, log_len: u32) -> Result<Vec<E>> {
        let len = 1usize << log_len;
        if self.log_arity != 0 || self.columns.height() < len {
            return Err(Error::Argument(format!(
                "{len} coefficients of a codeword of {} rows of 2^{} values",
                self.columns.height(),
                self.log_arity
            )));
        }
        // In bit-reversed order a smaller subgroup's values come first.
        let heads = self.columns.columns().map(|column| &column[..len]);
        let mut values = heads.collect::<Vec<_>>().concat();
        ColumnNtt::new(log_len)?.inverse::<BitReversed, Natural>(&mut values)?;
        Ok(Self::new(Columns::new(values, len)?, 0).rows())
    }

    /// All values of a codeword with rows of one value.
    fn rows(&self) -> Vec<E> {
        (0..self.columns.height()).map(|i| self.row(i)[0]).collect()
    }
}

/// Folds a block of rows.
struct FoldRows<'a, E: ExtensionField> {
    input: Vec<&'a [E::Base]>,
    points: &'a [E::Base],
    point_factor: E::Base,
    /// Those of the pairs, layer by layer.
    factors: &'a [E],
    output: Vec<&'a mut [E::Base]>,
}

impl<E: ExtensionField> Kernel<E::Base> for FoldRows<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = E::Base>>(self) {
        let next_arity = self.output.len() / E::DEGREE;
        if self.points.len().is_multiple_of(next_arity * V::LANES) {
            self.run_on::<V>();
        } else {
            self.run_on::<Lanes<E::Base, 1>>();
        }
    }
}

impl<E: ExtensionField> FoldRows<'_, E> {
    #[inline(always)]
    fn run_on<V: Vector<Element = E::Base>>(mut self) {
        let degree = E::DEGREE;
        let next_arity = self.output.len() / degree;
        let log_next = next_arity.ilog2();
        let arity = self.input.len() / degree;
        let mut factors: Vec<PackedFactor<V, E>> = Vec::with_capacity(self.factors.len());
        for &factor in self.factors {
            factors.push(PackedFactor::new(factor));
        }
        let point_factor = V::spread(V::factor(self.point_factor));
        let mut values = vec![Packed::<V, E>::zero(); arity];
        let mut folded = vec![V::zeroed(); degree * next_arity];
        let mut scratch = vec![V::zeroed(); next_arity];

        let groups = self.points.chunks_exact(next_arity * V::LANES);
        for (group, points) in groups.enumerate() {
            for (i, points) in points.chunks_exact(V::LANES).enumerate() {
                let row = (group * next_arity + i) * V::LANES;
                for (value, columns) in values.iter_mut().zip(self.input.chunks_exact(degree)) {
                    *value = Packed::from_fn(|c| V::load(&columns[c][row..]));
                }
                let mut point = V::load(points).times(point_factor);
                let mut factors = factors.as_slice();
                let mut left = arity;
                while left > 1 {
                    for k in 0..left / 2 {
                        let (a, b) = (values[2 * k], values[2 * k + 1]);
                        let odd = (a - b).times(&factors[k]).times_base(point);
                        values[k] = (a + b).halve() + odd;
                    }
                    left /= 2;
                    factors = &factors[left..];
                    point = point * point;
                }
                for (c, &coefficient) in values[0].coefficients().iter().enumerate() {
                    folded[c * next_arity + i] = coefficient;
                }
            }
            for (c, folded) in folded.chunks_exact_mut(next_arity).enumerate() {
                sort_by_residue(folded, &mut scratch);
                for (i, vector) in folded.iter().enumerate() {
                    let column = reverse_bits(i, log_next) * degree + c;
                    vector.store(&mut self.output[column][group * V::LANES..]);
                }
            }
        }
    }
}
