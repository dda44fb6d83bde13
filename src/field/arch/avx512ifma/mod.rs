//! x86-64 with AVX-512 IFMA: Intel since Ice Lake, AMD since Zen 4.
//!
//! A residue is five limbs of 52 bits in Montgomery form with `R = 2^260`, one register for each limb
//! of eight residues. An element in memory has `R = 2^256`, so it becomes a residue by a shift of four
//! bits, which the cutting into limbs has anyway, and a residue becomes an element by a division by
//! 16.
//!
//! The multiplication is that of Montgomery, row by row (Gueron and Krasnov, "Accelerating big integer
//! arithmetic using Intel IFMA extensions", 2016, have the instructions' first use for it), with
//! one product less a row: adding `m p_0` to the lowest column makes its low 52 bits zero, and what is
//! carried from it is known without the addition.

mod rows;
mod words;

use core::fmt;
use core::marker::PhantomData;

use super::super::lazy::Lazy;
use super::{Isa, Kernel, LANES, Mask, Modulus, PrimeVector, Sum, Vector};
use words::Words;

/// The bits of a limb.
const MASK: u64 = (1 << 52) - 1;

/// The instruction set: AVX-512 F, DQ, VL, IFMA and VBMI2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512Ifma(());

impl Isa for Avx512Ifma {
    type Prime<F: Modulus> = Residues<F>;

    fn new() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512vbmi2");
        has_all.then_some(Self(()))
    }

    #[inline(always)]
    fn run<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
        fn run<K: Kernel<Avx512Ifma>>(isa: Avx512Ifma, kernel: K) -> K::Output {
            kernel.run(isa)
        }
        // SAFETY: `new` made `self`, so the processor has all that the function is compiled for.
        unsafe { run(self, kernel) }
    }
}

/// What a modulus is to this representation.
struct Constants<F>(PhantomData<F>);

impl<F: Modulus> Constants<F> {
    /// The modulus.
    const P: [u64; 5] = split(F::LIMBS);
    /// `-p^-1 mod 2^52`.
    const NEG_INV: u64 = super::super::mont::neg_inverse(F::LIMBS[0]) & MASK;
    /// `p^-1 mod 2^52`.
    const INV: u64 = Self::NEG_INV.wrapping_neg() & MASK;
    /// `2^260 - p`.
    const COMPLEMENT: [u64; 5] = complement(Self::P);
    /// `2^260 / p`, rounded down: `1 / p` in units of `2^-260`.
    const RECIPROCAL: u64 = {
        // From the top 64 bits of p: too small by less than 1, and so below 1 / p for sure.
        let shift = F::LIMBS[3].leading_zeros();
        let top = F::LIMBS[3] << shift | F::LIMBS[2] >> (64 - shift);
        ((1u128 << (68 + shift)) / (top as u128 + 1)) as u64
    };

    const CHECKED: () = assert!(Self::RECIPROCAL >= 80 && Self::RECIPROCAL < 1 << 10);
}

const fn split(w: [u64; 4]) -> [u64; 5] {
    [
        w[0] & MASK,
        (w[0] >> 52 | w[1] << 12) & MASK,
        (w[1] >> 40 | w[2] << 24) & MASK,
        (w[2] >> 28 | w[3] << 36) & MASK,
        w[3] >> 16,
    ]
}

/// `2^260 - p`.
const fn complement(p: [u64; 5]) -> [u64; 5] {
    let mut r = [0; 5];
    let mut carry = 1;
    let mut i = 0;
    while i < 5 {
        let t = (p[i] ^ MASK) + carry;
        r[i] = t & MASK;
        carry = t >> 52;
        i += 1;
    }
    r
}

/// Eight residues: limbs below `2^52`.
#[derive(Clone, Copy)]
pub(crate) struct Residues<F>([Words; 5], PhantomData<F>);

/// A sum of residues: limbs are signed words below `2^62` in magnitude.
#[derive(Clone, Copy)]
pub(crate) struct ResidueSum<F>([Words; 5], PhantomData<F>);

#[inline(always)]
fn constant(words: [u64; 5]) -> [Words; 5] {
    words.map(Words::splat)
}

