//! The language, its programs and their degrees.

use super::*;
use crate::field::Field;
use crate::field::small::{BabyBear, ExtensionField, Goldilocks, KoalaBear, KoalaBear4};
use crate::poly::Columns;
use crate::{Error, Fault};

type F = KoalaBear;
type E = KoalaBear4;

/// An AIR of one closure.
struct Written<S, C>(S, C);

impl<F, S, C> Air<F> for Written<S, C>
where
    F: SmallField,
    S: Fn() -> Shape<F>,
    C: for<'a, 'b> Fn(&'b Builder<'a, F>),
{
    fn shape(&self) -> Shape<F> {
        (self.0)()
    }
    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        (self.1)(builder);
    }
}

/// A program over a shape with two of everything.
fn written(constraints: impl for<'a, 'b> Fn(&'b Builder<'a, F>)) -> Program<F> {
    Program::new(&Written(full_shape, constraints)).expect("a program")
}

fn full_shape() -> Shape<F> {
    Shape {
        width: 2,
        next_row: true,
        preprocessed_width: 2,
        preprocessed_next_row: true,
        periodic: vec![vec![F::from(3), F::from(4)], vec![F::from(5)]],
        public_values: 2,
        least_degree: 0,
    }
}

fn random() -> E {
    let coefficients: Vec<F> = (0..4).map(|_| F::random().expect("randomness")).collect();
    E::from_coefficients(&coefficients).expect("four")
}

#[test]
fn a_program_computes_what_was_written() {
    let program = written(|b| {
        let (x, y) = (b.main(0), b.main(1));
        let (next_x, fixed) = (b.next(0), b.preprocessed(1));
        let sum = x + y;
        b.assert_zero(sum * sum * next_x - fixed * b.public(1));
        b.assert_eq(-b.preprocessed_next(0), 7 * x);
        b.assert_bool(y - F::from(9));
        b.when(b.is_transition())
            .when(x)
            .assert_eq(sum, b.periodic(0));
        b.when(b.is_first_row()).assert_bool(x);
        b.assert_zero((1 - b.is_last_row()) * (2 + sum.cube()).xor(x.andn(b.periodic(1))));
    });
    let [x, y, next_x, next_y, p, q, next_p, next_q] = [(); 8].map(|_| random());
    let [t, u, alpha] = [(); 3].map(|_| random());
    let publics = [F::from(11), F::from(12)];
    let selectors = Selectors::at(random(), 5).expect("outside of the domain");
    let row = PointRow {
        main: &[x, y],
        main_next: &[next_x, next_y],
        preprocessed: &[p, q],
        preprocessed_next: &[next_p, next_q],
        periodic: &[t, u],
        public_values: &publics,
        selectors,
    };
    let one = E::ONE;
    let sum = x + y;
    let (a, b) = (sum * sum * sum + one.double(), (one - x) * u);
    let constraints = [
        sum * sum * next_x - q * publics[1],
        -next_p - x * F::from(7),
        (y - E::from(F::from(9))) * (y - E::from(F::from(10))),
        selectors.is_transition * x * (sum - t),
        selectors.is_first_row * (x * (x - one)),
        (one - selectors.is_last_row) * (a + b - (a * b).double()),
    ];
    let expected = constraints.iter().fold(E::ZERO, |sum, &c| sum * alpha + c);
    assert_eq!(program.fold_at(&row, alpha).expect("values"), expected);
    assert_eq!(program.constraints(), constraints.len());

    let short = PointRow { main: &[x], ..row };
    assert!(matches!(
        program.fold_at(&short, alpha),
        Err(Error::Argument(_))
    ));
}

#[test]
fn what_is_said_twice_is_computed_once() {
    let program = written(|b| {
        let sum = b.main(0) + b.main(1);
        let same = b.main(1) + b.main(0);
        b.assert_zero(sum * sum);
        b.assert_zero(same * sum * 1 + 0);
    });
    assert_eq!(program.instructions().len(), 4);
    assert_eq!(program.slots(), 1);
}

