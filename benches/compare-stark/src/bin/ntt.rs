//! Transforms over word-sized fields: single columns, batches and low-degree extensions.

use std::str::FromStr;

use anyhow::{Result, ensure};
use clap::Parser;
use p3_dft::{Radix2DFTSmallBatch, Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::Field as _;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_monty_31::dft::RecursiveDft;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::ntt::columns::{ColumnNtt, Extender};
use zkiln::ntt::{BitReversed, Natural};
use zkiln::poly::Columns;
use zkiln_compare_stark::family::{self, Common, Worker};
use zkiln_compare_stark::harness::{self, Contender, measure};
use zkiln_compare_stark::report::Row;
use zkiln_plonky3::{ColumnDft, Plonky3, Plonky3Field};

/// Transforms of columns, natural order in and bit-reversed out: zkiln's on columns, Plonky3's on rows.
#[derive(Parser)]
struct Arguments {
    /// Shapes `LOGxWIDTH`: the logarithm of the height and the number of columns.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "20x1,22x1,24x1,16x256,18x64"
    )]
    shapes: Vec<Shape>,

    /// Fields: koalabear, babybear, goldilocks.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "koalabear,babybear,goldilocks"
    )]
    fields: Vec<String>,

    /// What is computed: transforms (ntt), extensions to twice the length (lde).
    #[arg(long, value_delimiter = ',', default_value = "ntt,lde")]
    kinds: Vec<String>,

    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy)]
struct Shape {
    log_height: u32,
    width: usize,
}

impl FromStr for Shape {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (log_height, width) = text
            .split_once('x')
            .ok_or_else(|| anyhow::anyhow!("a shape is LOGxWIDTH"))?;
        let shape = Self {
            log_height: log_height.parse()?,
            width: width.parse()?,
        };
        ensure!(shape.width > 0, "at least one column");
        Ok(shape)
    }
}

/// A value for all of a result, in the order of rows: equal results have equal values.
type Fingerprint = u64;

fn mix(row: usize, column: usize) -> u64 {
    let x = (row as u64 ^ (column as u64) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1
}

fn fingerprint_of_columns<F: SmallField>(columns: &[F], height: usize) -> Fingerprint {
    let mut sum = 0u64;
    for (c, column) in columns.chunks_exact(height).enumerate() {
        for (r, value) in column.iter().enumerate() {
            // Bit-reversed, as Plonky3's matrices are below their views.
            sum = sum.wrapping_add(value.to_u64().wrapping_mul(mix(r, c)));
        }
    }
    sum
}

fn fingerprint_of_rows<F: Plonky3Field>(rows: &RowMajorMatrix<F::P3Field>) -> Fingerprint {
    let mut sum = 0u64;
    for (r, row) in rows.values.chunks_exact(rows.width()).enumerate() {
        for (c, &value) in row.iter().enumerate() {
            sum = sum.wrapping_add(F::from_p3(value).to_u64().wrapping_mul(mix(r, c)));
        }
    }
    sum
}

fn bit_reversed<F: Clone + Send + Sync>(
    view: impl p3_matrix::bitrev::BitReversibleMatrix<F>,
) -> RowMajorMatrix<F> {
    view.bit_reverse_rows().to_row_major_matrix()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Ntt,
    Lde,
}

/// One of Plonky3's transforms, or zkiln's behind its trait.
fn p3<'a, F: Plonky3Field, D: TwoAdicSubgroupDft<F::P3Field> + 'a>(
    name: &'static str,
    kind: Kind,
    input: &'a RowMajorMatrix<F::P3Field>,
) -> Contender<'a, Fingerprint> {
    let dft = D::default();
    Contender::new(name, move || {
        // With the room that Plonky3's traces have for their extension.
        let extra = usize::from(kind == Kind::Lde);
        let mut values = Vec::with_capacity(input.values.len() << extra);
        values.extend_from_slice(&input.values);
        let matrix = RowMajorMatrix::new(values, input.width());
        let (result, sample) = match kind {
            // In whatever order it gives.
            Kind::Ntt => {
                let (values, sample) = measure(|| dft.dft_batch(matrix));
                (bit_reversed(values), sample)
            }
            // In the order that Plonky3's commitments are made of.
            Kind::Lde => {
                measure(|| bit_reversed(dft.coset_lde_batch(matrix, 1, F::P3Field::GENERATOR)))
            }
        };
        Ok((fingerprint_of_rows::<F>(&result), sample))
    })
}

