//! Programs of constraints from outside: as bytes that may be anything, and as AIRs of a caller's own.

use zkiln::field::Field;
use zkiln::field::small::{ExtensionField, KoalaBear, KoalaBear4, SmallField};
use zkiln::poly::Columns;
use zkiln::stark::air::{
    Air, Builder, Fibonacci, Instruction, Operand, PointRow, Program, Selectors, Shape,
};
use zkiln::stark::quotient::quotient;
use zkiln::{Error, Fault};

type F = KoalaBear;
type E = KoalaBear4;

/// A counter that starts at a public value and steps by what a preprocessed and a periodic column say.
struct Counter;

impl Air<F> for Counter {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 1,
            next_row: true,
            preprocessed_width: 1,
            preprocessed_next_row: true,
            periodic: vec![[1, 5].map(F::from).to_vec()],
            public_values: 1,
            least_degree: 0,
        }
    }

    fn eval<'a>(&self, b: &Builder<'a, F>) {
        let step = b.periodic(0) * (b.preprocessed(0) + 3 * b.preprocessed_next(0));
        b.when(b.is_first_row()).assert_eq(b.main(0), b.public(0));
        b.when(b.is_transition())
            .assert_eq(b.main(0) + step, b.next(0));
        b.assert_zero(-b.is_last_row() * (b.preprocessed(0) - 7));
    }
}

fn counter() -> Program<F> {
    Program::new(&Counter).expect("a program")
}

#[test]
fn an_air_of_the_callers_own() {
    let program = counter();
    let fixed: Vec<F> = (0..8).map(F::from).collect();
    let mut values = vec![F::from(42)];
    for row in 0..7 {
        let period = F::from([1, 5][row % 2]);
        values.push(values[row] + period * (fixed[row] + fixed[row + 1] * F::from(3)));
    }
    let trace = Columns::new(values, 8).expect("a column");
    let fixed = Columns::new(fixed, 8).expect("a column");
    program
        .check_trace(&trace, Some(&fixed), &[F::from(42)])
        .expect("it satisfies");
    let error = program
        .check_trace(&trace, Some(&fixed), &[F::from(41)])
        .expect_err("another start");
    assert_eq!(
        error.to_string(),
        "the witness does not satisfy the circuit: constraint 0 does not hold in row 0"
    );
}

#[test]
fn the_digest_is_of_the_bytes() {
    let program = counter();
    let bytes = program.to_bytes();
    let again = Program::<F>::from_bytes(&bytes, "memory").expect("its own bytes");
    assert_eq!(again, program);
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(again.digest(), program.digest());
    assert_ne!(
        program.digest(),
        Program::<F>::new(&Fibonacci).expect("one").digest()
    );
}

/// Does with a program whatever can be done with one.
fn exercise(program: &Program<F>) {
    let shape = program.shape();
    assert!(program.degree() <= 1024 && program.slots() <= program.instructions().len());
    assert_eq!(
        Program::from_bytes(&program.to_bytes(), "again").expect("checked"),
        *program
    );
    if shape.width + shape.preprocessed_width + shape.public_values > 1000 {
        return;
    }
    let next = |there: bool, width: usize| vec![E::ONE; if there { width } else { 0 }];
    let row = PointRow {
        main: &vec![E::ONE; shape.width],
        main_next: &next(shape.next_row, shape.width),
        preprocessed: &vec![E::ONE; shape.preprocessed_width],
        preprocessed_next: &next(shape.preprocessed_next_row, shape.preprocessed_width),
        periodic: &vec![E::ONE; shape.periodic.len()],
        public_values: &vec![F::ONE; shape.public_values],
        selectors: Selectors::at(E::from(F::from(3)), 2).expect("outside of the domain"),
    };
    program
        .fold_at(&row, E::ONE)
        .expect("the shape's own lengths");
    let _ = program.periodic_at(2, E::ONE);
    let log_chunks = program.log_quotient_chunks(2);
    let columns = |width: usize| {
        (width > 0).then(|| {
            Columns::new(vec![F::ONE; width << (2 + log_chunks)], 4 << log_chunks).expect("columns")
        })
    };
    let main = columns(shape.width).expect("no program is without columns");
    let fixed = columns(shape.preprocessed_width);
    let _ = quotient(program, 2, &main, fixed.as_ref(), row.public_values, E::ONE);
    let _ = program.check_trace(&main, fixed.as_ref(), row.public_values);
}

#[test]
fn no_change_of_a_byte_does_harm() {
    for program in [counter(), Program::new(&Fibonacci).expect("a program")] {
        let bytes = program.to_bytes();
        let (mut refused, mut accepted) = (0, 0);
        for place in 0..bytes.len() {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut changed = bytes.clone();
                changed[place] ^= mask;
                match Program::<F>::from_bytes(&changed, "changed") {
                    Ok(program) => {
                        assert_eq!(program.to_bytes(), changed, "one program has one encoding");
                        exercise(&program);
                        accepted += 1;
                    }
                    Err(error) => {
                        assert!(error.fault().is_some(), "{error}");
                        refused += 1;
                    }
                }
            }
        }
        // Constants, columns and operations can be others; nothing else can.
        assert!(
            accepted > 50 && refused > 4 * accepted,
            "{accepted} and {refused}"
        );
        for len in 0..bytes.len() {
            let error = Program::<F>::from_bytes(&bytes[..len], "short").expect_err("cut off");
            assert_eq!(error.fault(), Some(Fault::Truncated));
        }
        let longer = [&bytes[..], &[0]].concat();
        let error = Program::<F>::from_bytes(&longer, "long").expect_err("a byte more");
        assert_eq!(
            error.to_string(),
            "long: end: 1 bytes after the last instruction"
        );
        assert_eq!(error.fault(), Some(Fault::TrailingBytes));
    }
}

