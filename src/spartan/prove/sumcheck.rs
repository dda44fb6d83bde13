//! The sumcheck over the constraints, under a mask.

use crate::field::{Field, Fr};
use crate::memory::Secret;
use crate::spartan::layout::MASK;
use crate::spartan::multilinear::horner;
use crate::spartan::sumcheck::Constraints;
use crate::spartan::transcript::{Challenges, Speaker};

/// Proves that the sum of `eq(r, i) (a_i b_i - c_i)` is 0, beside `rho` times that of the mask, a sum of
/// cubics of one variable each. Returns the challenges and the tables' extensions there.
pub(super) fn prove(
    speaker: &mut Speaker,
    r: &[Fr],
    tables: [Secret<Fr>; 3],
    mask: &[[Fr; MASK]],
) -> (Vec<Fr>, [Fr; 3]) {
    let mut mask = Mask::new(mask);
    speaker.say(mask.sum());
    let rho = speaker.challenge();

    let mut sum = Constraints::new(r, tables);
    let mut alpha = Vec::with_capacity(r.len());
    for _ in r {
        let polynomial = sum.round();
        let hidden = mask.round();
        let said: [Fr; MASK] = std::array::from_fn(|i| polynomial[i] + rho * hidden[i]);
        speaker.say_all(&said);
        let x = speaker.challenge();
        sum.fix(&polynomial, x);
        mask.fix(x);
        alpha.push(x);
    }
    (alpha, sum.ends())
}

/// A sum of cubics of one variable each, over all zeros and ones of the variables that are not fixed.
struct Mask<'a> {
    cubics: &'a [[Fr; MASK]],
    fixed: usize,
    /// Of the fixed variables.
    value: Fr,
    /// Of the others beyond the next: each cubic's values at 0 and 1.
    ends: Fr,
}

/// A cubic's values at 0 and at 1.
fn ends(cubic: &[Fr; MASK]) -> Fr {
    cubic[0] + cubic.iter().copied().sum()
}

impl<'a> Mask<'a> {
    fn new(cubics: &'a [[Fr; MASK]]) -> Self {
        Self {
            cubics,
            fixed: 0,
            value: Fr::ZERO,
            ends: cubics[1..].iter().map(ends).sum(),
        }
    }

    /// Of all variables.
    fn sum(&self) -> Fr {
        ends(&self.round())
    }

    /// As a polynomial in the next variable.
    fn round(&self) -> [Fr; MASK] {
        let half = Fr::from_u64(2).inverse().expect("r is odd");
        let others = self.cubics.len() - self.fixed - 1;
        let weight = Fr::from_u64(2).pow(&[others as u64]);
        let mut polynomial = self.cubics[self.fixed].map(|coefficient| weight * coefficient);
        polynomial[0] += weight * (self.value + half * self.ends);
        polynomial
    }

    fn fix(&mut self, x: Fr) {
        self.value += horner(&self.cubics[self.fixed], x);
        self.fixed += 1;
        if let Some(next) = self.cubics.get(self.fixed) {
            self.ends -= ends(next);
        }
    }
}
