//! A chain of SHA-256 compressions, gate by gate as circomlib's is: every intermediate bit of the
//! logic is a wire, and an addition is one linear constraint over the bits of its words.

use std::path::Path;

use anyhow::{Context, Result};
use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField};

use super::builder::{Builder, ONE, Summary, Terms, Wire};

/// More than any round takes: its gates, its sums, and its word of the schedule.
const ROUND: usize = 600;
/// More than the end of a block takes: eight sums, and the outputs.
const END: usize = 300;
/// Each has half of the digest.
const OUTPUTS: usize = 2;

#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The padded message "abc".
const MESSAGE: [u32; 16] = [0x61626380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24];

/// A wire that is 0 or 1. Constants are bits too: the wire of one, and no wire.
#[derive(Clone, Copy)]
struct Bit {
    wire: Option<Wire>,
    value: bool,
}

/// The least significant bit comes first.
type Word = [Bit; 32];

impl Bit {
    fn constant(value: bool) -> Self {
        Self {
            wire: value.then_some(ONE),
            value,
        }
    }

    /// This bit times `factor`: a combination of at most one term.
    fn times(self, factor: i64) -> Option<(Wire, Fr)> {
        self.wire.map(|wire| (wire, Fr::from(factor)))
    }
}

/// Writes the chain: the digest as two outputs, the first word of the message as a public input,
/// the others as private ones. The last block has as many rounds as fit; gates fill the rest.
pub fn write(log_size: u32, r1cs: &Path, wtns: &Path) -> Result<Summary> {
    let message = MESSAGE.map(Fr::from);
    let mut circuit = Builder::create(r1cs, log_size, OUTPUTS, &message[..1], &message[1..])?;
    let mut state = INITIAL.map(constant);
    let mut block = [state[0]; 16];
    for (index, word) in block.iter_mut().enumerate() {
        let wire = if index == 0 {
            circuit.input(0)
        } else {
            circuit.secret(index - 1)
        };
        *word = unpack(&mut circuit, wire, MESSAGE[index])?;
    }

    circuit
        .remaining()
        .checked_sub(ROUND + END)
        .context("the domain is too small for a round")?;
    while circuit.remaining() >= ROUND + END {
        state = compress(&mut circuit, state, block)?;
        // The next block is the digest forwards, then backwards.
        block = std::array::from_fn(|i| state[if i < 8 { i } else { 15 - i }]);
    }
    let mut bits: [Bit; 3] = [state[0][0], state[0][1], state[0][2]];
    while circuit.remaining() > OUTPUTS {
        bits = [
            bits[1],
            bits[2],
            choose(&mut circuit, bits[0], bits[1], bits[2])?,
        ];
    }

    for (index, words) in state.chunks_exact(4).enumerate() {
        let bits = words.iter().rev().flatten().enumerate();
        let terms = bits
            .filter_map(|(i, bit)| Some((bit.wire?, power_of_two(i))))
            .collect();
        circuit.set_output(index, terms)?;
    }
    circuit.finish(wtns)
}

/// The compression of one block, cut short where the domain ends.
fn compress(circuit: &mut Builder, state: [Word; 8], block: [Word; 16]) -> Result<[Word; 8]> {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
    let mut schedule = block.to_vec();
    for (t, k) in K.into_iter().enumerate() {
        if circuit.remaining() < ROUND + END {
            break;
        }
        if t >= 16 {
            let (w15, w2) = (schedule[t - 15], schedule[t - 2]);
            let low = xor3(circuit, rotated(w15, 7), rotated(w15, 18), shifted(w15, 3))?;
            let high = xor3(circuit, rotated(w2, 17), rotated(w2, 19), shifted(w2, 10))?;
            let word = add(circuit, &[high, schedule[t - 7], low, schedule[t - 16]])?;
            // The words themselves are the few wires of a hash circuit that are no bits.
            circuit.equal(packed(&[word]))?;
            schedule.push(word);
        }
        let big1 = xor3(circuit, rotated(e, 6), rotated(e, 11), rotated(e, 25))?;
        let choice = each(|i| choose(circuit, e[i], f[i], g[i]))?;
        let t1 = add(circuit, &[h, big1, choice, constant(k), schedule[t]])?;
        let big0 = xor3(circuit, rotated(a, 2), rotated(a, 13), rotated(a, 22))?;
        let majority = each(|i| majority(circuit, a[i], b[i], c[i]))?;
        let t2 = add(circuit, &[big0, majority])?;
        let (new_e, new_a) = (add(circuit, &[d, t1])?, add(circuit, &[t1, t2])?);
        (h, g, f, e, d, c, b, a) = (g, f, e, new_e, c, b, a, new_a);
    }
    let mut next = state;
    for (word, update) in next.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = add(circuit, &[*word, update])?;
    }
    Ok(next)
}

fn constant(word: u32) -> Word {
    std::array::from_fn(|i| Bit::constant(word >> i & 1 == 1))
}

fn rotated(word: Word, right: usize) -> Word {
    std::array::from_fn(|i| word[(i + right) % 32])
}

fn shifted(word: Word, right: usize) -> Word {
    std::array::from_fn(|i| word.get(i + right).copied().unwrap_or(Bit::constant(false)))
}

fn power_of_two(exponent: usize) -> Fr {
    Fr::from(2u64).pow([exponent as u64])
}

/// A word of 32 results.
fn each(mut gate: impl FnMut(usize) -> Result<Bit>) -> Result<Word> {
    let mut word = constant(0);
    for (i, bit) in word.iter_mut().enumerate() {
        *bit = gate(i)?;
    }
    Ok(word)
}

