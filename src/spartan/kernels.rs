//! What is done to long vectors, on the vectors of the processor.
//!
//! An element in memory is `a R` for `R = 2^256`, and the processor's vectors may have another `R'`: a product
//! of two that are loaded as they are lacks the factor [`PrimeVector::factor`]`(1)`, which a sum of products is
//! given once, at its end. Vectors that go together have the same length: a rest would be lost.

use crate::field::arch::{Cpu, Isa, Kernel, LANES, PrimeVector, Sum, Vector, on_cpu};
use crate::field::{Field, Fr, Lazy};

/// Products that are added up before they are reduced: each is below 2, and a sum must be below 64.
const TERMS: usize = 16;

type Residues<I> = <I as Isa>::Prime<Fr>;
type ResidueSum<I> = <Residues<I> as Vector>::Sum;

/// Runs a kernel on what the processor has.
macro_rules! run {
    ($kernel:expr) => {{
        let kernel = $kernel;
        on_cpu!(Cpu::get_or_generic(), isa => isa.run(kernel))
    }};
}

/// Elements as they are, below 1.
#[inline(always)]
fn load<I: Isa>(isa: I, elements: &[Fr; LANES]) -> Residues<I> {
    let residues = elements.map(Lazy::new);
    Residues::<I>::load_lazy(isa, residues.each_ref())
}

/// Residues below 2 as elements.
#[inline(always)]
fn store<I: Isa>(residues: Residues<I>) -> [Fr; LANES] {
    residues.store_reduced().map(Lazy::reduced)
}

/// `a - b`, below 2.
#[inline(always)]
fn difference<I: Isa>(a: Residues<I>, b: Residues<I>) -> Residues<I> {
    a.sum().minus(b.sum(), 1).tight()
}

/// A factor for residues.
#[inline(always)]
fn factor<I: Isa>(isa: I, element: Fr) -> Residues<I> {
    Residues::<I>::splat_factor(isa, Residues::<I>::factor(element))
}

/// The sum of the lanes, which lack the processor's factor `lacking` times.
#[inline(always)]
fn total<I: Isa>(sum: Residues<I>, lacking: u32) -> Fr {
    let total: Fr = store::<I>(sum).into_iter().sum();
    (0..lacking).fold(total, |total, _| total * Residues::<I>::factor(Fr::ONE))
}

/// `low += x (high - low)`.
pub(super) fn fold(low: &mut [Fr], high: &[Fr], x: Fr) {
    assert_eq!(low.len(), high.len());
    run!(Fold { low, high, x });
}

struct Fold<'a> {
    low: &'a mut [Fr],
    high: &'a [Fr],
    x: Fr,
}

impl<I: Isa> Kernel<I> for Fold<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let x = factor(isa, self.x);
        let (low, low_rest) = self.low.as_chunks_mut::<LANES>();
        let (high, high_rest) = self.high.as_chunks::<LANES>();
        for (low, high) in low.iter_mut().zip(high) {
            let begin = load(isa, low);
            let step = x.mul_sum(difference::<I>(load(isa, high), begin));
            *low = store::<I>(step.plus(begin.sum()).reduce());
        }
        for (low, &high) in low_rest.iter_mut().zip(high_rest) {
            *low += (high - *low) * self.x;
        }
    }
}

/// `sums += factor values`.
pub(super) fn add_scaled(sums: &mut [Fr], factor: Fr, values: &[Fr]) {
    assert_eq!(sums.len(), values.len());
    run!(AddScaled {
        sums,
        scale: factor,
        values,
    });
}

struct AddScaled<'a> {
    sums: &'a mut [Fr],
    scale: Fr,
    values: &'a [Fr],
}

impl<I: Isa> Kernel<I> for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let scale = factor(isa, self.scale);
        let (sums, sums_rest) = self.sums.as_chunks_mut::<LANES>();
        let (values, values_rest) = self.values.as_chunks::<LANES>();
        for (sum, value) in sums.iter_mut().zip(values) {
            let product = scale.mul_sum(load(isa, value));
            *sum = store::<I>(product.plus(load(isa, sum).sum()).reduce());
        }
        for (sum, &value) in sums_rest.iter_mut().zip(values_rest) {
            *sum += self.scale * value;
        }
    }
}

/// `values *= factor`.
pub(super) fn scale(values: &mut [Fr], factor: Fr) {
    run!(Scale {
        values,
        scale: factor,
    });
}

