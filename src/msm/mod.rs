//! Multi-scalar multiplication: `sum_i scalar_i base_i` over fixed bases.
//!
//! The method is Pippenger's with signed digits. A run
//!
//! 1. **recodes** the scalars once ([`Scalars`]): zeros are dropped, ones and minus ones set apart,
//!    the rest is split into short and long ones and cut into signed digits of a width that the
//!    planner chose. MSMs over the same scalars share this;
//! 2. for each digit position **sorts** the bases by digit into buckets (a counting sort);
//! 3. **sums each bucket** by a tree of affine additions that share one field inversion for
//!    thousands of them: six multiplications an addition, where mixed projective ones take ten;
//! 4. **reduces** `sum_k k bucket_k` by sums over the rows and columns of a square of buckets, with
//!    the same tree;
//! 5. adds the positions up by Horner's rule.
//!
//! Every step is parallel. See `docs/msm.md` for the costs.
//!
//! [`DeviceMsm`] does the same on a device, and [`AnyMsm`] wherever the caller's user wants it. [`FixedBase`]
//! is for the opposite, many multiples of one point, and sums with the same tree.

mod any;
mod bases;
mod bucket;
mod device;
mod fixed_base;
mod plan;
mod recode;
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // no vectors there yet
mod rounds;
mod subgroup;
mod tree;

use rayon::prelude::*;

use crate::curve::{Affine, Curve, Xyzz};
use crate::field::arch::Cpu;
use crate::{Error, Result};
use bases::Bases;

pub use any::AnyMsm;
pub use device::{
    DeviceCurve, DeviceMsm, DeviceMsmOptions, DeviceScalar, Form, PendingSum, PendingSums,
};
pub use fixed_base::FixedBase;
pub use recode::{Mask, Scalar, Scalars};

/// The bases of an MSM, prepared: infinities are dropped, and it is remembered which scalar belongs
/// to which of the others.
#[derive(Clone, Debug)]
pub struct Msm<C: Curve> {
    cpu: Cpu,
    bases: Bases<C>,
    slots: Slots,
}

/// Which base belongs to a scalar.
#[derive(Clone, Debug)]
enum Slots {
    /// The one with the same index.
    Same,
    /// For each scalar the index of its base, or [`NONE`].
    Mapped(Vec<u32>),
}

/// The slot of a scalar whose base is infinity.
const NONE: u32 = u32::MAX;

/// Bases are numbered by 31 bits; the 32nd is the sign.
const MAX_BASES: usize = 1 << 31;

impl<C: Curve> Msm<C> {
    /// A plan over `bases`. They must be reduced, on the curve and in the group
    /// ([`Affine::is_valid`]): nothing is checked here, and other points give results without meaning or a panic.
    ///
    /// # Errors
    /// [`Error::Argument`] for 2^31 bases or more, and for instructions forced by `ZKILN_CPU` that this
    /// processor lacks.
    pub fn new(bases: impl AsRef<[Affine<C>]>) -> Result<Self> {
        let (cpu, bases) = (Cpu::get()?, bases.as_ref());
        if bases.len() >= MAX_BASES {
            return Err(Error::Argument(format!(
                "an MSM takes fewer than 2^31 bases, not {}",
                bases.len()
            )));
        }
        let finite = bases.par_iter().filter(|b| !b.is_infinity()).count();
        if finite == bases.len() {
            return Ok(Self {
                cpu,
                bases: Bases::finite(bases, finite),
                slots: Slots::Same,
            });
        }
        let mut next = 0;
        let slots = bases
            .iter()
            .map(|base| {
                if base.is_infinity() {
                    NONE
                } else {
                    next += 1;
                    next - 1
                }
            })
            .collect();
        Ok(Self {
            cpu,
            bases: Bases::finite(bases, finite),
            slots: Slots::Mapped(slots),
        })
    }

    /// The number of scalars a run takes: the number of bases this was made of.
    pub fn len(&self) -> usize {
        match &self.slots {
            Slots::Same => self.finite_len(),
            Slots::Mapped(slots) => slots.len(),
        }
    }

    /// Whether there are no bases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bases that are not infinity.
    pub fn finite_len(&self) -> usize {
        self.finite_bases().len()
    }

    /// The bases that are not infinity, in order.
    pub fn finite_bases(&self) -> &[Affine<C>] {
        self.bases.as_slice()
    }

    /// `sum_i scalars[i] bases[i]`, in parallel.
    ///
    /// The time depends on the scalars: see [`Mask`] for work that does not.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are not [`Msm::len`] scalars or one is not below the group's
    /// order.
    pub fn run<S: Scalar<C::Scalar>>(&self, scalars: &[S]) -> Result<Xyzz<C>> {
        self.run_recoded(&Scalars::new(scalars)?)
    }

    /// [`Msm::run`] with scalars that were recoded before, so that several MSMs share the work.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are not [`Msm::len`] scalars.
    pub fn run_recoded(&self, scalars: &Scalars<C::Scalar>) -> Result<Xyzz<C>> {
        if scalars.len() != self.len() {
            return Err(Error::Argument(format!(
                "an MSM over {} bases got {} scalars",
                self.len(),
                scalars.len()
            )));
        }
        let classes = scalars.classes().par_iter();
        let (units, classes) = rayon::join(
            || self.unit_sum(scalars.units()),
            || {
                classes
                    .map(|class| self.class_sum(class))
                    .reduce(Xyzz::default, |a, b| a + b)
            },
        );
        Ok(units + classes)
    }

    /// The index of a scalar's base.
    #[inline(always)]
    fn slot(&self, scalar: u32) -> u32 {
        match &self.slots {
            Slots::Same => scalar,
            Slots::Mapped(slots) => slots[scalar as usize],
        }
    }

    /// The sum over scalars 1 and -1: a single bucket.
    fn unit_sum(&self, units: &[bucket::Entry]) -> Xyzz<C> {
        let entries: Vec<bucket::Entry> = units
            .iter()
            .filter_map(|unit| {
                let slot = self.slot(unit.index());
                (slot != NONE).then(|| bucket::Entry::new(slot, unit.is_negative()))
            })
            .collect();
        let sums =
            bucket::sum_buckets(self.cpu, self.finite_bases(), &entries, &[0, entries.len()]);
        sums[0].into()
    }

    /// The sum over one class of scalars.
    fn class_sum(&self, class: &recode::Class) -> Xyzz<C> {
        // Position in the class and base of every scalar whose base is finite.
        let members: Vec<(u32, u32)> = class
            .indices()
            .iter()
            .enumerate()
            .filter_map(|(position, &index)| {
                let slot = self.slot(index);
                (slot != NONE).then_some((position as u32, slot))
            })
            .collect();
        let windows: Vec<Xyzz<C>> = (0..class.windows())
            .into_par_iter()
            .map(|window| {
                let digits = class.digits(window);
                let (entries, offsets) = bucket::sort(&members, &digits, class.width());
                let buckets =
                    bucket::sum_buckets(self.cpu, self.finite_bases(), &entries, &offsets);
                drop(entries);
                bucket::weighted_sum(self.cpu, &buckets)
            })
            .collect();
        windows.iter().rev().fold(Xyzz::INFINITY, |acc, window| {
            (0..class.width()).fold(acc, |acc, _| acc.double()) + *window
        })
    }
}
