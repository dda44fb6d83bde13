//! Products of vectors, element by element, on the vectors of the processor.

use crate::field::arch::{Isa, Kernel, LANES, PrimeVector, Sum, Vector};
use crate::field::{Fr, Lazy};

/// Elements as residues: nothing is converted.
#[inline(always)]
fn load<I: Isa>(isa: I, elements: &[Fr; LANES]) -> I::Prime<Fr> {
    // A wrapper of no size of its own, which the compiler sees through.
    let residues = elements.map(Lazy::new);
    I::Prime::<Fr>::load_lazy(isa, residues.each_ref())
}

/// A constant to multiply residues by.
#[inline(always)]
fn factor<I: Isa>(isa: I, constant: Fr) -> I::Prime<Fr> {
    I::Prime::<Fr>::splat_factor(isa, I::Prime::<Fr>::factor(constant))
}

/// `c = a b`.
pub(super) struct Products<'a> {
    pub(super) a: &'a [Fr],
    pub(super) b: &'a [Fr],
    pub(super) c: &'a mut [Fr],
}

impl<I: Isa> Kernel<I> for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let (a, a_rest) = self.a.as_chunks::<LANES>();
        let (b, b_rest) = self.b.as_chunks::<LANES>();
        let (c, c_rest) = self.c.as_chunks_mut::<LANES>();
        for ((c, a), b) in c.iter_mut().zip(a).zip(b) {
            let b = I::Prime::<Fr>::load_all(isa, b);
            *c = load(isa, a).mul(b).store_reduced().map(Lazy::reduced);
        }
        for ((c, &a), &b) in c_rest.iter_mut().zip(a_rest).zip(b_rest) {
            *c = a * b;
        }
    }
}

/// `a = (a b) product + c other`, for constants.
pub(super) struct Combination<'a> {
    pub(super) a: &'a mut [Fr],
    pub(super) b: &'a [Fr],
    pub(super) c: &'a [Fr],
    pub(super) product: Fr,
    pub(super) other: Fr,
}

impl<I: Isa> Kernel<I> for Combination<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let (product, other) = (factor(isa, self.product), factor(isa, self.other));
        let (a, a_rest) = self.a.as_chunks_mut::<LANES>();
        let (b, b_rest) = self.b.as_chunks::<LANES>();
        let (c, c_rest) = self.c.as_chunks::<LANES>();
        for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
            let ab = load(isa, a).mul(I::Prime::<Fr>::load_all(isa, b));
            let sum = I::Prime::<Fr>::mul2_sum(product, ab, other, load(isa, c));
            *a = sum.tight().store_reduced().map(Lazy::reduced);
        }
        for ((a, &b), &c) in a_rest.iter_mut().zip(b_rest).zip(c_rest) {
            *a = *a * b * self.product + c * self.other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::PrimeField;
    use crate::field::arch::{Cpu, on_cpu};

    #[test]
    fn every_instruction_set_agrees_with_the_operators() {
        let draw = |extreme: Fr| -> Vec<Fr> {
            let mut elements: Vec<Fr> = (0..27).map(|_| Fr::random().unwrap()).collect();
            elements[3] = extreme;
            elements[26] = extreme;
            elements
        };
        let [a, b, c] = [-Fr::ONE, -Fr::ONE, Fr::ZERO].map(draw);
        let (product, other) = (Fr::from_u64(77), -Fr::ONE);
        for cpu in Cpu::all() {
            let mut products = vec![Fr::ZERO; a.len()];
            let kernel = Products {
                a: &a,
                b: &b,
                c: &mut products,
            };
            on_cpu!(cpu, isa => isa.run(kernel));
            let mut combined = a.clone();
            let kernel = Combination {
                a: &mut combined,
                b: &b,
                c: &c,
                product,
                other,
            };
            on_cpu!(cpu, isa => isa.run(kernel));
            for i in 0..a.len() {
                assert_eq!(products[i], a[i] * b[i]);
                assert_eq!(combined[i], a[i] * b[i] * product + c[i] * other);
            }
        }
    }
}
