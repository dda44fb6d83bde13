use super::*;

/// All combinations of what the processor has.
fn all_units() -> Vec<Units> {
    #[allow(unused_mut)] // on other architectures
    let mut all = vec![Units::none()];
    #[cfg(target_arch = "x86_64")]
    {
        let (sixteen, pair) = (avx512::Sixteen::new(), sha_ni::Pair::new());
        let pairs = pair.map(|pair| Units {
            pair: Some(pair),
            ..Units::none()
        });
        all.extend(pairs);
        all.extend(sixteen.map(|_| Units {
            sixteen,
            pair: None,
        }));
        all.push(Units { sixteen, pair });
    }
    all
}

fn check(len: usize, messages: &[u8]) {
    let expected: Vec<[u8; 32]> = messages
        .chunks_exact(len)
        .map(|message| Sha256::digest(message).into())
        .collect();
    let of = EqualLengths::new(len);
    for units in all_units() {
        let mut digests = vec![[0xa5; 32]; messages.len() / len];
        of.hash_with(units, messages, &mut digests);
        assert_eq!(digests, expected, "{units:?}, {len} bytes");
    }
}

#[test]
fn digests_are_those_of_sha2() {
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(99);
        (state >> 56) as u8
    };
    for len in [64, 128, 192, 256, 512, 4096] {
        for count in [0, 1, 2, 3, 7, 15, 16, 17, 33, 64] {
            let messages: Vec<u8> = (0..len * count).map(|_| random()).collect();
            check(len, &messages);
            // One byte further, so nothing is aligned.
            if count > 1 {
                check(len, &messages[1..][..len * (count - 1)]);
            }
            for byte in [0, 0x80, 0xff] {
                check(len, &vec![byte; len * count]);
            }
        }
    }
}

#[test]
fn constants_are_those_of_the_standard() {
    assert_eq!((PRIMES[0], PRIMES[1], PRIMES[63]), (2, 3, 311));
    assert_eq!(ROUNDS[..3], [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf]);
    assert_eq!(ROUNDS[62..], [0xbef9_a3f7, 0xc671_78f2]);
    assert_eq!((INITIAL[0], INITIAL[7]), (0x6a09_e667, 0x5be0_cd19));
}

/// NIST's examples for FIPS 180-4 have a message of a million bytes `a`, which is whole blocks.
#[test]
fn a_million_bytes_are_hashed_as_the_standard_says() {
    const LEN: usize = 1_000_000;
    const DIGEST: [u8; 32] = [
        0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92, 0x81, 0xa1, 0xc7, 0xe2, 0x84, 0xd7, 0x3e,
        0x67, 0xf1, 0x80, 0x9a, 0x48, 0xa4, 0x97, 0x20, 0x0e, 0x04, 0x6d, 0x39, 0xcc, 0xc7, 0x11,
        0x2c, 0xd0,
    ];
    for units in all_units() {
        for count in [1, 2, 16] {
            let mut digests = vec![[0; 32]; count];
            let messages = vec![b'a'; LEN * count];
            EqualLengths::new(LEN).hash_with(units, &messages, &mut digests);
            assert!(digests.iter().all(|digest| *digest == DIGEST), "{units:?}");
        }
    }
}

#[test]
fn portable_code_can_be_forced() {
    #[cfg(target_arch = "x86_64")]
    if std::env::var("ZKILN_CPU").as_deref() == Ok("generic") {
        let units = Units::get();
        assert!(units.sixteen.is_none() && units.pair.is_none());
    }
}

#[test]
#[should_panic(expected = "a message for each digest")]
fn a_message_too_few_is_refused() {
    EqualLengths::new(64).hash(&[0; 64], &mut [[0; 32]; 2]);
}
