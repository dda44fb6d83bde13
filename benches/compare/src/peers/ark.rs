//! arkworks: the kernels of ark-ec and ark-poly.

use ark_bn254::Fr;
use ark_ec::CurveGroup;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

use super::Direction;
use crate::harness::{Contender, measure};

const NAME: &str = "arkworks";

/// `VariableBaseMSM::msm_unchecked`; it reads scalars in Montgomery form and sorts them by length.
pub fn msm<'a, G: CurveGroup>(
    bases: &'a [G::Affine],
    scalars: &'a [G::ScalarField],
) -> Contender<'a, G::Affine> {
    Contender::new(NAME, move || {
        let (sum, sample) = measure(|| G::msm_unchecked(bases, scalars));
        Ok((sum.into_affine(), sample))
    })
}

/// `Radix2EvaluationDomain`; it computes the roots of unity anew in every transform.
pub fn ntt(
    domain: Radix2EvaluationDomain<Fr>,
    direction: Direction,
    input: &[Vec<Fr>],
) -> Contender<'_, Vec<Vec<Fr>>> {
    Contender::new(NAME, move || {
        let mut columns = input.to_vec();
        let ((), sample) = measure(|| {
            columns.par_iter_mut().for_each(|values| match direction {
                Direction::Forward => domain.fft_in_place(values),
                Direction::Inverse => domain.ifft_in_place(values),
            });
        });
        Ok((columns, sample))
    })
}
