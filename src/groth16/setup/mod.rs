//! Keys for development: a setup by one machine, which knows the secrets.
//!
//! The keys of a circuit hold points whose logarithms nobody may know: with them, proofs of anything
//! can be forged. A ceremony sees to that by letting many people contribute. Tests, benchmarks and the
//! development of a circuit need no such thing, and cannot wait for it: here the secrets are drawn,
//! used and wiped, and the key says of itself what it is ([`INSECURE_NAME`]).
//!
//! For secrets `tau, alpha, beta, delta`, with `gamma = 1` as in all keys of snarkjs, and the values at
//! `tau` of the circuit's polynomials `A_i, B_i, C_i` (see [`Qap`]):
//!
//! | section | points |
//! |---|---|
//! | IC | `beta A_i + alpha B_i + C_i` of the constant and the public wires |
//! | A, B1, B2 | `A_i`, `B_i` of all wires |
//! | C | `(beta A_i + alpha B_i + C_i) / delta` of the private wires |
//! | H | `L_i / delta` for the Lagrange basis of the odd coset |

mod qap;

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use rayon::prelude::*;
use zeroize::{Zeroize, Zeroizing};

use super::container::io_error;
use super::r1cs::R1cs;
use super::zkey::{
    Coefficient, Contribution, ContributionKind, Contributions, INSECURE_NAME, Matrix, ZkeyHeader,
    ZkeyParts,
};
use crate::curve::{Curve, G1, G1Affine, G2, G2Affine};
use crate::error::{Error, Result};
use crate::field::{Field, Fr, PrimeField};
use crate::msm::FixedBase;
use qap::Qap;

/// A proving key that one machine made, for development. **Whoever saw the memory of that machine can
/// forge proofs for it**, and nobody else can know whether somebody did.
///
/// It is what snarkjs makes of the circuit, with one contribution to the second phase, called
/// [`INSECURE_NAME`]; snarkjs takes it for proving and for exports.
///
/// ```
/// use zkiln::groth16::{DevelopmentKey, ProvingKey, R1cs, Witness, WireCounts};
/// use zkiln::field::{Fr, Int};
///
/// // The public output is the product of two private inputs.
/// let wires = WireCounts { total: 4, outputs: 1, public_inputs: 0, private_inputs: 2 };
/// let product = [vec![(2, Fr::ONE)], vec![(3, Fr::ONE)], vec![(1, Fr::ONE)]];
/// let r1cs = R1cs::new(wires, [product])?;
///
/// let bytes = DevelopmentKey::generate(&r1cs)?.parts().to_bytes()?;
/// let key = ProvingKey::from_bytes(&bytes, "development key")?;
/// let witness = Witness::new([1, 33, 3, 11].map(Int::from_u64).to_vec())?;
/// let (proof, public) = key.prove(&witness)?;
/// assert!(key.verifier().verify(&public, &proof)?);
/// # Ok::<(), zkiln::Error>(())
/// ```
pub struct DevelopmentKey {
    header: ZkeyHeader,
    ic: Vec<G1Affine>,
    coefficients: Vec<Coefficient>,
    a: Vec<G1Affine>,
    b1: Vec<G1Affine>,
    b2: Vec<G2Affine>,
    c: Vec<G1Affine>,
    h: Vec<G1Affine>,
    contributions: Contributions,
}

impl DevelopmentKey {
    /// Makes a key for a circuit, with secrets from the operating system that are wiped afterwards.
    ///
    /// Parallel. About 130 multiplications of coordinates for each point: in G1 three for each wire and
    /// one for each row, in G2 one for each wire, less those of wires that A or B does not use.
    ///
    /// # Errors
    /// [`Error::Argument`] if the circuit needs a domain of 2^28 rows or more; [`Error::Entropy`].
    pub fn generate(r1cs: &R1cs) -> Result<Self> {
        let log_n = qap::log_domain_size(r1cs.n_constraints(), r1cs.wires().public())?;
        Self::with_secrets(r1cs, &Secrets::random(log_n)?)
    }

