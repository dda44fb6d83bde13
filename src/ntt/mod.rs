//! Number-theoretic transforms: evaluation and interpolation over 2-adic subgroups and cosets.
//!
//! An [`Ntt`] is a plan for one size, made once and shared by any number of threads. A polynomial of
//! `n = 2^log_n` coefficients is evaluated at the `n` powers of the primitive root
//! `w = PrimeField::root_of_unity(log_n)`, the same roots as those of arkworks and snarkjs. The
//! [order](Order) of coefficients and of values is part of each call's type: [`BitReversed`] on one
//! side and [`Natural`] on the other costs nothing, the same order on both sides costs a permutation.
//! Data is any number of polynomials, or of their values, one after the other.
//!
//! ```
//! use zkiln::field::{Field, Fr};
//! use zkiln::ntt::{BitReversed, Natural, Ntt};
//!
//! let plan = Ntt::<Fr>::new(2)?;
//! let polynomial = [1, 2, 3, 4].map(Fr::from_u64);
//! let mut data = polynomial;
//! plan.forward::<Natural, BitReversed>(&mut data)?;
//! assert_eq!(data[0], Fr::from_u64(10)); // the value at w^0
//! assert_eq!(data[1], -Fr::from_u64(2)); // the value at w^2 = -1
//! plan.inverse::<BitReversed, Natural>(&mut data)?;
//! assert_eq!(data, polynomial);
//! # Ok::<(), zkiln::Error>(())
//! ```
//!
//! The design and its cost are explained in `docs/ntt.md`.

mod any;
mod butterfly;
pub mod columns;
mod cpu;
mod device;
mod order;
mod tile;
mod twiddles;
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // no vectors there yet
mod vector;

use std::sync::Arc;

use rayon::prelude::*;

use crate::field::arch::{Cpu, Generic};
use crate::field::{Lazy, PrimeField};
use crate::{Error, Result};
pub use any::AnyNtt;
use butterfly::{Finish, Words};
use cpu::{LOG_SERIAL, Schedule};
pub use device::DeviceNtt;
pub use order::{BitReversed, Natural, Order, bit_reverse};
pub(crate) use order::{LOG_SIDE, reverse_bits};
pub(crate) use tile::tiles_mut;
use twiddles::{Direction, Forward, Inverse};
#[cfg(target_arch = "x86_64")]
use vector::OnVectors;

/// A plan for transforms of `2^log_n` elements.
pub struct Ntt<F> {
    cpu: Cpu,
    log_n: u32,
    /// See [`twiddles::twiddles`]: `n` entries, of which transforms use the lower half and
    /// [`Ntt::extend_to_odd_coset_unscaled`] all, and of a longer plan's table the first. Scaled as the
    /// instruction set needs it.
    table: Arc<Vec<F>>,
    n_inverse: F,
    /// The same, scaled as the table is.
    n_inverse_factor: F,
}

/// Evaluates an expression with the schedule of a plan on its instruction set.
macro_rules! on_schedule {
    ($plan:expr, $it:ident => $body:expr) => {{
        let table = $plan.table();
        match $plan.cpu {
            Cpu::Generic(_) => {
                let butterflies = Words;
                let $it = Schedule { butterflies, table };
                $body
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Ifma(isa) => {
                let butterflies = OnVectors(isa);
                let $it = Schedule { butterflies, table };
                $body
            }
        }
    }};
}

/// The size; the table would fill a book.
impl<F> core::fmt::Debug for Ntt<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Ntt")
            .field("log_n", &self.log_n)
            .finish_non_exhaustive()
    }
}

impl<F: PrimeField> Ntt<F> {
    /// A plan for `2^log_n` elements, with a table of as many roots of unity: `n` multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] if the field has no subgroup of this size, and for instructions forced by
    /// `ZKILN_CPU` that this processor lacks.
    pub fn new(log_n: u32) -> Result<Self> {
        let cpu = Cpu::get()?;
        if log_n > F::TWO_ADICITY {
            return Err(Error::Argument(format!(
                "a transform of 2^{log_n} elements: the field's largest has 2^{}",
                F::TWO_ADICITY
            )));
        }
        let cpu = if 1 << log_n < vector::MIN_LEN {
            Cpu::Generic(Generic)
        } else {
            cpu
        };
        let table = twiddles::twiddles(table_len::<F>(log_n), cpu.factor(F::ONE));
        Ok(Self::with_table(cpu, log_n, Arc::new(table)))
    }