/// Carries through limbs that are signed; the top limb keeps the rest.
#[inline(always)]
fn carry(mut t: [Words; 5]) -> [Words; 5] {
    let mask = Words::splat(MASK);
    for j in 0..4 {
        t[j + 1] = Words::add(t[j + 1], Words::carry(t[j]));
        t[j] = Words::and(t[j], mask);
    }
    t
}

/// Lanes of `b` where `mask` has a bit, else lanes of `a`.
#[inline(always)]
fn or_where(a: [Words; 5], mask: Mask, b: [Words; 5]) -> [Words; 5] {
    core::array::from_fn(|j| a[j].or_where(mask, b[j]))
}

/// The columns of `sum_n a_n b_n R^-1`. A column takes at most `9 N` partial products, 8 of `m p` and a
/// carry, each below `2^52`: below `2^57` for `N <= 2`.
#[inline(always)]
fn product<F: Modulus, const N: usize>(a: [[Words; 5]; N], b: [[Words; 5]; N]) -> [Words; 5] {
    let zero = Words::splat(0);
    let mut t = [zero; 6];
    for i in 0..5 {
        for n in 0..N {
            for j in 0..5 {
                t[j] = Words::add_low(t[j], a[n][j], b[n][i]);
            }
        }
        // Between the definition of m and its use, so that its latency is hidden.
        let (m, carry) = reduction::<F>(t[0]);
        for n in 0..N {
            for j in 0..5 {
                t[j + 1] = Words::add_high(t[j + 1], a[n][j], b[n][i]);
            }
        }
        let next = reduce_row::<F>(m, carry, [t[1], t[2], t[3], t[4], t[5]]);
        t = [next[0], next[1], next[2], next[3], next[4], zero];
    }
    [t[0], t[1], t[2], t[3], t[4]]
}

/// What of `p` is to be added so that the lowest column becomes divisible by `2^52`, and what is then
/// carried from it: the column over `2^52`, rounded up.
#[inline(always)]
fn reduction<F: Modulus>(column: Words) -> (Words, Words) {
    let neg_inv = Words::splat(Constants::<F>::NEG_INV);
    let m = Words::add_low(Words::splat(0), column, neg_inv);
    let carry = Words::add(column, Words::splat(MASK)).shr(52);
    (m, carry)
}

/// Adds the rest of `m p` to the columns above the lowest.
#[inline(always)]
fn reduce_row<F: Modulus>(m: Words, carry: Words, mut t: [Words; 5]) -> [Words; 5] {
    let p = constant(Constants::<F>::P);
    t[0] = Words::add(t[0], carry);
    for j in 1..5 {
        t[j - 1] = Words::add_low(t[j - 1], m, p[j]);
    }
    for j in 0..5 {
        t[j] = Words::add_high(t[j], m, p[j]);
    }
    t
}

/// The columns of `a^2 R^-1`: the products of different limbs once, doubled.
#[inline(always)]
fn square<F: Modulus>(a: [Words; 5]) -> [Words; 5] {
    let mut t = [Words::splat(0); 10];
    for i in 0..5 {
        for j in i + 1..5 {
            t[i + j] = Words::add_low(t[i + j], a[i], a[j]);
            t[i + j + 1] = Words::add_high(t[i + j + 1], a[i], a[j]);
        }
    }
    for column in &mut t[1..9] {
        *column = Words::add(*column, *column);
    }
    for i in 0..5 {
        t[2 * i] = Words::add_low(t[2 * i], a[i], a[i]);
        t[2 * i + 1] = Words::add_high(t[2 * i + 1], a[i], a[i]);
    }
    for i in 0..5 {
        let (m, carry) = reduction::<F>(t[i]);
        let next = [t[i + 1], t[i + 2], t[i + 3], t[i + 4], t[i + 5]];
        t[i + 1..i + 6].copy_from_slice(&reduce_row::<F>(m, carry, next));
    }
    [t[5], t[6], t[7], t[8], t[9]]
}

impl<F: Modulus> Residues<F> {
    #[inline(always)]
    fn new(limbs: [Words; 5]) -> Self {
        Self(limbs, PhantomData)
    }

    /// The residues below 1, for residues below 2.
    #[inline(always)]
    fn canonical(self) -> Self {
        let p = constant(Constants::<F>::P);
        let mut difference = self.0;
        for j in 0..5 {
            difference[j] = Words::sub(difference[j], p[j]);
        }
        let difference = carry(difference);
        Self::new(or_where(difference, difference[4].negative(), self.0))
    }

