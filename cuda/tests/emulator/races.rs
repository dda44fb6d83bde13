//! What is told to be a race is one, and few races are not told: against a model, on random programs.

use std::ops::Range;

use zkiln_cuda::Error;

use crate::{run, stream};

// As in races.cu.
const SYNCWARP: u32 = 4;
const SYNCTHREADS: u32 = 5;
const SHARED: u32 = 1 << 8;
const BYTE: u32 = 1 << 9;

const BLOCKS: usize = 2;
const THREADS: usize = 96;
const WARPS: usize = THREADS / 32;
const STEPS: usize = 12;

/// What every thread of every block does, step by step.
struct Program(Vec<u32>);

/// An access to memory.
#[derive(Clone, Debug)]
struct Access {
    block: usize,
    thread: usize,
    step: usize,
    is_shared: bool,
    bytes: Range<u32>,
    is_write: bool,
    is_atomic: bool,
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

impl Program {
    /// Some accesses, with barriers of warps and blocks in between. Warps and blocks need not do the same
    /// at a step, but the threads of a warp meet, and all threads of a block at its barriers.
    fn random(random: &mut Random) -> Self {
        let mut program = Self(vec![0; BLOCKS * STEPS * THREADS]);
        let accesses = 1 + random.below(3);
        let is_mixed = random.below(2) == 0;
        for block in 0..BLOCKS {
            for step in 0..STEPS {
                if random.below(3) == 0 {
                    for thread in 0..THREADS {
                        program.set(block, step, thread, SYNCTHREADS);
                    }
                    continue;
                }
                for _ in 0..accesses {
                    // A few threads, of which some are in the same warp.
                    let thread = [0, 1, 2, 32, 33, 64][random.below(6)];
                    let kind = 1 + random.below(3) as u32;
                    // Mostly blocks have words of their own, so that not every program has a race.
                    let is_shared = is_mixed || random.below(8) > 0;
                    let mut what = kind | if is_shared { SHARED } else { 0 };
                    let word = if is_shared {
                        random.below(4)
                    } else {
                        2 * block + random.below(2)
                    };
                    what |= (4 * word as u32) << 16;
                    if kind < 3 && random.below(3) == 0 {
                        what |= BYTE | (random.below(4) as u32) << 16;
                    }
                    program.set(block, step, thread, what);
                }
                for warp in 0..WARPS {
                    if random.below(2) == 0 {
                        for lane in 0..32 {
                            program.set(block, step, 32 * warp + lane, SYNCWARP);
                        }
                    }
                }
            }
        }
        program
    }

    fn set(&mut self, block: usize, step: usize, thread: usize, what: u32) {
        self.0[(block * STEPS + step) * THREADS + thread] = what;
    }

    fn get(&self, block: usize, step: usize, thread: usize) -> u32 {
        self.0[(block * STEPS + step) * THREADS + thread]
    }

    fn accesses(&self) -> Vec<Access> {
        let places = (0..BLOCKS).flat_map(|block| {
            (0..STEPS).flat_map(move |step| (0..THREADS).map(move |thread| (block, step, thread)))
        });
        places
            .filter_map(|(block, step, thread)| {
                let what = self.get(block, step, thread);
                let kind = what & 0xff;
                (1..=3).contains(&kind).then(|| Access {
                    block,
                    thread,
                    step,
                    is_shared: what & SHARED != 0,
                    bytes: what >> 16..(what >> 16) + if what & BYTE != 0 { 1 } else { 4 },
                    is_write: kind != 1,
                    is_atomic: kind == 3,
                })
            })
            .collect()
    }

    /// Whether two accesses are a race: CUDA's rules, without an order of execution.
    fn is_race(&self, a: &Access, b: &Access) -> bool {
        let is_same_memory = a.is_shared == b.is_shared && (!a.is_shared || a.block == b.block);
        let overlap = a.bytes.start < b.bytes.end && b.bytes.start < a.bytes.end;
        let is_same_thread = (a.block, a.thread) == (b.block, b.thread);
        let conflict = (a.is_write || b.is_write) && !(a.is_atomic && b.is_atomic);
        if !is_same_memory || !overlap || is_same_thread || !conflict {
            return false;
        }
        if a.block != b.block {
            return true;
        }
        let between = a.step.min(b.step) + 1..a.step.max(b.step);
        let is_same_warp = a.thread / 32 == b.thread / 32;
        !between
            .into_iter()
            .any(|step| match self.get(a.block, step, a.thread) {
                SYNCTHREADS => true,
                SYNCWARP => is_same_warp,
                _ => false,
            })
    }

    fn has_race(&self) -> bool {
        let accesses = self.accesses();
        accesses
            .iter()
            .enumerate()
            .any(|(i, a)| accesses[..i].iter().any(|b| self.is_race(a, b)))
    }
}

#[test]
fn races_are_told_and_nothing_else() {
    let mut random = Random(1);
    let (mut sound, mut racy, mut told) = (0, 0, 0);
    for seed in 0..800 {
        let program = Program::random(&mut random);
        let stream = stream(true, seed);
        let script = stream.upload(&program.0).unwrap();
        let mut global = stream.zeros::<u32>(4).unwrap();
        let mut sink = stream.alloc::<u32>(BLOCKS * THREADS).unwrap();
        let call = stream
            .call("races_script")
            .blocks(BLOCKS)
            .threads(THREADS as u32);
        let call = call.shared(16).arg(&script).arg(STEPS as u32);
        let outcome = run(&stream, call.arg(&mut global).arg(&mut sink));
        if !program.has_race() {
            sound += 1;
            outcome.unwrap();
            continue;
        }
        racy += 1;
        if let Err(error) = outcome {
            assert!(matches!(error, Error::Fault(_)), "{error}");
            told += 1;
        }
    }
    assert!(
        sound > 100 && racy > 100,
        "{sound} without, {racy} with races"
    );
    assert!(told * 100 > racy * 98, "{told} of {racy} races");
}
