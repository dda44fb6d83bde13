//! Vectors, matrices and Groth16's steps on a device, against the CPU.

#[path = "common/device.rs"]
mod device;

use device::{checked, devices, failing, is_gpu};
use zkiln::Error;
use zkiln::backend::{Device, Slice, SliceMut, Stream};
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::ntt::{DeviceNtt, Ntt};
use zkiln::poly::{DeviceMatrix, SparseMatrix, device as kernels};

/// Elements that look random, the same in every run, after 0, 1, -1 and the one of the largest limbs.
fn elements(n: usize, seed: u64) -> Vec<Fr> {
    let mut state = Fr::from(seed) + Fr::GENERATOR;
    let next = |_| {
        state = state.square() + Fr::from(7);
        state
    };
    let first = [Fr::ZERO, Fr::ONE, -Fr::ONE, largest()];
    first.into_iter().chain((4..).map(next)).take(n).collect()
}

/// The element whose Montgomery limbs are `p - 1`.
fn largest() -> Fr {
    let mut limbs = Fr::MODULUS.0;
    limbs[0] -= 1;
    Fr::from_montgomery(limbs).expect("below p")
}

fn is_refused<T>(outcome: zkiln::Result<T>) -> bool {
    matches!(outcome, Err(Error::Argument(_)))
}

