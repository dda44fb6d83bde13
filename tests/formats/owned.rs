//! All parts of a key, to be changed and written again.

use zkiln::Result;
use zkiln::curve::{G1Affine, G2Affine};
use zkiln::groth16::{Coefficient, Contributions, Zkey, ZkeyHeader, ZkeyParts};

#[derive(Clone)]
pub(crate) struct Owned {
    pub(crate) header: ZkeyHeader,
    pub(crate) ic: Vec<G1Affine>,
    pub(crate) coefficients: Vec<Coefficient>,
    pub(crate) a: Vec<G1Affine>,
    pub(crate) b1: Vec<G1Affine>,
    pub(crate) b2: Vec<G2Affine>,
    pub(crate) c: Vec<G1Affine>,
    pub(crate) h: Vec<G1Affine>,
    pub(crate) contributions: Contributions,
}

impl Owned {
    /// Reads everything that a key holds.
    pub(crate) fn read(zkey: &Zkey<'_>) -> Result<Self> {
        Ok(Self {
            header: zkey.header().clone(),
            ic: zkey.verifying_key()?.ic,
            coefficients: zkey.coefficients().iter().collect::<Result<_>>()?,
            a: zkey.a().read_all()?,
            b1: zkey.b1().read_all()?,
            b2: zkey.b2().read_all()?,
            c: zkey.c().read_all()?,
            h: zkey.h().read_all()?,
            contributions: zkey.contributions()?,
        })
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
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
        .to_bytes()
    }

    /// Writes the key with something changed.
    pub(crate) fn changed(&self, change: impl FnOnce(&mut Self)) -> Result<Vec<u8>> {
        let mut changed = self.clone();
        change(&mut changed);
        changed.to_bytes()
    }
}
