//! Calldata of the EVM verifier.
//!
//! The call is `verifyProof(uint256[2] A, uint256[2][2] B, uint256[2] C, uint256[n] public)`, as in
//! snarkjs: words of 32 bytes, big-endian, where a coordinate of `B` has the coefficient of `u`
//! **first**. The JSON files have it second, which is the classic mistake in calling a verifier.

use core::fmt::Write;

use sha3::{Digest, Keccak256};

use super::encoding::Encoding;
use super::proof::Proof;
use crate::field::{Field, Fr};

/// The length of a word of the EVM, in bytes.
const WORD: usize = 32;

impl Proof {
    /// The whole call of `verifyProof` on [`VerifyingKey::to_solidity`]'s contract or on snarkjs',
    /// ABI-encoded: selector, proof, public inputs. Without public inputs the call has three
    /// arguments, as Solidity knows no array of length zero.
    ///
    /// [`VerifyingKey::to_solidity`]: super::VerifyingKey::to_solidity
    pub fn to_calldata(&self, public: &[Fr]) -> Vec<u8> {
        let inputs = match public.len() {
            0 => String::new(),
            n => format!(",uint256[{n}]"),
        };
        let signature = format!("verifyProof(uint256[2],uint256[2][2],uint256[2]{inputs})");
        let mut call = Keccak256::digest(signature)[..4].to_vec();
        call.extend(self.words(public).as_flattened());
        call
    }

    /// The arguments of the call as text, the very string that `snarkjs zkey export
    /// soliditycalldata` prints: for Remix, `cast` and the like.
    pub fn to_calldata_text(&self, public: &[Fr]) -> String {
        let words: Vec<String> = self.words(public).iter().map(hexadecimal).collect();
        let pair = |i: usize| format!("[{}, {}]", words[i], words[i + 1]);
        format!(
            "{},[{},{}],{},[{}]",
            pair(0),
            pair(2),
            pair(4),
            pair(6),
            words[8..].join(",")
        )
    }

    fn words(&self, public: &[Fr]) -> Vec<[u8; WORD]> {
        let proof = self.to_bytes(Encoding::Evm);
        let mut words = proof.as_chunks().0.to_vec();
        words.extend(public.iter().map(|value| {
            let mut word = [0; WORD];
            value.write_canonical(&mut word);
            word.reverse();
            word
        }));
        words
    }
}

/// A word in quotes.
fn hexadecimal(word: &[u8; WORD]) -> String {
    let mut text = String::from("\"0x");
    for byte in word {
        let _ = write!(text, "{byte:02x}");
    }
    text + "\""
}
