//! The meaning of every word.

use bytemuck::{Pod, Zeroable};
use zkiln_cuda::ByValue;

use crate::{SEEDS, numbers, run, stream, streams};

#[test]
fn places() {
    let (x, y, threads) = (3u32, 2u32, 64u32);
    for stream in streams() {
        let mut out = stream
            .alloc::<[u32; 4]>((x * y * threads) as usize)
            .unwrap();
        let call = stream.call("words_place").threads(threads);
        let call = call.blocks(x as usize).rows(y as usize).arg(&mut out);
        run(&stream, call.arg(x).arg(y).arg(1u32).arg(threads)).unwrap();
        for (i, &place) in stream.download(&out).unwrap().iter().enumerate() {
            let (block, thread) = (i as u32 / threads, i as u32 % threads);
            assert_eq!(place, [block % x, block / x, 0, thread]);
        }
    }
}

#[test]
fn parameters() {
    #[derive(Clone, Copy, Pod, Zeroable)]
    #[repr(C)]
    struct Parameters {
        wide: u64,
        narrow: u32,
        bytes: [u8; 4],
    }
    let d = Parameters {
        wide: 1 << 50,
        narrow: 9,
        bytes: [1, 2, 3, 4],
    };
    for stream in streams() {
        let mut out = stream.alloc::<u64>(7).unwrap();
        let call = stream.call("words_parameters").arg(1u32).arg(1u64 << 40);
        let call = call.arg(3u32).arg(ByValue(d)).arg(&mut out).arg(5u32);
        run(&stream, call).unwrap();
        let out = stream.download(&out).unwrap();
        assert_eq!(out, [1, 1 << 40, 3, 1 << 50, 9, 4, 5]);
    }
}

/// The lane that a lane gets its value from, as CUDA's manual has it: by index, xor, down, up.
fn sources(lane: u32, amount: u32, width: u32) -> [u32; 4] {
    let group = lane / width * width;
    let xor = lane ^ amount;
    let down = lane + amount;
    [
        group + amount % width,
        if xor < group + width { xor } else { lane },
        if down < group + width { down } else { lane },
        if lane >= group + amount {
            lane - amount
        } else {
            lane
        },
    ]
}

#[test]
fn shuffles() {
    let values = numbers(128);
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut out = stream.alloc::<[u32; 4]>(128).unwrap();
        for (amount, width) in [
            (0, 32),
            (1, 32),
            (16, 32),
            (31, 32),
            (3, 8),
            (7, 8),
            (9, 8),
            (1, 1),
        ] {
            let call = stream.call("words_shuffle").blocks(2).threads(64);
            let call = call.arg(&values_there).arg(&mut out);
            run(&stream, call.arg(amount).arg(width)).unwrap();
            for (i, got) in stream.download(&out).unwrap().iter().enumerate() {
                let warp = i as u32 / 32 * 32;
                let want = sources(i as u32 % 32, amount, width);
                assert_eq!(*got, want.map(|lane| values[(warp + lane) as usize]));
            }
        }
    }
}

#[test]
fn shuffles_of_64_bits() {
    let values: Vec<u64> = numbers(64)
        .iter()
        .map(|&v| u64::from(v) << 31 | 5)
        .collect();
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut out = stream.alloc::<[u64; 4]>(64).unwrap();
        let call = stream.call("words_shuffle_wide").threads(64);
        run(&stream, call.arg(&values_there).arg(&mut out).arg(5u32)).unwrap();
        for (i, got) in stream.download(&out).unwrap().iter().enumerate() {
            let warp = i as u32 / 32 * 32;
            let want = sources(i as u32 % 32, 5, 32);
            assert_eq!(*got, want.map(|lane| values[(warp + lane) as usize]));
        }
    }
}

