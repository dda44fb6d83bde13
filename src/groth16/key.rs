//! The proving key, prepared for many proofs.

use std::fmt;
use std::path::Path;

use super::engine::{CpuEngine, DeviceEngine, Engine, Queries};
use super::mapped::MappedFile;
use super::proof::VerifyingKey;
use super::verify::PreparedVerifyingKey;
use super::zkey::{Coefficient, Coefficients, Matrix, Points, Zkey, ZkeyHeader};
use crate::backend::Backend;
use crate::cancel::Cancel;
use crate::curve::{Affine, Curve};
use crate::error::{Error, Fault, Result};
use crate::field::{Fr, PrimeField};
use crate::msm::Msm;
use crate::ntt::{Ntt, bit_reverse, reverse_bits};
use crate::poly::SparseMatrix;

/// A proving key, checked and prepared: opened once, then used for any number of proofs, from any
/// number of threads.
///
/// Everything is copied out of the file in the form in which it is used, so the file is not needed
/// after [`ProvingKey::open`] returns. Points at infinity (most of a circom key's B points) are
/// dropped; coefficients, of which few are distinct, go into a table.
pub struct ProvingKey {
    pub(super) header: ZkeyHeader,
    pub(super) verifier: PreparedVerifyingKey,
    pub(super) engine: Box<dyn Engine>,
    is_insecure: bool,
}

/// How a key is opened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyOptions {
    /// Check that every point is on its curve and in its group. Only for keys that this very machine
    /// checked before: a key with other points leaks the witness through the proofs made with it, or
    /// ends in a panic.
    pub check_points: bool,
    /// Take a key for which anyone can forge proofs (see [`VerifyingKey::weakness`]): for tests of
    /// unfinished ceremonies.
    pub allow_weak: bool,
    /// Let the work of the sums not depend on the witness: see [`Mask`](crate::msm::Mask). Several times slower for
    /// witnesses of bits.
    pub constant_work: bool,
    /// Where proofs are made. The key's points and matrices go there once and stay; below a device's
    /// budget of memory they stay on the host and are copied for each proof.
    pub backend: Backend,
    /// What may stop the opening, between one part of the file and the next.
    pub cancel: Option<Cancel>,
}

impl Default for KeyOptions {
    /// Everything checked, fast paths on, on the processor.
    fn default() -> Self {
        Self {
            check_points: true,
            allow_weak: false,
            constant_work: false,
            backend: Backend::Cpu,
            cancel: None,
        }
    }
}

impl ProvingKey {
    /// Opens a zkey file by mapping it, with all checks.
    ///
    /// The mapping ends with this call, but while it lasts no other process may shorten the file: see
    /// [`MappedFile`]. For files that may, read them and use [`ProvingKey::from_bytes`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`ProvingKey::from_bytes`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, KeyOptions::default())
    }

    /// [`ProvingKey::open`] with options.
    ///
    /// # Errors
    /// Those of [`ProvingKey::open`].
    pub fn open_with(path: impl AsRef<Path>, options: KeyOptions) -> Result<Self> {
        let file = MappedFile::open(path)?;
        Self::load(&file, file.origin(), options, &|part| file.release(part))
    }

    /// Prepares the key in `bytes`, which errors call `origin`, with all checks.
    ///
    /// # Errors
    /// [`Error::Malformed`] for bytes that are no Groth16 zkey of BN254 or contradict themselves,
    /// [`Error::WeakKey`] for a key without contribution.
    pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<Self> {
        Self::from_bytes_with(bytes, origin, KeyOptions::default())
    }

    /// [`ProvingKey::from_bytes`] with options.
    ///
    /// # Errors
    /// Those of [`ProvingKey::from_bytes`].
    pub fn from_bytes_with(bytes: &[u8], origin: &str, options: KeyOptions) -> Result<Self> {
        Self::load(bytes, origin, options, &|_| {})
    }

    /// Each part of `bytes` is used once and then handed to `done`.
    fn load(bytes: &[u8], origin: &str, options: KeyOptions, done: &dyn Fn(&[u8])) -> Result<Self> {
        let _span = tracing::info_span!("load key").entered();
        let cancel = options.cancel.unwrap_or_default();
        cancel.check()?;
        let done = &|part: &[u8]| {
            done(part);
            cancel.check()
        };
        let zkey = Zkey::parse(bytes, origin)?;
        let verifying_key = zkey.verifying_key()?;
        let verifier = if options.allow_weak {
            PreparedVerifyingKey::allowing_weak(&verifying_key)?
        } else {
            zkey.check_secure()?;
            PreparedVerifyingKey::new(&verifying_key)?
        };
        let is_insecure = zkey.is_insecure()?;
        let header = zkey.header().clone();
        if header.log_domain_size >= Fr::TWO_ADICITY {
            return Err(zkey.h().error(
                Fault::Domain,
                "a domain of 2^28 needs a root of unity of order 2^29, which the field lacks",
            ));
        }
        let queries = Queries::new(&zkey, &header, options.check_points, done)?;
        let ntt = Ntt::new(header.log_domain_size)?;
        let matrices = matrices(zkey.coefficients(), &header)?;
        done(zkey.coefficients().bytes())?;
        let engine = CpuEngine::new(matrices, ntt, queries);
        let engine: Box<dyn Engine> = match (&options.backend, options.constant_work) {
            (Backend::Cpu, false) => Box::new(engine),
            (Backend::Cpu, true) => Box::new(engine.with_constant_work()?),
            (Backend::Device(device), constant_work) => {
                Box::new(DeviceEngine::new(device, engine, constant_work)?)
            }
        };
        Ok(Self {
            is_insecure,
            header,
            verifier,
            engine,
        })
    }

    /// The key that verifies this key's proofs.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.verifier.key()
    }

    /// The same, prepared.
    pub fn verifier(&self) -> &PreparedVerifyingKey {
        &self.verifier
    }

    /// Whether the key says of itself that it is a development key, whose maker can forge proofs: see
    /// [`Contributions::is_insecure`](super::Contributions::is_insecure).
    pub fn is_insecure(&self) -> bool {
        self.is_insecure
    }

    /// The number of wires: the length of a witness.
    pub fn n_wires(&self) -> usize {
        self.header.n_vars
    }

    /// The number of public inputs, with the circuit's outputs.
    pub fn n_public(&self) -> usize {
        self.header.n_public
    }

    /// The size of the evaluation domain: constraints and public inputs, rounded up to a power of two.
    pub fn domain_size(&self) -> usize {
        self.header.domain_size()
    }

    /// Requires this key to belong to a verification key from a trusted source. A key that calls more
    /// wires public than the circuit does makes a prover publish its witness.
    ///
    /// The points that only a prover uses are not compared, for a verification key does not have them.
    /// Wrong ones make proofs that do not verify; but that a proof is withheld tells whoever made the
    /// key something, too.
    ///
    /// # Errors
    /// [`Error::Argument`] naming the first difference.
    pub fn check_verifying_key(&self, trusted: &VerifyingKey) -> Result<()> {
        let own = self.verifying_key();
        let difference = if own.public_count() != trusted.public_count() {
            format!(
                "it publishes {} inputs, the verification key takes {}",
                own.public_count(),
                trusted.public_count()
            )
        } else if own.alpha_g1 != trusted.alpha_g1 || own.beta_g2 != trusted.beta_g2 {
            "alpha or beta differs: another setup".to_owned()
        } else if own.gamma_g2 != trusted.gamma_g2 || own.delta_g2 != trusted.delta_g2 {
            "gamma or delta differs: another contribution".to_owned()
        } else if own.ic != trusted.ic {
            "the points of the public inputs differ: another circuit".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Argument(format!(
            "the proving key does not belong to the verification key: {difference}"
        )))
    }
}

