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
//! Together they halve the time of an addition and take a quarter off an NTT's butterfly.

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