struct Scale<'a> {
    values: &'a mut [Fr],
    scale: Fr,
}

impl<I: Isa> Kernel<I> for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let scale = factor(isa, self.scale);
        let (values, rest) = self.values.as_chunks_mut::<LANES>();
        for value in values {
            *value = store::<I>(scale.mul(load(isa, value)));
        }
        for value in rest {
            *value *= self.scale;
        }
    }
}

/// `sums[i] += first z^i`.
pub(super) fn add_powers(sums: &mut [Fr], first: Fr, z: Fr) {
    run!(AddPowers { sums, first, z });
}

struct AddPowers<'a> {
    sums: &'a mut [Fr],
    first: Fr,
    z: Fr,
}

impl<I: Isa> Kernel<I> for AddPowers<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let mut powers = [self.first; LANES];
        for lane in 1..LANES {
            powers[lane] = powers[lane - 1] * self.z;
        }
        let step = factor(isa, self.z.pow(&[LANES as u64]));
        let mut power = load(isa, &powers);
        let (sums, rest) = self.sums.as_chunks_mut::<LANES>();
        for sum in sums {
            *sum = store::<I>(power.sum().plus(load(isa, sum).sum()).reduce());
            power = step.mul(power);
        }
        for (sum, power) in rest.iter_mut().zip(store::<I>(power)) {
            *sum += power;
        }
    }
}

/// `high = x low; low -= high`: one more variable of a table of `eq`, in front of the others.
pub(super) fn split(low: &mut [Fr], high: &mut [Fr], x: Fr) {
    assert_eq!(low.len(), high.len());
    run!(Split { low, high, x });
}

struct Split<'a> {
    low: &'a mut [Fr],
    high: &'a mut [Fr],
    x: Fr,
}

impl<I: Isa> Kernel<I> for Split<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let x = factor(isa, self.x);
        let (low, low_rest) = self.low.as_chunks_mut::<LANES>();
        let (high, high_rest) = self.high.as_chunks_mut::<LANES>();
        for (low, high) in low.iter_mut().zip(high) {
            let all = load(isa, low);
            let part = x.mul(all);
            *high = store::<I>(part);
            *low = store::<I>(all.sum().minus(part.sum(), 2).reduce());
        }
        for (low, high) in low_rest.iter_mut().zip(high_rest) {
            *high = *low * self.x;
            *low -= *high;
        }
    }
}

/// `coefficients[0] + coefficients[1] z + ...`
pub(super) fn horner(coefficients: &[Fr], z: Fr) -> Fr {
    run!(Horner { coefficients, z })
}

struct Horner<'a> {
    coefficients: &'a [Fr],
    z: Fr,
}

impl<I: Isa> Kernel<I> for Horner<'_> {
    type Output = Fr;

    #[inline(always)]
    fn run(self, isa: I) -> Fr {
        let (chunks, rest) = self.coefficients.as_chunks::<LANES>();
        let mut value = Fr::ZERO;
        for &coefficient in rest.iter().rev() {
            value = value * self.z + coefficient;
        }
        // What is left over is the top, by which the first lane begins.
        let step = factor(isa, self.z.pow(&[LANES as u64]));
        let mut top = [Fr::ZERO; LANES];
        top[0] = value;
        let mut lanes = load(isa, &top);
        for chunk in chunks.iter().rev() {
            lanes = step.mul_sum(lanes).plus(load(isa, chunk).sum()).tight();
        }
        let lanes = store::<I>(lanes.sum().reduce());
        let mut value = Fr::ZERO;
        for lane in lanes.into_iter().rev() {
            value = value * self.z + lane;
        }
        value
    }
}

/// The sum of the products.
pub(super) fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    assert_eq!(a.len(), b.len());
    run!(Dot { a, b })
}

struct Dot<'a> {
    a: &'a [Fr],
    b: &'a [Fr],
}

impl<I: Isa> Kernel<I> for Dot<'_> {
    type Output = Fr;

    #[inline(always)]
    fn run(self, isa: I) -> Fr {
        let (a, a_rest) = self.a.as_chunks::<LANES>();
        let (b, b_rest) = self.b.as_chunks::<LANES>();
        let mut sum = load(isa, &[Fr::ZERO; LANES]);
        for (a, b) in a.chunks(TERMS).zip(b.chunks(TERMS)) {
            let mut terms: ResidueSum<I> = sum.sum();
            for (a, b) in a.iter().zip(b) {
                terms = terms.plus(load(isa, a).mul_sum(load(isa, b)));
            }
            sum = terms.reduce();
        }
        let mut total = total::<I>(sum, 1);
        for (&a, &b) in a_rest.iter().zip(b_rest) {
            total += a * b;
        }
        total
    }
}

