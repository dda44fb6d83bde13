//! Development keys: provers take them, verifiers take the proofs, and but for their secrets they are
//! the keys that snarkjs makes.

mod common;

use std::path::PathBuf;

use common::node::{Folder, is_ready, oracle};
use common::{CIRCUITS, ark_accepts, data, fixture};
use zkiln::curve::{Affine, Curve};
use zkiln::field::{Fr, Int};
use zkiln::groth16::{
    Coefficient, DevelopmentKey, INSECURE_NAME, Points, Proof, ProvingKey, PublicInputs, R1cs,
    VerifyingKey, WireCounts, Witness, Zkey,
};
use zkiln::{Error, Result};

fn generate(circuit: &str) -> DevelopmentKey {
    let r1cs = R1cs::open(data(circuit).join("circuit.r1cs")).unwrap();
    DevelopmentKey::generate(&r1cs).unwrap()
}

fn witness(circuit: &str) -> Witness {
    Witness::open(data(circuit).join("witness.wtns")).unwrap()
}

#[test]
fn everyone_accepts_proofs_made_with_development_keys() {
    let node = is_ready();
    let folder = Folder::new("setup-ours");
    let mut paths: Vec<PathBuf> = Vec::new();
    for circuit in CIRCUITS {
        let path = folder.path(&format!("{circuit}.zkey"));
        generate(circuit).save(&path).unwrap();
        let key = ProvingKey::open(&path).unwrap();
        let (_, expected, _) = fixture(circuit);
        let (proof, public) = key.prove(&witness(circuit)).unwrap();
        assert_eq!(public, expected, "{circuit}");
        assert!(key.verifier().verify(&public, &proof).unwrap(), "{circuit}");
        let trusted = key.verifying_key();
        assert!(ark_accepts(trusted, &public, &proof), "{circuit}");
        paths.push(folder.file(&format!("{circuit}.vkey.json"), trusted.to_json()));
        paths.push(folder.file(&format!("{circuit}.public.json"), public.to_json()));
        paths.push(folder.file(&format!("{circuit}.proof.json"), proof.to_json()));
    }
    if node {
        let answers = oracle("verify.mjs", &paths);
        assert_eq!(
            answers.lines().collect::<Vec<_>>(),
            vec![r#"{"ok":true}"#; CIRCUITS.len()]
        );
    }
}

#[test]
fn snarkjs_proves_and_exports_with_development_keys() {
    if !is_ready() {
        return;
    }
    let folder = Folder::new("setup-snarkjs");
    for circuit in CIRCUITS {
        let path = folder.path(&format!("{circuit}.zkey"));
        generate(circuit).save(&path).unwrap();
        let key = ProvingKey::open(&path).unwrap();
        let printed = oracle("zkey.mjs", [&path]);
        let exported = VerifyingKey::from_json(&printed, "snarkjs").unwrap();
        assert_eq!(exported, *key.verifying_key(), "{circuit}");
        assert_eq!(exported.to_json(), key.verifying_key().to_json());

        let out = folder.path(circuit);
        oracle(
            "prove.mjs",
            [&path, &data(circuit).join("witness.wtns"), &out],
        );
        let proof = Proof::open(out.join("proof.json")).unwrap();
        let public = PublicInputs::open(out.join("public.json")).unwrap();
        assert!(key.verifier().verify(&public, &proof).unwrap(), "{circuit}");
    }
}

/// The coefficients in the same order, the same sizes, and infinity in the same places.
#[test]
fn development_keys_have_the_shape_of_those_of_snarkjs() {
    fn infinities<C: Curve>(points: Points<'_, C>) -> Vec<bool> {
        let points = points.read_all().unwrap();
        points.iter().map(Affine::is_infinity).collect()
    }
    fn coefficients(zkey: &Zkey<'_>) -> Vec<Coefficient> {
        zkey.coefficients().iter().collect::<Result<_>>().unwrap()
    }
    for circuit in CIRCUITS {
        let bytes = generate(circuit).parts().to_bytes().unwrap();
        let ours = Zkey::parse(&bytes, "ours").unwrap();
        ours.check_secure().unwrap();
        let bytes = std::fs::read(data(circuit).join("circuit.zkey")).unwrap();
        let theirs = Zkey::parse(&bytes, "theirs").unwrap();

        let sizes = |zkey: &Zkey<'_>| {
            let header = zkey.header();
            (header.n_vars, header.n_public, header.log_domain_size)
        };
        assert_eq!(sizes(&ours), sizes(&theirs), "{circuit}");
        assert_eq!(ours.header().gamma_g2, theirs.header().gamma_g2);
        assert!(coefficients(&ours) == coefficients(&theirs), "{circuit}");
        assert_eq!(infinities(ours.ic()), infinities(theirs.ic()), "{circuit}");
        assert_eq!(infinities(ours.a()), infinities(theirs.a()), "{circuit}");
        assert_eq!(infinities(ours.b1()), infinities(theirs.b1()), "{circuit}");
        assert_eq!(infinities(ours.b2()), infinities(theirs.b2()), "{circuit}");
        assert_eq!(infinities(ours.c()), infinities(theirs.c()), "{circuit}");
        assert_eq!(infinities(ours.h()), infinities(theirs.h()), "{circuit}");
        let points = ours.b1().read_all().unwrap();
        assert!(points.iter().any(|point| !point.is_infinity()));
    }
}

