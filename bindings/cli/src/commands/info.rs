//! `zkiln info`

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::info_span;
use zkiln::backend::{Backend, Device};
use zkiln::curve::{Affine, Curve};
use zkiln::groth16::{Contribution, ContributionKind, Contributions, MappedFile, Points, Zkey};
use zkiln::{Error, Result};

use crate::args::Info;
use crate::report::{Lines, Report, hexadecimal, path_text};
use crate::{input, machine};

pub(crate) fn run(args: &Info) -> Result<Report> {
    let mut report = describe_machine();
    if let Some(path) = &args.key {
        let key = describe_key(path)?;
        report.fields.insert("key".into(), key.fields.into());
        report.summary = report.summary + "\n" + &key.summary;
    }
    Ok(report)
}

fn describe_machine() -> Report {
    let processor = machine::processor();
    let features = machine::features();
    let threads = rayon::current_num_threads();
    let choice = Backend::auto();
    let backend = choice.backend.to_string();
    let gpus = match Device::nvidia_count() {
        Ok(count) => (0..count).map(describe_gpu).collect(),
        Err(error) => vec![GpuReport::unusable(&error)],
    };
    let emulator = Backend::emulator().is_ok();
    let fields = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "processor": processor,
        "architecture": std::env::consts::ARCH,
        "features": features,
        "threads": threads,
        "backend": backend,
        "gpus": gpus.iter().map(|gpu| &gpu.fields).collect::<Vec<_>>(),
        "emulator": emulator,
    });
    let mut lines = Lines::default();
    lines.push("version", env!("CARGO_PKG_VERSION"));
    lines.push("processor", processor);
    lines.push(
        "features",
        format!("{} {}", std::env::consts::ARCH, features.join(" ")),
    );
    lines.push("threads", threads);
    lines.push("backend", backend);
    for gpu in &gpus {
        lines.push("gpu", &gpu.line);
    }
    lines.push(
        "emulator",
        if emulator {
            "yes"
        } else {
            "left out of this build"
        },
    );
    Report::new(fields, lines.0)
}

/// A GPU, or why there is none.
struct GpuReport {
    fields: Value,
    line: String,
}

impl GpuReport {
    fn unusable(error: &impl std::fmt::Display) -> Self {
        Self {
            fields: json!({"error": error.to_string()}),
            line: format!("none: {error}"),
        }
    }
}

fn describe_gpu(ordinal: usize) -> GpuReport {
    let device = match Device::nvidia(ordinal) {
        Ok(device) => device,
        Err(error) => return GpuReport::unusable(&error),
    };
    let info = device.info();
    let (major, minor) = info.capability;
    let gibibytes = info.memory as f64 / f64::from(1 << 30);
    GpuReport {
        fields: json!({
            "ordinal": info.ordinal,
            "name": info.name,
            "capability": format!("{major}.{minor}"),
            "multiprocessors": info.multiprocessors,
            "memory": info.memory,
            "driver": info.driver_version,
        }),
        line: format!(
            "{} {}, sm_{major}{minor}, {} multiprocessors, {gibibytes:.1} GiB, CUDA {}.{}",
            info.ordinal,
            info.name,
            info.multiprocessors,
            info.driver_version / 1000,
            info.driver_version % 1000 / 10,
        ),
    }
}

