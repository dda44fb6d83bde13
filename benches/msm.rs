//! Multi-scalar multiplication: `msm/group/scalars/log_n`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use zkiln::curve::{Curve, G1, G2};
use zkiln::field::{Fr, PrimeField};
use zkiln::msm::{FixedBase, Msm};

fn bench_group<C: Curve<Scalar = Fr>>(c: &mut Criterion, name: &str, log_sizes: &[u32]) {
    for &log_n in log_sizes {
        let n = 1usize << log_n;
        let uniform: Vec<Fr> = (0..n)
            .map(|_| Fr::random().expect("the system has randomness"))
            .collect();
        let bases = FixedBase::<C>::new(C::GENERATOR, n).multiply_all(&uniform);
        let msm = Msm::new(bases).expect("fewer than 2^31 bases");
        // A witness of bits: 58 % zeros, 41 % ones, the rest of full size.
        let bits: Vec<Fr> = uniform
            .iter()
            .enumerate()
            .map(|(i, &full)| match i % 100 {
                0..58 => Fr::ZERO,
                58..99 => Fr::ONE,
                _ => full,
            })
            .collect();
        for (kind, scalars) in [("uniform", &uniform), ("bits", &bits)] {
            let mut group = c.benchmark_group(format!("msm/{name}/{kind}"));
            group.sample_size(10);
            group.throughput(Throughput::Elements(n as u64));
            group.bench_function(BenchmarkId::from_parameter(log_n), |b| {
                b.iter(|| msm.run(scalars).expect("as many scalars as bases"));
            });
            group.finish();
        }
    }
}

fn benches(c: &mut Criterion) {
    bench_group::<G1>(c, "bn254_g1", &[12, 16, 18]);
    bench_group::<G2>(c, "bn254_g2", &[12, 16]);
}

criterion_group!(msm, benches);
criterion_main!(msm);
