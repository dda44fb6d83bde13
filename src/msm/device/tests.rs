//! The sort and the schedule alone, against a sort on the host.

use zkiln_cuda::Device;

use super::recoding::{Form, Recoding, windows};
use super::shape::{FAN_IN, Indices, Shape};
use super::sort::{Scalars, sort};
use crate::field::{Fr, PrimeField};
use crate::msm::NONE;
use crate::msm::recode::{bits_at, digit_offset, magnitude, offset_by};

/// A group of sets of which the sort is tested.
#[derive(Clone, Copy)]
struct Case {
    /// Scalars of a vector, and the part of them that is the chunk.
    scalars: usize,
    chunk: (usize, usize),
    vectors: usize,
    width: u32,
    high_bits: u32,
    segment: u32,
    /// Parts of the table, and the group's windows.
    parts: u32,
    first: u32,
    count: u32,
}

const CASE: Case = Case {
    scalars: 1000,
    chunk: (0, 1000),
    vectors: 1,
    width: 8,
    high_bits: 2,
    segment: 5,
    parts: 1,
    first: 3,
    count: 2,
};

impl Case {
    fn shape(&self) -> Shape {
        let windows = windows(self.width);
        let chunk = (self.chunk.1 - self.chunk.0) as u32;
        let class_shift = (0..).find(|shift| self.segment >> shift < 256).unwrap();
        Shape {
            scalars: chunk,
            first_scalar: self.chunk.0 as u32,
            vector_stride: self.scalars as u32,
            capacity: chunk * self.parts,
            first: self.first,
            count: self.count,
            windows,
            stride: windows.div_ceil(self.parts),
            width: self.width,
            high_bits: self.high_bits,
            low_bits: self.width - 1 - self.high_bits,
            sets: self.vectors as u32 * self.count,
            segment: self.segment,
            class_shift,
            bases: self.scalars as u32,
            first_base: 0,
        }
    }

    /// The entries of every bucket, in ascending order.
    fn buckets(&self, scalars: &[Fr], slots: Option<&[u32]>) -> Vec<Vec<u32>> {
        let shape = self.shape();
        let offset = digit_offset(shape.windows as usize, self.width);
        let mut buckets = vec![Vec::new(); shape.buckets()];
        let half = 1i32 << (self.width - 1);
        for (i, scalar) in scalars.iter().enumerate() {
            let (vector, i) = (i / self.scalars, i % self.scalars);
            let base = slots.map_or(i as u32, |slots| slots[i]);
            if i < self.chunk.0 || i >= self.chunk.1 || base == NONE {
                continue;
            }
            let (value, is_negative) = magnitude::<Fr>(scalar.to_canonical());
            let shifted = offset_by(&offset, &value, is_negative);
            for window in 0..shape.windows {
                let (part, set) = (window / shape.stride, window % shape.stride);
                let bits = bits_at(&shifted, (window * self.width) as usize, self.width);
                let digit = i32::from(bits) - half;
                if set < self.first || set >= self.first + self.count || digit == 0 {
                    continue;
                }
                let set = vector * self.count as usize + (set - self.first) as usize;
                let bucket = digit.unsigned_abs() as usize & (half as usize - 1);
                let sign = u32::from(digit < 0) << 31;
                buckets[set * half as usize + bucket].push((part * shape.bases + base) | sign);
            }
        }
        for bucket in &mut buckets {
            bucket.sort_unstable();
        }
        buckets
    }

