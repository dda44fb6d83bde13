//! MSM on a device against the definition and against the processor's. A new group is one line at the end.

#[path = "common/device.rs"]
mod common;

use common::{checked, devices, failing, is_gpu};
use zkiln::backend::Device;
use zkiln::curve::{Affine, G1, G2, Xyzz};
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::msm::{DeviceCurve, DeviceMsm, DeviceMsmOptions, FixedBase, Msm};

/// `sum scalars[i] bases[i]` by double and add.
fn naive<C: DeviceCurve<Scalar = Fr>>(bases: &[Affine<C>], scalars: &[Fr]) -> Xyzz<C> {
    bases.iter().zip(scalars).map(|(&b, &s)| b * s).sum()
}

fn random_scalars(n: usize) -> Vec<Fr> {
    (0..n).map(|_| Fr::random().unwrap()).collect()
}

/// Scalars as a witness of bits has them: most 0 or 1, some short, few of full size.
fn witness_like(n: usize) -> Vec<Fr> {
    random_scalars(n)
        .iter()
        .enumerate()
        .map(|(i, &full)| match i % 100 {
            0..58 => Fr::ZERO,
            58..94 => Fr::ONE,
            94 => -Fr::ONE,
            95..98 => Fr::from(full.to_canonical().0[0]),
            98 => -Fr::from(full.to_canonical().0[0] >> 30),
            _ => full,
        })
        .collect()
}

/// Points without a relation known to anyone.
fn random_points<C: DeviceCurve<Scalar = Fr>>(n: usize) -> Vec<Affine<C>> {
    FixedBase::<C>::new(C::GENERATOR, n).multiply_all(&random_scalars(n))
}

/// Points in arithmetic progression: equal partial sums meet all the time.
fn progression<C: DeviceCurve<Scalar = Fr>>(n: usize) -> Vec<Affine<C>> {
    let multiples: Vec<Fr> = (0..n as u64).map(|i| Fr::from(2 * i + 3)).collect();
    FixedBase::<C>::new(C::GENERATOR, n).multiply_all(&multiples)
}

/// Every third one infinity.
fn with_infinities<C: DeviceCurve<Scalar = Fr>>(n: usize) -> Vec<Affine<C>> {
    let mut points = progression(n);
    points
        .iter_mut()
        .step_by(3)
        .for_each(|p| *p = Affine::INFINITY);
    points
}

fn options(width: Option<u32>, multiples: u32, memory: Option<u64>) -> DeviceMsmOptions {
    let mut options = DeviceMsmOptions::default();
    options.width = width;
    options.multiples = multiples;
    options.memory = memory;
    options
}

/// Both forms of the scalars, with default options.
fn check<C: DeviceCurve<Scalar = Fr>>(device: &Device, bases: &[Affine<C>], scalars: &[Fr]) {
    let msm = DeviceMsm::new(device, bases, &DeviceMsmOptions::default()).unwrap();
    let expected = if bases.len() <= 64 {
        naive(bases, scalars)
    } else {
        Msm::new(bases).unwrap().run(scalars).unwrap()
    };
    assert_eq!(msm.run(scalars).unwrap(), expected);
    let canonical: Vec<Int<4>> = scalars.iter().map(|s| s.to_canonical()).collect();
    assert_eq!(msm.run(&canonical).unwrap(), expected);
}

/// A plan with these options on the processor's sum.
fn check_with<C: DeviceCurve<Scalar = Fr>>(
    device: &Device,
    bases: &[Affine<C>],
    scalars: &[Fr],
    options: &DeviceMsmOptions,
) {
    let expected = Msm::new(bases).unwrap().run(scalars).unwrap();
    let msm = DeviceMsm::new(device, bases, options).unwrap();
    assert_eq!(msm.run(scalars).unwrap(), expected, "{options:?}");
}

