//! The declaration of a quadratic extension by a square root of -1.

/// Declares `F[u] / (u^2 + 1)` for a prime field `F` in which -1 is no square (`p = 3 mod 4`).
macro_rules! quadratic_extension {
    (
        $(#[$doc:meta])*
        pub struct $E:ident { c0: $F:ident, c1: $G:ident }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, bytemuck::Zeroable, bytemuck::Pod)]
        #[repr(C)]
        pub struct $E {
            /// The coefficient of 1.
            pub c0: $F,
            /// The coefficient of `u`.
            pub c1: $G,
        }

        const _: () = assert!($F::P[0] & 3 == 3, "-1 must be a non-residue");

        impl $E {
            /// `c0 + c1 u`.
            pub const fn new(c0: $F, c1: $F) -> Self {
                Self { c0, c1 }
            }

            /// `c0 - c1 u`, which is also the `p`-th power.
            pub fn conjugate(&self) -> Self {
                Self::new(self.c0, -self.c1)
            }

            /// `c0^2 + c1^2`.
            fn norm(&self) -> $F {
                self.c0.square() + self.c1.square()
            }
        }

        impl Field for $E {
            const ZERO: Self = Self::new($F::ZERO, $F::ZERO);
            const ONE: Self = Self::new($F::ONE, $F::ZERO);
            const BYTES: usize = 2 * $F::BYTES;

            #[inline(always)]
            fn is_zero(&self) -> bool {
                self.c0.is_zero() && self.c1.is_zero()
            }
            #[inline(always)]
            fn double(&self) -> Self {
                Self::new(self.c0.double(), self.c1.double())
            }
            /// (c0 + c1)(c0 - c1) + 2 c0 c1 u: two multiplications.
            #[inline(always)]
            fn square(&self) -> Self {
                let (p, inv) = (&$F::P, $F::NEG_INV);
                // Sums below 2p need no reduction before a multiplication.
                let (sum, _) = limbs::add_wide(&self.c0.0, &self.c1.0);
                let (twice, _) = limbs::add_wide(&self.c0.0, &self.c0.0);
                let difference = self.c0 - self.c1;
                Self::new(
                    $F(limbs::mul(&difference.0, &sum, p, inv)),
                    $F(limbs::mul(&self.c1.0, &twice, p, inv)),
                )
            }
            fn inverse(&self) -> Option<Self> {
                let inverse = self.norm().inverse()?;
                Some(Self::new(self.c0 * inverse, -(self.c1 * inverse)))
            }
            fn invert_all(elements: &mut [Self]) {
                batch::invert_all(elements);
            }
            /// By the complex method: a root of `a + b u` is `x + b/(2x) u` with
            /// `x^2 = (a +- sqrt(a^2 + b^2)) / 2`.
            fn sqrt(&self) -> Option<Self> {
                if self.c1.is_zero() {
                    return match self.c0.sqrt() {
                        Some(root) => Some(Self::new(root, $F::ZERO)),
                        // -1 is a non-residue, so one of c0 and -c0 has a root.
                        None => Some(Self::new($F::ZERO, (-self.c0).sqrt()?)),
                    };
                }
                let half = $F::from_u64(2).inverse()?;
                let norm = self.norm().sqrt()?;
                let x = match ((self.c0 + norm) * half).sqrt() {
                    Some(x) => x,
                    None => ((self.c0 - norm) * half).sqrt()?,
                };
                let root = Self::new(x, self.c1 * half * x.inverse()?);
                (root.square() == *self).then_some(root)
            }
            #[inline(always)]
            fn is_reduced(&self) -> bool {
                self.c0.is_reduced() && self.c1.is_reduced()
            }
            fn is_lexicographically_largest(&self) -> bool {
                if self.c1.is_zero() {
                    self.c0.is_lexicographically_largest()
                } else {
                    self.c1.is_lexicographically_largest()
                }
            }
            fn write_canonical(&self, out: &mut [u8]) {
                let (low, high) = out.split_at_mut($F::BYTES);
                self.c0.write_canonical(low);
                self.c1.write_canonical(high);
            }
            fn read_canonical(bytes: &[u8]) -> Option<Self> {
                let (low, high) = bytes.split_at_checked($F::BYTES)?;
                Some(Self::new($F::read_canonical(low)?, $F::read_canonical(high)?))
            }
        }

        impl core::ops::Add for $E {
            type Output = Self;
            #[inline(always)]
            fn add(self, rhs: Self) -> Self {
                Self::new(self.c0 + rhs.c0, self.c1 + rhs.c1)
            }
        }
        impl core::ops::Sub for $E {
            type Output = Self;
            #[inline(always)]
            fn sub(self, rhs: Self) -> Self {
                Self::new(self.c0 - rhs.c0, self.c1 - rhs.c1)
            }
        }
        impl core::ops::Mul for $E {
            type Output = Self;
            /// Karatsuba on unreduced products: three of them, two reductions.
            #[inline(always)]
            fn mul(self, rhs: Self) -> Self {
                let (p, inv) = (&$F::P, $F::NEG_INV);
                let low = Wide::product(&self.c0.0, &rhs.c0.0);
                let high = Wide::product(&self.c1.0, &rhs.c1.0);
                // The sums are below 2p and so fit.
                let (left, _) = limbs::add_wide(&self.c0.0, &self.c1.0);
                let (right, _) = limbs::add_wide(&rhs.c0.0, &rhs.c1.0);
                let cross = Wide::product(&left, &right);
                // cross - low - high = c0 d1 + c1 d0 < 2 p^2 < R p.
                const LIMBS: usize = $F::P.len();
                let cross = cross.minus::<LIMBS>(&low).minus::<LIMBS>(&high);
                // low - high, plus R p where that is negative: below R p either way.
                let difference = low.minus_mod(&high, p);
                Self::new(
                    $F(difference.reduce(p, inv)),
                    $F(cross.reduce(p, inv)),
                )
            }
        }
        impl core::ops::Neg for $E {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self::new(-self.c0, -self.c1)
            }
        }
        assign_operators!($E);
        impl zeroize::DefaultIsZeroes for $E {}

        impl core::fmt::Display for $E {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{} + {} u", self.c0, self.c1)
            }
        }
        impl core::fmt::Debug for $E {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({:?}, {:?})", stringify!($E), self.c0, self.c1)
            }
        }
    };
}

pub(super) use quadratic_extension;
