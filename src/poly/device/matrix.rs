//! Sparse matrices on a device.

use zkiln_cuda::{Buffer, Device, Slice, SliceMut, Stream};

use super::THREADS;
use crate::field::Fr;
use crate::poly::sparse::{Entry, SparseMatrix};
use crate::{Error, Result};

/// Rows of more entries are done by warps.
const LONGEST_OF_THREAD: u32 = 32;
/// Entries of a long row that one warp does: 32 for each of its threads.
const SEGMENT: usize = 1 << 10;
/// Threads of a warp.
const WARP: usize = 32;

/// Sparse matrices with as many columns, one above the other, on a device. See [`SparseMatrix`].
///
/// A thread takes a row, of up to 32 entries. Longer rows are cut into pieces of 1024 entries with
/// a warp each, so that one row with all wires of a circuit is no slower than many rows.
#[derive(Debug)]
pub struct DeviceMatrix {
    rows: usize,
    columns: usize,
    /// As in [`SparseMatrix`].
    offsets: Buffer<u32>,
    entries: Buffer<Entry>,
    values: Buffer<Fr>,
    long: Option<LongRows>,
}

/// The rows that are too long for a thread.
#[derive(Debug)]
struct LongRows {
    /// The first entry of each piece, and the one after its last.
    segments: Buffer<[u32; 2]>,
    /// Each row with the number of its first piece; and once more, with the number of pieces.
    rows: Buffer<[u32; 2]>,
}

impl DeviceMatrix {
    /// A copy of the matrix.
    ///
    /// # Errors
    /// [`Error::Argument`] for 2^32 rows or more; [`Error::Device`].
    pub fn new(device: &Device, matrix: &SparseMatrix<Fr>) -> Result<Self> {
        Self::stacked(device, &[matrix])
    }

    /// One matrix of the rows of all of these, in their order: their products with one vector come
    /// one after the other.
    ///
    /// # Errors
    /// [`Error::Argument`] if the matrices have different numbers of columns, or together 2^32 rows
    /// or entries or more; [`Error::Device`].
    pub fn stacked(device: &Device, matrices: &[&SparseMatrix<Fr>]) -> Result<Self> {
        let columns = matrices.first().map_or(0, |matrix| matrix.columns());
        let rows: usize = matrices.iter().map(|matrix| matrix.rows()).sum();
        let entries: usize = matrices.iter().map(|matrix| matrix.len()).sum();
        let fits = rows.max(entries) < u32::MAX as usize;
        if !fits || matrices.iter().any(|matrix| matrix.columns() != columns) {
            return Err(Error::Argument(format!(
                "matrices of {rows} rows and {entries} entries one above the other, the first with \
                 {columns} columns"
            )));
        }
        device.check_room(Self::memory(matrices))?;
        let stream = device.stream()?;
        let offsets = stacked_offsets(matrices);
        let long = LongRows::new(&stream, &offsets)?;
        let mut matrix = Self {
            rows,
            columns,
            offsets: stream.upload(&offsets)?,
            entries: stream.alloc(entries)?,
            values: stream.alloc(matrices.iter().map(|m| m.values.len()).sum())?,
            long,
        };
        let (mut first_entry, mut first_value) = (0, 0);
        for part in matrices {
            let entries = part.entries.iter().map(|&entry| entry.moved(first_value));
            let entries: Vec<Entry> = entries.collect();
            let place = first_entry..first_entry + entries.len();
            stream.write(matrix.entries.slice_mut(place), &entries)?;
            let place = first_value as usize..first_value as usize + part.values.len();
            stream.write(matrix.values.slice_mut(place), &part.values)?;
            first_entry += entries.len();
            first_value += part.values.len() as u32;
        }
        // Other streams use it without waiting for this one.
        stream.synchronize()?;
        Ok(matrix)
    }

