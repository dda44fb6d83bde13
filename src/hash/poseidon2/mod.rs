//! Poseidon2 (Grassi, Khovratovich, Schofnegger, 2023/323): a permutation of vectors of elements.
//!
//! ```
//! use zkiln::field::small::{KoalaBear, SmallField};
//! use zkiln::hash::{Poseidon2, Poseidon2Field};
//!
//! let permutation: &Poseidon2<KoalaBear, 16> = KoalaBear::standard();
//! let mut state = [KoalaBear::from(0); 16];
//! permutation.permute(&mut state);
//! assert_ne!(state, [KoalaBear::from(0); 16]);
//! ```

mod constants;
mod fields;

use crate::field::small::{Engine, Kernel, Lanes, SmallField, Vector};
use crate::{Error, Result};

/// A field with a Poseidon2 permutation of `WIDTH` elements: its power map and its matrices, which are
/// those of Plonky3 0.8.
pub trait Poseidon2Field<const WIDTH: usize>: SmallField {
    /// The degree of the power map: 3 or 7.
    const DEGREE: u32;

    /// The permutation with the standard round constants.
    fn standard() -> &'static Poseidon2<Self, WIDTH>;

    /// The power map after the addition of a constant: `(x + c)^3` or `(x + c)^7`.
    fn sbox<V: Vector<Element = Self>>(x: V, constant: Self) -> V;

    /// Multiplies elements `1..` by the diagonal of the partial rounds' matrix and adds `sum`, the sum
    /// of the state. Element 0, whose entry is -2, is the caller's.
    fn diagonal<V: Vector<Element = Self>>(state: &mut [V; WIDTH], sum: V);
}

/// A Poseidon2 permutation of `WIDTH` elements, given by its round constants. `WIDTH` is a multiple
/// of 4.
#[derive(Clone, Debug)]
pub struct Poseidon2<F, const WIDTH: usize> {
    initial: Vec<[F; WIDTH]>,
    partial: Vec<F>,
    terminal: Vec<[F; WIDTH]>,
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize> Poseidon2<F, WIDTH> {
    /// The permutation with these constants: those of the full rounds before the partial ones, of the
    /// partial rounds and of the full rounds after them.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are not as many full rounds before as after, or fewer than 3 (the
    /// least against statistical attacks, section 7.1 of the paper).
    pub fn new(
        initial: Vec<[F; WIDTH]>,
        partial: Vec<F>,
        terminal: Vec<[F; WIDTH]>,
    ) -> Result<Self> {
        const { assert!(WIDTH.is_multiple_of(4) && WIDTH >= 8) };
        if initial.len() != terminal.len() || initial.len() < 3 {
            return Err(Error::Argument(format!(
                "Poseidon2 takes as many full rounds before the partial ones as after them, 3 at \
                 least, not {} and {}",
                initial.len(),
                terminal.len()
            )));
        }
        Ok(Self {
            initial,
            partial,
            terminal,
        })
    }

    /// The constants of the full rounds before the partial ones.
    pub fn initial(&self) -> &[[F; WIDTH]] {
        &self.initial
    }

    /// The constants of the partial rounds.
    pub fn partial(&self) -> &[F] {
        &self.partial
    }

    /// The constants of the full rounds after the partial ones.
    pub fn terminal(&self) -> &[[F; WIDTH]] {
        &self.terminal
    }

    /// Permutes one state.
    pub fn permute(&self, state: &mut [F; WIDTH]) {
        let mut lanes = [state.map(|x| Lanes([x]))];
        self.permute_lanes(&mut lanes);
        *state = lanes[0].map(|x| x.0[0]);
    }

    /// Permutes many states, vectorised.
    pub fn permute_all(&self, states: &mut [[F; WIDTH]]) {
        Engine::best().run(PermuteAll {
            permutation: self,
            states,
        });
    }

    /// Permutes one state in each lane of each of `N` groups. What a round begins with waits for all
    /// of the round before it; with two groups, one goes on while the other waits.
    #[inline(always)]
    pub(super) fn permute_lanes<V: Vector<Element = F>, const N: usize>(
        &self,
        groups: &mut [[V; WIDTH]; N],
    ) {
        groups.iter_mut().for_each(mix);
        for constants in &self.initial {
            for state in groups.iter_mut() {
                full_round(state, constants);
            }
        }
        for &constant in &self.partial {
            for state in groups.iter_mut() {
                let head = F::sbox(state[0], constant);
                let tail = sum(&state[1..]);
                F::diagonal(state, tail + head);
                state[0] = tail - head;
            }
        }
        for constants in &self.terminal {
            for state in groups.iter_mut() {
                full_round(state, constants);
            }
        }
    }
}

/// Constants, power map and matrix, on the whole state.
#[inline(always)]
fn full_round<F: Poseidon2Field<WIDTH>, V: Vector<Element = F>, const WIDTH: usize>(
    state: &mut [V; WIDTH],
    constants: &[F; WIDTH],
) {
    for (x, &constant) in state.iter_mut().zip(constants) {
        *x = F::sbox(*x, constant);
    }
    mix(state);
}

/// The matrix of the full rounds: `circ(2, 3, 1, 1)` on each four, then every four gets the sum of all
/// fours added.
#[inline(always)]
pub(crate) fn mix<V, const WIDTH: usize>(state: &mut [V; WIDTH])
where
    V: Copy + core::ops::Add<Output = V>,
{
    for four in state.chunks_exact_mut(4) {
        let [a, b, c, d] = [four[0], four[1], four[2], four[3]];
        let (left, right) = (a + b, c + d);
        let all = left + right;
        let (all_b, all_d) = (all + b, all + d);
        four[0] = all_b + left;
        four[1] = all_b + (c + c);
        four[2] = all_d + right;
        four[3] = all_d + (a + a);
    }
    let sums: [V; 4] = core::array::from_fn(|k| {
        let mut sum = state[k];
        for j in (k + 4..WIDTH).step_by(4) {
            sum = sum + state[j];
        }
        sum
    });
    for (i, x) in state.iter_mut().enumerate() {
        *x = *x + sums[i % 4];
    }
}

/// The sum, as a tree: the shorter the chains, the more of them run at once.
#[inline(always)]
fn sum<V: Vector>(terms: &[V]) -> V {
    let mut sums = [terms[0]; 4];
    for (i, &term) in terms.iter().enumerate().skip(1) {
        sums[i % 4] = if i < 4 { term } else { sums[i % 4] + term };
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

struct PermuteAll<'a, F, const WIDTH: usize> {
    permutation: &'a Poseidon2<F, WIDTH>,
    states: &'a mut [[F; WIDTH]],
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize> Kernel<F> for PermuteAll<'_, F, WIDTH> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        for states in self.states.chunks_mut(V::LANES) {
            let mut lanes = [[V::splat(F::ZERO); WIDTH]];
            for (lane, state) in states.iter().enumerate() {
                for (x, &value) in lanes[0].iter_mut().zip(state) {
                    x.elements_mut()[lane] = value;
                }
            }
            self.permutation.permute_lanes(&mut lanes);
            for (lane, state) in states.iter_mut().enumerate() {
                for (x, value) in lanes[0].iter().zip(state) {
                    *value = x.elements()[lane];
                }
            }
        }
    }
}
