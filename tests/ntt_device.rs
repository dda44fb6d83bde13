//! Transforms on a device against those of the CPU, which are tested against arkworks.

#[path = "common/device.rs"]
mod device;

use device::{checked, devices, failing, is_gpu};
use zkiln::Error;
use zkiln::backend::Device;
use zkiln::field::{Field, Fr, PrimeField};
use zkiln::ntt::{BitReversed, DeviceNtt, Natural, Ntt, Order};

/// Elements that look random, the same in every run.
fn elements(n: usize, seed: u64) -> Vec<Fr> {
    let mut state = Fr::from(seed) + Fr::GENERATOR;
    let next = |_| {
        state = state.square() + Fr::from(7);
        state
    };
    (0..n).map(next).collect()
}

/// The element whose Montgomery limbs are `p - 1`.
fn largest() -> Fr {
    let mut limbs = Fr::MODULUS.0;
    limbs[0] -= 1;
    Fr::from_montgomery(limbs).expect("below p")
}

/// Inputs whose sums are as large as sums can be.
fn extremes(n: usize) -> Vec<Vec<Fr>> {
    let every_second = |i: usize| [largest(), Fr::ZERO][i % 2];
    let first_half = |i: usize| [largest(), Fr::ZERO][(2 * i / n).min(1)];
    vec![
        vec![Fr::ZERO; n],
        vec![largest(); n],
        vec![-Fr::ONE; n],
        (0..n).map(every_second).collect(),
        (0..n).map(first_half).collect(),
    ]
}

/// A plan on a device and one on the CPU.
struct Plans {
    device: DeviceNtt,
    cpu: Ntt<Fr>,
}

impl Plans {
    fn new(device: &Device, log_n: u32) -> Self {
        Self {
            device: DeviceNtt::new(device, log_n).unwrap(),
            cpu: Ntt::new(log_n).unwrap(),
        }
    }

    fn with_passes(device: &Device, levels: &[u32]) -> Self {
        let log_n = levels.iter().sum();
        Self {
            device: DeviceNtt::with_passes(device, log_n, levels).unwrap(),
            cpu: Ntt::new(log_n).unwrap(),
        }
    }

    /// What the CPU makes of each transform in `data`.
    fn on_cpu(&self, data: &[Fr], f: impl Fn(&mut [Fr])) -> Vec<Fr> {
        let mut data = data.to_vec();
        data.chunks_exact_mut(self.cpu.len()).for_each(f);
        data
    }

    /// All operations between all orders.
    fn check(&self, data: &[Fr]) {
        self.check_orders::<Natural, Natural>(data);
        self.check_orders::<Natural, BitReversed>(data);
        self.check_orders::<BitReversed, Natural>(data);
        self.check_orders::<BitReversed, BitReversed>(data);
        self.check_extension(data);
    }

    fn check_orders<I: Order, O: Order>(&self, data: &[Fr]) {
        let (cpu, device) = (&self.cpu, &self.device);
        let case = format!("2^{}, {} values", cpu.log_n(), data.len());

        let mut values = data.to_vec();
        device.forward::<I, O>(&mut values).unwrap();
        let expected = self.on_cpu(data, |data| cpu.forward::<I, O>(data).unwrap());
        assert!(values == expected, "forward, {case}");

        let mut values = data.to_vec();
        device.inverse::<I, O>(&mut values).unwrap();
        let expected = self.on_cpu(data, |data| cpu.inverse::<I, O>(data).unwrap());
        assert!(values == expected, "inverse, {case}");

        for shift in [Fr::GENERATOR, largest()] {
            let mut values = data.to_vec();
            device.coset_forward::<I, O>(shift, &mut values).unwrap();
            let expected = self.on_cpu(data, |data| {
                cpu.coset_forward::<I, O>(shift, data).unwrap();
            });
            assert!(values == expected, "coset forward, {case}");

            let mut values = data.to_vec();
            device.coset_inverse::<I, O>(shift, &mut values).unwrap();
            let expected = self.on_cpu(data, |data| {
                cpu.coset_inverse::<I, O>(shift, data).unwrap();
            });
            assert!(values == expected, "coset inverse, {case}");
        }
    }

    fn check_extension(&self, data: &[Fr]) {
        let stream = self.device.device().stream().unwrap();
        let mut columns = stream.upload(data).unwrap();
        self.device
            .extend_to_odd_coset_unscaled_on(&stream, &mut columns)
            .unwrap();
        let expected = self.on_cpu(data, |data| {
            self.cpu.extend_to_odd_coset_unscaled(&mut [data]).unwrap();
        });
        let extended = stream.download(&columns).unwrap();
        assert!(extended == expected, "extension 2^{}", self.cpu.log_n());
    }
}