#[test]
fn votes() {
    // Warps in which none, all and some lanes agree, and one with pairs.
    let mut values = [0u32; 128];
    values[32..64].fill(3);
    for (i, value) in values[64..].iter_mut().enumerate() {
        *value = (i as u32 * 7) % 16 / (1 + i as u32 / 32);
    }
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut out = stream.alloc::<[u32; 4]>(128).unwrap();
        let call = stream.call("words_votes").threads(128);
        run(&stream, call.arg(&values_there).arg(&mut out)).unwrap();
        for (i, got) in stream.download(&out).unwrap().iter().enumerate() {
            let warp = &values[i / 32 * 32..][..32];
            let lanes = |holds: &dyn Fn(u32) -> bool| {
                (0..32).fold(0, |lanes, lane| {
                    lanes | u32::from(holds(warp[lane])) << lane
                })
            };
            let ballot = lanes(&|value| value != 0);
            let want = [
                ballot,
                u32::from(ballot != 0),
                u32::from(ballot == u32::MAX),
                lanes(&|value| value == values[i]),
            ];
            assert_eq!(*got, want);
        }
    }
}

#[test]
fn lanes_that_returned_do_not_vote() {
    for stream in streams() {
        for lanes in [1u32, 20, 32] {
            let mut out = stream.zeros::<u32>(64).unwrap();
            let call = stream.call("words_living").threads(64);
            run(&stream, call.arg(&mut out).arg(lanes)).unwrap();
            for (i, &got) in stream.download(&out).unwrap().iter().enumerate() {
                let want = (1u64 << lanes) as u32;
                let want = if (i as u32 % 32) < lanes {
                    want.wrapping_sub(1)
                } else {
                    0
                };
                assert_eq!(got, want);
            }
        }
    }
}

#[test]
fn barriers() {
    let values = numbers(2048);
    for (kernel, group) in [("words_barrier", 1024), ("words_warp_barrier", 32)] {
        for stream in streams() {
            let values_there = stream.upload(&values).unwrap();
            let mut out = stream.alloc::<u32>(2048).unwrap();
            let rounds = 5u32;
            let call = stream.call(kernel).blocks(2).threads(1024).shared(4096);
            let call = call.arg(&values_there).arg(&mut out).arg(rounds);
            run(&stream, call).unwrap();
            for (i, &got) in stream.download(&out).unwrap().iter().enumerate() {
                let first = i / group * group;
                assert_eq!(got, values[first + (i + rounds as usize) % group]);
            }
        }
    }
}

#[test]
fn atomics() {
    let values = numbers(512);
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut words = stream.upload(&[0u32, 0, u32::MAX, 0]).unwrap();
        let mut wide = stream.zeros::<u64>(1).unwrap();
        let call = stream.call("words_atomics").blocks(4).threads(128);
        let call = call.arg(&values_there).arg(&mut words).arg(&mut wide);
        run(&stream, call).unwrap();
        let want = [
            values.iter().fold(0u32, |sum, &v| sum.wrapping_add(v)),
            *values.iter().max().unwrap(),
            *values.iter().min().unwrap(),
            values.iter().fold(0, |or, &v| or | v),
        ];
        assert_eq!(stream.download(&words).unwrap(), want);
        let want: u64 = values.iter().map(|&v| u64::from(v) << 20).sum();
        assert_eq!(stream.download(&wide).unwrap(), [want]);
    }
}

#[test]
fn atomics_give_the_value_before() {
    for stream in streams() {
        let mut word = stream.upload(&[10u32]).unwrap();
        let mut wide = stream.upload(&[6u64 << 32 | 0xffff_ffff]).unwrap();
        let mut out = stream.alloc::<u32>(7).unwrap();
        let call = stream.call("words_atomics_before").arg(&mut word);
        run(&stream, call.arg(&mut wide).arg(&mut out)).unwrap();
        assert_eq!(
            stream.download(&out).unwrap(),
            [10, 15, 15, 12, 0x3c, 77, 6]
        );
        assert_eq!(stream.download(&wide).unwrap(), [7u64 << 32]);
    }
}