/// The sum of words as integers.
fn packed(words: &[Word]) -> Terms {
    let bits = words.iter().flat_map(|word| word.iter().enumerate());
    bits.filter_map(|(i, bit)| Some((bit.wire?, power_of_two(i))))
        .collect()
}

/// A new bit whose gate makes it 0 or 1.
fn derived(circuit: &mut Builder, value: bool) -> Bit {
    Bit {
        wire: Some(circuit.wire(Fr::from(value))),
        value,
    }
}

/// A new bit that nothing but its own constraint makes 0 or 1.
fn free(circuit: &mut Builder, value: bool) -> Result<Bit> {
    let bit = derived(circuit, value);
    let terms = |bit: Bit| bit.times(1).into_iter();
    let less_one = terms(bit).chain([(ONE, -Fr::one())]).collect();
    circuit.constrain(terms(bit).collect(), less_one, Terms::new())?;
    Ok(bit)
}

fn and(circuit: &mut Builder, a: Bit, b: Bit) -> Result<Bit> {
    let out = derived(circuit, a.value && b.value);
    let terms = |bit: Bit| bit.times(1).into_iter().collect();
    circuit.constrain(terms(a), terms(b), terms(out))?;
    Ok(out)
}

/// `a ^ b ^ c` by bits: with m = b c it is a (1 - 2b - 2c + 4m) + b + c - 2m.
fn xor3(circuit: &mut Builder, a: Word, b: Word, c: Word) -> Result<Word> {
    each(|i| {
        let (a, b, c) = (a[i], b[i], c[i]);
        let m = and(circuit, b, c)?;
        let out = derived(circuit, a.value ^ b.value ^ c.value);
        let flip = [Some((ONE, Fr::one())), b.times(-2), c.times(-2), m.times(4)];
        let rest = [out.times(1), b.times(-1), c.times(-1), m.times(2)];
        constrain(circuit, &flip, &[a.times(1)], &rest)?;
        Ok(out)
    })
}

/// `if e { f } else { g }`: e (f - g) + g.
fn choose(circuit: &mut Builder, e: Bit, f: Bit, g: Bit) -> Result<Bit> {
    let out = derived(circuit, if e.value { f.value } else { g.value });
    let difference = [f.times(1), g.times(-1)];
    constrain(
        circuit,
        &difference,
        &[e.times(1)],
        &[out.times(1), g.times(-1)],
    )?;
    Ok(out)
}

/// What two of three agree on: with m = b c it is a (b + c - 2m) + m.
fn majority(circuit: &mut Builder, a: Bit, b: Bit, c: Bit) -> Result<Bit> {
    let m = and(circuit, b, c)?;
    let out = derived(circuit, a.value as u8 + b.value as u8 + c.value as u8 >= 2);
    let differ = [b.times(1), c.times(1), m.times(-2)];
    constrain(
        circuit,
        &differ,
        &[a.times(1)],
        &[out.times(1), m.times(-1)],
    )?;
    Ok(out)
}

/// `a b = c`. The gates above put the wider factor first, as circom does: that leaves most wires
/// out of B, whose points in G2 are the dear ones.
fn constrain(
    circuit: &mut Builder,
    a: &[Option<(Wire, Fr)>],
    b: &[Option<(Wire, Fr)>],
    c: &[Option<(Wire, Fr)>],
) -> Result<()> {
    let [a, b, c] = [a, b, c].map(|terms| terms.iter().copied().flatten().collect());
    circuit.constrain(a, b, c)
}

/// The sum modulo 2^32: new bits for the whole sum, of which the carries are dropped.
fn add(circuit: &mut Builder, words: &[Word]) -> Result<Word> {
    let terms = packed(words);
    let sum = circuit.evaluate(&terms).into_bigint().0[0];
    let carries = (words.len() - 1).ilog2() as usize + 1;
    let bits = (0..32 + carries)
        .map(|i| free(circuit, sum >> i & 1 == 1))
        .collect::<Result<Vec<Bit>>>()?;
    equate(circuit, &bits, terms)?;
    each(|i| Ok(bits[i]))
}

/// The bits of a wire below 2^32.
fn unpack(circuit: &mut Builder, wire: Wire, value: u32) -> Result<Word> {
    let word = each(|i| free(circuit, value >> i & 1 == 1))?;
    equate(circuit, &word, vec![(wire, Fr::one())])?;
    Ok(word)
}

/// `terms` = the integer of `bits`.
fn equate(circuit: &mut Builder, bits: &[Bit], mut terms: Terms) -> Result<()> {
    let negated = bits.iter().enumerate();
    terms.extend(negated.filter_map(|(i, bit)| Some((bit.wire?, -power_of_two(i)))));
    circuit.constrain(Terms::new(), Terms::new(), terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_compression_is_that_of_sha256() {
        let path = std::env::temp_dir().join(format!("zkiln-compare-{}.r1cs", std::process::id()));
        let mut circuit = Builder::create(&path, 16, OUTPUTS, &[], &[]).unwrap();
        let digest = compress(&mut circuit, INITIAL.map(constant), MESSAGE.map(constant)).unwrap();
        let word = |word: Word| (0..32).fold(0, |n, i| n | u32::from(word[i].value) << i);
        let expected = [
            0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61,
            0xf20015ad,
        ];
        assert_eq!(digest.map(word), expected);
        std::fs::remove_file(path).unwrap();
    }
}
