//! Number-theoretic transforms.

use std::sync::Arc;

use zkiln::backend::{Backend, SliceMut, Stream};
use zkiln::field::{Fr, PrimeField};
use zkiln::ntt::{AnyNtt, BitReversed, DeviceNtt, Natural, Order, bit_reverse};

use crate::border::{Border, require_room};
use crate::buffer::{Memory, zkiln_bn254_fr_buffer};
use crate::context::{Context, zkiln_context};
use crate::field::{check_reduced, zkiln_bn254_fr};
use crate::handle::{self, Handle};
use crate::status::{Failure, Result, guard, zkiln_status};

/// The order in which the 2^log_n values of a transform stand in memory.
pub type zkiln_order = u32;
/// Value i stands at place i.
pub const ZKILN_NATURAL: u32 = 0;
/// Value i stands at the place whose log_n bits are those of i backwards. One side natural and the other
/// bit-reversed costs nothing; the same order on both sides costs a permutation.
pub const ZKILN_BIT_REVERSED: u32 = 1;

/// A transform of 2^log_n elements of the scalar field, prepared on the context's backend: made once, run by any
/// number of threads at once. The roots of unity are those of arkworks and snarkjs.
pub struct zkiln_bn254_ntt {
    context: Arc<Context>,
    plan: AnyNtt,
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
        if *context.backend() == Backend::Cpu {
            require_room(size_of::<Fr>() << log_n.min(Fr::TWO_ADICITY))?;
        }
        let plan = context.run(|| AnyNtt::on(context.backend(), log_n))?;
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
    // SAFETY: passed on.
    guard(|| unsafe { transform(ntt, data, n, Step::Forward, [from, to], shift) })
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
    // SAFETY: passed on.
    guard(|| unsafe { transform(ntt, data, n, Step::Inverse, [from, to], shift) })
}

/// From the values of each polynomial in data at the powers of w to 2^log_n times its values at the odd powers
/// of zkiln_bn254_root_of_unity(log_n + 1), both in bit-reversed order: what Groth16 does with its columns,
/// in one inverse and one forward transform without a multiplication in between.
///
/// Errors: as zkiln_bn254_ntt_forward; ZKILN_E_ARGUMENT for log_n = 28.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_extend(
    ntt: *const zkiln_bn254_ntt,
    data: *mut zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    let (orders, shift) = ([ZKILN_BIT_REVERSED; 2], std::ptr::null());
    // SAFETY: passed on.
    guard(|| unsafe { transform(ntt, data, n, Step::Extend, orders, shift) })
}

/// zkiln_bn254_ntt_forward of n elements of a buffer of the same context, from its element first on.
///
/// Errors: ZKILN_E_ARGUMENT as there, and for a buffer that ends before, or of another context; ZKILN_E_DEVICE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_forward_buffer(
    ntt: *const zkiln_bn254_ntt,
    data: *const zkiln_bn254_fr_buffer,
    first: usize,
    n: usize,
    from: zkiln_order,
    to: zkiln_order,
    shift: *const zkiln_bn254_fr,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { transform_buffer(ntt, data, first, n, Step::Forward, [from, to], shift) })
}

/// zkiln_bn254_ntt_inverse of elements of a buffer: see zkiln_bn254_ntt_forward_buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_inverse_buffer(
    ntt: *const zkiln_bn254_ntt,
    data: *const zkiln_bn254_fr_buffer,
    first: usize,
    n: usize,
    from: zkiln_order,
    to: zkiln_order,
    shift: *const zkiln_bn254_fr,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { transform_buffer(ntt, data, first, n, Step::Inverse, [from, to], shift) })
}

