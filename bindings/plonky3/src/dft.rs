//! zkiln's transforms behind Plonky3's trait.

use std::sync::{Arc, Mutex, PoisonError};

use p3_dft::TwoAdicSubgroupDft;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::bitrev::{BitReversedMatrixView, BitReversibleMatrix};
use p3_matrix::dense::RowMajorMatrix;
use zkiln::field::Field;
use zkiln::ntt::columns::{ColumnNtt, Extender};
use zkiln::ntt::{BitReversed, Natural};

use crate::rows::{gather, line, scatter};
use crate::{Plonky3, Plonky3Field};

/// [`TwoAdicSubgroupDft`] over zkiln's transforms of columns; the parameter is zkiln's field.
///
/// Plonky3's matrices are stored by rows: a few columns at a time are taken out, transformed and put
/// back. The tables for the lengths in use are kept, and shared by clones.
///
/// ```
/// use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
/// use p3_field::PrimeCharacteristicRing;
/// use p3_koala_bear::KoalaBear;
/// use zkiln_plonky3::ColumnDft;
///
/// let coefficients: Vec<KoalaBear> = (0..16).map(KoalaBear::from_u32).collect();
/// let values = ColumnDft::<zkiln::field::small::KoalaBear>::default().dft(coefficients.clone());
/// assert_eq!(values, Radix2DitParallel::default().dft(coefficients));
/// ```
pub struct ColumnDft<F> {
    plans: Arc<Plans<F>>,
}

/// Plans by what they are for, the one used last at the end.
struct Plans<F> {
    transforms: Recent<u32, ColumnNtt<F>>,
    extensions: Recent<(u32, u32, F), Extender<F>>,
}

type Recent<K, V> = Mutex<Vec<(K, Arc<V>)>>;

/// Plans of each kind that are kept.
const KEPT: usize = 16;

impl<F> Clone for ColumnDft<F> {
    fn clone(&self) -> Self {
        Self {
            plans: Arc::clone(&self.plans),
        }
    }
}

impl<F> Default for ColumnDft<F> {
    fn default() -> Self {
        Self {
            plans: Arc::new(Plans {
                transforms: Mutex::default(),
                extensions: Mutex::default(),
            }),
        }
    }
}

impl<F> core::fmt::Debug for ColumnDft<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ColumnDft").finish_non_exhaustive()
    }
}

/// The plan for `key`, made if it is not there.
fn plan<K: Copy + PartialEq, V>(
    recent: &Recent<K, V>,
    key: K,
    make: impl FnOnce() -> zkiln::Result<V>,
) -> Arc<V> {
    let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
    let value = match recent.iter().position(|(k, _)| *k == key) {
        Some(at) => recent.remove(at).1,
        // Others wait: they most likely want the same plan.
        None => Arc::new(make().unwrap_or_else(|error| panic!("{error}"))),
    };
    if recent.len() == KEPT {
        recent.remove(0);
    }
    recent.push((key, Arc::clone(&value)));
    value
}

/// Columns that are transformed at a time: lines of columns for every thread.
fn group<F: Field>(width: usize) -> usize {
    width.min(line::<F>() * rayon::current_num_threads())
}

impl<F: Plonky3Field> ColumnDft<F> {
    fn ntt(&self, height: usize) -> Arc<ColumnNtt<F>> {
        let log_n = log2(height);
        plan(&self.plans.transforms, log_n, || ColumnNtt::new(log_n))
    }

    /// Runs `f` on all columns, some at a time.
    fn in_place(
        mut matrix: RowMajorMatrix<F::P3Field>,
        f: impl Fn(&mut [F]) -> zkiln::Result<()>,
    ) -> RowMajorMatrix<F::P3Field> {
        let (height, width) = (matrix.height(), matrix.width());
        if width == 1 {
            let mut column = Vec::<F>::from_p3(matrix.values);
            f(&mut column).expect("a whole column");
            return RowMajorMatrix::new(column.to_p3(), 1);
        }
        let mut columns = vec![F::ZERO; group::<F>(width) * height];
        for first in (0..width).step_by(group::<F>(width).max(1)) {
            let columns = &mut columns[..(width - first).min(group::<F>(width)) * height];
            gather(&matrix, first, columns);
            f(columns).expect("whole columns");
            scatter(columns, height, first, &mut matrix.values, width);
        }
        matrix
    }
}

fn log2(height: usize) -> u32 {
    assert!(
        height.is_power_of_two(),
        "a transform of {height} rows, which is no power of two"
    );
    height.ilog2()
}

/// # Panics
/// As Plonky3's: if the height is no power of two, or beyond the field's 2-adicity.
impl<F: Plonky3Field> TwoAdicSubgroupDft<F::P3Field> for ColumnDft<F> {
    type Evaluations = BitReversedMatrixView<RowMajorMatrix<F::P3Field>>;

    fn dft_batch(&self, mat: RowMajorMatrix<F::P3Field>) -> Self::Evaluations {
        let ntt = self.ntt(mat.height());
        Self::in_place(mat, |columns| ntt.forward::<Natural, BitReversed>(columns))
            .bit_reverse_rows()
    }

    fn idft_batch(&self, mat: RowMajorMatrix<F::P3Field>) -> RowMajorMatrix<F::P3Field> {
        let ntt = self.ntt(mat.height());
        Self::in_place(mat, |columns| ntt.inverse::<Natural, Natural>(columns))
    }

    fn coset_lde_batch(
        &self,
        mat: RowMajorMatrix<F::P3Field>,
        added_bits: usize,
        shift: F::P3Field,
    ) -> Self::Evaluations {
        let (height, width) = (mat.height(), mat.width());
        let key = (log2(height), added_bits as u32, F::from_p3(shift));
        let extender = plan(&self.plans.extensions, key, || {
            Extender::new(key.0, key.1, key.2)
        });
        let extended_height = extender.extended_len();
        if width == 1 {
            let mut extended = vec![F::ZERO; extended_height];
            extender
                .extend::<BitReversed>(&Vec::from_p3(mat.values), &mut extended)
                .expect("a whole column");
            return RowMajorMatrix::new(extended.to_p3(), 1).bit_reverse_rows();
        }
        let mut values = F::P3Field::zero_vec(extended_height * width);
        let mut columns = vec![F::ZERO; group::<F>(width) * height];
        let mut extended = vec![F::ZERO; group::<F>(width) * extended_height];
        for first in (0..width).step_by(group::<F>(width).max(1)) {
            let count = (width - first).min(group::<F>(width));
            let columns = &mut columns[..count * height];
            let extended = &mut extended[..count * extended_height];
            gather(&mat, first, columns);
            extender
                .extend::<BitReversed>(columns, extended)
                .expect("whole columns");
            scatter(extended, extended_height, first, &mut values, width);
        }
        RowMajorMatrix::new(values, width).bit_reverse_rows()
    }
}