/// An operation on two vectors, on the device and on the CPU.
type Operation = (OnDevice, fn(Fr, Fr) -> Fr);
type OnDevice = fn(&Stream, Slice<'_, Fr>, Slice<'_, Fr>, SliceMut<'_, Fr>) -> zkiln::Result<()>;

#[test]
fn operations_on_vectors_agree_with_the_cpu() {
    let operations: [Operation; 6] = [
        (kernels::add, |a, b| a + b),
        (kernels::sub, |a, b| a - b),
        (kernels::mul, |a, b| a * b),
        (
            |stream, a, _, out| kernels::square(stream, a, out),
            |a, _| a.square(),
        ),
        (
            |stream, a, _, out| kernels::scale(stream, a, largest(), out),
            |a, _| a * largest(),
        ),
        (
            |stream, a, _, out| kernels::inverse(stream, a, out),
            |a, _| a.inverse().unwrap_or(Fr::ZERO),
        ),
    ];
    for device in devices() {
        let stream = device.stream().unwrap();
        let large = if is_gpu(&device) { 300_000 } else { 1000 };
        for n in [0, 1, 5, 256, 300, large] {
            let (left, mut right) = (elements(n, 1), elements(n, 2));
            right.reverse();
            let a = stream.upload(&left).unwrap();
            let b = stream.upload(&right).unwrap();
            for (i, (on_device, on_cpu)) in operations.iter().enumerate() {
                let mut out = stream.alloc(n).unwrap();
                on_device(&stream, a.as_slice(), b.as_slice(), out.as_mut_slice()).unwrap();
                let expected = left.iter().zip(&right).map(|(&a, &b)| on_cpu(a, b));
                let out = stream.download(&out).unwrap();
                assert!(
                    out == expected.collect::<Vec<_>>(),
                    "{n} elements, operation {i}"
                );
            }
        }
        let short = stream.upload(&elements(3, 1)).unwrap();
        let long = stream.upload(&elements(4, 1)).unwrap();
        for (operation, _) in operations {
            let mut out = stream.alloc(4).unwrap();
            let outcome = operation(
                &stream,
                short.as_slice(),
                long.as_slice(),
                out.as_mut_slice(),
            );
            assert!(is_refused(outcome));
        }
    }
}

#[test]
fn integers_become_elements_and_back() {
    for device in devices() {
        let stream = device.stream().unwrap();
        for n in [0, 1, 700] {
            let values = elements(n, 3);
            let integers: Vec<Int<4>> = values.iter().map(|v| v.to_canonical()).collect();
            let source = stream.upload(&integers).unwrap();
            let mut wires = stream.alloc(n).unwrap();
            let refused = kernels::wires(&stream, source.as_slice(), wires.as_mut_slice()).unwrap();
            refused.check(&stream).unwrap();
            assert!(stream.download(&wires).unwrap() == values);
            let mut back = stream.alloc(n).unwrap();
            kernels::to_canonical(&stream, wires.as_slice(), back.as_mut_slice()).unwrap();
            assert!(stream.download(&back).unwrap() == integers);
        }
    }
}

#[test]
fn integers_from_the_modulus_on_are_refused() {
    let mut below = Fr::MODULUS;
    below.0[0] -= 1;
    for device in devices() {
        let stream = device.stream().unwrap();
        for wrong in [
            Fr::MODULUS,
            Int([u64::MAX; 4]),
            Int([0, 0, 0, Fr::MODULUS.0[3] + 1]),
        ] {
            let mut integers = vec![below; 600];
            integers[300] = wrong;
            integers[555] = wrong;
            let source = stream.upload(&integers).unwrap();
            let mut wires = stream.alloc(600).unwrap();
            let refused = kernels::wires(&stream, source.as_slice(), wires.as_mut_slice()).unwrap();
            let error = refused.check(&stream).unwrap_err();
            assert!(error.to_string().contains("place 300 "), "{error}");
        }
        let source = stream.upload(&[below; 2]).unwrap();
        let mut wires = stream.alloc(3).unwrap();
        let outcome = kernels::wires(&stream, source.as_slice(), wires.as_mut_slice());
        assert!(is_refused(outcome));
    }
}

/// A matrix whose rows have these numbers of entries, with many values of 1 and -1.
fn matrix(columns: u32, lens: &[usize], seed: u64) -> SparseMatrix<Fr> {
    let palette = [Fr::ONE, -Fr::ONE, Fr::ZERO, largest(), Fr::from(2)];
    let mut number = seed;
    let mut below = |bound: u64| {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (number >> 33) % bound
    };
    let mut entries = Vec::new();
    for (row, &len) in lens.iter().enumerate() {
        for i in 0..len {
            let value = if i % 7 == 3 {
                Fr::from(below(50) + seed)
            } else {
                palette[below(5) as usize]
            };
            entries.push(Ok((row as u32, below(u64::from(columns)) as u32, value)));
        }
    }
    SparseMatrix::from_entries(lens.len(), columns as usize, entries.into_iter()).unwrap()
}

fn check_product(device: &Device, matrices: &[&SparseMatrix<Fr>]) {
    let live = device.memory().live;
    let stream = device.stream().unwrap();
    let on_device = DeviceMatrix::stacked(device, matrices).unwrap();
    assert!(device.memory().live - live <= DeviceMatrix::memory(matrices));
    let vector = elements(on_device.columns(), 4);
    let mut expected = Vec::new();
    for matrix in matrices {
        let mut product = vec![Fr::ZERO; matrix.rows()];
        matrix.mul_vec(&vector, &mut product).unwrap();
        expected.extend(product);
    }
    assert_eq!(on_device.rows(), expected.len());
    let vector = stream.upload(&vector).unwrap();
    let mut product = stream.alloc(expected.len()).unwrap();
    on_device.mul_on(&stream, &vector, &mut product).unwrap();
    let product = stream.download(&product).unwrap();
    let wrong = (0..expected.len()).find(|&row| product[row] != expected[row]);
    assert_eq!(wrong, None, "the first wrong row");
}

#[test]
fn products_of_matrices_agree_with_the_cpu() {
    for device in devices() {
        let empty = matrix(3, &[], 1);
        let no_entries = matrix(5, &[0; 7], 1);
        let short = matrix(5, &[1, 0, 2, 32, 7, 0, 0, 31], 2);
        let long = matrix(5, &[0, 33, 1, 1024, 2, 1025, 0, 2500, 40], 3);
        let many = matrix(700, &[3; 600], 4);
        for one in [&empty, &no_entries, &short, &long, &many] {
            check_product(&device, &[one]);
        }
        check_product(&device, &[]);
        check_product(&device, &[&short, &long]);
        check_product(&device, &[&long, &no_entries, &long, &short]);
        if is_gpu(&device) {
            let lens: Vec<usize> = (0..100_000).map(|i| i % 50).collect();
            let large = matrix(90_000, &lens, 5);
            let one_row = matrix(90_000, &[3_000_000], 6);
            check_product(&device, &[&large, &one_row, &large]);
        }
    }
}

#[test]
fn contracts_of_matrices_are_checked() {
    for device in devices() {
        let stream = device.stream().unwrap();
        let (a, b) = (matrix(5, &[2, 2], 1), matrix(6, &[2, 2], 1));
        assert!(is_refused(DeviceMatrix::stacked(&device, &[&a, &b])));
        let on_device = DeviceMatrix::new(&device, &a).unwrap();
        for (columns, rows) in [(4, 2), (6, 2), (5, 1), (5, 3)] {
            let vector = stream.zeros(columns).unwrap();
            let mut product = stream.zeros(rows).unwrap();
            assert!(is_refused(on_device.mul_on(&stream, &vector, &mut product)));
        }
    }
}

/// From the products with the matrices to the quotient, as `CpuEngine` does it.
fn check_quotient(device: &Device, log_n: u32) {
    let n = 1 << log_n;
    let (mut a, mut b) = (elements(n, 5), elements(n, 6));
    b.reverse();
    let stream = device.stream().unwrap();
    let mut columns = stream.zeros(3 * n).unwrap();
    stream.write(columns.slice_mut(..n), &a).unwrap();
    stream.write(columns.slice_mut(n..2 * n), &b).unwrap();
    kernels::products(&stream, columns.as_mut_slice()).unwrap();
    let mut c: Vec<Fr> = a.iter().zip(&b).map(|(&a, &b)| a * b).collect();
    assert!(stream.download(columns.slice(2 * n..)).unwrap() == c);

    let plan = DeviceNtt::new(device, log_n).unwrap();
    plan.extend_to_odd_coset_unscaled_on(&stream, &mut columns)
        .unwrap();
    kernels::quotient(&stream, columns.as_mut_slice()).unwrap();
    let plan = Ntt::<Fr>::new(log_n).unwrap();
    plan.extend_to_odd_coset_unscaled(&mut [&mut a, &mut b, &mut c])
        .unwrap();
    let n_inverse = plan.n_inverse();
    let expected: Vec<Fr> = (0..n)
        .map(|i| (a[i] * b[i] * n_inverse - c[i]) * n_inverse)
        .collect();
    assert!(stream.download(columns.slice(..n)).unwrap() == expected);
}

#[test]
fn quotients_agree_with_the_cpu() {
    for device in devices() {
        let sizes: &[u32] = if is_gpu(&device) {
            &[0, 1, 5, 12, 20]
        } else {
            &[0, 1, 5, 9]
        };
        for &log_n in sizes {
            check_quotient(&device, log_n);
        }
        let stream = device.stream().unwrap();
        for wrong in [1, 2, 4, 9, 15] {
            let mut columns = stream.zeros(wrong).unwrap();
            if wrong % 3 != 0 {
                assert!(is_refused(kernels::products(
                    &stream,
                    columns.as_mut_slice()
                )));
            }
            assert!(is_refused(kernels::quotient(
                &stream,
                columns.as_mut_slice()
            )));
        }
    }
}

/// The largest values that the division by a power of two can meet.
#[test]
fn division_by_n_is_exact() {
    for device in devices() {
        let stream = device.stream().unwrap();
        for log_n in [0, 1, 2, 7, 10] {
            let n = 1 << log_n;
            let mut columns = stream.upload(&vec![largest(); 3 * n]).unwrap();
            kernels::quotient(&stream, columns.as_mut_slice()).unwrap();
            let n_inverse = Fr::from(n as u64).inverse().unwrap();
            let value = (largest() * largest() * n_inverse - largest()) * n_inverse;
            assert!(stream.download(columns.slice(..n)).unwrap() == vec![value; n]);
        }
    }
}

#[test]
fn nothing_is_read_or_written_that_must_not_be() {
    let device = checked();
    let matrices = [matrix(5, &[0, 33, 1], 7), matrix(5, &[1100], 8)];
    check_product(&device, &[&matrices[0], &matrices[1]]);
    check_quotient(&device, 3);
}

#[test]
fn failed_allocations_are_errors() {
    let matrix = matrix(5, &[2, 40], 9);
    let run = |device: &Device| -> zkiln::Result<()> {
        let stream = device.stream()?;
        let matrix = DeviceMatrix::new(device, &matrix)?;
        let vector = stream.zeros(5)?;
        let mut product = stream.zeros(2)?;
        matrix.mul_on(&stream, &vector, &mut product)
    };
    let mut failures = 0;
    for device in failing() {
        let outcome = run(&device);
        assert_eq!(device.memory().live, 0);
        match outcome {
            Ok(()) => break,
            Err(error) => assert_eq!(error.code(), 11, "{error}"),
        }
        failures += 1;
    }
    // Offsets, entries and values, two lists of long rows, two vectors, the sums of long rows.
    assert_eq!(failures, 8);
}
