//! Sums and reductions as they are run; [`mont`](super::mont) has the same as `const fn`, for constants.
//!
//! Two things that no portable `const fn` gets out of the compiler decide the speed of field
//! arithmetic, and these functions insist on them:
//!
//! - **Chains of carries in the carry flag.** From double words or from `overflowing_add` the compiler
//!   makes comparisons instead, above all next to a constant such as the modulus.
//! - **Selection without a branch.** Masks are recognised and turned into jumps, which half of the
//!   time go the other way, and which show the operands in the time taken.
//!
//! Together they take a third off an NTT's butterfly.

use core::hint::select_unpredictable;

use super::mont;

/// `a + b + carry`, as (sum, carry out), the carries being 0 or 1.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn adc(a: u64, b: u64, carry: u8) -> (u64, u8) {
    let mut sum = 0;
    let carry = core::arch::x86_64::_addcarry_u64(carry, a, b, &mut sum);
    (sum, carry)
}

/// `a - b - borrow`, as (difference, borrow out), the borrows being 0 or 1.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn sbb(a: u64, b: u64, borrow: u8) -> (u64, u8) {
    let mut difference = 0;
    let borrow = core::arch::x86_64::_subborrow_u64(borrow, a, b, &mut difference);
    (difference, borrow)
}

/// `a + b + carry`, as (sum, carry out), the carries being 0 or 1.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn adc(a: u64, b: u64, carry: u8) -> (u64, u8) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, u8::from(first | second))
}

/// `a - b - borrow`, as (difference, borrow out), the borrows being 0 or 1.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn sbb(a: u64, b: u64, borrow: u8) -> (u64, u8) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, u8::from(first | second))
}

/// `a + b` and the carry out.
#[inline(always)]
pub(crate) fn add_wide<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u8) {
    let mut r = [0; N];
    let mut carry = 0;
    for i in 0..N {
        (r[i], carry) = adc(a[i], b[i], carry);
    }
    (r, carry)
}

/// `a - b` and the borrow out.
#[inline(always)]
pub(crate) fn sub_wide<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u8) {
    let mut r = [0; N];
    let mut borrow = 0;
    for i in 0..N {
        (r[i], borrow) = sbb(a[i], b[i], borrow);
    }
    (r, borrow)
}

/// `a - p` if `a >= p`, else `a`.
#[inline(always)]
pub(crate) fn reduce_once<const N: usize>(a: &[u64; N], p: &[u64; N]) -> [u64; N] {
    #[cfg(target_arch = "x86_64")]
    if N == 4 {
        return x86_64::reduce_once(*a, p);
    }
    let (mut r, borrow) = sub_wide(a, p);
    for i in 0..N {
        r[i] = select_unpredictable(borrow != 0, a[i], r[i]);
    }
    r
}

/// `a + b mod p` for `a, b < p < 2^(64 N - 1)`.
#[inline(always)]
pub(crate) fn add<const N: usize>(a: &[u64; N], b: &[u64; N], p: &[u64; N]) -> [u64; N] {
    let (sum, _) = add_wide(a, b);
    reduce_once(&sum, p)
}

/// `a - b mod p` for `a, b < p`.
#[inline(always)]
pub(crate) fn sub<const N: usize>(a: &[u64; N], b: &[u64; N], p: &[u64; N]) -> [u64; N] {
    #[cfg(target_arch = "x86_64")]
    if N == 4 {
        return x86_64::sub(*a, *b, p);
    }
    let (difference, borrow) = sub_wide(a, b);
    let mut correction = [0; N];
    for i in 0..N {
        correction[i] = select_unpredictable(borrow != 0, p[i], 0);
    }
    add_wide(&difference, &correction).0
}

/// `-a mod p` for `a < p`.
#[inline(always)]
pub(crate) fn neg<const N: usize>(a: &[u64; N], p: &[u64; N]) -> [u64; N] {
    sub(&[0; N], a, p)
}

/// `a b R^-1 mod p`, canonical, for `a < p` and any `b < R`.
#[inline(always)]
pub(crate) fn mul<const N: usize>(a: &[u64; N], b: &[u64; N], p: &[u64; N], inv: u64) -> [u64; N] {
    reduce_once(&mont::mul_lazy(a, b, p, inv), p)
}

/// Four limbs on x86-64, where not even `select_unpredictable` keeps the compiler from a jump.
#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use core::arch::asm;

    #[inline(always)]
    pub(super) fn reduce_once<const N: usize>(mut a: [u64; N], p: &[u64; N]) -> [u64; N] {
        assert!(N == 4);
        // SAFETY: arithmetic on registers, and reads of the four limbs behind `p`.
        unsafe {
            asm!(
                "mov {d0}, {a0}",
                "mov {d1}, {a1}",
                "mov {d2}, {a2}",
                "mov {d3}, {a3}",
                "sub {d0}, [{p}]",
                "sbb {d1}, [{p} + 8]",
                "sbb {d2}, [{p} + 16]",
                "sbb {d3}, [{p} + 24]",
                "cmovnc {a0}, {d0}",
                "cmovnc {a1}, {d1}",
                "cmovnc {a2}, {d2}",
                "cmovnc {a3}, {d3}",
                a0 = inout(reg) a[0],
                a1 = inout(reg) a[1],
                a2 = inout(reg) a[2],
                a3 = inout(reg) a[3],
                d0 = out(reg) _,
                d1 = out(reg) _,
                d2 = out(reg) _,
                d3 = out(reg) _,
                p = in(reg) p.as_ptr(),
                options(pure, readonly, nostack),
            );
        }
        a
    }

    #[inline(always)]
    pub(super) fn sub<const N: usize>(mut a: [u64; N], b: [u64; N], p: &[u64; N]) -> [u64; N] {
        assert!(N == 4);
        // SAFETY: arithmetic on registers, and reads of the four limbs behind `p`.
        unsafe {
            asm!(
                "sub {a0}, {b0}",
                "sbb {a1}, {b1}",
                "sbb {a2}, {b2}",
                "sbb {a3}, {b3}",
                // All ones if it borrowed.
                "sbb {mask}, {mask}",
                "mov {b0}, [{p}]",
                "mov {b1}, [{p} + 8]",
                "mov {b2}, [{p} + 16]",
                "mov {b3}, [{p} + 24]",
                "and {b0}, {mask}",
                "and {b1}, {mask}",
                "and {b2}, {mask}",
                "and {b3}, {mask}",
                "add {a0}, {b0}",
                "adc {a1}, {b1}",
                "adc {a2}, {b2}",
                "adc {a3}, {b3}",
                a0 = inout(reg) a[0],
                a1 = inout(reg) a[1],
                a2 = inout(reg) a[2],
                a3 = inout(reg) a[3],
                b0 = inout(reg) b[0] => _,
                b1 = inout(reg) b[1] => _,
                b2 = inout(reg) b[2] => _,
                b3 = inout(reg) b[3] => _,
                mask = out(reg) _,
                p = in(reg) p.as_ptr(),
                options(pure, readonly, nostack),
            );
        }
        a
    }
}
