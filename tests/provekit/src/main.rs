//! zkiln's spartan proofs and provekit's, before each other's verifiers and beside a clock.
//!
//! - `check`: the fixtures of `tests/data` and a circuit that loses wires, both ways, and what both must refuse;
//! - `golden FILE`: provekit's proof of the multiplier, for the tests of the library;
//! - `time LOG_WIRES [REPEATS]`: both provers and verifiers in turn.

mod theirs;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use theirs::{Theirs, prove, witness_map};
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::groth16::{R1cs, WireCounts, Witness};
use zkiln::spartan::{Circuit, Parameters, Proof};

const FIXTURES: [&str; 6] = [
    "multiplier",
    "full_domain",
    "hash_chain",
    "merkle",
    "range",
    "ledger",
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["check"] => {
            for name in FIXTURES {
                let (r1cs, witness) = fixture(name)?;
                check(name, &r1cs, &witness)?;
            }
            let (r1cs, witness) = sums(4_750)?;
            check("sums", &r1cs, &witness)
        }
        ["golden", file] => golden(Path::new(file)),
        ["time", log_wires] => time(log_wires.parse()?, 5),
        ["time", log_wires, repeats] => time(log_wires.parse()?, repeats.parse()?),
        _ => bail!("check | golden FILE | time LOG_WIRES [REPEATS]"),
    }
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../data")
        .join(path)
}

fn fixture(name: &str) -> Result<(R1cs, Witness)> {
    let file = |file: &str| data(name).join(file);
    Ok((
        R1cs::open(file("circuit.r1cs"))?,
        Witness::open(file("witness.wtns"))?,
    ))
}

/// A circuit on both sides, with the public signals of the format.
struct Both {
    ours: Circuit,
    theirs: Theirs,
    /// What a third party would make of a witness: the wires at their places, zeros elsewhere.
    wires: Vec<Fr>,
    signals: Vec<Fr>,
    public: Vec<Fr>,
}

impl Both {
    fn new(r1cs: &R1cs, witness: &Witness) -> Result<Self> {
        let parameters = Parameters::default();
        let ours = Circuit::new(r1cs, parameters)?;
        let proven = Circuit::proven(r1cs, parameters)?;
        let wires = ours.assignment(witness)?;
        let public = wires[1..=r1cs.wires().public()].to_vec();
        let signals = wires[1..=proven.wires().public()].to_vec();
        Ok(Self {
            theirs: Theirs::new(&proven, ours.log_vector_len()),
            public: if r1cs.wires().public() == 0 {
                Vec::new()
            } else {
                public
            },
            ours,
            wires,
            signals,
        })
    }
}

fn check(name: &str, r1cs: &R1cs, witness: &Witness) -> Result<()> {
    let both = Both::new(r1cs, witness)?;
    let (proof, public) = both.ours.prove(witness)?;
    ensure!(both.theirs.accepts(&both.signals, &proof), "{name}: ours");
    let mut others = both.signals.clone();
    others[0] += Fr::ONE;
    ensure!(
        !both.theirs.accepts(&others, &proof),
        "{name}: another signal"
    );

    let proof = prove(both.theirs.prover(), witness_map(&both.wires))?;
    ensure!(
        both.theirs.accepts(&both.signals, &proof),
        "{name}: their own"
    );
    ensure!(both.ours.verify(&public, &proof)?, "{name}: theirs");
    let mut refused = 0;
    for part in [0, 1] {
        let len = [proof.messages.len(), proof.hints.len()][part];
        for i in (0..40).map(|k| k * (len - 1) / 39) {
            let mut other = proof.clone();
            let byte = match part {
                0 => &mut other.messages[i],
                _ => &mut other.hints[i],
            };
            *byte ^= 1;
            let ours = both.ours.verify(&public, &other).unwrap_or(false);
            ensure!(
                !ours,
                "{name}: byte {i} of part {part} does not matter to us"
            );
            // Of 80 bytes both verifiers should refuse nearly all: theirs reads elements modulo r.
            refused += usize::from(!both.theirs.accepts(&both.signals, &other));
        }
    }
    ensure!(refused == 80, "{name}: they refuse {refused} of 80");
    println!(
        "{name}: each accepts the other's, {} bytes",
        proof.to_bytes().len()
    );
    Ok(())
}

