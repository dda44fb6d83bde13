//! Modular inversion by the binary GCD with word-sized approximations: Pornin, "Optimized Binary
//! GCD for Modular Inversion" (ePrint 2020/972), in its variable-time form.
//!
//! About 80 multiplications, where Fermat's `a^(p-2)` takes more than 300; it matters because the
//! batches of an MSM are as long as their inversion is dear.

use super::{limbs, mont};

/// Halvings in one inner loop; with 31 the matrix fits signed 32-bit words and Pornin's proof of
/// convergence holds.
const STEPS: u32 = 31;

/// `a^-1 mod p` for odd prime `p` and `a < p`, or `None` for zero.
pub(super) fn inverse<const N: usize>(a: &[u64; N], p: &[u64; N]) -> Option<[u64; N]> {
    if *a == [0; N] {
        return None;
    }
    let neg_inv = mont::neg_inverse(p[0]);
    // Invariants, with y the input: a = y u and b = y v (mod p); b is odd.
    let (mut a, mut b) = (*a, *p);
    let (mut u, mut v) = ([0; N], [0; N]);
    u[0] = 1;
    while a != [0; N] {
        let ([f0, g0], [f1, g1]) = inner_loop(&a, &b);
        let (next_a, a_negative) = combine_exact(&a, f0, &b, g0);
        let (next_b, b_negative) = combine_exact(&a, f1, &b, g1);
        (a, b) = (next_a, next_b);
        let sign = |negative: bool| if negative { -1 } else { 1 };
        let (s0, s1) = (sign(a_negative), sign(b_negative));
        let next_u = combine_modular(&u, s0 * f0, &v, s0 * g0, p, neg_inv);
        v = combine_modular(&u, s1 * f1, &v, s1 * g1, p, neg_inv);
        u = next_u;
    }
    // p is prime and the input was not 0, so b = gcd = 1 = y v.
    Some(v)
}

/// `STEPS` halvings of (a, b) on approximations of 33 high and 31 low bits; the rows of the matrix
/// that does the same to the whole numbers, times `2^STEPS`.
#[inline]
fn inner_loop<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([i64; 2], [i64; 2]) {
    let length = mont::bit_length(a).max(mont::bit_length(b));
    let (mut x, mut y) = if length <= 64 {
        (a[0], b[0])
    } else {
        let approximate = |n: &[u64; N]| {
            let low = n[0] & ((1 << STEPS) - 1);
            low | (mont::shift_right(n, length - (64 - STEPS))[0] << STEPS)
        };
        (approximate(a), approximate(b))
    };
    let (mut f0, mut g0, mut f1, mut g1) = (1i64, 0i64, 0i64, 1i64);
    let mut left = STEPS;
    loop {
        let zeros = x.trailing_zeros().min(left);
        x >>= zeros;
        f1 <<= zeros;
        g1 <<= zeros;
        left -= zeros;
        if left == 0 {
            return ([f0, g0], [f1, g1]);
        }
        if x < y {
            (x, y) = (y, x);
            (f0, f1) = (f1, f0);
            (g0, g1) = (g1, g0);
        }
        x -= y;
        f0 -= f1;
        g0 -= g1;
    }
}

/// `a f + b g` as a two's complement number of `N + 1` words.
#[inline(always)]
fn combine<const N: usize>(a: &[u64; N], f: i64, b: &[u64; N], g: i64) -> ([u64; N], i64) {
    let mut words = [0; N];
    let mut carry = 0i128;
    for i in 0..N {
        // |f|, |g| <= 2^31, so the sum stays below 2^97.
        let t = carry + i128::from(a[i]) * i128::from(f) + i128::from(b[i]) * i128::from(g);
        words[i] = t as u64;
        carry = t >> 64;
    }
    (words, carry as i64)
}

/// The number of `N + 1` words shifted right by `STEPS`; the caller knows that it fits.
#[inline(always)]
fn shift<const N: usize>(words: &[u64; N], top: i64) -> [u64; N] {
    let mut r = [0; N];
    for i in 0..N {
        let next = if i + 1 < N { words[i + 1] } else { top as u64 };
        r[i] = (words[i] >> STEPS) | (next << (64 - STEPS));
    }
    r
}

/// `|a f + b g| / 2^STEPS`, which divides exactly, and whether the sum was negative.
#[inline(always)]
fn combine_exact<const N: usize>(a: &[u64; N], f: i64, b: &[u64; N], g: i64) -> ([u64; N], bool) {
    let (words, top) = combine(a, f, b, g);
    let r = shift(&words, top);
    if top < 0 {
        (limbs::sub_wide(&[0; N], &r).0, true)
    } else {
        (r, false)
    }
}

/// `(u f + v g) / 2^STEPS mod p` for `u, v < p`.
#[inline(always)]
fn combine_modular<const N: usize>(
    u: &[u64; N],
    f: i64,
    v: &[u64; N],
    g: i64,
    p: &[u64; N],
    neg_inv: u64,
) -> [u64; N] {
    let (words, top) = combine(u, f, v, g);
    // A multiple of p makes the sum divisible by 2^STEPS, as in a Montgomery reduction.
    let m = words[0].wrapping_mul(neg_inv) & ((1 << STEPS) - 1);
    let mut r = [0; N];
    let mut carry = 0u128;
    for i in 0..N {
        let t = u128::from(words[i]) + u128::from(m) * u128::from(p[i]) + carry;
        r[i] = t as u64;
        carry = t >> 64;
    }
    let top = top + carry as i64;
    let r = shift(&r, top);
    // -p < r < 2p, since |f| + |g| <= 2^STEPS and m < 2^STEPS.
    if top < 0 {
        limbs::add_wide(&r, p).0
    } else {
        limbs::reduce_once(&r, p)
    }
}
