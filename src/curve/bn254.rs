//! The groups of BN254, with the generators of EIP-197.

use super::{Affine, Curve, Xyzz};
use crate::field::{Fq, Fq2, Fr};

/// `y^2 = x^3 + 3` over [`Fq`]: cofactor 1, so every point of the curve is in the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct G1;

impl Curve for G1 {
    type Base = Fq;
    type Scalar = Fr;

    const NAME: &'static str = "G1";
    const B: Fq = Fq::from_u64(3);
    const GENERATOR: Affine<Self> = Affine {
        x: Fq::from_u64(1),
        y: Fq::from_u64(2),
    };

    fn is_in_subgroup(_: &Affine<Self>) -> bool {
        true
    }
}

/// The sextic twist `y^2 = x^3 + 3 / (9 + u)` over [`Fq2`], restricted to the subgroup of order `r`.
/// The cofactor `2q - r` has small factors (10069), so the subgroup must be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct G2;

impl Curve for G2 {
    type Base = Fq2;
    type Scalar = Fr;

    const NAME: &'static str = "G2";
    const B: Fq2 = fq2(
        "2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5",
        "009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2",
    );
    const GENERATOR: Affine<Self> = Affine {
        x: fq2(
            "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
            "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2",
        ),
        y: fq2(
            "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
            "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b",
        ),
    };

    /// `psi(P) = [6 x^2] P` for the untwist-Frobenius-twist `psi`, which acts on the group as `q`
    /// does (El Housni, Guillevic, Piellard: "Co-factor clearing and subgroup membership testing on
    /// pairing-friendly curves", section 4.3). Half the work of multiplying by `r`.
    fn is_in_subgroup(point: &Affine<Self>) -> bool {
        Xyzz::from(psi(point)) == Xyzz::from(*point).mul_limbs(&SIX_X_SQUARED)
    }
}

/// `6 x^2` for the curve's parameter `x = 4965661367192848881`.
const SIX_X_SQUARED: [u64; 2] = [0xf83e_9682_e87c_fd46, 0x6f4d_8248_eeb8_59fb];
/// `(9 + u)^((q - 1) / 3)`.
const PSI_X: Fq2 = fq2(
    "2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553d",
    "16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2",
);
/// `(9 + u)^((q - 1) / 2)`.
const PSI_Y: Fq2 = fq2(
    "063cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135a",
    "07c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3",
);

const fn fq2(c0: &str, c1: &str) -> Fq2 {
    Fq2::new(Fq::from_hex(c0), Fq::from_hex(c1))
}

fn psi(p: &Affine<G2>) -> Affine<G2> {
    Affine {
        x: p.x.conjugate() * PSI_X,
        y: p.y.conjugate() * PSI_Y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Field, Int, PrimeField};

    /// The literals above against their definitions.
    #[test]
    fn constants_follow_from_their_definitions() {
        let xi = Fq2::new(Fq::from_u64(9), Fq::ONE);
        let q_minus_1 = {
            let mut limbs = Fq::MODULUS.0;
            limbs[0] -= 1;
            limbs
        };
        let divide = |n: &[u64; 4], by: u64| {
            let mut quotient = [0; 4];
            let mut remainder = 0u128;
            for i in (0..4).rev() {
                let t = (remainder << 64) | u128::from(n[i]);
                quotient[i] = (t / u128::from(by)) as u64;
                remainder = t % u128::from(by);
            }
            assert_eq!(remainder, 0);
            quotient
        };
        assert_eq!(xi.pow(&divide(&q_minus_1, 3)), PSI_X);
        assert_eq!(xi.pow(&divide(&q_minus_1, 2)), PSI_Y);
        assert_eq!(G2::B * xi, Fq2::new(Fq::from_u64(3), Fq::ZERO));
        let x = 4_965_661_367_192_848_881u128;
        let (high, low) = ((x * x) >> 64, (x * x) as u64);
        let low6 = u128::from(low) * 6;
        let expected = Int([low6 as u64, (high * 6 + (low6 >> 64)) as u64]);
        assert_eq!(Int(SIX_X_SQUARED), expected);
    }
}
