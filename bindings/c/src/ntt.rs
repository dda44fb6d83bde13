//! Number-theoretic transforms.

use std::sync::Arc;

use zkiln::backend::Backend;
use zkiln::field::{Fr, PrimeField};
use zkiln::ntt::{BitReversed, DeviceNtt, Natural, Ntt, Order, bit_reverse};

use crate::border::{Border, require_room};
use crate::context::{Context, zkiln_context};
use crate::field::{check_reduced, zkiln_bn254_fr};
use crate::handle::{self, Handle};
use crate::status::{Failure, Result, ZKILN_E_DEVICE, guard, zkiln_status};

/// The order in which the 2^log_n values of a transform stand in memory.
pub type zkiln_order = u32;
/// Value i stands at place i.
pub const ZKILN_NATURAL: u32 = 0;
/// Value i stands at the place whose log_n bits are those of i backwards. One side natural and the other
/// bit-reversed costs nothing; the same order on both sides costs a permutation.
pub const ZKILN_BIT_REVERSED: u32 = 1;

/// A transform of 2^log_n elements of the scalar field, prepared: made once, run by any number of threads
/// at once. The roots of unity are those of arkworks and snarkjs.
pub struct zkiln_bn254_ntt {
    context: Arc<Context>,
    plan: Plan,
}

enum Plan {
    Cpu(Ntt<Fr>),
    Device(DeviceNtt),
}

impl Handle for zkiln_bn254_ntt {
    const NAME: &'static str = "the NTT";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// ==== Number-theoretic transforms ====
///
/// Prepares transforms of 2^log_n elements, log_n at most 28, with a table of as many roots of unity on the
/// context's backend.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_bn254_ntt,
    log_n: u32,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().new_handle(out) }?;
        // SAFETY: as above.
        let context = unsafe { handle::get(context) }?.context();
        let plan = context.run(|| match context.backend() {
            Backend::Device(device) => Ok(Plan::Device(DeviceNtt::new(device, log_n)?)),
            _ => {
                require_room(size_of::<Fr>() << log_n.min(Fr::TWO_ADICITY))?;
                Ok::<_, Failure>(Plan::Cpu(Ntt::new(log_n)?))
            }
        })?;
        out.set(zkiln_bn254_ntt {
            context: Arc::clone(context),
            plan,
        });
        Ok(())
    })
}

/// Evaluates each of the polynomials in data, in place: from coefficients in order from to the values at 1, w,
/// ..., w^(2^log_n - 1) in order to, where w is zkiln_bn254_root_of_unity(log_n). data holds n elements,
/// any number of polynomials of 2^log_n coefficients one after the other. If shift is not NULL, the values
/// are those on the coset shift, shift w, ...
///
/// Errors: ZKILN_E_ARGUMENT if n is no multiple of 2^log_n or the shift is 0, ZKILN_E_MALFORMED for elements
/// that are not below r; data is left alone then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_forward(
    ntt: *const zkiln_bn254_ntt,
    data: *mut zkiln_bn254_fr,
    n: usize,
    from: zkiln_order,
    to: zkiln_order,
    shift: *const zkiln_bn254_fr,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let call = unsafe { Call::new(ntt, data, n, shift) }?;
        match orders(from, to)? {
            [false, false] => call.forward::<Natural, Natural>(),
            [false, true] => call.forward::<Natural, BitReversed>(),
            [true, false] => call.forward::<BitReversed, Natural>(),
            [true, true] => call.forward::<BitReversed, BitReversed>(),
        }
    })
}

/// Interpolates: the reverse of zkiln_bn254_ntt_forward, from values in order from to coefficients in order
/// to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_inverse(
    ntt: *const zkiln_bn254_ntt,
    data: *mut zkiln_bn254_fr,
    n: usize,
    from: zkiln_order,
    to: zkiln_order,
    shift: *const zkiln_bn254_fr,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let call = unsafe { Call::new(ntt, data, n, shift) }?;
        match orders(from, to)? {
            [false, false] => call.inverse::<Natural, Natural>(),
            [false, true] => call.inverse::<Natural, BitReversed>(),
            [true, false] => call.inverse::<BitReversed, Natural>(),
            [true, true] => call.inverse::<BitReversed, BitReversed>(),
        }
    })
}

/// From the values of each polynomial in data at the powers of w to 2^log_n times its values at the odd powers
/// of zkiln_bn254_root_of_unity(log_n + 1), both in bit-reversed order: what Groth16 does with its columns,
/// in one inverse and one forward transform without a multiplication in between.
///
/// Errors: as zkiln_bn254_ntt_forward; ZKILN_E_ARGUMENT for log_n = 28, ZKILN_E_DEVICE on a device, where it
/// is a step of proofs only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_extend(
    ntt: *const zkiln_bn254_ntt,
    data: *mut zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let call = unsafe { Call::new(ntt, data, n, std::ptr::null()) }?;
        call.extend()
    })
}

/// Destroys a transform; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_destroy(ntt: *mut zkiln_bn254_ntt) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(ntt) }
}

/// Permutes n elements, a power of two, from natural to bit-reversed order, or back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_bit_reverse(
    context: *const zkiln_context,
    data: *mut zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let context = unsafe { handle::get(context) }?.context();
        // SAFETY: as above.
        let data = unsafe { Border::default().inout("data", data, n) }?;
        Ok(context.run(|| bit_reverse(data))?)
    })
}

