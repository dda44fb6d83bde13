//! Vectors of 512 bits.
//!
//! What is done to a register is a function with the target feature, in which intrinsics without
//! pointers are safe; the methods of [`Vector`](super::Vector) call these. Such a vector is only ever
//! made inside a kernel that [`Engine`](super::Engine) runs on a processor with AVX-512.

mod goldilocks;
mod monty31;

use core::arch::x86_64::*;

pub(super) use goldilocks::Avx512Goldilocks;
pub(super) use monty31::Avx512Monty31;

/// The operators of a vector from the functions named, which take and give registers.
macro_rules! vector_operators {
    ([$($generics:tt)*] $V:ty, $add:path, $sub:path, $mul:path, $neg:path) => {
        impl<$($generics)*> core::ops::Add for $V {
            type Output = Self;
            #[inline(always)]
            fn add(self, rhs: Self) -> Self {
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                Self::from_register(unsafe { $add(self.register(), rhs.register()) })
            }
        }
        impl<$($generics)*> core::ops::Sub for $V {
            type Output = Self;
            #[inline(always)]
            fn sub(self, rhs: Self) -> Self {
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                Self::from_register(unsafe { $sub(self.register(), rhs.register()) })
            }
        }
        impl<$($generics)*> core::ops::Mul for $V {
            type Output = Self;
            #[inline(always)]
            fn mul(self, rhs: Self) -> Self {
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                Self::from_register(unsafe { $mul(self.register(), rhs.register()) })
            }
        }
        impl<$($generics)*> core::ops::Neg for $V {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                Self::from_register(unsafe { $neg(self.register()) })
            }
        }
    };
}
use vector_operators;

/// A register of 16 words.
#[inline(always)]
fn register32(words: [u32; 16]) -> __m512i {
    // SAFETY: both are 64 bytes of plain data.
    unsafe { core::mem::transmute::<[u32; 16], __m512i>(words) }
}

/// The words of a register.
#[inline(always)]
fn words32(register: __m512i) -> [u32; 16] {
    // SAFETY: both are 64 bytes of plain data.
    unsafe { core::mem::transmute::<__m512i, [u32; 16]>(register) }
}

/// A register of 8 words.
#[inline(always)]
fn register64(words: [u64; 8]) -> __m512i {
    // SAFETY: both are 64 bytes of plain data.
    unsafe { core::mem::transmute::<[u64; 8], __m512i>(words) }
}

/// The words of a register.
#[inline(always)]
fn words64(register: __m512i) -> [u64; 8] {
    // SAFETY: both are 64 bytes of plain data.
    unsafe { core::mem::transmute::<__m512i, [u64; 8]>(register) }
}

/// The products of the low halves of lanes of 64 bits.
///
/// Not the intrinsic: to the compiler that is a product of 64 bits of masked factors, which becomes the
/// slow instruction for whole lanes where a mask is dropped or moved out of a loop.
#[inline]
#[target_feature(enable = "avx512f")]
fn mul_low(a: __m512i, b: __m512i) -> __m512i {
    let product: __m512i;
    // SAFETY: one instruction of the target feature, from registers to a register.
    unsafe {
        core::arch::asm!(
            "vpmuludq {product}, {a}, {b}",
            product = lateout(zmm_reg) product,
            a = in(zmm_reg) a,
            b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    product
}

/// As [`mul_low`], of signed halves.
#[inline]
#[target_feature(enable = "avx512f")]
fn mul_low_signed(a: __m512i, b: __m512i) -> __m512i {
    let product: __m512i;
    // SAFETY: one instruction of the target feature, from registers to a register.
    unsafe {
        core::arch::asm!(
            "vpmuldq {product}, {a}, {b}",
            product = lateout(zmm_reg) product,
            a = in(zmm_reg) a,
            b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    product
}
