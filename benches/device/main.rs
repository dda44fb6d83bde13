//! The library's kernels on a GPU, with everything resident: transforms, sums and proofs. Every result is
//! compared with the processor's before its time counts.
//!
//! `cargo bench --bench device -- [--backend cuda|emulator] [--log-sizes 16,20] [--json FILE] [families]`

mod groth16;
mod msm;
mod ntt;
mod row;

use std::process::ExitCode;

use zkiln::backend::Backend;

use row::{Bench, Row};
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
type Family = fn(&Bench, &mut dyn FnMut(Row)) -> Result<()>;

const FAMILIES: [(&str, Family); 3] = [
    ("ntt", ntt::measure),
    ("msm", msm::measure),
    ("groth16", groth16::measure),
];

struct Arguments {
    backend: String,
    log_sizes: Option<Vec<u32>>,
    json: Option<String>,
    families: Vec<String>,
    /// Only say which kernels these are.
    only_kernels: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    if arguments.only_kernels {
        let kernels = json!({"hash": zkiln_cuda::KERNEL_HASH, "archs": zkiln_cuda::KERNEL_ARCHS});
        println!("{kernels}");
        return Ok(());
    }
    let Backend::Device(device) = arguments.backend.parse()? else {
        return Err("this measures devices; the other benches are of the processor".into());
    };
    let bench = Bench::new(device, arguments.log_sizes);
    let mut rows = Vec::new();
    let mut outcome = Ok(());
    println!("{}\n", bench.title());
    for (name, measure) in FAMILIES {
        if arguments.families.is_empty() || arguments.families.iter().any(|wanted| wanted == name) {
            let measured = measure(&bench, &mut |row: Row| {
                println!("{row}");
                rows.push(row);
            });
            // The other families are measured nevertheless.
            if let Err(error) = measured {
                eprintln!("{name}: {error}");
                outcome = Err(format!("{name} failed").into());
            }
        }
    }
    if let Some(path) = arguments.json {
        std::fs::write(path, bench.to_json(&rows))?;
    }
    outcome
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut this = Self {
            backend: "cuda".into(),
            log_sizes: None,
            json: None,
            families: Vec::new(),
            only_kernels: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--bench" => {} // from cargo
                "--backend" => this.backend = value()?,
                "--kernels" => this.only_kernels = true,
                "--json" => this.json = Some(value()?),
                "--log-sizes" => {
                    let sizes = value()?;
                    let sizes = sizes.split(',').map(str::parse);
                    this.log_sizes = Some(sizes.collect::<std::result::Result<_, _>>()?);
                }
                name if FAMILIES.iter().any(|&(known, _)| known == name) => {
                    this.families.push(word);
                }
                _ => return Err(format!("no family and no option: {word}").into()),
            }
        }
        Ok(this)
    }
}
