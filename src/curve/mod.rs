//! Short Weierstrass curves `y^2 = x^3 + b` and the groups [`G1`] and [`G2`] of BN254.
//!
//! A group is a marker type that implements [`Curve`]; its points are [`Affine`] (what is stored and
//! sent) and [`Xyzz`] (what is computed with). The affine point is `{x, y}` in Montgomery form with
//! `(0, 0)` for infinity: 64 bytes on G1 and 128 on G2, the very layout of a zkey file, of halo2curves
//! and of the GPU kernels.

mod affine;
mod arkworks;
mod xyzz;

pub mod bn254;

use core::fmt::Debug;

use crate::field::arch::Vectors;
use crate::field::{Field, Int, PrimeField};

pub use affine::Affine;
pub use bn254::{G1, G2};
pub use xyzz::{Xyzz, batch_to_affine};

/// An affine point of G1, 64 bytes.
pub type G1Affine = Affine<G1>;
/// An affine point of G2, 128 bytes.
pub type G2Affine = Affine<G2>;

/// A group of prime order on a curve `y^2 = x^3 + b`.
pub trait Curve: Copy + Eq + Debug + Default + Send + Sync + 'static {
    /// The field of the coordinates.
    type Base: Field + Vectors;
    /// The field whose order is the group's.
    type Scalar: PrimeField<Canonical = Int<4>>;

    /// The group's name in messages.
    const NAME: &'static str;
    /// The constant of the equation.
    const B: Self::Base;
    /// The standard generator.
    const GENERATOR: Affine<Self>;

    /// Whether a point **of the curve** lies in the group of prime order.
    fn is_in_subgroup(point: &Affine<Self>) -> bool;
}
