//! Streams that wait until they must, and memory.

use std::thread;

use zkiln_cuda::{Device, Error, Result};

use crate::{SEEDS, numbers, options, run, sentence, stream};

/// Doubles on one stream, twice, what another stream has doubled; whether the second time it waits
/// for the other.
fn double(seed: u64, checked: bool, waits: bool) -> Result<Vec<u32>> {
    let device = Device::emulator_with(&options(checked, seed))?;
    let (first, second) = (device.stream()?, device.stream()?);
    let mut doubled = first.alloc::<u32>(64)?;
    let mut out = second.alloc::<u32>(64)?;
    for round in 0..2 {
        let values = first.upload(&numbers(64 + round)[round..])?;
        let call = first.call("faults_bounds").threads(64);
        let call = call.arg(&values).arg(&mut doubled).arg(64u32).arg(0u32);
        // SAFETY: two buffers of 64 numbers.
        unsafe { call.launch() }?;
        // Before its first use on a stream, memory is waited for in any case.
        if waits && round > 0 {
            second.after(&first)?;
        }
        let call = second.call("faults_bounds").threads(64);
        let call = call.arg(&doubled).arg(&mut out).arg(64u32).arg(0u32);
        run(&second, call)?;
    }
    second.download(&out)
}

#[test]
fn streams_that_do_not_wait_come_too_early() {
    let quadruple = |v: &u32| v.wrapping_mul(4);
    let want: Vec<u32> = numbers(65)[1..].iter().map(quadruple).collect();
    let before: Vec<u32> = numbers(64).iter().map(quadruple).collect();
    for seed in SEEDS {
        assert_eq!(double(seed, seed % 2 == 0, true).unwrap(), want);
    }
    let outcomes: Vec<_> = SEEDS
        .map(|seed| double(seed, false, false).unwrap())
        .collect();
    assert!(outcomes.contains(&want));
    assert!(outcomes.contains(&before));
    assert!(
        outcomes
            .iter()
            .all(|values| *values == want || *values == before)
    );
}

#[test]
fn events_measure_time() {
    let stream = stream(false, 0);
    let start = stream.record().unwrap();
    let counter = stream.zeros::<u32>(1).unwrap();
    let end = stream.record().unwrap();
    let error = end.since(&start).unwrap_err();
    assert!(matches!(error, Error::Driver { code: 600, .. }), "{error}");
    end.synchronize().unwrap();
    let milliseconds = end.since(&start).unwrap();
    assert!((0.0..10_000.0).contains(&milliseconds));
    assert_eq!(start.since(&end).unwrap(), -milliseconds);
    assert_eq!(stream.download(&counter).unwrap(), [0]);
}

#[test]
fn memory_has_a_limit() {
    let mut limited = options(false, 0);
    limited.memory = 1 << 20;
    let device = Device::emulator_with(&limited).unwrap();
    // The device keeps its own account; this is what the driver says.
    device.set_budget(u64::MAX);
    let stream = device.stream().unwrap();
    for _ in 0..3 {
        let half = stream.alloc::<u8>(1 << 19).unwrap();
        let error = stream.alloc::<u8>((1 << 19) + 1).unwrap_err();
        assert!(
            matches!(
                error,
                Error::OutOfMemory {
                    asked: 0x80001,
                    live: 0x80000,
                    ..
                }
            ),
            "{error}"
        );
        // Memory that waits to be freed makes room.
        drop(half);
        stream.alloc::<u8>(1 << 20).unwrap();
    }
}

#[test]
fn allocations_fail_when_told_to() {
    for failing in 0..3 {
        let mut options = options(false, 0);
        options.fail_allocation = Some(failing);
        let device = Device::emulator_with(&options).unwrap();
        let stream = device.stream().unwrap();
        for number in 0..4 {
            let outcome = stream.alloc::<u32>(16);
            assert_eq!(outcome.is_err(), number == failing);
            if let Err(error) = outcome {
                assert!(
                    matches!(error, Error::OutOfMemory { asked: 64, .. }),
                    "{error}"
                );
            }
        }
        stream.synchronize().unwrap();
    }
}

#[test]
fn there_is_no_kernel_of_that_name() {
    let stream = stream(false, 0);
    let error = run(&stream, stream.call("words")).unwrap_err();
    assert!(
        matches!(error, Error::Call { ref kernel, .. } if kernel == "words"),
        "{error}"
    );
}

#[test]
fn threads_of_the_host_share_a_device_or_have_their_own() {
    let shared = Device::emulator_with(&options(true, 1)).unwrap();
    let want: Vec<u32> = numbers(1024).into_iter().rev().collect();
    thread::scope(|scope| {
        for i in 0..8 {
            let (shared, want) = (&shared, &want);
            scope.spawn(move || {
                let own = Device::emulator_with(&options(true, i)).unwrap();
                let device = if i % 2 == 0 { shared } else { &own };
                let stream = device.stream().unwrap();
                for _ in 0..10 {
                    let values = stream.upload(&numbers(1024)).unwrap();
                    let mut out = stream.alloc::<u32>(1024).unwrap();
                    let call = stream.call("faults_barrier").threads(1024).shared(4096);
                    run(&stream, call.arg(&values).arg(&mut out).arg(0u32)).unwrap();
                    assert_eq!(stream.download(&out).unwrap(), *want);
                }
            });
        }
    });
}

#[test]
fn faults_end_only_their_own_device() {
    // On one thread of the host, one after another: nothing of the first is left.
    for seed in SEEDS {
        let broken = stream(true, seed);
        sentence(run(
            &broken,
            broken.call("faults_returned").threads(1024).arg(1u32),
        ));
        let sound = stream(true, seed);
        run(
            &sound,
            sound.call("faults_returned").threads(1024).arg(0u32),
        )
        .unwrap();
    }
}
