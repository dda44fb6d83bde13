//! The group operations of the kernels against arkworks'.

mod common;

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::Rng;
use bytemuck::Pod;
use common::{Element, devices, rng, run};
use zkiln_cuda::Stream;

/// A point in XYZZ coordinates, in memory.
type Xyzz<W> = [W; 4];

/// Where the sum of points may go wrong: infinity on either side, equal and opposite points, and
/// none of these; in one warp together, and in warps of their own.
fn pairs<C: SWCurveConfig>(rng: &mut impl Rng) -> Vec<(Affine<C>, Affine<C>)> {
    let points: Vec<Affine<C>> = (0..4)
        .map(|_| Projective::rand(rng).into_affine())
        .collect();
    let [p, q, ..] = points[..] else {
        unreachable!()
    };
    let none = Affine::zero();
    let generator = Projective::<C>::generator().into_affine();
    let kinds = [
        (p, q),
        (p, p),
        (p, -p),
        (none, p),
        (p, none),
        (none, none),
        (generator, q),
    ];
    let mut pairs = Vec::new();
    for kind in kinds {
        pairs.extend([kind; 32]);
    }
    pairs.extend((0..96).map(|_| kinds[rng.gen_range(0..kinds.len())]));
    pairs.extend(
        points
            .iter()
            .flat_map(|&a| points.iter().map(move |&b| (a, b))),
    );
    pairs
}

/// Affine coordinates in memory; infinity is (0, 0).
fn affine<C: SWCurveConfig>(point: &Affine<C>) -> [<C::BaseField as Element>::Words; 2]
where
    C::BaseField: Element,
{
    let (x, y) = point
        .xy()
        .unwrap_or((C::BaseField::ZERO, C::BaseField::ZERO));
    [x.words(), y.words()]
}

/// XYZZ coordinates in memory, with denominators at random; infinity with anything for X and Y.
fn xyzz<C: SWCurveConfig>(
    point: &Affine<C>,
    rng: &mut impl Rng,
) -> Xyzz<<C::BaseField as Element>::Words>
where
    C::BaseField: Element,
{
    let any = |rng: &mut _| match point.is_zero() {
        _ if Rng::gen_ratio(rng, 1, 4) => C::BaseField::ONE,
        _ => C::BaseField::rand(rng),
    };
    let z = any(rng);
    let coordinates = match point.xy() {
        Some((x, y)) => [
            x * z.square(),
            y * z.square() * z,
            z.square(),
            z.square() * z,
        ],
        None => [any(rng), any(rng), C::BaseField::ZERO, C::BaseField::ZERO],
    };
    coordinates.map(|c| c.words())
}

/// The point of XYZZ coordinates, which must be reduced and consistent.
fn point<C: SWCurveConfig>(words: &Xyzz<<C::BaseField as Element>::Words>) -> Affine<C>
where
    C::BaseField: Element,
{
    let [x, y, zz, zzz] =
        [0, 1, 2, 3].map(|i| C::BaseField::from_words(&words[i]).expect("a reduced coordinate"));
    match (zz.inverse(), zzz.inverse()) {
        (Some(zz_inverse), Some(zzz_inverse)) => {
            assert_eq!(zz.square() * zz, zzz.square());
            Affine::new(x * zz_inverse, y * zzz_inverse)
        }
        _ => Affine::zero(),
    }
}

struct Names {
    add_mixed: &'static str,
    add: &'static str,
    double: &'static str,
}

fn check<C: SWCurveConfig>(stream: &Stream, names: &Names)
where
    C::BaseField: Element,
    [<C::BaseField as Element>::Words; 2]: Pod,
    Xyzz<<C::BaseField as Element>::Words>: Pod,
{
    type Words<C> = <<C as ark_ec::CurveConfig>::BaseField as Element>::Words;
    let mut rng = rng();
    let lanes = C::BaseField::LANES;
    let pairs = pairs::<C>(&mut rng);
    let a: Vec<Xyzz<Words<C>>> = pairs.iter().map(|(a, _)| xyzz(a, &mut rng)).collect();
    let b: Vec<Xyzz<Words<C>>> = pairs.iter().map(|(_, b)| xyzz(b, &mut rng)).collect();
    let compare =
        |kernel: &str, results: &[Xyzz<Words<C>>], expected: &dyn Fn(usize) -> Affine<C>| {
            for (i, result) in results.iter().enumerate() {
                assert_eq!(
                    point::<C>(result),
                    expected(i),
                    "{kernel} of {:?} on {}",
                    pairs[i],
                    stream.device().info().name
                );
            }
        };

    let sum = |i: usize| (pairs[i].0 + pairs[i].1).into_affine();
    let results = run(stream, names.add, &[&a, &b], lanes, |call| call);
    compare(names.add, &results, &sum);

    let double = |i: usize| (pairs[i].0 + pairs[i].0).into_affine();
    let results = run(stream, names.double, &[&a], lanes, |call| call);
    compare(names.double, &results, &double);

    // The second operand, in affine coordinates, is the kernel's second argument.
    let affine: Vec<[Words<C>; 2]> = pairs.iter().map(|(_, b)| affine(b)).collect();
    let affine = stream.upload(&affine).unwrap();
    let results = run(stream, names.add_mixed, &[&a], lanes, |call| {
        call.arg(&affine)
    });
    compare(names.add_mixed, &results, &sum);
}

#[test]
fn sums_on_g1_are_right() {
    for device in devices() {
        let names = Names {
            add_mixed: "curve_add_mixed_g1",
            add: "curve_add_g1",
            double: "curve_double_g1",
        };
        check::<g1::Config>(&device.stream().unwrap(), &names);
    }
}

#[test]
fn sums_on_g2_are_right() {
    for device in devices() {
        let names = Names {
            add_mixed: "curve_add_mixed_g2",
            add: "curve_add_g2",
            double: "curve_double_g2",
        };
        check::<g2::Config>(&device.stream().unwrap(), &names);
    }
}

#[test]
fn elements_have_the_words_of_the_kernels() {
    assert_eq!(
        Fq::from(1).words(),
        [
            0xd35d_438d_c58f_0d9d,
            0x0a78_eb28_f5c7_0b3d,
            0x666e_a36f_7879_462c,
            0x0e0a_77c1_9a07_df2f
        ]
    );
    assert_eq!(Fq2::new(Fq::ONE, Fq::ZERO).words()[4..], [0; 4]);
}
