//! The transcript: a duplex sponge over SHA-256, and what is said through it.
//!
//! The sponge keeps a chaining value of 32 bytes, zero at first. A run of absorptions and one of squeezes
//! each begin with a block of 64 bytes that says which it is, followed by the chaining value:
//!
//! ```text
//! absorb   cv = SHA256(SHA256(mask 0 | cv | input))
//! squeeze  output i = SHA256(mask 1 | cv | i)
//! after it cv = SHA256(mask 2 | cv | number of bytes squeezed)
//! ```
//!
//! A mask is zero but for its last byte; numbers are 64 bits, big-endian. This is spongefish's
//! `Hash<Sha256>`. Nothing separates two absorbed messages: the protocol fixes their lengths.

use sha2::{Digest, Sha256};

use super::digest::{Digest32, sha256};
use super::parameters::Grinding;
use super::proof::{Proof, place};
use crate::error::{Fault, Result};
use crate::field::{Field, Fr, Int};

/// The masks' last bytes.
const ABSORB: u8 = 0;
const SQUEEZE: u8 = 1;
const SQUEEZE_END: u8 = 2;

/// A hasher that has read a mask and a chaining value.
fn masked(mask: u8, cv: &Digest32) -> Sha256 {
    let mut block = [0; 64];
    block[63] = mask;
    Sha256::new().chain_update(block).chain_update(cv)
}

/// The sponge.
#[derive(Clone)]
pub(super) struct Sponge {
    cv: Digest32,
    mode: Mode,
}

#[derive(Clone)]
enum Mode {
    Start,
    Absorb(Sha256),
    Squeeze {
        /// Has read the mask and the chaining value.
        prefix: Sha256,
        /// Digests made.
        count: u64,
        /// The last of them.
        digest: Digest32,
        /// How much of it was given out.
        used: usize,
    },
}

impl Sponge {
    pub(super) fn new() -> Self {
        Self {
            cv: [0; 32],
            mode: Mode::Start,
        }
    }

    pub(super) fn absorb(&mut self, input: &[u8]) {
        if let Mode::Squeeze { count, used, .. } = &self.mode {
            let squeezed = 32 * count - (32 - *used as u64);
            let hasher = masked(SQUEEZE_END, &self.cv).chain_update(squeezed.to_be_bytes());
            self.cv = hasher.finalize().into();
            self.mode = Mode::Start;
        }
        if let Mode::Start = self.mode {
            self.mode = Mode::Absorb(masked(ABSORB, &self.cv));
        }
        if let Mode::Absorb(hasher) = &mut self.mode {
            hasher.update(input);
        }
    }

    pub(super) fn squeeze(&mut self, output: &mut [u8]) {
        if let Mode::Absorb(hasher) = &self.mode {
            self.cv = Sha256::digest(hasher.clone().finalize()).into();
            self.mode = Mode::Start;
        }
        if let Mode::Start = self.mode {
            self.mode = Mode::Squeeze {
                prefix: masked(SQUEEZE, &self.cv),
                count: 0,
                digest: [0; 32],
                used: 32,
            };
        }
        let Mode::Squeeze {
            prefix,
            count,
            digest,
            used,
        } = &mut self.mode
        else {
            unreachable!("set above");
        };
        for byte in output {
            if *used == 32 {
                let hasher = prefix.clone().chain_update(count.to_be_bytes());
                *digest = hasher.finalize().into();
                *count += 1;
                *used = 0;
            }
            *byte = digest[*used];
            *used += 1;
        }
    }
}

/// What both sides draw from the sponge.
pub(super) trait Challenges {
    fn sponge(&mut self) -> &mut Sponge;

    /// An element from 64 bytes, little-endian, modulo r: within 2^-254 of uniform.
    fn challenge(&mut self) -> Fr {
        let mut bytes = [0; 64];
        self.sponge().squeeze(&mut bytes);
        reduce(&bytes)
    }

    fn challenges(&mut self, count: usize) -> Vec<Fr> {
        (0..count).map(|_| self.challenge()).collect()
    }

    /// `1, x, x^2, ...` for one challenge `x`, which is drawn only if there is more than the 1.
    fn powers(&mut self, count: usize) -> Vec<Fr> {
        let base = if count > 1 { self.challenge() } else { Fr::ONE };
        powers(base, count)
    }

