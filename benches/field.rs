//! Field arithmetic: `operation/field`. A new field is one line.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zkiln::field::{Field, Fq, Fq2, Fr, PrimeField, batch_inverse};

/// Elements of a batch: enough to hide the call, few enough for the first-level cache.
const N: usize = 256;

fn bench_field<F: Field>(c: &mut Criterion, name: &str, elements: Vec<F>) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(N as u64));
    let mut run = |operation: &str, apply: &dyn Fn(F, F) -> F| {
        let mut values = elements.clone();
        group.bench_function(operation, |b| {
            b.iter(|| {
                for (value, &factor) in values.iter_mut().zip(&elements) {
                    *value = apply(*value, factor);
                }
            });
        });
    };
    run("add", &|a, b| a + b);
    run("sub", &|a, b| a - b);
    run("mul", &|a, b| a * b);
    run("square", &|a, _| a.square());
    run("inverse", &|a, _| a.inverse().unwrap_or(F::ONE));
    let mut values = elements.clone();
    group.bench_function("batch_inverse", |b| b.iter(|| batch_inverse(&mut values)));
    group.finish();
}

fn random<F: PrimeField>() -> Vec<F> {
    (0..N)
        .map(|_| F::random().expect("the system has randomness"))
        .collect()
}

fn benches(c: &mut Criterion) {
    bench_field(c, "field/bn254_fr", random::<Fr>());
    bench_field(c, "field/bn254_fq", random::<Fq>());
    let pairs = random::<Fq>().into_iter().zip(random::<Fq>());
    bench_field(
        c,
        "field/bn254_fq2",
        pairs.map(|(c0, c1)| Fq2::new(c0, c1)).collect(),
    );
}

criterion_group!(field, benches);
criterion_main!(field);
