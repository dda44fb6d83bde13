//! provekit's side: its circuits, its prover and its verifier, through what its crates export.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use provekit_acir::AcirField;
use provekit_acir::circuit::{Circuit, Program, PublicInputs as AcirPublic};
use provekit_acir::native_types::{Witness as Acir, WitnessMap};
use provekit_common::utils::next_power_of_two;
use provekit_common::witness::{
    ConstantTerm, Layer, LayerType, LayeredWitnessBuilders, NoirWitnessGenerator,
    SplitWitnessBuilders, WitnessBuilder,
};
use provekit_common::{
    FieldElement, NoirElement, NoirProof, Prover, PublicInputs, R1CS, Verifier, WhirR1CSProof,
    WhirR1CSScheme, WhirZkConfig, register_ntt,
};
use provekit_noirc_abi::Abi;
use provekit_prover::Prove;
use provekit_verifier::Verify;
use whir::parameters::ProtocolParameters;
use zkiln::field::{Field, Fr};
use zkiln::groth16::R1cs;
use zkiln::spartan::Proof;

/// What provekit-r1cs-compiler 1.0.3 chooses for every circuit.
fn parameters() -> ProtocolParameters {
    ProtocolParameters {
        unique_decoding: false,
        security_level: 128,
        pow_bits: 10,
        initial_folding_factor: 3,
        folding_factor: 3,
        starting_log_inv_rate: 2,
        batch_size: 1,
        hash_id: whir::hash::SHA2,
    }
}

/// A circuit as provekit has it.
pub(crate) struct Theirs {
    r1cs: R1CS,
    scheme: WhirR1CSScheme,
}

impl Theirs {
    /// A constraint system for a vector of `2^m`.
    pub(crate) fn new(r1cs: &R1cs, m: usize) -> Self {
        register_ntt();
        let mut theirs = R1CS::new();
        theirs.num_public_inputs = r1cs.wires().public();
        theirs.add_witnesses(r1cs.wires().total);
        let terms = |rows: &zkiln::groth16::Rows, i| -> Vec<(FieldElement, usize)> {
            rows.row(i)
                .map(|(wire, coefficient)| (coefficient.into(), wire))
                .collect()
        };
        for i in 0..r1cs.n_constraints() {
            let [a, b, c] = [r1cs.a(), r1cs.b(), r1cs.c()].map(|rows| terms(rows, i));
            theirs.add_constraint(&a, &b, &c);
        }
        let m_0 = next_power_of_two(theirs.num_constraints()).max(1);
        let scheme = WhirR1CSScheme {
            m,
            w1_size: theirs.num_witnesses(),
            m_0,
            a_num_terms: next_power_of_two(theirs.a().iter().count()),
            num_challenges: 0,
            challenge_offsets: Vec::new(),
            has_public_inputs: theirs.num_public_inputs > 0,
            whir_witness: WhirZkConfig::new(m, &parameters()),
            r1cs_hash: theirs.hash(),
        };
        Self {
            r1cs: theirs,
            scheme,
        }
    }

    /// What provekit's verifier says, which panics at some proofs.
    pub(crate) fn accepts(&self, signals: &[Fr], proof: &Proof) -> bool {
        let mut verifier = Verifier {
            r1cs: self.r1cs.clone(),
            whir_for_witness: Some(self.scheme.clone()),
            abi: Abi::default(),
        };
        let proof = NoirProof {
            public_inputs: PublicInputs::from_vec(signals.iter().map(|&x| x.into()).collect()),
            whir_r1cs_proof: WhirR1CSProof {
                narg_string: proof.messages.clone(),
                hints: proof.hints.clone(),
            },
        };
        std::panic::catch_unwind(move || verifier.verify(&proof).is_ok()).unwrap_or(false)
    }

    /// provekit's prover, ready to go.
    pub(crate) fn prover(&self) -> Prover {
        let wires = self.r1cs.num_witnesses();
        let copy = |wire| match wire {
            0 => WitnessBuilder::Constant(ConstantTerm(0, FieldElement::from(1u64))),
            _ => WitnessBuilder::Acir(wire, wire),
        };
        let public = 1..=self.r1cs.num_public_inputs as u32;
        let function = Circuit::<NoirElement> {
            public_parameters: AcirPublic(public.map(Acir).collect()),
            ..Circuit::default()
        };
        Prover {
            program: Program {
                functions: vec![function],
                unconstrained_functions: Vec::new(),
            },
            r1cs: self.r1cs.clone(),
            split_witness_builders: SplitWitnessBuilders {
                w1_layers: LayeredWitnessBuilders {
                    layers: vec![Layer {
                        witness_builders: (0..wires).map(copy).collect(),
                        typ: LayerType::Other,
                    }],
                },
                w2_layers: LayeredWitnessBuilders { layers: Vec::new() },
                w1_size: wires,
            },
            witness_generator: NoirWitnessGenerator {
                abi: Abi::default(),
                witness_map: Vec::new(),
            },
            whir_for_witness: self.scheme.clone(),
        }
    }
}

/// The wires as provekit's prover takes them.
pub(crate) fn witness_map(wires: &[Fr]) -> WitnessMap<NoirElement> {
    let entry = |(i, &value): (usize, &Fr)| {
        let mut bytes = [0; 32];
        value.write_canonical(&mut bytes);
        bytes.reverse();
        (Acir(i as u32), NoirElement::from_be_bytes_reduce(&bytes))
    };
    let map: BTreeMap<_, _> = wires.iter().enumerate().map(entry).collect();
    map.into()
}

/// A proof by provekit's prover.
pub(crate) fn prove(prover: Prover, witness: WitnessMap<NoirElement>) -> Result<Proof> {
    let proof = prover.prove_with_witness(witness)?;
    ensure!(
        proof.public_inputs.len() > 0,
        "no public input: the format does not bind the constant 1"
    );
    let WhirR1CSProof { narg_string, hints } = proof.whir_r1cs_proof;
    Ok(Proof {
        messages: narg_string,
        hints,
    })
}
