//! Proofs as bytes: the [postcard](https://postcard.jamesmunns.com/wire-format) encoding of Plonky3's
//! types, of which every value has exactly one.
//!
//! Lengths and words of 64 bits are varints (7 bits a byte, lowest first), an option is a byte 0 or 1
//! before its value, structs and arrays are their parts. Elements of fields are their words in memory,
//! little-endian: Plonky3 writes Montgomery forms as they are.
//!
//! The `postcard` crate would also read varints that are longer than need be, and does not say where in
//! the bytes a fault is; these few functions do both.

use crate::field::small::{BabyBear, Binomial, Extension, Goldilocks, KoalaBear, SmallField};
use crate::{Error, Fault, Result};

/// A value with one encoding.
pub trait Encode: Sized {
    /// The least number of bytes of a value: what a length in the input must be backed by.
    const MIN_BYTES: usize;

    /// Appends the encoding.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads a value from the front of the input.
    ///
    /// # Errors
    /// [`Error::Malformed`] for bytes that are no value's encoding.
    fn decode(input: &mut Reader<'_>) -> Result<Self>;

    /// The encoding.
    fn encoding(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// The value with exactly this encoding, which errors call `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else.
    fn from_encoding(bytes: &[u8], origin: &str) -> Result<Self> {
        let mut reader = Reader::new(bytes, origin);
        let value = reader.read("value")?;
        reader.end()?;
        Ok(value)
    }
}

/// Bytes that are read from the front, with the name of what is being read for errors.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
    origin: &'a str,
    section: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader of all of `bytes`, which errors call `origin`.
    pub(crate) fn new(bytes: &'a [u8], origin: &'a str) -> Self {
        Self {
            rest: bytes,
            length: bytes.len(),
            origin,
            section: "",
        }
    }

    /// Reads a value that errors call `section`.
    pub(crate) fn read<T: Encode>(&mut self, section: &'static str) -> Result<T> {
        self.section = section;
        T::decode(self)
    }

    /// What is malformed, where, and how.
    pub(crate) fn error(&self, fault: Fault, reason: impl core::fmt::Display) -> Error {
        let at = self.length - self.rest.len();
        Error::malformed(
            self.origin,
            self.section,
            fault,
            format!("before byte {at}: {reason}"),
        )
    }

    /// The next `N` bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self
            .rest
            .split_first_chunk()
            .ok_or_else(|| self.error(Fault::Truncated, "the bytes end here"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<()> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(self.error(Fault::TrailingBytes, format!("{more} bytes after the end"))),
        }
    }

    /// A length of a list whose items have at least `item_bytes` bytes each, all of which are there.
    fn length(&mut self, item_bytes: usize) -> Result<usize> {
        let length = u64::decode(self)?;
        let most = self.rest.len() / item_bytes;
        match usize::try_from(length) {
            Ok(length) if length <= most => Ok(length),
            _ => Err(self.error(
                Fault::Truncated,
                format!("a list of {length}, of which there can be no more than {most}"),
            )),
        }
    }
}

/// A varint of 64 bits, as short as can be.
impl Encode for u64 {
    const MIN_BYTES: usize = 1;

    fn encode(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = input.bytes()?;
            if shift == 63 && byte > 1 {
                return Err(input.error(Fault::Value, "a number of more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                // A last byte of zero says nothing.
                if byte == 0 && shift > 0 {
                    return Err(input.error(Fault::NotCanonical, "a number longer than need be"));
                }
                return Ok(value);
            }
        }
        unreachable!("the tenth byte is at most one, which ends the number")
    }
}

/// The length, and the items.
impl<T: Encode> Encode for Vec<T> {
    const MIN_BYTES: usize = 1;

    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u64).encode(out);
        for item in self {
            item.encode(out);
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        // Only what has been read takes memory, at most 48 bytes for each: an empty list is one byte, and
        // growing doubles.
        let length = input.length(T::MIN_BYTES)?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(T::decode(input)?);
        }
        Ok(items)
    }
}

/// A byte that says whether there is a value, and the value.
impl<T: Encode> Encode for Option<T> {
    const MIN_BYTES: usize = 1;

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.encode(out);
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        match input.bytes()? {
            [0] => Ok(None),
            [1] => T::decode(input).map(Some),
            [tag] => Err(input.error(Fault::Value, format!("an option of kind {tag}"))),
        }
    }
}

/// A digest of words.
impl<const N: usize> Encode for [u64; N] {
    const MIN_BYTES: usize = N;

    fn encode(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|word| word.encode(out));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let mut words = [0; N];
        for word in &mut words {
            *word = u64::decode(input)?;
        }
        Ok(words)
    }
}

/// A digest of elements.
impl<F: SmallField + Encode, const N: usize> Encode for [F; N] {
    const MIN_BYTES: usize = N * F::MIN_BYTES;

    fn encode(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|element| element.encode(out));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let mut elements = [F::ZERO; N];
        for element in &mut elements {
            *element = F::decode(input)?;
        }
        Ok(elements)
    }
}

/// The coefficients.
impl<F: Binomial<D> + Encode, const D: usize> Encode for Extension<F, D> {
    const MIN_BYTES: usize = D * F::MIN_BYTES;

    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Encode::decode(input).map(Self)
    }
}

/// An element as its word in memory, which must be reduced.
macro_rules! encode_word {
    ($F:ty, $word:ty, $write:expr, $read:expr) => {
        impl Encode for $F {
            const MIN_BYTES: usize = size_of::<$word>();

            fn encode(&self, out: &mut Vec<u8>) {
                let word: $word = $write(*self);
                out.extend_from_slice(&word.to_le_bytes());
            }

            fn decode(input: &mut Reader<'_>) -> Result<Self> {
                let word = <$word>::from_le_bytes(input.bytes()?);
                $read(word).ok_or_else(|| {
                    let modulus = <$F>::MODULUS;
                    input.error(
                        Fault::NotCanonical,
                        format!("{word} is not below the modulus {modulus}"),
                    )
                })
            }
        }
    };
}

encode_word!(
    KoalaBear,
    u32,
    KoalaBear::to_montgomery,
    KoalaBear::from_montgomery
);
encode_word!(
    BabyBear,
    u32,
    BabyBear::to_montgomery,
    BabyBear::from_montgomery
);
encode_word!(
    Goldilocks,
    u64,
    |element: Goldilocks| element.to_u64(),
    Goldilocks::from_canonical
);
