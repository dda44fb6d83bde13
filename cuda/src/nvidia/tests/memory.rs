//! Device memory: its account, and the order in which it is freed.

use super::fake::Fake;
use crate::{Buffer, Error, MemoryUse};

const MIB: u64 = 1 << 20;

#[test]
fn the_account() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let stream = device.stream().unwrap();
    let memory = |live, peak| MemoryUse {
        budget: 64 * MIB,
        live,
        peak,
    };
    assert_eq!(device.memory(), memory(0, 0));
    let first = stream.alloc::<u64>(1000).unwrap();
    let second = stream.alloc::<u8>(24).unwrap();
    assert_eq!(device.memory(), memory(8024, 8024));
    drop(first);
    assert_eq!(device.memory(), memory(24, 8024));
    device.reset_peak();
    assert_eq!(device.memory(), memory(24, 24));
    drop(second);
    assert_eq!(device.memory(), memory(0, 24));
}

#[test]
fn budgets() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let stream = device.stream().unwrap();
    // What is freed may be kept up to the budget.
    fake.line(&format!("keep {}", 64 * MIB));
    device.set_budget(MIB);
    fake.line(&format!("keep {MIB}"));
    let held = stream.alloc::<u8>(600 << 10).unwrap();
    device.check_room(424 << 10).unwrap();
    let error = device.check_room((424 << 10) + 1).unwrap_err();
    assert!(matches!(error, Error::OutOfMemory { .. }));
    let error = stream.alloc::<u8>(500 << 10).unwrap_err();
    assert_eq!(
        error.to_string(),
        "out of device memory: 512000 bytes asked for, 614400 of 1048576 in use"
    );
    assert_eq!(fake.count("alloc"), 1);
    // A budget below what is in use leaves it there.
    device.set_budget(0);
    assert!(stream.alloc::<u8>(1).is_err());
    drop(held);
    device.set_budget(MIB);
    assert!(stream.alloc::<u8>(MIB as usize).is_ok());
    assert_eq!(device.memory().peak, MIB);
    assert!(matches!(
        stream.alloc::<u64>(usize::MAX / 4),
        Err(Error::Argument(_))
    ));
}

#[test]
fn memory_that_others_have_is_not_in_the_budget() {
    let fake = Fake::new();
    let first = fake.open(0).unwrap();
    let stream = first.stream().unwrap();
    let _held = stream.alloc::<u8>(10 << 20).unwrap();
    assert_eq!(fake.open(0).unwrap().memory().budget, 54 * MIB);
}

#[test]
fn a_driver_without_memory() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let stream = device.stream().unwrap();
    // Once: what the driver kept is given back, and it is asked again.
    fake.set("fail_at", 0);
    let held = stream.alloc::<u8>(1024).unwrap();
    let trim = fake.line("trim 0");
    assert_eq!(fake.line("synchronize all") + 1, trim);
    assert!(fake.line("alloc m1 1024 s1") > trim);
    // For good.
    fake.set("fail_times", 100);
    let error = stream.alloc::<u8>(4096).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "out of device memory: 4096 bytes asked for, 1024 of {} in use",
            64 * MIB
        )
    );
    // The account has what is there, and its peak what was.
    assert_eq!((device.memory().live, device.memory().peak), (1024, 1024));
    drop(held);
    assert_eq!(device.memory().live, 0);
}

#[test]
fn page_locked_memory_that_is_not_to_be_had() {
    let fake = Fake::new();
    let stream = fake.open(0).unwrap().stream().unwrap();
    fake.set("host_code", 2);
    let error = stream.upload(&[1u32]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cuMemHostAlloc: out of memory (CUDA_ERROR_OUT_OF_MEMORY, 2)"
    );
    fake.set("host_code", 0);
    let buffer = stream.upload(&[1u32]).unwrap();
    assert_eq!(stream.download(&buffer).unwrap(), [1]);
}

#[test]
fn buffers_outlive_their_use_on_every_stream() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let [home, second, third] = [(); 3].map(|()| device.stream().unwrap());
    let mut values = home.upload(&[0u32; 16]).unwrap();
    for stream in [&second, &third] {
        stream.after(&home).unwrap();
        let call = stream.call("increment").arg(&mut values).arg(16u32);
        // SAFETY: sixteen values.
        unsafe { call.launch() }.unwrap();
    }
    // Nothing has run yet; it is freed after both launches nevertheless.
    drop(values);
    let waits = fake.log();
    let free = fake.line("free m1 s1");
    let waited: Vec<&String> = waits[..free]
        .iter()
        .filter(|line| line.starts_with("wait s1"))
        .collect();
    assert_eq!(waited.len(), 2, "{waits:#?}");
    home.synchronize().unwrap();
    second.synchronize().unwrap();
    third.synchronize().unwrap();
}

