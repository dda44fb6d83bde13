//! The files of circom and snarkjs in `tests/data`: everything in them is read, and what is written
//! again is the same, byte for byte.

use std::path::{Path, PathBuf};

use zkiln::Error;
use zkiln::field::Fr;
use zkiln::groth16::{ContributionKind, MappedFile, Matrix, R1cs, Witness, Zkey};

use crate::owned::Owned;

/// The folders of circuits.
fn circuits() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let circuits: Vec<_> = std::fs::read_dir(data)
        .expect("tests/data")
        .map(|entry| entry.expect("an entry of tests/data").path())
        .filter(|path| path.join("circuit.zkey").exists())
        .collect();
    assert!(!circuits.is_empty(), "no circuits in tests/data");
    circuits
}

#[test]
fn keys_are_read_and_written_again() {
    for folder in circuits() {
        let file = MappedFile::open(folder.join("circuit.zkey")).unwrap();
        let zkey = Zkey::parse(&file, file.origin()).unwrap();
        zkey.check_secure().unwrap();

        let header = zkey.header();
        let key = Owned::read(&zkey).unwrap();
        assert!(key.b2.iter().all(|point| point.is_valid()));
        for (p1, p2) in key.b1.iter().zip(&key.b2) {
            assert_eq!(p1.is_infinity(), p2.is_infinity());
        }
        for i in [0, header.n_vars - 1] {
            assert_eq!(zkey.a().get(i).unwrap(), key.a[i]);
        }
        let entries = &key.contributions.entries;
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[2].delta_after, header.delta_g1);
        assert!(matches!(entries[2].kind, ContributionKind::Beacon { .. }));
        assert_eq!(key.to_bytes().unwrap(), *file);
    }
}

#[test]
fn witnesses_are_read_and_written_again() {
    for folder in circuits() {
        let path = folder.join("witness.wtns");
        let witness = Witness::open(&path).unwrap();
        assert_eq!(*witness.to_bytes(), std::fs::read(&path).unwrap());
    }
}

#[test]
fn constraint_systems_are_read_and_written_again() {
    for folder in circuits() {
        let path = folder.join("circuit.r1cs");
        let r1cs = R1cs::open(&path).unwrap();
        assert_eq!(r1cs.to_bytes(), std::fs::read(&path).unwrap());
    }
}

/// A key's matrices are the constraint system's with a row more for the constant and each public wire.
#[test]
fn key_constraints_and_witness_belong_together() {
    for folder in circuits() {
        let file = MappedFile::open(folder.join("circuit.zkey")).unwrap();
        let zkey = Zkey::parse(&file, file.origin()).unwrap();
        let r1cs = R1cs::open(folder.join("circuit.r1cs")).unwrap();
        let witness = Witness::open(folder.join("witness.wtns")).unwrap();
        assert_eq!(r1cs.first_unsatisfied(&witness).unwrap(), None);
        assert_eq!(r1cs.wires().total, zkey.header().n_vars);
        assert_eq!(r1cs.wires().public(), zkey.header().n_public);

        let wires: Vec<Fr> = witness.values().iter().map(|&v| Fr::from(v)).collect();
        let mut products = [
            vec![Fr::ZERO; zkey.header().domain_size()],
            vec![Fr::ZERO; zkey.header().domain_size()],
        ];
        for coefficient in zkey.coefficients().iter() {
            let c = coefficient.unwrap();
            let product = match c.matrix {
                Matrix::A => &mut products[0],
                Matrix::B => &mut products[1],
            };
            product[c.row as usize] += c.value * wires[c.wire as usize];
        }
        for i in 0..zkey.header().domain_size() {
            let n = r1cs.n_constraints();
            let [a, b] = if i < n {
                [r1cs.a().dot(i, &wires), r1cs.b().dot(i, &wires)]
            } else if i - n <= zkey.header().n_public {
                [wires[i - n], Fr::ZERO]
            } else {
                [Fr::ZERO; 2]
            };
            assert_eq!([products[0][i], products[1][i]], [a, b], "row {i}");
        }
    }
}

/// Straight after the setup a key can be read, and is refused for proving.
#[test]
fn a_key_without_contribution_is_insecure() {
    for folder in circuits() {
        let path = folder.join("no_contribution.zkey");
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let zkey = Zkey::parse(&bytes, "no_contribution.zkey").unwrap();
        let error = zkey.check_secure().unwrap_err();
        assert!(matches!(error, Error::WeakKey { .. }));
        assert!(error.to_string().contains("no_contribution.zkey"));
    }
}

#[test]
fn a_file_that_is_not_there_is_an_io_error() {
    let path = "does/not/exist";
    for error in [
        MappedFile::open(path).map(drop).unwrap_err(),
        Witness::open(path).map(drop).unwrap_err(),
        R1cs::open(path).map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Io { .. }));
        assert!(error.to_string().starts_with(path));
    }
}
