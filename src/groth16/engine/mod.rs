//! What computes the sums of a proof: the processor, or a device.

mod cpu;
mod device;
mod pointwise;

use core::fmt;

use crate::cancel::Cancel;
use crate::curve::{G1, G2, Xyzz};
use crate::error::Result;
use crate::field::Int;

pub(super) use cpu::{CpuEngine, Queries};
pub(super) use device::DeviceEngine;

/// The five sums of a proof, which alone depend on every wire.
pub(super) struct Sums {
    pub(super) a: Xyzz<G1>,
    pub(super) b_g1: Xyzz<G1>,
    pub(super) b_g2: Xyzz<G2>,
    pub(super) c: Xyzz<G1>,
    pub(super) h: Xyzz<G1>,
}

/// Sums of masked scalars become those of the scalars.
impl core::ops::Sub<&Self> for Sums {
    type Output = Self;

    fn sub(self, masks: &Self) -> Self {
        Self {
            a: self.a - masks.a,
            b_g1: self.b_g1 - masks.b_g1,
            b_g2: self.b_g2 - masks.b_g2,
            c: self.c - masks.c,
            h: self.h - masks.h,
        }
    }
}

/// A proving key's points and matrices, where they are used.
pub(super) trait Engine: fmt::Debug + Send + Sync {
    /// The sums of the proof for the values of all wires, unless it is cancelled between two steps: on the
    /// processor, between sums; on a device, before what it does is queued.
    fn sums(&self, wires: &[Int<4>], cancel: &Cancel) -> Result<Sums>;

    /// Whether the work of the sums does not depend on the witness.
    fn is_constant_work(&self) -> bool;
}
