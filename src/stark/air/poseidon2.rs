//! Permutations of Poseidon2, one or several a row.

use super::rows::filled;
use super::{Air, Builder, Expr, Shape};
use crate::field::small::{Engine, Kernel, Lanes, Vector};
use crate::hash::poseidon2::{Poseidon2, Poseidon2Field, mix};
use crate::poly::Columns;
use crate::{Error, Result};

/// Rows that are made at a time.
const PART: usize = 64;

/// Permutations of Poseidon2, each in columns of its own: the inputs, the state after each full round,
/// what the power map gives in each partial one, and, for `x^7`, the cube in every power map. No
/// constraint is of a degree above 3.
///
/// The columns and constraints are those of `VectorizedPoseidon2Air` of Plonky3 0.8.
#[derive(Clone, Debug)]
pub struct Poseidon2Air<F, const WIDTH: usize> {
    permutation: Poseidon2<F, WIDTH>,
    per_row: usize,
    /// The diagonal of the partial rounds' matrix, but for element 0.
    diagonal: [F; WIDTH],
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize> Poseidon2Air<F, WIDTH> {
    /// So many of these permutations a row.
    ///
    /// # Errors
    /// [`Error::Argument`] for none.
    pub fn new(permutation: Poseidon2<F, WIDTH>, per_row: usize) -> Result<Self> {
        if per_row == 0 {
            return Err(Error::Argument("rows of no permutation".into()));
        }
        let mut diagonal = [Lanes([F::ONE]); WIDTH];
        F::diagonal(&mut diagonal, Lanes([F::ZERO]));
        Ok(Self {
            permutation,
            per_row,
            diagonal: diagonal.map(|entry| entry.0[0]),
        })
    }

    /// So many of the standard permutations a row.
    ///
    /// # Errors
    /// [`Error::Argument`] for none.
    pub fn standard(per_row: usize) -> Result<Self> {
        Self::new(F::standard().clone(), per_row)
    }

    /// Whether the cube of every power map has a column.
    const REGISTER: bool = F::DEGREE == 7;

    /// The number of columns of a permutation.
    pub fn columns_per_permutation(&self) -> usize {
        let each = 1 + usize::from(Self::REGISTER);
        let full = self.permutation.initial().len() + self.permutation.terminal().len();
        WIDTH + each * (WIDTH * full + self.permutation.partial().len())
    }

    /// The trace of these inputs: row by row as many as it has permutations. Parallel and vectorised.
    ///
    /// # Errors
    /// [`Error::Argument`] if they do not fill a power of two of rows.
    pub fn trace(&self, inputs: &[[F; WIDTH]]) -> Result<Columns<F>> {
        let height = inputs.len() / self.per_row;
        if !inputs.len().is_multiple_of(self.per_row) || !height.is_power_of_two() {
            return Err(Error::Argument(format!(
                "{} permutations, {} a row, do not fill a power of two of rows",
                inputs.len(),
                self.per_row
            )));
        }
        let width = self.per_row * self.columns_per_permutation();
        filled(width, height, PART, |first, columns| {
            Engine::best().run(Fill {
                air: self,
                inputs: &inputs[first * self.per_row..],
                columns,
            });
        })
    }
}

/// Rows of the trace, from the inputs of the first on.
struct Fill<'a, F, const WIDTH: usize> {
    air: &'a Poseidon2Air<F, WIDTH>,
    inputs: &'a [[F; WIDTH]],
    columns: Vec<&'a mut [F]>,
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize> Kernel<F> for Fill<'_, F, WIDTH> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector<Element = F>>(mut self) {
        let per_row = self.air.per_row;
        let rows = self.columns[0].len();
        let of_one = self.air.columns_per_permutation();
        for (i, columns) in self.columns.chunks_exact_mut(of_one).enumerate() {
            for start in (0..rows).step_by(V::LANES) {
                let end = rows.min(start + V::LANES);
                let mut state = [V::splat(F::ZERO); WIDTH];
                for (lane, row) in (start..end).enumerate() {
                    for (x, &input) in state.iter_mut().zip(&self.inputs[row * per_row + i]) {
                        x.elements_mut()[lane] = input;
                    }
                }
                let mut columns = columns.iter_mut();
                let put = |values: V| {
                    let column = columns.next().expect("a column for each value");
                    column[start..end].copy_from_slice(&values.elements()[..end - start]);
                };
                permute(&self.air.permutation, &mut state, put);
            }
        }
    }
}

