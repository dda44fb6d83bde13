//! Square roots in a prime field.

use super::{PrimeField, mont};

/// A square root by Tonelli and Shanks, or `None` for a non-residue.
///
/// For `p = 3 mod 4` (two-adicity 1) the loop never runs and this is `a^((p+1)/4)`.
pub(super) fn sqrt<F, const N: usize>(a: F) -> Option<F>
where
    F: PrimeField<Canonical = super::Int<N>>,
{
    if a.is_zero() {
        return Some(a);
    }
    // p - 1 = 2^s t with t odd. With e = (t-1)/2: root = a^(e+1), error = a^t.
    let t = mont::shift_right(&mont::minus_one(&F::MODULUS.0), F::TWO_ADICITY);
    let power = a.pow(&mont::shift_right(&t, 1));
    let mut root = power * a;
    let mut error = root * power;
    // ROOT_OF_UNITY generates the 2-Sylow subgroup; the invariant is root^2 = a error, and the
    // order of `error` divides 2^(order - 1) as long as a root exists.
    let mut generator = F::ROOT_OF_UNITY;
    let mut order = F::TWO_ADICITY;
    while error != F::ONE {
        let mut log_order = 0;
        let mut x = error;
        while x != F::ONE {
            x = x.square();
            log_order += 1;
            if log_order == order {
                return None;
            }
        }
        let step = (0..order - log_order - 1).fold(generator, |g, _| g.square());
        generator = step.square();
        order = log_order;
        root *= step;
        error *= generator;
    }
    (root.square() == a).then_some(root)
}