    fn with_table(cpu: Cpu, log_n: u32, table: Arc<Vec<F>>) -> Self {
        let n_inverse = F::from(1 << log_n).inverse();
        let n_inverse = n_inverse.expect("a power of two is not zero in a field of odd order");
        Self {
            cpu,
            log_n,
            table,
            n_inverse,
            n_inverse_factor: cpu.factor(n_inverse),
        }
    }

    /// A plan for fewer elements, which shares the table of this one: it takes no memory, and no
    /// multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] for more elements than this plan is for.
    pub fn shorter(&self, log_n: u32) -> Result<Self> {
        if log_n > self.log_n {
            let (this, asked) = (self.log_n, log_n);
            let reason = format!("a plan for 2^{this} elements is none for 2^{asked}");
            return Err(Error::Argument(reason));
        }
        if 1 << log_n < vector::MIN_LEN {
            return Self::new(log_n); // its table is scaled otherwise
        }
        Ok(Self::with_table(self.cpu, log_n, self.table.clone()))
    }

    /// The roots that this plan needs.
    fn table(&self) -> &[F] {
        &self.table[..table_len::<F>(self.log_n)]
    }

    /// The binary logarithm of the number of elements.
    pub fn log_n(&self) -> u32 {
        self.log_n
    }

    /// `1 / n`, for callers of [`Ntt::extend_to_odd_coset_unscaled`].
    pub fn n_inverse(&self) -> F {
        self.n_inverse
    }

    /// The number of elements `n`.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        1 << self.log_n
    }

    /// Whether the transforms of one polynomial stay on the calling thread, which they do up to 2^10
    /// elements: handing them to another takes as long as they do.
    pub fn is_serial(&self) -> bool {
        self.log_n <= LOG_SERIAL
    }

    /// Evaluates: from coefficients in order `I` to the values at `1, w, ..., w^(n-1)` in order `O`.
    /// `(n/2) log n - n` multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] if `data` is not a multiple of [`Ntt::len`] long.
    pub fn forward<I: Order, O: Order>(&self, data: &mut [F]) -> Result<()> {
        self.each(data, |data| {
            self.transform::<Forward, I, O>(data, Finish::Reduce)
        })
    }

    /// Interpolates: from the values at `1, w, ..., w^(n-1)` in order `I` to coefficients in order
    /// `O`. `(n/2) log n` multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] if `data` is not a multiple of [`Ntt::len`] long.
    pub fn inverse<I: Order, O: Order>(&self, data: &mut [F]) -> Result<()> {
        let finish = Finish::Scale(self.n_inverse_factor);
        self.each(data, |data| self.transform::<Inverse, I, O>(data, finish))
    }

    /// Evaluates on a coset: the values at `g, g w, ..., g w^(n-1)` for `g = shift`.
    /// `(n/2) log n + n` multiplications.
    ///
    /// # Errors
    /// [`Error::Argument`] if `data` is not a multiple of [`Ntt::len`] long or the shift is zero.
    pub fn coset_forward<I: Order, O: Order>(&self, shift: F, data: &mut [F]) -> Result<()> {
        self.check_shift(shift)?;
        self.each(data, |data| {
            scale_by_powers::<F, I>(data, shift, F::ONE);
            self.transform::<Forward, I, O>(data, Finish::Reduce)
        })
    }

    /// Interpolates from a coset: the reverse of [`Ntt::coset_forward`], at the same cost.
    ///
    /// # Errors
    /// As [`Ntt::coset_forward`].
    pub fn coset_inverse<I: Order, O: Order>(&self, shift: F, data: &mut [F]) -> Result<()> {
        let unshift = self.check_shift(shift)?;
        self.each(data, |data| {
            self.transform::<Inverse, I, O>(data, Finish::Reduce)?;
            scale_by_powers::<F, O>(data, unshift, self.n_inverse);
            Ok(())
        })
    }

    /// From values on the subgroup to **`n` times** the values on the odd coset, for each of several
    /// polynomials of degree below `n`: the input at `1, w, ..., w^(n-1)`, the output at the odd
    /// powers `g, g^3, ..., g^(2n-1)` of `g = root_of_unity(log_n + 1)`, both in bit-reversed order.
    ///
    /// This is what Groth16 does with its three columns. It takes one inverse and one forward
    /// transform without any multiplication in between, and never computes the coefficients in full
    /// passes over memory. The factor `n` is left in: `(n log n - n)` multiplications a column.
    ///
    /// # Errors
    /// [`Error::Argument`] if a column is not [`Ntt::len`] long, or if the field has no `2n`-th root of
    /// unity.
    pub fn extend_to_odd_coset_unscaled(&self, columns: &mut [&mut [F]]) -> Result<()> {
        if let Some(column) = columns.iter().find(|column| column.len() != self.len()) {
            return Err(self.refuse(column.len()));
        }
        if self.log_n >= F::TWO_ADICITY {
            return Err(Error::Argument(format!(
                "the odd coset of 2^{} elements: the field has no root of unity of order 2^{}",
                self.log_n,
                self.log_n + 1
            )));
        }
        columns
            .par_iter_mut()
            .for_each(|column| on_schedule!(self, it => it.extend(Lazy::slice_mut(column))));
        Ok(())
    }

    /// All four combinations of orders, from two algorithms: splitting goes from natural to
    /// bit-reversed order, and joining, its transpose, the other way.
    fn transform<D: Direction, I: Order, O: Order>(
        &self,
        data: &mut [F],
        finish: Finish<F>,
    ) -> Result<()> {
        let lazy = Lazy::slice_mut(data);
        if I::BIT_REVERSED {
            on_schedule!(self, it => it.join_all::<D>(lazy, 0, finish));
        } else {
            on_schedule!(self, it => it.split_all::<D>(lazy, 0, finish));
        }
        if I::BIT_REVERSED == O::BIT_REVERSED {
            bit_reverse(data)?;
        }
        Ok(())
    }

    /// Does what is done to one polynomial to each; parallel beside what each of them is.
    fn each(
        &self,
        data: &mut [F],
        work: impl Fn(&mut [F]) -> Result<()> + Send + Sync,
    ) -> Result<()> {
        if data.len() == self.len() {
            return work(data); // without a word to other threads if it is small
        }
        if !data.len().is_multiple_of(self.len()) {
            return Err(self.refuse(data.len()));
        }
        data.par_chunks_exact_mut(self.len()).try_for_each(work)
    }

    fn refuse(&self, len: usize) -> Error {
        refuse(self.len(), len)
    }

    /// The inverse of a coset's shift.
    fn check_shift(&self, shift: F) -> Result<F> {
        shift
            .inverse()
            .ok_or_else(|| Error::Argument("a coset's shift must not be zero".into()))
    }
}

