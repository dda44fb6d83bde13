//! Inputs that every contender gets: points and scalars, the same in every process.

use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{UniformRand, Zero};
use ark_std::rand::rngs::StdRng;
use ark_std::rand::{Rng, SeedableRng};
use clap::ValueEnum;
use rayon::prelude::*;

/// How the scalars of an MSM are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scalars {
    /// All of full size, as those of a quotient polynomial.
    Uniform,
    /// The witness of a SHA-256 circuit: 58 % zeros, 41 % ones, the rest half short, half full.
    WitnessBits,
    /// 64 bits each.
    Short,
}

impl Scalars {
    /// `n` scalars of this distribution.
    pub fn generate(self, n: usize) -> Vec<Fr> {
        let mut rng = StdRng::seed_from_u64(0x005c_a1a5 + self as u64);
        (0..n).map(|_| self.draw(&mut rng)).collect()
    }

    fn draw(self, rng: &mut StdRng) -> Fr {
        match self {
            Self::Uniform => Fr::rand(rng),
            Self::Short => Fr::from(rng.r#gen::<u64>()),
            Self::WitnessBits => match rng.gen_range(0..1000) {
                0..580 => Fr::zero(),
                580..990 => Fr::from(1u64),
                990..995 => Fr::from(rng.r#gen::<u64>()),
                _ => Fr::rand(rng),
            },
        }
    }
}

/// `n` points without known relations.
///
/// A point is the sum of one entry of each of four tables of 2^12 random multiples of the
/// generator, which takes three additions instead of a scalar multiplication. Among the 2^48 sums
/// the 2^20 of a large MSM neither repeat nor combine, unlike an arithmetic progression, in which
/// many pairs have equal sums and which batched affine additions would meet as a special case.
pub fn points<G: CurveGroup>(n: usize) -> Vec<G::Affine> {
    const LOG_TABLE: usize = 12;
    const TABLES: usize = 4;
    /// Enough to share an inversion, few enough to spread over the threads.
    const CHUNK: usize = 1 << 10;

    let mut rng = StdRng::seed_from_u64(0x0070_1275);
    let logarithms: Vec<_> = (0..TABLES << LOG_TABLE)
        .map(|_| G::ScalarField::rand(&mut rng))
        .collect();
    let table = G::generator().batch_mul(&logarithms);
    let picks: Vec<u64> = (0..n).map(|_| rng.r#gen()).collect();

    let sum = |&pick: &u64| {
        (0..TABLES).fold(G::zero(), |sum, i| {
            let entry = pick >> (i * LOG_TABLE) & ((1 << LOG_TABLE) - 1);
            sum + table[i << LOG_TABLE | entry as usize]
        })
    };
    let affine = |picks: &[u64]| G::normalize_batch(&picks.iter().map(sum).collect::<Vec<_>>());
    let points: Vec<G::Affine> = picks.par_chunks(CHUNK).flat_map_iter(affine).collect();
    debug_assert!(points.iter().all(|p| !p.is_zero()));
    points
}

/// Columns of `n` coefficients for transforms.
pub fn coefficients(columns: usize, n: usize) -> Vec<Vec<Fr>> {
    let all = Scalars::Uniform.generate(columns * n);
    all.chunks(n).map(<[Fr]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{One, PrimeField};

    #[test]
    fn points_are_distinct_and_the_same_again() {
        let points = super::points::<ark_bn254::G1Projective>(5000);
        assert_eq!(points, super::points::<ark_bn254::G1Projective>(5000));
        let distinct: std::collections::HashSet<_> = points.iter().collect();
        assert_eq!(distinct.len(), points.len());
        assert!(points.iter().all(|p| p.is_on_curve()));
    }

    #[test]
    fn witness_bits_have_their_shares() {
        let scalars = Scalars::WitnessBits.generate(100_000);
        let share = |f: fn(&Fr) -> bool| scalars.iter().filter(|s| f(s)).count() as f64 / 1e5;
        assert!((share(Fr::is_zero) - 0.58).abs() < 0.01);
        assert!((share(Fr::is_one) - 0.41).abs() < 0.01);
        assert!((share(|s| s.into_bigint().0[3] != 0) - 0.005).abs() < 0.002);
    }
}