    /// Lane `i` in lane `i ^ distance`.
    #[inline(always)]
    fn swap(self, distance: u64) -> Self {
        let index = Words::load(&core::array::from_fn(|lane| lane as u64 ^ distance));
        Self::new(self.0.map(|limb| Words::permute(index, limb)))
    }
}

impl<F: Modulus> Vector for Residues<F> {
    type Isa = Avx512Ifma;
    type Element = F;
    type Sum = ResidueSum<F>;

    #[inline(always)]
    fn splat(isa: Avx512Ifma, element: F) -> Self {
        Self::splat_factor(isa, Self::factor(element))
    }

    #[inline(always)]
    fn load(_: Avx512Ifma, elements: [&F; LANES]) -> Self {
        let rows = elements.map(F::limbs);
        Self::new(rows::split(rows::transpose(rows), 4))
    }

    #[inline(always)]
    fn store(self) -> [F; LANES] {
        let reduced = self.sum().reduce();
        // With the multiple m p that makes it divisible by 16; then (2 p + 15 p) / 16 < 2 p.
        let inverse = Words::splat(Constants::<F>::NEG_INV & 15);
        let m = Words::add_low(Words::splat(0), reduced.0[0], inverse);
        let m = Words::and(m, Words::splat(15));
        let p = constant(Constants::<F>::P);
        let mut t = reduced.0;
        for j in 0..5 {
            t[j] = Words::add_low(t[j], m, p[j]);
        }
        for j in 0..4 {
            t[j + 1] = Words::add_high(t[j + 1], m, p[j]);
        }
        // The division is part of the joining of limbs, so p is compared with before it, times 16.
        let whole = carry(t);
        let mut less = whole;
        for j in 0..5 {
            less[j] = Words::sub(less[j], Words::splat(Constants::<F>::P[j] * 16));
        }
        let less = carry(less);
        let t = or_where(less, less[4].negative(), whole);
        rows::transpose_back(rows::join(t, 4)).map(F::from_limbs)
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        self.mul_sum(b).tight()
    }

    #[inline(always)]
    fn mul_sum(self, b: Self) -> ResidueSum<F> {
        ResidueSum::new(product::<F, 1>([self.0], [b.0]))
    }

    #[inline(always)]
    fn square_sum(self) -> ResidueSum<F> {
        ResidueSum::new(square::<F>(self.0))
    }

    #[inline(always)]
    fn sum(self) -> ResidueSum<F> {
        ResidueSum::new(self.0)
    }

    /// One scalar inversion, of the product of all lanes.
    #[inline(always)]
    fn inverse(self) -> Self {
        let one = self.swap(1);
        let two = self.mul(one);
        let four = two.mul(two.swap(2));
        let all = four.mul(four.swap(4));
        let inverse = all.store()[0].inverse().expect("no lane is zero");
        let inverse = Self::splat(Avx512Ifma(()), inverse);
        inverse.mul(one).mul(two.swap(2)).mul(four.swap(4))
    }

    #[inline(always)]
    fn or_where(self, mask: Mask, a: Self) -> Self {
        Self::new(or_where(self.0, mask, a.0))
    }

    #[inline(always)]
    fn maybe_zero(self) -> Mask {
        // Of k p the low limb, over that of p, is k.
        let inverse = Words::splat(Constants::<F>::INV);
        let multiple = Words::add_low(Words::splat(0), self.0[0], inverse);
        multiple.less_than(Words::splat(64))
    }

    #[inline(always)]
    fn zeros(self) -> Mask {
        let [l0, l1, l2, l3, l4] = self.sum().reduce().canonical().0;
        Words::or(Words::or(Words::or(l0, l1), Words::or(l2, l3)), l4).zeros()
    }
}

impl<F: Modulus> PrimeVector for Residues<F> {
    #[inline(always)]
    fn mul2_sum(a: Self, b: Self, c: Self, d: Self) -> ResidueSum<F> {
        ResidueSum::new(product::<F, 2>([a.0, c.0], [b.0, d.0]))
    }

    /// 16 times as much: what [`PrimeVector::load_lazy`] leaves out.
    #[inline(always)]
    fn factor(element: F) -> F {
        element.double().double().double().double()
    }