/// zkiln's transforms of columns.
fn zkiln<'a, F: Plonky3Field>(
    kind: Kind,
    shape: Shape,
    input: &'a Columns<F>,
) -> Result<Contender<'a, Fingerprint>> {
    let (plans, prepared) = measure(|| -> zkiln::Result<_> {
        Ok(match kind {
            Kind::Ntt => (Some(ColumnNtt::<F>::new(shape.log_height)?), None),
            Kind::Lde => (
                None,
                Some(Extender::new(shape.log_height, 1, F::GENERATOR)?),
            ),
        })
    });
    let (ntt, extender) = plans?;
    Ok(Contender::prepared("zkiln", prepared, move || {
        if let Some(ntt) = &ntt {
            let mut values = input.values().to_vec();
            let (result, sample) = measure(|| ntt.forward::<Natural, BitReversed>(&mut values));
            result?;
            return Ok((fingerprint_of_columns(&values, input.height()), sample));
        }
        let extender = extender.as_ref().expect("one of both");
        // The room is part of the work, as it is for Plonky3's that has none to reuse.
        let ((extended, result), sample) = measure(|| {
            let mut extended = vec![F::ZERO; input.width() * extender.extended_len()];
            let result = extender.extend::<BitReversed>(input.values(), &mut extended);
            (extended, result)
        });
        result?;
        let height = extender.extended_len();
        Ok((fingerprint_of_columns(&extended, height), sample))
    }))
}

/// All shapes and kinds over one field; `$recursive` is Plonky3's transform for this field alone.
macro_rules! field {
    ($arguments:ident, $worker:ident, $F:ty, $name:literal $(, $recursive:ty)?) => {
        if $arguments.fields.iter().any(|field| field == $name) {
            for &shape in &$arguments.shapes {
                let input = input::<$F>(shape);
                let rows = input.clone().to_p3();
                for kind in kinds(&$arguments.kinds)? {
                    let contenders = vec![
                        zkiln::<$F>(kind, shape, &input)?,
                        p3::<$F, ColumnDft<$F>>("zkiln in rows", kind, &rows),
                        p3::<$F, Radix2DitParallel<<$F as Plonky3>::P3>>("plonky3 parallel", kind, &rows),
                        p3::<$F, Radix2DFTSmallBatch<<$F as Plonky3>::P3>>("plonky3 small batch", kind, &rows),
                        $(p3::<$F, $recursive>("plonky3 recursive", kind, &rows),)?
                    ];
                    report($worker, $name, kind, shape, contenders)?;
                }
            }
        }
    };
}

fn kinds(names: &[String]) -> Result<Vec<Kind>> {
    let kind = |name: &String| match name.as_str() {
        "ntt" => Ok(Kind::Ntt),
        "lde" => Ok(Kind::Lde),
        _ => Err(anyhow::anyhow!("a kind is ntt or lde, not {name}")),
    };
    names.iter().map(kind).collect()
}

fn input<F: SmallField>(shape: Shape) -> Columns<F> {
    let mut state = F::GENERATOR;
    let values = (0..shape.width << shape.log_height).map(|_| {
        state = state.square() + F::ONE;
        state
    });
    Columns::new(values.collect(), 1 << shape.log_height).expect("whole columns")
}

fn report(
    worker: &Worker,
    field: &str,
    kind: Kind,
    shape: Shape,
    contenders: Vec<Contender<'_, Fingerprint>>,
) -> Result<()> {
    let outcomes = harness::interleave(contenders, worker.reps, harness::agreement())?;
    let kind = match kind {
        Kind::Ntt => "ntt",
        Kind::Lde => "lde",
    };
    let workload = format!("{field} {kind} 2^{} x {}", shape.log_height, shape.width);
    for outcome in &outcomes {
        worker.emit(&Row::new(&workload, worker.threads, outcome))?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    family::run(&arguments.common, |worker| {
        field!(
            arguments,
            worker,
            KoalaBear,
            "koalabear",
            RecursiveDft<p3_koala_bear::KoalaBear>
        );
        field!(
            arguments,
            worker,
            BabyBear,
            "babybear",
            RecursiveDft<p3_baby_bear::BabyBear>
        );
        field!(arguments, worker, Goldilocks, "goldilocks");
        Ok(())
    })
}
