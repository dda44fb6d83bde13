"""Points against py_ecc."""

from __future__ import annotations

import pickle

import numpy as np
import py_ecc.bn128 as ecc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zkiln
from zkiln import G1, G2, Fq, Fr

GROUPS = pytest.mark.parametrize("group", [G1, G2], ids=["G1", "G2"])
SCALARS = st.integers(0, Fr.MODULUS - 1) | st.integers(0, 5)


def to_ecc(point):
    """The point as py_ecc has it."""
    if point.is_infinity:
        return None
    if isinstance(point, G1):
        return ecc.FQ(int(point.x)), ecc.FQ(int(point.y))
    return tuple(ecc.FQ2([int(c) for c in coordinate]) for coordinate in (point.x, point.y))


def generator(group):
    return ecc.G1 if group is G1 else ecc.G2


def test_constants():
    assert Fr.MODULUS == ecc.curve_order and Fq.MODULUS == ecc.field_modulus
    assert to_ecc(G1.generator()) == ecc.G1 and to_ecc(G2.generator()) == ecc.G2


@GROUPS
@settings(max_examples=8)
@given(a=SCALARS, b=SCALARS)
def test_arithmetic(group, a, b):
    g, e = group.generator(), generator(group)
    p, q = g * a, Fr(b) * g
    ep, eq = ecc.multiply(e, a), ecc.multiply(e, b)
    assert (to_ecc(p), to_ecc(q)) == (ep, eq)
    assert to_ecc(p + q) == ecc.add(ep, eq)
    assert to_ecc(p + p) == ecc.double(ep) if ep is not None else (p + p).is_infinity
    assert to_ecc(-p) == (None if ep is None else ecc.neg(ep))
    assert p - q == p + -q and p - p == group.infinity()
    assert p * -1 == -p and 0 * p == group.infinity() and p * Fr.MODULUS == group.infinity()
    assert bool(p) == (not p.is_infinity) == (a != 0)


@GROUPS
def test_conversions(group):
    for point in [group.generator() * 12345, group.infinity(), group.generator()]:
        assert pickle.loads(pickle.dumps(point)) == point
        assert group.from_bytes(bytes(point)) == point
        assert eval(repr(point), {"G1": G1, "G2": G2}) == point
        assert group(point.x, point.y) == point
        assert hash(point) == hash(group.from_bytes(bytes(point)))
        array = group.array([point])
        assert array.tobytes() == bytes(point)
    assert group.generator() != 1 and group.generator() != "G1"
    with pytest.raises(TypeError):
        group.generator() < group.infinity()


def test_groups_do_not_mix():
    with pytest.raises(TypeError):
        G1.generator() + G2.generator()
    with pytest.raises(TypeError):
        G1.generator() * G1.generator()
    assert G1.infinity() != G2.infinity()


@GROUPS
@pytest.mark.parametrize("form", ["canonical", "montgomery"])
def test_arrays(group, form):
    points = [group.generator() * k for k in (1, 2, 0, 99)]
    array = group.array(points, form=form)
    assert array.shape == ((4, 2, 4) if group is G1 else (4, 2, 2, 4)) and array.dtype == np.uint64
    assert group.to_points(array, form=form) == points
    scalars = Fr.array([1, 2, 0, 99], form=form)
    assert np.array_equal(group.generator().multiples(scalars, form=form), array)
    if form == "canonical":
        x = sum(int(limb) << 64 * i for i, limb in enumerate(array[3].reshape(-1, 4)[0]))
        assert x == int(points[3].x if group is G1 else points[3].x[0])


def test_points_that_are_none():
    with pytest.raises(zkiln.ArgumentError, match="not on the curve of G1"):
        G1(1, 3)
    with pytest.raises(zkiln.ArgumentError, match="not on the curve of G2"):
        G2((1, 2), (3, 4))
    with pytest.raises(zkiln.ArgumentError, match="two little-endian coordinates below q"):
        G1.from_bytes(b"\xff" * 64)
    with pytest.raises(zkiln.ArgumentError, match="64 bytes"):
        G1.from_bytes(b"\0" * 63)
    outside = point_outside_g2()
    with pytest.raises(zkiln.ArgumentError, match="outside the group of order r"):
        G2(*outside)
    array = G1.array([G1.generator(), G1.generator()])
    array[1, 0, 0] = 7
    with pytest.raises(zkiln.ArgumentError, match="points: point 1 is not on the curve"):
        G1.to_points(array)
    array[0, 1, 3] = 2**63
    with pytest.raises(zkiln.ArgumentError, match="points: point 0 has a coordinate that is not below q"):
        G1.to_points(array)
    with pytest.raises(zkiln.ArgumentTypeError, match="points: a G1 is needed"):
        G1.array([1])


def point_outside_g2():
    """A point of the curve of G2 that is not in the group of order r, as pairs of integers."""
    q, b = ecc.field_modulus, ecc.b2

    def sqrt(a):
        """A root in Fq2 by the norm: q = 3 mod 4."""
        a0, a1 = (int(c) for c in a.coeffs)
        norm = pow(a0 * a0 + a1 * a1, (q + 1) // 4, q)
        for sign in (1, -1):
            half = (a0 + sign * norm) * pow(2, -1, q) % q
            c0 = pow(half, (q + 1) // 4, q)
            if c0 and c0 * c0 % q == half:
                root = ecc.FQ2([c0, a1 * pow(2 * c0, -1, q) % q])
                if root * root == a:
                    return root
        return None

    for i in range(1, 50):
        x = ecc.FQ2([i, 1])
        y = sqrt(x * x * x + b)
        if y is not None:
            return [tuple(int(c) for c in coordinate.coeffs) for coordinate in (x, y)]
    raise AssertionError("one of fifty is a square")


def test_bases_outside_the_group():
    g = G2.array([G2.generator(), G2.generator()])
    (x, y) = point_outside_g2()
    for i, pair in enumerate((x, y)):
        g[1, i] = Fq.array(pair)
    with pytest.raises(zkiln.ArgumentError, match="outside the group of order r"):
        G2.to_points(g)
    with pytest.raises(zkiln.ArgumentError, match="bases: a point is on the curve but outside the group"):
        zkiln.MSM(g)