#[test]
fn development_keys_say_what_they_are() {
    let key = generate("multiplier");
    let bytes = key.parts().to_bytes().unwrap();
    let contributions = Zkey::parse(&bytes, "ours")
        .unwrap()
        .contributions()
        .unwrap();
    assert!(contributions.is_insecure());
    assert_eq!(
        contributions.entries[0].name.as_deref(),
        Some(INSECURE_NAME)
    );

    // A later contribution does not make it better.
    let mut later = contributions.clone();
    later.entries.push(contributions.entries[0].clone());
    later.entries[1].name = Some("honest".to_owned());
    let mut parts = key.parts();
    parts.contributions = &later;
    let bytes = parts.to_bytes().unwrap();
    let contributions = Zkey::parse(&bytes, "ours")
        .unwrap()
        .contributions()
        .unwrap();
    assert_eq!(contributions.entries.len(), 2);
    assert!(contributions.is_insecure());

    for circuit in CIRCUITS {
        let bytes = std::fs::read(data(circuit).join("circuit.zkey")).unwrap();
        let contributions = Zkey::parse(&bytes, "theirs").unwrap().contributions();
        assert!(!contributions.unwrap().is_insecure(), "{circuit}");
    }
}

#[test]
fn two_keys_of_a_circuit_have_nothing_in_common() {
    let (first, second) = (generate("range"), generate("range"));
    let (first, second) = (first.parts(), second.parts());
    assert_ne!(first.header.alpha_g1, second.header.alpha_g1);
    assert_ne!(first.header.beta_g2, second.header.beta_g2);
    assert_ne!(first.header.delta_g1, second.header.delta_g1);
    let pairs = first
        .a
        .iter()
        .zip(second.a)
        .chain(first.h.iter().zip(second.h));
    for (first, second) in pairs {
        assert!(first != second || first.is_infinity());
    }
}

/// Proves a circuit that was made here.
fn prove(wires: WireCounts, constraints: &[[Vec<(u32, Fr)>; 3]], witness: &[u64]) {
    let r1cs = R1cs::new(wires, constraints.iter().cloned()).unwrap();
    let key = DevelopmentKey::generate(&r1cs).unwrap();
    let key = ProvingKey::from_bytes(&key.parts().to_bytes().unwrap(), "ours").unwrap();
    let witness = Witness::new(witness.iter().map(|&v| Int::from_u64(v)).collect()).unwrap();
    let (proof, public) = key.prove(&witness).unwrap();
    assert!(ark_accepts(key.verifying_key(), &public, &proof));
}

#[test]
fn the_smallest_circuits() {
    let wires = |total, outputs| WireCounts {
        total,
        outputs,
        public_inputs: 0,
        private_inputs: 0,
    };
    // No constraints: nothing but the constant 1, one public wire, one private wire.
    prove(wires(1, 0), &[], &[1]);
    prove(wires(2, 1), &[], &[1, 5]);
    prove(wires(2, 0), &[], &[1, 5]);
    // One constraint, without and with public wires: w1 w1 = w2, both public.
    let square = [vec![(1, Fr::ONE)], vec![(1, Fr::ONE)], vec![(2, Fr::ONE)]];
    prove(wires(3, 0), std::slice::from_ref(&square), &[1, 3, 9]);
    prove(wires(3, 2), std::slice::from_ref(&square), &[1, 3, 9]);
    // Terms of one wire add up, here to nothing, and a constraint may be empty.
    let cancelled = [
        vec![(1, Fr::ONE), (1, -Fr::ONE)],
        vec![(2, Fr::ONE)],
        vec![],
    ];
    prove(
        wires(3, 1),
        &[square, cancelled, Default::default()],
        &[1, 3, 9],
    );
}

#[test]
fn a_file_is_replaced_at_once_or_not_at_all() {
    let key = generate("multiplier");
    let folder = Folder::new("setup-save");
    let path = folder.file("circuit.zkey", "an older key");
    key.save(&path).unwrap();
    assert_eq!(
        std::fs::read(&path).unwrap(),
        key.parts().to_bytes().unwrap()
    );

    // A folder stands where the file should be: the key is written and cannot be moved there.
    let taken = folder.path("taken");
    std::fs::create_dir(&taken).unwrap();
    for path in [taken, folder.path("missing/circuit.zkey"), "/".into()] {
        match key.save(&path).unwrap_err() {
            Error::Io { path: named, .. } => assert_eq!(named, path),
            other => panic!("{other}"),
        }
    }
    let mut names: Vec<_> = std::fs::read_dir(folder.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["circuit.zkey", "taken"]);
}
