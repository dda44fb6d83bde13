//! MSM on a device.
//!
//! The method is that of [the processor's](super), Pippenger's with signed digits, in steps that are kernels:
//!
//! 1. scalars are cut into **digits** ([`recoding`]), which are **sorted** by bucket ([`sort`]);
//! 2. buckets are cut into **segments**, which are put in order of length, so that the threads of a warp do as much as
//!    each other, and are summed in XYZZ coordinates ([`sum`]);
//! 3. the sets of buckets are **reduced** by sums over rows and columns, and then over the bits of their numbers, to
//!    one point for each bit of a scalar, which are doubled and added on the host ([`pending`]).
//!
//! A [`plan`] says how wide digits are, and how a run is cut into passes that fit the memory; [`run`] does them.

mod pending;
mod plan;
mod recoding;
mod run;
mod shape;
mod sort;
mod sum;
mod table;
#[cfg(test)]
mod tests;

use core::marker::PhantomData;

use bytemuck::Pod;
use zkiln_cuda::{Buffer, Device, Slice, Stream};

use super::{MAX_BASES, Msm, NONE, Scalar, Slots};
use crate::curve::{Affine, Xyzz};
use crate::field::{Int, PrimeField};
use crate::{Error, Result};
use plan::{Job, Plan, Source};
use run::{Input, enqueue};
use table::Table;

pub use pending::{PendingSum, PendingSums};
pub use recoding::Form;
pub use sum::DeviceCurve;

/// A [`Scalar`] whose bytes a device can read: an element of the field, or a canonical integer.
///
/// Sealed: kernels take 32 bytes of each for granted.
pub trait DeviceScalar<F>: Scalar<F> + Pod + sealed::Sealed<F> {
    /// What the bytes are.
    const FORM: Form;
}

impl<F: PrimeField<Canonical = Int<4>>> DeviceScalar<F> for F {
    const FORM: Form = Form::Montgomery;
}

impl<F: PrimeField<Canonical = Int<4>>> DeviceScalar<F> for Int<4> {
    const FORM: Form = Form::Canonical;
}

mod sealed {
    use crate::field::{Int, PrimeField};

    pub trait Sealed<F> {}
    impl<F: PrimeField<Canonical = Int<4>>> Sealed<F> for F {}
    impl<F: PrimeField<Canonical = Int<4>>> Sealed<F> for Int<4> {}
}

/// How a [`DeviceMsm`] is prepared.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DeviceMsmOptions {
    /// The most bytes of device memory that the bases and a run may take; by default what is left of the device's
    /// budget. Bases that do not fit stay on the host and are copied to the device in each run.
    pub memory: Option<u64>,
    /// The most multiples of each base, by powers of two, that are kept on the device, the base included. More of them
    /// mean fewer buckets. By default 1; as many are made as are predicted to pay and fit the memory.
    pub multiples: u32,
    /// Bits of a digit, from 4 to 24; by default those that are predicted to be fastest.
    pub width: Option<u32>,
}

impl Default for DeviceMsmOptions {
    fn default() -> Self {
        Self {
            memory: None,
            multiples: 1,
            width: None,
        }
    }
}

/// The bases of an MSM, prepared on a device: [`Msm`] with the device's memory in place of the host's.
///
/// ```
/// use zkiln::curve::{Curve, G1};
/// use zkiln::field::Fr;
/// use zkiln::msm::{DeviceMsm, DeviceMsmOptions};
///
/// # fn main() -> zkiln::Result<()> {
/// # let Ok(device) = zkiln::backend::Device::emulator() else { return Ok(()) };
/// let bases = [G1::GENERATOR, -G1::GENERATOR];
/// let msm = DeviceMsm::new(&device, &bases, &DeviceMsmOptions::default())?;
/// let sum = msm.run(&[Fr::from_u64(5), Fr::from_u64(3)])?;
/// assert_eq!(sum, G1::GENERATOR * Fr::from_u64(2));
///
/// // Scalars that are on the device already.
/// let stream = device.stream()?;
/// let scalars = stream.upload(&[Fr::from_u64(1), Fr::from_u64(1)])?;
/// let pending = msm.run_on(&stream, scalars.as_slice())?;
/// assert!(pending.wait()?.is_infinity());
/// # Ok(())
/// # }
/// ```
///
/// The design and its cost are explained in `docs/msm-device.md`.
#[derive(Debug)]
pub struct DeviceMsm<C: DeviceCurve> {
    job: Job,
    plan: Plan,
    /// The most memory that bases and a run may take.
    room: u64,
    table: Table<C>,
    /// For each scalar the index of its base, where some bases are infinity; on the host too, if the bases are.
    slots: Option<Buffer<u32>>,
    host_slots: Option<Vec<u32>>,
    /// Where [`DeviceMsm::run`] queues its work, and where copies go along with it.
    stream: Stream,
    copies: Stream,
}

