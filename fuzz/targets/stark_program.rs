//! Any bytes as compiled constraints: what is read has one spelling, and runs at a point.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::field::small::{Goldilocks, KoalaBear, SmallField};
use zkiln::stark::air::{PointRow, Program, Selectors};
use zkiln::stark::config::{KeccakConfig, StarkConfig};
use zkiln::stark::{Parameters, Verifier};

/// Values of rows that the bytes did not pay for are not made.
const MOST_COLUMNS: usize = 1 << 12;

fn run<F: SmallField>(data: &[u8])
where
    KeccakConfig<F>: StarkConfig<Val = F>,
{
    let Ok(program) = Program::<F>::from_bytes(data, "fuzz") else {
        return;
    };
    assert_eq!(program.to_bytes(), data);
    for log_height in [0, 1, 4, 24, 32, 64, u32::MAX] {
        let chunks = program.log_quotient_chunks(log_height);
        assert!(chunks <= 64, "{chunks}");
    }
    let shape = program.shape();
    let wide = shape
        .width
        .max(shape.preprocessed_width)
        .max(shape.public_values);
    if wide > MOST_COLUMNS {
        return;
    }
    let values = |len: usize| -> Vec<F::Challenge> {
        (2..)
            .take(len)
            .map(|i| F::Challenge::from(F::from(i)))
            .collect()
    };
    let point = F::Challenge::from(F::GENERATOR);
    let next = |there: bool, width: usize| values(if there { width } else { 0 });
    let public_values: Vec<F> = (7..).take(shape.public_values).map(F::from).collect();
    let row = PointRow {
        main: &values(shape.width),
        main_next: &next(shape.next_row, shape.width),
        preprocessed: &values(shape.preprocessed_width),
        preprocessed_next: &next(shape.preprocessed_next_row, shape.preprocessed_width),
        periodic: &values(shape.periodic.len()),
        public_values: &public_values,
        selectors: Selectors::at(point, 4).expect("outside of the domain"),
    };
    program
        .fold_at(&row, point)
        .expect("as many values as the shape has");
    let _ = program.periodic_at(4, point);
    let config = KeccakConfig::<F>::keccak();
    let cap = (shape.preprocessed_width > 0).then(|| vec![Default::default()]);
    let _ = Verifier::new(config, Parameters::fast(), program, 4, cap);
}

fuzz_target!(|data: &[u8]| {
    run::<KoalaBear>(data);
    run::<Goldilocks>(data);
});
