//! What the tests of kernels have in common: devices, and elements as they stand in memory.

use ark_bn254::Fq2;
use ark_ff::PrimeField;
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use bytemuck::Pod;
use zkiln_cuda::{Buffer, Call, Device, EmulatorOptions, Stream};

/// The devices to test on: the emulator, watching every access, or with `ZKILN_TEST_DEVICE=cuda` in the environment
/// the first GPU.
pub(crate) fn devices() -> Vec<Device> {
    if std::env::var("ZKILN_TEST_DEVICE").as_deref() == Ok("cuda") {
        return vec![Device::nvidia(0).expect("a GPU, as was asked for")];
    }
    let mut options = EmulatorOptions::default();
    options.checked = true;
    vec![Device::emulator_with(&options).expect("built with the feature `emulator`")]
}

/// The same numbers every time.
pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(0x7a6b_696c)
}

/// An element of a field as kernels see it: words in memory, in Montgomery form.
pub(crate) trait Element: Copy + PartialEq + std::fmt::Debug {
    /// Its words.
    type Words: Pod;
    /// The threads that take one together.
    const LANES: usize;

    /// Reduced words.
    fn words(&self) -> Self::Words;

    /// The element; `None` if a component is not reduced.
    fn from_words(words: &Self::Words) -> Option<Self>;
}

/// R mod p, for the R of N 64-bit words.
pub(crate) fn montgomery<F: PrimeField, const N: usize>() -> F {
    F::from(2u64).pow([64 * N as u64])
}

/// The words of an integer.
pub(crate) fn integer_words<F: PrimeField, const N: usize>(integer: F::BigInt) -> [u64; N] {
    integer.as_ref().try_into().expect("N words")
}

/// Any integer of N words, mod p.
pub(crate) fn residue<F: PrimeField, const N: usize>(words: &[u64; N]) -> F {
    F::from_le_bytes_mod_order(bytemuck::cast_slice(words))
}

macro_rules! prime {
    ($field:ty, $words:literal) => {
        impl Element for $field {
            type Words = [u64; $words];
            const LANES: usize = 1;

            fn words(&self) -> Self::Words {
                integer_words::<Self, $words>((*self * montgomery::<Self, $words>()).into_bigint())
            }

            fn from_words(words: &Self::Words) -> Option<Self> {
                let value = residue::<Self, $words>(words);
                (value.into_bigint().as_ref() == words)
                    .then(|| value / montgomery::<Self, $words>())
            }
        }
    };
}

prime!(ark_bn254::Fr, 4);
prime!(ark_bn254::Fq, 4);
prime!(ark_bls12_381::Fq, 6);

impl Element for Fq2 {
    type Words = [u64; 8];
    const LANES: usize = 2;

    fn words(&self) -> [u64; 8] {
        let words = [self.c0.words(), self.c1.words()];
        bytemuck::cast(words)
    }

    fn from_words(words: &[u64; 8]) -> Option<Self> {
        let [c0, c1]: [[u64; 4]; 2] = bytemuck::cast(*words);
        Some(Self::new(
            Element::from_words(&c0)?,
            Element::from_words(&c1)?,
        ))
    }
}

/// Words that no kernel leaves: they are not those of an element.
pub(crate) const UNTOUCHED: u8 = 0xff;

/// Results of a kernel that takes arrays of `n` elements, an output for as many, and `n`; with a few
/// more threads than elements, none of which may write.
pub(crate) fn run<'a, In: Pod, Out: Pod>(
    stream: &'a Stream,
    kernel: &'static str,
    inputs: &[&[In]],
    lanes: usize,
    extra: impl FnOnce(Call<'a>) -> Call<'a>,
) -> Vec<Out> {
    const THREADS: usize = 64;
    let n = inputs[0].len();
    let beyond = THREADS;
    let untouched =
        vec![bytemuck::pod_read_unaligned(&vec![UNTOUCHED; size_of::<Out>()]); n + beyond];
    let mut out: Buffer<Out> = stream.upload(&untouched).unwrap();
    let inputs: Vec<Buffer<In>> = inputs
        .iter()
        .map(|input| {
            assert_eq!(input.len(), n);
            stream.upload(input).unwrap()
        })
        .collect();
    let call = stream
        .call(kernel)
        .blocks((n * lanes).div_ceil(THREADS) + 1)
        .threads(THREADS as u32);
    let call = inputs.iter().fold(call, |call, input| call.arg(input));
    let call = extra(call).arg(&mut out).arg(n as u32);
    // SAFETY: the inputs have n elements each, and the output more.
    unsafe { call.launch() }.unwrap();
    let mut results = stream.download(&out).unwrap();
    let rest = results.split_off(n);
    assert!(
        bytemuck::cast_slice::<Out, u8>(&rest)
            .iter()
            .all(|&byte| byte == UNTOUCHED),
        "{kernel} wrote beyond its end"
    );
    results
}
