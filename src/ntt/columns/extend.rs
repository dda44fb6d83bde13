//! Low-degree extension: from values on a subgroup to values on a larger coset.

use rayon::prelude::*;

use super::layers::{Join, Split};
use super::reverse::Reverse;
use super::{Roots, Scale, check_size, is_narrow, schedule};
use crate::field::small::{Engine, Kernel, SmallField, Vector};
use crate::ntt::{Order, bit_reverse};
use crate::{Error, Result};

/// A plan for low-degree extensions of columns of `2^log_n` values by the factor `2^log_blowup`.
pub struct Extender<F> {
    log_n: u32,
    log_blowup: u32,
    roots: Roots<F>,
    /// `shift^i / n`.
    scale: Vec<F>,
}

impl<F: SmallField> Extender<F> {
    /// A plan from the subgroup of `2^log_n` elements to the coset of `shift` of the subgroup of
    /// `2^(log_n + log_blowup)`.
    ///
    /// # Errors
    /// [`Error::Argument`] if the field has no subgroup of this size, or the shift is zero.
    pub fn new(log_n: u32, log_blowup: u32, shift: F) -> Result<Self> {
        check_size::<F>(log_n.saturating_add(log_blowup))?;
        if shift.is_zero() {
            return Err(Error::Argument("a coset of zero".into()));
        }
        let n = 1usize << log_n;
        let mut scale = vec![F::ONE.div_2exp(log_n); n];
        // Chunk by chunk: the start of each by a power, the rest by multiplication.
        const CHUNK: usize = 1 << 10;
        scale
            .par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(i, chunk)| {
                let mut power = shift.pow(&[(i * CHUNK) as u64]);
                for value in chunk {
                    *value *= power;
                    power *= shift;
                }
            });
        Ok(Self {
            log_n,
            log_blowup,
            roots: Roots::new(log_n + log_blowup),
            scale,
        })
    }

    /// The number of values of a column before the extension, `n`.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        1 << self.log_n
    }

    /// The number of values of a column after the extension, `N`.
    pub fn extended_len(&self) -> usize {
        1 << (self.log_n + self.log_blowup)
    }

    /// From the values of polynomials at `1, w, ..., w^(n-1)` in natural order to their values at
    /// `shift v^i`, for `v` of order `N`, in order `O`. Natural order takes a permutation more.
    ///
    /// Each column is taken once from memory and its extension is written once, as long as it fits the
    /// second-level cache: `(n/2) log n + n + (N/2) log n` multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] if the lengths are not the same multiple of [`Extender::len`] and of
    /// [`Extender::extended_len`].
    pub fn extend<O: Order>(&self, columns: &[F], extended: &mut [F]) -> Result<()> {
        let width = columns.len() >> self.log_n;
        if columns.len() != width << self.log_n
            || extended.len() != width << (self.log_n + self.log_blowup)
        {
            return Err(Error::Argument(format!(
                "an extension of {} values by 2^{} does not give {}",
                columns.len(),
                self.log_blowup,
                extended.len()
            )));
        }
        let parallel = is_narrow(width);
        columns
            .par_chunks_exact(self.len())
            .zip(extended.par_chunks_exact_mut(self.extended_len()))
            .for_each(|(column, extended)| self.extend_column::<O>(column, extended, parallel));
        Ok(())
    }

    /// [`Extender::extend`] in place: the columns are at the beginning of `values`, one after the other, and
    /// what is behind them is the room for their extensions.
    ///
    /// # Errors
    /// [`Error::Argument`] if the length is no multiple of [`Extender::extended_len`].
    pub fn extend_in_place<O: Order>(&self, values: &mut [F]) -> Result<()> {
        let (n, extended_len) = (self.len(), self.extended_len());
        if !values.len().is_multiple_of(extended_len) {
            return Err(Error::Argument(format!(
                "room for extensions of {extended_len} values does not have {}",
                values.len()
            )));
        }
        let mut left = values.len() / extended_len;
        while left > 0 {
            // The columns whose extensions begin behind all columns that are left.
            let mut first = left.div_ceil(1 << self.log_blowup);
            if first < left {
                let (columns, room) = values.split_at_mut(left * n);
                let extended = &mut room[first * extended_len - left * n..];
                let extended = &mut extended[..(left - first) * extended_len];
                self.extend::<O>(&columns[first * n..], extended)?;
            } else {
                first -= 1;
                let column = values[first * n..][..n].to_vec();
                let extended = &mut values[first * extended_len..][..extended_len];
                self.extend::<O>(&column, extended)?;
            }
            left = first;
        }
        Ok(())
    }

    /// From the values on some coset of the subgroup of `n` elements to those on the same coset of the subgroup
    /// of `N`, both in bit-reversed order, in which the former are the first of the latter.
    ///
    /// # Panics
    /// If the lengths are not the same multiple of [`Extender::len`] and of [`Extender::extended_len`].
    pub(crate) fn extend_coset(&self, columns: &[F], extended: &mut [F]) {
        let n = self.len();
        let width = columns.len() / n;
        assert_eq!(columns.len(), width * n, "whole columns");
        assert_eq!(extended.len(), width * self.extended_len(), "their room");
        let parallel = is_narrow(width);
        columns
            .par_chunks_exact(n)
            .zip(extended.par_chunks_exact_mut(self.extended_len()))
            .for_each(|(column, extended)| {
                let (given, others) = extended.split_at_mut(n);
                given.copy_from_slice(column);
                // The blocks that are not given begin as what all of them begin as, the coefficients.
                let Some(coefficients) = others.chunks_exact_mut(n).next() else {
                    return;
                };
                coefficients.copy_from_slice(column);
                if n > 1 {
                    schedule::run::<F, Join>(coefficients, 0, &self.roots.inverse, parallel);
                }
                Engine::best().run(Scale {
                    data: coefficients,
                    factor: F::ONE.div_2exp(self.log_n),
                });
                let (coefficients, copies) = others.split_at_mut(n);
                for copy in copies.chunks_exact_mut(n) {
                    copy.copy_from_slice(coefficients);
                }
                self.split_blocks(others, 1, parallel);
            });
    }

    /// Evaluates the polynomials whose coefficients are in the blocks, of which the first has this number.
    fn split_blocks(&self, blocks: &mut [F], first: usize, parallel: bool) {
        let n = self.len();
        if n == 1 {
            return;
        }
        let split = |(i, block): (usize, &mut [F])| {
            schedule::run::<F, Split>(block, first + i, &self.roots.forward, parallel);
        };
        if parallel {
            blocks.par_chunks_exact_mut(n).enumerate().for_each(split);
        } else {
            blocks.chunks_exact_mut(n).enumerate().for_each(split);
        }
    }

    fn extend_column<O: Order>(&self, column: &[F], extended: &mut [F], parallel: bool) {
        // The last part of the extension is where the coefficients are made.
        let n = self.len();
        let (others, coefficients) = extended.split_at_mut(extended.len() - n);
        Engine::best().run(Reverse {
            source: column,
            target: coefficients,
        });
        if n > 1 {
            schedule::run::<F, Join>(coefficients, 0, &self.roots.inverse, parallel);
        }
        Engine::best().run(ScaleInto {
            coefficients,
            scale: &self.scale,
            others,
        });
        // The coefficients are the polynomial's residue in each of the tree's blocks of this length.
        self.split_blocks(extended, 0, parallel);
        if !O::BIT_REVERSED {
            bit_reverse(extended).expect("a power of two of values");
        }
    }
}

/// Multiplies the coefficients and copies them to `others`, as often as they fit.
struct ScaleInto<'a, F> {
    coefficients: &'a mut [F],
    scale: &'a [F],
    others: &'a mut [F],
}

impl<F: SmallField> Kernel<F> for ScaleInto<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let (vectors, rest) = V::pack_mut(self.coefficients);
        let (factors, rest_factors) = V::pack(self.scale);
        for (vector, &factor) in vectors.iter_mut().zip(factors) {
            *vector = *vector * factor;
        }
        for (element, &factor) in rest.iter_mut().zip(rest_factors) {
            *element *= factor;
        }
        for copy in self.others.chunks_exact_mut(self.scale.len()) {
            copy.copy_from_slice(self.coefficients);
        }
    }
}
