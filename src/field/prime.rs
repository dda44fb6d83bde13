//! The declaration of a prime field.

/// Declares a prime field: its type, its constants and every operation, from the modulus and a
/// generator of the multiplicative group.
///
/// ```text
/// prime_field! {
///     /// Documentation.
///     pub struct Fr([u64; 4]);
///     modulus = "30644e72...";  // lower-case hexadecimal, big-endian
///     generator = 5;
/// }
/// ```
///
/// All other constants are computed by the compiler. The modulus must be odd and its top limb below
/// `2^62` (asserted at compile time).
macro_rules! prime_field {
    (
        $(#[$doc:meta])*
        pub struct $F:ident([u64; $N:literal]);
        modulus = $modulus:literal;
        generator = $generator:literal;
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, bytemuck::Zeroable, bytemuck::Pod)]
        #[repr(transparent)]
        pub struct $F(pub(crate) [u64; $N]);

        impl $F {
            pub(crate) const P: [u64; $N] = mont::from_hex($modulus);
            pub(crate) const NEG_INV: u64 = mont::neg_inverse(Self::P[0]);
            /// R mod p: the Montgomery form of one.
            const R: [u64; $N] = mont::power_of_two(64 * $N, &Self::P);
            /// `2p`, the step of lazy reduction.
            const TWO_P: [u64; $N] = mont::add_wide(&Self::P, &Self::P).0;
            /// R^2 mod p: multiplying by it converts into Montgomery form.
            pub(crate) const R2: [u64; $N] = mont::power_of_two(128 * $N, &Self::P);

            /// Zero.
            pub const ZERO: Self = Self([0; $N]);
            /// One.
            pub const ONE: Self = Self(Self::R);

            /// The element of a small integer, usable in constants.
            pub const fn from_u64(value: u64) -> Self {
                Self::from_int_wrapping(&Int::from_u64(value))
            }

            /// The element of a lower-case big-endian hexadecimal literal, for constants.
            ///
            /// # Panics
            /// On other characters and on more digits than the limbs hold.
            pub const fn from_hex(hex: &str) -> Self {
                Self::from_int_wrapping(&Int(mont::from_hex(hex)))
            }

            /// The element of an integer, which is taken modulo `p`.
            const fn from_int_wrapping(value: &Int<$N>) -> Self {
                // The operand that may exceed p must come second: see `mul_lazy`.
                Self(mont::mul(&Self::R2, &value.0, &Self::P, Self::NEG_INV))
            }

            /// The element of Montgomery limbs: `limbs / R mod p`. `None` if they are not reduced.
            pub fn from_montgomery(limbs: [u64; $N]) -> Option<Self> {
                let element = Self(limbs);
                Field::is_reduced(&element).then_some(element)
            }

            /// The Montgomery limbs `a R mod p`.
            #[inline(always)]
            pub const fn to_montgomery(self) -> [u64; $N] {
                self.0
            }
        }

        const _: () = assert!($F::P[$N - 1] < 1 << 62 && $F::P[0] & 1 == 1);

        impl Field for $F {
            const ZERO: Self = Self::ZERO;
            const ONE: Self = Self::ONE;
            const BYTES: usize = 8 * $N;

            #[inline(always)]
            fn is_zero(&self) -> bool {
                self.0 == [0; $N]
            }
            #[inline(always)]
            fn double(&self) -> Self {
                Self(limbs::add(&self.0, &self.0, &Self::P))
            }
            #[inline(always)]
            fn square(&self) -> Self {
                Self(Wide::square(&self.0).reduce(&Self::P, Self::NEG_INV))
            }
            fn inverse(&self) -> Option<Self> {
                inverse::inverse(&self.0, &Self::P)
                    .map(|inverse| {
                        // (a R)^-1 times R^3 R^-1 (twice by R2, each losing an R) is a^-1 R.
                        let r = limbs::mul(&inverse, &Self::R2, &Self::P, Self::NEG_INV);
                        Self(limbs::mul(&r, &Self::R2, &Self::P, Self::NEG_INV))
                    })
            }
            fn invert_all(elements: &mut [Self]) {
                batch::invert_all(elements);
            }
            fn sqrt(&self) -> Option<Self> {
                sqrt::sqrt(*self)
            }
            #[inline(always)]
            fn is_reduced(&self) -> bool {
                limbs::sub_wide(&self.0, &Self::P).1 == 1
            }
            fn all_reduced(elements: &[Self]) -> bool {
                const HIGHEST: usize = $N - 1;
                const LARGEST: u64 = $F::P[HIGHEST] - 1;
                const { assert!(LARGEST < 1 << 63) };
                // The highest bit tells of limbs above the largest that is clearly reduced. Eight at a time, without
                // branches; the few that share the modulus' highest limb are looked at again.
                let unclear = |element: &Self| {
                    let limb = element.0[HIGHEST];
                    LARGEST.wrapping_sub(limb) | limb
                };
                let (blocks, rest) = elements.as_chunks::<8>();
                let mut any = [0; 8];
                for block in blocks {
                    for (any, element) in any.iter_mut().zip(block) {
                        *any |= unclear(element);
                    }
                }
                let any = any.into_iter().chain(rest.iter().map(unclear));
                any.fold(0, |a, b| a | b) >> 63 == 0 || elements.iter().all(Self::is_reduced)
            }
            fn is_lexicographically_largest(&self) -> bool {
                let half = Int(mont::shift_right(&Self::P, 1));
                PrimeField::to_canonical(self) > half
            }
            fn write_canonical(&self, out: &mut [u8]) {
                PrimeField::to_canonical(self).write_le_bytes(out);
            }
            fn read_canonical(bytes: &[u8]) -> Option<Self> {
                (bytes.len() == Self::BYTES)
                    .then(|| PrimeField::from_canonical(Int::from_le_bytes(bytes)))?
            }
        }

        impl PrimeField for $F {
            type Canonical = Int<$N>;

            const MODULUS: Int<$N> = Int(Self::P);
            const BITS: u32 = mont::bit_length(&Self::P);
            const TWO_ADICITY: u32 = mont::trailing_zeros(&mont::minus_one(&Self::P));
            const GENERATOR: Self = Self::from_u64($generator);
            const ROOT_OF_UNITY: Self = Self(mont::pow(
                &Self::GENERATOR.0,
                &mont::shift_right(&mont::minus_one(&Self::P), Self::TWO_ADICITY),
                &Self::R,
                &Self::P,
                Self::NEG_INV,
            ));

            #[inline]
            fn to_canonical(&self) -> Int<$N> {
                let one = Int::<$N>::from_u64(1);
                Int(limbs::mul(&self.0, &one.0, &Self::P, Self::NEG_INV))
            }
            #[inline]
            fn from_canonical(value: Int<$N>) -> Option<Self> {
                (value < Self::MODULUS).then(|| Self::from(value))
            }
            fn random() -> crate::Result<Self> {
                loop {
                    let mut limbs = [0u64; $N];
                    getrandom::fill(bytemuck::bytes_of_mut(&mut limbs))
                        .map_err(|e| crate::Error::Entropy(e.to_string()))?;
                    // Keep the modulus' own number of bits: at least half of the draws are kept.
                    limbs[$N - 1] &= u64::MAX >> (64 * $N - Self::BITS);
                    if let Some(element) = Self::from_montgomery(limbs) {
                        return Ok(element);
                    }
                }
            }
        }

        impl LazyArithmetic for $F {
            #[inline(always)]
            fn lazy_mul(a: Lazy<Self>, w: Self) -> Lazy<Self> {
                // The operand that may exceed p must come second: see `mul_lazy`.
                Lazy(Self(mont::mul_lazy(&w.0, &a.0.0, &Self::P, Self::NEG_INV)))
            }
            #[inline(always)]
            fn lazy_add(a: Lazy<Self>, b: Lazy<Self>) -> Lazy<Self> {
                let (sum, carry) = limbs::add_wide(&a.0.0, &b.0.0);
                debug_assert!(carry == 0, "a lazy sum overflows");
                Lazy(Self(sum))
            }
            #[inline(always)]
            fn lazy_sub(a: Lazy<Self>, b: Lazy<Self>) -> Lazy<Self> {
                let (complement, borrow) = limbs::sub_wide(&Self::TWO_P, &b.0.0);
                debug_assert!(borrow == 0, "a subtrahend exceeds 2p");
                Self::lazy_add(a, Lazy(Self(complement)))
            }
            #[inline(always)]
            fn lazy_below_2p(a: Lazy<Self>) -> Lazy<Self> {
                Lazy(Self(limbs::reduce_once(&a.0.0, &Self::TWO_P)))
            }
            #[inline(always)]
            fn lazy_reduce(a: Lazy<Self>) -> Self {
                let element = Self(limbs::reduce_once(&a.0.0, &Self::P));
                debug_assert!(Field::is_reduced(&element), "a residue exceeds 2p");
                element
            }
        }

        impl core::ops::Add for $F {
            type Output = Self;
            #[inline(always)]
            fn add(self, rhs: Self) -> Self {
                Self(limbs::add(&self.0, &rhs.0, &Self::P))
            }
        }
        impl core::ops::Sub for $F {
            type Output = Self;
            #[inline(always)]
            fn sub(self, rhs: Self) -> Self {
                Self(limbs::sub(&self.0, &rhs.0, &Self::P))
            }
        }
        impl core::ops::Mul for $F {
            type Output = Self;
            #[inline(always)]
            fn mul(self, rhs: Self) -> Self {
                Self(limbs::mul(&self.0, &rhs.0, &Self::P, Self::NEG_INV))
            }
        }
        impl core::ops::Neg for $F {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self(limbs::neg(&self.0, &Self::P))
            }
        }
        assign_operators!($F);
        impl zeroize::DefaultIsZeroes for $F {}

        impl From<u64> for $F {
            fn from(value: u64) -> Self {
                Self::from_u64(value)
            }
        }
        /// The integer modulo `p`; see [`PrimeField::from_canonical`] for a checked conversion.
        impl From<Int<$N>> for $F {
            #[inline]
            fn from(value: Int<$N>) -> Self {
                // The operand that may exceed p must come second: see `mul_lazy`.
                Self(limbs::mul(&Self::R2, &value.0, &Self::P, Self::NEG_INV))
            }
        }
        /// Decimal, canonical.
        impl core::fmt::Display for $F {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                PrimeField::to_canonical(self).fmt(f)
            }
        }
        /// Hexadecimal, canonical.
        impl core::fmt::Debug for $F {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({:?})", stringify!($F), PrimeField::to_canonical(self))
            }
        }
    };
}

/// The assigning operators and `Sum`, from the plain operators.
macro_rules! assign_operators {
    ($F:ty) => {
        impl core::ops::AddAssign for $F {
            #[inline(always)]
            fn add_assign(&mut self, rhs: Self) {
                *self = *self + rhs;
            }
        }
        impl core::ops::SubAssign for $F {
            #[inline(always)]
            fn sub_assign(&mut self, rhs: Self) {
                *self = *self - rhs;
            }
        }
        impl core::ops::MulAssign for $F {
            #[inline(always)]
            fn mul_assign(&mut self, rhs: Self) {
                *self = *self * rhs;
            }
        }
        impl core::iter::Sum for $F {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(<$F as Field>::ZERO, |a, b| a + b)
            }
        }
    };
}

pub(super) use {assign_operators, prime_field};