/// Permutes, and tells all values that have a column.
#[inline(always)]
fn permute<F: Poseidon2Field<WIDTH>, V: Vector<Element = F>, const WIDTH: usize>(
    permutation: &Poseidon2<F, WIDTH>,
    state: &mut [V; WIDTH],
    mut put: impl FnMut(V),
) {
    for &x in state.iter() {
        put(x);
    }
    mix(state);
    for constants in permutation.initial() {
        full_round(state, constants, &mut put);
    }
    for &constant in permutation.partial() {
        let head = power(state[0], constant, &mut put);
        put(head);
        state[0] = head;
        let mut tail = state[1];
        for &x in &state[2..] {
            tail = tail + x;
        }
        F::diagonal(state, tail + head);
        state[0] = tail - head;
    }
    for constants in permutation.terminal() {
        full_round(state, constants, &mut put);
    }
}

#[inline(always)]
fn full_round<F: Poseidon2Field<WIDTH>, V: Vector<Element = F>, const WIDTH: usize>(
    state: &mut [V; WIDTH],
    constants: &[F; WIDTH],
    mut put: impl FnMut(V),
) {
    for (x, &constant) in state.iter_mut().zip(constants) {
        *x = power(*x, constant, &mut put);
    }
    mix(state);
    for &x in state.iter() {
        put(x);
    }
}

/// The power map, which tells the cube if that has a column.
#[inline(always)]
fn power<F: Poseidon2Field<WIDTH>, V: Vector<Element = F>, const WIDTH: usize>(
    x: V,
    constant: F,
    mut put: impl FnMut(V),
) -> V {
    let cube = x.sbox::<3>(constant);
    if F::DEGREE == 3 {
        return cube;
    }
    put(cube);
    cube * cube * (x + V::splat(constant))
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize> Air<F> for Poseidon2Air<F, WIDTH> {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: self.per_row * self.columns_per_permutation(),
            least_degree: 3,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let mut columns = (0..).map(|column| builder.main(column));
        let mut next = || columns.next().expect("columns without end");
        for _ in 0..self.per_row {
            let mut state: [Expr<'a, F>; WIDTH] = core::array::from_fn(|_| next());
            mix(&mut state);
            for constants in self.permutation.initial() {
                self.full_round(builder, &mut state, constants, &mut next);
            }
            for &constant in self.permutation.partial() {
                let head = self.power(builder, state[0] + constant, &mut next);
                state[0] = next();
                builder.assert_eq(head, state[0]);
                self.partial_layer(&mut state);
            }
            for constants in self.permutation.terminal() {
                self.full_round(builder, &mut state, constants, &mut next);
            }
        }
    }
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize> Poseidon2Air<F, WIDTH> {
    fn full_round<'a>(
        &self,
        builder: &Builder<'a, F>,
        state: &mut [Expr<'a, F>; WIDTH],
        constants: &[F; WIDTH],
        next: &mut impl FnMut() -> Expr<'a, F>,
    ) {
        for (x, &constant) in state.iter_mut().zip(constants) {
            *x = self.power(builder, *x + constant, next);
        }
        mix(state);
        for x in state {
            let after = next();
            builder.assert_eq(*x, after);
            *x = after;
        }
    }

    fn power<'a>(
        &self,
        builder: &Builder<'a, F>,
        x: Expr<'a, F>,
        next: &mut impl FnMut() -> Expr<'a, F>,
    ) -> Expr<'a, F> {
        if !Self::REGISTER {
            return x.cube();
        }
        let cube = next();
        builder.assert_eq(cube, x.cube());
        cube.square() * x
    }

    /// Every element is multiplied by its entry of the diagonal, and the sum of all is added.
    fn partial_layer<'a>(&self, state: &mut [Expr<'a, F>; WIDTH]) {
        let sum: Expr<'a, F> = state.iter().copied().sum();
        state[0] = sum - state[0].double();
        for (x, &entry) in state.iter_mut().zip(&self.diagonal).skip(1) {
            // Small multiples are sums, and what is subtracted has a positive entry: both are cheaper.
            let (multiple, negative) = [(entry, false), (-entry, true)]
                .into_iter()
                .min_by_key(|(entry, _)| self.cost(*entry))
                .expect("two of them");
            let multiple = match multiple.to_u64() {
                1 => *x,
                2 => x.double(),
                3 => x.double() + *x,
                4 => x.double().double(),
                _ => *x * multiple,
            };
            *x = if negative {
                sum - multiple
            } else {
                sum + multiple
            };
        }
    }

    /// Small multiples before negative powers of two, before others.
    fn cost(&self, entry: F) -> u64 {
        let is_power = (1..=F::TWO_ADICITY).any(|k| F::ONE.div_2exp(k) == entry);
        match entry.to_u64() {
            small @ 1..=4 => small,
            _ if is_power => 5,
            _ => 6,
        }
    }
}
