//! Proofs in both libraries' types.

use p3_commit::ExtensionMmcs;
use p3_dft::TwoAdicSubgroupDft;
use p3_fri::{BatchMultiOpening, CommitPhaseMultiStep};
use p3_merkle_tree::MerkleCap;
use p3_uni_stark::{OpenedValues, PreprocessedOpenedValues};
use zkiln::stark::Digest;
use zkiln::stark::proof::{
    Commitments, FoldingOpening, FriProof, InputOpening, Opened, OpenedRows, Proof,
};
use zkiln::{Error, Fault, Result};

use crate::config::{CapMmcs, P3Challenge, P3Config, P3Digest, P3Val, Siblings};
use crate::{Plonky3, Plonky3Config};

type Cap<C> = MerkleCap<P3Val<C>, P3Digest<C>>;
type P3FriProof<C, M> = p3_fri::FriProof<
    P3Challenge<C>,
    ExtensionMmcs<P3Val<C>, P3Challenge<C>, M>,
    P3Val<C>,
    Vec<BatchMultiOpening<P3Val<C>, M>>,
>;

/// A proof as Plonky3's, which `p3_uni_stark::verify` takes. No value changes.
///
/// # Errors
/// [`Error::Malformed`] for a cap whose number of nodes is no power of two: Plonky3 has no such type.
pub fn proof_to_p3<C, Dft, M>(proof: Proof<C>) -> Result<p3_uni_stark::Proof<P3Config<C, Dft, M>>>
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>>,
    M: CapMmcs<P3Val<C>, P3Digest<C>>,
{
    let fri = proof.fri;
    let preprocessed = proof
        .opened
        .preprocessed
        .map(|rows| PreprocessedOpenedValues {
            local: rows.local.to_p3(),
            next: rows.next.to_p3(),
        });
    let input_openings = fri.input_openings.into_iter().map(|o| BatchMultiOpening {
        opened_values: o.rows.to_p3(),
        opening_proof: M::MultiProof::from_siblings(o.siblings.to_p3()),
    });
    let folding_openings = fri
        .folding_openings
        .into_iter()
        .map(|o| CommitPhaseMultiStep {
            sibling_values: o.values.to_p3(),
            opening_proof: M::MultiProof::from_siblings(o.siblings.to_p3()),
        });
    let caps = fri.commit_caps.into_iter().map(cap_to_p3::<C>);
    let opening_proof: P3FriProof<C, M> = p3_fri::FriProof {
        batch_pow_witness: fri.batch_witness.to_p3(),
        commit_phase_commits: caps.collect::<Result<_>>()?,
        commit_pow_witnesses: fri.commit_witnesses.to_p3(),
        input_openings: input_openings.collect(),
        commit_phase_openings: folding_openings.collect(),
        final_poly: fri.final_poly.to_p3(),
        query_pow_witness: fri.query_witness.to_p3(),
    };
    Ok(p3_uni_stark::Proof {
        commitments: p3_uni_stark::Commitments {
            trace: cap_to_p3::<C>(proof.commitments.trace)?,
            quotient_chunks: cap_to_p3::<C>(proof.commitments.quotient)?,
            random: None,
        },
        opened_values: OpenedValues {
            trace_local: proof.opened.trace.local.to_p3(),
            trace_next: proof.opened.trace.next.to_p3(),
            preprocessed,
            quotient_chunks: proof.opened.quotient.to_p3(),
            random: None,
        },
        opening_proof,
        degree_bits: proof.degree_bits as usize,
        ood_pow_witness: proof.ood_witness.to_p3(),
    })
}

/// Plonky3's proof as zkiln's, which [`zkiln::stark`] verifies. No value changes.
///
/// # Errors
/// [`Error::Malformed`] for parts that only proofs of zero knowledge have, and for a degree beyond any
/// machine's.
pub fn proof_from_p3<C, Dft, M>(proof: p3_uni_stark::Proof<P3Config<C, Dft, M>>) -> Result<Proof<C>>
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>>,
    M: CapMmcs<P3Val<C>, P3Digest<C>>,
{
    let (commitments, opened) = (proof.commitments, proof.opened_values);
    if commitments.random.is_some() || opened.random.is_some() {
        let reason = "proofs of zero knowledge are not supported";
        return Err(malformed("random commitment", Fault::Version, reason));
    }
    let degree_bits = u32::try_from(proof.degree_bits)
        .map_err(|_| malformed("degree", Fault::Domain, "a trace of too many rows"))?;
    let fri: P3FriProof<C, M> = proof.opening_proof;
    let input_openings = fri.input_openings.into_iter().map(|o| InputOpening {
        rows: Plonky3::from_p3(o.opened_values),
        siblings: Plonky3::from_p3(o.opening_proof.into_siblings()),
    });
    let folding_openings = fri
        .commit_phase_openings
        .into_iter()
        .map(|o| FoldingOpening {
            values: Plonky3::from_p3(o.sibling_values),
            siblings: Plonky3::from_p3(o.opening_proof.into_siblings()),
        });
    let caps = fri.commit_phase_commits.into_iter().map(cap_from_p3::<C>);
    Ok(Proof {
        commitments: Commitments {
            trace: cap_from_p3::<C>(commitments.trace),
            quotient: cap_from_p3::<C>(commitments.quotient_chunks),
        },
        opened: Opened {
            trace: OpenedRows {
                local: Plonky3::from_p3(opened.trace_local),
                next: Plonky3::from_p3(opened.trace_next),
            },
            preprocessed: opened.preprocessed.map(|rows| OpenedRows {
                local: Plonky3::from_p3(rows.local),
                next: Plonky3::from_p3(rows.next),
            }),
            quotient: Plonky3::from_p3(opened.quotient_chunks),
        },
        fri: FriProof {
            batch_witness: <C::Val as Plonky3>::from_p3(fri.batch_pow_witness),
            commit_caps: caps.collect(),
            commit_witnesses: Plonky3::from_p3(fri.commit_pow_witnesses),
            input_openings: input_openings.collect(),
            folding_openings: folding_openings.collect(),
            final_poly: Plonky3::from_p3(fri.final_poly),
            query_witness: <C::Val as Plonky3>::from_p3(fri.query_pow_witness),
        },
        degree_bits,
        ood_witness: <C::Val as Plonky3>::from_p3(proof.ood_pow_witness),
    })
}

/// A cap as Plonky3's commitment.
///
/// # Errors
/// [`Error::Malformed`] if the number of nodes is no power of two.
pub fn cap_to_p3<C: Plonky3Config>(cap: Vec<Digest<C>>) -> Result<Cap<C>> {
    if !cap.len().is_power_of_two() {
        let reason = format!("{} nodes, which is no power of two", cap.len());
        return Err(malformed("Merkle cap", Fault::Count, reason));
    }
    Ok(MerkleCap::new(cap.to_p3()))
}

/// Plonky3's commitment as a cap.
pub fn cap_from_p3<C: Plonky3Config>(cap: Cap<C>) -> Vec<Digest<C>> {
    Plonky3::from_p3(cap.into_roots())
}

fn malformed(section: &str, fault: Fault, reason: impl Into<String>) -> Error {
    Error::Malformed {
        origin: "proof".into(),
        section: section.into(),
        fault,
        reason: reason.into(),
    }
}
