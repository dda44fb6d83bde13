//! Transforms of columns of word-sized elements: many of the same length, one after the other.
//!
//! A [`ColumnNtt`] is a plan for one length, an [`Extender`] one for low-degree extensions; both are
//! made once and shared by any number of threads. Columns are contiguous: a matrix of `w` columns and
//! `n` rows is a slice of `w n` elements, column by column. Nothing is ever transposed.
//!
//! The design and its cost are explained in `docs/ntt.md`.

mod extend;
mod layers;
mod reverse;
mod schedule;

use rayon::prelude::*;

use super::Order;
use crate::field::batch_inverse;
use crate::field::small::{Engine, Factors, Kernel, SmallField, Vector};
use crate::{Error, Result};
pub use extend::Extender;
use layers::{Join, Split};

/// A plan for transforms of columns of `2^log_n` elements.
pub struct ColumnNtt<F> {
    log_n: u32,
    roots: Roots<F>,
    n_inverse: F,
}

impl<F: SmallField> ColumnNtt<F> {
    /// A plan for columns of `2^log_n` elements, with tables of as many roots of unity: `2n`
    /// multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] if the field has no subgroup of this size.
    pub fn new(log_n: u32) -> Result<Self> {
        check_size::<F>(log_n)?;
        Ok(Self {
            log_n,
            roots: Roots::new(log_n),
            n_inverse: F::ONE.div_2exp(log_n),
        })
    }

    /// The number of elements of a column, `n`.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        1 << self.log_n
    }

    /// Evaluates: from coefficients in order `I` to the values at `1, w, ..., w^(n-1)` in order `O`,
    /// for `w = SmallField::root_of_unity(log_n)`. `(n/2) log n` multiplications a column.
    ///
    /// # Errors
    /// [`Error::Argument`] if `columns` is not a multiple of [`ColumnNtt::len`] long.
    pub fn forward<I: Order, O: Order>(&self, columns: &mut [F]) -> Result<()> {
        self.each_column(columns, |column, parallel| {
            transform::<F, I, O>(column, &self.roots.forward, parallel);
        })
    }

    /// Interpolates: from the values at `1, w, ..., w^(n-1)` in order `I` to coefficients in order `O`.
    /// `(n/2) log n + n` multiplications a column.
    ///
    /// # Errors
    /// [`Error::Argument`] if `columns` is not a multiple of [`ColumnNtt::len`] long.
    pub fn inverse<I: Order, O: Order>(&self, columns: &mut [F]) -> Result<()> {
        self.each_column(columns, |column, parallel| {
            transform::<F, I, O>(column, &self.roots.inverse, parallel);
            Engine::best().run(Scale {
                data: column,
                factor: self.n_inverse,
            });
        })
    }

    /// Runs `f` on every column, in parallel; it is told whether it should itself use other threads.
    fn each_column(&self, columns: &mut [F], f: impl Fn(&mut [F], bool) + Sync) -> Result<()> {
        if !columns.len().is_multiple_of(self.len()) {
            return Err(Error::Argument(format!(
                "columns of 2^{} elements do not have {} together",
                self.log_n,
                columns.len()
            )));
        }
        let parallel = is_narrow(columns.len() >> self.log_n);
        columns
            .par_chunks_exact_mut(self.len())
            .for_each(|column| f(column, parallel));
        Ok(())
    }
}

/// Whether so few columns would leave threads without work.
fn is_narrow(columns: usize) -> bool {
    columns < 4 * rayon::current_num_threads()
}

fn check_size<F: SmallField>(log_n: u32) -> Result<()> {
    if log_n > F::TWO_ADICITY.min(usize::BITS - 4) {
        return Err(Error::Argument(format!(
            "a transform of 2^{log_n} elements: the field's largest has 2^{}",
            F::TWO_ADICITY
        )));
    }
    Ok(())
}

/// One column, without the factor `1 / n` of an inverse.
fn transform<F: SmallField, I: Order, O: Order>(
    data: &mut [F],
    table: &Factors<F>,
    parallel: bool,
) {
    if data.len() < 2 {
        return;
    }
    // From natural to reversed order goes down the tree, from reversed to natural up, which is its
    // transpose. The same order on both sides takes a permutation.
    match (I::BIT_REVERSED, O::BIT_REVERSED) {
        (false, _) => schedule::run::<F, Split>(data, 0, table, parallel),
        (true, _) => schedule::run::<F, Join>(data, 0, table, parallel),
    }
    if I::BIT_REVERSED == O::BIT_REVERSED {
        super::bit_reverse(data).expect("a power of two of elements");
    }
}

/// The roots of the blocks, in the order of `docs/ntt.md`, and their inverses.
struct Roots<F> {
    forward: Factors<F>,
    inverse: Factors<F>,
}

impl<F: SmallField> Roots<F> {
    /// Roots for transforms of up to `2^log_n` elements.
    fn new(log_n: u32) -> Self {
        let len = 1usize << log_n.saturating_sub(1);
        let mut forward = vec![F::ONE; len];
        let mut filled = 1;
        while filled < len {
            // The bit of k that is added stands for half the angle of the one before it.
            let root = F::root_of_unity(filled.ilog2() + 2).expect("within the 2-adicity");
            let (lower, upper) = forward.split_at_mut(filled);
            upper[..filled]
                .par_chunks_mut(1 << 12)
                .zip(lower.par_chunks(1 << 12))
                .for_each(|(upper, lower)| {
                    upper.copy_from_slice(lower);
                    Engine::best().run(Scale {
                        data: upper,
                        factor: root,
                    });
                });
            filled *= 2;
        }
        let mut inverse = forward.clone();
        batch_inverse(&mut inverse);
        Self {
            forward: Factors::new(forward),
            inverse: Factors::new(inverse),
        }
    }
}

/// Multiplies all elements by one.
struct Scale<'a, F> {
    data: &'a mut [F],
    factor: F,
}

impl<F: SmallField> Kernel<F> for Scale<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let (vectors, rest) = V::pack_mut(self.data);
        let factor = V::spread(V::factor(self.factor));
        for vector in vectors {
            *vector = vector.times(factor);
        }
        for element in rest {
            *element *= self.factor;
        }
    }
}
