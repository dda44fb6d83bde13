//! Montgomery arithmetic on `N` little-endian 64-bit limbs, with `R = 2^(64 N)`.
//!
//! Every function takes the modulus as an argument and is inlined into the field types of
//! [`prime_field!`](super::prime_field), where it is a constant. All are `const fn`, to derive a
//! field's constants at compile time; what the operators of a field run is [`limbs`](super::limbs),
//! on the multiplication of this module.
//!
//! The multiplication is the "no-carry" form of CIOS (coarsely integrated operand scanning; Acar's
//! method with the observation of the gnark authors that a modulus with a spare top bit needs no
//! overflow word). It accepts operands whose product is below `R p` and gives a result below `2p`,
//! which the NTT exploits; `reduce_once` makes it canonical.

/// `a + b c + carry`, as (low, high). Never overflows: (2^64-1) + (2^64-1)^2 + (2^64-1) < 2^128.
#[inline(always)]
pub(super) const fn mac(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
    let t = a as u128 + (b as u128) * (c as u128) + carry as u128;
    (t as u64, (t >> 64) as u64)
}

/// `a + b + carry`, as (sum, carry out).
#[inline(always)]
const fn adc(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let t = a as u128 + b as u128 + carry as u128;
    (t as u64, (t >> 64) as u64)
}

/// `a - b - borrow`, as (difference, borrow out), the borrow being 0 or 1.
#[inline(always)]
const fn sbb(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let t = (a as u128)
        .wrapping_sub(b as u128)
        .wrapping_sub(borrow as u128);
    (t as u64, (t >> 64) as u64 & 1)
}

/// `a + b` and the carry out.
#[inline(always)]
pub(crate) const fn add_wide<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut r = [0; N];
    let mut carry = 0;
    let mut i = 0;
    while i < N {
        (r[i], carry) = adc(a[i], b[i], carry);
        i += 1;
    }
    (r, carry)
}

/// `a - b` and the borrow out.
#[inline(always)]
pub(crate) const fn sub_wide<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut r = [0; N];
    let mut borrow = 0;
    let mut i = 0;
    while i < N {
        (r[i], borrow) = sbb(a[i], b[i], borrow);
        i += 1;
    }
    (r, borrow)
}

/// `a - p` if `a >= p`, else `a`, without a branch.
#[inline(always)]
pub(crate) const fn reduce_once<const N: usize>(a: &[u64; N], p: &[u64; N]) -> [u64; N] {
    let (d, borrow) = sub_wide(a, p);
    let keep = 0u64.wrapping_sub(borrow);
    let mut r = [0; N];
    let mut i = 0;
    while i < N {
        r[i] = (a[i] & keep) | (d[i] & !keep);
        i += 1;
    }
    r
}

/// `a + b mod p` for `a, b < p < 2^(64 N - 1)`.
#[inline(always)]
pub(crate) const fn add<const N: usize>(a: &[u64; N], b: &[u64; N], p: &[u64; N]) -> [u64; N] {
    let (s, _) = add_wide(a, b);
    reduce_once(&s, p)
}

/// A value below `2p` that is congruent to `a b R^-1`; `inv` is `-p^-1 mod 2^64`.
///
/// For `a b < R p` with `a + p < R`, so that no intermediate sum overflows; `b` may be anything below
/// `R`. `2 N^2 + N` word multiplications. The top limb of `p` must be below `2^62`.
#[inline(always)]
pub(crate) const fn mul_lazy<const N: usize>(
    a: &[u64; N],
    b: &[u64; N],
    p: &[u64; N],
    inv: u64,
) -> [u64; N] {
    let mut t = [0u64; N];
    let mut i = 0;
    while i < N {
        let (t0, mut c1) = mac(t[0], a[0], b[i], 0);
        let m = t0.wrapping_mul(inv);
        let (_, mut c2) = mac(t0, m, p[0], 0);
        let mut j = 1;
        while j < N {
            let (tj, c) = mac(t[j], a[j], b[i], c1);
            c1 = c;
            (t[j - 1], c2) = mac(tj, m, p[j], c2);
            j += 1;
        }
        t[N - 1] = c1 + c2;
        i += 1;
    }
    t
}