#[test]
#[allow(clippy::erasing_op)] // the program must see it
fn degrees_are_those_of_plonky3() {
    let degree = |constraint: for<'a, 'b> fn(&'b Builder<'a, F>) -> Expr<'a, F>| {
        let shape = || Shape {
            periodic: Vec::new(),
            ..full_shape()
        };
        let air = Written(shape, move |b: &Builder<'_, F>| {
            b.assert_zero(constraint(b))
        });
        let program = Program::new(&air).expect("a program");
        (program.degree(), program.log_quotient_chunks(5))
    };
    assert_eq!(degree(|b| b.constant(3u64)), (0, 0));
    assert_eq!(degree(|b| b.public(0)), (0, 0));
    assert_eq!(degree(|b| b.main(0) + b.next(1)), (1, 0));
    assert_eq!(degree(|b| b.main(0) * b.public(0)), (1, 0));
    assert_eq!(degree(|b| b.main(0) * b.preprocessed(0)), (2, 0));
    assert_eq!(degree(|b| b.is_transition() * b.main(0).square()), (2, 0));
    assert_eq!(degree(|b| b.is_first_row() * b.main(0).square()), (3, 1));
    assert_eq!(degree(|b| b.main(0).cube()), (3, 1));
    assert_eq!(degree(|b| b.main(0).cube() - b.main(0).cube()), (3, 1));
    assert_eq!(degree(|b| b.main(0).cube() * 0 + b.main(1)), (1, 0));
    assert_eq!(degree(|b| b.main(0).cube() * b.main(1)), (4, 2));
    assert_eq!(degree(|b| b.main(0).cube() * b.main(1).square()), (5, 2));
    assert_eq!(degree(|b| b.main(0).cube() * b.main(1).cube()), (6, 3));
}

#[test]
fn periodic_columns_count_for_less_than_others() {
    let air = Written(
        || Shape {
            periodic: vec![vec![F::ONE; 2], vec![F::ONE; 8]],
            ..full_shape()
        },
        |b: &Builder<'_, F>| {
            // Of degree 2 in a trace of 8 rows, of n - n / 2 + n - n / 8 in one of more.
            b.assert_zero(b.periodic(0) * b.periodic(1) * b.periodic(0) * b.main(0));
        },
    );
    let program = Program::new(&air).expect("a program");
    assert_eq!(program.degree(), 4);
    // 4 + 7 + 4 + 7 of 7; 8 + 14 + 8 + 15 of 15; never less than 3 of a column.
    assert_eq!(program.log_quotient_chunks(3), 1);
    assert_eq!(program.log_quotient_chunks(4), 1);
    let hinted = Written(
        || Shape {
            least_degree: 6,
            ..full_shape()
        },
        |b: &Builder<'_, F>| b.assert_zero(b.main(0)),
    );
    assert_eq!(
        Program::new(&hinted)
            .expect("a program")
            .log_quotient_chunks(4),
        3
    );
}

#[test]
fn what_the_shape_does_not_have_is_told() {
    let air = Written(
        || Shape::<F> {
            width: 2,
            ..Shape::default()
        },
        |b: &Builder<'_, F>| b.assert_zero(b.next(0)),
    );
    let error = Program::new(&air).expect_err("no next row").to_string();
    assert_eq!(error, "an AIR: column in the next row 0 of 0 is read");
    let air = Written(full_shape, |b: &Builder<'_, F>| {
        let power = (0..11).fold(b.main(0), |x, _| x.square());
        b.assert_zero(power);
    });
    let error = Program::new(&air)
        .expect_err("too high a degree")
        .to_string();
    assert_eq!(
        error,
        "an AIR: instruction 10: the degree 2048 exceeds 1024"
    );
}

#[test]
fn bytes_come_back() {
    fn check<F: SmallField>() {
        let program = Program::<F>::new(&Fibonacci).expect("a program");
        let bytes = program.to_bytes();
        assert_eq!(
            Program::from_bytes(&bytes, "memory").expect("its own"),
            program
        );
    }
    check::<KoalaBear>();
    check::<BabyBear>();
    check::<Goldilocks>();
    let bytes = Program::<KoalaBear>::new(&Fibonacci)
        .expect("one")
        .to_bytes();
    let error = Program::<BabyBear>::from_bytes(&bytes, "memory").expect_err("other field");
    assert_eq!(error.fault(), Some(Fault::WrongField));
}

#[test]
fn periodic_columns_at_a_point() {
    let program = written(|b| b.assert_zero(b.periodic(0)));
    // In a row of the trace the polynomial is the column's value there.
    let root = F::root_of_unity(3).expect("a root");
    for row in 0..8u64 {
        let values = program
            .periodic_at(3, E::from(root.pow(&[row])))
            .expect("periods");
        assert_eq!(values, [E::from(F::from(3 + row % 2)), E::from(F::from(5))]);
    }
    assert!(program.periodic_at(0, E::ONE).is_err());
}