#[test]
fn small_sizes_agree_with_the_cpu() {
    for device in devices() {
        for log_n in 0..=9 {
            let plans = Plans::new(&device, log_n);
            for batch in [1, 3, 600 >> log_n] {
                plans.check(&elements(batch << log_n, 1));
            }
        }
    }
}

#[test]
fn extreme_values_agree_with_the_cpu() {
    for device in devices() {
        for plans in [
            Plans::new(&device, 1),
            Plans::new(&device, 6),
            Plans::with_passes(&device, &[4, 3]),
        ] {
            for data in extremes(plans.cpu.len()) {
                plans.check(&data);
            }
        }
    }
}

#[test]
fn one_and_two_passes_agree_with_the_cpu() {
    for device in devices() {
        for log_n in 10..=13 {
            Plans::new(&device, log_n).check(&elements(1 << log_n, 2));
        }
    }
}

/// However the layers are divided, small tiles included.
#[test]
fn many_passes_agree_with_the_cpu() {
    for device in devices() {
        for levels in [
            &[1, 1][..],
            &[1, 2, 3],
            &[3, 2, 1],
            &[2, 2, 2],
            &[5, 1],
            &[1, 5],
            &[3, 3, 3],
            &[1, 1, 1, 1, 1, 1, 1],
            &[7, 2],
            &[2, 7],
            &[4, 3, 3],
        ] {
            let plans = Plans::with_passes(&device, levels);
            plans.check(&elements(2 * plans.cpu.len(), 3));
        }
    }
}

/// The smallest size that takes three passes of its own accord.
#[test]
fn three_passes_agree_with_the_cpu() {
    for device in devices() {
        let plans = Plans::new(&device, 21);
        let data = elements(1 << 21, 4);
        let mut values = data.clone();
        plans
            .device
            .coset_forward::<Natural, Natural>(Fr::GENERATOR, &mut values)
            .unwrap();
        let expected = plans.on_cpu(&data, |data| {
            plans
                .cpu
                .coset_forward::<Natural, Natural>(Fr::GENERATOR, data)
                .unwrap();
        });
        assert!(values == expected);
    }
}

#[test]
fn large_sizes_agree_with_the_cpu() {
    for device in devices().iter().filter(|device| is_gpu(device)) {
        for log_n in 14..=26 {
            Plans::new(device, log_n).check(&elements(1 << log_n, 4));
        }
        for log_n in [3, 10, 13, 16, 20] {
            Plans::new(device, log_n).check(&elements(5 << log_n, 5));
        }
    }
}

#[test]
fn nothing_is_read_or_written_that_must_not_be() {
    let device = checked();
    for plans in [
        Plans::new(&device, 0),
        Plans::new(&device, 2),
        Plans::new(&device, 8),
        Plans::with_passes(&device, &[3, 2, 3]),
    ] {
        plans.check_orders::<Natural, Natural>(&elements(3 * plans.cpu.len(), 6));
        plans.check_orders::<BitReversed, Natural>(&elements(plans.cpu.len(), 6));
        plans.check_extension(&elements(3 * plans.cpu.len(), 6));
    }
}

#[test]
fn one_plan_serves_many_streams() {
    for device in devices() {
        let plan = DeviceNtt::with_passes(&device, 7, &[4, 3]).unwrap();
        let coefficients = elements(plan.len(), 7);
        let work: Vec<_> = (0..4)
            .map(|_| {
                let stream = device.stream().unwrap();
                let mut data = stream.upload(&coefficients).unwrap();
                plan.forward_on::<Natural, Natural>(&stream, &mut data)
                    .unwrap();
                plan.inverse_on::<Natural, Natural>(&stream, &mut data)
                    .unwrap();
                (stream, data)
            })
            .collect();
        for (stream, data) in &work {
            assert!(stream.download(data).unwrap() == coefficients);
        }
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut data = coefficients.clone();
                    plan.forward::<Natural, BitReversed>(&mut data).unwrap();
                    plan.inverse::<BitReversed, Natural>(&mut data).unwrap();
                    assert!(data == coefficients);
                });
            }
        });
    }
}

