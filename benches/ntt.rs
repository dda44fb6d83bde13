//! Transforms over BN254's scalar field: `operation/curve/backend/log_n`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use zkiln::field::Fr;
use zkiln::ntt::{BitReversed, Natural, Ntt, bit_reverse};

fn benches(c: &mut Criterion) {
    let mut group = |operation: &str, run: &dyn Fn(&Ntt<Fr>, &mut [Fr])| {
        let mut group = c.benchmark_group(operation);
        group.sample_size(10);
        for log_n in [12, 16, 20] {
            let plan = Ntt::new(log_n).expect("a size of the field");
            let mut data: Vec<Fr> = (0..plan.len() as u64).map(Fr::from_u64).collect();
            group.throughput(Throughput::Elements(plan.len() as u64));
            group.bench_function(BenchmarkId::new("bn254/cpu", log_n), |b| {
                b.iter(|| run(&plan, &mut data));
            });
        }
        group.finish();
    };
    group("ntt_forward_natural", &|plan, data| {
        plan.forward::<Natural, Natural>(data).unwrap();
    });
    group("ntt_forward", &|plan, data| {
        plan.forward::<Natural, BitReversed>(data).unwrap();
    });
    group("ntt_inverse", &|plan, data| {
        plan.inverse::<BitReversed, Natural>(data).unwrap();
    });
    group("ntt_odd_coset", &|plan, data| {
        plan.extend_to_odd_coset_unscaled(&mut [data]).unwrap();
    });
    group("bit_reverse", &|_, data| bit_reverse(data).unwrap());
}

criterion_group!(ntt, benches);
criterion_main!(ntt);
