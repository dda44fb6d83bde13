//! What p3-whir needs beside its crates: BN254's scalar field as an element of transcripts, which p3-bn254's type
//! is not, and a challenger over bytes for it, as Plonky3 has for fields of 32 and 64 bits.

use std::fmt;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use num_bigint::BigUint;
use p3_bn254::Bn254;
use p3_challenger::fs::{TranscriptError, TranscriptField, TypeTag};
use p3_challenger::{
    CanObserve, CanSample, CanSampleBits, CanSampleUniformBits, FieldChallenger,
    GrindingChallenger, HashChallenger, ResamplingError,
};
use p3_field::op_assign_macros::{
    impl_add_assign, impl_div_methods, impl_mul_methods, impl_sub_assign, ring_sum,
};
use p3_field::{
    Field, Packable, PrimeCharacteristicRing, PrimeField, RawDataSerializable, TwoAdicField,
};
use p3_keccak::Keccak256Hash;
use p3_symmetric::MerkleCap;
use serde::{Deserialize, Serialize};

/// The field.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[repr(transparent)]
pub(crate) struct Fr(Bn254);

impl Fr {
    /// Of 32 bytes, little-endian, below r.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let value = BigUint::from_bytes_le(bytes);
        (value < Bn254::order()).then(|| Self(Bn254::from_biguint(value).unwrap()))
    }

    /// 32 bytes, little-endian, below r.
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = self.0.as_canonical_biguint().to_bytes_le();
        bytes.resize(32, 0);
        bytes.try_into().unwrap()
    }
}

impl fmt::Display for Fr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for Fr {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fr {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Fr {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul for Fr {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl_add_assign!(Fr);
impl_sub_assign!(Fr);
impl_mul_methods!(Fr);
ring_sum!(Fr);
impl_div_methods!(Fr, Fr);

impl From<Bn254> for Fr {
    fn from(value: Bn254) -> Self {
        Self(value)
    }
}

impl PrimeCharacteristicRing for Fr {
    type PrimeSubfield = Bn254;
    const ZERO: Self = Self(Bn254::ZERO);
    const ONE: Self = Self(Bn254::ONE);
    const TWO: Self = Self(Bn254::TWO);
    const NEG_ONE: Self = Self(Bn254::NEG_ONE);
    #[inline]
    fn from_prime_subfield(value: Bn254) -> Self {
        Self(value)
    }
    #[inline]
    fn halve(&self) -> Self {
        Self(self.0.halve())
    }
}

impl Packable for Fr {}

/// As p3-bn254's type is serialised: in Montgomery form.
impl RawDataSerializable for Fr {
    const NUM_BYTES: usize = 32;
    #[allow(refining_impl_trait)]
    #[inline]
    fn into_bytes(self) -> [u8; 32] {
        self.0.into_bytes()
    }
    #[inline]
    fn into_u64_stream(input: impl IntoIterator<Item = Self>) -> impl IntoIterator<Item = u64> {
        Bn254::into_u64_stream(input.into_iter().map(|element| element.0))
    }
}

impl Field for Fr {
    type Packing = Self;
    const GENERATOR: Self = Self(Bn254::GENERATOR);
    #[inline]
    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
    #[inline]
    fn try_inverse(&self) -> Option<Self> {
        self.0.try_inverse().map(Self)
    }
    fn order() -> BigUint {
        Bn254::order()
    }
}

impl TwoAdicField for Fr {
    const TWO_ADICITY: usize = Bn254::TWO_ADICITY;
    fn two_adic_generator(bits: usize) -> Self {
        Self(Bn254::two_adic_generator(bits))
    }
}

impl TranscriptField for Fr {
    /// The modulus has more than 64 bits: its lowest word stands for it.
    fn algebra_tag(degree: usize, basis: [u8; 32]) -> TypeTag {
        TypeTag::Algebra {
            modulus: Bn254::order().to_u64_digits()[0],
            degree,
            basis,
        }
    }

    /// The length, then 31 bytes an element, little-endian: as for fields of 64 bits.
    fn observe_seed<C: CanObserve<Self>>(challenger: &mut C, bytes: &[u8]) {
        challenger.observe(Self::from_u64(bytes.len() as u64));
        for chunk in bytes.chunks(31) {
            challenger.observe(Self::from_bytes(chunk).unwrap());
        }
    }

    fn wire_len() -> usize {
        32
    }

    fn encode(value: &Self, out: &mut Vec<u8>) {
        out.extend(value.to_bytes().iter().rev());
    }

    fn decode(bytes: &[u8]) -> Result<Self, TranscriptError> {
        let mut bytes = bytes.to_vec();
        bytes.reverse();
        Self::from_bytes(&bytes).ok_or(TranscriptError::BadProofShape {
            reason: "not below the modulus",
        })
    }
}

/// `SerializingChallenger64` for elements of 32 bytes.
#[derive(Clone, Debug)]
pub(crate) struct Challenger(HashChallenger<u8, Keccak256Hash, 32>);

impl Challenger {
    pub(crate) fn new() -> Self {
        Self(HashChallenger::new(vec![], Keccak256Hash))
    }
}

impl CanObserve<Fr> for Challenger {
    fn observe(&mut self, value: Fr) {
        self.0.observe_slice(&value.to_bytes());
    }
}

impl CanObserve<MerkleCap<Fr, [u64; 4]>> for Challenger {
    fn observe(&mut self, cap: MerkleCap<Fr, [u64; 4]>) {
        for word in cap.roots().iter().flatten() {
            self.0.observe_slice(&word.to_le_bytes());
        }
    }
}

impl CanSample<Fr> for Challenger {
    /// By rejection from 254 bits.
    fn sample(&mut self) -> Fr {
        loop {
            let mut bytes: [u8; 32] = self.0.sample_array();
            bytes[31] &= 0x3f;
            if let Some(element) = Fr::from_bytes(&bytes) {
                return element;
            }
        }
    }
}

impl CanSampleBits<usize> for Challenger {
    fn sample_bits(&mut self, bits: usize) -> usize {
        assert!(bits < 64);
        (u64::from_le_bytes(self.0.sample_array()) & ((1 << bits) - 1)) as usize
    }
}

impl CanSampleUniformBits<Fr> for Challenger {
    fn sample_uniform_bits<const RESAMPLE: bool>(
        &mut self,
        bits: usize,
    ) -> Result<usize, ResamplingError> {
        Ok(self.sample_bits(bits))
    }
}

impl FieldChallenger<Fr> for Challenger {}

impl GrindingChallenger for Challenger {
    type Witness = Fr;

    fn grind(&mut self, bits: usize) -> Fr {
        use p3_challenger::ByteGrindingChallenger;

        if bits == 0 {
            return Fr::ZERO;
        }
        let mut squeezed = self.0.clone();
        let _: u8 = squeezed.sample();
        let encode = |i: u64| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&i.to_le_bytes());
            bytes
        };
        let mask = (1 << bits) - 1;
        let accepts = |bytes: [u8; 8]| u64::from_le_bytes(bytes) & mask == 0;
        let nonce = squeezed.find_witness(u64::MAX, encode, accepts).unwrap();
        let witness = Fr::from_u64(nonce);
        assert!(self.check_witness(bits, witness));
        witness
    }

    /// With what was observed so far hashed first, as Plonky3's serialising challengers do.
    fn check_witness(&mut self, bits: usize, witness: Fr) -> bool {
        if bits == 0 {
            return true;
        }
        let _: u8 = self.0.sample();
        self.observe(witness);
        self.sample_bits(bits) == 0
    }
}
