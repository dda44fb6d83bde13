//! The judge: ark-groth16's verifier, with the verifying key out of the zkey itself.

use std::path::Path;

use anyhow::{Result, ensure};
use ark_bn254::{Bn254, Fr};
use ark_groth16::{Groth16, PreparedVerifyingKey, VerifyingKey, prepare_verifying_key};

use crate::container::{self, Container, Header};
use crate::peers::Proof;

/// The statement of one key and witness.
pub struct Verifier {
    key: PreparedVerifyingKey<Bn254>,
    public: Vec<Fr>,
}

impl Verifier {
    /// Reads the header and the public part of both files, and nothing of their bulk: the process
    /// that judges also starts the processes whose memory is measured, so it stays small.
    pub fn open(zkey: &Path, wtns: &Path) -> Result<Self> {
        let mut file = Container::open(zkey, b"zkey")?;
        let header = Header::read(&mut file)?;
        let public = header.public;
        let ic = file.read_prefix(3, (public + 1) * container::G1)?;
        let key = VerifyingKey {
            alpha_g1: header.alpha_g1,
            beta_g2: header.beta_g2,
            gamma_g2: header.gamma_g2,
            delta_g2: header.delta_g2,
            gamma_abc_g1: ic.chunks_exact(container::G1).map(container::g1).collect(),
        };
        let public = container::witness_prefix(wtns, public + 1)?.split_off(1);
        Ok(Self {
            key: prepare_verifying_key(&key),
            public,
        })
    }

    /// Refuses a proof that does not hold.
    pub fn check(&self, proof: &Proof) -> Result<()> {
        let holds = Groth16::<Bn254>::verify_proof(&self.key, proof, &self.public)?;
        ensure!(holds, "the proof does not verify");
        Ok(())
    }
}
