//! What is proven over what, and with which hash.

use core::fmt::Debug;
use core::marker::PhantomData;

use super::challenger::{Challenger, DuplexChallenger, ObserveDigests, SerializingChallenger};
use super::wire::Encode;
use crate::field::small::{ExtensionField, SmallField};
use crate::hash::{KeccakHash, Poseidon2Field, Poseidon2Hash, TreeHash};

/// The fields, the hash and the challenger of a proof system.
pub trait StarkConfig: Clone + Send + Sync + 'static {
    /// The field of traces and constraints.
    type Val: SmallField + Encode;
    /// The extension that challenges are drawn from.
    type Challenge: ExtensionField<Base = Self::Val> + Encode;
    /// The hash of commitments.
    type Hash: TreeHash<Self::Val, Digest: Encode>;
    /// What draws the challenges.
    type Challenger: Challenger<Self::Val> + ObserveDigests<Digest<Self>>;

    /// The hash of commitments.
    fn hash(&self) -> &Self::Hash;
    /// A challenger that has heard nothing.
    fn challenger(&self) -> Self::Challenger;
}

/// A digest of the hash of a configuration.
pub type Digest<C> = <<C as StarkConfig>::Hash as TreeHash<<C as StarkConfig>::Val>>::Digest;

/// A configuration made of a hash and a fresh challenger. Challenges are of the field's own extension.
#[derive(Clone, Debug)]
pub struct Config<F, H, C> {
    hash: H,
    challenger: C,
    field: PhantomData<F>,
}

/// Poseidon2 for rows (`WIDTH`, `RATE`), nodes (`NODE`) and challenges (`WIDTH`, `RATE`); digests of `OUT`
/// elements.
pub type Poseidon2Config<
    F,
    const WIDTH: usize,
    const RATE: usize,
    const OUT: usize,
    const NODE: usize,
> = Config<F, Poseidon2Hash<F, WIDTH, RATE, OUT, NODE>, DuplexChallenger<F, WIDTH, RATE>>;

/// Poseidon2 as Plonky3's examples have it over fields of 31 bits: width 24 and rate 16 for rows and
/// challenges, width 16 for nodes.
pub type Poseidon2Config24<F> = Poseidon2Config<F, 24, 16, 8, 16>;
/// Poseidon2 over fields of 31 bits with one permutation, of width 16, and rate 8.
pub type Poseidon2Config16<F> = Poseidon2Config<F, 16, 8, 8, 16>;
/// Poseidon2 over Goldilocks with one permutation, of width 8, and rate 4.
pub type Poseidon2Config8<F> = Poseidon2Config<F, 8, 4, 4, 8>;
/// Keccak for rows, nodes and challenges, over any field.
pub type KeccakConfig<F> = Config<F, KeccakHash, SerializingChallenger<F>>;

impl<F, H, C> Config<F, H, C> {
    /// The configuration of a hash and a challenger that has heard nothing, or what every proof of an
    /// application is to begin with.
    pub fn new(hash: H, challenger: C) -> Self {
        Self {
            hash,
            challenger,
            field: PhantomData,
        }
    }
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize, const NODE: usize>
    Poseidon2Config<F, WIDTH, RATE, OUT, NODE>
where
    F: Poseidon2Field<WIDTH> + Poseidon2Field<NODE>,
{
    /// The configuration with the standard permutations.
    pub fn standard() -> Self {
        let permutation = <F as Poseidon2Field<WIDTH>>::standard().clone();
        Self::new(
            Poseidon2Hash::standard(),
            DuplexChallenger::new(permutation),
        )
    }
}

impl<F: SmallField> KeccakConfig<F> {
    /// The configuration with a challenger that has heard nothing.
    pub fn keccak() -> Self {
        Self::new(KeccakHash, SerializingChallenger::new(Vec::new()))
    }
}

impl<F, H, C> StarkConfig for Config<F, H, C>
where
    F: SmallField<Challenge: Encode> + Encode,
    H: TreeHash<F, Digest: Encode> + Clone + Debug + 'static,
    C: Challenger<F> + ObserveDigests<H::Digest> + 'static,
{
    type Val = F;
    type Challenge = F::Challenge;
    type Hash = H;
    type Challenger = C;

    fn hash(&self) -> &H {
        &self.hash
    }
    fn challenger(&self) -> C {
        self.challenger.clone()
    }
}
