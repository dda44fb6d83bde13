//! zkiln and Plonky3 0.8, side by side.
//!
//! - [`Plonky3`]: the same field elements, matrices and digests in both libraries' types.
//! - [`program`], [`BytecodeAir`]: constraints of Plonky3 as zkiln's programs, and programs as constraints of
//!   Plonky3.
//! - [`proof_to_p3`], [`proof_from_p3`]: proofs, so that what one proves the other verifies;
//!   [`Plonky3Config`] has the configuration of Plonky3 that is one of zkiln's.
//! - [`ColumnDft`], [`ColumnMmcs`]: zkiln's transforms and trees inside Plonky3's prover and verifier.
//!
//! A trace of an AIR that was written for Plonky3, proven by zkiln and verified by Plonky3:
//!
//! ```
//! use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
//! use zkiln::field::small::KoalaBear;
//! use zkiln::poly::Columns;
//! use zkiln::stark::config::KeccakConfig;
//! use zkiln::stark::{Parameters, Prover};
//! use zkiln_plonky3::{P3Config, Plonky3Config, program, proof_to_p3};
//!
//! /// A number that becomes its square from row to row.
//! struct Squares;
//! impl<F> BaseAir<F> for Squares {
//!     fn width(&self) -> usize {
//!         1
//!     }
//! }
//! impl<AB: AirBuilder> Air<AB> for Squares {
//!     fn eval(&self, builder: &mut AB) {
//!         let row = builder.main();
//!         let (x, next) = (row.current(0).unwrap(), row.next(0).unwrap());
//!         builder.when_transition().assert_eq(x * x, next);
//!     }
//! }
//!
//! type Config = KeccakConfig<KoalaBear>;
//! let parameters = Parameters { queries: 20, ..Parameters::fast() };
//! let trace: Vec<KoalaBear> = (0..8).map(|i| KoalaBear::from(3).pow(&[1 << i])).collect();
//! # use zkiln::field::Field;
//! let prover = Prover::<Config>::new(Config::keccak(), parameters, program(&Squares)?, 3, None)?;
//! let proof = prover.prove(Columns::new(trace, 8)?, &[])?;
//!
//! let judge: P3Config<Config> = Config::p3(&parameters);
//! p3_uni_stark::verify(&judge, &Squares, &proof_to_p3(proof)?, &[]).unwrap();
//! # Ok::<(), zkiln::Error>(())
//! ```

mod air;
pub mod config;
mod convert;
mod dft;
mod mmcs;
mod proof;
mod rows;

pub use air::{BytecodeAir, program};
pub use config::{P3Config, Plonky3Config};
pub use convert::{Plonky3, Plonky3Field};
pub use dft::ColumnDft;
pub use mmcs::{ColumnMmcs, Committed};
pub use proof::{cap_from_p3, cap_to_p3, proof_from_p3, proof_to_p3};

/// The examples of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
