//! The computations that are proven, as Plonky3 describes them, and their traces.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_baby_bear::{
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS, BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    BABYBEAR_S_BOX_DEGREE, BabyBear, GenericPoseidon2LinearLayersBabyBear,
};
use p3_field::PrimeField64;
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear, KOALABEAR_POSEIDON2_HALF_FULL_ROUNDS,
    KOALABEAR_POSEIDON2_PARTIAL_ROUNDS_16, KOALABEAR_S_BOX_DEGREE, KoalaBear,
};
use p3_matrix::dense::RowMajorMatrix;
use p3_poseidon2_air::{RoundConstants, VectorizedPoseidon2Air};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Permutations of Poseidon2 of width 16 over KoalaBear, eight a row: 1312 columns.
pub type Poseidon2KoalaBear = VectorizedPoseidon2Air<
    KoalaBear,
    GenericPoseidon2LinearLayersKoalaBear,
    16,
    KOALABEAR_S_BOX_DEGREE,
    0,
    KOALABEAR_POSEIDON2_HALF_FULL_ROUNDS,
    KOALABEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    8,
>;

/// Permutations of Poseidon2 of width 16 over BabyBear, eight a row: 2384 columns.
pub type Poseidon2BabyBear = VectorizedPoseidon2Air<
    BabyBear,
    GenericPoseidon2LinearLayersBabyBear,
    16,
    BABYBEAR_S_BOX_DEGREE,
    1,
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS,
    BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    8,
>;

/// Poseidon2 over KoalaBear with some round constants.
pub fn poseidon2_koala_bear() -> Poseidon2KoalaBear {
    VectorizedPoseidon2Air::new(RoundConstants::from_rng(&mut StdRng::seed_from_u64(1)))
}

/// Poseidon2 over BabyBear with some round constants.
pub fn poseidon2_baby_bear() -> Poseidon2BabyBear {
    VectorizedPoseidon2Air::new(RoundConstants::from_rng(&mut StdRng::seed_from_u64(1)))
}

/// Fibonacci's sequence, two numbers a row; the first two and the last are public.
pub struct Fibonacci;

impl<F> BaseAir<F> for Fibonacci {
    fn width(&self) -> usize {
        2
    }
    fn num_public_values(&self) -> usize {
        3
    }
}

impl<AB: AirBuilder> Air<AB> for Fibonacci {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let publics = builder.public_values();
        let (a, b, last) = (publics[0], publics[1], publics[2]);
        let (left, right) = (main.current(0).unwrap(), main.current(1).unwrap());
        let (next_left, next_right) = (main.next(0).unwrap(), main.next(1).unwrap());
        builder.when_first_row().assert_eq(left, a.into());
        builder.when_first_row().assert_eq(right, b.into());
        builder.when_transition().assert_eq(right, next_left);
        builder
            .when_transition()
            .assert_eq(left + right, next_right);
        builder.when_last_row().assert_eq(right, last.into());
    }
}

/// The trace of [`Fibonacci`] from 0 and 1, in a vector with room for `2^room` times as much, and its public
/// values.
pub fn fibonacci<F: PrimeField64>(log_height: u32, room: usize) -> (RowMajorMatrix<F>, Vec<F>) {
    let mut values = Vec::with_capacity(2 << log_height << room);
    let (mut a, mut b) = (F::ZERO, F::ONE);
    for _ in 0..1 << log_height {
        values.extend([a, b]);
        (a, b) = (b, a + b);
    }
    let last = values[values.len() - 1];
    (RowMajorMatrix::new(values, 2), vec![F::ZERO, F::ONE, last])
}
