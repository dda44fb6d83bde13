//! Vectors of elements, and the choice among them at run time.
//!
//! An algorithm is a [`Kernel`]: one generic function over any [`Vector`]. An [`Engine`] runs it with
//! the vectors of one instruction set inside a function compiled for that set, into which all of the
//! kernel is inlined; so a kernel's `run` and whatever it calls per vector must be
//! `#[inline(always)]`. A processor of another kind is served by one more type of vector here.

use core::fmt::Debug;
use core::ops::{Add, Mul, Neg, Sub};

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use super::SmallField;
use crate::field::Field;

/// [`Vector::LANES`] elements next to each other in memory, on which the same is done.
pub trait Vector:
    Pod
    + Send
    + Sync
    + Debug
    + PartialEq
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
{
    /// What the lanes hold.
    type Element: SmallField;
    /// A factor for each lane, prepared.
    type Multiplier: Copy;
    /// A factor for all lanes, prepared.
    type Factor: Copy;
    /// The number of elements: a power of two.
    const LANES: usize;

    /// The same element in all lanes.
    fn splat(element: Self::Element) -> Self;
    /// Factors `first, first + 1, ...` of a table, each for `times` neighbouring lanes; `times` is a
    /// power of two.
    ///
    /// # Panics
    /// If there are fewer than `LANES / times` factors.
    fn repeated(table: &Factors<Self::Element>, first: usize, times: usize) -> Self::Multiplier;
    /// Prepares an element as a factor.
    fn factor(element: Self::Element) -> Self::Factor;
    /// A prepared factor for each lane from one for all.
    fn spread(factor: Self::Factor) -> Self::Multiplier;
    /// The product with prepared factors, cheaper than with another vector.
    fn times(self, factor: Self::Multiplier) -> Self;
    /// `2 a`.
    fn double(self) -> Self;
    /// `a / 2^k`, for `k` as in [`SmallField::div_2exp`].
    fn div_2exp(self, k: u32) -> Self;
    /// `(a + w b, a - w b)`.
    #[inline(always)]
    fn split(self, other: Self, factor: Self::Multiplier) -> (Self, Self) {
        let product = other.times(factor);
        (self + product, self - product)
    }
    /// `(a + b, w (a - b))`.
    #[inline(always)]
    fn join(self, other: Self, factor: Self::Multiplier) -> (Self, Self) {
        (self + other, (self - other).times(factor))
    }
    /// Sees both vectors as rows of blocks of `block` lanes and transposes each 2 x 2 square of them:
    /// `[a0 a1 ..], [b0 b1 ..]` becomes `[a0 b0 ..], [a1 b1 ..]`, and back again.
    fn interleave(self, other: Self, block: usize) -> (Self, Self);
    /// `[a0 b0 a1 b1 ..]`, of which the first vector holds the first half.
    fn zip(self, other: Self) -> (Self, Self);
    /// The reverse of [`Vector::zip`]: the lanes with even places, and those with odd places.
    fn unzip(self, other: Self) -> (Self, Self);

    /// `(a + c)^3` or `(a + c)^7`, by `DEGREE`: what permutations do to each element.
    #[inline(always)]
    fn sbox<const DEGREE: u32>(self, constant: Self::Element) -> Self {
        const { assert!(DEGREE == 3 || DEGREE == 7) };
        let x = self + Self::splat(constant);
        let square = x * x;
        match DEGREE {
            3 => square * x,
            _ => (square * square) * (square * x),
        }
    }

    /// Sums of `value(i)` times factor `i`, one for each of `D` lists of factors, which are the same for
    /// all lanes. What can wait is reduced once at the end.
    #[inline(always)]
    fn dot<const D: usize>(
        value: impl Fn(usize) -> Self,
        factors: &[[Self::Element; D]],
    ) -> [Self; D] {
        let mut sums = [Self::splat(Self::Element::ZERO); D];
        for (i, factors) in factors.iter().enumerate() {
            let value = value(i);
            for (sum, &factor) in sums.iter_mut().zip(factors) {
                *sum = *sum + value.times(Self::spread(Self::factor(factor)));
            }
        }
        sums
    }
    /// Sums of `value(i)` times `weight(i)`, lane by lane, for `i` below `count`, one for each of `D` weights. What
    /// can wait is reduced once at the end.
    #[inline(always)]
    fn inner<const D: usize>(
        count: usize,
        value: impl Fn(usize) -> Self,
        weight: impl Fn(usize) -> [Self; D],
    ) -> [Self; D] {
        let mut sums = [Self::splat(Self::Element::ZERO); D];
        for i in 0..count {
            let (value, weights) = (value(i), weight(i));
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = *sum + value * weight;
            }
        }
        sums
    }
    /// [`Vector::sbox`] of four vectors, whose products do not wait for each other.
    #[inline(always)]
    fn sboxes<const DEGREE: u32>(x: [Self; 4], constants: [Self::Element; 4]) -> [Self; 4] {
        let [a, b, c, d] = x;
        [
            a.sbox::<DEGREE>(constants[0]),
            b.sbox::<DEGREE>(constants[1]),
            c.sbox::<DEGREE>(constants[2]),
            d.sbox::<DEGREE>(constants[3]),
        ]
    }
    /// `self + a / 2^k`, for `k` as in [`SmallField::div_2exp`].
    #[inline(always)]
    fn add_div_2exp(self, a: Self, k: u32) -> Self {
        self + a.div_2exp(k)
    }
    /// `self - a / 2^k`, for `k` as in [`SmallField::div_2exp`].
    #[inline(always)]
    fn sub_div_2exp(self, a: Self, k: u32) -> Self {
        self - a.div_2exp(k)
    }

    /// The elements.
    #[inline(always)]
    fn elements(&self) -> &[Self::Element] {
        bytemuck::cast_slice(core::slice::from_ref(self))
    }
    /// The elements.
    #[inline(always)]
    fn elements_mut(&mut self) -> &mut [Self::Element] {
        bytemuck::cast_slice_mut(core::slice::from_mut(self))
    }
    /// Elements seen as vectors, and the rest of fewer than [`Vector::LANES`].
    #[inline(always)]
    fn pack(elements: &[Self::Element]) -> (&[Self], &[Self::Element]) {
        let (vectors, rest) = elements.split_at(elements.len() / Self::LANES * Self::LANES);
        (bytemuck::cast_slice(vectors), rest)
    }
    /// [`Vector::pack`], to write to.
    #[inline(always)]
    fn pack_mut(elements: &mut [Self::Element]) -> (&mut [Self], &mut [Self::Element]) {
        let (vectors, rest) = elements.split_at_mut(elements.len() / Self::LANES * Self::LANES);
        (bytemuck::cast_slice_mut(vectors), rest)
    }
    /// The first [`Vector::LANES`] elements.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    fn load(from: &[Self::Element]) -> Self {
        bytemuck::cast_slice(&from[..Self::LANES])[0]
    }
    /// Writes the first [`Vector::LANES`] elements.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    fn store(self, to: &mut [Self::Element]) {
        bytemuck::cast_slice_mut(&mut to[..Self::LANES])[0] = self;
    }
    /// Transposes a square of [`Vector::LANES`] vectors, of which there are at most 16.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    fn transpose(square: &mut [Self]) {
        let square = &mut square[..Self::LANES];
        // Without a loop, so that the lanes' places are constants.
        if Self::LANES >= 16 {
            transpose_blocks(square, 8);
        }
        if Self::LANES >= 8 {
            transpose_blocks(square, 4);
        }
        if Self::LANES >= 4 {
            transpose_blocks(square, 2);
        }
        if Self::LANES >= 2 {
            transpose_blocks(square, 1);
        }
    }
}

