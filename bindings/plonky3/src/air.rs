//! Constraints of both libraries: Plonky3's AIRs as programs, and programs as AIRs.

use std::borrow::Cow;
use std::collections::HashMap;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_air::{
    Air, AirBuilder, AirLayout, BaseAir, SymbolicAirBuilder, WindowAccess,
    get_all_symbolic_constraints,
};
use p3_matrix::dense::RowMajorMatrix;
use zkiln::poly::Columns;
use zkiln::stark::air::{self, Builder, Expr, Operand, Program, Shape};
use zkiln::{Error, Result};

use crate::{Plonky3, Plonky3Field};

/// The program of an AIR of Plonky3: the same constraints in the same order, of the same degrees.
///
/// The preprocessed columns are not part of it: `Columns::from_p3(air.preprocessed_trace())` has them.
///
/// # Errors
/// [`Error::Argument`] for what `p3-uni-stark` does not prove either (constraints over the extension,
/// public values bound by other means than constraints), for an AIR that reads a next row although it
/// says that it does not, and for what is beyond a [`Program`]'s limits.
///
/// # Panics
/// If the AIR does, for it is run once.
///
/// ```
/// use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
/// use zkiln::field::small::KoalaBear;
///
/// /// The second column is the square of the first.
/// struct Square;
/// impl<F> BaseAir<F> for Square {
///     fn width(&self) -> usize {
///         2
///     }
///     fn main_next_row_columns(&self) -> Vec<usize> {
///         vec![]
///     }
/// }
/// impl<AB: AirBuilder> Air<AB> for Square {
///     fn eval(&self, builder: &mut AB) {
///         let row = builder.main();
///         let (a, b) = (row.current(0).unwrap(), row.current(1).unwrap());
///         builder.assert_eq(a * a, b);
///     }
/// }
///
/// let program = zkiln_plonky3::program::<KoalaBear, _>(&Square)?;
/// assert_eq!((program.constraints(), program.degree()), (1, 2));
/// # Ok::<(), zkiln::Error>(())
/// ```
pub fn program<F, A>(air: &A) -> Result<Program<F>>
where
    F: Plonky3Field,
    A: Air<SymbolicAirBuilder<F::P3Field>>,
{
    let fail = |reason: &str| Err(Error::Argument(format!("an AIR of Plonky3: {reason}")));
    if !air.public_boundary_io().is_empty() {
        return fail("it binds public values by other means than constraints");
    }
    let (constraints, extension) =
        get_all_symbolic_constraints::<F::P3Field, F::P3Field, A>(air, AirLayout::from_air(air));
    if !extension.is_empty() {
        return fail("it has constraints over the extension");
    }
    let shape = Shape {
        width: air.width(),
        next_row: !air.main_next_row_columns().is_empty(),
        preprocessed_width: air.preprocessed_width(),
        preprocessed_next_row: !air.preprocessed_next_row_columns().is_empty(),
        periodic: Plonky3::from_p3(air.periodic_columns().into_owned()),
        public_values: air.num_public_values(),
        least_degree: air.max_constraint_degree().unwrap_or(0),
    };
    Program::new(&Captured::<F> { shape, constraints })
}

/// What an AIR of Plonky3 states.
struct Captured<F: Plonky3Field> {
    shape: Shape<F>,
    constraints: Vec<SymbolicExpression<F::P3Field>>,
}

impl<F: Plonky3Field> air::Air<F> for Captured<F> {
    fn shape(&self) -> Shape<F> {
        self.shape.clone()
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let mut known = HashMap::new();
        for constraint in &self.constraints {
            let expression = translate(builder, constraint, &mut known);
            builder.assert_zero(expression);
        }
    }
}

type Known<'a, F> = HashMap<*const SymbolicExpression<<F as Plonky3Field>::P3Field>, Expr<'a, F>>;

/// An expression with all that is below it, each shared part once. A stack of its own, for sums of
/// thousands of terms are as deep.
fn translate<'a, F: Plonky3Field>(
    builder: &Builder<'a, F>,
    root: &SymbolicExpression<F::P3Field>,
    known: &mut Known<'a, F>,
) -> Expr<'a, F> {
    let mut open = vec![root];
    while let Some(&node) = open.last() {
        let missing = open.len();
        let operand = |child: &SymbolicExpression<F::P3Field>| {
            known.get(&core::ptr::from_ref(child)).copied()
        };
        let expression = match node {
            SymbolicExpr::Leaf(value) => Some(leaf(builder, value)),
            SymbolicExpr::Neg { x, .. } => operand(x).map(|x| -x),
            SymbolicExpr::Add { x, y, .. } => operand(x).zip(operand(y)).map(|(x, y)| x + y),
            SymbolicExpr::Sub { x, y, .. } => operand(x).zip(operand(y)).map(|(x, y)| x - y),
            SymbolicExpr::Mul { x, y, .. } => operand(x).zip(operand(y)).map(|(x, y)| x * y),
        };
        match (expression, node) {
            (Some(expression), _) => {
                known.insert(core::ptr::from_ref(node), expression);
                open.pop();
            }
            (None, SymbolicExpr::Leaf(_)) => unreachable!("a leaf has no operands"),
            (None, SymbolicExpr::Neg { x, .. }) => open.push(x),
            (
                None,
                SymbolicExpr::Add { x, y, .. }
                | SymbolicExpr::Sub { x, y, .. }
                | SymbolicExpr::Mul { x, y, .. },
            ) => {
                let absent = |child: &&SymbolicExpression<F::P3Field>| {
                    !known.contains_key(&core::ptr::from_ref(*child))
                };
                open.extend([&**x, &**y].into_iter().filter(absent));
            }
        }
        debug_assert!(open.len() != missing, "every turn opens or closes a node");
    }
    known[&core::ptr::from_ref(root)]
}

