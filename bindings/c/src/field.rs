//! Plain data: field elements, integers, points.

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use zkiln::curve::{Affine, Curve, G1, G2};
use zkiln::field::{Field, Fq, Fr, Int, PrimeField};
use zkiln::msm::DeviceCurve;

use crate::border::{Border, write};
use crate::status::{Failure, Result, ZKILN_E_MALFORMED, guard, zkiln_status};

/// A canonical integer: four limbs, the lowest first; in memory 32 little-endian bytes. Scalars and public
/// inputs are integers below the group's order r.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_u256 {
    /// The lowest 64 bits first.
    pub limbs: [u64; 4],
}

/// An element of BN254's scalar field, the integers modulo r, in Montgomery form: a 2^256 mod r, the lowest
/// limb first, always below r. All zeros are 0.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_bn254_fr {
    /// Montgomery limbs.
    pub montgomery: [u64; 4],
}

/// An element of BN254's base field, the integers modulo q, in Montgomery form like zkiln_bn254_fr.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_bn254_fq {
    /// Montgomery limbs.
    pub montgomery: [u64; 4],
}

/// An element c0 + c1 u of the base field's quadratic extension, with u^2 = -1.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_bn254_fq2 {
    /// The coefficient of 1.
    pub c0: zkiln_bn254_fq,
    /// The coefficient of u.
    pub c1: zkiln_bn254_fq,
}

/// A point of G1, y^2 = x^3 + 3, 64 bytes. All zeros are infinity. The same bytes as in a zkey file, in
/// halo2curves and in gnark-crypto.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_bn254_g1 {
    /// The first coordinate.
    pub x: zkiln_bn254_fq,
    /// The second coordinate.
    pub y: zkiln_bn254_fq,
}

/// A point of G2, y^2 = x^3 + 3 / (9 + u), 128 bytes. All zeros are infinity.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_bn254_g2 {
    /// The first coordinate.
    pub x: zkiln_bn254_fq2,
    /// The second coordinate.
    pub y: zkiln_bn254_fq2,
}

/// ==== Numbers and points of BN254 ====
///
/// Converts n integers into Montgomery form.
///
/// Errors: ZKILN_E_MALFORMED for an integer that is not below r; out is left alone then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_from_u256(
    out: *mut zkiln_bn254_fr,
    integers: *const zkiln_u256,
    n: usize,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { to_montgomery::<Fr, _>(out, integers, n) })
}

/// Converts n elements into integers below r.
///
/// Errors: ZKILN_E_MALFORMED for an element that is not below r; out is left alone then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_to_u256(
    out: *mut zkiln_u256,
    elements: *const zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { to_canonical::<Fr, _>(out, elements, n) })
}

/// Converts n integers into Montgomery form.
///
/// Errors: ZKILN_E_MALFORMED for an integer that is not below q; out is left alone then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fq_from_u256(
    out: *mut zkiln_bn254_fq,
    integers: *const zkiln_u256,
    n: usize,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { to_montgomery::<Fq, _>(out, integers, n) })
}

/// Converts n elements into integers below q.
///
/// Errors: ZKILN_E_MALFORMED for an element that is not below q; out is left alone then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fq_to_u256(
    out: *mut zkiln_u256,
    elements: *const zkiln_bn254_fq,
    n: usize,
) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { to_canonical::<Fq, _>(out, elements, n) })
}

/// Stores the generator of G1, (1, 2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g1_generator(out: *mut zkiln_bn254_g1) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { generator::<G1>(out) })
}

/// Stores the generator of G2, that of EIP-197.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_g2_generator(out: *mut zkiln_bn254_g2) -> zkiln_status {
    // SAFETY: passed on.
    guard(|| unsafe { generator::<G2>(out) })
}

/// # Safety
/// As [`Border::output`] and [`Border::input`].
unsafe fn to_montgomery<F: PrimeField<Canonical = Int<4>>, T: Pod>(
    out: *mut T,
    integers: *const zkiln_u256,
    n: usize,
) -> Result<()> {
    let mut border = Border::default();
    // SAFETY: the caller's word for its pointers.
    let out = unsafe { border.output("out", out, n) }?;
    // SAFETY: as above.
    let integers = unsafe { border.input("integers", integers, n) }?;
    let integers: &[Int<4>] = bytemuck::cast_slice(integers);
    if let Some(i) = integers.iter().position(|integer| *integer >= F::MODULUS) {
        return Err(Failure::new(
            ZKILN_E_MALFORMED,
            format!("integer {i} is not below the modulus {}", F::MODULUS),
        ));
    }
    for (place, &integer) in out.iter_mut().zip(integers) {
        place.write(bytemuck::cast(F::from(integer)));
    }
    Ok(())
}