#[test]
fn a_trace_is_checked() {
    let program = Program::<F>::new(&Fibonacci).expect("a program");
    let (trace, publics) = Fibonacci.trace(F::ONE, F::from(2), 4).expect("a trace");
    program
        .check_trace(&trace, None, &publics)
        .expect("it satisfies");
    for cell in 0..32 {
        let mut values = trace.values().to_vec();
        values[cell] += F::ONE;
        let wrong = Columns::new(values, 16).expect("columns");
        let error = program
            .check_trace(&wrong, None, &publics)
            .expect_err("mutated");
        assert!(matches!(error, Error::Unsatisfied(_)), "{cell}");
    }
    assert!(program.check_trace(&trace, None, &publics[1..]).is_err());
    assert!(program.check_trace(&trace, Some(&trace), &publics).is_err());
}

/// Inputs for permutations.
fn states<F: SmallField, const N: usize>(count: usize) -> Vec<[F; N]> {
    let state = |i| core::array::from_fn(|j| F::from((i * N + j) as u64).square() + F::from(3));
    (0..count).map(state).collect()
}

fn check_poseidon2<F, const WIDTH: usize>(per_row: usize, columns: usize, constraints: usize)
where
    F: crate::hash::Poseidon2Field<WIDTH>,
{
    let air = Poseidon2Air::<F, WIDTH>::standard(per_row).expect("an AIR");
    assert_eq!(air.columns_per_permutation(), columns);
    let program = Program::new(&air).expect("a program");
    assert_eq!(program.constraints(), constraints * per_row);
    assert_eq!(program.degree(), 3);
    assert_eq!(program.log_quotient_chunks(10), 1);
    for height in [1, 4, 128] {
        let inputs = states::<F, WIDTH>(height * per_row);
        let trace = air.trace(&inputs).expect("a trace");
        assert_eq!((trace.width(), trace.height()), (columns * per_row, height));
        program
            .check_trace(&trace, None, &[])
            .expect("it satisfies");
        let last = trace.row(height - 1);
        let mut output = *inputs.last().expect("inputs");
        F::standard().permute(&mut output);
        // The last round's state ends the permutation's columns.
        assert_eq!(last[last.len() - WIDTH..], output);
        let wrong_cells = (0..columns * per_row).step_by(23);
        for column in wrong_cells.take(if height == 4 { 1000 } else { 0 }) {
            let mut wrong = trace.clone();
            wrong.values_mut()[column * height + column % height] += F::ONE;
            assert!(
                program.check_trace(&wrong, None, &[]).is_err(),
                "column {column}"
            );
        }
    }
    assert!(air.trace(&states::<F, WIDTH>(3 * per_row)).is_err());
    assert!(air.trace(&[]).is_err());
}

#[test]
fn poseidon2_of_every_field() {
    check_poseidon2::<KoalaBear, 16>(2, 164, 148);
    check_poseidon2::<KoalaBear, 24>(1, 24 + 8 * 24 + 23, 8 * 24 + 23);
    check_poseidon2::<BabyBear, 16>(1, 298, 282);
    check_poseidon2::<Goldilocks, 8>(3, 180, 172);
}

#[test]
fn keccak_in_a_small_and_a_large_field() {
    fn check<F: SmallField>() {
        let program = Program::<F>::new(&KeccakAir).expect("a program");
        assert_eq!(program.shape().width, 2633);
        assert_eq!((program.constraints(), program.degree()), (3182, 3));
        let input: [u64; 25] =
            core::array::from_fn(|i| 0x0123_4567_89ab_cdef_u64.rotate_left(i as u32));
        let trace: Columns<F> = KeccakAir.trace(&[input, [7; 25]]).expect("a trace");
        assert_eq!(trace.height(), 64);
        program
            .check_trace(&trace, None, &[])
            .expect("it satisfies");

        let mut output = input;
        crate::hash::keccak::keccak_f(&mut output);
        let last = trace.row(23);
        for (i, word) in output.iter().enumerate() {
            // The state after chi, and word 0 after iota.
            let start = if i == 0 { 2629 } else { 2465 + 4 * i };
            let limbs = last[start..start + 4].iter().rev();
            assert_eq!(limbs.fold(0, |sum, limb| sum << 16 | limb.to_u64()), *word);
        }
        for column in (0..2633).step_by(41) {
            let mut wrong = trace.clone();
            wrong.values_mut()[column * 64 + 7 * column % 64] += F::ONE;
            assert!(
                program.check_trace(&wrong, None, &[]).is_err(),
                "column {column}"
            );
        }
    }
    check::<KoalaBear>();
    check::<Goldilocks>();
}
