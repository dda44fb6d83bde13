//! What the emulator finds: every kernel here is run as it should be, and as it should not.

use zkiln_cuda::{Error, Result, Stream};

use crate::{SEEDS, numbers, options, run, sentence, stream, streams};

const RIGHT: u32 = 0;
const WRONG: u32 = 1;

/// The sentences of a wrong kernel's faults under checks, one for each seed. The right one has none.
fn faults(test: impl Fn(&Stream, u32) -> Result<()>) -> Vec<String> {
    SEEDS
        .map(|seed| {
            let stream = stream(true, seed);
            test(&stream, RIGHT).unwrap();
            sentence(test(&stream, WRONG))
        })
        .collect()
}

/// Runs a kernel with 64 numbers to read and as many to write, in one block; the numbers written.
fn transform(stream: &Stream, kernel: &'static str, which: u32) -> Result<Vec<u32>> {
    let values = stream.upload(&numbers(64))?;
    let mut out = stream.alloc::<u32>(64)?;
    let call = stream.call(kernel).threads(64).shared(256);
    run(stream, call.arg(&values).arg(&mut out).arg(which))?;
    stream.download(&out)
}

/// Runs a kernel with 64 words to write, in `blocks` blocks of 64 threads.
fn write(stream: &Stream, kernel: &'static str, blocks: usize, which: u32) -> Result<()> {
    let mut out = stream.zeros::<u32>(64)?;
    let call = stream.call(kernel).blocks(blocks).threads(64).shared(512);
    run(stream, call.arg(&mut out).arg(which))
}

#[track_caller]
fn assert_all(sentences: &[String], start: &str, part: &str) {
    for sentence in sentences {
        assert!(
            sentence.starts_with(start) && sentence.contains(part),
            "{sentence}"
        );
    }
}

#[test]
fn a_missing_barrier_is_a_race() {
    let kernel = "faults_barrier";
    let found = faults(|stream, which| transform(stream, kernel, which).map(drop));
    assert_all(
        &found,
        "kernel faults_barrier, block (0, 0, 0), thread ",
        " with no __syncthreads in between (code at 0x",
    );
    assert_all(&found, "", ": it writes 4 bytes at byte ");
    assert_all(&found, "", " of shared memory, which thread ");
}

#[test]
fn a_missing_barrier_gives_wrong_results() {
    let kernel = "faults_barrier";
    let right: Vec<u32> = numbers(64).into_iter().rev().collect();
    for stream in streams() {
        assert_eq!(transform(&stream, kernel, RIGHT).unwrap(), right);
    }
    let wrong = SEEDS.map(|seed| transform(&stream(false, seed), kernel, WRONG).unwrap());
    assert!(wrong.into_iter().any(|values| values != right));
}

#[test]
fn a_barrier_is_missing_before_memory_is_used_again() {
    let found = faults(|stream, which| transform(stream, "faults_reuse", which).map(drop));
    assert_all(&found, "kernel faults_reuse, ", " with no __sync");
}

#[test]
fn shuffles_do_not_order_memory() {
    let found = faults(|stream, which| transform(stream, "faults_warp_barrier", which).map(drop));
    assert_all(
        &found,
        "kernel faults_warp_barrier, ",
        " with no __syncwarp in between",
    );
}

#[test]
fn accesses_out_of_bounds() {
    let n = 100usize;
    let found = faults(|stream, which| {
        let values = stream.upload(&numbers(n))?;
        let mut out = stream.alloc::<u32>(n)?;
        let call = stream.call("faults_bounds").blocks(2).threads(64);
        let call = call.arg(&values).arg(&mut out).arg(n as u32).arg(which);
        run(stream, call)?;
        let doubled = numbers(n).into_iter().map(|v| v.wrapping_mul(2));
        assert!(stream.download(&out)?.into_iter().eq(doubled));
        Ok(())
    });
    assert_all(
        &found,
        "kernel faults_bounds, block (1, 0, 0), thread 36: it reads 4 bytes at 0x",
        ", 0 bytes past the end of a buffer of 400 bytes (code at 0x",
    );
}

#[test]
fn shared_memory_out_of_bounds() {
    for past in [1u32, 2, 1000] {
        let found = faults(|stream, which| {
            let call = stream.call("faults_shared_bounds").threads(64).shared(512);
            run(stream, call.arg(128u32).arg(which * past))
        });
        let part = format!(
            "at byte {} of shared memory, of which the block has 512 bytes",
            508 + 4 * past
        );
        assert_all(
            &found,
            "kernel faults_shared_bounds, block (0, 0, 0), thread 40: it writes 4 bytes ",
            &part,
        );
    }
}

