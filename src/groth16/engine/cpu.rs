//! The sums of a proof on the processor.
//!
//! Nothing is permuted: the matrices have their rows in bit-reversed order, which is what the transforms
//! take and leave, and so have the bases of `h`. Nor is anything scaled or converted on its own. The factor
//! `n` that the transforms leave is taken out in the last product. The integers of a witness, read as
//! elements, are the wires over `R`; matrices and transforms are linear and do not mind, and the last
//! product leaves the quotient over `R` too, whose limbs are the integers that its sum takes.

use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::pointwise::{Combination, Products};
use super::{Engine, Sums};
use crate::cancel::Cancel;
use crate::curve::{G1, G2, Xyzz};
use crate::error::Result;
use crate::field::arch::{Cpu, Isa, on_cpu};
use crate::field::{Field, Fr, Int};
use crate::memory::{Secret, wipe};
use crate::msm::{Mask, Msm, Scalars};
use crate::ntt::{LOG_SIDE, Ntt, tiles_mut};
use crate::poly::SparseMatrix;

/// Elements in one task of what is done element by element.
const CHUNK: usize = 1 << 12;

/// A key on the processor.
pub(in crate::groth16) struct CpuEngine {
    /// A and B of the constraints, one row for each point of the domain in bit-reversed order.
    pub(super) matrices: [SparseMatrix<Fr>; 2],
    pub(super) ntt: Ntt<Fr>,
    pub(super) queries: Queries,
    cpu: Cpu,
    /// `R = 2^256`, by which integers are larger than what they are as elements.
    r: Fr,
    /// What the last proof worked in, wiped: fresh pages take longer than the products that go there.
    columns: Mutex<Option<Columns>>,
    constant_work: Option<ConstantWork>,
}

/// The values of A, B and C, one for each point of the domain.
struct Columns([Secret<Fr>; 3]);

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
            cpu: Cpu::get_or_generic(),
            r: Fr::from_u64(2).pow(&[256]),
            columns: Mutex::default(),
            constant_work: None,
        }
    }

    /// The same, with the work of the sums not depending on the witness: see [`Mask`].
    pub(in crate::groth16) fn with_constant_work(mut self) -> Result<Self> {
        self.constant_work = Some(ConstantWork::new(&self.queries)?);
        Ok(self)
    }

    /// The values `h_i = (A B - C)(g^(2i+1))` over `R`, in bit-reversed order, in the place of A.
    fn quotient(&self, wires: &[Int<4>], cancel: &Cancel) -> Result<Columns> {
        let mut columns = self.columns();
        let [a, b, c] = &mut columns.0;
        {
            let _span = tracing::info_span!("matrices").entered();
            self.constraints(bytemuck::cast_slice(wires), [a, b, c]);
        }
        cancel.check()?;
        {
            let _span = tracing::info_span!("ntt").entered();
            self.ntt.extend_to_odd_coset_unscaled(&mut [a, b, c])?;
        }
        cancel.check()?;
        let _span = tracing::info_span!("quotient").entered();
        // n A / R, n B / R and n C / R^2 are known, and (A B - C) / R is wanted.
        let n_inverse = self.ntt.n_inverse();
        let (product, other) = (self.r * n_inverse.square(), -self.r * n_inverse);
        a.par_chunks_mut(CHUNK)
            .zip(b.par_chunks(CHUNK))
            .zip(c.par_chunks(CHUNK))
            .for_each(|((a, b), c)| {
                let kernel = Combination {
                    a,
                    b,
                    c,
                    product,
                    other,
                };
                on_cpu!(self.cpu, isa => isa.run(kernel));
            });
        Ok(columns)
    }

    /// The columns of the last proof, if no other proof has them.
    fn columns(&self) -> Columns {
        let kept = self.kept_columns().take();
        kept.unwrap_or_else(|| Columns([(); 3].map(|()| Secret::zeros(self.ntt.len()))))
    }

    /// Keeps the columns for the next proof.
    fn keep(&self, mut columns: Columns) {
        columns.0.iter_mut().for_each(|column| wipe(column));
        let replaced = self.kept_columns().replace(columns);
        // Not before the lock is released: threads that wipe may take up another proof meanwhile.
        drop(replaced);
    }

    fn kept_columns(&self) -> MutexGuard<'_, Option<Columns>> {
        // Between locking and unlocking nothing can panic.
        self.columns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A and B times the wires, and the products of the two.
    ///
    /// Neighbours among the constraints read neighbouring wires, but here they are far apart: so rows are
    /// done in tiles, whose runs are neighbours in this order and in the other.
    fn constraints(&self, wires: &[Fr], columns: [&mut [Fr]; 3]) {
        let n = self.ntt.len();
        let log_side = LOG_SIDE.min(self.ntt.log_n() / 2);
        let [a, b, c] = columns.map(|column| tiles_mut(column, log_side, 1 << log_side));
        let [matrix_a, matrix_b] = &self.matrices;
        (a.into_par_iter().zip(b).zip(c))
            .enumerate()
            .for_each(|(tile, ((a, b), c))| {
                for (run, ((a, b), c)) in a.rows.into_iter().zip(b.rows).zip(c.rows).enumerate() {
                    let first = run * (n >> log_side) + (tile << log_side);
                    for (row, (a, b)) in (first..).zip(a.iter_mut().zip(b.iter_mut())) {
                        *a = matrix_a.mul_row(row, wires);
                        *b = matrix_b.mul_row(row, wires);
                    }
                    on_cpu!(self.cpu, isa => isa.run(Products { a, b, c }));
                }
            });
    }
}

impl Engine for CpuEngine {
    fn sums(&self, wires: &[Int<4>], cancel: &Cancel) -> Result<Sums> {
        let queries = &self.queries;
        let masks = self.constant_work.as_ref();
        let scalars = {
            let columns = self.quotient(wires, cancel)?;
            cancel.check()?;
            let _span = tracing::info_span!("recode", of = "h").entered();
            let scalars = recode(
                bytemuck::cast_slice(&columns.0[0]),
                masks.map(|m| &m.quotient),
            )?;
            self.keep(columns);
            scalars
        };
        cancel.check()?;
        let h = {
            let _span = tracing::info_span!("msm", query = "h").entered();
            let sum = queries.h.run_recoded(&scalars)?;
            // Wiped, as a part of this phase.
            drop(scalars);
            sum
        };
        let scalars = {
            let _span = tracing::info_span!("recode", of = "wires").entered();
            recode(wires, masks.map(|m| &m.wires))?
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
            let sum = queries.b_g2.run_recoded(&scalars)?;
            drop(scalars);
            sum
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

fn recode(integers: &[Int<4>], mask: Option<&Mask<Fr>>) -> Result<Scalars<Fr>> {
    match mask {
        None => Scalars::new(integers),
        Some(mask) => mask.apply(integers),
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
