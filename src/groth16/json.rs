//! The JSON files of snarkjs: proof, public inputs, verification key.
//!
//! Writing gives the very bytes that snarkjs gives. Reading is strict where snarkjs is not, since
//! several spellings of one proof or one public input are how aliases slip past a verifier:
//!
//! - A number is a string of decimal digits without sign and leading zeros, below its modulus. JSON
//!   numbers, hexadecimal and escapes are refused.
//! - Points are affine (`z` is `"1"`, or `["1", "0"]` on G2), on their curve, in their subgroup and
//!   not infinity, which snarkjs spells with a `z` of zero.
//! - Fields may come in any order and unknown ones are skipped, but none that is read may repeat.
//!   `curve` may be missing, as rapidsnark leaves it out; `vk_alphabeta_12` follows from other fields
//!   and is skipped.
//!
//! The length of a text is limited, and reading takes at most sixteen times as much memory.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::proof::{Proof, PublicInputs, VerifyingKey, point_fault, point_fault_reason};
use super::setup::temporary_beside;
use super::verify::pairing;
use crate::curve::{Affine, Curve, G1Affine, G2Affine};
use crate::error::{Error, Fault, Result};
use crate::field::{Fq, Fq2, Fr, Int, PrimeField};

/// The longest `proof.json` that is read, in bytes; snarkjs writes about 800.
const PROOF_LIMIT: usize = 64 << 10;
/// The longest `public.json` or `verification_key.json` that is read, in bytes: 160 000 public
/// inputs in a key.
const LIST_LIMIT: usize = 32 << 20;

/// What is written as the curve: snarkjs' name.
const CURVE: &str = "bn128";
const CURVES: [&str; 2] = [CURVE, "bn254"];
const PROTOCOL: &str = "groth16";

/// `proof.json`, with `T` for numbers and names. The order of the fields is that of snarkjs.
#[derive(Serialize, Deserialize)]
struct ProofFile<T> {
    pi_a: [T; 3],
    pi_b: [[T; 2]; 3],
    pi_c: [T; 3],
    protocol: T,
    curve: Option<T>,
}

/// `verification_key.json`, with `E` for the pairing of alpha and beta. The order of the fields is
/// that of snarkjs.
#[derive(Serialize, Deserialize)]
struct KeyFile<T, E> {
    protocol: T,
    curve: Option<T>,
    #[serde(rename = "nPublic")]
    n_public: u64,
    vk_alpha_1: [T; 3],
    vk_beta_2: [[T; 2]; 3],
    vk_gamma_2: [[T; 2]; 3],
    vk_delta_2: [[T; 2]; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    vk_alphabeta_12: Option<E>,
    #[serde(rename = "IC")]
    ic: Vec<[T; 3]>,
}

impl Proof {
    /// Reads `proof.json`. Errors call the text `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the path of the field, such as `pi_b[0][1]`.
    pub fn from_json(text: &str, origin: &str) -> Result<Self> {
        let file: ProofFile<&str> = parse_object(text, PROOF_LIMIT, origin)?;
        check_names(file.protocol, file.curve, origin)?;
        Ok(Self {
            a: g1(&file.pi_a).map_err(|flaw| flaw.within(origin, "pi_a"))?,
            b: g2(&file.pi_b).map_err(|flaw| flaw.within(origin, "pi_b"))?,
            c: g1(&file.pi_c).map_err(|flaw| flaw.within(origin, "pi_c"))?,
        })
    }

    /// Reads the file `path` with [`Proof::from_json`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`Proof::from_json`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (text, origin) = read_text(path.as_ref(), PROOF_LIMIT)?;
        Self::from_json(&text, &origin)
    }

    /// The text of `proof.json`, byte for byte as snarkjs writes it.
    pub fn to_json(&self) -> String {
        write(&ProofFile {
            pi_a: g1_text(&self.a),
            pi_b: g2_text(&self.b),
            pi_c: g1_text(&self.c),
            protocol: PROTOCOL.into(),
            curve: Some(CURVE.into()),
        })
    }
}

