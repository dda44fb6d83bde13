//! Conversions to and from arkworks 0.6. Its affine points carry a flag for infinity.

use ark_ec::AffineRepr;

use super::{Affine, G1, G2, Xyzz};
use crate::field::{Fq, Fq2};

macro_rules! convert_points {
    ($($C:ty, $Base:ty => $ark_affine:ty, $ark_projective:ty);*) => {$(
        /// Neither side checks: the point must be on the curve and in the subgroup.
        impl From<Affine<$C>> for $ark_affine {
            fn from(p: Affine<$C>) -> Self {
                if p.is_infinity() {
                    <$ark_affine>::zero()
                } else {
                    <$ark_affine>::new_unchecked(p.x.into(), p.y.into())
                }
            }
        }
        impl From<$ark_affine> for Affine<$C> {
            fn from(p: $ark_affine) -> Self {
                match p.xy() {
                    None => Self::INFINITY,
                    Some((x, y)) => Self { x: <$Base>::from(x), y: <$Base>::from(y) },
                }
            }
        }
        impl From<Xyzz<$C>> for $ark_projective {
            fn from(p: Xyzz<$C>) -> Self {
                <$ark_affine>::from(p.to_affine()).into_group()
            }
        }
        impl From<$ark_projective> for Xyzz<$C> {
            fn from(p: $ark_projective) -> Self {
                Affine::<$C>::from(<$ark_affine>::from(p)).into()
            }
        }
    )*};
}
convert_points! {
    G1, Fq => ark_bn254::G1Affine, ark_bn254::G1Projective;
    G2, Fq2 => ark_bn254::G2Affine, ark_bn254::G2Projective
}
