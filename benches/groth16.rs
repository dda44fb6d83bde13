//! Whole proofs of the fixtures, and their verification.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use zkiln::groth16::{ProvingKey, Witness};

fn benches(c: &mut Criterion) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut group = c.benchmark_group("groth16");
    group.sample_size(10);
    for circuit in ["hash_chain", "merkle", "range"] {
        let zkey = data.join(circuit).join("circuit.zkey");
        let key = ProvingKey::open(&zkey).expect("a fixture");
        let witness = Witness::open(data.join(circuit).join("witness.wtns")).expect("a fixture");
        let (proof, public) = key.prove(&witness).expect("a satisfied circuit");
        group.bench_function(format!("open/{circuit}"), |b| {
            b.iter(|| ProvingKey::open(&zkey))
        });
        group.bench_function(format!("prove/{circuit}"), |b| {
            b.iter(|| key.prove(&witness))
        });
        group.bench_function(format!("verify/{circuit}"), |b| {
            b.iter(|| key.verifier().verify(&public, &proof));
        });
        let batch = vec![(public, proof); 64];
        group.bench_function(format!("verify_batch_of_64/{circuit}"), |b| {
            b.iter(|| key.verifier().verify_batch(&batch));
        });
    }
    group.finish();
}

criterion_group!(groth16, benches);
criterion_main!(groth16);
