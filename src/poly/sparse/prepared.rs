//! Matrices that are multiplied by many vectors.

use rayon::prelude::*;

use super::groups::{BLOCK, Block, Product};
use super::{SparseMatrix, check};
use crate::Result;
use crate::field::PrimeField;
use crate::field::arch::{Cpu, Isa, on_cpu};

/// A sparse matrix for products with vectors and nothing else. Where the processor has vectors these take about half
/// of a [`SparseMatrix`]'s time; its rows are sorted, and their places forgotten.
#[derive(Clone, Debug)]
pub struct PreparedMatrix<F> {
    rows: usize,
    columns: usize,
    form: Form<F>,
}

#[derive(Clone, Debug)]
enum Form<F> {
    /// For processors without vectors.
    Rows(SparseMatrix<F>),
    Blocks {
        blocks: Vec<Block>,
        values: Vec<F>,
    },
}

impl<F: PrimeField> PreparedMatrix<F> {
    /// Linear in the entries.
    pub(super) fn new(matrix: SparseMatrix<F>) -> Self {
        if matches!(Cpu::get_or_generic(), Cpu::Generic(_)) {
            Self {
                rows: matrix.rows(),
                columns: matrix.columns(),
                form: Form::Rows(matrix),
            }
        } else {
            Self::in_blocks(matrix)
        }
    }

    /// [`PreparedMatrix::new`] for every instruction set.
    pub(super) fn in_blocks(matrix: SparseMatrix<F>) -> Self {
        let firsts: Vec<usize> = (0..matrix.rows()).step_by(BLOCK).collect();
        let block = |&first: &usize| {
            let end = matrix.rows().min(first + BLOCK);
            Block::new(&matrix.offsets[first..=end], &matrix.entries)
        };
        let blocks = firsts.par_iter().map(block).collect();
        Self {
            rows: matrix.rows(),
            columns: matrix.columns(),
            form: Form::Blocks {
                blocks,
                values: matrix.values,
            },
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Writes the product with `vector` to `product`; parallel over rows. One multiplication for each
    /// entry that is not 1 or -1.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) if the lengths are not those of the matrix.
    pub fn mul_vec(&self, vector: &[F], product: &mut [F]) -> Result<()> {
        self.mul_vec_on(Cpu::get_or_generic(), vector, product)
    }

    /// [`PreparedMatrix::mul_vec`], blocks with this instruction set.
    pub(super) fn mul_vec_on(&self, cpu: Cpu, vector: &[F], product: &mut [F]) -> Result<()> {
        check(self.rows, self.columns, vector, product)?;
        match &self.form {
            Form::Rows(matrix) => matrix.mul_vec(vector, product)?,
            Form::Blocks { blocks, values } => {
                let parts = product.par_chunks_mut(BLOCK).zip(blocks);
                parts.for_each(|(product, block)| {
                    let product = Product {
                        block,
                        values,
                        vector,
                        product,
                    };
                    on_cpu!(cpu, isa => isa.run(product));
                });
            }
        }
        Ok(())
    }
}