/// `a b R^-1 mod p`, canonical, for `a < p` and any `b < R`.
#[inline(always)]
pub(crate) const fn mul<const N: usize>(
    a: &[u64; N],
    b: &[u64; N],
    p: &[u64; N],
    inv: u64,
) -> [u64; N] {
    reduce_once(&mul_lazy(a, b, p, inv), p)
}

/// `-p^-1 mod 2^64` for odd `p`, by Newton's iteration (each step doubles the correct bits).
pub(crate) const fn neg_inverse(p0: u64) -> u64 {
    let mut x = 1u64;
    let mut i = 0;
    while i < 6 {
        x = x.wrapping_mul(2u64.wrapping_sub(p0.wrapping_mul(x)));
        i += 1;
    }
    x.wrapping_neg()
}

/// `2^k mod p`, by `k` doublings: for the constants `R` and `R^2`.
pub(crate) const fn power_of_two<const N: usize>(k: usize, p: &[u64; N]) -> [u64; N] {
    let mut x = [0; N];
    x[0] = 1;
    let mut i = 0;
    while i < k {
        x = add(&x, &x, p);
        i += 1;
    }
    x
}

/// `base^exp` with both the base and the result in Montgomery form; `one` is `R mod p`.
pub(crate) const fn pow<const N: usize>(
    base: &[u64; N],
    exp: &[u64; N],
    one: &[u64; N],
    p: &[u64; N],
    inv: u64,
) -> [u64; N] {
    let mut acc = *one;
    let mut i = 64 * N;
    while i > 0 {
        i -= 1;
        acc = mul(&acc, &acc, p, inv);
        if (exp[i / 64] >> (i % 64)) & 1 == 1 {
            acc = mul(&acc, base, p, inv);
        }
    }
    acc
}

/// The number of significant bits.
pub(crate) const fn bit_length<const N: usize>(a: &[u64; N]) -> u32 {
    let mut i = N;
    while i > 0 {
        i -= 1;
        if a[i] != 0 {
            return 64 * i as u32 + 64 - a[i].leading_zeros();
        }
    }
    0
}

/// `a - 1` for `a > 0`.
pub(crate) const fn minus_one<const N: usize>(a: &[u64; N]) -> [u64; N] {
    let mut one = [0; N];
    one[0] = 1;
    sub_wide(a, &one).0
}

/// `a >> k` for `k < 64 N`.
pub(crate) const fn shift_right<const N: usize>(a: &[u64; N], k: u32) -> [u64; N] {
    let (words, bits) = ((k / 64) as usize, k % 64);
    let mut r = [0; N];
    let mut i = 0;
    while i + words < N {
        r[i] = a[i + words] >> bits;
        if bits > 0 && i + words + 1 < N {
            r[i] |= a[i + words + 1] << (64 - bits);
        }
        i += 1;
    }
    r
}

/// The number of trailing zero bits of `a > 0`.
pub(crate) const fn trailing_zeros<const N: usize>(a: &[u64; N]) -> u32 {
    let mut i = 0;
    while i < N {
        if a[i] != 0 {
            return 64 * i as u32 + a[i].trailing_zeros();
        }
        i += 1;
    }
    64 * N as u32
}

/// Limbs of a big-endian hexadecimal literal.
///
/// # Panics
/// At compile time, on a digit that is none or on a literal longer than `N` limbs.
pub(crate) const fn from_hex<const N: usize>(hex: &str) -> [u64; N] {
    let bytes = hex.as_bytes();
    let mut r = [0; N];
    let mut i = 0;
    while i < bytes.len() {
        let digit = match bytes[i] {
            b @ b'0'..=b'9' => b - b'0',
            b @ b'a'..=b'f' => b - b'a' + 10,
            _ => panic!("not a lower-case hexadecimal digit"),
        };
        let from_right = bytes.len() - 1 - i;
        assert!(from_right / 16 < N, "literal has more limbs than the type");
        r[from_right / 16] |= (digit as u64) << (4 * (from_right % 16));
        i += 1;
    }
    r
}