macro_rules! test_msm {
    ($name:ident, $C:ty, $large:expr) => {
        mod $name {
            use super::*;

            /// The largest size that is quick enough on the emulator.
            const LARGE: usize = $large;

            #[test]
            fn sizes_around_powers_of_two() {
                let bases = random_points::<$C>(LARGE + 1);
                let scalars = random_scalars(LARGE + 1);
                for device in devices() {
                    let small = [0, 1, 2, 31, 32, 33, 127, 129];
                    for n in small.into_iter().chain([LARGE - 1, LARGE, LARGE + 1]) {
                        check(&device, &bases[..n], &scalars[..n]);
                    }
                }
            }

            #[test]
            fn every_scalar_alike() {
                let full = random_scalars(1)[0];
                for device in devices() {
                    for (n, bases) in [(1, random_points::<$C>(1)), (200, progression(200))] {
                        let msm =
                            DeviceMsm::new(&device, &bases, &DeviceMsmOptions::default()).unwrap();
                        for s in [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2), full, -full] {
                            let sum: Xyzz<$C> = bases.iter().map(|&b| Xyzz::from(b)).sum();
                            assert_eq!(msm.run(&vec![s; n]).unwrap(), sum * s);
                        }
                    }
                }
            }

            #[test]
            fn edge_scalars() {
                let two = Fr::from(2);
                let half = two.inverse().unwrap();
                let mut scalars = vec![
                    Fr::ZERO,
                    Fr::ONE,
                    -Fr::ONE,
                    half,
                    half - Fr::ONE,
                    -half,
                    -two,
                ];
                for k in [1u64, 15, 16, 31, 63, 64, 65, 128, 252, 253] {
                    let power = two.pow(&[k]);
                    scalars.extend([power, -power, power - Fr::ONE, power + Fr::ONE]);
                }
                for device in devices() {
                    check(&device, &random_points::<$C>(scalars.len()), &scalars);
                    check(&device, &progression::<$C>(scalars.len()), &scalars);
                }
            }

            #[test]
            fn equal_opposite_and_infinite_points() {
                let n = 150;
                let p = random_points::<$C>(1)[0];
                let equal = vec![p; n];
                let alternating: Vec<_> = (0..n).map(|i| if i % 2 == 0 { p } else { -p }).collect();
                let infinite = vec![Affine::INFINITY; n];
                for device in devices() {
                    for bases in [&equal, &alternating, &with_infinities(n), &infinite] {
                        check(&device, bases, &random_scalars(n));
                        check(&device, bases, &vec![Fr::from(77); n]);
                        check(&device, bases, &witness_like(n));
                    }
                }
            }

            /// Digits of every width up to those that are reduced by rows and columns, which may be as many.
            #[test]
            fn all_widths() {
                let n = 100;
                let (bases, scalars) = (with_infinities::<$C>(n), random_scalars(n));
                for device in devices() {
                    let widest = if is_gpu(&device) {
                        24
                    } else {
                        LARGE.ilog2() + 1
                    };
                    for width in 4..=widest {
                        check_with(&device, &bases, &scalars, &options(Some(width), 1, None));
                    }
                    for width in [0, 1, 3, 25, u32::MAX] {
                        let options = options(Some(width), 1, None);
                        assert!(DeviceMsm::new(&device, &bases, &options).is_err());
                    }
                }
            }

            /// Buckets of so many entries that their sums are added up in two rounds.
            #[test]
            fn long_buckets() {
                for device in devices() {
                    let n = if is_gpu(&device) { 1 << 20 } else { 5000 };
                    let bases = progression::<$C>(n);
                    let sum: Xyzz<$C> = {
                        // 3 + 5 + 7 + ... = n (n + 2).
                        let n = Fr::from(n as u64);
                        <$C as zkiln::curve::Curve>::GENERATOR * (n * (n + Fr::from(2)))
                    };
                    let options = options(Some(11), 1, None);
                    let msm = DeviceMsm::new(&device, &bases, &options).unwrap();
                    let s = -Fr::from(700);
                    assert_eq!(msm.run(&vec![s; n]).unwrap(), sum * s);
                }
            }

            #[test]
            fn batches() {
                let n = 90;
                let vectors = [
                    random_scalars(n),
                    witness_like(n),
                    vec![Fr::ZERO; n],
                    random_scalars(n),
                    vec![-Fr::ONE; n],
                ];
                let slices: Vec<&[Fr]> = vectors.iter().map(|v| &v[..]).collect();
                for device in devices() {
                    for bases in [random_points::<$C>(n), with_infinities(n)] {
                        let msm =
                            DeviceMsm::new(&device, &bases, &DeviceMsmOptions::default()).unwrap();
                        let expected: Vec<_> = vectors.iter().map(|v| naive(&bases, v)).collect();
                        assert_eq!(msm.run_batch(&slices).unwrap(), expected);
                        assert!(msm.run_batch::<Fr>(&[]).unwrap().is_empty());

                        let stream = device.stream().unwrap();
                        let there = stream.upload(&vectors.concat()).unwrap();
                        let pending = msm.run_batch_on(&stream, there.as_slice(), 5).unwrap();
                        assert_eq!(pending.wait().unwrap(), expected);

                        // In less memory than they would take at once.
                        let memory = msm.memory() + msm.scratch_from_host(5).unwrap();
                        for parts in [2, 3] {
                            let options = options(None, 1, Some(memory / parts));
                            let msm = DeviceMsm::new(&device, &bases, &options).unwrap();
                            assert_eq!(msm.run_batch(&slices).unwrap(), expected);
                        }
                    }
                }
            }

            #[test]
            fn tables_of_multiples() {
                let n = 130;
                for device in devices() {
                    for bases in [random_points::<$C>(n), with_infinities(n)] {
                        let scalars = random_scalars(n);
                        for (width, multiples) in [(6, 2), (8, 3), (8, 5), (7, u32::MAX)] {
                            let options = options(Some(width), multiples, None);
                            check_with(&device, &bases, &scalars, &options);
                        }
                        check_with(&device, &bases, &scalars, &options(None, 8, None));
                    }
                    assert!(
                        DeviceMsm::new(&device, &random_points::<$C>(1), &options(None, 0, None))
                            .is_err()
                    );
                }
            }

            /// From all the memory that is wanted to too little: fewer windows at once, then bases that stay on
            /// the host and come in chunks.
            #[test]
            fn little_memory() {
                let n = 8000;
                let scalars = witness_like(n);
                for device in devices() {
                    for bases in [progression::<$C>(n), with_infinities(n)] {
                        let expected = Msm::new(bases.clone()).unwrap().run(&scalars).unwrap();
                        let with =
                            |memory| DeviceMsm::new(&device, &bases, &options(Some(4), 1, memory));
                        let msm = with(None).unwrap();
                        let table = msm.memory();
                        let all = table + msm.scratch_from_host(1).unwrap();
                        for (memory, fits, is_resident) in [
                            (all, true, true),
                            (all / 4, true, true),
                            (table, true, false),
                            (all / 100, false, false),
                        ] {
                            let msm = with(Some(memory)).unwrap();
                            assert_eq!(msm.memory() == table, is_resident, "{memory}");
                            let result = msm.run(&scalars);
                            assert_eq!(result.is_ok(), fits, "{memory}: {result:?}");
                            match result {
                                Ok(sum) => assert_eq!(sum, expected),
                                Err(error) => assert_eq!(error.code(), 11, "{error}"),
                            }
                        }
                    }
                }
            }

            #[test]
            fn memory_is_predicted() {
                let n = 2 * LARGE;
                let scalars = random_scalars(3 * n);
                let slices: Vec<&[Fr]> = scalars.chunks(n).collect();
                for device in devices() {
                    let before = device.memory().live;
                    for bases in [progression::<$C>(n), with_infinities(n)] {
                        let msm =
                            DeviceMsm::new(&device, &bases, &options(Some(7), 2, None)).unwrap();
                        let own = device.memory().live;
                        assert_eq!(own - before, msm.memory());
                        let peak = |work: &mut dyn FnMut()| {
                            device.reset_peak();
                            let live = device.memory().live;
                            work();
                            assert_eq!(device.memory().live, live);
                            device.memory().peak - live
                        };
                        let predicted = msm.scratch_from_host(3).unwrap();
                        let used = peak(&mut || {
                            let _ = msm.run_batch(&slices).unwrap();
                        });
                        assert_eq!(used, predicted);
                        let stream = device.stream().unwrap();
                        let there = stream.upload(slices[1]).unwrap();
                        let predicted = msm.scratch(1).unwrap();
                        let used = peak(&mut || {
                            let pending = msm.run_on(&stream, there.as_slice()).unwrap();
                            let _ = pending.wait().unwrap();
                        });
                        assert_eq!(used, predicted);
                    }
                }
            }

            #[test]
            fn several_plans_on_several_streams() {
                let n = 120;
                let scalars = random_scalars(n);
                for device in devices() {
                    let home = device.stream().unwrap();
                    let there = home.upload(&scalars).unwrap();
                    let plans: Vec<_> =
                        [random_points::<$C>(n), with_infinities(n), progression(n)]
                            .into_iter()
                            .map(|bases| {
                                let msm = Msm::new(bases).unwrap();
                                let expected = msm.run(&scalars).unwrap();
                                let options = DeviceMsmOptions::default();
                                (
                                    DeviceMsm::from_plan(&device, &msm, &options).unwrap(),
                                    expected,
                                )
                            })
                            .collect();
                    let pending: Vec<_> = plans
                        .iter()
                        .map(|(msm, expected)| {
                            let stream = device.stream().unwrap();
                            stream.after(&home).unwrap();
                            (msm.run_on(&stream, there.as_slice()).unwrap(), expected)
                        })
                        .collect();
                    // A sum that nobody waits for.
                    drop(plans[0].0.run_on(&home, there.as_slice()).unwrap());
                    for (pending, expected) in pending {
                        assert_eq!(pending.wait().unwrap(), *expected);
                    }
                }
            }

            #[test]
            fn contracts_are_checked() {
                for device in devices() {
                    let bases = with_infinities::<$C>(5);
                    let msm =
                        DeviceMsm::new(&device, &bases, &DeviceMsmOptions::default()).unwrap();
                    assert_eq!(msm.len(), 5);
                    assert!(msm.run(&[Fr::ONE; 4]).is_err());
                    assert!(msm.run_batch(&[&[Fr::ONE; 5][..], &[Fr::ONE; 6]]).is_err());
                    let one = Int::<4>::from_u64(1);
                    // Even where the base is infinity.
                    for bad in 0..5 {
                        let mut scalars = [one; 5];
                        scalars[bad] = Fr::MODULUS;
                        scalars[4] = if bad < 2 {
                            Int([u64::MAX; 4])
                        } else {
                            scalars[4]
                        };
                        let error = msm.run(&scalars).unwrap_err();
                        assert_eq!(error.code(), 8);
                        let named = format!("scalar {bad} ");
                        assert!(error.to_string().contains(&named), "{error}");
                        let error = msm.run_batch(&[&[one; 5], &scalars[..]]).unwrap_err();
                        assert!(error.to_string().contains("of vector 1 "), "{error}");
                    }
                    assert!(msm.run(&[one; 5]).is_ok());
                    let none = DeviceMsm::<$C>::new(&device, &[], &DeviceMsmOptions::default());
                    assert!(none.unwrap().run::<Fr>(&[]).unwrap().is_infinity());
                }
            }

            #[test]
            fn a_failed_allocation_is_an_error_and_no_more() {
                let n = 20;
                let (bases, scalars) = (with_infinities::<$C>(n), random_scalars(n));
                let expected = naive(&bases, &scalars);
                let mut failures = 0;
                for device in failing() {
                    let run = || {
                        let options = options(Some(5), 2, None);
                        DeviceMsm::new(&device, &bases, &options)?.run(&scalars)
                    };
                    match run() {
                        Ok(sum) => {
                            assert_eq!(sum, expected);
                            break;
                        }
                        Err(error) => assert_eq!(error.code(), 11, "{error}"),
                    }
                    failures += 1;
                    assert_eq!(device.memory().live, 0);
                    assert_eq!(run().unwrap(), expected);
                }
                assert!(failures >= 6, "{failures}");
            }

            /// Every kernel, with all accesses to memory watched.
            #[test]
            fn no_access_is_out_of_place() {
                let n = 40;
                let device = checked();
                let bases = with_infinities::<$C>(n);
                let mut scalars = random_scalars(n);
                scalars[10..30].fill(Fr::from(5));
                check_with(&device, &bases, &scalars, &options(Some(4), 1, None));
                check_with(&device, &bases, &scalars, &options(Some(6), 3, None));
                check_with(&device, &bases, &scalars, &options(Some(10), 16, None));
                let msm = DeviceMsm::new(&device, &bases, &options(Some(5), 1, None)).unwrap();
                let expected = naive(&bases, &scalars);
                let sums = msm.run_batch(&[&scalars, &scalars[..]]).unwrap();
                assert_eq!(sums, [expected; 2]);
            }
        }
    };
}

test_msm!(bn254_g1, G1, 1024);
test_msm!(bn254_g2, G2, 256);

/// Sizes for a GPU. The bases are known multiples of the generator, so the sum is known without an MSM.
#[test]
fn large() {
    for device in devices().into_iter().filter(is_gpu) {
        for log in [16, 18, 20, 22] {
            let n = (1 << log) + 1;
            let multiples: Vec<Fr> = (0..n as u64).map(|i| Fr::from(2 * i + 3)).collect();
            let bases = progression::<G1>(n);
            let plans = [1, 3, 16].map(|multiples| {
                DeviceMsm::new(&device, &bases, &options(None, multiples, None)).unwrap()
            });
            let full = random_scalars(1)[0];
            for scalars in [
                random_scalars(n),
                witness_like(n),
                vec![full; n],
                vec![Fr::ONE; n],
                (0..n as u64).map(Fr::from).collect(),
            ] {
                let sum: Fr = scalars.iter().zip(&multiples).map(|(&s, &m)| s * m).sum();
                let expected = <G1 as zkiln::curve::Curve>::GENERATOR * sum;
                for msm in &plans {
                    assert_eq!(msm.run(&scalars).unwrap(), expected, "2^{log}");
                }
            }
        }
    }
}
