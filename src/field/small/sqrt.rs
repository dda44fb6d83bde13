//! Square roots in fields of up to 2^128 elements.

use crate::field::Field;

/// A square root by Tonelli and Shanks, or `None` for a non-residue, in a field of `units + 1`
/// elements in which `non_residue` has no root.
pub(super) fn sqrt<F: Field>(a: F, units: u128, non_residue: F) -> Option<F> {
    if a.is_zero() {
        return Some(a);
    }
    let pow = |base: F, e: u128| base.pow(&[e as u64, (e >> 64) as u64]);
    // units = 2^s t with t odd; root^2 = a error, and error is in the subgroup of order 2^s.
    let mut order = units.trailing_zeros();
    let t = units >> order;
    let power = pow(a, t >> 1);
    let mut root = power * a;
    let mut error = root * power;
    let mut generator = pow(non_residue, t);
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
    Some(root)
}
