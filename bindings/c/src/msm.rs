//! Multi-scalar multiplication.

use std::sync::Arc;

use bytemuck::Pod;
use zkiln::backend::Backend;
use zkiln::curve::{Affine, G1, G2, Xyzz};
use zkiln::field::{Fr, Int};
use zkiln::msm::{FixedBase, Msm, Scalar};

use crate::border::{Border, require_room, write};
use crate::context::{Context, zkiln_context};
use crate::field::{
    Group, affine, check_on_curve, check_reduced, points, zkiln_bn254_fr, zkiln_bn254_g1,
    zkiln_bn254_g2, zkiln_u256,
};
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, ZKILN_E_DEVICE, ZKILN_E_MALFORMED, guard, zkiln_status};

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

/// A multi-scalar multiplication over fixed bases of G1, prepared: made once, run by any number of threads
/// at once.
pub struct zkiln_bn254_g1_msm(Plan<G1>);

/// A multi-scalar multiplication over fixed bases of G2, prepared: made once, run by any number of threads
/// at once.
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
/// Prepares n bases, which are copied; infinity is allowed. options may be NULL.
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
    msm: Msm<C>,
}

impl<C: Group> Plan<C> {
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
        require_processor(context)?;
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
            Ok(msm)
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
    unsafe fn run<T: Pod, S: ScalarOf<C> + Pod>(
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
        let len = self.msm.len();
        if len.checked_mul(n_out) != Some(n) {
            return Err(Failure::argument(format!(
                "{n_out} sums over {len} bases got {n} scalars"
            )));
        }
        let scalars: &[S] = bytemuck::cast_slice(scalars);
        let sums = self.context.run(|| {
            S::check(scalars)?;
            (0..n_out)
                .map(|i| Ok(self.msm.run(&scalars[i * len..(i + 1) * len])?))
                .collect::<Result<Vec<Xyzz<C>>>>()
        })?;
        let sums: Vec<Affine<C>> = sums.iter().map(Xyzz::to_affine).collect();
        write(out, points(&sums));
        Ok(())
    }
}

/// Scalars of either form.
trait ScalarOf<C: Group>: Scalar<C::Scalar> + Sized {
    /// Refuses scalars that are not below r.
    fn check(scalars: &[Self]) -> Result<()>;
}

impl<C: Group<Scalar = Fr>> ScalarOf<C> for Fr {
    fn check(scalars: &[Self]) -> Result<()> {
        check_reduced("scalars", scalars)
    }
}

impl<C: Group<Scalar = Fr>> ScalarOf<C> for Int<4> {
    fn check(scalars: &[Self]) -> Result<()> {
        crate::field::check_below_r("scalars", scalars)
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

/// There are no sums on devices yet, and a device that was asked for is not replaced by the processor.
fn require_processor(context: &Context) -> Result<()> {
    match context.backend() {
        Backend::Cpu => Ok(()),
        device => Err(Failure::new(
            ZKILN_E_DEVICE,
            format!("this version has no MSM on {device}: use a context with the backend \"cpu\""),
        )),
    }
}