/// The sums of `a b` for the first halves, and for the differences of second and first halves.
pub(super) fn quadratic(a: [&[Fr]; 2], b: [&[Fr]; 2]) -> [Fr; 2] {
    run!(Quadratic { a, b })
}

struct Quadratic<'a> {
    a: [&'a [Fr]; 2],
    b: [&'a [Fr]; 2],
}

impl<I: Isa> Kernel<I> for Quadratic<'_> {
    type Output = [Fr; 2];

    #[inline(always)]
    fn run(self, isa: I) -> [Fr; 2] {
        let len = self.a[0].len();
        let [a0, a1] = self.a;
        let [b0, b1] = self.b;
        let whole = len / LANES;
        let zero = load(isa, &[Fr::ZERO; LANES]);
        let (mut zeros, mut squares) = (zero, zero);
        let chunk = LANES * TERMS;
        let end = whole * LANES;
        let mut begin = 0;
        while begin < end {
            let next = end.min(begin + chunk);
            let (mut zero_terms, mut square_terms) = (zeros.sum(), squares.sum());
            let mut i = begin;
            while i < next {
                let a0 = load(isa, eight(a0, i));
                let b0 = load(isa, eight(b0, i));
                zero_terms = zero_terms.plus(a0.mul_sum(b0));
                let a = difference::<I>(load(isa, eight(a1, i)), a0);
                let b = difference::<I>(load(isa, eight(b1, i)), b0);
                square_terms = square_terms.plus(a.mul_sum(b));
                i += LANES;
            }
            zeros = zero_terms.reduce();
            squares = square_terms.reduce();
            begin = next;
        }
        let mut sums = [total::<I>(zeros, 1), total::<I>(squares, 1)];
        for i in end..len {
            sums[0] += a0[i] * b0[i];
            sums[1] += (a1[i] - a0[i]) * (b1[i] - b0[i]);
        }
        sums
    }
}

/// Eight neighbours.
#[inline(always)]
fn eight(elements: &[Fr], begin: usize) -> &[Fr; LANES] {
    let run = elements[begin..].first_chunk();
    run.expect("the caller counts in eights")
}

/// The sums of `e (a b - c)` for the first halves of `a`, `b` and `c`, and of `e a b` for the differences of the
/// halves of `a` and `b`.
pub(super) fn constraints(e: &[Fr], a: [&[Fr]; 2], b: [&[Fr]; 2], c: &[Fr]) -> [Fr; 2] {
    run!(Constraints { e, a, b, c })
}

