//! How long a product takes on this machine: what the cost of everything else is compared with.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::Fr;
use super::arch::{CHAINS, Cpu, Isa, Kernel, LANES, Vector, on_cpu};

/// Steps of a run: some 0.1 to 1 ms.
const STEPS: usize = 1 << 11;
/// Runs, of which the fastest counts.
const RUNS: usize = 15;

/// Nanoseconds per product of elements of [`Fr`], while all threads of the current pool do nothing but multiply, by
/// the instructions that sums and transforms use: products that do not wait for each other, in registers. It is
/// measured when this is called, which takes some milliseconds.
///
/// Two threads that share a core share its multipliers; so the time is that of the products of all threads.
///
/// ```
/// let nanoseconds = zkiln::field::product_nanoseconds();
/// assert!(nanoseconds > 0.0 && nanoseconds < 1e6);
/// ```
pub fn product_nanoseconds() -> f64 {
    let cpu = Cpu::get_or_generic();
    let threads = rayon::current_num_threads();
    let start = Barrier::new(threads);
    let fastest = |_| {
        let mut fastest = Duration::MAX;
        for _ in 0..RUNS {
            start.wait();
            let begin = Instant::now();
            core::hint::black_box(on_cpu!(cpu, isa => isa.run(Products)));
            fastest = fastest.min(begin.elapsed());
        }
        fastest
    };
    let times: Vec<Duration> = rayon::broadcast(|context| fastest(context.index()));
    let mean = times.iter().sum::<Duration>().as_secs_f64() / threads as f64;
    mean * 1e9 / (STEPS * CHAINS * LANES * threads) as f64
}

/// Powers of an element, in as many chains as keep the multipliers busy.
struct Products;

impl<I: Isa> Kernel<I> for Products {
    type Output = [Fr; LANES];

    #[inline(always)]
    fn run(self, isa: I) -> [Fr; LANES] {
        let factor = I::Prime::<Fr>::splat(isa, core::hint::black_box(Fr::from_u64(3)));
        let mut chains = [factor; CHAINS];
        for _ in 0..STEPS {
            for chain in &mut chains {
                *chain = chain.mul(factor);
            }
        }
        let [a, b, c, d] = chains;
        a.mul(b).mul(c.mul(d)).store()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;

    /// What is timed is what it says.
    #[test]
    fn the_products_are_a_power() {
        for cpu in Cpu::all() {
            let result = on_cpu!(cpu, isa => isa.run(Products));
            let power = Fr::from_u64(3).pow(&[(CHAINS * (STEPS + 1)) as u64]);
            assert_eq!(result, [power; LANES]);
        }
    }
}