/// Transposes each 2 x 2 square of blocks.
#[inline(always)]
fn transpose_blocks<V: Vector>(square: &mut [V], block: usize) {
    for i in 0..V::LANES {
        if i & block == 0 {
            let (a, b) = square[i].interleave(square[i + block], block);
            (square[i], square[i + block]) = (a, b);
        }
    }
}

/// A table of factors, with what [`Vector::repeated`] would compute again and again.
#[derive(Clone, Debug)]
pub struct Factors<F> {
    elements: Vec<F>,
    /// Where elements are in Montgomery form, the integers that they stand for.
    pub(super) integers: Vec<u32>,
}

impl<F: SmallField> Factors<F> {
    /// The table of these factors.
    pub fn new(elements: Vec<F>) -> Self {
        let integers = if F::BITS < 32 {
            let integers = elements.par_iter().with_min_len(1 << 12);
            integers.map(|w| w.to_u64() as u32).collect()
        } else {
            Vec::new()
        };
        Self { elements, integers }
    }
}

impl<F> core::ops::Deref for Factors<F> {
    type Target = [F];
    #[inline(always)]
    fn deref(&self) -> &[F] {
        &self.elements
    }
}

/// The vectors that a field has, by instruction set; only kernels meet them.
pub trait Vectors: Sized {
    /// Runs a kernel with the field's AVX-512 vectors.
    ///
    /// # Safety
    /// The processor has AVX-512 F, BW, DQ and VL.
    #[cfg(target_arch = "x86_64")]
    unsafe fn run_avx512<K: Kernel<Self>>(kernel: K) -> K::Output
    where
        Self: SmallField;
}