/// Stores the primitive root of unity of order 2^log_n whose powers the transforms use.
///
/// Errors: ZKILN_E_ARGUMENT for a log_n above 28.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_root_of_unity(
    out: *mut zkiln_bn254_fr,
    log_n: u32,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointer.
        let out = unsafe { Border::default().output_one("out", out) }?;
        let Some(root) = Fr::root_of_unity(log_n) else {
            return Err(Failure::argument(format!(
                "the field has no root of unity of order 2^{log_n}, only up to 2^{}",
                Fr::TWO_ADICITY
            )));
        };
        out.write(bytemuck::cast(root));
        Ok(())
    })
}

/// Whether values come and go in bit-reversed order.
fn orders(from: zkiln_order, to: zkiln_order) -> Result<[bool; 2]> {
    let is_reversed = |name, order| match order {
        ZKILN_NATURAL => Ok(false),
        ZKILN_BIT_REVERSED => Ok(true),
        _ => Err(Failure::argument(format!("{name}: {order} is no order"))),
    };
    Ok([is_reversed("from", from)?, is_reversed("to", to)?])
}

/// A transform's arguments.
struct Call<'a> {
    ntt: &'a zkiln_bn254_ntt,
    data: &'a mut [Fr],
    shift: Option<Fr>,
}

impl<'a> Call<'a> {
    /// # Safety
    /// As [`handle::get`], [`Border::inout`] and [`Border::input`].
    unsafe fn new(
        ntt: *const zkiln_bn254_ntt,
        data: *mut zkiln_bn254_fr,
        n: usize,
        shift: *const zkiln_bn254_fr,
    ) -> Result<Self> {
        // SAFETY: passed on.
        let ntt = unsafe { handle::get(ntt) }?;
        let mut border = Border::default();
        // SAFETY: passed on.
        let data: &'a mut [zkiln_bn254_fr] = unsafe { border.inout("data", data, n) }?;
        let shift = if shift.is_null() {
            None
        } else {
            // SAFETY: passed on.
            let shift: &[zkiln_bn254_fr] = unsafe { border.input("shift", shift, 1) }?;
            let shift: &[Fr] = bytemuck::cast_slice(shift);
            check_reduced("shift", shift)?;
            if shift[0] == Fr::ZERO {
                return Err(Failure::argument("a coset's shift must not be zero"));
            }
            Some(shift[0])
        };
        if !n.is_multiple_of(ntt.len()) {
            return Err(Failure::argument(format!(
                "data: {n} elements are no multiple of the transform's {}",
                ntt.len()
            )));
        }
        Ok(Self {
            ntt,
            data: bytemuck::cast_slice_mut(data),
            shift,
        })
    }

    fn forward<I: Order, O: Order>(self) -> Result<()> {
        let shift = self.shift;
        self.run(
            |ntt, column| match shift {
                None => ntt.forward::<I, O>(column),
                Some(shift) => ntt.coset_forward::<I, O>(shift, column),
            },
            |ntt, data| match shift {
                None => ntt.forward::<I, O>(data),
                Some(shift) => ntt.coset_forward::<I, O>(shift, data),
            },
        )
    }

    fn inverse<I: Order, O: Order>(self) -> Result<()> {
        let shift = self.shift;
        self.run(
            |ntt, column| match shift {
                None => ntt.inverse::<I, O>(column),
                Some(shift) => ntt.coset_inverse::<I, O>(shift, column),
            },
            |ntt, data| match shift {
                None => ntt.inverse::<I, O>(data),
                Some(shift) => ntt.coset_inverse::<I, O>(shift, data),
            },
        )
    }

    fn extend(self) -> Result<()> {
        let Plan::Cpu(ntt) = &self.ntt.plan else {
            return Err(Failure::new(
                ZKILN_E_DEVICE,
                "the extension to the odd coset is for the backend \"cpu\" only",
            ));
        };
        self.ntt.context.run(|| {
            check_reduced("data", self.data)?;
            let mut columns: Vec<&mut [Fr]> = self.data.chunks_exact_mut(ntt.len()).collect();
            Ok(ntt.extend_to_odd_coset_unscaled(&mut columns)?)
        })
    }

    fn run(
        self,
        on_cpu: impl Fn(&Ntt<Fr>, &mut [Fr]) -> zkiln::Result<()> + Sync,
        on_device: impl Fn(&DeviceNtt, &mut [Fr]) -> zkiln::Result<()> + Sync,
    ) -> Result<()> {
        let Self { ntt, data, .. } = self;
        // What stays on one thread stays on the caller's: the way to the context's takes longer.
        let stays = |plan: &Ntt<Fr>| plan.is_serial() && data.len() == plan.len();
        if let Plan::Cpu(plan) = &ntt.plan
            && stays(plan)
        {
            check_reduced("data", data)?;
            return Ok(on_cpu(plan, data)?);
        }
        ntt.context.run(|| {
            check_reduced("data", data)?;
            match &ntt.plan {
                Plan::Cpu(plan) => on_cpu(plan, data)?,
                Plan::Device(plan) => on_device(plan, data)?,
            }
            Ok(())
        })
    }
}

impl zkiln_bn254_ntt {
    fn len(&self) -> usize {
        match &self.plan {
            Plan::Cpu(plan) => plan.len(),
            Plan::Device(plan) => plan.len(),
        }
    }
}
