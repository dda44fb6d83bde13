//! Memory after many proofs: a program of its own, for the account is of the whole process.

use std::path::Path;

use zkiln::groth16::{ProvingKey, Witness};

fn open(circuit: &str) -> (ProvingKey, Witness) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(circuit);
    (
        ProvingKey::open(folder.join("circuit.zkey")).unwrap(),
        Witness::open(folder.join("witness.wtns")).unwrap(),
    )
}

/// Resident memory in KiB; `None` where /proc is not as on Linux.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_thousand_proofs_leave_memory_flat() {
    let (key, witness) = open("multiplier");
    let (chain, chain_witness) = open("hash_chain");
    let round = |n: usize| {
        for i in 0..n {
            key.prove(&witness).unwrap();
            if i % 10 == 0 {
                chain.prove(&chain_witness).unwrap();
            }
        }
    };
    round(200);
    let Some(before) = resident() else {
        eprintln!("skipped: no /proc/self/status to read the memory from");
        return;
    };
    round(1000);
    let after = resident().unwrap();
    // A leak of one vector of the small circuit in each proof would be more.
    assert!(
        after < before + 8 * 1024,
        "{before} KiB before, {after} KiB after"
    );
}
