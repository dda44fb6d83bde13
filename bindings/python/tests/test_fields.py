"""Elements of fields against Python's integers."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkiln
from zkiln import BabyBear, Fq, Fr, Goldilocks, KoalaBear

MODULI = {
    Fr: 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001,
    Fq: 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47,
    KoalaBear: 2**31 - 2**24 + 1,
    BabyBear: 2**31 - 2**27 + 1,
    Goldilocks: 2**64 - 2**32 + 1,
}
FIELDS = pytest.mark.parametrize("field", MODULI, ids=lambda field: field.__name__)
INTEGERS = st.integers(-(2**300), 2**300) | st.integers(-3, 3)


@FIELDS
def test_constants(field):
    p = MODULI[field]
    assert p == field.MODULUS
    k = field.TWO_ADICITY
    assert (p - 1) % 2**k == 0 and (p - 1) % 2 ** (k + 1) != 0
    for log_n in (0, 1, k - 1, k):
        root = int(field.root_of_unity(log_n))
        assert pow(root, 2**log_n, p) == 1
        assert log_n == 0 or pow(root, 2 ** (log_n - 1), p) == p - 1
    with pytest.raises(zkiln.ArgumentError, match=rf"roots of unity up to the order 2\*\*{k}"):
        field.root_of_unity(k + 1)
    # A generator is no square.
    assert pow(int(field.generator()), (p - 1) // 2, p) == p - 1


@FIELDS
@given(a=INTEGERS, b=INTEGERS)
def test_arithmetic(field, a, b):
    p, x, y = MODULI[field], field(a), field(b)
    assert int(x) == a % p
    assert int(x + y) == int(x + b) == int(a + y) == (a + b) % p
    assert int(x - y) == int(x - b) == int(a - y) == (a - b) % p
    assert int(x * y) == int(x * b) == int(a * y) == a * b % p
    assert int(-x) == -a % p
    assert bool(x) == (a % p != 0)
    if b % p:
        assert int(x / y) == int(x / b) == int(a / y) == a * pow(b, -1, p) % p
        assert int(y.inverse()) == pow(b, -1, p)


@FIELDS
@given(a=INTEGERS, e=st.integers(-(2**300), 2**300) | st.integers(-5, 5))
def test_powers(field, a, e):
    p = MODULI[field]
    if a % p == 0 and e < 0:
        with pytest.raises(ZeroDivisionError):
            field(a) ** e
    else:
        assert int(field(a) ** e) == pow(a, e, p)


@FIELDS
@given(a=INTEGERS)
def test_square_roots(field, a):
    p = MODULI[field]
    root = field(a).sqrt()
    is_square = pow(a, (p - 1) // 2, p) in (0, 1)
    assert (root is not None) == is_square
    assert root is None or root**2 == field(a)


@FIELDS
@given(a=INTEGERS)
def test_conversions(field, a):
    x = field(a)
    size = len(bytes(x))
    assert bytes(x) == int(x).to_bytes(size, "little")
    assert field.from_bytes(bytes(x)) == x
    assert pickle.loads(pickle.dumps(x)) == x
    assert eval(repr(x), {field.__name__: field}) == x
    # As a key it is the integer that it equals.
    assert x == int(x) and hash(x) == hash(int(x)) and {x: 1}[int(x)] == 1
    assert field(x) == x


@FIELDS
def test_what_is_no_element(field):
    p = field.MODULUS
    assert field(1) != p + 1 and field(0) != "0" and field(1) != 1.0
    with pytest.raises(TypeError):
        field(1.5)
    with pytest.raises(TypeError):
        field(1) + 1.5
    with pytest.raises(TypeError):
        field(1) < field(2)
    with pytest.raises(ZeroDivisionError, match="zero has no inverse"):
        field(1) / 0
    with pytest.raises(zkiln.ArgumentError, match="little-endian integer below the modulus"):
        field.from_bytes(p.to_bytes(len(bytes(field(0))), "little"))
    with pytest.raises(zkiln.ArgumentError, match="bytes"):
        field.from_bytes(b"")


def test_fields_do_not_mix():
    with pytest.raises(TypeError):
        Fr(1) + Fq(1)
    assert Fr(1) != Fq(1)


@FIELDS
@given(values=st.lists(INTEGERS, max_size=20))
def test_arrays(field, values):
    p = MODULI[field]
    array = field.array(values)
    wide = field in (Fr, Fq)
    assert array.dtype == (np.uint64 if wide or field is Goldilocks else np.uint32)
    assert array.shape == ((len(values), 4) if wide else (len(values),))
    assert field.to_ints(array) == [v % p for v in values]
    if wide:
        limbs = [sum(int(limb) << 64 * i for i, limb in enumerate(row)) for row in array]
        assert limbs == [v % p for v in values]
    else:
        assert array.tolist() == [v % p for v in values]
    inside = field.to_montgomery(array)
    assert field.to_ints(inside, form="montgomery") == [v % p for v in values]
    assert np.array_equal(field.array(values, form="montgomery"), inside)
    assert np.array_equal(field.from_montgomery(inside), array)
    if wide:
        bits = 256
        assert field.to_ints(inside) == [(v << bits) % p for v in values]


@FIELDS
def test_random_arrays(field):
    a, b = field.random(1000, seed=7), field.random(1000, seed=7)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, field.random(1000, seed=8))
    assert np.array_equal(field.random(1000, seed=7, form="montgomery"), field.to_montgomery(a))
    assert len(set(field.to_ints(field.random(1000)))) > 990
    assert field.random() != field.random() or field.MODULUS < 2**32
    assert field.random(seed=7) == field.to_ints(a)[0]
    mean = sum(field.to_ints(a)) / 1000 / field.MODULUS
    assert 0.4 < mean < 0.6