    /// The most bytes of device memory that these matrices take, one above the other.
    pub fn memory(matrices: &[&SparseMatrix<Fr>]) -> u64 {
        let bytes = |matrix: &&SparseMatrix<Fr>| {
            let long = matrix.offsets.windows(2).map(|row| row[1] - row[0]);
            let long = long.filter(|&len| len > LONGEST_OF_THREAD);
            let lists = long.map(|len| (len as usize).div_ceil(SEGMENT) + 1);
            size_of_val(&matrix.offsets[1..])
                + size_of_val(&matrix.entries[..])
                + size_of_val(&matrix.values[..])
                + lists.sum::<usize>() * size_of::<[u32; 2]>()
        };
        // The offsets and the list of long rows have one entry more.
        let ends = size_of::<u32>() + size_of::<[u32; 2]>();
        (matrices.iter().map(bytes).sum::<usize>() + ends) as u64
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Writes the product with `vector` to `product`. One multiplication for each entry that is not
    /// 1 or -1.
    ///
    /// # Errors
    /// [`Error::Argument`] if the lengths are not those of the matrix; [`Error::Device`].
    pub fn mul_on<'a>(
        &self,
        stream: &Stream,
        vector: impl Into<Slice<'a, Fr>>,
        product: impl Into<SliceMut<'a, Fr>>,
    ) -> Result<()> {
        let (vector, mut product) = (vector.into(), product.into());
        if vector.len() != self.columns || product.len() != self.rows {
            return Err(Error::Argument(format!(
                "a matrix of {} rows and {} columns times a vector of {} into one of {}",
                self.rows,
                self.columns,
                vector.len(),
                product.len()
            )));
        }
        let call = stream.call("sparse_rows_fr").threads(THREADS as u32);
        let call = call.blocks(self.rows.div_ceil(THREADS)).arg(&self.offsets);
        let call = call.arg(&self.entries).arg(&self.values).arg(vector);
        let call = call.arg(product.reborrow()).arg(self.rows as u32);
        // SAFETY: a `SparseMatrix` has offsets inside its entries, and entries inside its columns
        // and values; these are as many as the vector and the product have elements.
        unsafe { call.arg(LONGEST_OF_THREAD).launch()? };
        match &self.long {
            None => Ok(()),
            Some(long) => long.mul_on(stream, self, vector, product),
        }
    }
}

impl LongRows {
    /// Those of a matrix with these offsets, if there are any.
    fn new(stream: &Stream, offsets: &[u32]) -> Result<Option<Self>> {
        let (mut segments, mut rows) = (Vec::new(), Vec::new());
        for (row, range) in offsets.windows(2).enumerate() {
            let (first, end) = (range[0], range[1]);
            if end - first <= LONGEST_OF_THREAD {
                continue;
            }
            rows.push([row as u32, segments.len() as u32]);
            segments.extend((first..end).step_by(SEGMENT).map(|first| {
                // No overflow: what is left is at least as long.
                [first, first + (end - first).min(SEGMENT as u32)]
            }));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        rows.push([0, segments.len() as u32]);
        Ok(Some(Self {
            segments: stream.upload(&segments)?,
            rows: stream.upload(&rows)?,
        }))
    }

    fn mul_on(
        &self,
        stream: &Stream,
        matrix: &DeviceMatrix,
        vector: Slice<'_, Fr>,
        product: SliceMut<'_, Fr>,
    ) -> Result<()> {
        let warps = |kernel, count: usize| {
            let blocks = count.div_ceil(THREADS / WARP);
            stream.call(kernel).blocks(blocks).threads(THREADS as u32)
        };
        // The sums tell about the vector, which may be a witness.
        let mut sums = stream.alloc::<Fr>(self.segments.len())?.secret();
        let call = warps("sparse_segments_fr", self.segments.len()).arg(&self.segments);
        let call = call.arg(&matrix.entries).arg(&matrix.values).arg(vector);
        let call = call.arg(&mut sums).arg(self.segments.len() as u32);
        // SAFETY: as above, and there is a sum for each segment.
        unsafe { call.launch()? };
        let rows = self.rows.len() - 1;
        let call = warps("sparse_long_rows_fr", rows)
            .arg(&self.rows)
            .arg(&sums);
        // SAFETY: the rows are the matrix's, and their segments have sums.
        unsafe { call.arg(product).arg(rows as u32).launch()? };
        Ok(())
    }
}

/// The offsets of matrices one above the other.
fn stacked_offsets(matrices: &[&SparseMatrix<Fr>]) -> Vec<u32> {
    let mut offsets = vec![0];
    for matrix in matrices {
        let first = *offsets.last().expect("never empty");
        offsets.extend(matrix.offsets[1..].iter().map(|offset| first + offset));
    }
    offsets
}
