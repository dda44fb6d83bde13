//! The permutations of each field and width.

use std::sync::LazyLock;

use super::constants::*;
use super::{Poseidon2, Poseidon2Field};
use crate::field::small::{BabyBear, Goldilocks, KoalaBear, Vector};

/// Declares a permutation: the power, the names of the constants, and what becomes of the elements
/// `x` after the first, given the `sum` of all.
macro_rules! poseidon2 {
    (
        $F:ty, $width:literal, $degree:literal,
        [$initial:ident, $partial:ident, $terminal:ident],
        |$x:ident, $sum:ident| [$($product:expr),* $(,)?]
    ) => {
        impl Poseidon2Field<$width> for $F {
            const DEGREE: u32 = $degree;

            fn standard() -> &'static Poseidon2<Self, $width> {
                static STANDARD: LazyLock<Poseidon2<$F, $width>> = LazyLock::new(|| Poseidon2 {
                    initial: $initial.iter().map(|round| round.map(<$F>::from_u64)).collect(),
                    partial: $partial.map(<$F>::from_u64).to_vec(),
                    terminal: $terminal.iter().map(|round| round.map(<$F>::from_u64)).collect(),
                });
                &STANDARD
            }

            #[inline(always)]
            fn sbox<V: Vector<Element = Self>>(x: V, constant: Self) -> V {
                x.sbox::<$degree>(constant)
            }

            #[inline(always)]
            fn diagonal<V: Vector<Element = Self>>(state: &mut [V; $width], $sum: V) {
                let mut place = 0;
                $(
                    place += 1;
                    let $x = state[place];
                    state[place] = $product;
                )*
                debug_assert!(place + 1 == $width);
            }
        }
    };
}

poseidon2! {
    KoalaBear, 16, 3, [KOALA_BEAR_16_INITIAL, KOALA_BEAR_16_PARTIAL, KOALA_BEAR_16_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum + x.div_2exp(1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum - x.div_2exp(1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum + x.div_2exp(8),
        sum + x.div_2exp(3),
        sum + x.div_2exp(24),
        sum - x.div_2exp(8),
        sum - x.div_2exp(3),
        sum - x.div_2exp(4),
        sum - x.div_2exp(24),
    ]
}

poseidon2! {
    KoalaBear, 24, 3, [KOALA_BEAR_24_INITIAL, KOALA_BEAR_24_PARTIAL, KOALA_BEAR_24_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum + x.div_2exp(1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum - x.div_2exp(1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum + x.div_2exp(8),
        sum + x.div_2exp(2),
        sum + x.div_2exp(3),
        sum + x.div_2exp(4),
        sum + x.div_2exp(5),
        sum + x.div_2exp(6),
        sum + x.div_2exp(24),
        sum - x.div_2exp(8),
        sum - x.div_2exp(3),
        sum - x.div_2exp(4),
        sum - x.div_2exp(5),
        sum - x.div_2exp(6),
        sum - x.div_2exp(7),
        sum - x.div_2exp(9),
        sum - x.div_2exp(24),
    ]
}

poseidon2! {
    BabyBear, 16, 7,
    [BABY_BEAR_16_INITIAL, BABY_BEAR_16_PARTIAL, BABY_BEAR_16_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum + x.div_2exp(1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum - x.div_2exp(1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum + x.div_2exp(8),
        sum + x.div_2exp(2),
        sum + x.div_2exp(3),
        sum + x.div_2exp(27),
        sum - x.div_2exp(8),
        sum - x.div_2exp(4),
        sum - x.div_2exp(27),
    ]
}

poseidon2! {
    BabyBear, 24, 7,
    [BABY_BEAR_24_INITIAL, BABY_BEAR_24_PARTIAL, BABY_BEAR_24_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum + x.div_2exp(1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum - x.div_2exp(1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum + x.div_2exp(8),
        sum + x.div_2exp(2),
        sum + x.div_2exp(3),
        sum + x.div_2exp(4),
        sum + x.div_2exp(7),
        sum + x.div_2exp(9),
        sum + x.div_2exp(27),
        sum - x.div_2exp(8),
        sum - x.div_2exp(2),
        sum - x.div_2exp(3),
        sum - x.div_2exp(4),
        sum - x.div_2exp(5),
        sum - x.div_2exp(6),
        sum - x.div_2exp(7),
        sum - x.div_2exp(27),
    ]
}

poseidon2! {
    Goldilocks, 8, 7,
    [GOLDILOCKS_8_INITIAL, GOLDILOCKS_8_PARTIAL, GOLDILOCKS_8_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum + x.div_2exp(1),
        sum + (x.double() + x),
        sum - x.div_2exp(1),
        sum - (x.double() + x),
        sum - x.double().double(),
    ]
}

poseidon2! {
    Goldilocks, 12, 7,
    [GOLDILOCKS_12_INITIAL, GOLDILOCKS_12_PARTIAL, GOLDILOCKS_12_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum + x.div_2exp(1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum - x.div_2exp(1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum + x.div_2exp(2),
        sum - x.div_2exp(2),
        sum + x.div_2exp(3),
    ]
}
