//! Plonky3's configurations that correspond to zkiln's standard ones.

use p3_baby_bear::{
    Poseidon2BabyBear, default_babybear_poseidon2_16, default_babybear_poseidon2_24,
};
use p3_challenger::{
    CanObserve, CanSample, DuplexChallenger, FieldChallenger, GrindingChallenger, HashChallenger,
    SerializingChallenger32, SerializingChallenger64,
};
use p3_commit::{ExtensionMmcs, Mmcs};
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::Field;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_8};
use p3_keccak::{Keccak256Hash, KeccakF, VECTOR_LEN};
use p3_koala_bear::{
    Poseidon2KoalaBear, default_koalabear_poseidon2_16, default_koalabear_poseidon2_24,
};
use p3_merkle_tree::{MerkleCap, MerkleTreeMmcs, PrunedMerklePaths};
use p3_symmetric::{
    CompressionFunctionFromHasher, PaddingFreeSponge, SerializingHasher, TruncatedPermutation,
};
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::stark::config::{
    KeccakConfig, Poseidon2Config8, Poseidon2Config16, Poseidon2Config24, StarkConfig,
};
use zkiln::stark::{Digest, Parameters};

use crate::{Plonky3, Plonky3Field};

/// Plonky3's field of a configuration.
pub type P3Val<C> = <<C as StarkConfig>::Val as Plonky3Field>::P3Field;
/// Plonky3's field of challenges of a configuration.
pub type P3Challenge<C> = <<C as StarkConfig>::Val as Plonky3Field>::P3Challenge;
/// Plonky3's digests of a configuration.
pub type P3Digest<C> = <Digest<C> as Plonky3>::P3;

/// Plonky3's commitment scheme for polynomials of a configuration.
pub type P3Pcs<C, Dft, M> =
    TwoAdicFriPcs<P3Val<C>, Dft, M, ExtensionMmcs<P3Val<C>, P3Challenge<C>, M>>;

/// Plonky3's configuration for one of zkiln's: a `StarkGenericConfig`. Transforms and trees are
/// Plonky3's, unless others such as [`ColumnDft`](crate::ColumnDft) and
/// [`ColumnMmcs`](crate::ColumnMmcs) are named.
pub type P3Config<C, Dft = Radix2DitParallel<P3Val<C>>, M = <C as Plonky3Config>::Mmcs> =
    p3_uni_stark::StarkConfig<P3Pcs<C, Dft, M>, P3Challenge<C>, <C as Plonky3Config>::Challenger>;

/// Trees of Plonky3 whose commitments are caps of some digests, and whose multi-openings are digests.
pub trait CapMmcs<F: Clone + Send + Sync, D>:
    Mmcs<F, Commitment = MerkleCap<F, D>, MultiProof: Siblings<Digest = D> + Sync, Error: Sync>
{
}

impl<F, D, M> CapMmcs<F, D> for M
where
    F: Clone + Send + Sync,
    M: Mmcs<F, Commitment = MerkleCap<F, D>, MultiProof: Siblings<Digest = D> + Sync, Error: Sync>,
{
}

/// What authenticates several openings: digests and nothing else.
pub trait Siblings {
    /// A digest.
    type Digest;
    /// Of these digests.
    fn from_siblings(siblings: Vec<Self::Digest>) -> Self;
    /// The digests.
    fn into_siblings(self) -> Vec<Self::Digest>;
}

impl<W, const N: usize> Siblings for PrunedMerklePaths<W, N> {
    type Digest = [W; N];

    fn from_siblings(sibling_hashes: Vec<[W; N]>) -> Self {
        Self { sibling_hashes }
    }
    fn into_siblings(self) -> Vec<[W; N]> {
        self.sibling_hashes
    }
}

/// A configuration of zkiln that Plonky3 has too.
pub trait Plonky3Config:
    StarkConfig<
        Val: Plonky3Field,
        Challenge = <<Self as StarkConfig>::Val as SmallField>::Challenge,
        Hash: zkiln::hash::TreeHash<<Self as StarkConfig>::Val, Digest: Plonky3>,
    >
{
    /// Plonky3's trees.
    type Mmcs: CapMmcs<P3Val<Self>, P3Digest<Self>>;
    /// Plonky3's challenger.
    type Challenger: FieldChallenger<P3Val<Self>>
        + GrindingChallenger<Witness = P3Val<Self>>
        + CanObserve<MerkleCap<P3Val<Self>, P3Digest<Self>>>
        + CanSample<P3Challenge<Self>>
        + Clone;

    /// The standard configuration.
    fn standard() -> Self;
    /// The trees of the standard configuration, with caps of `2^log_cap` nodes.
    fn p3_mmcs(log_cap: usize) -> Self::Mmcs;
    /// The challenger of the standard configuration.
    fn p3_challenger() -> <Self as Plonky3Config>::Challenger;

    /// Plonky3's configuration with these parameters.
    fn p3(parameters: &Parameters) -> P3Config<Self> {
        let mmcs = Self::p3_mmcs(parameters.cap_height as usize);
        Self::p3_with(parameters, Radix2DitParallel::default(), mmcs)
    }

    /// Plonky3's configuration with these parameters, transforms and trees.
    fn p3_with<Dft, M>(parameters: &Parameters, dft: Dft, mmcs: M) -> P3Config<Self, Dft, M>
    where
        Dft: TwoAdicSubgroupDft<P3Val<Self>>,
        M: CapMmcs<P3Val<Self>, P3Digest<Self>>,
    {
        let fri = FriParameters {
            log_blowup: parameters.log_blowup as usize,
            log_final_poly_len: parameters.log_final_poly_len as usize,
            max_log_arity: parameters.max_log_arity as usize,
            num_queries: parameters.queries as usize,
            batch_proof_of_work_bits: parameters.batch_grinding as usize,
            commit_proof_of_work_bits: parameters.commit_grinding as usize,
            query_proof_of_work_bits: parameters.query_grinding as usize,
            mmcs: ExtensionMmcs::new(mmcs.clone()),
        };
        P3Config::<Self, Dft, M>::new(
            P3Pcs::<Self, Dft, M>::new(dft, mmcs, fri),
            Self::p3_challenger(),
        )
        .with_ood_proof_of_work_bits(parameters.ood_grinding as usize)
    }
}

