//! Programs as files: what a verifier trusts, written down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::attestation::AttestationLane;
use super::groth16::Groth16Lane;
use super::lane::Lane;
use super::policy::Policy;
use super::program::{Program, Status};
use super::spartan::SpartanLane;
use super::stark::StarkLane;
use super::word::Word;
use crate::error::{Error, Fault, Result};
use crate::field::small::{BabyBear, Goldilocks, KoalaBear};
use crate::groth16::{R1cs, VerifyingKey, json};
use crate::spartan;
use crate::stark::air;
use crate::stark::config::KeccakConfig;
use crate::stark::{Dialect, Parameters, StarkConfig};

/// The longest program file that is read, in bytes.
const TEXT_LIMIT: usize = 1 << 20;

/// A program of a file, with the names that the file gives its lanes.
#[derive(Clone, Debug)]
pub struct NamedProgram {
    /// The program.
    pub program: Program,
    /// The ids of the lanes by their names.
    pub names: BTreeMap<String, Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramFile {
    #[serde(rename = "version")]
    _version: Version,
    program: Word,
    policy: Policy,
    lanes: Vec<LaneFile>,
}

#[derive(Deserialize)]
enum Version {
    #[serde(rename = "zkiln/program/v1")]
    V1,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LaneFile {
    name: String,
    status: Status,
    /// What [`LaneInfo::key`](super::LaneInfo::key) must be.
    key: Option<Word>,
    system: SystemFile,
}

/// Paths are relative to the program's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum SystemFile {
    #[serde(rename = "groth16-bn254")]
    Groth16 {
        verification_key: PathBuf,
        circuit: Option<PathBuf>,
        development: bool,
    },
    #[serde(rename = "spartan-provekit-v1")]
    Spartan { circuit: PathBuf },
    #[serde(rename = "spartan-compact-v1")]
    SpartanCompact { circuit: PathBuf },
    #[serde(rename = "stark-p3v0_8")]
    Stark {
        configuration: Configuration,
        constraints: PathBuf,
        log_height: u32,
        parameters: ParametersFile,
    },
    #[serde(rename = "attestation-ed25519")]
    Attestation {
        public_key: Word,
        measurement: Word,
        root: Word,
    },
}

/// Keccak over a field.
#[derive(Clone, Copy, Deserialize)]
enum Configuration {
    #[serde(rename = "keccak-goldilocks")]
    Goldilocks,
    #[serde(rename = "keccak-koala-bear")]
    KoalaBear,
    #[serde(rename = "keccak-baby-bear")]
    BabyBear,
}

/// A preset, or every number.
#[derive(Clone, Copy, Deserialize)]
enum ParametersFile {
    #[serde(rename = "proven100")]
    Proven100,
    #[serde(rename = "custom")]
    Custom(Numbers),
}

/// [`Parameters`] of the one dialect.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbers {
    log_blowup: u32,
    log_final_poly_len: u32,
    max_log_arity: u32,
    queries: u32,
    batch_grinding: u32,
    commit_grinding: u32,
    query_grinding: u32,
    ood_grinding: u32,
    cap_height: u32,
}

impl From<ParametersFile> for Parameters {
    fn from(file: ParametersFile) -> Self {
        match file {
            ParametersFile::Proven100 => Self::proven100(),
            ParametersFile::Custom(numbers) => Self {
                dialect: Dialect::P3v0_8,
                log_blowup: numbers.log_blowup,
                log_final_poly_len: numbers.log_final_poly_len,
                max_log_arity: numbers.max_log_arity,
                queries: numbers.queries,
                batch_grinding: numbers.batch_grinding,
                commit_grinding: numbers.commit_grinding,
                query_grinding: numbers.query_grinding,
                ood_grinding: numbers.ood_grinding,
                cap_height: numbers.cap_height,
            },
        }
    }
}