impl<C: DeviceCurve> DeviceMsm<C> {
    /// A plan over `bases`, which are copied to the device. They must be reduced, on the curve and in the group
    /// ([`Affine::is_valid`]): nothing is checked here, and other points give results without meaning.
    ///
    /// # Errors
    /// [`Error::Argument`] for 2^31 bases or more, or impossible options; [`Error::Device`], in particular if the
    /// memory does not suffice.
    pub fn new(device: &Device, bases: &[Affine<C>], options: &DeviceMsmOptions) -> Result<Self> {
        if bases.iter().any(Affine::is_infinity) {
            Self::from_plan(device, &Msm::new(bases)?, options)
        } else {
            Self::build(device, bases, None, options)
        }
    }

    /// The same plan as one for the processor, on a device.
    ///
    /// # Errors
    /// As [`DeviceMsm::new`].
    pub fn from_plan(device: &Device, msm: &Msm<C>, options: &DeviceMsmOptions) -> Result<Self> {
        let slots = match &msm.slots {
            Slots::Same => None,
            Slots::Mapped(slots) => Some(&slots[..]),
        };
        Self::build(device, msm.finite_bases(), slots, options)
    }

    fn build(
        device: &Device,
        bases: &[Affine<C>],
        slots: Option<&[u32]>,
        options: &DeviceMsmOptions,
    ) -> Result<Self> {
        let scalars = slots.map_or(bases.len(), <[u32]>::len);
        if scalars >= MAX_BASES {
            return Err(Error::Argument(format!(
                "an MSM takes fewer than 2^31 bases, not {scalars}"
            )));
        }
        let widths = recoding::MIN_WIDTH..=recoding::MAX_WIDTH;
        if options.multiples == 0 || options.width.is_some_and(|width| !widths.contains(&width)) {
            return Err(Error::Argument(format!(
                "no MSM has {} multiples of each base or digits of {:?} bits",
                options.multiples, options.width
            )));
        }
        let job = Job {
            scalars,
            bases: bases.len(),
            lanes: C::LANES,
            multiprocessors: device.info().multiprocessors as usize,
            has_slots: slots.is_some(),
        };
        let memory = device.memory();
        let left = memory.budget.saturating_sub(memory.live);
        let room = options.memory.unwrap_or(left);
        let plan = Plan::choose(&job, options.multiples, options.width, room.min(left));
        device.check_room(plan.table_bytes(&job) + Table::<C>::scratch_bytes(&plan, &job))?;
        let stream = device.stream()?;
        let table = Table::new(&stream, &plan, &job, bases)?;
        let on_device = slots.map(|slots| stream.upload(slots)).transpose()?;
        stream.synchronize()?;
        Ok(Self {
            job,
            plan,
            room,
            table,
            slots: on_device,
            host_slots: slots.filter(|_| !plan.is_resident).map(<[u32]>::to_vec),
            copies: device.stream()?,
            stream,
        })
    }

    /// The number of scalars a run takes: the number of bases this was made of.
    pub fn len(&self) -> usize {
        self.job.scalars
    }

    /// Whether there are no bases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The device.
    pub fn device(&self) -> &Device {
        self.stream.device()
    }

