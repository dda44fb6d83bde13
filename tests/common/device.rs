//! Where the tests of kernels run: on the emulator, or on a GPU with `ZKILN_TEST_DEVICE=cuda` in the
//! environment; there with `ZKILN_TEST_SIZES=small` at the emulator's sizes, for tools that make it slow.
#![allow(dead_code, unreachable_pub)] // each test binary uses a part

use zkiln::backend::{Device, EmulatorOptions, Kind};

/// The devices to run on: an emulator, or the first GPU.
pub fn devices() -> Vec<Device> {
    match std::env::var("ZKILN_TEST_DEVICE").as_deref() {
        Ok("cuda") => vec![Device::nvidia(0).expect("a GPU, as was asked for")],
        Ok(other) if other != "emulator" => panic!("no tests run on {other:?}"),
        _ => vec![Device::emulator().expect("an emulator")],
    }
}

/// Whether the device is a GPU, where sizes need not be small.
pub fn is_gpu(device: &Device) -> bool {
    device.info().kind == Kind::Nvidia
        && std::env::var("ZKILN_TEST_SIZES").as_deref() != Ok("small")
}

/// An emulator that watches every access to memory, many times slower.
pub fn checked() -> Device {
    let mut options = EmulatorOptions::default();
    options.checked = true;
    Device::emulator_with(&options).expect("an emulator")
}

/// Emulators of which one fails its first allocation, the next one its second, and so on.
pub fn failing() -> impl Iterator<Item = Device> {
    (0..).map(|allocation| {
        let mut options = EmulatorOptions::default();
        options.fail_allocation = Some(allocation);
        Device::emulator_with(&options).expect("an emulator")
    })
}