impl NamedProgram {
    /// Reads a program and the keys, circuits and constraints that it names, relative to the file.
    ///
    /// ```json
    /// {
    ///  "version": "zkiln/program/v1",
    ///  "program": "0x..",
    ///  "policy": {
    ///   "threshold": 2, "required": [], "denied": [], "deny_shared": ["circuit"],
    ///   "count_attestations": false, "count_development": false, "payees": "one"
    ///  },
    ///  "lanes": [
    ///   {"name": "groth16", "status": "active", "key": null, "system": {"groth16-bn254": {
    ///    "verification_key": "verification_key.json", "circuit": "circuit.r1cs", "development": false}}},
    ///   {"name": "spartan", "status": "active", "key": null, "system": {"spartan-provekit-v1": {
    ///    "circuit": "circuit.r1cs"}}},
    ///   {"name": "stark", "status": "active", "key": null, "system": {"stark-p3v0_8": {
    ///    "configuration": "keccak-goldilocks", "constraints": "program.zair", "log_height": 16,
    ///    "parameters": "proven100"}}},
    ///   {"name": "enclave", "status": "active", "key": null, "system": {"attestation-ed25519": {
    ///    "public_key": "0x..", "measurement": "0x..", "root": "0x.."}}}
    ///  ]
    /// }
    /// ```
    ///
    /// `spartan-compact-v1` has the fields of `spartan-provekit-v1`; a policy has `"zero_knowledge": true` to refuse
    /// it. A lane's `key`, if it is not null, is what its key's hash must be. A STARK's parameters are `"proven100"` or
    /// `{"custom": {..}}` with the fields of [`Parameters`] but the dialect.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Malformed`] of this file and those that it names; what the lanes and
    /// [`Program::new`] refuse.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (text, origin) = json::read_text(path, TEXT_LIMIT)?;
        Self::from_json(&text, &origin, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads the text of such a file, which names others relative to `folder`.
    ///
    /// # Errors
    /// Those of [`NamedProgram::open`].
    pub fn from_json(text: &str, origin: &str, folder: &Path) -> Result<Self> {
        let file: ProgramFile = json::parse_object(text, TEXT_LIMIT, origin)?;
        let mut names = BTreeMap::new();
        let mut lanes = Vec::new();
        let mut statuses = Vec::new();
        for (i, entry) in file.lanes.into_iter().enumerate() {
            let refuse = |field: &str, reason: String| {
                let section = format!("lanes[{i}].{field}");
                Err(Error::malformed(origin, section, Fault::Value, reason))
            };
            let lane = entry.system.open(folder)?;
            let info = lane.info();
            if let Some(key) = entry.key
                && key != info.key
            {
                return refuse("key", format!("the key's hash is {}", info.key));
            }
            let id = info.id();
            if names.insert(entry.name.clone(), id).is_some() {
                return refuse("name", format!("{:?} is there twice", entry.name));
            }
            statuses.push((id, entry.status));
            lanes.push(lane);
        }
        let mut program = Program::new(file.program, file.policy, lanes)?;
        for (id, status) in statuses {
            match status {
                Status::Active => {}
                Status::Deprecated => program.deprecate(id)?,
                Status::Revoked => program.revoke(id)?,
            }
        }
        Ok(Self { program, names })
    }
}

impl SystemFile {
    fn open(self, folder: &Path) -> Result<Arc<dyn Lane>> {
        Ok(match self {
            Self::Groth16 {
                verification_key,
                circuit,
                development,
            } => {
                let mut lane =
                    Groth16Lane::new(&VerifyingKey::open(folder.join(verification_key))?)?;
                if let Some(circuit) = circuit {
                    lane = lane.with_circuit(&R1cs::open(folder.join(circuit))?)?;
                }
                if development {
                    lane = lane.for_development();
                }
                Arc::new(lane)
            }
            Self::Spartan { circuit } => {
                let r1cs = R1cs::open(folder.join(circuit))?;
                Arc::new(SpartanLane::new(&r1cs, spartan::Parameters::default())?)
            }
            Self::SpartanCompact { circuit } => {
                let r1cs = R1cs::open(folder.join(circuit))?;
                let parameters = spartan::compact::Parameters::default();
                Arc::new(SpartanLane::compact(&r1cs, parameters)?)
            }
            Self::Stark {
                configuration,
                constraints,
                log_height,
                parameters,
            } => {
                let path = folder.join(constraints);
                let parameters = parameters.into();
                match configuration {
                    Configuration::Goldilocks => {
                        keccak::<Goldilocks>("keccak-goldilocks", &path, parameters, log_height)?
                    }
                    Configuration::KoalaBear => {
                        keccak::<KoalaBear>("keccak-koala-bear", &path, parameters, log_height)?
                    }
                    Configuration::BabyBear => {
                        keccak::<BabyBear>("keccak-baby-bear", &path, parameters, log_height)?
                    }
                }
            }
            Self::Attestation {
                public_key,
                measurement,
                root,
            } => Arc::new(AttestationLane::new(&public_key.0, measurement, root)?),
        })
    }
}

/// The lane of constraints in a file, over the field `F`.
fn keccak<F>(
    name: &str,
    path: &Path,
    parameters: Parameters,
    log_height: u32,
) -> Result<Arc<dyn Lane>>
where
    F: crate::field::small::SmallField,
    KeccakConfig<F>: StarkConfig<Val = F>,
{
    let bytes = std::fs::read(path).map_err(|source| Error::Io {
        path: path.into(),
        source,
    })?;
    let constraints = air::Program::from_bytes(&bytes, &path.display().to_string())?;
    let config = KeccakConfig::<F>::keccak();
    let lane = StarkLane::new(config, name, parameters, constraints, log_height, None)?;
    Ok(Arc::new(lane))
}