struct Constraints<'a> {
    e: &'a [Fr],
    a: [&'a [Fr]; 2],
    b: [&'a [Fr]; 2],
    c: &'a [Fr],
}

impl<I: Isa> Kernel<I> for Constraints<'_> {
    type Output = [Fr; 2];

    #[inline(always)]
    fn run(self, isa: I) -> [Fr; 2] {
        let Self { e, c, .. } = self;
        let [a0, a1] = self.a;
        let [b0, b1] = self.b;
        let len = e.len();
        let end = len / LANES * LANES;
        let zero = load(isa, &[Fr::ZERO; LANES]);
        let (mut zeros, mut squares) = (zero, zero);
        let mut begin = 0;
        while begin < end {
            let next = end.min(begin + LANES * TERMS);
            let (mut zero_terms, mut square_terms) = (zeros.sum(), squares.sum());
            let mut i = begin;
            while i < next {
                let weight = load(isa, eight(e, i));
                let a0 = load(isa, eight(a0, i));
                // Once as a factor, so that the product lacks nothing, as c does not.
                let b0_factor = Residues::<I>::load_all(isa, eight(b0, i));
                let c0 = load(isa, eight(c, i));
                let value = a0.mul_sum(b0_factor).minus(c0.sum(), 1).tight();
                zero_terms = zero_terms.plus(weight.mul_sum(value));
                let b0 = load(isa, eight(b0, i));
                let a = difference::<I>(load(isa, eight(a1, i)), a0);
                let b = difference::<I>(load(isa, eight(b1, i)), b0);
                square_terms = square_terms.plus(weight.mul_sum(a.mul(b)));
                i += LANES;
            }
            zeros = zero_terms.reduce();
            squares = square_terms.reduce();
            begin = next;
        }
        let mut sums = [total::<I>(zeros, 1), total::<I>(squares, 2)];
        for i in end..len {
            sums[0] += e[i] * (a0[i] * b0[i] - c[i]);
            sums[1] += e[i] * ((a1[i] - a0[i]) * (b1[i] - b0[i]));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::PrimeField;

    /// Vectors with extreme elements, of a length that leaves some over, and of one that fills several sums.
    fn vectors<const N: usize>(len: usize) -> [Vec<Fr>; N] {
        std::array::from_fn(|n| {
            let mut vector: Vec<Fr> = (0..len).map(|_| Fr::random().unwrap()).collect();
            for (i, element) in vector.iter_mut().take(40).enumerate() {
                match (i + n) % 3 {
                    0 => *element = -Fr::ONE,
                    1 => *element = Fr::ZERO,
                    _ => {}
                }
            }
            vector
        })
    }

    #[test]
    fn every_instruction_set_agrees_with_the_operators() {
        for len in [0, 1, 7, 8, 9, 129, 500] {
            let [a0, a1, b0, b1, c, e] = vectors::<6>(len);
            let [x, z] = [Fr::random().unwrap(), -Fr::ONE];
            for cpu in Cpu::all() {
                let mut low = a0.clone();
                let kernel = Fold {
                    low: &mut low,
                    high: &a1,
                    x,
                };
                on_cpu!(cpu, isa => isa.run(kernel));
                assert!((0..len).all(|i| low[i] == a0[i] + x * (a1[i] - a0[i])));

                let mut sums = a0.clone();
                let kernel = AddScaled {
                    sums: &mut sums,
                    scale: x,
                    values: &a1,
                };
                on_cpu!(cpu, isa => isa.run(kernel));
                assert!((0..len).all(|i| sums[i] == a0[i] + x * a1[i]));

                let mut values = a0.clone();
                let kernel = Scale {
                    values: &mut values,
                    scale: x,
                };
                on_cpu!(cpu, isa => isa.run(kernel));
                assert!((0..len).all(|i| values[i] == x * a0[i]));

                for z in [x, z] {
                    let mut sums = a0.clone();
                    let kernel = AddPowers {
                        sums: &mut sums,
                        first: x,
                        z,
                    };
                    on_cpu!(cpu, isa => isa.run(kernel));
                    assert!((0..len).all(|i| sums[i] == a0[i] + x * z.pow(&[i as u64])));
                    let kernel = Horner {
                        coefficients: &a0,
                        z,
                    };
                    let value = on_cpu!(cpu, isa => isa.run(kernel));
                    let expected: Fr = (0..len).map(|i| a0[i] * z.pow(&[i as u64])).sum();
                    assert_eq!(value, expected);
                }

                let (mut low, mut high) = (a0.clone(), vec![Fr::ZERO; len]);
                let kernel = Split {
                    low: &mut low,
                    high: &mut high,
                    x,
                };
                on_cpu!(cpu, isa => isa.run(kernel));
                assert!((0..len).all(|i| high[i] == x * a0[i] && low[i] + high[i] == a0[i]));

                let product = on_cpu!(cpu, isa => isa.run(Dot { a: &a0, b: &b0 }));
                assert_eq!(product, (0..len).map(|i| a0[i] * b0[i]).sum());

                let kernel = Quadratic {
                    a: [&a0, &a1],
                    b: [&b0, &b1],
                };
                let squares = |i: usize| (a1[i] - a0[i]) * (b1[i] - b0[i]);
                let sums = on_cpu!(cpu, isa => isa.run(kernel));
                let expected = [product, (0..len).map(squares).sum()];
                assert_eq!(sums, expected);

                let kernel = Constraints {
                    e: &e,
                    a: [&a0, &a1],
                    b: [&b0, &b1],
                    c: &c,
                };
                let sums = on_cpu!(cpu, isa => isa.run(kernel));
                let zeros = |i: usize| e[i] * (a0[i] * b0[i] - c[i]);
                let expected = [
                    (0..len).map(zeros).sum(),
                    (0..len).map(|i| e[i] * squares(i)).sum(),
                ];
                assert_eq!(sums, expected);
            }
        }
    }
}
