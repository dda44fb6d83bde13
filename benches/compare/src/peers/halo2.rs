//! halo2curves: `msm_best` and `best_fft`, what halo2's provers call.

use ark_bn254::{Fr, G1Affine, G2Affine, g1, g2};
use ark_ec::short_weierstrass::Projective;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use halo2curves::CurveAffine;
use halo2curves::bn256;
use halo2curves::fft::best_fft;
use halo2curves::group::Curve;
use halo2curves::group::prime::PrimeCurveAffine;
use halo2curves::msm::msm_best;
use rayon::prelude::*;

use super::Direction;
use crate::harness::{Contender, measure};

const NAME: &str = "halo2curves";

/// A group of arkworks that halo2curves has too.
pub trait Twin: CurveGroup<ScalarField = Fr> {
    /// The affine point of halo2curves.
    type Affine2: CurveAffine<ScalarExt = bn256::Fr>;

    /// To halo2curves.
    fn there(point: &Self::Affine) -> Self::Affine2;

    /// From halo2curves.
    fn back(point: Self::Affine2) -> Self::Affine;
}

/// To halo2curves: both keep four limbs in Montgomery form.
pub fn scalar(x: Fr) -> bn256::Fr {
    bn256::Fr(x.0.0)
}

/// From halo2curves.
pub fn scalar_back(x: bn256::Fr) -> Fr {
    Fr::new_unchecked(BigInt(x.0))
}

/// To halo2curves.
pub fn fq(x: ark_bn254::Fq) -> bn256::Fq {
    bn256::Fq(x.0.0)
}

/// From halo2curves.
pub fn fq_back(x: bn256::Fq) -> ark_bn254::Fq {
    ark_bn254::Fq::new_unchecked(BigInt(x.0))
}

fn fq2_back(x: &bn256::Fq2) -> ark_bn254::Fq2 {
    ark_bn254::Fq2::new(fq_back(*x.c0()), fq_back(*x.c1()))
}

impl Twin for Projective<g1::Config> {
    type Affine2 = bn256::G1Affine;

    fn there(point: &G1Affine) -> bn256::G1Affine {
        // Infinity, which has no coordinates, becomes (0, 0): what halo2curves means by it.
        let (x, y) = point.xy().unwrap_or_default();
        bn256::G1Affine { x: fq(x), y: fq(y) }
    }

    fn back(point: bn256::G1Affine) -> G1Affine {
        if bool::from(point.is_identity()) {
            return G1Affine::identity();
        }
        G1Affine::new_unchecked(fq_back(point.x), fq_back(point.y))
    }
}

impl Twin for Projective<g2::Config> {
    type Affine2 = bn256::G2Affine;

    fn there(point: &G2Affine) -> bn256::G2Affine {
        let (x, y) = point.xy().unwrap_or_default();
        let fq2 = |x: ark_bn254::Fq2| bn256::Fq2::new(fq(x.c0), fq(x.c1));
        bn256::G2Affine {
            x: fq2(x),
            y: fq2(y),
        }
    }

    fn back(point: bn256::G2Affine) -> G2Affine {
        if bool::from(point.is_identity()) {
            return G2Affine::identity();
        }
        G2Affine::new_unchecked(fq2_back(&point.x), fq2_back(&point.y))
    }
}

/// `msm_best`; it reads scalars in Montgomery form.
pub fn msm<G: Twin>(bases: &[G::Affine], scalars: &[Fr]) -> Contender<'static, G::Affine> {
    let bases: Vec<G::Affine2> = bases.par_iter().map(G::there).collect();
    let scalars: Vec<bn256::Fr> = scalars.par_iter().copied().map(scalar).collect();
    Contender::new(NAME, move || {
        let (sum, sample) = measure(|| msm_best(&scalars, &bases));
        Ok((G::back(sum.to_affine()), sample))
    })
}

/// `best_fft`, and for the inverse its use in halo2: the inverse root, then a division by the
/// size. It computes the twiddles anew in every transform.
///
/// halo2curves would take another root of unity by itself; it is given that of arkworks.
pub fn ntt(
    domain: Radix2EvaluationDomain<Fr>,
    direction: Direction,
    input: &[Vec<Fr>],
) -> Contender<'static, Vec<Vec<Fr>>> {
    let input: Vec<Vec<bn256::Fr>> = input
        .iter()
        .map(|column| column.par_iter().copied().map(scalar).collect())
        .collect();
    let omega = match direction {
        Direction::Forward => domain.group_gen(),
        Direction::Inverse => domain.group_gen_inv(),
    };
    let (omega, size_inv) = (scalar(omega), scalar(domain.size_inv()));
    debug_assert_eq!(domain.size_inv() * Fr::from(domain.size), Fr::ONE);
    Contender::new(NAME, move || {
        let mut columns = input.clone();
        let ((), sample) = measure(|| {
            columns.par_iter_mut().for_each(|values| {
                best_fft(values, omega, domain.log_size_of_group);
                if direction == Direction::Inverse {
                    values.par_iter_mut().for_each(|value| *value *= size_inv);
                }
            });
        });
        let back = |x: &bn256::Fr| Fr::new_unchecked(BigInt(x.0));
        let back = |column: &Vec<_>| column.par_iter().map(back).collect();
        Ok((columns.iter().map(back).collect(), sample))
    })
}