/// zkiln_bn254_ntt_extend of elements of a buffer: see zkiln_bn254_ntt_forward_buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_ntt_extend_buffer(
    ntt: *const zkiln_bn254_ntt,
    data: *const zkiln_bn254_fr_buffer,
    first: usize,
    n: usize,
) -> zkiln_status {
    let (orders, shift) = ([ZKILN_BIT_REVERSED; 2], std::ptr::null());
    // SAFETY: passed on.
    guard(|| unsafe { transform_buffer(ntt, data, first, n, Step::Extend, orders, shift) })
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

/// # Safety
/// As [`handle::get`], [`Border::inout`] and [`Border::input`].
unsafe fn transform(
    ntt: *const zkiln_bn254_ntt,
    data: *mut zkiln_bn254_fr,
    n: usize,
    step: Step,
    orders: [zkiln_order; 2],
    shift: *const zkiln_bn254_fr,
) -> Result<()> {
    // SAFETY: passed on.
    let ntt = unsafe { handle::get(ntt) }?;
    let mut border = Border::default();
    // SAFETY: passed on.
    let data: &mut [zkiln_bn254_fr] = unsafe { border.inout("data", data, n) }?;
    let data: &mut [Fr] = bytemuck::cast_slice_mut(data);
    // SAFETY: passed on.
    let call = unsafe { Call::new(&mut border, step, orders, shift) }?;
    ntt.require_multiple(n)?;
    // What stays on one thread stays on the caller's: the way to the context's takes longer.
    let stays = ntt.plan.is_serial() && n == ntt.plan.len() && step != Step::Extend;
    let mut run = || {
        check_reduced("data", data)?;
        Ok(call.on_host(&ntt.plan, data)?)
    };
    if stays { run() } else { ntt.context.run(run) }
}

/// # Safety
/// As [`handle::get`] and [`Border::input`].
unsafe fn transform_buffer(
    ntt: *const zkiln_bn254_ntt,
    data: *const zkiln_bn254_fr_buffer,
    first: usize,
    n: usize,
    step: Step,
    orders: [zkiln_order; 2],
    shift: *const zkiln_bn254_fr,
) -> Result<()> {
    // SAFETY: passed on.
    let ntt = unsafe { handle::get(ntt) }?;
    // SAFETY: passed on.
    let data = unsafe { handle::get(data) }?;
    // SAFETY: passed on.
    let call = unsafe { Call::new(&mut Border::default(), step, orders, shift) }?;
    ntt.require_multiple(n)?;
    data.require_context(&ntt.context)?;
    let range = data.range(first, n)?;
    let memory = &mut *data.write();
    ntt.context.run(|| {
        match (&ntt.plan, memory) {
            (AnyNtt::Device(plan), Memory::Device(memory)) => {
                let stream = memory.stream().clone();
                call.on_device(plan, &stream, memory.slice_mut(range))?;
            }
            (plan, Memory::Host(memory)) => call.on_host(plan, &mut memory[range])?,
            (AnyNtt::Cpu(_), Memory::Device(_)) => {
                unreachable!("of one context, so of one backend")
            }
        }
        Ok(())
    })
}

impl zkiln_bn254_ntt {
    fn require_multiple(&self, n: usize) -> Result<()> {
        if !n.is_multiple_of(self.plan.len()) {
            return Err(Failure::argument(format!(
                "data: {n} elements are no multiple of the transform's {}",
                self.plan.len()
            )));
        }
        Ok(())
    }
}

/// What is done with the data.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Forward,
    Inverse,
    /// To the odd coset; both orders are bit-reversed.
    Extend,
}

/// A transform's arguments.
struct Call {
    step: Step,
    /// Whether values come and go in bit-reversed order.
    reversed: [bool; 2],
    shift: Option<Fr>,
}

impl Call {
    /// # Safety
    /// As [`Border::input`].
    unsafe fn new(
        border: &mut Border,
        step: Step,
        [from, to]: [zkiln_order; 2],
        shift: *const zkiln_bn254_fr,
    ) -> Result<Self> {
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
        let is_reversed = |name, order| match order {
            ZKILN_NATURAL => Ok(false),
            ZKILN_BIT_REVERSED => Ok(true),
            _ => Err(Failure::argument(format!("{name}: {order} is no order"))),
        };
        Ok(Self {
            step,
            reversed: [is_reversed("from", from)?, is_reversed("to", to)?],
            shift,
        })
    }

    fn on_host(&self, plan: &AnyNtt, data: &mut [Fr]) -> zkiln::Result<()> {
        match self.reversed {
            [false, false] => self.host::<Natural, Natural>(plan, data),
            [false, true] => self.host::<Natural, BitReversed>(plan, data),
            [true, false] => self.host::<BitReversed, Natural>(plan, data),
            [true, true] => self.host::<BitReversed, BitReversed>(plan, data),
        }
    }

    fn on_device(
        &self,
        plan: &DeviceNtt,
        stream: &Stream,
        data: SliceMut<'_, Fr>,
    ) -> zkiln::Result<()> {
        match self.reversed {
            [false, false] => self.device::<Natural, Natural>(plan, stream, data),
            [false, true] => self.device::<Natural, BitReversed>(plan, stream, data),
            [true, false] => self.device::<BitReversed, Natural>(plan, stream, data),
            [true, true] => self.device::<BitReversed, BitReversed>(plan, stream, data),
        }
    }

    fn host<I: Order, O: Order>(&self, plan: &AnyNtt, data: &mut [Fr]) -> zkiln::Result<()> {
        match (self.step, self.shift) {
            (Step::Forward, None) => plan.forward::<I, O>(data),
            (Step::Forward, Some(shift)) => plan.coset_forward::<I, O>(shift, data),
            (Step::Inverse, None) => plan.inverse::<I, O>(data),
            (Step::Inverse, Some(shift)) => plan.coset_inverse::<I, O>(shift, data),
            (Step::Extend, _) => plan.extend_to_odd_coset_unscaled(data),
        }
    }

    fn device<I: Order, O: Order>(
        &self,
        plan: &DeviceNtt,
        stream: &Stream,
        data: SliceMut<'_, Fr>,
    ) -> zkiln::Result<()> {
        match (self.step, self.shift) {
            (Step::Forward, None) => plan.forward_on::<I, O>(stream, data),
            (Step::Forward, Some(shift)) => plan.coset_forward_on::<I, O>(stream, shift, data),
            (Step::Inverse, None) => plan.inverse_on::<I, O>(stream, data),
            (Step::Inverse, Some(shift)) => plan.coset_inverse_on::<I, O>(stream, shift, data),
            (Step::Extend, _) => plan.extend_to_odd_coset_unscaled_on(stream, data),
        }
    }
}
