//! Multi-scalar multiplication.

use std::mem::MaybeUninit;
use std::sync::Arc;

use bytemuck::Pod;
use zkiln::backend::Backend;
use zkiln::curve::{Affine, G1, G2, Xyzz};
use zkiln::field::{Fr, Int};
use zkiln::msm::{AnyMsm, DeviceMsm, DeviceMsmOptions, DeviceScalar, FixedBase, Msm};

use crate::border::{Border, require_room, write};
use crate::buffer::{Memory, zkiln_bn254_fr_buffer};
use crate::context::{Context, zkiln_context};
use crate::field::{
    Group, affine, check_below_r, check_on_curve, check_reduced, points, zkiln_bn254_fr,
    zkiln_bn254_g1, zkiln_bn254_g2, zkiln_u256,
};
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, ZKILN_E_MALFORMED, guard, zkiln_status};

/// How an MSM is made. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_msm_options {
    /// sizeof(zkiln_msm_options).
    pub struct_size: usize,
    /// 1: do not check that the bases are in the group. Only for bases that were checked before: others
    /// give results without meaning.
    pub trust_points: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers, 16 bytes without padding, the size first.
unsafe impl Growable for zkiln_msm_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// A multi-scalar multiplication over fixed bases of G1, prepared on the context's backend: made once, run by any
/// number of threads at once.
pub struct zkiln_bn254_g1_msm(Plan<G1>);

/// A multi-scalar multiplication over fixed bases of G2: like zkiln_bn254_g1_msm.
pub struct zkiln_bn254_g2_msm(Plan<G2>);

impl Handle for zkiln_bn254_g1_msm {
    const NAME: &'static str = "the MSM";

    fn context(&self) -> &Arc<Context> {
        &self.0.context
    }
}

impl Handle for zkiln_bn254_g2_msm {
    const NAME: &'static str = "the MSM";

    fn context(&self) -> &Arc<Context> {
        &self.0.context
    }
}

/// ==== Multi-scalar multiplication in G1 ====
///
/// Prepares n bases, which are copied to the context's backend; infinity is allowed. options may be NULL.
///
/// Errors: ZKILN_E_MALFORMED for a base that is not in the group.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_msm_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_bn254_g1_msm,
    bases: *const zkiln_bn254_g1,
    n: usize,
    options: *const zkiln_msm_options,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.new_handle(out) }?;
        // SAFETY: as above.
        let bases = unsafe { border.input("bases", bases, n) }?;
        // SAFETY: as above.
        let plan = unsafe { Plan::new(context, bases, options, |_| Ok(true)) }?;
        out.set(zkiln_bn254_g1_msm(plan));
        Ok(())
    })
}

/// The number of bases; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_msm_len(msm: *const zkiln_bn254_g1_msm) -> usize {
    // SAFETY: the caller's word for its pointer.
    unsafe { handle::get(msm) }.map_or(0, |msm| msm.0.msm.len())
}

/// Stores n_out sums. Each is over all bases, with the next zkiln_bn254_g1_msm_len of the n scalars.
///
/// The time depends on the scalars: zeros, ones and small ones cost less.
///
/// Errors: ZKILN_E_ARGUMENT for another number of scalars than n_out times the number of bases,
/// ZKILN_E_MALFORMED for a scalar that is not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_msm_run(
    msm: *const zkiln_bn254_g1_msm,
    out: *mut zkiln_bn254_g1,
    n_out: usize,
    scalars: *const zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let msm = unsafe { handle::get(msm) }?;
        // SAFETY: as above.
        unsafe { msm.0.run::<_, Fr>(out, n_out, scalars, n) }
    })
}

/// zkiln_bn254_g1_msm_run with canonical scalars.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_msm_run_u256(
    msm: *const zkiln_bn254_g1_msm,
    out: *mut zkiln_bn254_g1,
    n_out: usize,
    scalars: *const zkiln_u256,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let msm = unsafe { handle::get(msm) }?;
        // SAFETY: as above.
        unsafe { msm.0.run::<_, Int<4>>(out, n_out, scalars, n) }
    })
}

/// zkiln_bn254_g1_msm_run with scalars from a buffer of the same context, from its element first on.
///
/// Errors: ZKILN_E_ARGUMENT for a buffer that ends before, or of another context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_msm_run_buffer(
    msm: *const zkiln_bn254_g1_msm,
    out: *mut zkiln_bn254_g1,
    n_out: usize,
    scalars: *const zkiln_bn254_fr_buffer,
    first: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let msm = unsafe { handle::get(msm) }?;
        // SAFETY: as above.
        unsafe { msm.0.run_buffer(out, n_out, scalars, first) }
    })
}

/// Destroys an MSM; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_msm_destroy(msm: *mut zkiln_bn254_g1_msm) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(msm) }
}

/// Stores n multiples of one base, one for each scalar: much faster than n multiplications.
///
/// Errors: ZKILN_E_MALFORMED for a base that is not in the group, and for a scalar that is not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_multiples(
    context: *const zkiln_context,
    out: *mut zkiln_bn254_g1,
    base: *const zkiln_bn254_g1,
    scalars: *const zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { multiples::<G1>(context, out, base, scalars, n) })
}

