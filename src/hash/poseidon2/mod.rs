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
    /// Whether the power map takes so long that several states should go through the partial rounds at
    /// once.
    const SLOW_SBOX: bool;
    /// The degree of the power map: 3 or 7.
    const DEGREE: u32;

    /// The permutation with the standard round constants.
    fn standard() -> &'static Poseidon2<Self, WIDTH>;

    /// The power map after the addition of a constant: `(x + c)^3` or `(x + c)^7`.
    fn sbox<V: Vector<Element = Self>>(x: V, constant: Self) -> V;

    /// [`Poseidon2Field::sbox`] of four elements at once.
    fn sboxes<V: Vector<Element = Self>>(x: [V; 4], constants: [Self; 4]) -> [V; 4];

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

    /// Permutes one state in each lane of each of `N` groups, `N` being 1 or 4.
    #[inline(always)]
    pub(super) fn permute_lanes<V: Vector<Element = F>, const N: usize>(
        &self,
        groups: &mut [[V; WIDTH]; N],
    ) {
        for state in groups.iter_mut() {
            mix(state);
            for constants in &self.initial {
                full_round(state, constants);
            }
        }
        if let [state] = groups.as_mut_slice() {
            for &constant in &self.partial {
                let head = F::sbox(state[0], constant);
                partial_round(state, head);
            }
        } else {
            for &constant in &self.partial {
                let heads = heads(groups, constant);
                for (state, head) in groups.iter_mut().zip(heads) {
                    partial_round(state, head);
                }
            }
        }
        for state in groups {
            for constants in &self.terminal {
                full_round(state, constants);
            }
        }
    }
}

/// The first elements of groups, a multiple of 4, after a partial round's power map.
#[inline(always)]
fn heads<F, V, const WIDTH: usize, const N: usize>(groups: &[[V; WIDTH]; N], constant: F) -> [V; N]
where
    F: Poseidon2Field<WIDTH>,
    V: Vector<Element = F>,
{
    let mut heads = [V::zeroed(); N];
    for (head, state) in heads.iter_mut().zip(groups) {
        *head = state[0];
    }
    for four in heads.as_chunks_mut::<4>().0 {
        *four = F::sboxes(*four, [constant; 4]);
    }
    heads
}

/// The matrix of the partial rounds; `head` is the first element after the power map.
#[inline(always)]
fn partial_round<F, V, const WIDTH: usize>(state: &mut [V; WIDTH], head: V)
where
    F: Poseidon2Field<WIDTH>,
    V: Vector<Element = F>,
{
    let tail = sum_of_tail(state);
    F::diagonal(state, tail + head);
    state[0] = tail - head;
}

/// Constants, power map and matrix, on the whole state.
#[inline(always)]
fn full_round<F: Poseidon2Field<WIDTH>, V: Vector<Element = F>, const WIDTH: usize>(
    state: &mut [V; WIDTH],
    constants: &[F; WIDTH],
) {
    let fours = state.as_chunks_mut::<4>().0;
    let constants = constants.as_chunks::<4>().0;
    // By index: a call of an iterator that the compiler leaves in would push the state out of registers.
    for i in 0..WIDTH / 4 {
        fours[i] = F::sboxes(fours[i], constants[i]);
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
    let fours = state.as_chunks_mut::<4>().0;
    let mut sums = [fours[0][0]; 4];
    for (i, four) in fours.iter_mut().enumerate() {
        let [a, b, c, d] = *four;
        let (left, right) = (a + b, c + d);
        let all = left + right;
        let (all_b, all_d) = (all + b, all + d);
        *four = [
            all_b + left,
            all_b + (c + c),
            all_d + right,
            all_d + (a + a),
        ];
        sums = if i == 0 {
            *four
        } else {
            sum_of_fours(sums, *four)
        };
    }
    for four in fours {
        *four = sum_of_fours(*four, sums);
    }
}

#[inline(always)]
fn sum_of_fours<V: Copy + core::ops::Add<Output = V>>(a: [V; 4], b: [V; 4]) -> [V; 4] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
}

/// The sum of all elements but the first.
#[inline(always)]
fn sum_of_tail<V: Vector, const WIDTH: usize>(state: &[V; WIDTH]) -> V {
    let fours = state.as_chunks::<4>().0;
    let mut sums = fours[1];
    for four in &fours[2..] {
        sums = sum_of_fours(sums, *four);
    }
    let [_, b, c, d] = fours[0];
    ((sums[0] + sums[1]) + (sums[2] + b)) + ((sums[3] + c) + d)
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
            let mut lanes = [[V::zeroed(); WIDTH]];
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
