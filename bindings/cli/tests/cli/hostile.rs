//! Files from strangers: cut off anywhere, or with any byte changed, they end in exit code 2 and a
//! sentence, or in a proof that is valid all the same. Never in a signal, a hang or a file left behind.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{data, listing, zkiln};

/// How many places of a file are cut and changed.
const PLACES: usize = 36;

struct Sweep {
    dir: TempDir,
    circuit: &'static str,
    /// Which of the key and the witness is broken.
    file: &'static str,
    good: Vec<u8>,
}

impl Sweep {
    fn new(circuit: &'static str, file: &'static str) -> Self {
        let good = fs::read(data(circuit, file)).unwrap();
        Self {
            dir: TempDir::new().unwrap(),
            circuit,
            file,
            good,
        }
    }

    /// Positions all over the file: its headers closely, then evenly, then its end.
    fn places(&self) -> impl Iterator<Item = usize> {
        let length = self.good.len();
        let even = (0..PLACES / 2).map(move |i| i * length / (PLACES / 2));
        (0..PLACES / 2)
            .map(|i| 3 * i)
            .chain(even)
            .chain([length - 1])
    }

    fn input(&self, name: &str, broken: &Path) -> PathBuf {
        if name == self.file {
            broken.to_owned()
        } else {
            data(self.circuit, name)
        }
    }

    /// Proves with `bytes` in place of the file.
    fn check(&self, bytes: &[u8], what: &str) {
        let broken = self.dir.path().join("broken");
        let out = self.dir.path().join("out");
        fs::write(&broken, bytes).unwrap();
        let key = self.input("circuit.zkey", &broken);
        let witness = self.input("witness.wtns", &broken);
        let run = zkiln([Path::new("prove"), &key, &witness, Path::new("-o"), &out]);
        match run.code {
            0 => {
                let vkey = data(self.circuit, "verification_key.json");
                let [public, proof] = ["public.json", "proof.json"].map(|name| out.join(name));
                zkiln([Path::new("verify"), &vkey, &public, &proof]).done();
                fs::remove_dir_all(&out).unwrap();
            }
            2 => {
                assert!(run.stderr.starts_with("zkiln: "), "{what}: {run:?}");
                assert_eq!(run.stderr.lines().count(), 1, "{what}: {run:?}");
            }
            _ => panic!("{what}: {run:?}"),
        }
        assert_eq!(listing(self.dir.path()), ["broken"], "{what}");
    }

    fn run(&self) {
        for place in self.places() {
            self.check(
                &self.good[..place],
                &format!("{} cut at {place}", self.file),
            );
            let mut bytes = self.good.clone();
            for mask in [0x01, 0x80, 0xff] {
                bytes[place] = self.good[place] ^ mask;
                self.check(&bytes, &format!("{} ^ {mask:#x} at {place}", self.file));
            }
        }
        let padded = [&self.good[..], b"x"].concat();
        self.check(&padded, &format!("{} with a byte more", self.file));
    }
}

#[test]
fn broken_keys() {
    Sweep::new("multiplier", "circuit.zkey").run();
}

#[test]
fn broken_large_keys() {
    Sweep::new("full_domain", "circuit.zkey").run();
}

#[test]
fn broken_witnesses() {
    Sweep::new("multiplier", "witness.wtns").run();
}

#[test]
fn files_of_another_kind() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let garbage = dir.path().join("garbage");
    fs::write(&garbage, [0xa5; 5000]).unwrap();
    let empty = dir.path().join("empty");
    fs::write(&empty, "").unwrap();
    let missing = dir.path().join("missing");
    let key = data("multiplier", "circuit.zkey");
    let witness = data("multiplier", "witness.wtns");
    let prove = |key: &Path, witness: &Path| {
        zkiln([Path::new("prove"), key, witness, Path::new("-o"), &out])
    };
    prove(&witness, &key).refused("zkiln: ");
    for wrong in [&garbage, &empty, &missing, &dir.path().to_owned()] {
        let name = wrong.display().to_string();
        prove(wrong, &witness).refused(&name);
        prove(&key, wrong).refused(&name);
    }
    assert_eq!(listing(dir.path()), ["empty", "garbage"]);
}