#[test]
fn memory_is_there_before_another_stream_uses_it() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let [home, guest] = [(); 2].map(|()| device.stream().unwrap());
    let mut values = home.alloc::<u32>(16).unwrap();
    // What had this memory before may still be at work on its own stream.
    let call = guest.call("increment").arg(&mut values).arg(16u32);
    // SAFETY: sixteen values.
    unsafe { call.launch() }.unwrap();
    let log = fake.log();
    let launch = fake.line("launch increment 1x1x1 of 32, 0 shared, s2");
    assert!(log[..launch].iter().any(|line| line.starts_with("wait s2")));
    // It is waited for once.
    let waits = fake.count("wait s2");
    guest.zero(values.as_mut_slice()).unwrap();
    assert_eq!(fake.count("wait s2"), waits);
}

#[test]
fn streams_end_before_their_memory() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let stream = device.stream().unwrap();
    let buffer = stream.upload(&[1u64; 64]).unwrap();
    drop(stream);
    drop(device);
    // The buffer has the stream, and the stream has the device.
    assert_eq!(fake.count("destroy"), 0);
    assert_eq!(buffer.stream().download(&buffer).unwrap(), [1; 64]);
    drop(buffer);
    assert!(fake.line("free m1 s1") < fake.line("destroy s1"));
    assert_eq!(fake.log().last().unwrap(), "release 0");
}

#[test]
fn secrets_do_not_stay_behind() {
    const SECRET: u64 = 0x0123_4567_89ab_cdef;
    let fake = Fake::new();
    let stream = fake.open(0).unwrap().stream().unwrap();
    // What is no secret stays where it is: the search finds what is there.
    let public = stream.upload(&[!SECRET]).unwrap();
    stream.synchronize().unwrap();
    assert!(fake.has("host", !SECRET) && fake.has("device", !SECRET));

    // More than both chunks, one chunk and a bit, and one value.
    for len in [(1 << 20) + 3, (1 << 19) + 1, 1] {
        let values = vec![SECRET; len];
        let buffer = stream.upload_secret(&values).unwrap();
        assert!(!fake.has("host", SECRET) && fake.has("device", SECRET));
        assert!(stream.download(&buffer).unwrap() == values);
        assert_eq!(stream.download(buffer.slice(len - 1..)).unwrap(), [SECRET]);
        assert!(!fake.has("host", SECRET));
        drop(buffer);
        stream.synchronize().unwrap();
        assert!(!fake.has("device", SECRET));
    }
    drop(public);
    stream.synchronize().unwrap();
    assert!(fake.has("device", !SECRET));
}

#[test]
fn secrets_do_not_stay_behind_after_a_failure() {
    const SECRET: u64 = 0x0123_4567_89ab_cdef;
    let fake = Fake::new();
    let stream = fake.open(0).unwrap().stream().unwrap();
    let mut values = stream.zeros::<u32>(1).unwrap();
    let call = stream.call("increment").arg(&mut values).arg(2u32);
    // SAFETY: the fake looks after its memory, and this is one value too many.
    unsafe { call.launch() }.unwrap();
    let result = stream.upload_secret(&[SECRET; 1000]);
    assert!(!fake.has("host", SECRET));
    drop(result);
    assert!(stream.synchronize().is_err());
}

/// Another library's array.
#[test]
fn foreign_memory_is_used_and_not_freed() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let (theirs, ours) = (device.stream().unwrap(), device.stream().unwrap());
    let array = theirs.upload(&[[1u64, 2], [3, 4], [5, 6]]).unwrap();
    device.synchronize().unwrap();
    let live = device.memory().live;
    {
        // SAFETY: the end of `array`, which outlives it, and which nobody else uses meanwhile.
        let mut view =
            unsafe { Buffer::<[u64; 2]>::from_raw(&ours, array.address() + 16, 2) }.unwrap();
        assert_eq!(ours.download(&view).unwrap(), [[3, 4], [5, 6]]);
        ours.write(view.slice_mut(1..), &[[7, 8]]).unwrap();
        assert_eq!(device.memory().live, live);
        ours.synchronize().unwrap();
    }
    assert_eq!(device.memory().live, live);
    assert_eq!(theirs.download(&array).unwrap(), [[1, 2], [3, 4], [7, 8]]);
    let words = array.as_slice().slice(1..2).cast::<[u32; 4]>();
    assert_eq!(theirs.download(words).unwrap(), [[3, 0, 4, 0]]);
}

#[test]
fn foreign_memory_must_be_aligned() {
    let fake = Fake::new();
    let device = fake.open(0).unwrap();
    let stream = device.stream().unwrap();
    let array = stream.upload(&[0u64; 4]).unwrap();
    // SAFETY: inside of `array`.
    let view = unsafe { Buffer::<u64>::from_raw(&stream, array.address() + 8, 1) };
    assert!(matches!(view, Err(Error::Argument(reason)) if reason.contains("16 bytes")));
    // SAFETY: it is refused.
    let view = unsafe { Buffer::<u64>::from_raw(&stream, array.address(), usize::MAX / 4) };
    assert!(view.is_err());
}