/// A and B with their rows in bit-reversed order.
fn matrices(coefficients: Coefficients<'_>, header: &ZkeyHeader) -> Result<[SparseMatrix<Fr>; 2]> {
    let build = |matrix| {
        let entries = coefficients.of(matrix).map(|coefficient| {
            let Coefficient {
                row, wire, value, ..
            } = coefficient?;
            Ok((
                reverse_bits(row as usize, header.log_domain_size) as u32,
                wire,
                value,
            ))
        });
        SparseMatrix::from_entries(header.domain_size(), header.n_vars, entries)
    };
    let (a, b) = rayon::join(|| build(Matrix::A), || build(Matrix::B));
    Ok([a?, b?])
}

impl Queries {
    fn new(
        zkey: &Zkey<'_>,
        header: &ZkeyHeader,
        check: bool,
        done: &dyn Fn(&[u8]) -> Result<()>,
    ) -> Result<Self> {
        fn read<C: Curve>(
            points: Points<'_, C>,
            check: bool,
            done: &dyn Fn(&[u8]) -> Result<()>,
        ) -> Result<Vec<Affine<C>>> {
            let read = if check {
                points.read_all()?
            } else {
                points.read_all_trusted()
            };
            done(points.bytes())?;
            Ok(read)
        }
        let read_g1 = |points| read(points, check, done);
        let b_g2 = Msm::new(read(zkey.b2(), check, done)?)?;
        if check && !b_g2.bases_in_subgroup()? {
            return Err(zkey.b2().error(
                Fault::NotInSubgroup,
                "a random combination of the points is outside the group of prime order",
            ));
        }
        let a = Msm::new(read_g1(zkey.a())?)?;
        let b_g1 = Msm::new(read_g1(zkey.b1())?)?;
        let mut c = Vec::with_capacity(header.n_vars);
        c.resize(header.n_public + 1, Affine::INFINITY);
        c.append(&mut read_g1(zkey.c())?);
        let c = Msm::new(c)?;
        let mut h = read_g1(zkey.h())?;
        bit_reverse(&mut h)?;
        Ok(Self {
            a,
            b_g1,
            b_g2,
            c,
            h: Msm::new(h)?,
        })
    }
}

/// The sizes; the points of a key would fill a book.
impl fmt::Debug for ProvingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvingKey")
            .field("n_wires", &self.n_wires())
            .field("n_public", &self.n_public())
            .field("domain_size", &self.domain_size())
            .field("constant_work", &self.engine.is_constant_work())
            .finish_non_exhaustive()
    }
}
