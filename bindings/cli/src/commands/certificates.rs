//! `zkiln certify`, and `zkiln verify` for certificates.

use std::fs::File;
use std::io::Read;
use std::iter;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tracing::info_span;
use zkiln::groth16::{Encoding, Proof};
use zkiln::statement::{
    Anchor, Certificate, Journal, NamedProgram, ProofBytes, Segment, StatementV1, Verdict, Word,
};
use zkiln::{Error, Result};

use crate::args::{Certify, Verify, VerifyCertificates};
use crate::input::{self, io_error};
use crate::output::Outputs;
use crate::report::{Report, path_text};

/// The longest proof that is read, in bytes.
const PROOF_LIMIT: u64 = 64 << 20;

/// `zkiln certify`
pub(crate) fn certify(args: &Certify) -> Result<Report> {
    let claims = claims(&args.parts)?;
    let files = claims.iter().flat_map(|claim| {
        let proofs = claim.proofs.iter().map(|(_, path)| path.as_path());
        iter::once(claim.statement).chain(proofs)
    });
    let inputs: Vec<&Path> = iter::once(args.program.as_path()).chain(files).collect();
    input::require_files(&inputs)?;
    Outputs::plan(&[&args.output], &inputs)?;

    let NamedProgram { program, names } = NamedProgram::open(&args.program)?;
    let lane = |(name, _): &(String, PathBuf)| {
        let path = args.program.display();
        let unknown = || Error::Argument(format!("{path}: there is no lane {name:?}"));
        names.get(name).copied().ok_or_else(unknown)
    };
    let lanes: Vec<Word> = claims[0].proofs.iter().map(lane).collect::<Result<_>>()?;
    let segments: Vec<Segment> = {
        let _span = info_span!("read proofs").entered();
        claims.iter().map(Claim::read).collect::<Result<_>>()?
    };
    let certificate = info_span!("verify").in_scope(|| program.certify(&lanes, segments))?;
    let _span = info_span!("write").entered();
    let mut outputs = Outputs::default();
    outputs.stage(&args.output, certificate.to_json())?;
    outputs.commit()?;

    let mut fields = description(&certificate);
    fields["output"] = path_text(&args.output).into();
    let summary = format!("wrote {}\n{}", args.output.display(), lines(&certificate));
    Ok(Report::new(fields, summary))
}

/// A statement and its proofs by the names of their lanes, as files.
struct Claim<'a> {
    statement: &'a Path,
    proofs: Vec<(String, PathBuf)>,
}

/// What the arguments say: a statement is a path, and the proofs after it are NAME=PATH.
fn claims(parts: &[PathBuf]) -> Result<Vec<Claim<'_>>> {
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for part in parts {
        let proof = part.to_str().and_then(|text| text.split_once('='));
        match (proof, claims.last_mut()) {
            (None, _) => claims.push(Claim {
                statement: part,
                proofs: Vec::new(),
            }),
            (Some((name, path)), Some(claim)) => claim.proofs.push((name.into(), path.into())),
            (Some(_), None) => {
                let part = part.display();
                return Err(Error::Argument(format!(
                    "{part}: a proof before any statement"
                )));
            }
        }
    }
    let names = |claim: &Claim<'_>| -> Vec<String> {
        claim.proofs.iter().map(|(name, _)| name.clone()).collect()
    };
    let first = names(&claims[0]);
    match claims
        .iter()
        .find(|claim| claim.proofs.is_empty() || names(claim) != first)
    {
        None => Ok(claims),
        Some(claim) => Err(Error::Argument(format!(
            "{}: after a statement come its proofs, as LANE=PROOF, of the same lanes in the same order for each",
            claim.statement.display()
        ))),
    }
}

impl Claim<'_> {
    fn read(&self) -> Result<Segment> {
        Ok(Segment {
            statement: StatementV1::open(self.statement)?,
            proofs: (self.proofs.iter())
                .map(|(_, path)| read_proof(path))
                .collect::<Result<_>>()?,
        })
    }
}

/// The bytes of a proof: those of the file, or of the Groth16 proof in a `proof.json`.
fn read_proof(path: &Path) -> Result<ProofBytes> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| io_error(path, e))?;
    let read = file.take(PROOF_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|e| io_error(path, e))?;
    if bytes.len() as u64 > PROOF_LIMIT {
        let path = path.display();
        return Err(Error::Argument(format!(
            "{path}: longer than {PROOF_LIMIT} bytes, the most that is read"
        )));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.trim_start().starts_with('{') => {
            let proof = Proof::from_json(text, &path.display().to_string())?;
            Ok(ProofBytes(proof.to_bytes(Encoding::Evm)))
        }
        _ => Ok(ProofBytes(bytes)),
    }
}

