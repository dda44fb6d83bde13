//! Words of 32 bytes, as contracts on an EVM have them.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha3::{Digest as _, Keccak256};

use crate::field::{Field, Fr, Int};

/// 32 bytes, the most significant first: an integer, a digest or an address, as an EVM has them.
///
/// As text it is `0x` and 64 lower-case hexadecimal digits, and no other spelling is read.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub [u8; 32]);

impl Word {
    /// Zero.
    pub const ZERO: Self = Self([0; 32]);

    /// An address of an EVM: twelve zero bytes before it.
    pub const fn address(address: [u8; 20]) -> Self {
        let mut word = [0; 32];
        let mut i = 0;
        while i < 20 {
            word[12 + i] = address[i];
            i += 1;
        }
        Self(word)
    }

    /// Keccak-256 of bytes: the hash of Ethereum, not SHA-3.
    pub fn keccak(bytes: impl AsRef<[u8]>) -> Self {
        Self(Keccak256::digest(bytes).into())
    }

    /// Keccak-256 of words one after the other: `keccak256(abi.encode(...))` in Solidity.
    pub fn hash(words: &[Self]) -> Self {
        let mut hash = Keccak256::new();
        words.iter().for_each(|word| hash.update(word.0));
        Self(hash.finalize().into())
    }

    /// Reads `0x` and 64 lower-case hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        read_hex(text)?.try_into().ok().map(Self)
    }

    /// The high and the low 128 bits.
    pub fn halves(&self) -> [u128; 2] {
        let (halves, _) = self.0.as_chunks::<16>();
        [halves[0], halves[1]].map(u128::from_be_bytes)
    }

    /// The element of the scalar field that is this integer; `None` for `r` and above, so that no two words
    /// are one element.
    pub fn to_field(&self) -> Option<Fr> {
        let mut bytes = self.0;
        bytes.reverse();
        Fr::read_canonical(&bytes)
    }

    /// The integer, if it is below 2^64.
    pub fn to_u64(&self) -> Option<u64> {
        let (high, low) = self.0.split_last_chunk::<8>().map(|(h, l)| (h, *l))?;
        high.iter()
            .all(|&byte| byte == 0)
            .then(|| u64::from_be_bytes(low))
    }
}

impl From<u64> for Word {
    fn from(value: u64) -> Self {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&value.to_be_bytes());
        Self(word)
    }
}

/// The canonical integer.
impl From<Fr> for Word {
    fn from(value: Fr) -> Self {
        let mut word = [0; 32];
        value.write_canonical(&mut word);
        word.reverse();
        Self(word)
    }
}

/// Half a word as an element: always below `r`.
pub(super) fn half(value: u128) -> Fr {
    Fr::from(Int([value as u64, (value >> 64) as u64, 0, 0]))
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::from_hex(text)
            .ok_or_else(|| D::Error::custom("not 0x and 64 lower-case hexadecimal digits"))
    }
}

/// Bytes as `0x` and lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("0x");
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(DIGITS[usize::from(digit)] as char);
        }
    }
    text
}

/// The bytes of [`hex`]; `None` for any other text.
pub(super) fn read_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.strip_prefix("0x")?.as_bytes().as_chunks::<2>();
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    if !rest.is_empty() {
        return None;
    }
    (pairs.iter())
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

/// Integers of 64 bits as strings of decimal digits, since JavaScript rounds numbers above 2^53.
pub(super) mod decimal {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        // What Rust reads includes a sign and leading zeros.
        let value = text.parse().ok();
        value
            .filter(|value: &u64| value.to_string() == text)
            .ok_or_else(|| {
                D::Error::custom(
                    "not a string of a decimal number below 2^64 without sign and leading zeros",
                )
            })
    }
}

/// Elements of the scalar field as words: those below `r`.
pub(super) mod element {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Word;
    use crate::field::Fr;

    pub(crate) fn serialize<S: Serializer>(value: &Fr, serializer: S) -> Result<S::Ok, S::Error> {
        Word::from(*value).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fr, D::Error> {
        let word = Word::deserialize(deserializer)?;
        word.to_field()
            .ok_or_else(|| D::Error::custom("not below r: an alias of another element"))
    }
}
