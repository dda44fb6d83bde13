//! The arithmetic of the kernels against arkworks'.

mod common;

use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{BigInteger, Field, PrimeField, Zero};
use bytemuck::Pod;
use common::{Element, devices, integer_words, montgomery, residue, rng, run};
use zkiln_cuda::{ByValue, Stream};

/// Words below 2p that stress carries: around 0, p and 2p, with runs of ones and zeros.
fn edges<F: PrimeField, const N: usize>() -> Vec<[u64; N]> {
    let p = integer_words::<F, N>(F::MODULUS);
    let twice_p = {
        let mut integer = F::MODULUS;
        integer.mul2();
        integer_words::<F, N>(integer)
    };
    let step = |words: [u64; N], by: i64| -> [u64; N] {
        let mut words = words;
        let mut carry = i128::from(by);
        for word in &mut words {
            let sum = i128::from(*word) + carry;
            *word = sum as u64;
            carry = sum >> 64;
        }
        words
    };
    let zero = [0; N];
    let mut low_ones = [u64::MAX; N];
    low_ones[N - 1] = p[N - 1] - 1;
    let mut top = zero;
    top[N - 1] = p[N - 1];
    let mut alternating = [0xffff_ffff_0000_0000; N];
    alternating[N - 1] = p[N - 1] & 0xffff_ffff_0000_0000;
    let mut others = [0x0000_0000_ffff_ffff; N];
    others[N - 1] &= p[N - 1];
    let mut of_twice = [u64::MAX; N];
    of_twice[N - 1] = twice_p[N - 1] - 1;
    vec![
        zero,
        step(zero, 1),
        step(zero, 2),
        step(zero, i64::from(u32::MAX)),
        step(p, -2),
        step(p, -1),
        p,
        step(p, 1),
        step(p, i64::from(u32::MAX)),
        step(twice_p, -1),
        step(twice_p, -(1 << 33)),
        integer_words::<F, N>(montgomery::<F, N>().into_bigint()),
        low_ones,
        top,
        alternating,
        others,
        of_twice,
    ]
}

/// Elements to compute with: their words, reduced or not, and what these mean.
struct Samples<E: Element> {
    words: Vec<E::Words>,
    values: Vec<E>,
}

impl<E: Element> Samples<E> {
    /// The samples, rotated: pairs with the unrotated ones meet every two of the first `shift`.
    fn rotated(&self, shift: usize) -> Self {
        let mut words = self.words.clone();
        words.rotate_left(shift);
        let mut values = self.values.clone();
        values.rotate_left(shift);
        Self { words, values }
    }
}

fn prime_samples<F, const N: usize>() -> Samples<F>
where
    F: PrimeField + Element<Words = [u64; N]>,
{
    let mut rng = rng();
    let mut words = edges::<F, N>();
    words.extend((0..84).map(|_| F::rand(&mut rng).words()));
    let r = montgomery::<F, N>();
    let values = words.iter().map(|w| residue::<F, N>(w) / r).collect();
    Samples { words, values }
}

fn fq2_samples() -> Samples<Fq2> {
    let components = prime_samples::<Fq, 4>();
    let n = components.words.len();
    // Every sample as c0, with another as c1; then those with a component of zero.
    let pairs = (0..n)
        .map(|i| (i, i * 5 % n))
        .chain((0..8).flat_map(|i| [(i, 0), (0, i)]));
    let (words, values) = pairs
        .map(|(i, j)| {
            let words: [u64; 8] = bytemuck::cast([components.words[i], components.words[j]]);
            (words, Fq2::new(components.values[i], components.values[j]))
        })
        .unzip();
    Samples { words, values }
}