    /// `count` places among `n`, a power of two, with repetitions: of each as many bytes as `n - 1` has,
    /// big-endian.
    fn indices(&mut self, n: usize, count: usize) -> Vec<usize> {
        debug_assert!(n.is_power_of_two());
        let width = (n.ilog2() as usize).div_ceil(8);
        let mut bytes = vec![0; count * width];
        self.sponge().squeeze(&mut bytes);
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, &byte| n << 8 | usize::from(byte));
        if width == 0 {
            return vec![0; count];
        }
        bytes
            .chunks_exact(width)
            .map(|bytes| number(bytes) % n)
            .collect()
    }
}

/// `1, base, base^2, ...`
pub(super) fn powers(base: Fr, count: usize) -> Vec<Fr> {
    let next = |power: &Fr| Some(*power * base);
    std::iter::successors(Some(Fr::ONE), next)
        .take(count)
        .collect()
}

/// The element of an integer of 64 bytes, little-endian.
pub(super) fn reduce(bytes: &[u8; 64]) -> Fr {
    let (low, high) = bytes.split_at(32);
    let [low, high] = [low, high].map(|half| Fr::from(Int::from_le_bytes(half)));
    low + high * two_to_256()
}

/// `2^256` as an element.
fn two_to_256() -> Fr {
    const BYTE: u64 = 256;
    (0..31).fold(Fr::from_u64(BYTE), |power, _| power * Fr::from_u64(BYTE))
}

/// The prover's side: what is said goes into the sponge and the proof.
pub(super) struct Speaker {
    sponge: Sponge,
    proof: Proof,
}

impl Challenges for Speaker {
    fn sponge(&mut self) -> &mut Sponge {
        &mut self.sponge
    }
}

impl Speaker {
    pub(super) fn new(sponge: Sponge) -> Self {
        Self {
            sponge,
            proof: Proof::default(),
        }
    }

    pub(super) fn say_bytes(&mut self, bytes: &[u8]) {
        self.sponge.absorb(bytes);
        self.proof.messages.extend_from_slice(bytes);
    }

    pub(super) fn say(&mut self, element: Fr) {
        let mut bytes = [0; Fr::BYTES];
        element.write_canonical(&mut bytes);
        self.say_bytes(&bytes);
    }

    pub(super) fn say_all(&mut self, elements: &[Fr]) {
        elements.iter().for_each(|&element| self.say(element));
    }

    /// What the verifier can check against what was said: not absorbed.
    pub(super) fn hint(&mut self, bytes: &[u8]) {
        self.proof.hints.extend_from_slice(bytes);
    }

    /// A nonce for the challenge, if any is asked for.
    pub(super) fn grind(&mut self, grinding: Grinding) {
        if grinding.is_none() {
            return;
        }
        let mut challenge = [0; 32];
        self.sponge.squeeze(&mut challenge);
        let nonce = (0..).find(|&nonce| accepts(grinding, &challenge, nonce));
        // 2^64 nonces: the hash would have to be broken.
        self.say_bytes(&nonce.unwrap_or_default().to_le_bytes());
    }

    pub(super) fn finish(self) -> Proof {
        self.proof
    }
}

/// Whether a nonce answers a challenge: `H(challenge | nonce | 24 zeros)`, of which the first 64 bits are a
/// little-endian number, is at most the threshold.
pub(super) fn accepts(grinding: Grinding, challenge: &Digest32, nonce: u64) -> bool {
    let mut input = [0; 64];
    input[..32].copy_from_slice(challenge);
    input[32..40].copy_from_slice(&nonce.to_le_bytes());
    let digest = sha256(&input);
    let head = digest[..8].try_into().expect("eight bytes");
    u64::from_le_bytes(head) <= grinding.threshold
}

/// The verifier's side: what is heard comes from the proof and goes into the sponge.
pub(super) struct Listener<'a> {
    sponge: Sponge,
    messages: &'a [u8],
    hints: &'a [u8],
}

impl Challenges for Listener<'_> {
    fn sponge(&mut self) -> &mut Sponge {
        &mut self.sponge
    }
}

/// The next bytes of a part of the proof.
pub(super) fn take<'a>(bytes: &mut &'a [u8], count: usize, part: &str) -> Result<&'a [u8]> {
    let Some((head, tail)) = bytes.split_at_checked(count) else {
        let reason = format!("{} bytes are left where {count} are due", bytes.len());
        return Err(place(part, Fault::Truncated, reason));
    };
    *bytes = tail;
    Ok(head)
}

/// Bytes as an element, which must be reduced: each element has one encoding.
pub(super) fn element(bytes: &[u8], part: &str) -> Result<Fr> {
    Fr::read_canonical(bytes).ok_or_else(|| {
        let reason = "an element is not below r";
        place(part, Fault::NotCanonical, reason)
    })
}