#[test]
fn a_lost_carry_gives_wrong_results() {
    let a: Vec<u64> = (0..64u64).map(|i| i.wrapping_mul(u64::MAX / 3)).collect();
    let b: Vec<u64> = (0..64).map(|i| 0x8000_0000 + i).collect();
    let sum = |stream: &Stream, which| {
        let (a, b) = (stream.upload(&a).unwrap(), stream.upload(&b).unwrap());
        let mut out = stream.alloc::<u64>(64).unwrap();
        let call = stream.call("faults_carry").threads(64);
        run(stream, call.arg(&a).arg(&b).arg(&mut out).arg(which)).unwrap();
        stream.download(&out).unwrap()
    };
    let want: Vec<u64> = a.iter().zip(&b).map(|(a, b)| a.wrapping_add(*b)).collect();
    for stream in streams() {
        assert_eq!(sum(&stream, RIGHT), want);
        let wrong = sum(&stream, WRONG);
        for i in 0..64 {
            let carry = (a[i] as u32).overflowing_add(b[i] as u32).1;
            assert_eq!(wrong[i].wrapping_add(u64::from(carry) << 32), want[i]);
        }
        assert_ne!(wrong, want);
    }
}

#[test]
fn reads_of_shared_memory_that_nothing_has_written() {
    let found = faults(|stream, which| transform(stream, "faults_uninitialised", which).map(drop));
    assert_all(
        &found,
        "kernel faults_uninitialised, block (0, 0, 0), thread ",
        ": it updates 4 bytes at byte 0 of shared memory, which nothing has written (code at 0x",
    );
}

#[test]
fn reads_of_device_memory_that_nothing_has_written() {
    let found = faults(|stream, which| {
        let values = stream.upload(&numbers(64))?;
        let mut out = stream.alloc::<u32>(65)?;
        let call = stream.call("faults_unwritten").threads(64);
        run(stream, call.arg(&values).arg(&mut out).arg(which))
    });
    assert_all(
        &found,
        "kernel faults_unwritten, block (0, 0, 0), thread 0: it reads 4 bytes",
        " at byte 256 of a buffer of 260 bytes, which nothing has written",
    );
}

fn asynchronous(stream: &Stream, kernel: &'static str, which: u32) -> Result<Vec<[u32; 4]>> {
    let values: Vec<[u32; 4]> = numbers(64).into_iter().map(|v| [v; 4]).collect();
    let values = stream.upload(&values)?;
    let mut out = stream.alloc::<[u32; 4]>(64)?;
    let call = stream.call(kernel).threads(64).shared(1024);
    run(stream, call.arg(&values).arg(&mut out).arg(which))?;
    stream.download(&out)
}

#[test]
fn asynchronous_copies_that_were_not_waited_for() {
    let kernel = "faults_async";
    let found = faults(|stream, which| asynchronous(stream, kernel, which).map(drop));
    assert_all(
        &found,
        "kernel faults_async, block (0, 0, 0), thread ",
        " of shared memory, to which an asynchronous copy is under way that was not waited for",
    );
    // Without checks it is not the bytes of before that are read, nor those to come.
    let wrong = asynchronous(&stream(false, 0), kernel, WRONG).unwrap();
    assert_eq!(wrong, [[0xa5a5_a5a5; 4]; 64]);
}

#[test]
fn asynchronous_copies_of_other_threads() {
    let kernel = "faults_async_barrier";
    let found = faults(|stream, which| asynchronous(stream, kernel, which).map(drop));
    for sentence in found {
        assert!(
            sentence.contains(" with no __syncthreads in between")
                || sentence.contains(", which nothing has written"),
            "{sentence}"
        );
    }
}

/// What goes wrong with barriers and warps is found without checks as well.
fn faults_at_words(kernel: &'static str, has_memory: bool) -> Vec<String> {
    streams()
        .map(|stream| {
            let test = |which| {
                if has_memory {
                    return write(&stream, kernel, 1, which);
                }
                run(&stream, stream.call(kernel).threads(64).arg(which))
            };
            test(RIGHT).unwrap();
            sentence(test(WRONG))
        })
        .collect()
}

#[test]
fn barriers_that_a_thread_does_not_come_to() {
    assert_all(
        &faults_at_words("faults_returned", false),
        "kernel faults_returned, block (0, 0, 0), thread 0: it waits at __syncthreads (faults.cu:",
        "), a barrier not reached by all threads: thread 5 has returned",
    );
}

#[test]
fn barriers_in_two_branches() {
    assert_all(
        &faults_at_words("faults_two_barriers", false),
        "kernel faults_two_barriers, block (0, 0, 0), thread 0: it waits at __syncthreads (faults.cu:",
        "), a barrier not reached by all threads: thread 32 waits at __syncthreads (faults.cu:",
    );
}

#[test]
fn warps_that_part() {
    assert_all(
        &faults_at_words("faults_parted", true),
        "kernel faults_parted, block (0, 0, 0), thread 0: it waits at __ballot_sync (faults.cu:",
        "), and thread 7 of the same warp at __syncwarp (faults.cu:",
    );
}

