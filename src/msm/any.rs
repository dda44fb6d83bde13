//! MSM wherever the caller's user wants it.

use super::{DeviceCurve, DeviceMsm, DeviceMsmOptions, DeviceScalar, Msm};
use crate::Result;
use crate::backend::Backend;
use crate::curve::{Affine, Xyzz};

/// An MSM on a backend that is chosen at run time.
///
/// ```
/// use zkiln::backend::Backend;
/// use zkiln::curve::{Curve, G1};
/// use zkiln::field::Fr;
/// use zkiln::msm::AnyMsm;
///
/// let msm = AnyMsm::on(&Backend::auto().backend, vec![G1::GENERATOR; 2])?;
/// let sum = msm.run(&[Fr::from_u64(5), Fr::from_u64(3)])?;
/// assert_eq!(sum, G1::GENERATOR * Fr::from_u64(8));
/// # Ok::<(), zkiln::Error>(())
/// ```
#[derive(Debug)]
pub enum AnyMsm<C: DeviceCurve> {
    /// On the processor.
    Cpu(Msm<C>),
    /// On a device, with the bases there.
    Device(DeviceMsm<C>),
}

impl<C: DeviceCurve> AnyMsm<C> {
    /// A plan over `bases`, which must be valid: see [`Msm::new`].
    ///
    /// # Errors
    /// Those of [`Msm::new`] and [`DeviceMsm::new`].
    pub fn on(backend: &Backend, bases: Vec<Affine<C>>) -> Result<Self> {
        Ok(match backend {
            Backend::Cpu => Self::Cpu(Msm::new(bases)?),
            Backend::Device(device) => {
                let options = DeviceMsmOptions::default();
                Self::Device(DeviceMsm::new(device, &bases, &options)?)
            }
        })
    }

    /// The number of scalars a run takes: the number of bases this was made of.
    pub fn len(&self) -> usize {
        match self {
            Self::Cpu(msm) => msm.len(),
            Self::Device(msm) => msm.len(),
        }
    }

    /// Whether there are no bases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `sum_i scalars[i] bases[i]`.
    ///
    /// # Errors
    /// Those of [`Msm::run`] and [`DeviceMsm::run`].
    pub fn run<S: DeviceScalar<C::Scalar>>(&self, scalars: &[S]) -> Result<Xyzz<C>> {
        match self {
            Self::Cpu(msm) => msm.run(scalars),
            Self::Device(msm) => msm.run(scalars),
        }
    }

    /// The sums for several vectors of scalars.
    ///
    /// # Errors
    /// As [`AnyMsm::run`].
    pub fn run_batch<S: DeviceScalar<C::Scalar>>(&self, vectors: &[&[S]]) -> Result<Vec<Xyzz<C>>> {
        match self {
            Self::Cpu(msm) => vectors.iter().map(|scalars| msm.run(scalars)).collect(),
            Self::Device(msm) => msm.run_batch(vectors),
        }
    }
}
