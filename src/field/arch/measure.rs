use super::*;
use crate::field::*;
struct M<'a>(&'a [Fq], u32);
impl Kernel for M<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) -> f64 {
        let n = self.0.len() / 8;
        let mut v: Vec<I::Prime<Fq>> = Vec::new();
        for i in 0..n { v.push(<I::Prime<Fq>>::load(isa, core::array::from_fn(|l| &self.0[8*i+l])).sum().reduce()); }
        let w = <I::Prime<Fq>>::splat(isa, self.0[0]);
        let mut best = f64::MAX;
        for _ in 0..20 {
            let t = std::time::Instant::now();
            for _ in 0..20 {
                for x in v.iter_mut() {
                    *x = match self.1 { 0 => x.mul(w), 1 => x.square_sum().tight(), 2 => <I::Prime<Fq>>::mul2_sum(*x, w, w, *x).tight(), 3 => x.sum().plus(w.sum()).reduce(),
                        _ => x.sum().minus(w.sum(), 2).tight().sum().plus(w.sum()).tight() };
                }
            }
            best = best.min(t.elapsed().as_nanos() as f64 / 20.0 / self.0.len() as f64);
        }
        assert!(v[0].store()[0] != Fq::ONE);
        best
    }
}
#[test]
fn measure() {
    let e: Vec<Fq> = (0..512).map(|_| Fq::random().unwrap()).collect();
    for (i, name) in ["mul", "square", "mul2", "reduce", "2 tight"].iter().enumerate() {
        println!("{name}: generic {:.2} ifma {:.2}", Generic.run(M(&e, i as u32)), Avx512Ifma::new().unwrap().run(M(&e, i as u32)));
    }
}
