//! zkiln.

use std::path::Path;

use anyhow::Result;
use ark_bn254::{Fr, g1, g2};
use ark_ec::CurveGroup;
use ark_ec::short_weierstrass::{Affine, Projective};
use rayon::prelude::*;
use zkiln::curve::{self, Curve, G1, G2, Xyzz};
use zkiln::field;
use zkiln::groth16::{ProvingKey, Witness};
use zkiln::msm::Msm;
use zkiln::ntt::{Natural, Ntt};

use super::{Direction, Proof, Prover};
use crate::harness::{Contender, measure};
use crate::report::BASELINE as NAME;

/// A group of arkworks that zkiln has too.
pub trait Twin: CurveGroup<ScalarField = Fr> + From<Xyzz<Self::Curve>> {
    /// The group of zkiln.
    type Curve: Curve<Scalar = field::Fr>;

    /// To zkiln.
    fn there(point: Self::Affine) -> curve::Affine<Self::Curve>;
}

impl Twin for Projective<g1::Config> {
    type Curve = G1;

    fn there(point: Affine<g1::Config>) -> curve::G1Affine {
        point.into()
    }
}

impl Twin for Projective<g2::Config> {
    type Curve = G2;

    fn there(point: Affine<g2::Config>) -> curve::G2Affine {
        point.into()
    }
}

/// `Msm::run` of a plan over the bases; it reads scalars in Montgomery form.
pub fn msm<G: Twin>(bases: &[G::Affine], scalars: &[Fr]) -> Result<Contender<'static, G::Affine>> {
    let bases: Vec<_> = bases.par_iter().map(|&base| G::there(base)).collect();
    let scalars: Vec<field::Fr> = scalars.par_iter().map(|&scalar| scalar.into()).collect();
    let (plan, prepared) = measure(|| Msm::new(bases));
    let plan = plan?;
    Ok(Contender::prepared(NAME, prepared, move || {
        let (sum, sample) = measure(|| plan.run(&scalars));
        Ok((G::from(sum?).into_affine(), sample))
    }))
}

/// A plan's transform, from natural to natural order as the peers have it, permutation included.
/// Columns are one slice.
pub fn ntt(
    log_n: u32,
    direction: Direction,
    input: &[Vec<Fr>],
) -> Result<Contender<'static, Vec<Vec<Fr>>>> {
    let input = input.concat();
    let input: Vec<field::Fr> = input.par_iter().map(|&x| x.into()).collect();
    let (plan, prepared) = measure(|| Ntt::new(log_n));
    let plan = plan?;
    Ok(Contender::prepared(NAME, prepared, move || {
        let mut values = input.clone();
        let (done, sample) = measure(|| match direction {
            Direction::Forward => plan.forward::<Natural, Natural>(&mut values),
            Direction::Inverse => plan.inverse::<Natural, Natural>(&mut values),
        });
        done?;
        let back = |column: &[field::Fr]| column.par_iter().map(|&x| x.into()).collect();
        Ok((values.chunks(1 << log_n).map(back).collect(), sample))
    }))
}

struct Loaded {
    key: ProvingKey,
    witness: Witness,
}

/// Loads key and witness with all checks: every point on its curve, G2 in its subgroup.
pub fn groth16(zkey: &Path, wtns: &Path) -> Result<Box<dyn Prover>> {
    Ok(Box::new(Loaded {
        key: ProvingKey::open(zkey)?,
        witness: Witness::open(wtns)?,
    }))
}

impl Prover for Loaded {
    /// Includes the verification of the result, which is the default.
    fn prove(&mut self) -> Result<Proof> {
        let (proof, _) = self.key.prove(&self.witness)?;
        Ok(Proof {
            a: proof.a.into(),
            b: proof.b.into(),
            c: proof.c.into(),
        })
    }
}
