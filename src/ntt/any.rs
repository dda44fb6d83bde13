//! Transforms wherever the caller's user wants them.

use super::{BitReversed, DeviceNtt, Natural, Ntt, Order};
use crate::Result;
use crate::backend::Backend;
use crate::field::Fr;

/// A plan for transforms over [`Fr`] on a backend that is chosen at run time. Data is on the host; see
/// [`DeviceNtt`] for data that stays on a device.
#[derive(Debug)]
pub enum AnyNtt {
    /// On the processor.
    Cpu(Ntt<Fr>),
    /// On a device.
    Device(DeviceNtt),
}

macro_rules! each {
    ($self:ident, $ntt:ident => $call:expr) => {
        match $self {
            AnyNtt::Cpu($ntt) => $call,
            AnyNtt::Device($ntt) => $call,
        }
    };
}

impl AnyNtt {
    /// A plan for `2^log_n` elements.
    ///
    /// # Errors
    /// Those of [`Ntt::new`] and [`DeviceNtt::new`].
    pub fn on(backend: &Backend, log_n: u32) -> Result<Self> {
        Ok(match backend {
            Backend::Cpu => Self::Cpu(Ntt::new(log_n)?),
            Backend::Device(device) => Self::Device(DeviceNtt::new(device, log_n)?),
        })
    }

    /// The binary logarithm of the number of elements.
    pub fn log_n(&self) -> u32 {
        each!(self, ntt => ntt.log_n())
    }

    /// The number of elements.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        each!(self, ntt => ntt.len())
    }

    /// Whether the transforms of one polynomial stay on the calling thread: see [`Ntt::is_serial`].
    pub fn is_serial(&self) -> bool {
        matches!(self, Self::Cpu(ntt) if ntt.is_serial())
    }

    /// Evaluates: see [`Ntt::forward`].
    ///
    /// # Errors
    /// Those of [`Ntt::forward`] and [`DeviceNtt::forward`].
    pub fn forward<I: Order, O: Order>(&self, data: &mut [Fr]) -> Result<()> {
        self.run(Call::new::<I, O>(Direction::Forward, None), data)
    }

    /// Interpolates: see [`Ntt::inverse`].
    ///
    /// # Errors
    /// As [`AnyNtt::forward`].
    pub fn inverse<I: Order, O: Order>(&self, data: &mut [Fr]) -> Result<()> {
        self.run(Call::new::<I, O>(Direction::Inverse, None), data)
    }

    /// Evaluates on a coset: see [`Ntt::coset_forward`].
    ///
    /// # Errors
    /// As [`AnyNtt::forward`]; [`Error::Argument`](crate::Error::Argument) if the shift is zero.
    pub fn coset_forward<I: Order, O: Order>(&self, shift: Fr, data: &mut [Fr]) -> Result<()> {
        self.run(Call::new::<I, O>(Direction::Forward, Some(shift)), data)
    }

    /// Interpolates from a coset: see [`Ntt::coset_inverse`].
    ///
    /// # Errors
    /// As [`AnyNtt::coset_forward`].
    pub fn coset_inverse<I: Order, O: Order>(&self, shift: Fr, data: &mut [Fr]) -> Result<()> {
        self.run(Call::new::<I, O>(Direction::Inverse, Some(shift)), data)
    }

    /// From values on the subgroup to `n` times those on the odd coset, for each of the polynomials in `data`: see
    /// [`Ntt::extend_to_odd_coset_unscaled`].
    ///
    /// # Errors
    /// As [`AnyNtt::forward`]; [`Error::Argument`](crate::Error::Argument) if the field has no `2n`-th root of unity.
    pub fn extend_to_odd_coset_unscaled(&self, data: &mut [Fr]) -> Result<()> {
        if !data.len().is_multiple_of(self.len()) {
            return Err(super::refuse(self.len(), data.len()));
        }
        match self {
            Self::Cpu(ntt) => {
                let mut columns: Vec<_> = data.chunks_exact_mut(ntt.len()).collect();
                ntt.extend_to_odd_coset_unscaled(&mut columns)
            }
            Self::Device(ntt) => {
                let stream = ntt.device().stream()?;
                let mut there = stream.upload(data)?;
                ntt.extend_to_odd_coset_unscaled_on(&stream, &mut there)?;
                Ok(stream.read(there.as_slice(), data)?)
            }
        }
    }

    /// All that the callers in other crates ask for, compiled here once.
    fn run(&self, call: Call, data: &mut [Fr]) -> Result<()> {
        match call.bit_reversed {
            [false, false] => self.run_ordered::<Natural, Natural>(call, data),
            [false, true] => self.run_ordered::<Natural, BitReversed>(call, data),
            [true, false] => self.run_ordered::<BitReversed, Natural>(call, data),
            [true, true] => self.run_ordered::<BitReversed, BitReversed>(call, data),
        }
    }

    fn run_ordered<I: Order, O: Order>(&self, call: Call, data: &mut [Fr]) -> Result<()> {
        each!(self, ntt => match (call.direction, call.shift) {
            (Direction::Forward, None) => ntt.forward::<I, O>(data),
            (Direction::Inverse, None) => ntt.inverse::<I, O>(data),
            (Direction::Forward, Some(shift)) => ntt.coset_forward::<I, O>(shift, data),
            (Direction::Inverse, Some(shift)) => ntt.coset_inverse::<I, O>(shift, data),
        })
    }
}

/// A transform as values rather than types.
#[derive(Clone, Copy)]
struct Call {
    direction: Direction,
    /// Whether values come, and go, in bit-reversed order.
    bit_reversed: [bool; 2],
    shift: Option<Fr>,
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Inverse,
}

impl Call {
    fn new<I: Order, O: Order>(direction: Direction, shift: Option<Fr>) -> Self {
        Self {
            direction,
            bit_reversed: [I::BIT_REVERSED, O::BIT_REVERSED],
            shift,
        }
    }
}