/// An algorithm over vectors of any width.
pub trait Kernel<F: SmallField> {
    /// What it gives.
    type Output;
    /// Runs it. Must be `#[inline(always)]`, as must be what it calls for each vector.
    fn run<V: Vector<Element = F>>(self) -> Self::Output;
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Generic,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Engine {
    /// All that this processor has, the best last.
    pub fn supported() -> Vec<Self> {
        #[allow(unused_mut)] // on other architectures
        let mut engines = vec![Self(Set::Generic)];
        #[cfg(target_arch = "x86_64")]
        {
            engines.extend(has_avx2().then_some(Self(Set::Avx2)));
            engines.extend(has_avx512().then_some(Self(Set::Avx512)));
        }
        engines
    }

    /// The best that this processor has. Cheap: the processor is asked once.
    #[inline]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx512() {
                return Self(Set::Avx512);
            }
            if has_avx2() {
                return Self(Set::Avx2);
            }
        }
        Self(Set::Generic)
    }

    /// Runs a kernel with this instruction set.
    #[inline]
    pub fn run<F: SmallField, K: Kernel<F>>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Generic => kernel.run::<Lanes<F, 4>>(),
            // SAFETY: the processor has AVX2, for only then is this value made.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { run_avx2(kernel) },
            // SAFETY: the processor has these parts of AVX-512, for only then is this value made.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { F::run_avx512(kernel) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512dq")
        && std::arch::is_x86_feature_detected!("avx512vl")
}

/// Plain lanes, made into AVX2 by the compiler.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<F: SmallField, K: Kernel<F>>(kernel: K) -> K::Output {
    kernel.run::<Lanes<F, 8>>()
}

/// Elements one by one, for the compiler to make vectors of where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Lanes<F, const N: usize>(pub [F; N]);

// SAFETY: an array of values for each of which all zeros is a value.
unsafe impl<F: Zeroable, const N: usize> Zeroable for Lanes<F, N> {}
// SAFETY: transparent over an array of plain data, so without padding and valid for any bytes.
unsafe impl<F: Pod, const N: usize> Pod for Lanes<F, N> {}

impl<F: SmallField, const N: usize> Vector for Lanes<F, N> {
    type Element = F;
    type Multiplier = Self;
    type Factor = F;
    const LANES: usize = N;

    #[inline(always)]
    fn splat(element: F) -> Self {
        Self([element; N])
    }
    #[inline(always)]
    fn repeated(table: &Factors<F>, first: usize, times: usize) -> Self {
        let from = &table[first..][..N / times];
        Self(core::array::from_fn(|i| from[i / times]))
    }
    #[inline(always)]
    fn factor(element: F) -> F {
        element
    }
    #[inline(always)]
    fn spread(factor: F) -> Self {
        Self::splat(factor)
    }
    #[inline(always)]
    fn times(self, factor: Self) -> Self {
        self * factor
    }
    #[inline(always)]
    fn double(self) -> Self {
        self + self
    }
    #[inline(always)]
    fn div_2exp(self, k: u32) -> Self {
        Self(self.0.map(|a| a.div_2exp(k)))
    }
    #[inline(always)]
    fn interleave(self, other: Self, block: usize) -> (Self, Self) {
        let both = [self.0, other.0];
        let first = |i: usize| both[(i / block) & 1][i & !block];
        let second = |i: usize| both[(i / block) & 1][i | block];
        (
            Self(core::array::from_fn(first)),
            Self(core::array::from_fn(second)),
        )
    }
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        let both = [self.0, other.0];
        (
            Self(core::array::from_fn(|i| both[i % 2][i / 2])),
            Self(core::array::from_fn(|i| both[i % 2][N / 2 + i / 2])),
        )
    }
    #[inline(always)]
    fn unzip(self, other: Self) -> (Self, Self) {
        let at = |i: usize| if i < N { self.0[i] } else { other.0[i - N] };
        (
            Self(core::array::from_fn(|i| at(2 * i))),
            Self(core::array::from_fn(|i| at(2 * i + 1))),
        )
    }
}

impl<F: SmallField, const N: usize> Add for Lanes<F, N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] + rhs.0[i]))
    }
}
impl<F: SmallField, const N: usize> Sub for Lanes<F, N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] - rhs.0[i]))
    }
}
impl<F: SmallField, const N: usize> Mul for Lanes<F, N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] * rhs.0[i]))
    }
}
impl<F: SmallField, const N: usize> Neg for Lanes<F, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|a| -a))
    }
}
