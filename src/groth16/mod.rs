//! Groth16 over BN254 with the files of circom and snarkjs.

mod calldata;
mod container;
mod encoding;
mod engine;
pub(crate) mod json;
mod key;
mod mapped;
mod proof;
mod prove;
mod r1cs;
mod setup;
mod solidity;
mod verify;
mod wtns;
mod zkey;

pub use encoding::Encoding;
pub use key::{KeyOptions, ProvingKey};
pub use mapped::MappedFile;
pub use proof::{Proof, PublicInputs, VerifyingKey};
pub use prove::ProveOptions;
pub use r1cs::{R1cs, Rows, Term, WireCounts};
pub use setup::DevelopmentKey;
pub use verify::PreparedVerifyingKey;
pub use wtns::Witness;
pub use zkey::{
    Coefficient, Coefficients, Contribution, ContributionKind, Contributions, INSECURE_NAME,
    Matrix, Points, Zkey, ZkeyHeader, ZkeyParts,
};
