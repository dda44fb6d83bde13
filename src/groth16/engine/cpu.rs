//! The sums of a proof on the processor.
//!
//! Nothing is permuted: the matrices have their rows in bit-reversed order, which is what the transforms
//! take and leave, and so have the bases of `h`. Nor is anything scaled on its own: the factor `n` that
//! the transforms leave is taken out in the last product.

use core::fmt;

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::{Engine, Sums};
use crate::cancel::Cancel;
use crate::curve::{G1, G2, Xyzz};
use crate::error::Result;
use crate::field::{Fr, Int};
use crate::msm::{Mask, Msm, Scalars};
use crate::ntt::Ntt;
use crate::poly::SparseMatrix;

/// A key on the processor.
pub(in crate::groth16) struct CpuEngine {
    /// A and B of the constraints, one row for each point of the domain in bit-reversed order.
    pub(super) matrices: [SparseMatrix<Fr>; 2],
    pub(super) ntt: Ntt<Fr>,
    pub(super) queries: Queries,
    constant_work: Option<ConstantWork>,
}

/// The sums' bases.
pub(in crate::groth16) struct Queries {
    pub(in crate::groth16) a: Msm<G1>,
    pub(in crate::groth16) b_g1: Msm<G1>,
    pub(in crate::groth16) b_g2: Msm<G2>,
    /// Over all wires; the public ones have infinity.
    pub(in crate::groth16) c: Msm<G1>,
    /// In bit-reversed order, as the NTT leaves its scalars.
    pub(in crate::groth16) h: Msm<G1>,
}

/// What is added to the scalars of the five sums, and what that adds to the sums.
struct ConstantWork {
    wires: Mask<Fr>,
    quotient: Mask<Fr>,
    sums: Sums,
}

impl CpuEngine {
    pub(in crate::groth16) fn new(
        matrices: [SparseMatrix<Fr>; 2],
        ntt: Ntt<Fr>,
        queries: Queries,
    ) -> Self {
        Self {
            matrices,
            ntt,
            queries,
            constant_work: None,
        }
    }

    /// The same, with the work of the sums not depending on the witness: see [`Mask`].
    pub(in crate::groth16) fn with_constant_work(mut self) -> Result<Self> {
        self.constant_work = Some(ConstantWork::new(&self.queries)?);
        Ok(self)
    }

    /// `h_i = (A B - C)(g^(2i+1))` in bit-reversed order.
    fn quotient(&self, wires: &[Int<4>]) -> Result<Zeroizing<Vec<Fr>>> {
        let zeros = || Zeroizing::new(vec![Fr::ZERO; self.ntt.len()]);
        let (mut a, mut b, mut c) = (zeros(), zeros(), zeros());
        {
            let _span = tracing::info_span!("matrices").entered();
            let wires: Zeroizing<Vec<Fr>> =
                Zeroizing::new(wires.par_iter().map(|&value| value.into()).collect());
            let [matrix_a, matrix_b] = &self.matrices;
            matrix_a.mul_vec(&wires, &mut a)?;
            matrix_b.mul_vec(&wires, &mut b)?;
            c.par_iter_mut()
                .zip(a.par_iter())
                .zip(b.par_iter())
                .for_each(|((c, &a), &b)| {
                    *c = a * b;
                });
        }
        let _span = tracing::info_span!("ntt").entered();
        self.ntt
            .extend_to_odd_coset_unscaled(&mut [&mut a, &mut b, &mut c])?;
        let n_inverse = self.ntt.n_inverse();
        a.par_iter_mut()
            .zip(b.par_iter())
            .zip(c.par_iter())
            .for_each(|((a, &b), &c)| {
                // n A, n B and n C are known: A B - C = ((n A)(n B) / n - n C) / n.
                *a = (*a * b * n_inverse - c) * n_inverse;
            });
        Ok(a)
    }
}

impl Engine for CpuEngine {
    fn sums(&self, wires: &[Int<4>], cancel: &Cancel) -> Result<Sums> {
        let queries = &self.queries;
        let masks = self.constant_work.as_ref();
        let h = {
            let quotient = self.quotient(wires)?;
            cancel.check()?;
            let _span = tracing::info_span!("msm", query = "h").entered();
            match masks {
                None => queries.h.run(&quotient)?,
                Some(masks) => queries.h.run_recoded(&masks.quotient.apply(&quotient)?)?,
            }
        };
        let scalars = {
            let _span = tracing::info_span!("recode").entered();
            match masks {
                None => Scalars::new(wires)?,
                Some(masks) => masks.wires.apply(wires)?,
            }
        };
        let [mut a, mut b_g1, mut c] = [Xyzz::INFINITY; 3];
        for (sum, query, name) in [
            (&mut a, &queries.a, "a"),
            (&mut b_g1, &queries.b_g1, "b1"),
            (&mut c, &queries.c, "c"),
        ] {
            cancel.check()?;
            let _span = tracing::info_span!("msm", query = name).entered();
            *sum = query.run_recoded(&scalars)?;
        }
        cancel.check()?;
        let b_g2 = {
            let _span = tracing::info_span!("msm", query = "b2").entered();
            queries.b_g2.run_recoded(&scalars)?
        };
        let sums = Sums {
            a,
            b_g1,
            b_g2,
            c,
            h,
        };
        Ok(match masks {
            None => sums,
            Some(masks) => sums - &masks.sums,
        })
    }

    fn is_constant_work(&self) -> bool {
        self.constant_work.is_some()
    }
}

impl ConstantWork {
    fn new(queries: &Queries) -> Result<Self> {
        let wires = Mask::random(queries.a.len())?;
        let scalars = wires.scalars()?;
        let quotient = Mask::random(queries.h.len())?;
        let sums = Sums {
            a: queries.a.run_recoded(&scalars)?,
            b_g1: queries.b_g1.run_recoded(&scalars)?,
            b_g2: queries.b_g2.run_recoded(&scalars)?,
            c: queries.c.run_recoded(&scalars)?,
            h: queries.h.run_recoded(&quotient.scalars()?)?,
        };
        Ok(Self {
            sums,
            wires,
            quotient,
        })
    }
}

/// The sizes; the points of a key would fill a book.
impl fmt::Debug for CpuEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuEngine")
            .field("domain_size", &self.ntt.len())
            .field("constant_work", &self.constant_work.is_some())
            .finish_non_exhaustive()
    }
}