/// Runs a kernel on samples, each rotated by another number, and compares with `expected`.
fn check<E: Element, const K: usize>(
    stream: &Stream,
    kernel: &'static str,
    samples: &Samples<E>,
    expected: impl Fn([E; K]) -> E,
) {
    // Rotations such that all pairs of edges meet somewhere.
    for shift in 0..if K == 1 { 1 } else { 20 } {
        let operands: [Samples<E>; K] = std::array::from_fn(|k| {
            samples.rotated((k * k * k * 7 + k * shift) % samples.words.len())
        });
        let inputs: Vec<&[E::Words]> = operands.iter().map(|o| o.words.as_slice()).collect();
        let results: Vec<E::Words> = run(stream, kernel, &inputs, E::LANES, |call| call);
        for (i, result) in results.iter().enumerate() {
            let values = std::array::from_fn(|k| operands[k].values[i]);
            assert_eq!(
                E::from_words(result),
                Some(expected(values)),
                "{kernel} of {values:?} on {}",
                stream.device().info().name
            );
        }
    }
}

/// The names of a field's kernels.
struct Names {
    add: &'static str,
    sub: &'static str,
    mul: &'static str,
    sqr: &'static str,
}

macro_rules! names {
    ($field:literal) => {
        Names {
            add: concat!("field_add_", $field),
            sub: concat!("field_sub_", $field),
            mul: concat!("field_mul_", $field),
            sqr: concat!("field_sqr_", $field),
        }
    };
}

fn check_ring<E: Element + Field>(stream: &Stream, names: &Names, samples: &Samples<E>) {
    check(stream, names.add, samples, |[a, b]| a + b);
    check(stream, names.sub, samples, |[a, b]| a - b);
    check(stream, names.mul, samples, |[a, b]| a * b);
    check(stream, names.sqr, samples, |[a]| a.square());
}

#[test]
fn sums_and_products_are_right() {
    for device in devices() {
        let stream = device.stream().unwrap();
        check_ring::<Fr>(&stream, &names!("fr"), &prime_samples());
        check_ring::<Fq>(&stream, &names!("fq"), &prime_samples());
        check_ring::<Fq2>(&stream, &names!("fq2"), &fq2_samples());
        check_ring::<ark_bls12_381::Fq>(&stream, &names!("bls381_fq"), &prime_samples());
    }
}

/// Four operands, each of them any of `extremes`.
fn fourfold<E: Element>(extremes: &Samples<E>) -> [Samples<E>; 4] {
    let n = extremes.words.len();
    std::array::from_fn(|k| {
        let choices = (0..n.pow(4)).map(|i| i / n.pow(k as u32) % n);
        let (words, values) = choices
            .map(|i| (extremes.words[i], extremes.values[i]))
            .unzip();
        Samples { words, values }
    })
}

/// a b - c d where it is largest and smallest: the sums before the reduction reach their bounds.
fn check_extremes<E: Element + Field>(
    stream: &Stream,
    kernel: &'static str,
    extremes: &Samples<E>,
) {
    let [a, b, c, d] = fourfold(extremes);
    let inputs = [&a, &b, &c, &d].map(|operand| operand.words.as_slice());
    let results: Vec<E::Words> = run(stream, kernel, &inputs, E::LANES, |call| call);
    for (i, result) in results.iter().enumerate() {
        let [a, b, c, d] = [&a, &b, &c, &d].map(|operand| operand.values[i]);
        assert_eq!(
            E::from_words(result),
            Some(a * b - c * d),
            "{kernel} of {a}, {b}, {c}, {d}"
        );
    }
}

#[test]
fn merged_products_keep_their_bounds() {
    /// 0, about p and the last below 2p: as the words, of which `edges` has some.
    fn extremes<F, const N: usize>() -> Samples<F>
    where
        F: PrimeField + Element<Words = [u64; N]>,
    {
        let Samples { words, values } = prime_samples::<F, N>();
        let chosen = [0, 5, 6, 9];
        Samples {
            words: chosen.map(|i| words[i]).to_vec(),
            values: chosen.map(|i| values[i]).to_vec(),
        }
    }
    for device in devices() {
        let stream = device.stream().unwrap();
        check_extremes(&stream, "field_mul_sub_mul_fr", &extremes::<Fr, 4>());
        let Samples { words, values } = extremes::<Fq, 4>();
        // Fq2 with each component the first or the last of them.
        let pairs = [(0, 0), (0, 3), (3, 0), (3, 3)];
        let fq2 = Samples {
            words: pairs
                .map(|(i, j)| bytemuck::cast([words[i], words[j]]))
                .to_vec(),
            values: pairs.map(|(i, j)| Fq2::new(values[i], values[j])).to_vec(),
        };
        check_extremes(&stream, "field_mul_sub_mul_fq", &Samples { words, values });
        check_extremes(&stream, "field_mul_sub_mul_fq2", &fq2);
    }
}