fn golden(file: &Path) -> Result<()> {
    let (r1cs, witness) = fixture("multiplier")?;
    let both = Both::new(&r1cs, &witness)?;
    let proof = prove(both.theirs.prover(), witness_map(&both.wires))?;
    std::fs::write(file, proof.to_bytes()).with_context(|| file.display().to_string())
}

/// `x_{i+1} = x_i (x_i + 3)`, with the first and the last public: as many wires as constraints.
fn chain(constraints: usize) -> Result<(R1cs, Witness)> {
    let wires = WireCounts {
        total: constraints + 2,
        outputs: 1,
        public_inputs: 1,
        private_inputs: 0,
    };
    // Wire 1 is the end, wire 2 the start, and so on.
    let place = |step: usize| match step {
        step if step == constraints => 1,
        step => step as u32 + 2,
    };
    let rows = (0..constraints).map(|i| {
        let one = |step| (place(step), Fr::ONE);
        let mut sum = vec![(0, Fr::from_u64(3)), one(i)];
        sum.sort_by_key(|term| term.0);
        [vec![one(i)], sum, vec![one(i + 1)]]
    });
    let r1cs = R1cs::new(wires, rows)?;
    let mut values = vec![Int::from_u64(1); constraints + 2];
    let mut x = Fr::from_u64(7);
    for i in 0..=constraints {
        values[place(i) as usize] = x.to_canonical();
        x = x * (x + Fr::from_u64(3));
    }
    Ok((r1cs, Witness::new(values)?))
}

/// `y = x^2` and `x' = 2 y + 3`, so often: with a few wires too many for a vector of 2^14, unless sums are left out.
fn sums(steps: usize) -> Result<(R1cs, Witness)> {
    let wires = WireCounts {
        total: 2 + 3 * steps,
        outputs: 1,
        public_inputs: 0,
        private_inputs: 0,
    };
    let [one, two, three] = [1, 2, 3].map(Fr::from_u64);
    let rows = (0..steps as u32).flat_map(|i| {
        let [x, y, z, next] = [0, 1, 2, 3].map(|j| 1 + 3 * i + j);
        [
            [vec![(x, one)], vec![(x, one)], vec![(y, one)]],
            [vec![], vec![], vec![(y, two), (0, three), (z, -one)]],
            [vec![(z, one)], vec![(0, one)], vec![(next, one)]],
        ]
    });
    let r1cs = R1cs::new(wires, rows)?;
    let mut values = vec![one, two];
    for i in 0..steps {
        let y = values[1 + 3 * i].square();
        let z = two * y + three;
        values.extend([y, z, z]);
    }
    let values = values.iter().map(|value| value.to_canonical());
    Ok((r1cs, Witness::new(values.collect())?))
}

fn time(log_wires: u32, repeats: usize) -> Result<()> {
    // As many as fit with what hides them.
    let (r1cs, witness) = chain((1 << log_wires) - 4096)?;
    let both = Both::new(&r1cs, &witness)?;
    println!(
        "{} wires, a vector of 2^{}, {} threads",
        r1cs.wires().total,
        both.ours.log_vector_len(),
        rayon::current_num_threads()
    );
    let map = witness_map(&both.wires);
    let mut times = [const { Vec::<Duration>::new() }; 4];
    let mut sizes = [0; 2];
    for _ in 0..repeats {
        let begin = Instant::now();
        let (ours, _) = both.ours.prove_unverified(&witness)?;
        times[0].push(begin.elapsed());
        let begin = Instant::now();
        ensure!(both.ours.verify(&both.public, &ours)?);
        times[1].push(begin.elapsed());
        let (prover, map) = (both.theirs.prover(), map.clone());
        let begin = Instant::now();
        let theirs = prove(prover, map)?;
        times[2].push(begin.elapsed());
        let begin = Instant::now();
        ensure!(both.theirs.accepts(&both.signals, &ours));
        times[3].push(begin.elapsed());
        sizes = [&ours, &theirs].map(|proof: &Proof| proof.to_bytes().len());
    }
    let names = [
        "our prover",
        "our verifier",
        "provekit's prover",
        "provekit's verifier",
    ];
    for (name, mut times) in names.into_iter().zip(times) {
        times.sort_unstable();
        println!("{name}: {:.1} ms", times[repeats / 2].as_secs_f64() * 1e3);
    }
    println!("proofs of {} and {} bytes", sizes[0], sizes[1]);
    Ok(())
}
