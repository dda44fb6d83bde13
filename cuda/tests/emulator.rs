//! The emulator: what its words mean, and what it finds.

#![cfg(feature = "emulator")]

use zkiln_cuda::{Device, EmulatorOptions};

#[test]
fn kernels_add() {
    for checked in [false, true] {
        let mut options = EmulatorOptions::default();
        options.checked = checked;
        let device = Device::emulator_with(&options).unwrap();
        let stream = device.stream().unwrap();
        let n = 1000u32;
        let a: Vec<u32> = (0..n).collect();
        let b: Vec<u32> = (0..n).map(|i| i * i).collect();
        let device_a = stream.upload(&a).unwrap();
        let device_b = stream.upload(&b).unwrap();
        let mut sum = stream.alloc::<u32>(n as usize).unwrap();
        let call = stream.call("add").blocks(4).threads(256);
        let call = call.arg(&device_a).arg(&device_b).arg(&mut sum).arg(n);
        // SAFETY: three buffers of n elements, as the kernel takes them.
        unsafe { call.launch() }.unwrap();
        let sum = stream.download(&sum).unwrap();
        assert!(
            sum.iter()
                .zip(a.iter().zip(&b))
                .all(|(sum, (a, b))| *sum == a + b)
        );
    }
}