    /// Bytes of device memory that the bases take.
    pub fn memory(&self) -> u64 {
        self.plan.table_bytes(&self.job)
    }

    /// Bytes of device memory that a run over so many vectors of scalars on the device takes while it is queued, with
    /// what is left now.
    ///
    /// # Errors
    /// [`Error::Device`] if the memory does not suffice.
    pub fn scratch(&self, vectors: usize) -> Result<u64> {
        self.scratch_for(vectors, Source::Device)
    }

    /// The same for scalars on the host, with their copies.
    ///
    /// # Errors
    /// As [`DeviceMsm::scratch`].
    pub fn scratch_from_host(&self, vectors: usize) -> Result<u64> {
        self.scratch_for(vectors, Source::Host)
    }

    fn scratch_for(&self, vectors: usize, source: Source) -> Result<u64> {
        if self.is_empty() || vectors == 0 {
            return Ok(0);
        }
        let passes = self.passes(vectors, source)?;
        Ok(self.plan.memory(&self.job, &passes, source).bytes())
    }

    /// `sum_i scalars[i] bases[i]`.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are not [`DeviceMsm::len`] scalars or one is not below the group's order;
    /// [`Error::Device`], in particular if the memory does not suffice.
    pub fn run<S: DeviceScalar<C::Scalar>>(&self, scalars: &[S]) -> Result<Xyzz<C>> {
        Ok(self.run_batch(&[scalars])?[0])
    }

    /// The sums for several vectors of scalars.
    ///
    /// # Errors
    /// As [`DeviceMsm::run`].
    pub fn run_batch<S: DeviceScalar<C::Scalar>>(&self, vectors: &[&[S]]) -> Result<Vec<Xyzz<C>>> {
        for vector in vectors {
            self.check_len(vector.len(), self.len())?;
        }
        self.queue(&self.stream, &Input::Host(vectors), S::FORM)?
            .wait()
    }

    /// Queues `sum_i scalars[i] bases[i]` on a stream. Of what is queued there afterwards nothing is waited for; only
    /// [`PendingSum::wait`] waits, and nothing but the points that it needs comes back to the host.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are not [`DeviceMsm::len`] scalars; [`Error::Device`].
    pub fn run_on<S: DeviceScalar<C::Scalar>>(
        &self,
        stream: &Stream,
        scalars: Slice<'_, S>,
    ) -> Result<PendingSum<C>> {
        Ok(PendingSum(self.run_batch_on(stream, scalars, 1)?))
    }

    /// Queues the sums for several vectors of scalars, which lie one after the other.
    ///
    /// # Errors
    /// As [`DeviceMsm::run_on`].
    pub fn run_batch_on<S: DeviceScalar<C::Scalar>>(
        &self,
        stream: &Stream,
        scalars: Slice<'_, S>,
        vectors: usize,
    ) -> Result<PendingSums<C>> {
        self.check_len(scalars.len(), self.len().saturating_mul(vectors))?;
        if vectors >= MAX_BASES {
            return Err(Error::Argument(format!(
                "an MSM takes fewer than 2^31 vectors of scalars, not {vectors}"
            )));
        }
        self.queue(stream, &Input::Device(scalars, vectors), S::FORM)
    }

    fn queue<S: Pod>(
        &self,
        stream: &Stream,
        input: &Input<'_, S>,
        form: Form,
    ) -> Result<PendingSums<C>> {
        let vectors = input.vectors();
        let queued = if self.is_empty() || vectors == 0 {
            None
        } else {
            Some((stream.clone(), enqueue(self, stream, input, form)?))
        };
        Ok(PendingSums {
            vectors,
            points: (self.plan.stride * self.plan.width) as usize,
            queued,
            curve: PhantomData,
        })
    }

    fn check_len(&self, scalars: usize, needed: usize) -> Result<()> {
        if scalars == needed {
            return Ok(());
        }
        Err(Error::Argument(format!(
            "an MSM over {} bases got {scalars} scalars",
            self.len()
        )))
    }
}
