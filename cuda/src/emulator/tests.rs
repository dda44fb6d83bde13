//! What cannot be asked for through the crate's own interface.

use core::ffi::c_void;

use super::EmulatorOptions;
use super::driver::Emulator;
use crate::driver::{Driver, Extent, Handle};
use crate::{Error, Result};

/// Seeds enough for an order to come out otherwise.
const SEEDS: core::ops::Range<u64> = 0..24;

const BLOCK: Extent = Extent {
    grid: [1; 3],
    block: 64,
    shared: 0,
};

fn emulator(checked: bool, seed: u64) -> Emulator {
    let options = EmulatorOptions {
        checked,
        seed,
        ..EmulatorOptions::default()
    };
    Emulator::new(&options).unwrap()
}

/// Queues a copy of `n` numbers, which the tests keep until it is done.
fn write(emulator: &Emulator, to: Handle, from: *const u32, n: usize, stream: Handle) {
    // SAFETY: as above.
    unsafe { emulator.copy_to_device(to, from.cast(), 4 * n, stream) }.unwrap();
}

fn read(emulator: &Emulator, from: Handle, n: usize, stream: Handle) -> Result<Vec<u32>> {
    let mut values = vec![0u32; n];
    let to = values.as_mut_ptr().cast();
    // SAFETY: the values are there until the copy is done, or will never be.
    unsafe { emulator.copy_to_host(to, from, 4 * n, stream) }?;
    emulator.synchronize(stream).map(|()| values)
}

fn launch(
    emulator: &Emulator,
    kernel: &str,
    extent: Extent,
    arguments: &mut [u64],
    stream: Handle,
) -> Result<()> {
    let kernel = emulator.kernel(kernel)?;
    let mut pointers: Vec<*mut c_void> = arguments
        .iter_mut()
        .map(|word| core::ptr::from_mut(word).cast())
        .collect();
    // SAFETY: the tests give what the kernel takes; integers of 32 bits lie at the beginning of a word
    // on machines that are little-endian.
    unsafe { emulator.launch(&kernel, extent, &mut pointers, stream) }
}

#[test]
fn grids_of_three_dimensions() {
    for checked in [false, true] {
        let emulator = emulator(checked, 3);
        let stream = emulator.create_stream().unwrap();
        let [x, y, z] = [3u64, 2, 4];
        let n = (x * y * z * 64) as usize;
        let out = emulator.alloc(16 * n, stream).unwrap();
        let extent = Extent {
            grid: [3, 2, 4],
            ..BLOCK
        };
        let arguments = &mut [out, x, y, z, 64];
        launch(&emulator, "words_place", extent, arguments, stream).unwrap();
        for (i, place) in read(&emulator, out, 4 * n, stream)
            .unwrap()
            .chunks(4)
            .enumerate()
        {
            let (block, thread) = (i as u64 / 64, i as u64 % 64);
            let want = [block % x, block / x % y, block / x / y, thread];
            assert_eq!(place, want.map(|v| v as u32));
        }
    }
}

#[test]
fn memory_of_the_host_that_is_used_again_too_early() {
    let mut late = 0;
    for seed in SEEDS {
        let emulator = emulator(false, seed);
        let [first, second] = [0; 2].map(|_| emulator.create_stream().unwrap());
        let memory = emulator.alloc(4, first).unwrap();
        let host = emulator.alloc_host(4).unwrap().cast::<u32>();
        // SAFETY: four bytes that nobody uses yet.
        unsafe { host.write(1) };
        write(&emulator, memory, host, 1, first);
        // The other stream says nothing about whether the copy is done.
        emulator.synchronize(second).unwrap();
        // SAFETY: four bytes, and the emulator copies when it is asked to wait, by this thread.
        unsafe { host.write(2) };
        late += u32::from(read(&emulator, memory, 1, first).unwrap() == [2]);
        // SAFETY: it is as it was allocated, and nothing is queued.
        unsafe { emulator.free_host(host.cast(), 4) };
    }
    assert_eq!(late, SEEDS.count() as u32);
}

#[cfg(not(zkiln_sanitized))]
#[test]
fn memory_is_allocated_and_freed_in_the_order_of_its_stream() {
    let mut outcomes = [0; 3];
    for seed in SEEDS {
        let emulator = emulator(true, seed);
        let [first, second] = [0; 2].map(|_| emulator.create_stream().unwrap());
        let memory = emulator.alloc(256, first).unwrap();
        emulator.free(memory, first);
        // A launch on another stream comes before, in between or after.
        let arguments = &mut [memory, 0];
        launch(&emulator, "faults_blocks", BLOCK, arguments, second).unwrap();
        match emulator.synchronize(second) {
            Ok(()) => outcomes[1] += 1,
            Err(Error::Fault(sentence)) if sentence.contains("not allocated yet") => {
                outcomes[0] += 1
            }
            Err(Error::Fault(sentence)) if sentence.contains("no buffer") => outcomes[2] += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(outcomes.iter().all(|&count| count > 0), "{outcomes:?}");
}

#[test]
fn copies_beyond_the_end_of_memory() {
    for (copied, what) in [(8usize, "Write"), (12, "Read")] {
        let emulator = emulator(false, 0);
        let stream = emulator.create_stream().unwrap();
        let memory = emulator.alloc(8, stream).unwrap();
        let values = [1u32, 2, 3];
        write(
            &emulator,
            memory,
            values.as_ptr(),
            copied / 4 + usize::from(what == "Write"),
            stream,
        );
        let outcome = read(&emulator, memory, copied / 4, stream);
        assert!(matches!(outcome, Err(Error::Fault(_))), "{outcome:?}");
    }
}

#[test]
fn events_stand_for_what_they_recorded_last() {
    for seed in SEEDS {
        let emulator = emulator(false, seed);
        let [first, second] = [0; 2].map(|_| emulator.create_stream().unwrap());
        let memory = emulator.alloc(4, first).unwrap();
        let event = emulator.create_event().unwrap();
        // Nothing is waited for before an event is recorded.
        emulator.wait(second, event).unwrap();
        emulator.synchronize_event(event).unwrap();
        let values = [1u32, 2];
        write(&emulator, memory, &values[0], 1, first);
        emulator.record(event, first).unwrap();
        emulator.wait(second, event).unwrap();
        write(&emulator, memory, &values[1], 1, second);
        emulator.record(event, second).unwrap();
        // An event that somebody waits for may go.
        let other = emulator.create_event().unwrap();
        emulator.record(other, second).unwrap();
        emulator.wait(first, other).unwrap();
        emulator.destroy_event(other);
        emulator.synchronize_event(event).unwrap();
        assert_eq!(read(&emulator, memory, 1, first).unwrap(), [2]);
    }
}

#[test]
fn page_locked_memory_begins_at_a_page() {
    let emulator = emulator(false, 0);
    assert!(matches!(
        emulator.alloc_host(0),
        Err(Error::OutOfMemory { .. })
    ));
    assert!(matches!(
        emulator.alloc_host(usize::MAX),
        Err(Error::OutOfMemory { .. })
    ));
    let memory = emulator.alloc_host(100).unwrap();
    assert_eq!(memory as usize % 4096, 0);
    // SAFETY: it is as it was allocated, and nothing is queued.
    unsafe { emulator.free_host(memory, 100) };
}
