//! How long it takes, beside p3-whir and beside Groth16, and how much memory.
//!
//! ```text
//! LOG_WIRES=18 cargo test --release --test whir -- --ignored --nocapture times
//! LOG_WIRES=18 LANE=groth16 cargo test --release --test whir -- --ignored --nocapture memory
//! ```
//!
//! p3-whir is built without threads here, so the ratio to it is that of one thread each; it has the vector
//! committed to and opened, and nothing of Spartan.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zkiln::field::{Fr, Int, PrimeField};
use zkiln::groth16::{DevelopmentKey, ProvingKey, R1cs, WireCounts, Witness};
use zkiln::spartan;
use zkiln::spartan::compact::{Circuit, Parameters};

use crate::theirs::{Theirs, their};

const REPEATS: usize = 5;

/// `x_i = (x_(i-1) + 2 x_(i-2) + 3) (x_(i-1) + 5 x_(i-3))`, for a public `x_0`: `2^log_wires` wires.
fn recurrence(log_wires: u32) -> (R1cs, Witness) {
    let constraints = (1 << log_wires) - 4;
    let counts = WireCounts {
        total: constraints + 4,
        outputs: 1,
        public_inputs: 0,
        private_inputs: 2,
    };
    let [two, three, five] = [2, 3, 5].map(Fr::from);
    let rows = (4..constraints as u32 + 4).map(|i| {
        let a = vec![(0, three), (i - 2, two), (i - 1, Fr::from(1))];
        let b = vec![(i - 3, five), (i - 1, Fr::from(1))];
        [a, b, vec![(i, Fr::from(1))]]
    });
    let r1cs = R1cs::new(counts, rows).unwrap();
    let mut wires = [1, 7, 8, 9].map(Fr::from).to_vec();
    for i in 4..constraints + 4 {
        let a = wires[i - 1] + two * wires[i - 2] + three;
        wires.push(a * (wires[i - 1] + five * wires[i - 3]));
    }
    let values = wires.iter().map(Fr::to_canonical).collect::<Vec<Int<4>>>();
    (r1cs, Witness::new(values).unwrap())
}

/// The kernel's count of a process' memory, in MiB; 0 where there is none.
fn status(field: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.map_or(0.0, |kib: f64| kib / 1024.0)
}

/// The most memory that a call has beyond what there was before, in MiB.
fn peak<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS:");
    let result = work();
    (result, status("VmHWM:") - before)
}

fn time<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = work();
    times.push(begin.elapsed());
    result
}

fn show(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64() * 1e3;
    println!("{name:<44}{median:>9.1} ms");
}

#[test]
#[ignore = "a measurement, for a release build"]
fn times() {
    let (r1cs, witness) = recurrence(log_wires());
    let parameters = Parameters::default();
    let circuit = Circuit::new(&r1cs, parameters).unwrap();
    let hidden = spartan::Circuit::new(&r1cs, spartan::Parameters::default()).unwrap();
    let file = development_key(&r1cs);
    let key = ProvingKey::open(file.path()).unwrap();
    let theirs = Theirs::new(&r1cs, &circuit, &parameters);
    let wires: Vec<_> = witness.values()[2..]
        .iter()
        .map(|&value| their(Fr::from(value)))
        .collect();
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();

    let mut times = [const { Vec::new() }; 9];
    let [
        ours,
        verify,
        zk,
        groth16,
        ours_1,
        verify_1,
        commit,
        open,
        check,
    ] = &mut times;
    let mut size = 0;
    for _ in 0..REPEATS {
        let proven = || circuit.prove_unverified(&witness).unwrap();
        let (proof, public) = time(ours, proven);
        size = proof.to_bytes().len();
        assert!(time(verify, || circuit.verify(&public, &proof).unwrap()));
        time(zk, || hidden.prove_unverified(&witness).unwrap());
        time(groth16, || key.prove(&witness).unwrap());
        one.install(|| {
            time(ours_1, proven);
            assert!(time(verify_1, || circuit.verify(&public, &proof).unwrap()));
            theirs.time_opening(&wires, commit, open, check);
        });
    }
    println!(
        "{} wires, {} constraints, {} threads, a proof of {size} bytes, {:.2} bits",
        r1cs.wires().total,
        r1cs.n_constraints(),
        rayon::current_num_threads(),
        circuit.security_bits()
    );
    let names = [
        "compact: prove",
        "compact: verify",
        "ProveKitV1: prove",
        "Groth16: prove",
        "compact, one thread: prove",
        "compact, one thread: verify",
        "p3-whir, one thread: commit",
        "p3-whir, one thread: open",
        "p3-whir, one thread: verify",
    ];
    for (name, times) in names.into_iter().zip(times) {
        show(name, times);
    }
}

/// What one lane needs from its circuit or key to its proof; alone in a process, for nobody gives all back.
#[test]
#[ignore = "a measurement, for a release build"]
fn memory() {
    let (r1cs, witness) = recurrence(log_wires());
    let lane = std::env::var("LANE").unwrap_or_else(|_| "compact".into());
    let ((), mib) = match lane.as_str() {
        "groth16" => {
            let file = development_key(&r1cs);
            peak(|| drop(ProvingKey::open(file.path()).unwrap().prove(&witness)))
        }
        "spartan" => peak(|| {
            let circuit = spartan::Circuit::new(&r1cs, spartan::Parameters::default()).unwrap();
            drop(circuit.prove(&witness).unwrap());
        }),
        _ => peak(|| {
            let circuit = Circuit::new(&r1cs, Parameters::default()).unwrap();
            drop(circuit.prove(&witness).unwrap());
        }),
    };
    println!("{lane}, {} wires: {mib:.0} MiB", r1cs.wires().total);
}

fn log_wires() -> u32 {
    std::env::var("LOG_WIRES").map_or(16, |text| text.parse().unwrap())
}

/// A key in a file that goes away.
struct KeyFile(PathBuf);

impl KeyFile {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn development_key(r1cs: &R1cs) -> KeyFile {
    let name = format!("zkiln-times-{}.zkey", std::process::id());
    let file = KeyFile(std::env::temp_dir().join(name));
    let key = DevelopmentKey::generate(r1cs).unwrap();
    key.save(file.path()).unwrap();
    file
}