type Packing<F> = <<F as Plonky3>::P3 as Field>::Packing;

macro_rules! poseidon2 {
    ($Config:ty, $F:ty, $width:literal, $rate:literal, $out:literal, $node:literal,
     $Permutation:ident, $rows:expr, $nodes:expr) => {
        impl Plonky3Config for $Config {
            type Mmcs = MerkleTreeMmcs<
                Packing<$F>,
                Packing<$F>,
                PaddingFreeSponge<$Permutation<$width>, $width, $rate, $out>,
                TruncatedPermutation<$Permutation<$node>, 2, $out, $node>,
                2,
                $out,
            >;
            type Challenger =
                DuplexChallenger<<$F as Plonky3>::P3, $Permutation<$width>, $width, $rate>;

            fn standard() -> Self {
                <$Config>::standard()
            }
            fn p3_mmcs(log_cap: usize) -> Self::Mmcs {
                let rows = PaddingFreeSponge::new($rows);
                MerkleTreeMmcs::new(rows, TruncatedPermutation::new($nodes), log_cap)
            }
            fn p3_challenger() -> <Self as Plonky3Config>::Challenger {
                DuplexChallenger::new($rows)
            }
        }
    };
}

poseidon2!(
    Poseidon2Config24<KoalaBear>,
    KoalaBear,
    24,
    16,
    8,
    16,
    Poseidon2KoalaBear,
    default_koalabear_poseidon2_24(),
    default_koalabear_poseidon2_16()
);
poseidon2!(
    Poseidon2Config16<KoalaBear>,
    KoalaBear,
    16,
    8,
    8,
    16,
    Poseidon2KoalaBear,
    default_koalabear_poseidon2_16(),
    default_koalabear_poseidon2_16()
);
poseidon2!(
    Poseidon2Config24<BabyBear>,
    BabyBear,
    24,
    16,
    8,
    16,
    Poseidon2BabyBear,
    default_babybear_poseidon2_24(),
    default_babybear_poseidon2_16()
);
poseidon2!(
    Poseidon2Config16<BabyBear>,
    BabyBear,
    16,
    8,
    8,
    16,
    Poseidon2BabyBear,
    default_babybear_poseidon2_16(),
    default_babybear_poseidon2_16()
);
poseidon2!(
    Poseidon2Config8<Goldilocks>,
    Goldilocks,
    8,
    4,
    4,
    8,
    Poseidon2Goldilocks,
    default_goldilocks_poseidon2_8(),
    default_goldilocks_poseidon2_8()
);

type KeccakSponge = PaddingFreeSponge<KeccakF, 25, 17, 4>;

macro_rules! keccak {
    ($F:ty, $Challenger:ident) => {
        impl Plonky3Config for KeccakConfig<$F> {
            type Mmcs = MerkleTreeMmcs<
                [<$F as Plonky3>::P3; VECTOR_LEN],
                [u64; VECTOR_LEN],
                SerializingHasher<KeccakSponge>,
                CompressionFunctionFromHasher<KeccakSponge, 2, 4>,
                2,
                4,
            >;
            type Challenger =
                $Challenger<<$F as Plonky3>::P3, HashChallenger<u8, Keccak256Hash, 32>>;

            fn standard() -> Self {
                Self::keccak()
            }
            fn p3_mmcs(log_cap: usize) -> Self::Mmcs {
                let sponge = KeccakSponge::new(KeccakF);
                let nodes = CompressionFunctionFromHasher::new(sponge);
                MerkleTreeMmcs::new(SerializingHasher::new(sponge), nodes, log_cap)
            }
            fn p3_challenger() -> <Self as Plonky3Config>::Challenger {
                $Challenger::from_hasher(Vec::new(), Keccak256Hash)
            }
        }
    };
}

keccak!(KoalaBear, SerializingChallenger32);
keccak!(BabyBear, SerializingChallenger32);
keccak!(Goldilocks, SerializingChallenger64);