impl<'a> Listener<'a> {
    pub(super) fn new(sponge: Sponge, proof: &'a Proof) -> Self {
        Self {
            sponge,
            messages: &proof.messages,
            hints: &proof.hints,
        }
    }

    fn hear_bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let bytes = take(&mut self.messages, count, "messages")?;
        self.sponge.absorb(bytes);
        Ok(bytes)
    }

    pub(super) fn hear(&mut self) -> Result<Fr> {
        element(self.hear_bytes(Fr::BYTES)?, "messages")
    }

    pub(super) fn hear_all(&mut self, count: usize) -> Result<Vec<Fr>> {
        (0..count).map(|_| self.hear()).collect()
    }

    pub(super) fn hear_digest(&mut self) -> Result<Digest32> {
        let bytes = self.hear_bytes(32)?;
        Ok(bytes.try_into().expect("32 bytes"))
    }

    /// Whether the prover did the work.
    pub(super) fn check_work(&mut self, grinding: Grinding) -> Result<bool> {
        if grinding.is_none() {
            return Ok(true);
        }
        let mut challenge = [0; 32];
        self.sponge.squeeze(&mut challenge);
        let nonce = self.hear_bytes(8)?.try_into().expect("eight bytes");
        Ok(accepts(grinding, &challenge, u64::from_le_bytes(nonce)))
    }

    /// A matrix of hints, with their number in 64 bits before them.
    pub(super) fn hinted_elements(&mut self, count: usize) -> Result<(Vec<Fr>, &'a [u8])> {
        let length = take(&mut self.hints, 8, "hints")?;
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        if length != count as u64 {
            let reason = format!("rows of {length} elements in all where there are {count}");
            return Err(place("hints", Fault::Count, reason));
        }
        let bytes = take(&mut self.hints, count * Fr::BYTES, "hints")?;
        let elements = bytes
            .chunks_exact(Fr::BYTES)
            .map(|bytes| element(bytes, "hints"))
            .collect::<Result<_>>()?;
        Ok((elements, bytes))
    }

    pub(super) fn hinted_digest(&mut self) -> Result<Digest32> {
        let bytes = take(&mut self.hints, 32, "hints")?;
        Ok(bytes.try_into().expect("32 bytes"))
    }

    /// That nothing is left.
    pub(super) fn finish(self) -> Result<()> {
        for (part, bytes) in [("messages", self.messages), ("hints", self.hints)] {
            if !bytes.is_empty() {
                let reason = format!("{} bytes follow the last", bytes.len());
                return Err(place(part, Fault::TrailingBytes, reason));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers are those of a test of spongefish.
    #[test]
    fn the_sponge_is_spongefish() {
        let mut sponge = Sponge::new();
        let mut got = [0; 96];
        sponge.absorb(b"abc");
        sponge.squeeze(&mut got[..40]);
        sponge.absorb(b"def");
        sponge.squeeze(&mut got[40..]);
        let hex: String = got.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "1148309e4bafeff292c34afadd013dea4c5d216bee96808d8c0d1ce763699c96\
             ca16f14b8fd803a2893f6a51b5b66966236bb19b4caa726a942dbf5468fdf877\
             3eb8892e1fffc0edf47db0f8715927bda25181fe846668c2728f270f9cf64df8"
        );
        // In whatever pieces it is squeezed and absorbed.
        let mut sponge = Sponge::new();
        sponge.absorb(b"a");
        sponge.absorb(b"bc");
        let mut pieces = [0; 40];
        pieces.chunks_mut(7).for_each(|piece| sponge.squeeze(piece));
        assert_eq!(pieces, got[..40]);
    }

    #[test]
    fn wide_integers_are_reduced() {
        let mut bytes = [0xff; 64];
        let two = Fr::from_u64(2);
        assert_eq!(reduce(&bytes), two.pow(&[512]) - Fr::ONE);
        bytes[0] = 0;
        assert_eq!(reduce(&bytes), two.pow(&[512]) - Fr::from_u64(256));
        assert_eq!(reduce(&[0; 64]), Fr::ZERO);
    }

    #[test]
    fn indices_are_in_range() {
        let mut speaker = Speaker::new(Sponge::new());
        for log_n in [0, 1, 7, 8, 9, 17] {
            let indices = speaker.indices(1 << log_n, 50);
            assert_eq!(indices.len(), 50);
            assert!(indices.iter().all(|index| index >> log_n == 0));
        }
    }
}
