//! Batches: valid if all proofs are, and the culprits are found.

mod common;

use common::{Trapdoor, g1, random};
use zkiln::curve::Xyzz;
use zkiln::field::Fr;
use zkiln::groth16::{PreparedVerifyingKey, Proof};

#[test]
fn batches_are_valid_if_all_proofs_are() {
    let trapdoor = Trapdoor::random(3);
    let prepared = PreparedVerifyingKey::new(&trapdoor.key()).unwrap();
    let batch: Vec<([Fr; 3], Proof)> = (0..40)
        .map(|_| {
            let public = [random(), random(), random()];
            (public, trapdoor.simulate(&public))
        })
        .collect();
    for n in [0, 1, 2, 15, 16, 17, 40] {
        assert!(prepared.verify_batch(&batch[..n]).unwrap(), "{n}");
        assert!(
            prepared.invalid_proofs(&batch[..n]).unwrap().is_empty(),
            "{n}"
        );
    }
    for i in [0, 15, 16, 39] {
        let mut bad = batch.clone();
        bad[i].0[1] += Fr::ONE;
        assert!(!prepared.verify_batch(&bad).unwrap(), "{i}");
        assert_eq!(prepared.invalid_proofs(&bad).unwrap(), [i]);
    }
    // Faults that cancel in a plain sum of the equations: without coefficients this would pass.
    let mut bad = batch.clone();
    let shift = g1(random());
    bad[3].1.c = (Xyzz::from(bad[3].1.c) + Xyzz::from(shift)).to_affine();
    bad[7].1.c = (Xyzz::from(bad[7].1.c) - Xyzz::from(shift)).to_affine();
    assert!(!prepared.verify_batch(&bad).unwrap());
    assert_eq!(prepared.invalid_proofs(&bad).unwrap(), [3, 7]);
    let mut bad = batch;
    let (first, second) = (bad[0].0, bad[1].0);
    (bad[0].0, bad[1].0) = (second, first);
    assert_eq!(prepared.invalid_proofs(&bad).unwrap(), [0, 1]);
    assert!(!prepared.verify_batch(&bad).unwrap());
}