/// The bytes of Fibonacci's program with one word of 32 bits replaced, counted from the counts.
fn with_count(index: usize, value: u32) -> Result<Program<F>, Error> {
    let mut bytes = Program::<F>::new(&Fibonacci).expect("a program").to_bytes();
    bytes[16 + 4 * index..][..4].copy_from_slice(&value.to_le_bytes());
    Program::from_bytes(&bytes, "counts")
}

#[test]
fn counts_are_checked_before_memory_is_taken() {
    let fault = |index, value| with_count(index, value).expect_err("refused").fault();
    assert_eq!(
        fault(0, 4),
        Some(Fault::Count),
        "a flag that does not exist"
    );
    assert_eq!(fault(1, u32::MAX), Some(Fault::Count), "columns");
    assert_eq!(fault(1, 0), Some(Fault::Count), "no column");
    assert_eq!(fault(4, 1025), Some(Fault::Count), "a degree");
    assert_eq!(
        fault(5, 1 << 20),
        Some(Fault::Truncated),
        "periods that are not there"
    );
    assert_eq!(
        fault(6, 1 << 26),
        Some(Fault::Truncated),
        "constants that are not there"
    );
    assert_eq!(
        fault(7, 1 << 26),
        Some(Fault::Count),
        "more slots than instructions"
    );
    assert_eq!(
        fault(8, 1 << 26),
        Some(Fault::Truncated),
        "instructions that are not there"
    );
    assert_eq!(
        fault(8, u32::MAX),
        Some(Fault::Count),
        "instructions beyond the most"
    );
    assert_eq!(
        fault(3, 2),
        Some(Fault::Index),
        "a public value that is read and not there"
    );
}

#[test]
fn code_is_checked_step_by_step() {
    let program = counter();
    let bytes = program.to_bytes();
    let start = bytes.len() - 12 * program.instructions().len();
    let with_word = |word: usize, value: u32| {
        let mut changed = bytes.clone();
        changed[start + 4 * word..][..4].copy_from_slice(&value.to_le_bytes());
        Program::<F>::from_bytes(&changed, "code")
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        with_word(1, 0),
        "code: instruction 0: slot 0 is read before it is written"
    );
    assert_eq!(
        with_word(0, 9 << 28),
        "code: instruction 0: there is no operation 9"
    );
    assert_eq!(
        with_word(1, 8 << 28 | 3),
        "code: instruction 0: there is no operand of kind 8 and index 3"
    );
    assert_eq!(
        with_word(1, 1 << 28 | 1),
        "code: instruction 0: column 1 of 1 is read"
    );
    let last = 3 * (program.instructions().len() - 1);
    assert_eq!(
        with_word(last + 2, 5),
        format!(
            "code: instruction {}: 5 stands where an assertion has no second operand and must be zero",
            program.instructions().len() - 1
        )
    );
    assert!(matches!(
        program.instructions().last(),
        Some(Instruction::Assert(Operand::Slot(_)))
    ));
}

#[test]
fn elements_are_canonical() {
    let bytes = counter().to_bytes();
    // The constants follow the counts.
    let mut changed = bytes.clone();
    changed[52..56].copy_from_slice(&(F::MODULUS as u32).to_le_bytes());
    let error = Program::<F>::from_bytes(&changed, "elements").expect_err("the modulus");
    assert_eq!(error.fault(), Some(Fault::NotCanonical));
    assert_eq!(
        error.to_string(),
        "elements: constants: value 0 is not below the modulus"
    );
}

#[test]
fn degrees_do_not_overflow() {
    struct Deep(usize, bool);
    impl Air<F> for Deep {
        fn shape(&self) -> Shape<F> {
            Shape {
                width: 1,
                periodic: vec![vec![F::ONE; 2]],
                ..Shape::default()
            }
        }
        fn eval<'a>(&self, b: &Builder<'a, F>) {
            let start = if self.1 { b.is_transition() } else { b.main(0) };
            b.assert_zero((0..self.0).fold(start, |x, _| x.square()));
        }
    }
    assert!(Program::new(&Deep(10, false)).is_ok());
    assert!(Program::new(&Deep(11, false)).is_err());
    // The selector of transitions counts for nothing, but its powers are polynomials all the same.
    let program = Program::new(&Deep(100, true)).expect("of degree zero by the rule");
    assert_eq!(program.degree(), 0);
    assert_eq!(program.log_quotient_chunks(5), 32);
    let alpha = E::from_coefficients(&[F::ONE; 4]).expect("four");
    let main = Columns::new(vec![F::ONE; 32], 32).expect("a column");
    assert!(quotient(&program, 5, &main, None, &[], alpha).is_err());
}