impl VerifyingKey {
    /// Reads `verification_key.json`. Errors call the text `origin`. Whether the key is a secure one
    /// is another question, which [`VerifyingKey::weakness`] answers.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the path of the field, such as `IC[2][0]`.
    pub fn from_json(text: &str, origin: &str) -> Result<Self> {
        let file: KeyFile<&str, IgnoredAny> = parse_object(text, LIST_LIMIT, origin)?;
        check_names(file.protocol, file.curve, origin)?;
        if (file.ic.len() as u64).checked_sub(1) != Some(file.n_public) {
            let reason = format!(
                "{} points for {} public inputs, which need one more than there are inputs",
                file.ic.len(),
                file.n_public
            );
            return Err(Error::malformed(origin, "IC", Fault::Count, reason));
        }
        let point = |i: usize, text: &[&str; 3]| {
            g1(text).map_err(|flaw| flaw.within(origin, &format!("IC[{i}]")))
        };
        let in_field = |name: &'static str| move |flaw: Flaw| flaw.within(origin, name);
        Ok(Self {
            alpha_g1: g1(&file.vk_alpha_1).map_err(in_field("vk_alpha_1"))?,
            beta_g2: g2(&file.vk_beta_2).map_err(in_field("vk_beta_2"))?,
            gamma_g2: g2(&file.vk_gamma_2).map_err(in_field("vk_gamma_2"))?,
            delta_g2: g2(&file.vk_delta_2).map_err(in_field("vk_delta_2"))?,
            ic: (file.ic.iter().enumerate())
                .map(|(i, text)| point(i, text))
                .collect::<Result<_>>()?,
        })
    }

    /// Reads the file `path` with [`VerifyingKey::from_json`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`VerifyingKey::from_json`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (text, origin) = read_text(path.as_ref(), LIST_LIMIT)?;
        Self::from_json(&text, &origin)
    }

    /// The text of `verification_key.json`, byte for byte as snarkjs writes it. Only a key that fails
    /// [`VerifyingKey::check`] may lack `vk_alphabeta_12`.
    pub fn to_json(&self) -> String {
        let fq6 = |e: ark_bn254::Fq6| [e.c0, e.c1, e.c2].map(|c| fq2_text(&c.into()));
        let has_pairing = self.alpha_g1.is_valid() && self.beta_g2.is_valid();
        let alpha_beta = has_pairing.then(|| {
            let product = pairing(&self.alpha_g1, &self.beta_g2);
            [fq6(product.c0), fq6(product.c1)]
        });
        write(&KeyFile {
            protocol: PROTOCOL.to_owned(),
            curve: Some(CURVE.into()),
            n_public: self.public_count() as u64,
            vk_alpha_1: g1_text(&self.alpha_g1),
            vk_beta_2: g2_text(&self.beta_g2),
            vk_gamma_2: g2_text(&self.gamma_g2),
            vk_delta_2: g2_text(&self.delta_g2),
            vk_alphabeta_12: alpha_beta,
            ic: self.ic.iter().map(g1_text).collect(),
        })
    }
}

impl PublicInputs {
    /// Reads `public.json`. Errors call the text `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the index of the value, such as `[3]`.
    pub fn from_json(text: &str, origin: &str) -> Result<Self> {
        let values: Vec<&str> = parse(text, LIST_LIMIT, origin)?;
        let value = |(i, text): (usize, &&str)| {
            number(text).map_err(|flaw: Flaw| flaw.within(origin, &format!("[{i}]")))
        };
        let values: Result<_> = values.iter().enumerate().map(value).collect();
        values.map(Self)
    }

    /// Reads the file `path` with [`PublicInputs::from_json`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`PublicInputs::from_json`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (text, origin) = read_text(path.as_ref(), LIST_LIMIT)?;
        Self::from_json(&text, &origin)
    }

    /// The text of `public.json`, byte for byte as snarkjs writes it.
    pub fn to_json(&self) -> String {
        write(&self.0.iter().map(Fr::to_string).collect::<Vec<_>>())
    }
}

type Parsed<T> = core::result::Result<T, Flaw>;

/// What is wrong with a value, and where within its field: `[0][1]`.
struct Flaw {
    at: String,
    fault: Fault,
    reason: String,
}

