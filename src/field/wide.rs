//! Products of field elements before their reduction, so that sums of products are reduced once.

use core::hint::select_unpredictable;

use super::limbs::{adc, reduce_once, sbb};
use super::mont::mac;

/// The product of two numbers of up to six limbs. Of `N` limbs only the first `2 N` words are used; the
/// others are zero, and the compiler drops them.
#[derive(Clone, Copy)]
pub(crate) struct Wide([u64; 12]);

impl Wide {
    /// `a b`: `N^2` word multiplications.
    #[inline(always)]
    pub(crate) fn product<const N: usize>(a: &[u64; N], b: &[u64; N]) -> Self {
        let mut t = [0; 12];
        for i in 0..N {
            let mut carry = 0;
            for j in 0..N {
                (t[i + j], carry) = mac(t[i + j], a[j], b[i], carry);
            }
            t[i + N] = carry;
        }
        Self(t)
    }

    /// `a^2`: `N (N + 1) / 2` word multiplications.
    #[inline(always)]
    pub(crate) fn square<const N: usize>(a: &[u64; N]) -> Self {
        let mut t = [0; 12];
        // The products of different limbs, ...
        for i in 0..N {
            let mut carry = 0;
            for j in i + 1..N {
                (t[i + j], carry) = mac(t[i + j], a[i], a[j], carry);
            }
            t[i + N] = carry;
        }
        // ... twice, ...
        for i in (1..2 * N).rev() {
            t[i] = (t[i] << 1) | (t[i - 1] >> 63);
        }
        // ... and the squares.
        let mut carry = 0;
        for i in 0..N {
            let high;
            (t[2 * i], high) = mac(t[2 * i], a[i], a[i], u64::from(carry));
            (t[2 * i + 1], carry) = adc(t[2 * i + 1], high, 0);
        }
        Self(t)
    }

    /// `self - b` for `b <= self`.
    #[inline(always)]
    pub(crate) fn minus<const N: usize>(&self, b: &Self) -> Self {
        self.borrowing_sub::<N>(b).0
    }

    /// `self - b`, plus `R p` if that is negative: for numbers below `R p` one below `R p`.
    #[inline(always)]
    pub(crate) fn minus_mod<const N: usize>(&self, b: &Self, p: &[u64; N]) -> Self {
        let (Self(mut t), borrow) = self.borrowing_sub::<N>(b);
        let mut carry = 0;
        for i in 0..N {
            let correction = select_unpredictable(borrow != 0, p[i], 0);
            (t[N + i], carry) = adc(t[N + i], correction, carry);
        }
        Self(t)
    }

    #[inline(always)]
    fn borrowing_sub<const N: usize>(&self, b: &Self) -> (Self, u8) {
        let mut t = [0; 12];
        let mut borrow = 0;
        for i in 0..2 * N {
            (t[i], borrow) = sbb(self.0[i], b.0[i], borrow);
        }
        (Self(t), borrow)
    }

    /// `self R^-1 mod p`, canonical, for numbers below `R p`: `N^2 + N` word multiplications. `inv` is
    /// `-p^-1 mod 2^64`.
    #[inline(always)]
    pub(crate) fn reduce<const N: usize>(&self, p: &[u64; N], inv: u64) -> [u64; N] {
        let mut t = self.0;
        let mut overflow = 0;
        for i in 0..N {
            let m = t[i].wrapping_mul(inv);
            let mut carry = 0;
            for j in 0..N {
                (t[i + j], carry) = mac(t[i + j], m, p[j], carry);
            }
            (t[i + N], overflow) = adc(t[i + N], carry, overflow);
        }
        let mut r = [0; N];
        r.copy_from_slice(&t[N..2 * N]);
        reduce_once(&r, p)
    }
}