#[test]
fn bits() {
    let mut values = numbers(64);
    values[..4].copy_from_slice(&[0, 1, 1 << 31, u32::MAX]);
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut out = stream.alloc::<[u32; 4]>(64).unwrap();
        let call = stream.call("words_bits").threads(64);
        run(&stream, call.arg(&values_there).arg(&mut out)).unwrap();
        for (&v, got) in values.iter().zip(stream.download(&out).unwrap()) {
            let first = if v == 0 { 0 } else { v.trailing_zeros() + 1 };
            assert_eq!(
                got,
                [v.count_ones(), v.leading_zeros(), first, v.reverse_bits()]
            );
        }
    }
}

#[test]
fn fences_let_the_last_block_read_what_others_wrote() {
    let values = vec![2u32; 256];
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut sums = stream.zeros::<u32>(4).unwrap();
        let mut counter = stream.zeros::<u32>(1).unwrap();
        let mut out = stream.alloc::<u32>(1).unwrap();
        let call = stream
            .call("words_last_block")
            .blocks(4)
            .threads(64)
            .shared(4);
        let call = call.arg(&values_there).arg(&mut sums);
        run(&stream, call.arg(&mut counter).arg(&mut out)).unwrap();
        assert_eq!(stream.download(&out).unwrap(), [256 * 2 * 3]);
    }
}

#[test]
fn asynchronous_copies() {
    let (threads, tiles) = (64, 5u32);
    let values: Vec<[u32; 4]> = numbers(threads * tiles as usize)
        .iter()
        .map(|&v| [v, v + 1, v + 2, v + 3])
        .collect();
    for stream in streams() {
        let values_there = stream.upload(&values).unwrap();
        let mut out = stream.alloc::<[u32; 4]>(values.len()).unwrap();
        let call = stream.call("words_async").threads(threads as u32);
        let call = call.shared(2 * 16 * threads).arg(&values_there);
        run(&stream, call.arg(&mut out).arg(tiles)).unwrap();
        for (tile, got) in stream.download(&out).unwrap().chunks(threads).enumerate() {
            let want = values[tile * threads..][..threads].iter().rev();
            assert!(got.iter().eq(want));
        }
    }
}

#[test]
fn shared_memory_is_as_large_as_it_can_be() {
    for stream in streams() {
        let bytes = stream.device().info().shared_memory;
        let words = bytes / 4;
        let mut out = stream.zeros::<u32>(1).unwrap();
        let call = stream
            .call("words_shared")
            .threads(256)
            .shared(bytes as usize);
        run(&stream, call.arg(&mut out).arg(words)).unwrap();
        let want = (0..words).fold(0u32, |sum, i| sum.wrapping_add(i));
        assert_eq!(stream.download(&out).unwrap(), [want]);
    }
}

#[test]
fn memory_is_poisoned() {
    let stream = stream(false, 0);
    let mut out = stream.alloc::<u32>(3).unwrap();
    let call = stream.call("words_fresh").blocks(2).shared(4).arg(&mut out);
    run(&stream, call).unwrap();
    // What shared memory held in each block, and what device memory that nobody wrote holds.
    assert_eq!(stream.download(&out).unwrap(), [0xa5a5_a5a5; 3]);
}

#[test]
fn threads_and_blocks_come_in_any_order() {
    let (blocks, threads) = (5, 64);
    let mut orders = Vec::new();
    for seed in SEEDS {
        let stream = stream(false, seed);
        let mut counter = stream.zeros::<u32>(1).unwrap();
        let mut out = stream.alloc::<u32>(blocks * threads).unwrap();
        let call = stream
            .call("words_order")
            .blocks(blocks)
            .threads(threads as u32);
        run(&stream, call.arg(&mut counter).arg(&mut out)).unwrap();
        orders.push(stream.download(&out).unwrap());
    }
    // Any two threads of a warp, of a block, or of different blocks come first in some orders.
    for (a, b) in [(0, 1), (3, 17), (0, 33), (10, 64), (64, 300)] {
        let first = orders.iter().filter(|order| order[a] < order[b]).count();
        assert!((1..orders.len()).contains(&first), "{a} and {b}");
    }
    orders.sort();
    orders.dedup();
    assert_eq!(orders.len(), SEEDS.count());
}
