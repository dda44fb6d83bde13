//! Multiplications in the fields of BN254.

use std::ops::Mul;

use anyhow::Result;
use ark_bn254::{Fq, Fr};
use ark_ff::UniformRand;
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use clap::Parser;
use zkiln_compare::family::{self, Common, Worker};
use zkiln_compare::harness::{self, Contender, measure};
use zkiln_compare::peers::halo2;
use zkiln_compare::report::{BASELINE, Row};

/// Independent products, 2^20 in a run: a millisecond in the table is a nanosecond for each.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
}

/// Elements multiplied side by side; with their factors they stay in the first-level cache.
const ELEMENTS: usize = 1 << 8;
/// Products of each element, one after another.
const ROUNDS: usize = 1 << 12;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    family::run(&arguments.common, |worker| {
        compare::<Fr, zkiln::field::Fr, _>(worker, "Fr", halo2::scalar, halo2::scalar_back)?;
        compare::<Fq, zkiln::field::Fq, _>(worker, "Fq", halo2::fq, halo2::fq_back)
    })
}

/// One field in its three implementations.
fn compare<A, Z, H>(worker: &Worker, field: &str, there: fn(A) -> H, back: fn(H) -> A) -> Result<()>
where
    A: UniformRand + Copy + PartialEq + Mul<Output = A> + From<Z> + 'static,
    Z: From<A> + Copy + Mul<Output = Z> + 'static,
    H: Copy + Mul<Output = H> + 'static,
{
    let mut rng = StdRng::seed_from_u64(7);
    let input: Vec<A> = (0..ELEMENTS).map(|_| A::rand(&mut rng)).collect();
    let contenders = vec![
        products(BASELINE, &input, Z::from, A::from),
        products("arkworks", &input, |x| x, |x| x),
        products("halo2curves", &input, there, back),
    ];
    let outcomes = harness::interleave(contenders, worker.reps, harness::agreement())?;
    let workload = format!("{field} 2^20 products");
    for outcome in &outcomes {
        worker.emit(&Row::new(&workload, worker.threads, outcome))?;
    }
    Ok(())
}

/// Every element to the power `ROUNDS + 1`, product by product.
fn products<A: Copy, F: Copy + Mul<Output = F> + 'static>(
    name: &'static str,
    input: &[A],
    there: impl Fn(A) -> F,
    back: impl Fn(F) -> A + 'static,
) -> Contender<'static, Vec<A>> {
    let factors: Vec<F> = input.iter().map(|&x| there(x)).collect();
    Contender::new(name, move || {
        let mut products = factors.clone();
        let ((), sample) = measure(|| {
            for _ in 0..ROUNDS {
                for (product, &factor) in products.iter_mut().zip(&factors) {
                    *product = *product * factor;
                }
            }
        });
        Ok((products.into_iter().map(&back).collect(), sample))
    })
}