#[test]
fn merged_products_are_right() {
    for device in devices() {
        let stream = device.stream().unwrap();
        let expected = |[a, b, c, d]: [Fr; 4]| a * b - c * d;
        check(&stream, "field_mul_sub_mul_fr", &prime_samples(), expected);
        let expected = |[a, b, c, d]: [Fq; 4]| a * b - c * d;
        check(&stream, "field_mul_sub_mul_fq", &prime_samples(), expected);
        let expected = |[a, b, c, d]: [Fq2; 4]| a * b - c * d;
        check(&stream, "field_mul_sub_mul_fq2", &fq2_samples(), expected);
    }
}

#[test]
fn scaling_is_right() {
    for device in devices() {
        let stream = device.stream().unwrap();
        let samples = prime_samples::<Fr, 4>();
        for (factor, &by) in samples.words.iter().zip(&samples.values) {
            // The factor stands between the arrays.
            let results: Vec<[u64; 4]> =
                run(&stream, "field_scale_fr", &[&samples.words], 1, |call| {
                    call.arg(ByValue(*factor))
                });
            for (result, &value) in results.iter().zip(&samples.values) {
                assert_eq!(Fr::from_words(result), Some(value * by));
            }
        }
    }
}

fn check_canonical<F, const N: usize>(stream: &Stream, to: &'static str, from: &'static str)
where
    F: PrimeField + Element<Words = [u64; N]>,
    [u64; N]: Pod,
{
    let samples = prime_samples::<F, N>();
    let integers: Vec<[u64; N]> = run(stream, to, &[&samples.words], 1, |call| call);
    for (integer, value) in integers.iter().zip(&samples.values) {
        assert_eq!(*integer, integer_words::<F, N>(value.into_bigint()));
    }
    // Any integer of that size is taken, and the largest ones are beyond 5p.
    let mut integers = samples.words;
    integers.push([u64::MAX; N]);
    let elements: Vec<[u64; N]> = run(stream, from, &[&integers], 1, |call| call);
    for (element, integer) in elements.iter().zip(&integers) {
        assert_eq!(F::from_words(element), Some(residue::<F, N>(integer)));
    }
}

#[test]
fn canonical_integers_come_and_go() {
    for device in devices() {
        let stream = device.stream().unwrap();
        check_canonical::<Fr, 4>(&stream, "field_to_canonical_fr", "field_from_canonical_fr");
        check_canonical::<Fq, 4>(&stream, "field_to_canonical_fq", "field_from_canonical_fq");
    }
}

fn check_inverse<E: Element + Field>(stream: &Stream, kernel: &'static str, samples: &Samples<E>) {
    // Few elements, fewer than threads; and several a thread, the last ones short of one.
    for n in [1, 3, samples.words.len()] {
        let results: Vec<E::Words> =
            run(stream, kernel, &[&samples.words[..n]], E::LANES, |call| {
                if n == 1 || E::LANES > 1 {
                    call
                } else {
                    call.blocks(1).threads(32)
                }
            });
        for (result, value) in results.iter().zip(&samples.values) {
            let expected = value.inverse().unwrap_or(E::ZERO);
            assert_eq!(
                E::from_words(result),
                Some(expected),
                "{kernel} of {value:?}"
            );
        }
    }
}

#[test]
fn inverses_are_right_and_zeros_stay() {
    for device in devices() {
        let stream = device.stream().unwrap();
        let samples = prime_samples::<Fr, 4>();
        assert!(
            samples
                .values
                .iter()
                .filter(|value| value.is_zero())
                .count()
                > 1
        );
        check_inverse(&stream, "field_inverse_fr", &samples);
        check_inverse(&stream, "field_inverse_fq", &prime_samples::<Fq, 4>());
        check_inverse(&stream, "field_inverse_fq2", &fq2_samples());
    }
}
