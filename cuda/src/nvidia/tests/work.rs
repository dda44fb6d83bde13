//! Streams, events, copies and launches.

use bytemuck::{Pod, Zeroable};

use super::fake::Fake;
use crate::{ByValue, Device, Error, Stream};

fn stream(fake: &Fake) -> Stream {
    fake.open(0).unwrap().stream().unwrap()
}

/// Adds one to each of `values`.
fn increment(stream: &Stream, values: &mut crate::Buffer<u32>) -> crate::Result<()> {
    let count = values.len() as u32;
    let call = stream.call("increment").threads(64).arg(values).arg(count);
    // SAFETY: as many values as are named.
    unsafe { call.launch() }
}

#[test]
fn copies_of_every_length() {
    let fake = Fake::new();
    let stream = stream(&fake);
    // Below, at and above one and two chunks of page-locked memory, which has 4 MiB each.
    for len in [
        0,
        1,
        7,
        1 << 20,
        (1 << 20) + 1,
        (2 << 20) - 1,
        (3 << 20) + 5,
    ] {
        let values: Vec<u32> = (0..len).map(|i: u32| i.wrapping_mul(0x9e37_79b9)).collect();
        let buffer = stream.upload(&values).unwrap();
        assert!(stream.download(&buffer).unwrap() == values, "{len}");
    }
}

#[test]
fn uploads_may_be_overwritten_at_once() {
    let fake = Fake::new();
    let stream = stream(&fake);
    let mut values = vec![1u64; 3 << 18];
    let first = stream.upload(&values).unwrap();
    values.fill(2);
    let second = stream.upload(&values).unwrap();
    values.fill(3);
    assert!(
        stream
            .download(&first)
            .unwrap()
            .iter()
            .all(|&value| value == 1)
    );
    assert!(
        stream
            .download(&second)
            .unwrap()
            .iter()
            .all(|&value| value == 2)
    );
}

#[test]
fn parts_zeros_and_copies_on_the_device() {
    let fake = Fake::new();
    let stream = stream(&fake);
    let mut buffer = stream.upload(&[1u32, 2, 3, 4, 5, 6]).unwrap();
    stream.zero(buffer.slice_mut(1..3)).unwrap();
    let other = stream.upload(&[7u32, 8]).unwrap();
    stream
        .copy(buffer.slice_mut(4..), other.as_slice())
        .unwrap();
    assert_eq!(stream.download(&buffer).unwrap(), [1, 0, 0, 4, 7, 8]);
    assert_eq!(stream.download(buffer.slice(3..=4)).unwrap(), [4, 7]);
    assert_eq!(
        stream.download(&stream.zeros::<u8>(3).unwrap()).unwrap(),
        [0; 3]
    );
    // Nothing of nothing.
    let mut none = stream.zeros::<u32>(0).unwrap();
    let some_more_of_it = stream.alloc::<u32>(0).unwrap();
    stream
        .copy(none.as_mut_slice(), some_more_of_it.as_slice())
        .unwrap();
    assert!(stream.download(&none).unwrap().is_empty());
    let error = stream
        .copy(none.as_mut_slice(), other.as_slice())
        .unwrap_err();
    assert_eq!(error.to_string(), "a copy of 2 values to a place for 0");
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Scale {
    factor: u64,
    count: u32,
    padding: u32,
}

#[test]
fn launches() {
    let fake = Fake::new();
    let stream = stream(&fake);
    let mut values = stream.upload(&[1u32, 2, 3]).unwrap();
    increment(&stream, &mut values).unwrap();
    let scale = Scale {
        factor: 10,
        count: 3,
        padding: 0,
    };
    let call = stream
        .call("scale")
        .blocks(70_000)
        .rows(2)
        .threads(96)
        .shared(32 << 10);
    let call = call.arg(&mut values).arg(ByValue(scale));
    // SAFETY: three values, as the struct says.
    unsafe { call.launch() }.unwrap();
    assert_eq!(stream.download(&values).unwrap(), [20, 30, 40]);
    fake.line("launch increment 1x1x1 of 64, 0 shared, s1");
    fake.line("launch scale 70000x2x1 of 96, 32768 shared, s1");
    // No blocks, no launch.
    // SAFETY: the kernel takes nothing.
    unsafe { stream.call("nothing").blocks(0).launch() }.unwrap();
    assert_eq!(fake.count("launch nothing"), 0);
}

#[test]
fn calls_that_do_not_fit() {
    let fake = Fake::new();
    let stream = stream(&fake);
    let launch = |call: crate::Call<'_>| {
        // SAFETY: it is refused.
        unsafe { call.launch() }.unwrap_err().to_string()
    };
    assert_eq!(
        launch(stream.call("absent")),
        "kernel absent: there is no such kernel"
    );
    // One that is listed, but not in the binary.
    assert_eq!(
        launch(stream.call("missing")),
        "kernel missing: there is no such kernel"
    );
    assert_eq!(
        launch(stream.call("increment").arg(1u32).arg(2u32)),
        "kernel increment: its parameters have [8, 4] bytes, it was given [4, 4]"
    );
    assert_eq!(
        launch(stream.call("nothing").rows(1 << 16)),
        "kernel nothing: a grid of [1, 65536, 1] blocks"
    );
    // More shared memory than a block can have.
    assert_eq!(
        launch(stream.call("nothing").shared(228 << 10)),
        "cuFuncSetAttribute: invalid argument (CUDA_ERROR_INVALID_VALUE, 1)"
    );
}