/// ==== Multi-scalar multiplication in G2 ====
///
/// Prepares n bases of G2: see zkiln_bn254_g1_msm_create.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_msm_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_bn254_g2_msm,
    bases: *const zkiln_bn254_g2,
    n: usize,
    options: *const zkiln_msm_options,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.new_handle(out) }?;
        // SAFETY: as above.
        let bases = unsafe { border.input("bases", bases, n) }?;
        // SAFETY: as above.
        let plan = unsafe { Plan::new(context, bases, options, Msm::bases_in_subgroup) }?;
        out.set(zkiln_bn254_g2_msm(plan));
        Ok(())
    })
}

/// The number of bases; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_msm_len(msm: *const zkiln_bn254_g2_msm) -> usize {
    // SAFETY: the caller's word for its pointer.
    unsafe { handle::get(msm) }.map_or(0, |msm| msm.0.msm.len())
}

/// Stores n_out sums in G2: see zkiln_bn254_g1_msm_run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_msm_run(
    msm: *const zkiln_bn254_g2_msm,
    out: *mut zkiln_bn254_g2,
    n_out: usize,
    scalars: *const zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let msm = unsafe { handle::get(msm) }?;
        // SAFETY: as above.
        unsafe { msm.0.run::<_, Fr>(out, n_out, scalars, n) }
    })
}

/// zkiln_bn254_g2_msm_run with canonical scalars.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_msm_run_u256(
    msm: *const zkiln_bn254_g2_msm,
    out: *mut zkiln_bn254_g2,
    n_out: usize,
    scalars: *const zkiln_u256,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let msm = unsafe { handle::get(msm) }?;
        // SAFETY: as above.
        unsafe { msm.0.run::<_, Int<4>>(out, n_out, scalars, n) }
    })
}

/// zkiln_bn254_g2_msm_run with scalars from a buffer: see zkiln_bn254_g1_msm_run_buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_msm_run_buffer(
    msm: *const zkiln_bn254_g2_msm,
    out: *mut zkiln_bn254_g2,
    n_out: usize,
    scalars: *const zkiln_bn254_fr_buffer,
    first: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let msm = unsafe { handle::get(msm) }?;
        // SAFETY: as above.
        unsafe { msm.0.run_buffer(out, n_out, scalars, first) }
    })
}

/// Destroys an MSM; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_msm_destroy(msm: *mut zkiln_bn254_g2_msm) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(msm) }
}

/// Stores n multiples of one base of G2: see zkiln_bn254_g1_multiples.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_multiples(
    context: *const zkiln_context,
    out: *mut zkiln_bn254_g2,
    base: *const zkiln_bn254_g2,
    scalars: *const zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { multiples::<G2>(context, out, base, scalars, n) })
}

/// An MSM in a context.
struct Plan<C: Group> {
    context: Arc<Context>,
    msm: AnyMsm<C>,
}

impl<C: Group<Scalar = Fr>> Plan<C> {
    /// Checks and prepares `bases`; `in_group` tells of points of the curve whether they are in the group.
    ///
    /// # Safety
    /// As [`handle::get`] and [`options::read`].
    unsafe fn new(
        context: *const zkiln_context,
        bases: &[C::Point],
        options: *const zkiln_msm_options,
        in_group: impl FnOnce(&Msm<C>) -> zkiln::Result<bool> + Send,
    ) -> Result<Self> {
        // SAFETY: passed on.
        let context = unsafe { handle::get(context) }?.context();
        // SAFETY: passed on.
        let options = unsafe { options::read(options) }?;
        let is_checked = options::is_zero("trust_points", options.trust_points)?;
        options::require_zero(options.reserved)?;
        let bases = affine::<C>(bases);
        require_room(size_of_val(bases))?;
        let msm = context.run(|| {
            if is_checked {
                check_on_curve("bases", bases)?;
            }
            let msm = Msm::new(bases)?;
            if is_checked && !in_group(&msm)? {
                return Err(Failure::new(
                    ZKILN_E_MALFORMED,
                    "bases: a point is on the curve but outside the group of order r",
                ));
            }
            Ok(match context.backend() {
                Backend::Device(device) => {
                    let options = DeviceMsmOptions::default();
                    AnyMsm::Device(DeviceMsm::from_plan(device, &msm, &options)?)
                }
                _ => AnyMsm::Cpu(msm),
            })
        })?;
        Ok(Self {
            context: Arc::clone(context),
            msm,
        })
    }

