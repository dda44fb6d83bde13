//! Challengers: what a prover says goes in, challenges that depend on all of it come out (Fiat and
//! Shamir). They agree with Plonky3's of the same names, state by state.
//!
//! ```
//! use zkiln::field::small::{KoalaBear, KoalaBear4, SmallField};
//! use zkiln::stark::challenger::{Challenger, SerializingChallenger};
//!
//! let mut challenger = SerializingChallenger::new(Vec::new());
//! challenger.observe(KoalaBear::from(7));
//! let challenge: KoalaBear4 = challenger.sample_extension();
//! let witness: KoalaBear = challenger.clone().grind(8)?;
//! assert!(challenger.check_witness(8, witness));
//! # Ok::<(), zkiln::Error>(())
//! ```

mod duplex;
mod serializing;

use crate::field::small::{ExtensionField, SmallField};
use crate::{Error, Result};

pub use duplex::DuplexChallenger;
pub use serializing::SerializingChallenger;

/// A source of challenges.
pub trait Challenger<F: SmallField>: Clone + Send + Sync {
    /// Takes an element in.
    fn observe(&mut self, element: F);

    /// Draws an element.
    fn sample(&mut self) -> F;

    /// Draws a number of `bits` bits. What has fewer bits than the modulus is almost uniform: its bias
    /// is part of the security of queries and of grinding.
    ///
    /// # Panics
    /// Unless `2^bits` is below the modulus.
    fn sample_bits(&mut self, bits: u32) -> usize;

    /// Takes in a witness of work and says whether it is one of `bits` bits. No bits are no work: then
    /// nothing is taken in and any witness is good; a verifier must also ask for it to be zero.
    fn check_witness(&mut self, bits: u32, witness: F) -> bool;

    /// Finds the first witness of work of `bits` bits, in the order of integers, and takes it in.
    /// Parallel; about `2^bits` permutations.
    ///
    /// # Errors
    /// [`Error::Argument`] if no element of the field is one.
    ///
    /// # Panics
    /// Unless `2^bits` is below the modulus.
    fn grind(&mut self, bits: u32) -> Result<F>;

    /// Takes elements in, one after the other.
    fn observe_slice(&mut self, elements: &[F]) {
        for &element in elements {
            self.observe(element);
        }
    }

    /// Takes in an extension's element, that is its coefficients.
    fn observe_extension<E: ExtensionField<Base = F>>(&mut self, element: E) {
        self.observe_slice(element.coefficients());
    }

    /// Draws an extension's element: its coefficients in turn.
    fn sample_extension<E: ExtensionField<Base = F>>(&mut self) -> E {
        let coefficients: Vec<F> = (0..E::DEGREE).map(|_| self.sample()).collect();
        E::from_coefficients(&coefficients).expect("as many as the degree")
    }
}

/// A challenger that takes in the digests of a tree.
pub trait ObserveDigests<D> {
    /// Takes in a cap: all of its digests, one after the other.
    fn observe_cap(&mut self, cap: &[D]);
}

/// # Panics
/// Unless `2^bits` is below the modulus.
fn check_bits<F: SmallField>(bits: u32) {
    assert!(bits < F::BITS, "{bits} bits of an element");
}

fn no_witness(bits: u32) -> Error {
    Error::Argument(format!("no element is a witness of work of {bits} bits"))
}
