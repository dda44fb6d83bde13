//! The verifier against Plonky3's own proofs, and against everything that is not a proof.

mod attacks;
mod bytes;
mod cases;
mod own;
mod shapes;
mod statements;

/// Calls a generic test with every case.
macro_rules! for_each_case {
    ($test:ident) => {
        $test(&crate::cases::fibonacci());
        $test(&crate::cases::mixed_babybear());
        $test(&crate::cases::mixed_goldilocks());
        $test(&crate::cases::product_koalabear());
        $test(&crate::cases::one_row());
    };
}
use for_each_case;