/// # Safety
/// As [`Border::output`] and [`Border::input`].
unsafe fn to_canonical<F: PrimeField<Canonical = Int<4>>, T: Pod>(
    out: *mut zkiln_u256,
    elements: *const T,
    n: usize,
) -> Result<()> {
    let mut border = Border::default();
    // SAFETY: the caller's word for its pointers.
    let out = unsafe { border.output("out", out, n) }?;
    // SAFETY: as above.
    let elements = unsafe { border.input("elements", elements, n) }?;
    let elements: &[F] = bytemuck::cast_slice(elements);
    check_reduced("elements", elements)?;
    for (place, element) in out.iter_mut().zip(elements) {
        place.write(bytemuck::cast(element.to_canonical()));
    }
    Ok(())
}

/// # Safety
/// As [`Border::output_one`].
unsafe fn generator<C: Group>(out: *mut C::Point) -> Result<()> {
    // SAFETY: the caller's word for its pointer.
    let out = unsafe { Border::default().output("out", out, 1) }?;
    write(out, points(&[C::GENERATOR]));
    Ok(())
}

/// A group with its points as the header has them.
pub(crate) trait Group: DeviceCurve {
    /// A point: the bytes of an [`Affine`].
    type Point: Pod + Sync;
}

impl Group for G1 {
    type Point = zkiln_bn254_g1;
}

impl Group for G2 {
    type Point = zkiln_bn254_g2;
}

/// The library's points as the header's.
pub(crate) fn points<C: Group>(points: &[Affine<C>]) -> &[C::Point] {
    bytemuck::cast_slice(points)
}

/// The header's points as the library's.
pub(crate) fn affine<C: Group>(points: &[C::Point]) -> &[Affine<C>] {
    bytemuck::cast_slice(points)
}

/// Below this many elements a check is not worth the threads.
const SERIAL: usize = 1 << 13;

/// Refuses elements that are not below the modulus, of which the library would make anything. Parallel.
pub(crate) fn check_reduced<F: Field>(name: &str, elements: &[F]) -> Result<()> {
    let refused = |element: &F| !element.is_reduced();
    // Below that rayon is not asked: this may be the thread of a caller.
    let found = if elements.len() <= SERIAL {
        if F::all_reduced(elements) {
            return Ok(());
        }
        elements.iter().position(refused)
    } else {
        let elements = elements.par_iter().with_min_len(SERIAL);
        elements.position_first(refused)
    };
    match found {
        None => Ok(()),
        Some(i) => Err(Failure::new(
            ZKILN_E_MALFORMED,
            format!("{name}: element {i} is not below the modulus"),
        )),
    }
}

/// Refuses integers that are not below r. Parallel.
pub(crate) fn check_below_r(name: &str, integers: &[Int<4>]) -> Result<()> {
    let found = integers
        .par_iter()
        .with_min_len(SERIAL)
        .position_first(|integer| *integer >= Fr::MODULUS);
    match found {
        None => Ok(()),
        Some(i) => Err(Failure::new(
            ZKILN_E_MALFORMED,
            format!("{name}: integer {i} is not below r = {}", Fr::MODULUS),
        )),
    }
}

/// Refuses points that are not reduced or not on the curve. Parallel.
pub(crate) fn check_on_curve<C: Curve>(name: &str, points: &[Affine<C>]) -> Result<()> {
    let fault = |point: &Affine<C>| {
        if !point.x.is_reduced() || !point.y.is_reduced() {
            Some("a coordinate is not below the modulus q")
        } else if !point.is_on_curve() {
            Some("it is not on the curve")
        } else {
            None
        }
    };
    let found = points.par_iter().enumerate();
    match found.find_map_first(|(i, point)| Some((i, fault(point)?))) {
        None => Ok(()),
        Some((i, fault)) => Err(Failure::new(
            ZKILN_E_MALFORMED,
            format!("{name}: point {i}: {fault}"),
        )),
    }
}

// What is cast must be laid out alike; sizes and alignments that differ would panic in `cast_slice`.
const _: () = {
    assert!(size_of::<zkiln_u256>() == size_of::<Int<4>>());
    assert!(size_of::<zkiln_bn254_fr>() == size_of::<Fr>());
    assert!(size_of::<zkiln_bn254_fq>() == size_of::<Fq>());
    assert!(size_of::<zkiln_bn254_g1>() == size_of::<Affine<G1>>());
    assert!(size_of::<zkiln_bn254_g2>() == size_of::<Affine<G2>>());
    assert!(align_of::<zkiln_bn254_g1>() == align_of::<Affine<G1>>());
    assert!(align_of::<zkiln_bn254_g2>() == align_of::<Affine<G2>>());
};