impl Flaw {
    fn new(fault: Fault, reason: impl Into<String>) -> Self {
        let at = String::new();
        let reason = reason.into();
        Self { at, fault, reason }
    }

    /// The same, seen from the list of which the value is element `i`.
    fn at(self, i: usize) -> Self {
        let at = format!("[{i}]{}", self.at);
        Self { at, ..self }
    }

    fn within(self, origin: &str, field: &str) -> Error {
        Error::malformed(
            origin,
            format!("{field}{}", self.at),
            self.fault,
            self.reason,
        )
    }
}

fn number<F: PrimeField<Canonical = Int<4>>>(text: &str) -> Parsed<F> {
    let is_decimal = !text.is_empty()
        && text.bytes().all(|c| c.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if !is_decimal {
        let text = excerpt(text);
        let reason = format!("{text:?} is not a decimal number without sign and leading zeros");
        return Err(Flaw::new(Fault::Syntax, reason));
    }
    let value = Int::from_decimal(text).and_then(F::from_canonical);
    value.ok_or_else(|| {
        let reason = format!("{} is not below the modulus {}", excerpt(text), F::MODULUS);
        Flaw::new(Fault::NotCanonical, reason)
    })
}

fn fq2(text: &[&str; 2]) -> Parsed<Fq2> {
    let c0: Fq = number(text[0]).map_err(|flaw| flaw.at(0))?;
    let c1: Fq = number(text[1]).map_err(|flaw| flaw.at(1))?;
    Ok(Fq2::new(c0, c1))
}

fn g1(text: &[&str; 3]) -> Parsed<G1Affine> {
    match text[2] {
        "1" => {}
        "0" => return Err(infinity()),
        z => return Err(not_affine(z).at(2)),
    }
    point(
        number(text[0]).map_err(|flaw| flaw.at(0))?,
        number(text[1]).map_err(|flaw| flaw.at(1))?,
    )
}

fn g2(text: &[[&str; 2]; 3]) -> Parsed<G2Affine> {
    match text[2] {
        ["1", "0"] => {}
        ["0", "0"] => return Err(infinity()),
        ["1", z] => return Err(not_affine(z).at(1).at(2)),
        [z, _] => return Err(not_affine(z).at(0).at(2)),
    }
    point(
        fq2(&text[0]).map_err(|flaw| flaw.at(0))?,
        fq2(&text[1]).map_err(|flaw| flaw.at(1))?,
    )
}

fn point<C: Curve>(x: C::Base, y: C::Base) -> Parsed<Affine<C>> {
    let point = Affine { x, y };
    match point_fault(&point) {
        None => Ok(point),
        // Coordinates of zero with z = 1: not how infinity is spelled, and no point of the curve.
        Some(Fault::Infinity) => Err(Flaw::new(
            Fault::NotOnCurve,
            point_fault_reason(Fault::NotOnCurve),
        )),
        Some(fault) => Err(Flaw::new(fault, point_fault_reason(fault))),
    }
}

fn infinity() -> Flaw {
    Flaw::new(Fault::Infinity, point_fault_reason(Fault::Infinity))
}

fn not_affine(z: &str) -> Flaw {
    let z = excerpt(z);
    Flaw::new(Fault::Value, format!("{z:?} where an affine point has 1"))
}

fn fq2_text(e: &Fq2) -> [String; 2] {
    [e.c0.to_string(), e.c1.to_string()]
}

/// snarkjs has `0, 1, 0` for infinity.
fn g1_text(point: &G1Affine) -> [String; 3] {
    if point.is_infinity() {
        return ["0", "1", "0"].map(String::from);
    }
    [point.x.to_string(), point.y.to_string(), "1".into()]
}

fn g2_text(point: &G2Affine) -> [[String; 2]; 3] {
    if point.is_infinity() {
        return [["0", "0"], ["1", "0"], ["0", "0"]].map(|c| c.map(String::from));
    }
    let one = ["1", "0"].map(String::from);
    [fq2_text(&point.x), fq2_text(&point.y), one]
}

fn check_names(protocol: &str, curve: Option<&str>, origin: &str) -> Result<()> {
    if protocol != PROTOCOL {
        let reason = format!("{:?} instead of {PROTOCOL:?}", excerpt(protocol));
        return Err(Error::malformed(origin, "protocol", Fault::Version, reason));
    }
    match curve {
        Some(curve) if !CURVES.contains(&curve) => {
            let reason = format!("{:?} instead of {CURVE:?}", excerpt(curve));
            Err(Error::malformed(origin, "curve", Fault::WrongField, reason))
        }
        _ => Ok(()),
    }
}

/// What fits in a message of a text from a stranger.
fn excerpt(text: &str) -> &str {
    let end = text.char_indices().nth(80).map_or(text.len(), |(i, _)| i);
    &text[..end]
}

/// A struct, written as an object: serde would take an array of its fields as well.
pub(crate) fn parse_object<'a, T: Deserialize<'a>>(
    text: &'a str,
    limit: usize,
    origin: &str,
) -> Result<T> {
    if !text.trim_start().starts_with('{') {
        let reason = "this is not a JSON object";
        return Err(Error::malformed(origin, "document", Fault::Syntax, reason));
    }
    parse(text, limit, origin)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str, limit: usize, origin: &str) -> Result<T> {
    let refuse = |section: &str, fault, reason: String| {
        let section = if section == "." {
            "document"
        } else {
            excerpt(section)
        };
        Err(Error::malformed(
            origin,
            section,
            fault,
            excerpt_reason(reason),
        ))
    };
    if text.len() > limit {
        return refuse("document", Fault::Count, too_long(limit));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => value,
        Err(error) => {
            let fault = match error.inner().classify() {
                Category::Eof => Fault::Truncated,
                _ => Fault::Syntax,
            };
            return refuse(&error.path().to_string(), fault, error.inner().to_string());
        }
    };
    match reader.end() {
        Ok(()) => Ok(value),
        Err(error) => refuse("document", Fault::TrailingBytes, error.to_string()),
    }
}

/// serde quotes what it met: at most its beginning and the position at its end are kept.
fn excerpt_reason(reason: String) -> String {
    match reason.rfind(" at line ") {
        Some(at) if at > 200 => format!("{} ...{}", excerpt(&reason), &reason[at..]),
        _ => reason,
    }
}

fn too_long(limit: usize) -> String {
    format!("longer than {limit} bytes, the most that is read")
}

/// The text of a file and its name for messages. Reads no more than `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<(String, String)> {
    let failed = |source| Error::Io {
        path: path.into(),
        source,
    };
    let origin = path.display().to_string();
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > limit {
        return Err(Error::malformed(
            origin,
            "document",
            Fault::Count,
            too_long(limit),
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, origin)),
        Err(_) => {
            let reason = "the text is not UTF-8";
            Err(Error::malformed(origin, "document", Fault::Syntax, reason))
        }
    }
}

/// Creates or replaces a file. It is written beside its place, to the disk, and renamed: whenever the machine
/// stops, there is the old text or the new one, and after this the new one. A link stays a link: what it points to
/// is replaced.
pub(crate) fn save_text(path: &Path, text: &str) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let temporary = temporary_beside(&target)?;
    let written = File::create_new(&temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &target)
    });
    written.map_err(|source| {
        // It may not exist; and what went wrong first is what to tell.
        let _ = fs::remove_file(&temporary);
        Error::Io {
            path: path.into(),
            source,
        }
    })?;
    sync_folder_of(&target);
    Ok(())
}

/// Lets a rename outlast a crash of the machine, where the operating system has a way to ask for it.
fn sync_folder_of(path: &Path) {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix)
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

/// As `JSON.stringify(value, null, 1)` formats it.
pub(crate) fn write(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let layout = serde_json::ser::PrettyFormatter::with_indent(b" ");
    value
        .serialize(&mut serde_json::Serializer::with_formatter(
            &mut bytes, layout,
        ))
        .expect("strings and lists are written to memory");
    String::from_utf8(bytes).expect("JSON of strings is UTF-8")
}
