//! The fields of BN254 (alt_bn128 of EIP-196), from Barreto and Naehrig's family with
//! `x = 4965661367192848881`.

use super::arch::{Isa, Modulus, Quadratic, Vectors};
use super::lazy::{Lazy, LazyArithmetic};
use super::prime::{assign_operators, prime_field};
use super::quadratic::quadratic_extension;
use super::wide::Wide;
use super::{Field, Int, PrimeField, batch, inverse, limbs, mont, sqrt};

prime_field! {
    /// The scalar field of BN254: the order of G1 and G2,
    /// `r = 21888242871839275222246405745257275088548364400416034343698204186575808495617`,
    /// with a multiplicative subgroup of order 2^28. Montgomery form, `R = 2^256`.
    pub struct Fr([u64; 4]);
    modulus = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
    generator = 5;
}

prime_field! {
    /// The base field of BN254,
    /// `q = 21888242871839275222246405745257275088696311157297823662689037894645226208583`.
    /// Montgomery form, `R = 2^256`.
    pub struct Fq([u64; 4]);
    modulus = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    generator = 3;
}

quadratic_extension! {
    /// `Fq[u] / (u^2 + 1)`, the coordinates of G2: `c0 + c1 u`.
    pub struct Fq2 { c0: Fq, c1: Fq }
}

macro_rules! prime_vectors {
    ($($F:ident),*) => {$(
        impl Vectors for $F {
            type On<I: Isa> = I::Prime<Self>;
        }
        impl Modulus for $F {
            const LIMBS: [u64; 4] = Self::P;
            #[inline(always)]
            fn from_limbs(limbs: [u64; 4]) -> Self {
                Self(limbs)
            }
            #[inline(always)]
            fn limbs(&self) -> &[u64; 4] {
                &self.0
            }
        }
    )*};
}
prime_vectors!(Fr, Fq);

impl Vectors for Fq2 {
    type On<I: Isa> = Quadratic<I::Prime<Fq>>;
}
