//! snarkrs: its CPU kernels and its Groth16 prover, as a library.
//!
//! It is built on arkworks 0.5, whose types are foreign to those of 0.6 but hold the same limbs.

use std::path::Path;

use anyhow::{Context, Result};
use ark_bn254::{Fr, G1Affine, G2Affine, g1, g2};
use ark_ec::short_weierstrass::Projective;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::BigInt;
use ark_poly::Radix2EvaluationDomain;
use rayon::prelude::*;
use snarkrs_lib::field::{self as theirs, AffineRepr as _, CurveGroup as _, Zero};
use snarkrs_lib::msm::{CpuMsm, MsmBackend};
use snarkrs_lib::ntt::{self, CpuNtt};
use snarkrs_lib::{Backend, CpuBackend, PreparedCircuit, ProvingKey, StageTimings, Witness};

use super::{Direction, Proof, Prover};
use crate::harness::{Contender, measure};

const NAME: &str = "snarkrs";

fn scalar(x: &Fr) -> theirs::Fr {
    let mut y = theirs::Fr::zero();
    y.0.0 = x.0.0;
    y
}

fn fq(x: ark_bn254::Fq) -> theirs::Fq {
    let mut y = theirs::Fq::zero();
    y.0.0 = x.0.0;
    y
}

fn fq2(x: ark_bn254::Fq2) -> theirs::Fq2 {
    theirs::Fq2::new(fq(x.c0), fq(x.c1))
}

fn fq_back(x: theirs::Fq) -> ark_bn254::Fq {
    ark_bn254::Fq::new_unchecked(BigInt(x.0.0))
}

fn fq2_back(x: theirs::Fq2) -> ark_bn254::Fq2 {
    ark_bn254::Fq2::new(fq_back(x.c0), fq_back(x.c1))
}

fn g1_back(point: theirs::G1Affine) -> G1Affine {
    match point.xy() {
        Some((x, y)) => G1Affine::new_unchecked(fq_back(x), fq_back(y)),
        None => G1Affine::identity(),
    }
}

fn g2_back(point: theirs::G2Affine) -> G2Affine {
    match point.xy() {
        Some((x, y)) => G2Affine::new_unchecked(fq2_back(x), fq2_back(y)),
        None => G2Affine::identity(),
    }
}

/// A group of arkworks 0.6 and the MSM of snarkrs over the same group of 0.5.
pub trait Twin: CurveGroup<ScalarField = Fr> {
    /// The affine point of arkworks 0.5.
    type Affine5: Send + Sync + 'static;
    /// The projective point of arkworks 0.5.
    type Sum;

    /// To arkworks 0.5.
    fn there(point: &Self::Affine) -> Self::Affine5;

    /// The MSM of snarkrs.
    fn msm(bases: &[Self::Affine5], scalars: &[theirs::Fr]) -> Self::Sum;

    /// From arkworks 0.5.
    fn back(sum: Self::Sum) -> Self::Affine;
}

impl Twin for Projective<g1::Config> {
    type Affine5 = theirs::G1Affine;
    type Sum = theirs::G1Projective;

    fn there(point: &G1Affine) -> theirs::G1Affine {
        point.xy().map_or_else(theirs::G1Affine::zero, |(x, y)| {
            theirs::G1Affine::new_unchecked(fq(x), fq(y))
        })
    }

    fn msm(bases: &[theirs::G1Affine], scalars: &[theirs::Fr]) -> theirs::G1Projective {
        CpuMsm::new().msm_g1(bases, scalars)
    }

    fn back(sum: theirs::G1Projective) -> G1Affine {
        g1_back(sum.into_affine())
    }
}

impl Twin for Projective<g2::Config> {
    type Affine5 = theirs::G2Affine;
    type Sum = theirs::G2Projective;

    fn there(point: &G2Affine) -> theirs::G2Affine {
        point.xy().map_or_else(theirs::G2Affine::zero, |(x, y)| {
            theirs::G2Affine::new_unchecked(fq2(x), fq2(y))
        })
    }

    fn msm(bases: &[theirs::G2Affine], scalars: &[theirs::Fr]) -> theirs::G2Projective {
        CpuMsm::new().msm_g2(bases, scalars)
    }

    fn back(sum: theirs::G2Projective) -> G2Affine {
        g2_back(sum.into_affine())
    }
}

/// `CpuMsm`; it reads scalars in Montgomery form, drops zeros and adds the bases of ones apart.
pub fn msm<G: Twin>(bases: &[G::Affine], scalars: &[Fr]) -> Contender<'static, G::Affine> {
    let bases: Vec<G::Affine5> = bases.par_iter().map(G::there).collect();
    let scalars: Vec<theirs::Fr> = scalars.par_iter().map(scalar).collect();
    Contender::new(NAME, move || {
        let (sum, sample) = measure(|| <G as Twin>::msm(&bases, &scalars));
        Ok((G::back(sum), sample))
    })
}

/// `CpuNtt::ntt`; its first transform of a size fills a cache of twiddles that later ones use.
pub fn ntt(
    domain: Radix2EvaluationDomain<Fr>,
    direction: Direction,
    input: &[Vec<Fr>],
) -> Result<Contender<'static, Vec<Vec<Fr>>>> {
    let input: Vec<Vec<theirs::Fr>> = input
        .iter()
        .map(|column| column.par_iter().map(scalar).collect())
        .collect();
    let domain = theirs::Domain::new(1 << domain.log_size_of_group)?;
    let direction = match direction {
        Direction::Forward => ntt::Direction::Forward,
        Direction::Inverse => ntt::Direction::Inverse,
    };
    let plan = CpuNtt::new();
    Ok(Contender::new(NAME, move || {
        let mut columns = input.clone();
        let ((), sample) = measure(|| {
            columns
                .par_iter_mut()
                .for_each(|values| plan.ntt(&domain, values, direction));
        });
        let back = |x: &theirs::Fr| Fr::new_unchecked(BigInt(x.0.0));
        let back = |column: &Vec<_>| column.par_iter().map(back).collect();
        Ok((columns.iter().map(back).collect(), sample))
    }))
}

struct Loaded {
    circuit: Box<dyn PreparedCircuit>,
    witness: Vec<theirs::Fr>,
}

/// Loads key and witness as its command does: the key checked (every point on its curve, gamma
/// other than delta), the coefficients sorted, the witness in Montgomery form.
pub fn groth16(zkey: &Path, wtns: &Path) -> Result<Box<dyn Prover>> {
    let key = ProvingKey::load(zkey).context("snarkrs cannot load the key")?;
    let circuit = CpuBackend::new()
        .prepare(key)
        .context("snarkrs cannot prepare the key")?;
    let witness = Witness::load(wtns)
        .context("snarkrs cannot load the witness")?
        .0;
    Ok(Box::new(Loaded { circuit, witness }))
}

impl Prover for Loaded {
    /// Includes the verification of the result (about 1 ms), which is its default.
    fn prove(&mut self) -> Result<Proof> {
        let mut rng = snarkrs_lib::rand::thread_rng();
        let mut stages = StageTimings::default();
        let proof =
            snarkrs_lib::prove(self.circuit.as_ref(), &self.witness, &mut rng, &mut stages)?;
        Ok(Proof {
            a: g1_back(proof.a),
            b: g2_back(proof.b),
            c: g1_back(proof.c),
        })
    }
}