/// The entries of a table for `2^log_n` elements: there are no roots for the odd coset of the largest subgroup.
fn table_len<F: PrimeField>(log_n: u32) -> usize {
    1 << log_n.min(F::TWO_ADICITY - 1)
}

/// For data that are no multiple of what a plan transforms.
fn refuse(plan: usize, len: usize) -> Error {
    Error::Argument(format!("transforms of {plan} elements were given {len}"))
}

/// Multiplies coefficient `i` by `factor base^i`, the coefficients being in order `O`; parallel, two
/// multiplications an element.
fn scale_by_powers<F: PrimeField, O: Order>(data: &mut [F], base: F, factor: F) {
    const LOG_CHUNK: u32 = LOG_SERIAL;
    let log_n = data.len().ilog2();
    let log_chunk = LOG_CHUNK.min(log_n);
    let log_chunks = log_n - log_chunk;
    // The exponent of place (chunk, j) is a sum of what the chunk and what j contribute.
    let (chunk_step, step) = if O::BIT_REVERSED {
        (1, 1 << log_chunks)
    } else {
        (1 << log_chunk, 1)
    };
    let mut within = Vec::with_capacity(1 << log_chunk);
    let ratio = base.pow(&[step]);
    let mut power = F::ONE;
    within.resize_with(1 << log_chunk, || {
        let this = power;
        power *= ratio;
        this
    });
    if O::BIT_REVERSED {
        order::bit_reverse_serial(&mut within);
    }
    let scale = |(chunk, values): (usize, &mut [F])| {
        let place = if O::BIT_REVERSED {
            order::reverse_bits(chunk, log_chunks)
        } else {
            chunk
        };
        let factor = factor * base.pow(&[chunk_step * place as u64]);
        for (value, power) in values.iter_mut().zip(&within) {
            *value *= *power * factor;
        }
    };
    if log_chunks == 0 {
        scale((0, data));
    } else {
        data.par_chunks_mut(1 << log_chunk)
            .enumerate()
            .for_each(scale);
    }
}
