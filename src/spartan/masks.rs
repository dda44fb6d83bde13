//! The masks of a commitment and how they lie over the vector.
//!
//! A mask is a table over `ell` variables. Laid over the `mu` variables of the vector, mask 0 is a function of
//! the first `ell`, and mask `i >= 1` of the `ell` from `(i - 1) ell + mu mod ell` on: together the windows
//! cover all. Folding the vector's first `s` variables at `r` and taking the rest as coefficients makes of a
//! mask a polynomial in `z` with a closed form: the variables outside the window contribute factors
//! `1 + z^(2^b)`, those inside a sum.

use super::kernels;
use super::multilinear::{eq, eq_table, powers_at};
use super::parameters::ZkWhir;
use crate::field::{Field, Fr};
use crate::memory::Secret;

/// Where a mask lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Coefficient bits below the window.
    pub(super) below: usize,
    /// Coefficient bits in the window.
    pub(super) inside: usize,
    /// Coefficient bits above the window.
    pub(super) above: usize,
    /// Folded variables in the window, the last of them.
    pub(super) folded: usize,
}

impl Window {
    /// Of mask `index`.
    pub(super) fn new(config: &ZkWhir, index: usize) -> Self {
        let (mu, ell) = (config.mu(), config.ell());
        let folds = config.main.sumcheck.rounds;
        let start = match index {
            0 => 0,
            _ => (index - 1) * ell + mu % ell,
        };
        let below = mu - start - ell;
        let above = start.saturating_sub(folds);
        let inside = mu - folds - below - above;
        Self {
            below,
            inside,
            above,
            folded: ell - inside,
        }
    }

    /// `2^below`: how many neighbours of the vector have the same entry of the mask.
    pub(super) fn place(&self, index: usize) -> usize {
        index >> self.below & ((1 << (self.inside + self.folded)) - 1)
    }

    /// The factor of the coefficient bits outside the window, and `z^(2^below)`.
    fn outside(&self, z: Fr) -> (Fr, Fr) {
        let mut power = z;
        let mut factor = Fr::ONE;
        let mut base = z;
        for bit in 0..self.below + self.inside + self.above {
            if bit == self.below {
                base = power;
            }
            if bit < self.below || bit >= self.below + self.inside {
                factor *= Fr::ONE + power;
            }
            power = power.square();
        }
        (factor, base)
    }

    /// The extension at `y` of the mask's weights for the folded polynomial's value at `z`.
    pub(super) fn weight_at(&self, fold: &[Fr], z: Fr, y: &[Fr]) -> Fr {
        let (factor, base) = self.outside(z);
        let (y_fold, y_inside) = y.split_at(self.folded);
        let fold = &fold[fold.len() - self.folded..];
        factor * eq(fold, y_fold) * powers_at(base, y_inside)
    }

    /// The mask with its folded variables folded at `fold`.
    pub(super) fn fold(&self, mask: &[Fr], fold: &[Fr]) -> Secret<Fr> {
        let weights = eq_table(&fold[fold.len() - self.folded..]);
        let mut folded = Secret::<Fr>::zeros(1 << self.inside);
        for (chunk, &weight) in mask.chunks_exact(1 << self.inside).zip(weights.iter()) {
            kernels::add_scaled(&mut folded, weight, chunk);
        }
        folded
    }

    /// The value at `z` of what [`Window::fold`] made.
    pub(super) fn value(&self, folded: &[Fr], z: Fr) -> Fr {
        let (factor, base) = self.outside(z);
        factor * kernels::horner(folded, base)
    }

    /// The mask's weights for `sum_j scales[j] value(z_j)`, a table over its variables.
    pub(super) fn weights(&self, fold: &[Fr], points: &[Fr], scales: &[Fr]) -> Vec<Fr> {
        let mut inside = vec![Fr::ZERO; 1 << self.inside];
        for (&z, &scale) in points.iter().zip(scales) {
            let (factor, base) = self.outside(z);
            kernels::add_powers(&mut inside, scale * factor, base);
        }
        let outer = eq_table(&fold[fold.len() - self.folded..]);
        let row = |&outer: &Fr| inside.iter().map(move |&inner| outer * inner);
        outer.iter().flat_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::PrimeField;
    use crate::spartan::multilinear::{dot, horner};
    use crate::spartan::parameters::Parameters;

    fn random(n: usize) -> Vec<Fr> {
        (0..n).map(|_| Fr::random().unwrap()).collect()
    }

    /// What windows compute by closed forms is what the mask, laid over the vector entry by entry, gives.
    #[test]
    fn windows_are_masks_laid_over_the_vector() {
        for variables in [14, 15, 18, 24] {
            let config = ZkWhir::new(&Parameters::default(), variables).unwrap();
            let (mu, ell) = (config.mu(), config.ell());
            if mu > 18 {
                // The windows cover all variables.
                let covered = |bit: usize| {
                    (0..=config.nu()).any(|mask| {
                        let window = Window::new(&config, mask);
                        (window.below..window.below + ell).contains(&bit)
                    })
                };
                assert!((0..mu).all(covered));
                continue;
            }
            let fold = random(config.main.sumcheck.rounds);
            let [z, scale] = random(2)[..] else {
                unreachable!()
            };
            for mask in 0..=config.nu() {
                let window = Window::new(&config, mask);
                let entries = random(1 << ell);
                let mut folded = vec![Fr::ZERO; (1 << mu) >> fold.len()];
                for (chunk, &weight) in eq_table(&fold).iter().enumerate() {
                    for (i, sum) in folded.iter_mut().enumerate() {
                        let place = window.place(chunk << (mu - fold.len()) | i);
                        *sum += weight * entries[place];
                    }
                }
                let value = horner(&folded, z);
                assert_eq!(window.value(&window.fold(&entries, &fold), z), value);
                let weights = window.weights(&fold, &[z], &[scale]);
                assert_eq!(dot(&weights, &entries), scale * value);
                let point = random(ell);
                let extension = scale * window.weight_at(&fold, z, &point);
                assert_eq!(dot(&weights, &eq_table(&point)), extension);
            }
        }
    }

    /// Why a mask alone does not hide the rows: those at places with the same power `2^below` have masks that
    /// are multiples of each other.
    #[test]
    fn masks_of_two_rows_may_be_multiples_of_each_other() {
        let config = ZkWhir::new(&Parameters::default(), 15).unwrap();
        let code = &config.main.code;
        let window = Window::new(&config, 0);
        let mask = random(1 << config.ell());
        let row = |index: u64| -> Vec<Fr> {
            let z = code.root().pow(&[index]);
            let blocks = 0..code.interleaving;
            let block = |block: usize| {
                let entries = (0..code.message_len()).map(|i| block * code.message_len() + i);
                let entries: Vec<Fr> = entries.map(|i| mask[window.place(i)]).collect();
                horner(&entries, z)
            };
            blocks.map(block).collect()
        };
        let other = 7 + (code.codeword_len >> window.below) as u64;
        let (first, second) = (row(7), row(other));
        let ratio = second[0] * first[0].inverse().unwrap();
        for (first, second) in first.iter().zip(second) {
            assert_eq!(second, ratio * *first);
        }
    }
}
