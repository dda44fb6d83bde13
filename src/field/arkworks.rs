//! Conversions to and from arkworks 0.6, which keeps the same Montgomery limbs: each is a copy.

use ark_ff::BigInt;

use super::{Fq, Fq2, Fr};

macro_rules! convert_prime {
    ($($ours:ident <-> $ark:ty),*) => {$(
        impl From<$ours> for $ark {
            fn from(element: $ours) -> Self {
                <$ark>::new_unchecked(BigInt(element.0))
            }
        }
        impl From<$ark> for $ours {
            fn from(element: $ark) -> Self {
                Self(element.0.0)
            }
        }
    )*};
}
convert_prime!(Fr <-> ark_bn254::Fr, Fq <-> ark_bn254::Fq);

impl From<Fq2> for ark_bn254::Fq2 {
    fn from(element: Fq2) -> Self {
        Self::new(element.c0.into(), element.c1.into())
    }
}
impl From<ark_bn254::Fq2> for Fq2 {
    fn from(element: ark_bn254::Fq2) -> Self {
        Self::new(element.c0.into(), element.c1.into())
    }
}
