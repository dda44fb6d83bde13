//! The emulator: what CUDA's words mean there, and what it finds.

#![cfg(feature = "emulator")]

use zkiln_cuda::{Call, Device, EmulatorOptions, Error, Result, Stream};

#[cfg(not(zkiln_sanitized))]
mod faults;
#[cfg(not(zkiln_sanitized))]
mod races;
#[cfg(zkiln_sanitized)]
mod sanitized;
mod streams;
mod words;

/// Seeds enough for an order to come out otherwise.
const SEEDS: std::ops::Range<u64> = 0..24;

fn options(checked: bool, seed: u64) -> EmulatorOptions {
    let mut options = EmulatorOptions::default();
    options.checked = checked;
    options.seed = seed;
    options
}

fn stream(checked: bool, seed: u64) -> Stream {
    let device = Device::emulator_with(&options(checked, seed)).unwrap();
    device.stream().unwrap()
}

/// Streams on devices of their own, with and without checks, and with different orders.
fn streams() -> impl Iterator<Item = Stream> {
    (0..6).map(|i| stream(i % 2 == 1, i))
}

/// Queues a call and waits for it.
fn run(stream: &Stream, call: Call<'_>) -> Result<()> {
    // SAFETY: the emulator judges what the kernels of these tests do, and they write to `&mut` only.
    unsafe { call.launch() }?;
    stream.synchronize()
}

/// The sentence of a fault.
fn sentence(outcome: Result<()>) -> String {
    match outcome {
        Err(Error::Fault(sentence)) => sentence,
        other => panic!("no fault, but {other:?}"),
    }
}

/// Numbers without a pattern.
fn numbers(n: usize) -> Vec<u32> {
    (0..n as u32)
        .map(|i| (i + 1).wrapping_mul(2_654_435_761) ^ i.rotate_left(13))
        .collect()
}