#[test]
fn a_part_of_a_buffer_is_transformed_alone() {
    for device in devices() {
        let plans = Plans::new(&device, 4);
        let stream = device.stream().unwrap();
        let data = elements(64, 8);
        let mut buffer = stream.upload(&data).unwrap();
        let part = buffer.slice_mut(16..48);
        plans
            .device
            .forward_on::<Natural, Natural>(&stream, part)
            .unwrap();
        let middle = plans.on_cpu(&data[16..48], |data| {
            plans.cpu.forward::<Natural, Natural>(data).unwrap();
        });
        let expected = [&data[..16], &middle, &data[48..]].concat();
        assert!(stream.download(&buffer).unwrap() == expected);
    }
}

#[test]
fn memory_is_predicted() {
    for device in devices() {
        device.reset_peak();
        let plan = DeviceNtt::with_passes(&device, 8, &[4, 4]).unwrap();
        let stream = device.stream().unwrap();
        let table = DeviceNtt::memory(8).unwrap();
        assert_eq!(device.memory().live, table);
        let data = elements(2 * plan.len(), 9);
        let mut data = stream.upload(&data).unwrap();
        let live = device.memory().live;
        plan.coset_forward_on::<Natural, BitReversed>(&stream, Fr::GENERATOR, &mut data)
            .unwrap();
        let scratch = plan.scratch::<Natural, BitReversed>(data.len()) + plan.coset_scratch();
        assert_eq!(device.memory().peak, live + scratch);
        plan.coset_forward_on::<Natural, Natural>(&stream, Fr::GENERATOR, &mut data)
            .unwrap();
        let scratch = plan.scratch::<Natural, Natural>(data.len()) + plan.coset_scratch();
        assert_eq!(device.memory().peak, live + scratch);
        drop((plan, data));
        assert_eq!(device.memory().live, 0);

        device.set_budget(table - 1);
        let error = DeviceNtt::new(&device, 8).unwrap_err();
        assert_eq!(error.code(), 11, "{error}");
        assert_eq!(device.memory().live, 0);
    }
}

#[test]
fn failed_allocations_are_errors() {
    let run = |device: &Device| -> zkiln::Result<()> {
        let plan = DeviceNtt::with_passes(device, 4, &[2, 2])?;
        let mut data = elements(16, 10);
        plan.coset_inverse::<Natural, Natural>(Fr::GENERATOR, &mut data)
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
    assert_eq!(failures, 4); // the roots, the data, the powers, the scratch
}

#[test]
fn contracts_are_checked() {
    fn is_refused<T>(outcome: zkiln::Result<T>) -> bool {
        matches!(outcome, Err(Error::Argument(_)))
    }
    for device in devices() {
        let plan = DeviceNtt::new(&device, 3).unwrap();
        let stream = device.stream().unwrap();
        for wrong in [1, 7, 9] {
            let data = &mut vec![Fr::ONE; wrong][..];
            assert!(is_refused(plan.forward::<Natural, Natural>(data)));
            assert!(is_refused(plan.inverse::<Natural, BitReversed>(data)));
            let shift = Fr::GENERATOR;
            assert!(is_refused(
                plan.coset_forward::<Natural, Natural>(shift, data)
            ));
            assert!(is_refused(
                plan.coset_inverse::<Natural, Natural>(shift, data)
            ));
            let mut data = stream.upload(data).unwrap();
            assert!(is_refused(
                plan.extend_to_odd_coset_unscaled_on(&stream, &mut data)
            ));
        }
        let data = &mut [Fr::ONE; 8];
        assert!(is_refused(
            plan.coset_forward::<Natural, Natural>(Fr::ZERO, data)
        ));
        assert!(is_refused(
            plan.coset_inverse::<Natural, Natural>(Fr::ZERO, data)
        ));
        plan.forward::<Natural, Natural>(&mut []).unwrap();

        assert!(is_refused(DeviceNtt::new(&device, 29)));
        assert!(is_refused(DeviceNtt::new(&device, u32::MAX)));
        assert!(is_refused(DeviceNtt::memory(29)));
        for levels in [&[][..], &[2], &[3, 0], &[2, 2], &[u32::MAX, 4]] {
            assert!(is_refused(DeviceNtt::with_passes(&device, 3, levels)));
        }
        assert!(is_refused(DeviceNtt::with_passes(&device, 12, &[12])));
    }
    for device in devices().iter().filter(|device| is_gpu(device)) {
        let largest = DeviceNtt::new(device, Fr::TWO_ADICITY).unwrap();
        let stream = device.stream().unwrap();
        let mut data = stream.alloc::<Fr>(0).unwrap();
        assert!(is_refused(
            largest.extend_to_odd_coset_unscaled_on(&stream, &mut data)
        ));
    }
}