    /// The key of these secrets: always the same.
    fn with_secrets(r1cs: &R1cs, secrets: &Secrets) -> Result<Self> {
        let _span = tracing::info_span!("setup").entered();
        let wires = r1cs.wires();
        let n_public = wires.public();
        let log_n = qap::log_domain_size(r1cs.n_constraints(), n_public)?;
        let Logarithms { a, b, c, h } = Logarithms::new(r1cs, log_n, secrets);
        let g1 = FixedBase::<G1>::new(G1::GENERATOR, 3 * wires.total + h.len());
        let g2 = FixedBase::<G2>::new(G2::GENERATOR, wires.total);
        let a = tracing::info_span!("points a").in_scope(|| g1.multiply_all(&a));
        let b1 = tracing::info_span!("points b1").in_scope(|| g1.multiply_all(&b));
        let b2 = tracing::info_span!("points b2").in_scope(|| g2.multiply_all(&b));
        let mut ic = tracing::info_span!("points c").in_scope(|| g1.multiply_all(&c));
        let c = ic.split_off(n_public + 1);
        let h = tracing::info_span!("points h").in_scope(|| g1.multiply_all(&h));
        let header = secrets.header(wires.total, n_public, log_n);
        Ok(Self {
            contributions: contributions(&header),
            header,
            ic,
            coefficients: coefficients(r1cs),
            a,
            b1,
            b2,
            c,
            h,
        })
    }

    /// What a zkey file of this key holds.
    pub fn parts(&self) -> ZkeyParts<'_> {
        ZkeyParts {
            header: &self.header,
            ic: &self.ic,
            coefficients: &self.coefficients,
            a: &self.a,
            b1: &self.b1,
            b2: &self.b2,
            c: &self.c,
            h: &self.h,
            contributions: &self.contributions,
        }
    }

    /// Creates or replaces a zkey file. It is written beside its place and renamed at the end, so that
    /// a key that is there is one that was written to its end.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written; [`Error::Argument`] for 2^32 coefficients or more.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let _span = tracing::info_span!("write").entered();
        let path = path.as_ref();
        let temporary = temporary_beside(path)?;
        let saved = self
            .parts()
            .save(&temporary)
            .and_then(|()| fs::rename(&temporary, path).map_err(|e| io_error(path, e)));
        if saved.is_err() {
            // It may not exist; and what went wrong first is what to tell.
            let _ = fs::remove_file(&temporary);
        }
        saved.map_err(|error| match error {
            Error::Io { source, .. } => io_error(path, source),
            other => other,
        })
    }
}

/// A path in the same folder that nothing has.
pub(super) fn temporary_beside(path: &Path) -> Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io_error(path, io::ErrorKind::InvalidFilename.into()));
    };
    let random = getrandom::u64().map_err(|e| Error::Entropy(e.to_string()))?;
    let mut temporary = name.to_owned();
    temporary.push(format!(".{random:016x}.tmp"));
    Ok(path.with_file_name(temporary))
}

/// The logarithms of the header's points, and the point at which the circuit is evaluated.
struct Secrets {
    tau: Fr,
    alpha: Fr,
    beta: Fr,
    delta: Fr,
}

impl Secrets {
    /// Secrets for a domain of `2^log_n` rows, from the operating system.
    fn random(log_n: u32) -> Result<Self> {
        loop {
            let secrets = Self {
                tau: Fr::random()?,
                alpha: Fr::random()?,
                beta: Fr::random()?,
                delta: Fr::random()?,
            };
            if secrets.are_usable(log_n) {
                return Ok(secrets);
            }
        }
    }

    /// Whether `tau` is no root of unity of the domain or its odd coset, nothing is zero, and delta is
    /// not plus or minus gamma. Random secrets are usable but for a chance of about 2^(log_n - 252).
    fn are_usable(&self, log_n: u32) -> bool {
        let zero = [self.tau, self.alpha, self.beta, self.delta].contains(&Fr::ZERO);
        !zero && self.tau.pow(&[2 << log_n]) != Fr::ONE && self.delta.square() != Fr::ONE
    }

    fn header(&self, n_vars: usize, n_public: usize, log_domain_size: u32) -> ZkeyHeader {
        ZkeyHeader {
            n_vars,
            n_public,
            log_domain_size,
            alpha_g1: (G1::GENERATOR * self.alpha).to_affine(),
            beta_g1: (G1::GENERATOR * self.beta).to_affine(),
            beta_g2: (G2::GENERATOR * self.beta).to_affine(),
            gamma_g2: G2::GENERATOR,
            delta_g1: (G1::GENERATOR * self.delta).to_affine(),
            delta_g2: (G2::GENERATOR * self.delta).to_affine(),
        }
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        for secret in [
            &mut self.tau,
            &mut self.alpha,
            &mut self.beta,
            &mut self.delta,
        ] {
            secret.zeroize();
        }
    }
}

/// The logarithms of the points of the sections: secrets as good as those they are made of.
struct Logarithms {
    /// By wire.
    a: Zeroizing<Vec<Fr>>,
    /// By wire.
    b: Zeroizing<Vec<Fr>>,
    /// By wire: IC of the constant and the public ones, C of the private ones.
    c: Zeroizing<Vec<Fr>>,
    /// By row.
    h: Zeroizing<Vec<Fr>>,
}