    #[inline(always)]
    fn splat_factor(_: Avx512Ifma, factor: F) -> Self {
        Self::new(constant(split(*factor.limbs())))
    }

    #[inline(always)]
    fn load_factors(_: Avx512Ifma, factors: [&F; LANES]) -> Self {
        Self::new(rows::split(rows::transpose(factors.map(F::limbs)), 0))
    }

    #[inline(always)]
    fn load_lazy(_: Avx512Ifma, residues: [&Lazy<F>; LANES]) -> Self {
        let limbs = residues.map(|residue| residue.0.limbs());
        Self::new(rows::split(rows::transpose(limbs), 0))
    }

    #[inline(always)]
    fn store_lazy(self) -> [Lazy<F>; LANES] {
        rows::transpose_back(rows::join(self.0, 0)).map(|limbs| Lazy(F::from_limbs(limbs)))
    }

    #[inline(always)]
    fn store_reduced(self) -> [Lazy<F>; LANES] {
        self.canonical().store_lazy()
    }
}

impl<F: Modulus> ResidueSum<F> {
    #[inline(always)]
    fn new(limbs: [Words; 5]) -> Self {
        let () = Constants::<F>::CHECKED;
        Self(limbs, PhantomData)
    }
}

impl<F: Modulus> Sum for ResidueSum<F> {
    type Vector = Residues<F>;

    #[inline(always)]
    fn or_where(self, mask: Mask, a: Self) -> Self {
        Self::new(or_where(self.0, mask, a.0))
    }

    #[inline(always)]
    fn plus(self, b: Self) -> Self {
        let mut t = self.0;
        for j in 0..5 {
            t[j] = Words::add(t[j], b.0[j]);
        }
        Self::new(t)
    }

    #[inline(always)]
    fn minus(self, b: Self, multiple: u64) -> Self {
        let mut t = self.0;
        for j in 0..5 {
            let multiple = Words::splat(Constants::<F>::P[j] * multiple);
            t[j] = Words::add(t[j], Words::sub(multiple, b.0[j]));
        }
        Self::new(t)
    }

    #[inline(always)]
    fn negate(self, multiple: u64) -> Self {
        let mut t = self.0;
        for j in 0..5 {
            t[j] = Words::sub(Words::splat(Constants::<F>::P[j] * multiple), t[j]);
        }
        Self::new(t)
    }

    #[inline(always)]
    fn transpose(vectors: [Self; LANES]) -> [Self; LANES] {
        let mut columns = vectors;
        for j in 0..5 {
            let limbs = rows::transpose_square(core::array::from_fn(|i| vectors[i].0[j]));
            for i in 0..LANES {
                columns[i].0[j] = limbs[i];
            }
        }
        columns
    }

    #[inline(always)]
    fn tight(self) -> Residues<F> {
        Residues::new(carry(self.0))
    }

    /// Subtracts `q p` for a `q` from the top limb that is never too large.
    ///
    /// The top limb with the carry of the one below it is off by at most 1, so `q <= v / p`; the
    /// reciprocal is off by less than `1 / 80`, so less than `(1 + 64 / 80) p` is left.
    #[inline(always)]
    fn reduce(self) -> Residues<F> {
        let mut t = self.0;
        let top = Words::add(t[4], Words::carry(t[3]));
        let top = Words::add(top, Words::splat(1));
        let reciprocal = Words::splat(Constants::<F>::RECIPROCAL);
        let q = Words::add_high(Words::splat(0), top, reciprocal);
        // v + q (2^260 - p), and 2^260 falls off at the top.
        let complement = constant(Constants::<F>::COMPLEMENT);
        for j in 0..5 {
            t[j] = Words::add_low(t[j], q, complement[j]);
        }
        for j in 0..4 {
            t[j + 1] = Words::add_high(t[j + 1], q, complement[j]);
        }
        let mut t = carry(t);
        t[4] = Words::and(t[4], Words::splat(MASK));
        Residues::new(t)
    }
}

impl<F: Modulus> fmt::Debug for Residues<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x?}", self.0.map(Words::store))
    }
}

impl<F: Modulus> fmt::Debug for ResidueSum<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x?}", self.0.map(Words::store))
    }
}
