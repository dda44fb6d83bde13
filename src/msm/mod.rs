//! Multi-scalar multiplication: `sum_i scalar_i base_i` over fixed bases.
//!
//! The method is Pippenger's with signed digits. A run
//!
//! 1. **recodes** the scalars once ([`Scalars`]): zeros are dropped, ones and minus ones set apart,
//!    the rest is split into short and long ones and cut into signed digits of a width that the
//!    planner chose. MSMs over the same scalars share this;
//! 2. for each digit position ("window") **sorts** the bases by digit into buckets (a counting sort);
//! 3. **sums each bucket** by a tree of affine additions that share one field inversion for
//!    thousands of them: six multiplications an addition, where mixed projective ones take ten;
//! 4. **reduces** `sum_k k bucket_k` by sums over the rows and columns of a square of buckets, and of
//!    these over the bits of their weights, with the same tree;
//! 5. adds the bits up by Horner's rule.
//!
//! Windows of few scalars, of all classes, go through these steps together. Every step is parallel. See `docs/msm.md` for the costs.
//!
//! [`DeviceMsm`] does the same on a device, and [`AnyMsm`] wherever the caller's user wants it. [`FixedBase`]
//! is for the opposite, many multiples of one point, and sums with the same tree.

mod any;
mod bases;
mod bucket;
mod device;
mod fixed_base;
mod mask;
mod plan;
mod recode;
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // no vectors there yet
mod rounds;
mod runs;
mod subgroup;
mod tree;

use std::borrow::Cow;

use rayon::prelude::*;

use crate::curve::{Affine, Curve, Xyzz};
use crate::field::arch::Cpu;
use crate::{Error, Result};
use bases::Bases;
use bucket::{Entry, Sets};
use recode::Class;
use runs::Runs;

pub use any::AnyMsm;
pub use device::{
    DeviceCurve, DeviceMsm, DeviceMsmOptions, DeviceScalar, Form, PendingSum, PendingSums,
};
pub use fixed_base::FixedBase;
pub use mask::Mask;
pub use recode::{Scalar, Scalars};

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

/// Entries of the windows that are summed together: enough to share inversions, few enough for sums and
/// tasks of a useful size.
const GROUP: usize = 1 << 15;

/// The same where there would not be enough for all threads.
const SMALL_GROUP: usize = 1 << 12;

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
        let slots: Vec<Cow<'_, [u32]>> = (scalars.classes().iter())
            .map(|class| self.slots_of(class.indices()))
            .collect();
        let mut windows = vec![Window::Units(scalars.units())];
        for (class, bases) in scalars.classes().iter().zip(&slots) {
            windows.extend((0..class.windows()).map(|index| Window::Digit {
                class,
                bases,
                index,
            }));
        }
        let runs = share_out(&windows)
            .into_par_iter()
            .map(|windows| self.runs(windows))
            .collect();
        Ok(Runs::join(runs).sum(self.cpu))
    }

    /// The index of a scalar's base.
    #[inline(always)]
    fn slot(&self, scalar: u32) -> u32 {
        match &self.slots {
            Slots::Same => scalar,
            Slots::Mapped(slots) => slots[scalar as usize],
        }
    }

    /// The bases of scalars, or [`NONE`].
    fn slots_of<'a>(&self, scalars: &'a [u32]) -> Cow<'a, [u32]> {
        match &self.slots {
            Slots::Same => scalars.into(),
            Slots::Mapped(_) => scalars.iter().map(|&i| self.slot(i)).collect(),
        }
    }

    /// The bases of scalars 1 and -1.
    fn units<'a>(&'a self, units: &'a [Vec<Entry>]) -> impl Iterator<Item = Entry> + 'a {
        units.iter().flatten().filter_map(|unit| {
            let slot = self.slot(unit.index());
            (slot != NONE).then(|| Entry::new(slot, unit.is_negative()))
        })
    }

    /// The sums of the buckets of some windows.
    fn runs(&self, windows: &[Window<'_>]) -> Runs<C> {
        let entries = windows.iter().map(Window::entries).sum();
        let runs: Vec<(u32, usize)> = windows.iter().map(Window::run).collect();
        let mut sets = Sets::with_capacity(entries, runs.iter().map(|&(_, len)| len).sum());
        for window in windows {
            match *window {
                Window::Units(units) => sets.push(self.units(units)),
                Window::Digit {
                    class,
                    bases,
                    index,
                } => sets.push_buckets(class, index, bases),
            }
        }
        let buckets = sets.sums(self.cpu, self.finite_bases());
        drop(sets);
        Runs::new(buckets, runs).fold(self.cpu)
    }
}

/// Scalars to be sorted into buckets.
enum Window<'a> {
    /// Those that are units: a bucket.
    Units(&'a [Vec<Entry>]),
    /// A digit of those of a class, with their bases.
    Digit {
        class: &'a Class,
        bases: &'a [u32],
        index: usize,
    },
}

impl Window<'_> {
    /// The number of bases, at most.
    fn entries(&self) -> usize {
        match self {
            Self::Units(units) => units.iter().map(Vec::len).sum(),
            Self::Digit { bases, .. } => bases.len(),
        }
    }

    /// The position of the digit, and the number of buckets.
    fn run(&self) -> (u32, usize) {
        match self {
            Self::Units(_) => (0, 1),
            Self::Digit { class, index, .. } => {
                (class.width() * *index as u32, 1 << (class.width() - 1))
            }
        }
    }
}

/// Windows in groups of at least about [`GROUP`] entries, or fewer if threads would be idle.
fn share_out<'a, 'b>(windows: &'b [Window<'a>]) -> Vec<&'b [Window<'a>]> {
    let total: usize = windows.iter().map(Window::entries).sum();
    let threads = rayon::current_num_threads();
    let groups = (total / GROUP).max(threads.min(total / SMALL_GROUP)).max(1);
    let mut before = 0;
    let group = |window: &Window<'_>| {
        let group = before * groups / total.max(1);
        before += window.entries();
        group
    };
    let numbers: Vec<usize> = windows.iter().map(group).collect();
    let mut rest = windows;
    numbers
        .chunk_by(|a, b| a == b)
        .map(|group| {
            let (first, others) = rest.split_at(group.len());
            rest = others;
            first
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All windows, in order, in groups of about the same size.
    #[test]
    fn windows_are_shared_out() {
        let units = [
            vec![Entry::new(0, false); 3 * GROUP],
            vec![Entry::new(1, true); 5],
        ];
        for (count, parts) in [(0, 1), (1, 1), (1, 2), (3, 2), (40, 1), (41, 2)] {
            let windows: Vec<Window<'_>> = (0..count)
                .map(|_| Window::Units(&units[2 - parts..]))
                .collect();
            let groups = share_out(&windows);
            let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
            assert_eq!(lengths.iter().sum::<usize>(), count);
            let expected = if parts == 2 { count } else { count.min(1) };
            assert_eq!(groups.len(), expected, "{count} windows of {parts}");
            let windows = windows.iter().map(core::ptr::from_ref);
            assert!(
                groups
                    .into_iter()
                    .flatten()
                    .map(core::ptr::from_ref)
                    .eq(windows)
            );
        }
    }
}