/// All of the key is read, and every point is seen to be on its curve.
fn describe_key(path: &Path) -> Result<Report> {
    let _span = info_span!("read key").entered();
    input::require_files(&[path])?;
    let file = MappedFile::open(path)?;
    let zkey = Zkey::parse(&file, file.origin())?;
    let header = zkey.header();
    let contributions = zkey.contributions()?;
    let verifying_key = zkey.verifying_key()?;
    let weakness = match zkey
        .check_secure()
        .and(verifying_key.check_secure(zkey.origin()))
    {
        Err(Error::WeakKey { reason, .. }) => Some(reason),
        Err(error) => return Err(error),
        Ok(()) if contributions.is_insecure() => {
            Some("it is a development key: whoever made it can forge proofs".to_owned())
        }
        Ok(()) => None,
    };
    let vkey_hash = hexadecimal(&Sha256::digest(verifying_key.to_json()));
    let infinity = [
        ("A", zkey.a().len(), infinities(zkey.a())?),
        ("B1", zkey.b1().len(), infinities(zkey.b1())?),
        ("B2", zkey.b2().len(), infinities(zkey.b2())?),
        ("C", zkey.c().len(), infinities(zkey.c())?),
    ];
    infinities(zkey.h())?;

    let shares = infinity.map(|(name, total, count)| {
        (
            name.to_lowercase(),
            json!({"points": total, "infinity": count}),
        )
    });
    let fields = json!({
        "path": path_text(path),
        "bytes": file.len(),
        "wires": header.n_vars,
        "public_inputs": header.n_public,
        "domain_size": header.domain_size(),
        "coefficients": zkey.coefficients().len(),
        "points": Value::Object(shares.into_iter().collect()),
        "contributions": contributions.entries.iter().map(contribution_json).collect::<Vec<_>>(),
        "circuit_hash": hexadecimal(&contributions.circuit_hash),
        "verification_key_sha256": vkey_hash,
        "weakness": weakness,
    });
    let mut lines = Lines::default();
    lines.push("key", path.display());
    lines.push("size", format!("{} bytes", file.len()));
    lines.push(
        "wires",
        format!(
            "{}, {} of them public inputs",
            header.n_vars, header.n_public
        ),
    );
    lines.push("domain", format!("2^{} rows", header.log_domain_size));
    lines.push("coefficients", zkey.coefficients().len());
    lines.push("infinity", infinity.map(share).join(", "));
    push_contributions(&mut lines, &contributions);
    lines.push("circuit hash", hexadecimal(&contributions.circuit_hash));
    lines.push("vkey sha256", vkey_hash);
    lines.push(
        "security",
        match weakness {
            Some(reason) => format!("INSECURE: {reason}"),
            None => "no weakness that the key itself would show".to_owned(),
        },
    );
    Ok(Report::new(fields, lines.0))
}

/// How many points are infinity. In pieces, since a key may be larger than memory.
fn infinities<C: Curve>(points: Points<'_, C>) -> Result<usize> {
    const PIECE: usize = 1 << 18;
    (0..points.len())
        .step_by(PIECE)
        .try_fold(0, |count, start| {
            let piece = points.read(start..points.len().min(start + PIECE))?;
            Ok(count
                + piece
                    .iter()
                    .filter(|point: &&Affine<C>| point.is_infinity())
                    .count())
        })
}

fn share((name, total, count): (&str, usize, usize)) -> String {
    format!("{name} {:.1} %", 100.0 * count as f64 / total.max(1) as f64)
}

fn push_contributions(lines: &mut Lines, contributions: &Contributions) {
    if contributions.entries.is_empty() {
        lines.push("contributions", "none");
    }
    for (i, contribution) in contributions.entries.iter().enumerate() {
        let label = if i == 0 { "contributions" } else { "" };
        // Names are the text of strangers: nothing of them is left to the terminal to interpret.
        let name = match &contribution.name {
            Some(name) => format!("{name:?}"),
            None => "without a name".to_owned(),
        };
        let kind = match &contribution.kind {
            ContributionKind::Participant => String::new(),
            ContributionKind::Beacon {
                log_iterations,
                value,
            } => {
                format!(", beacon {}, 2^{log_iterations} times", hexadecimal(value))
            }
        };
        lines.push(label, format!("{} {name}{kind}", i + 1));
    }
}

fn contribution_json(contribution: &Contribution) -> Value {
    match &contribution.kind {
        ContributionKind::Participant => {
            json!({"name": contribution.name, "kind": "participant"})
        }
        ContributionKind::Beacon {
            log_iterations,
            value,
        } => json!({
            "name": contribution.name,
            "kind": "beacon",
            "log_iterations": log_iterations,
            "value": hexadecimal(value),
        }),
    }
}