#[test]
fn masks_that_are_not_full() {
    assert_all(
        &faults_at_words("faults_mask", true),
        "kernel faults_mask, block (0, 0, 0), thread ",
        ": it calls __ballot_sync (faults.cu:",
    );
}

#[test]
fn blocks_that_write_the_same_word() {
    let found = faults(|stream, which| write(stream, "faults_blocks", 3, which));
    for sentence in found {
        let block = ["(0, 0, 0)", "(1, 0, 0)", "(2, 0, 0)"]
            .into_iter()
            .find(|block| {
                sentence.starts_with(&format!("kernel faults_blocks, block {block}, thread 0: "))
            })
            .unwrap();
        let (_, rest) = sentence
            .split_once(
                "it writes 4 bytes at byte 0 of a buffer of 256 bytes, which thread 0 of block ",
            )
            .unwrap();
        assert!(!rest.starts_with(block), "{sentence}");
        assert!(rest.contains(" wrote in the same launch"), "{sentence}");
    }
}

#[test]
fn atomics_of_all_blocks_but_one() {
    let found = faults(|stream, which| write(stream, "faults_atomic", 3, which));
    assert_all(
        &found,
        "kernel faults_atomic, block (",
        " in the same launch",
    );
}

#[test]
fn stacks_of_other_threads() {
    let found = faults(|stream, which| write(stream, "faults_stack", 1, which));
    assert_all(
        &found,
        "kernel faults_stack, ",
        ", on the stack of another thread",
    );
}

#[test]
fn accesses_that_are_not_aligned() {
    let found = faults(|stream, which| {
        let values = stream.upload(&[0u64; 2])?;
        let mut out = stream.alloc::<u64>(1)?;
        run(
            stream,
            stream
                .call("faults_aligned")
                .arg(&values)
                .arg(&mut out)
                .arg(which),
        )
    });
    assert_all(
        &found,
        "kernel faults_aligned, block (0, 0, 0), thread 0: it reads 8 bytes at byte 4 of a buffer of 16 bytes",
        ", which is not aligned",
    );
}

#[test]
fn undefined_behaviour() {
    for (wrong, what) in [
        (
            1,
            ": it shifts by too many bits, or a negative number (faults.cu:",
        ),
        (
            2,
            ": it adds signed integers, and the sum overflows (faults.cu:",
        ),
        (3, ": its index is beyond the end of the array (faults.cu:"),
        (
            4,
            ": it divides by zero, or the least signed integer by -1 (faults.cu:",
        ),
    ] {
        let found = faults(|stream, which| {
            let mut out = stream.alloc::<i32>(4)?;
            let call = stream.call("faults_undefined").arg(&mut out);
            run(stream, call.arg(2u32).arg(which * wrong))?;
            assert_eq!(stream.download(&out)?, [16, 3, 8, 50]);
            Ok(())
        });
        assert_all(
            &found,
            "kernel faults_undefined, block (0, 0, 0), thread ",
            what,
        );
    }
}

#[test]
fn launches_that_no_device_takes() {
    for stream in streams() {
        let call = || stream.call("faults_returned").arg(RIGHT);
        let refused = |outcome| match outcome {
            Err(Error::Call { kernel, reason }) if kernel == "faults_returned" => reason,
            other => panic!("not refused, but {other:?}"),
        };
        for threads in [0, 16, 48, 1056] {
            assert_eq!(
                refused(run(&stream, call().threads(threads))),
                "the threads of a block are not a multiple of 32 from 32 to 1024"
            );
        }
        assert_eq!(
            refused(run(&stream, call().shared((227 << 10) + 1))),
            "a block has more than 232448 bytes of shared memory"
        );
        assert!(refused(run(&stream, call().rows(65_536))).contains("65536"));
        assert!(refused(run(&stream, call().arg(1u32))).contains("parameters"));
        // None of this is a failure of the device.
        run(&stream, call()).unwrap();
    }
}

#[test]
fn nothing_works_after_a_fault() {
    let device = zkiln_cuda::Device::emulator_with(&options(true, 0)).unwrap();
    let (first, second) = (device.stream().unwrap(), device.stream().unwrap());
    let kept = second.upload(&[1u32]).unwrap();
    let fault = sentence(run(&first, first.call("faults_returned").arg(WRONG)));
    assert_eq!(sentence(first.synchronize()), fault);
    assert_eq!(sentence(second.synchronize()), fault);
    assert_eq!(sentence(second.download(&kept).map(drop)), fault);
    assert_eq!(sentence(second.alloc::<u32>(1).map(drop)), fault);
    assert_eq!(sentence(device.stream().map(drop)), fault);
    assert_eq!(sentence(second.record().map(drop)), fault);
    // Other devices know nothing of it.
    run(
        &stream(true, 0),
        stream(true, 0).call("faults_returned").arg(RIGHT),
    )
    .unwrap();
}