    fn check(&self, device: &Device, scalars: &[Fr], slots: Option<&[u32]>) {
        assert_eq!(scalars.len(), self.scalars * self.vectors);
        let shape = self.shape();
        let parts = Indices::of(&shape);
        let stream = device.stream().unwrap();
        let values = stream.upload(scalars).unwrap();
        let slots_there = slots.map(|slots| stream.upload(slots).unwrap());
        let mut indices = stream.alloc::<u32>(parts.len).unwrap();
        let mut faults = stream.zeros::<u32>(self.vectors).unwrap();
        let there = Scalars {
            values: values.slice(self.chunk.0..),
            form: Form::Montgomery,
            slots: slots_there
                .as_ref()
                .map(|slots| slots.slice(self.chunk.0..self.chunk.1)),
        };
        let recoding = Recoding::new(self.width);
        sort(
            &stream,
            &shape,
            &recoding,
            &there,
            &mut indices,
            &parts,
            faults.as_mut_slice(),
        )
        .unwrap();
        let read = |range: &core::ops::Range<usize>| {
            stream.download(indices.slice(range.clone())).unwrap()
        };
        assert_eq!(stream.download(&faults).unwrap(), vec![0; self.vectors]);

        let expected = self.buckets(scalars, slots);
        let (counts, ends, entries) = (read(&parts.counts), read(&parts.ends), read(&parts.digits));
        for (bucket, expected) in expected.iter().enumerate() {
            assert_eq!(counts[bucket] as usize, expected.len(), "bucket {bucket}");
            let end = ends[bucket] as usize;
            let mut found = entries[end - expected.len()..end].to_vec();
            found.sort_unstable();
            assert_eq!(&found, expected, "bucket {bucket}");
        }

        // First the full segments beyond the first, those of a bucket together, then the first ones by length.
        let (order, extras, totals) =
            (read(&parts.order), read(&parts.extras), read(&parts.totals));
        let extra_of = |bucket: usize| counts[bucket].saturating_sub(1) / self.segment;
        let all_extras: u32 = (0..expected.len()).map(extra_of).sum();
        assert_eq!(totals[0], all_extras);
        let mut heads = Vec::new();
        for bucket in 0..expected.len() {
            for k in 0..extra_of(bucket) {
                let place = extras[bucket] + k;
                assert!(place < all_extras);
                assert_eq!(order[place as usize] as usize, bucket);
                if k % FAN_IN == 0 {
                    heads.push(place);
                }
            }
        }
        assert_eq!(totals[1] as usize, heads.len());
        let mut found = read(&parts.heads)[..heads.len()].to_vec();
        found.sort_unstable();
        heads.sort_unstable();
        assert_eq!(found, heads);
        let firsts = &order[all_extras as usize..all_extras as usize + expected.len()];
        let classes: Vec<u32> = firsts
            .iter()
            .map(|&bucket| {
                let bucket = bucket as usize;
                (counts[bucket] - extra_of(bucket) * self.segment) >> shape.class_shift
            })
            .collect();
        assert!(classes.windows(2).all(|pair| pair[0] >= pair[1]));
        let mut firsts = firsts.to_vec();
        firsts.sort_unstable();
        assert!(firsts.iter().copied().eq(0..expected.len() as u32));
    }
}

fn device() -> Device {
    Device::emulator().unwrap()
}

fn random(n: usize) -> Vec<Fr> {
    (0..n).map(|_| Fr::random().unwrap()).collect()
}

#[test]
fn uniform_scalars_are_sorted() {
    let device = device();
    for (width, high_bits) in [(4, 0), (4, 3), (7, 3), (10, 0), (13, 6)] {
        let case = Case {
            width,
            high_bits,
            ..CASE
        };
        case.check(&device, &random(case.scalars), None);
    }
}

/// Several tiles of scalars, and several of each bin, up to all in one bucket.
#[test]
fn uneven_scalars_are_sorted() {
    let device = device();
    let n = 17_000;
    let case = Case {
        scalars: n,
        chunk: (0, n),
        first: 0,
        count: 1,
        segment: 50,
        ..CASE
    };
    let one = random(1)[0];
    let mut mostly_one = vec![one; n];
    mostly_one[..1000].copy_from_slice(&random(1000));
    case.check(&device, &vec![one; n], None);
    case.check(&device, &mostly_one, None);
    case.check(&device, &vec![Fr::ZERO; n], None);
    // The greatest negative digit, whose bucket has index 0.
    let last = Case { segment: 1, ..case };
    last.check(&device, &vec![-Fr::from(128); n], None);
    let bits: Vec<Fr> = (0..n as u64).map(|i| Fr::from(i % 2)).collect();
    case.check(&device, &bits, None);
    // Lengths beyond the number of classes.
    let coarse = Case {
        segment: 900,
        width: 5,
        high_bits: 1,
        ..case
    };
    coarse.check(&device, &mostly_one, None);
}

#[test]
fn chunks_tables_and_batches_are_sorted() {
    let device = device();
    let parts = Case {
        parts: 5,
        first: 1,
        count: 4,
        ..CASE
    };
    parts.check(&device, &random(1000), None);
    let batch = Case {
        vectors: 3,
        chunk: (300, 700),
        ..parts
    };
    batch.check(&device, &random(3000), None);
    let mut next = 0;
    let slots: Vec<u32> = (0..1000)
        .map(|i| {
            if i % 7 < 3 {
                NONE
            } else {
                next += 1;
                next - 1
            }
        })
        .collect();
    batch.check(&device, &random(3000), Some(&slots));
}