/// `zkiln verify --program`
pub(crate) fn verify(args: &Verify, program_path: &Path) -> Result<Report> {
    let options = &args.certificates;
    let paths: Vec<&Path> = iter::once(&args.key)
        .chain(&args.pairs)
        .map(PathBuf::as_path)
        .collect();
    let inputs: Vec<&Path> = iter::once(program_path)
        .chain(paths.iter().copied())
        .collect();
    input::require_files(&inputs)?;
    if let Some(journal) = &options.journal {
        Outputs::plan(&[journal], &inputs)?;
    }
    let program = NamedProgram::open(program_path)?.program;
    let mut journal = match &options.journal {
        Some(path) if path.exists() => Journal::open(path, &program)?,
        _ => Journal::new(&program),
    };
    let mut anchor = anchor(options, &journal)?;
    let start_is_checked = anchor != Anchor::Unchecked;

    let mut accepted = Vec::new();
    let mut refusal = None;
    for path in paths {
        let certificate = {
            let _span = info_span!("read certificate").entered();
            Certificate::open(path)?
        };
        let _span = info_span!("verify").entered();
        match journal.accept(&program, certificate.clone(), &anchor) {
            Ok(verdict) => {
                anchor = Anchor::after(&verdict.summary);
                accepted.push((path, certificate, verdict));
            }
            Err(Error::Refused(reason)) => {
                refusal = Some((path, reason));
                break;
            }
            Err(error) => {
                // The alarm is not forgotten with this process.
                save(options, &journal)?;
                return Err(error);
            }
        }
    }
    save(options, &journal)?;
    Ok(report(&accepted, refusal, start_is_checked))
}

/// Where the first certificate must begin.
fn anchor(options: &VerifyCertificates, journal: &Journal) -> Result<Anchor> {
    let parse = |text: &str| {
        let parsed = text.split_once(':').and_then(|(root, seq)| {
            let root = Word::from_hex(root)?.to_field()?;
            Some((root, seq.parse().ok()?))
        });
        parsed.ok_or_else(|| {
            Error::Argument(format!(
                "{text:?}: a state below r as 0x and 64 digits, a colon and an item's number are expected"
            ))
        })
    };
    match (&options.genesis, &options.after, journal.accepted().last()) {
        (Some(text), ..) => {
            let (root, first_seq) = parse(text)?;
            Ok(Anchor::Genesis { root, first_seq })
        }
        (_, Some(text), _) => {
            let (root, last_seq) = parse(text)?;
            Ok(Anchor::After { root, last_seq })
        }
        (.., Some(certificate)) => Ok(Anchor::after(&certificate.summary())),
        _ if options.journal.is_some() => Err(Error::Argument(
            "the journal is new: --genesis or --after must say where its first certificate begins"
                .into(),
        )),
        _ => Ok(Anchor::Unchecked),
    }
}

fn save(options: &VerifyCertificates, journal: &Journal) -> Result<()> {
    match &options.journal {
        Some(path) => journal.save(path),
        None => Ok(()),
    }
}

fn report(
    accepted: &[(&Path, Certificate, Verdict)],
    refusal: Option<(&Path, String)>,
    start_is_checked: bool,
) -> Report {
    let describe = |(path, certificate, verdict): &(&Path, Certificate, Verdict)| {
        let mut fields = description(certificate);
        fields["file"] = path_text(path).into();
        fields["counted"] = json!(verdict.counted);
        fields
    };
    let mut fields = json!({
        "valid": refusal.is_none(),
        "start_checked": start_is_checked,
        "certificates": accepted.iter().map(describe).collect::<Vec<_>>(),
    });
    let mut summary = String::new();
    for (path, certificate, verdict) in accepted {
        let counted = verdict.counted.len();
        summary += &format!("valid: {}, {counted} independent lanes\n", path.display());
        summary += &lines(certificate);
    }
    if let Some((path, reason)) = &refusal {
        fields["refused"] = json!({"file": path_text(path), "reason": reason});
        summary += &format!("NOT valid: {}: {reason}\n", path.display());
    } else if !start_is_checked {
        summary += "  the start was not checked: --genesis or --after says where it must be\n";
    }
    Report {
        invalid: refusal.is_some(),
        ..Report::new(fields, summary)
    }
}

/// What a certificate states, and by which lanes, for programs.
fn description(certificate: &Certificate) -> Value {
    let summary = certificate.summary();
    let ids = certificate.lanes().iter().map(|lane| {
        let mut fields = json!(lane);
        fields["id"] = json!(lane.id());
        fields
    });
    json!({
        "program": summary.program,
        "segments": certificate.segments().len(),
        "first_seq": summary.first_seq.to_string(),
        "last_seq": summary.last_seq.to_string(),
        "pre_root": Word::from(summary.pre_root),
        "post_root": Word::from(summary.post_root),
        "lanes": ids.collect::<Vec<_>>(),
        "shared": certificate.shared(),
    })
}

/// The same for people.
fn lines(certificate: &Certificate) -> String {
    let summary = certificate.summary();
    let mut lines = format!(
        "  items {} to {}, from the state {} to {}\n",
        summary.first_seq,
        summary.last_seq,
        Word::from(summary.pre_root),
        Word::from(summary.post_root),
    );
    let name = |id: Word| {
        let lane = certificate.lanes().iter().find(|lane| lane.id() == id);
        lane.map_or("?", |lane| lane.system.as_str())
    };
    for lane in certificate.lanes() {
        let mut notes = String::new();
        if lane.is_development() {
            notes += ", with an INSECURE development key";
        }
        if !lane.zero_knowledge {
            notes += ", may tell about the witness";
        }
        lines += &format!("  lane {}: {}{notes}\n", lane.id(), lane.system);
    }
    for shared in certificate.shared() {
        let parts: Vec<String> = shared.parts.iter().map(|part| part.to_string()).collect();
        let [a, b] = shared.lanes.map(name);
        lines += &match parts.is_empty() {
            true => format!("  {a} and {b} share nothing that is known\n"),
            false => format!("  {a} and {b} share: {}\n", parts.join(", ")),
        };
    }
    lines
}