impl Logarithms {
    fn new(r1cs: &R1cs, log_n: u32, secrets: &Secrets) -> Self {
        let _span = tracing::info_span!("lagrange").entered();
        let n_public = r1cs.wires().public();
        let delta_inverse = Zeroizing::new(secrets.delta.inverse().expect("delta is not zero"));
        let Qap { a, b, mut c } = Qap::evaluate(r1cs, log_n, secrets.tau);
        c.par_iter_mut()
            .zip(a.par_iter())
            .zip(b.par_iter())
            .enumerate()
            .for_each(|(wire, ((c, &a), &b))| {
                *c += secrets.beta * a + secrets.alpha * b;
                if wire > n_public {
                    *c *= *delta_inverse;
                }
            });
        let h = qap::odd_basis(log_n, secrets.tau, *delta_inverse);
        Self { a, b, c, h }
    }
}

/// The entries of A and B in the order of snarkjs: constraint by constraint, A before B, and then the
/// rows of the constant and the public wires.
fn coefficients(r1cs: &R1cs) -> Vec<Coefficient> {
    let public = r1cs.wires().public() + 1;
    let mut entries = Vec::with_capacity(r1cs.a().n_terms() + r1cs.b().n_terms() + public);
    let mut push = |matrix, row: usize, wire: usize, value| {
        entries.push(Coefficient {
            matrix,
            // The domain and the number of wires fit.
            row: row as u32,
            wire: wire as u32,
            value,
        });
    };
    for row in 0..r1cs.n_constraints() {
        for (matrix, rows) in [(Matrix::A, r1cs.a()), (Matrix::B, r1cs.b())] {
            for (wire, value) in rows.row(row) {
                push(matrix, row, wire, value);
            }
        }
    }
    for wire in 0..public {
        push(Matrix::A, r1cs.n_constraints() + wire, wire, Fr::ONE);
    }
    entries
}

/// One contribution, from the generator to delta. Its points are a valid proof of knowing delta for the
/// generators; no hash stands behind them, and none is claimed.
fn contributions(header: &ZkeyHeader) -> Contributions {
    Contributions {
        circuit_hash: [0; 64],
        entries: vec![Contribution {
            delta_after: header.delta_g1,
            g1_s: G1::GENERATOR,
            g1_sx: header.delta_g1,
            g2_spx: header.delta_g2,
            transcript: [0; 64],
            name: Some(INSECURE_NAME.to_owned()),
            kind: ContributionKind::Participant,
        }],
    }
}

/// The sizes; the points of a key would fill a book.
impl fmt::Debug for DevelopmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentKey")
            .field("n_wires", &self.header.n_vars)
            .field("n_public", &self.header.n_public)
            .field("domain_size", &self.header.domain_size())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let [tau, alpha, beta, delta] = [1001, 1002, 1003, 1004].map(Fr::from_u64);
        Secrets {
            tau,
            alpha,
            beta,
            delta,
        }
    }

    fn circuit(name: &str) -> R1cs {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        R1cs::open(root.join("tests/data").join(name).join("circuit.r1cs")).unwrap()
    }

    #[test]
    fn a_key_depends_on_the_secrets_alone() {
        let r1cs = circuit("range");
        let key = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let key = pool
                .build()
                .unwrap()
                .install(|| DevelopmentKey::with_secrets(&r1cs, &secrets()));
            key.unwrap().parts().to_bytes().unwrap()
        };
        let one = key(1);
        assert!(one == key(1) && one == key(3));
        let random = DevelopmentKey::generate(&r1cs).unwrap();
        assert!(random.parts().to_bytes().unwrap() != one);
    }

    #[test]
    fn secrets_that_make_no_key_are_not_used() {
        let usable = |change: fn(&mut Secrets)| {
            let mut secrets = secrets();
            change(&mut secrets);
            secrets.are_usable(4)
        };
        assert!(usable(|_| {}));
        assert!(usable(|s| s.tau = Fr::root_of_unity(6).unwrap()));
        assert!(!usable(|s| s.tau = Fr::root_of_unity(5).unwrap()));
        assert!(!usable(|s| s.tau = Fr::root_of_unity(3).unwrap()));
        assert!(!usable(|s| s.tau = Fr::ZERO));
        assert!(!usable(|s| s.alpha = Fr::ZERO));
        assert!(!usable(|s| s.beta = Fr::ZERO));
        assert!(!usable(|s| s.delta = Fr::ZERO));
        assert!(!usable(|s| s.delta = Fr::ONE));
        assert!(!usable(|s| s.delta = -Fr::ONE));
    }
}