#[test]
fn shared_memory_beyond_the_default() {
    let fake = Fake::new();
    let stream = stream(&fake);
    for bytes in [48 << 10, 100 << 10, 64 << 10, 200 << 10] {
        // SAFETY: the kernel takes nothing.
        unsafe { stream.call("nothing").shared(bytes).launch() }.unwrap();
    }
    // It is asked for where it is needed, and never lowered.
    let log = fake.log();
    let asked: Vec<_> = log
        .iter()
        .filter(|line| line.starts_with("shared"))
        .collect();
    assert_eq!(asked, ["shared nothing 102400", "shared nothing 204800"]);
}

#[test]
fn order_between_streams() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let (first, second) = (device.stream().unwrap(), device.stream().unwrap());
    let mut values = first.upload(&[5u32; 4]).unwrap();
    increment(&first, &mut values).unwrap();
    let start = first.record().unwrap();
    assert!(matches!(
        start.since(&start),
        Err(Error::Driver {
            call: "cuEventElapsedTime",
            code: 600,
            ..
        })
    ));
    second.after(&first).unwrap();
    increment(&second, &mut values).unwrap();
    let end = second.record().unwrap();
    // Waiting for the second makes the first run.
    end.synchronize().unwrap();
    assert!(end.since(&start).unwrap() > 0.0);
    first.after(&second).unwrap();
    assert_eq!(first.download(&values).unwrap(), [7; 4]);
    first.after(&first).unwrap();
}

#[test]
fn devices_do_not_mix() {
    let fake = Fake::new();
    let (here, there) = (stream(&fake), fake.open(1).unwrap().stream().unwrap());
    let mut buffer = here.upload(&[1u32]).unwrap();
    let event = here.record().unwrap();
    let errors = [
        there.download(&buffer).unwrap_err(),
        there.wait(&event).unwrap_err(),
        there.record().unwrap().since(&event).unwrap_err(),
        increment(&there, &mut buffer).unwrap_err(),
    ];
    for error in &errors {
        assert!(matches!(error, Error::Argument(_)), "{error:?}");
    }
    assert_eq!(
        errors[0].to_string(),
        "a buffer on Fake 0 was used on Fake 1"
    );
}

#[test]
fn failed_launches() {
    let fake = Fake::new();
    let stream = stream(&fake);
    let mut values = stream.zeros(8).unwrap();
    fake.set("launch_code", 209);
    let error = increment(&stream, &mut values).unwrap_err();
    assert!(matches!(error, Error::NoKernels { .. }));
    fake.set("launch_code", 1);
    let error = increment(&stream, &mut values).unwrap_err();
    assert!(matches!(
        error,
        Error::Driver {
            call: "cuLaunchKernel",
            code: 1,
            ..
        }
    ));
    fake.set("launch_code", 0);
    assert_eq!(stream.download(&values).unwrap(), [0; 8]);
}

#[test]
fn failures_of_kernels_are_told_to_whoever_waits() {
    let fake = Fake::new();
    let device: Device = fake.open(0).unwrap();
    let stream = device.stream().unwrap();
    let mut values = stream.zeros::<u32>(8).unwrap();
    let call = stream.call("increment").arg(&mut values).arg(9u32);
    // SAFETY: the fake looks after its memory, and this is one value too many.
    unsafe { call.launch() }.unwrap();
    let error = stream.download(&values).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cuEventSynchronize: an illegal memory access was encountered \
         (CUDA_ERROR_ILLEGAL_ADDRESS, 700)"
    );
    // The device is lost: everything fails, nothing hangs, and all can be dropped.
    assert!(matches!(
        stream.synchronize(),
        Err(Error::Driver { code: 700, .. })
    ));
    assert!(device.stream().is_err());
    assert!(stream.alloc::<u32>(1).is_err());
}
