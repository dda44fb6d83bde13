"""Transforms against their definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkiln
from zkiln import NTT, BabyBear, Fq, Fr, Goldilocks, KoalaBear, ntt

FIELDS = pytest.mark.parametrize(
    "field", [Fr, KoalaBear, BabyBear, Goldilocks], ids=lambda field: field.__name__
)


def reverse(i, bits):
    return int(f"{i:0{bits}b}"[::-1], 2) if bits else 0


def naive(field, coefficients, shift=1):
    """The values of a polynomial at shift times the powers of the root of unity."""
    p, n = field.MODULUS, len(coefficients)
    w = int(field.root_of_unity(n.bit_length() - 1))
    points = [shift * pow(w, i, p) % p for i in range(n)]
    return [sum(c * pow(x, j, p) for j, c in enumerate(coefficients)) % p for x in points]


@FIELDS
@given(data=st.data())
def test_definition(field, data):
    log_n = data.draw(st.integers(0, 5))
    n = 1 << log_n
    element = st.integers(0, field.MODULUS - 1)
    coefficients = data.draw(st.lists(element, min_size=n, max_size=n))
    shift = data.draw(st.none() | st.integers(1, field.MODULUS - 1))
    orders = {"natural": lambda i: i, "bit_reversed": lambda i: reverse(i, log_n)}
    order_in, order_out = data.draw(st.tuples(*[st.sampled_from(sorted(orders))] * 2))
    values = naive(field, coefficients, shift or 1)
    given_in = field.array([coefficients[orders[order_in](i)] for i in range(n)])
    out = ntt(given_in, field=field, coset=shift, input_order=order_in, output_order=order_out)
    assert field.to_ints(out) == [values[orders[order_out](i)] for i in range(n)]
    back = ntt(
        out, field=field, coset=shift, inverse=True, input_order=order_out, output_order=order_in
    )
    assert np.array_equal(back, given_in)
    # What is linear does not mind the form.
    inside = ntt(
        field.to_montgomery(given_in),
        field=field,
        coset=shift,
        input_order=order_in,
        output_order=order_out,
    )
    assert np.array_equal(field.from_montgomery(inside), out)


@FIELDS
def test_batches_and_places(field):
    plan = NTT(6, field=field)
    values = field.random(5 * 64, seed=3).reshape(5, 64, *field.random(1, seed=0).shape[1:])
    kept = values.copy()
    expected = np.stack([plan(column) for column in values])
    assert np.array_equal(values, kept)
    assert np.array_equal(plan(values), expected)
    out = np.empty_like(values)
    assert plan(values, out=out) is out and np.array_equal(out, expected)
    assert plan(values, out=values) is values and np.array_equal(values, expected)
    assert np.array_equal(plan(values, inverse=True, out=values), kept)
    if field is not Fr:
        shifted = plan(kept, coset=5)
        assert np.array_equal(plan(shifted, coset=5, inverse=True), kept)


def test_large_transforms_come_back():
    for field, log_n in [(Fr, 15), (KoalaBear, 17), (Goldilocks, 16)]:
        values = field.random(1 << log_n, seed=1)
        there = ntt(values, field=field, coset=7, output_order="bit_reversed")
        assert np.array_equal(
            ntt(there, field=field, coset=7, input_order="bit_reversed", inverse=True), values
        )
        total = sum(field.to_ints(values)) % field.MODULUS
        assert field.to_ints(ntt(values, field=field)[:1]) == [total]


@pytest.mark.skipif(not zkiln.info()["emulator"], reason="built without the emulator")
def test_on_the_emulator():
    values = Fr.random(64, seed=1)
    plan = NTT(6, device="emulator")
    assert np.array_equal(plan(values), ntt(values)) and plan.device == "emulator"
    with pytest.raises(zkiln.ArgumentError, match="no transforms over KoalaBear on emulator"):
        NTT(6, field=KoalaBear, device="emulator")


def test_what_is_refused():
    values = Fr.random(8, seed=1)
    shape = r"values: an array of shape \(8, 4\) or \(k, 8, 4\) is needed, not "
    plan = NTT(3)
    for wrong, message in [
        (values[:4], shape + r"\(4, 4\)"),
        (values.reshape(32), shape + r"\(32,\)"),
        (values[::2], shape + r"\(4, 4\)"),
        (np.asfortranarray(values), "values: the array is not C-contiguous"),
    ]:
        with pytest.raises(zkiln.ArgumentError, match=message):
            plan(wrong)
    with pytest.raises(zkiln.ArgumentTypeError, match="values: an array of dtype uint64 is needed, not uint32"):
        plan(KoalaBear.random(8))
    with pytest.raises(zkiln.ArgumentTypeError, match="values: an array of dtype uint32 is needed, not uint64"):
        ntt(Goldilocks.random(8), field=KoalaBear)
    with pytest.raises(zkiln.ArgumentError, match="values: element 3 is not below the modulus p of BabyBear"):
        ntt(np.array([0, 1, 2, BabyBear.MODULUS], np.uint32), field=BabyBear)
    with pytest.raises(zkiln.ArgumentError, match="coset: a coset's shift must not be zero"):
        plan(values, coset=0)
    with pytest.raises(zkiln.ArgumentError, match='"natural" or "bit_reversed" is needed'):
        plan(values, input_order="reversed")
    with pytest.raises(zkiln.ArgumentError, match="values: 6 elements are no power of two"):
        ntt(values[:6])
    with pytest.raises(zkiln.ArgumentTypeError, match="values: a NumPy array is needed, not list"):
        ntt([1, 2])
    with pytest.raises(zkiln.ArgumentError, match="the field's largest has"):
        NTT(29)
    with pytest.raises(zkiln.ArgumentError, match="field: Fq has no roots of unity"):
        NTT(2, field=Fq)
    with pytest.raises(zkiln.ArgumentTypeError, match="field: a class of a field"):
        NTT(2, field="Fr")


def test_places_that_are_refused():
    values, plan = Fr.random(8, seed=1), NTT(3)
    with pytest.raises(zkiln.ArgumentError, match=r"out: an array of the shape of values, \(8, 4\)"):
        plan(values, out=np.zeros((4, 4), np.uint64))
    with pytest.raises(zkiln.ArgumentTypeError, match="out: an array of dtype uint64 is needed, not float64"):
        plan(values, out=np.zeros((8, 4)))
    with pytest.raises(zkiln.ArgumentError, match="out: the array is not C-contiguous"):
        plan(values, out=np.zeros((8, 8), np.uint64)[:, ::2])
    read_only = np.zeros((8, 4), np.uint64)
    read_only.flags.writeable = False
    with pytest.raises(zkiln.ArgumentError, match="out: the array is read-only"):
        plan(values, out=read_only)
    both = np.zeros((12, 4), np.uint64)
    with pytest.raises(zkiln.ArgumentError, match="out: the array overlaps another argument"):
        plan(both[:8], out=both[4:])
    # A view of all of it is the same place under another name, and is not taken for it.
    with pytest.raises(zkiln.ArgumentError, match="out: the array overlaps another argument"):
        plan(values, out=values[:])