    /// `n_out` sums with scalars that the header calls `T` and the library `S`.
    ///
    /// # Safety
    /// As [`Border::output`] and [`Border::input`].
    unsafe fn run<T: Pod, S: CheckedScalar>(
        &self,
        out: *mut C::Point,
        n_out: usize,
        scalars: *const T,
        n: usize,
    ) -> Result<()> {
        let mut border = Border::default();
        // SAFETY: passed on.
        let out = unsafe { border.output("out", out, n_out) }?;
        // SAFETY: passed on.
        let scalars = unsafe { border.input("scalars", scalars, n) }?;
        if self.scalars(n_out)? != n {
            return Err(Failure::argument(format!(
                "{n_out} sums over {} bases got {n} scalars",
                self.msm.len()
            )));
        }
        let scalars: &[S] = bytemuck::cast_slice(scalars);
        let sums = self.context.run(|| {
            S::check(scalars)?;
            let sums = self.msm.run_batch(&self.vectors(scalars, n_out));
            sums.map_err(|error| S::explain(error, scalars))
        })?;
        store(out, &sums);
        Ok(())
    }

    /// `n_out` sums with scalars of a buffer.
    ///
    /// # Safety
    /// As [`Border::output`] and [`handle::get`].
    unsafe fn run_buffer(
        &self,
        out: *mut C::Point,
        n_out: usize,
        scalars: *const zkiln_bn254_fr_buffer,
        first: usize,
    ) -> Result<()> {
        // SAFETY: passed on.
        let out = unsafe { Border::default().output("out", out, n_out) }?;
        // SAFETY: passed on.
        let scalars = unsafe { handle::get(scalars) }?;
        scalars.require_context(&self.context)?;
        let range = scalars.range(first, self.scalars(n_out)?)?;
        let memory = &*scalars.read();
        let sums = self.context.run(|| match (&self.msm, memory) {
            (AnyMsm::Device(msm), Memory::Device(memory)) => msm
                .run_batch_on(memory.stream(), memory.slice(range), n_out)?
                .wait(),
            (msm, Memory::Host(memory)) => msm.run_batch(&self.vectors(&memory[range], n_out)),
            (AnyMsm::Cpu(_), Memory::Device(_)) => {
                unreachable!("of one context, so of one backend")
            }
        })?;
        store(out, &sums);
        Ok(())
    }

    /// How many scalars so many sums take.
    fn scalars(&self, n_out: usize) -> Result<usize> {
        self.msm.len().checked_mul(n_out).ok_or_else(|| {
            Failure::argument(format!(
                "{n_out} sums over {} bases take more scalars than memory can hold",
                self.msm.len()
            ))
        })
    }

    /// The scalars of each of `n_out` sums.
    fn vectors<'a, S>(&self, scalars: &'a [S], n_out: usize) -> Vec<&'a [S]> {
        let len = self.msm.len();
        (0..n_out)
            .map(|i| &scalars[i * len..(i + 1) * len])
            .collect()
    }
}

/// Writes sums to as much room.
fn store<C: Group>(out: &mut [MaybeUninit<C::Point>], sums: &[Xyzz<C>]) {
    let sums: Vec<Affine<C>> = sums.iter().map(Xyzz::to_affine).collect();
    write(out, points(&sums));
}

/// Scalars of either form.
trait CheckedScalar: DeviceScalar<Fr> {
    /// Refuses scalars that are not below r, if the sums do not.
    fn check(scalars: &[Self]) -> Result<()>;
    /// Why there are no sums.
    fn explain(error: zkiln::Error, scalars: &[Self]) -> Failure;
}

impl CheckedScalar for Fr {
    fn check(scalars: &[Self]) -> Result<()> {
        check_reduced("scalars", scalars)
    }

    fn explain(error: zkiln::Error, _: &[Self]) -> Failure {
        error.into()
    }
}

impl CheckedScalar for Int<4> {
    /// The sums look at each of them anyway.
    fn check(_: &[Self]) -> Result<()> {
        Ok(())
    }

    fn explain(error: zkiln::Error, scalars: &[Self]) -> Failure {
        match check_below_r("scalars", scalars) {
            Ok(()) => error.into(),
            Err(refused) => refused,
        }
    }
}

/// # Safety
/// As [`handle::get`], [`Border::output`] and [`Border::input`].
unsafe fn multiples<C: Group<Scalar = Fr>>(
    context: *const zkiln_context,
    out: *mut C::Point,
    base: *const C::Point,
    scalars: *const zkiln_bn254_fr,
    n: usize,
) -> Result<()> {
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    let mut border = Border::default();
    // SAFETY: passed on.
    let out = unsafe { border.output("out", out, n) }?;
    // SAFETY: passed on.
    let base = unsafe { border.input("base", base, 1) }?;
    // SAFETY: passed on.
    let scalars = unsafe { border.input("scalars", scalars, n) }?;
    let base = affine::<C>(base)[0];
    let scalars: &[Fr] = bytemuck::cast_slice(scalars);
    if !base.is_valid() {
        return Err(Failure::new(
            ZKILN_E_MALFORMED,
            "the base is not in the group",
        ));
    }
    let multiples = context.run(|| {
        check_reduced("scalars", scalars)?;
        Ok::<_, Failure>(FixedBase::new(base, n).multiply_all(scalars))
    })?;
    write(out, points(&multiples));
    Ok(())
}
