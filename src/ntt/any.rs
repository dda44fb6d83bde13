//! Transforms wherever the caller's user wants them.

use super::{DeviceNtt, Ntt, Order};
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

    /// Evaluates: see [`Ntt::forward`].
    ///
    /// # Errors
    /// Those of [`Ntt::forward`] and [`DeviceNtt::forward`].
    pub fn forward<I: Order, O: Order>(&self, data: &mut [Fr]) -> Result<()> {
        each!(self, ntt => ntt.forward::<I, O>(data))
    }

    /// Interpolates: see [`Ntt::inverse`].
    ///
    /// # Errors
    /// As [`AnyNtt::forward`].
    pub fn inverse<I: Order, O: Order>(&self, data: &mut [Fr]) -> Result<()> {
        each!(self, ntt => ntt.inverse::<I, O>(data))
    }

    /// Evaluates on a coset: see [`Ntt::coset_forward`].
    ///
    /// # Errors
    /// As [`AnyNtt::forward`]; [`Error::Argument`](crate::Error::Argument) if the shift is zero.
    pub fn coset_forward<I: Order, O: Order>(&self, shift: Fr, data: &mut [Fr]) -> Result<()> {
        each!(self, ntt => ntt.coset_forward::<I, O>(shift, data))
    }

    /// Interpolates from a coset: see [`Ntt::coset_inverse`].
    ///
    /// # Errors
    /// As [`AnyNtt::coset_forward`].
    pub fn coset_inverse<I: Order, O: Order>(&self, shift: Fr, data: &mut [Fr]) -> Result<()> {
        each!(self, ntt => ntt.coset_inverse::<I, O>(shift, data))
    }
}
