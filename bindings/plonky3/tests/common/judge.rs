//! Plonky3's prover and verifier.

use p3_air::{Air, DebugConstraintBuilder, SymbolicAirBuilder};
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_matrix::Matrix;
use p3_uni_stark::{
    PreprocessedVerifierKey, ProverConstraintFolder, VerifierConstraintFolder,
    prove_with_preprocessed, setup_preprocessed, verify_with_preprocessed,
};
use zkiln_plonky3::config::{CapMmcs, P3Digest, P3Val};
use zkiln_plonky3::{P3Config, Plonky3Config};

use super::Trace;

/// An AIR that Plonky3 proves and verifies with a configuration.
pub(crate) trait Judge<C, Dft = Radix2DitParallel<P3Val<C>>, M = <C as Plonky3Config>::Mmcs>:
    Air<SymbolicAirBuilder<P3Val<C>>>
    + for<'a> Air<ProverConstraintFolder<'a, P3Config<C, Dft, M>>>
    + for<'a> Air<VerifierConstraintFolder<'a, P3Config<C, Dft, M>>>
    + for<'a> Air<DebugConstraintBuilder<'a, P3Val<C>>>
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>>,
    M: CapMmcs<P3Val<C>, P3Digest<C>>,
{
}

impl<C, Dft, M, A> Judge<C, Dft, M> for A
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>>,
    M: CapMmcs<P3Val<C>, P3Digest<C>>,
    A: Air<SymbolicAirBuilder<P3Val<C>>>
        + for<'a> Air<ProverConstraintFolder<'a, P3Config<C, Dft, M>>>
        + for<'a> Air<VerifierConstraintFolder<'a, P3Config<C, Dft, M>>>
        + for<'a> Air<DebugConstraintBuilder<'a, P3Val<C>>>,
{
}

/// Plonky3's proof of a trace.
pub(crate) fn p3_proof<C, Dft, M, A>(
    config: &P3Config<C, Dft, M>,
    air: &A,
    (trace, publics): &Trace<P3Val<C>>,
) -> p3_uni_stark::Proof<P3Config<C, Dft, M>>
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>>,
    M: CapMmcs<P3Val<C>, P3Digest<C>>,
    A: Judge<C, Dft, M>,
{
    let log_height = trace.height().ilog2() as usize;
    let keys = setup_preprocessed(config, air, log_height).unwrap();
    let key = keys.as_ref().map(|(key, _)| key);
    prove_with_preprocessed(config, air, trace.clone(), publics, key).unwrap()
}

/// Whether Plonky3 accepts a proof.
pub(crate) fn p3_accepts<C, Dft, M, A>(
    config: &P3Config<C, Dft, M>,
    air: &A,
    key: Option<&PreprocessedVerifierKey<P3Config<C, Dft, M>>>,
    proof: &p3_uni_stark::Proof<P3Config<C, Dft, M>>,
    publics: &[P3Val<C>],
) -> bool
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>>,
    M: CapMmcs<P3Val<C>, P3Digest<C>>,
    A: Judge<C, Dft, M>,
{
    verify_with_preprocessed(config, air, proof, publics, key).is_ok()
}