fn leaf<'a, F: Plonky3Field>(builder: &Builder<'a, F>, leaf: &BaseLeaf<F::P3Field>) -> Expr<'a, F> {
    match leaf {
        BaseLeaf::Variable(variable) => match variable.entry {
            BaseEntry::Main { offset: 0 } => builder.main(variable.index),
            BaseEntry::Main { .. } => builder.next(variable.index),
            BaseEntry::Preprocessed { offset: 0 } => builder.preprocessed(variable.index),
            BaseEntry::Preprocessed { .. } => builder.preprocessed_next(variable.index),
            BaseEntry::Periodic => builder.periodic(variable.index),
            BaseEntry::Public => builder.public(variable.index),
        },
        BaseLeaf::IsFirstRow => builder.is_first_row(),
        BaseLeaf::IsLastRow => builder.is_last_row(),
        BaseLeaf::IsTransition => builder.is_transition(),
        BaseLeaf::Constant(value) => builder.constant(F::from_p3(*value)),
    }
}

/// A [`Program`] as an AIR of Plonky3, whose prover and verifier so take constraints that were never
/// written in Rust.
///
/// ```
/// use zkiln::field::small::KoalaBear;
/// use zkiln::stark::air::{Fibonacci, Program};
/// use zkiln_plonky3::BytecodeAir;
///
/// let program = Program::<KoalaBear>::new(&Fibonacci)?;
/// let air = BytecodeAir::new(program.clone(), None)?;
/// // What it states is what it was made of.
/// let again: Program<KoalaBear> = zkiln_plonky3::program(&air)?;
/// assert_eq!((again.constraints(), again.degree()), (program.constraints(), program.degree()));
/// # Ok::<(), zkiln::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BytecodeAir<F: Plonky3Field> {
    program: Program<F>,
    preprocessed: Option<RowMajorMatrix<F::P3Field>>,
    periodic: Vec<Vec<F::P3Field>>,
}

impl<F: Plonky3Field> BytecodeAir<F> {
    /// The AIR of a program and its preprocessed columns.
    ///
    /// # Errors
    /// [`Error::Argument`] if the program has another number of preprocessed columns.
    pub fn new(program: Program<F>, preprocessed: Option<Columns<F>>) -> Result<Self> {
        let expected = program.shape().preprocessed_width;
        let width = preprocessed.as_ref().map_or(0, Columns::width);
        if width != expected {
            return Err(Error::Argument(format!(
                "{width} preprocessed columns for a program of {expected}"
            )));
        }
        Ok(Self {
            preprocessed: preprocessed.to_p3(),
            periodic: program.shape().periodic.clone().to_p3(),
            program,
        })
    }

    /// The program.
    pub fn program(&self) -> &Program<F> {
        &self.program
    }
}

impl<F: Plonky3Field> BaseAir<F::P3Field> for BytecodeAir<F> {
    fn width(&self) -> usize {
        self.program.shape().width
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F::P3Field>> {
        self.preprocessed.clone()
    }
    fn preprocessed_width(&self) -> usize {
        self.program.shape().preprocessed_width
    }
    fn num_periodic_columns(&self) -> usize {
        self.periodic.len()
    }
    fn periodic_columns(&self) -> Cow<'_, [Vec<F::P3Field>]> {
        Cow::Borrowed(&self.periodic)
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        let shape = self.program.shape();
        (0..shape.width).filter(|_| shape.next_row).collect()
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        let shape = self.program.shape();
        (0..shape.preprocessed_width)
            .filter(|_| shape.preprocessed_next_row)
            .collect()
    }
    fn num_constraints(&self) -> Option<usize> {
        Some(self.program.constraints())
    }
    fn max_constraint_degree(&self) -> Option<usize> {
        Some(self.program.shape().least_degree)
    }
    fn num_public_values(&self) -> usize {
        self.program.shape().public_values
    }
}

impl<F: Plonky3Field, AB: AirBuilder<F = F::P3Field>> Air<AB> for BytecodeAir<F> {
    fn eval(&self, builder: &mut AB) {
        let (main, preprocessed) = (builder.main(), builder.preprocessed().clone());
        let mut constraints = Vec::with_capacity(self.program.constraints());
        let read = |operand| -> AB::Expr {
            match operand {
                Operand::Main(i) => main.current_slice()[i as usize].into(),
                Operand::MainNext(i) => main.next_slice()[i as usize].into(),
                Operand::Preprocessed(i) => preprocessed.current_slice()[i as usize].into(),
                Operand::PreprocessedNext(i) => preprocessed.next_slice()[i as usize].into(),
                Operand::Periodic(i) => builder.periodic_values()[i as usize].into(),
                Operand::Public(i) => builder.public_values()[i as usize].into(),
                Operand::Constant(i) => {
                    AB::Expr::from(self.program.constants()[i as usize].to_p3())
                }
                Operand::FirstRow => builder.is_first_row(),
                Operand::LastRow => builder.is_last_row(),
                Operand::Transition => builder.is_transition(),
                Operand::Slot(_) => unreachable!("slots are the program's own"),
            }
        };
        self.program
            .run(read, |constraint| constraints.push(constraint));
        for constraint in constraints {
            builder.assert_zero(constraint);
        }
    }
}
