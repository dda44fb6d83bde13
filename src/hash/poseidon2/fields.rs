//! The permutations of each field and width.

use std::sync::LazyLock;

use super::constants::*;
use super::{Poseidon2, Poseidon2Field};
use crate::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField, Vector};

/// Declares a permutation: the power, the names of the constants, and what becomes of the elements
/// `x` after the first, given the `sum` of all.
macro_rules! poseidon2 {
    (
        $F:ty, $width:literal, $degree:literal,
        [$initial:ident, $partial:ident, $terminal:ident],
        |$x:ident, $sum:ident| [$($product:expr),* $(,)?]
    ) => {
        impl Poseidon2Field<$width> for $F {
            // A reduction modulo a number of 64 bits is a long chain of carries.
            const SLOW_SBOX: bool = <$F>::BITS > 32;
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
            fn sboxes<V: Vector<Element = Self>>(x: [V; 4], constants: [Self; 4]) -> [V; 4] {
                V::sboxes::<$degree>(x, constants)
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
        sum.add_div_2exp(x, 1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum.sub_div_2exp(x, 1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum.add_div_2exp(x, 8),
        sum.add_div_2exp(x, 3),
        sum.add_div_2exp(x, 24),
        sum.sub_div_2exp(x, 8),
        sum.sub_div_2exp(x, 3),
        sum.sub_div_2exp(x, 4),
        sum.sub_div_2exp(x, 24),
    ]
}

poseidon2! {
    KoalaBear, 24, 3, [KOALA_BEAR_24_INITIAL, KOALA_BEAR_24_PARTIAL, KOALA_BEAR_24_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum.add_div_2exp(x, 1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum.sub_div_2exp(x, 1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum.add_div_2exp(x, 8),
        sum.add_div_2exp(x, 2),
        sum.add_div_2exp(x, 3),
        sum.add_div_2exp(x, 4),
        sum.add_div_2exp(x, 5),
        sum.add_div_2exp(x, 6),
        sum.add_div_2exp(x, 24),
        sum.sub_div_2exp(x, 8),
        sum.sub_div_2exp(x, 3),
        sum.sub_div_2exp(x, 4),
        sum.sub_div_2exp(x, 5),
        sum.sub_div_2exp(x, 6),
        sum.sub_div_2exp(x, 7),
        sum.sub_div_2exp(x, 9),
        sum.sub_div_2exp(x, 24),
    ]
}

poseidon2! {
    BabyBear, 16, 7,
    [BABY_BEAR_16_INITIAL, BABY_BEAR_16_PARTIAL, BABY_BEAR_16_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum.add_div_2exp(x, 1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum.sub_div_2exp(x, 1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum.add_div_2exp(x, 8),
        sum.add_div_2exp(x, 2),
        sum.add_div_2exp(x, 3),
        sum.add_div_2exp(x, 27),
        sum.sub_div_2exp(x, 8),
        sum.sub_div_2exp(x, 4),
        sum.sub_div_2exp(x, 27),
    ]
}

poseidon2! {
    BabyBear, 24, 7,
    [BABY_BEAR_24_INITIAL, BABY_BEAR_24_PARTIAL, BABY_BEAR_24_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum.add_div_2exp(x, 1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum.sub_div_2exp(x, 1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum.add_div_2exp(x, 8),
        sum.add_div_2exp(x, 2),
        sum.add_div_2exp(x, 3),
        sum.add_div_2exp(x, 4),
        sum.add_div_2exp(x, 7),
        sum.add_div_2exp(x, 9),
        sum.add_div_2exp(x, 27),
        sum.sub_div_2exp(x, 8),
        sum.sub_div_2exp(x, 2),
        sum.sub_div_2exp(x, 3),
        sum.sub_div_2exp(x, 4),
        sum.sub_div_2exp(x, 5),
        sum.sub_div_2exp(x, 6),
        sum.sub_div_2exp(x, 7),
        sum.sub_div_2exp(x, 27),
    ]
}

poseidon2! {
    Goldilocks, 8, 7,
    [GOLDILOCKS_8_INITIAL, GOLDILOCKS_8_PARTIAL, GOLDILOCKS_8_TERMINAL],
    |x, sum| [
        sum + x,
        sum + x.double(),
        sum.add_div_2exp(x, 1),
        sum + (x.double() + x),
        sum.sub_div_2exp(x, 1),
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
        sum.add_div_2exp(x, 1),
        sum + (x.double() + x),
        sum + x.double().double(),
        sum.sub_div_2exp(x, 1),
        sum - (x.double() + x),
        sum - x.double().double(),
        sum.add_div_2exp(x, 2),
        sum.sub_div_2exp(x, 2),
        sum.add_div_2exp(x, 3),
    ]
}
