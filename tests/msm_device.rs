//! MSM on a device against the definition and against the processor's.

#[path = "common/device.rs"]
mod common;

use common::devices;
use zkiln::curve::{Affine, G1, G2};
use zkiln::field::{Fr, PrimeField};
use zkiln::msm::{DeviceMsm, DeviceMsmOptions, FixedBase, Msm};

fn random_scalars(n: usize) -> Vec<Fr> {
    (0..n).map(|_| Fr::random().unwrap()).collect()
}

fn random_points<C: zkiln::msm::DeviceCurve<Scalar = Fr>>(n: usize) -> Vec<Affine<C>> {
    FixedBase::<C>::new(C::GENERATOR, n).multiply_all(&random_scalars(n))
}

#[test]
fn quick() {
    for device in devices() {
        for n in [1usize, 2, 33, 256] {
            let t = std::time::Instant::now();
            let bases = random_points::<G1>(n);
            let scalars = random_scalars(n);
            let msm = DeviceMsm::new(&device, &bases, &DeviceMsmOptions::default()).unwrap();
            let sum = msm.run(&scalars).unwrap();
            assert_eq!(sum, Msm::new(bases).unwrap().run(&scalars).unwrap());
            println!("{n} {:?}", t.elapsed());
        }
        for n in [1usize, 2, 33, 256] {
            let t = std::time::Instant::now();
            let bases = random_points::<G2>(n);
            let scalars = random_scalars(n);
            let msm = DeviceMsm::new(&device, &bases, &DeviceMsmOptions::default()).unwrap();
            let sum = msm.run(&scalars).unwrap();
            assert_eq!(sum, Msm::new(bases).unwrap().run(&scalars).unwrap());
            println!("{n} {:?}", t.elapsed());
        }
    }
}
