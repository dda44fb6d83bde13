//! Plonky3's own prover on zkiln's transforms, trees and constraints: the same proofs.

mod common;

use common::bytes;
use common::judge::{Judge, p3_proof};
use zkiln::field::small::{BabyBear, KoalaBear};
use zkiln::poly::Columns;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config24};
use zkiln_plonky3::config::{CapMmcs, P3Digest, P3Val};
use zkiln_plonky3::{BytecodeAir, ColumnDft, ColumnMmcs, Plonky3, Plonky3Config, program};

/// Plonky3's prover with its own transforms and trees, and with zkiln's.
fn same_proofs<C>()
where
    C: Plonky3Config,
    C::Hash: Clone,
    ColumnMmcs<C::Val, C::Hash>: CapMmcs<P3Val<C>, P3Digest<C>>,
    BytecodeAir<C::Val>: Judge<C> + Judge<C, ColumnDft<C::Val>, ColumnMmcs<C::Val, C::Hash>>,
{
    for (parameters, log_height) in common::parameters().iter().zip([3, 5, 4, 6]) {
        let hash = C::standard().hash().clone();
        let mmcs = ColumnMmcs::new(hash, parameters.cap_height as usize);
        let dropped_in = C::p3_with(parameters, ColumnDft::<C::Val>::default(), mmcs);
        for air in common::small(log_height) {
            if air.log_chunks() <= parameters.log_blowup {
                let trace = air.trace(log_height);
                let preprocessed = p3_air::BaseAir::preprocessed_trace(&air);
                let bytecode = BytecodeAir::new(
                    program::<C::Val, _>(&air).unwrap(),
                    preprocessed.map(Columns::from_p3),
                );
                let bytecode = bytecode.unwrap();
                let judge = p3_proof::<C, _, _, _>(&C::p3(parameters), &bytecode, &trace);
                let proof = p3_proof::<C, _, _, _>(&dropped_in, &bytecode, &trace);
                assert_eq!(bytes(&proof), bytes(&judge));
            }
        }
    }
}

#[test]
fn koala_bear_with_poseidon2() {
    same_proofs::<Poseidon2Config24<KoalaBear>>();
}
#[test]
fn baby_bear_with_keccak() {
    same_proofs::<KeccakConfig<BabyBear>>();
}
