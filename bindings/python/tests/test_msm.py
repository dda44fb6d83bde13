"""Sums against sums."""

from __future__ import annotations

import numpy as np
import py_ecc.bn128 as ecc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zkiln
from zkiln import G1, G2, MSM, Fr

from test_curves import GROUPS, generator, to_ecc


@GROUPS
@settings(max_examples=20)
@given(data=st.data())
def test_sums(group, data):
    scalars = st.integers(0, Fr.MODULUS - 1) | st.sampled_from([0, 1, Fr.MODULUS - 1, 2**63])
    pairs = data.draw(st.lists(st.tuples(st.integers(0, 50), scalars), max_size=40))
    points = [group.generator() * k for k, _ in pairs]
    msm = MSM(group.array(points), device="cpu")
    assert len(msm) == len(pairs)
    expected = group.generator() * sum(k * s for k, s in pairs)
    canonical = Fr.array([s for _, s in pairs])
    assert msm(canonical) == expected
    assert msm(Fr.to_montgomery(canonical), form="montgomery") == expected
    bases = group.array(points, form="montgomery")
    assert MSM(bases, form="montgomery", check=False)(canonical) == expected


def test_against_py_ecc():
    ks, ss = [3, 5, 7, 11], [2**200 + 1, Fr.MODULUS - 5, 12345, 2**64]
    for group in (G1, G2):
        bases = [group.generator() * k for k in ks]
        total = None
        for k, s in zip(ks, ss):
            total = ecc.add(total, ecc.multiply(ecc.multiply(generator(group), k), s))
        assert to_ecc(MSM(group.array(bases))(Fr.array(ss))) == total


@pytest.mark.parametrize("form", ["canonical", "montgomery"])
def test_batches(form):
    bases = G1.generator().multiples(Fr.random(100, seed=1))
    scalars = Fr.random(300, seed=2, form=form).reshape(3, 100, 4)
    msm = MSM(bases)
    assert msm(scalars, form=form) == [msm(row, form=form) for row in scalars]
    assert msm(scalars[:0], form=form) == []
    assert MSM(bases[:0])(Fr.array([])) == G1.infinity()


@pytest.mark.skipif(not zkiln.info()["emulator"], reason="built without the emulator")
def test_on_the_emulator():
    bases = G1.generator().multiples(Fr.random(40, seed=1))
    scalars = Fr.random(40, seed=2)
    msm = MSM(bases, device="emulator")
    assert msm.device == "emulator" and "emulator" in repr(msm)
    assert msm(scalars) == MSM(bases, device="cpu")(scalars)
    pair = scalars[:20].reshape(1, 20, 4)
    assert MSM(bases[:20], device="emulator")(pair) == [MSM(bases[:20], device="cpu")(pair[0])]


def test_what_is_refused():
    bases = G1.array([G1.generator()] * 3)
    msm, scalars = MSM(bases), Fr.array([1, 2, 3])
    shape = r"scalars: over 3 bases an array of shape \(3, 4\) or \(k, 3, 4\) is needed, not "
    for wrong, message in [
        (scalars[:2], shape + r"\(2, 4\)"),
        (scalars[:, :3], shape + r"\(3, 3\)"),
        (scalars[0], shape + r"\(4,\)"),
        (scalars[:, ::-1], "scalars: the array is not C-contiguous"),
        (np.asfortranarray(scalars), "scalars: the array is not C-contiguous"),
    ]:
        with pytest.raises(zkiln.ArgumentError, match=message):
            msm(wrong)
    too_large = scalars.copy()
    too_large[2] = np.frombuffer(Fr.MODULUS.to_bytes(32, "little"), np.uint64)
    for form in ("canonical", "montgomery"):
        with pytest.raises(ValueError, match="scalars: element 2 is not below the modulus r of Fr"):
            msm(too_large, form=form)
    for wrong, message in [
        (scalars.astype(np.int64), "scalars: an array of dtype uint64 is needed, not int64"),
        (scalars.astype(">u8"), "not uint64 of big-endian words|not >u8"),
        (scalars.tolist(), "scalars: a NumPy array of uint64 is needed, not list"),
        (None, "scalars: a NumPy array of uint64 is needed, not NoneType"),
    ]:
        with pytest.raises(zkiln.ArgumentTypeError, match=message) as caught:
            msm(wrong)
        assert isinstance(caught.value, TypeError) and isinstance(caught.value, zkiln.Error)
    with pytest.raises(zkiln.ArgumentError, match=r"bases: an array of shape \(n, 2, 4\), of G1, or"):
        MSM(scalars)
    with pytest.raises(zkiln.ArgumentError, match='form: "canonical" or "montgomery" is needed, not "x"'):
        msm(scalars, form="x")
    with pytest.raises(zkiln.ArgumentError, match='no backend is called "abacus"'):
        MSM(bases, device="abacus")
    wrong = bases.copy()
    wrong[1, 0, 0] = 5
    with pytest.raises(zkiln.ArgumentError, match="bases: point 1 is not on the curve"):
        MSM(wrong)


def test_misaligned_arrays():
    scalars = Fr.array([1, 2, 3])
    odd = np.frombuffer(b"x" + scalars.tobytes(), np.uint8)[1:].view(np.uint64).reshape(3, 4)
    if not odd.flags.aligned:
        with pytest.raises(zkiln.ArgumentError, match="scalars: the array is misaligned"):
            MSM(G1.array([G1.generator()] * 3))(odd)


def test_gpus_that_are_not_there():
    if zkiln.info()["gpus"]:
        pytest.skip("there are GPUs")
    with pytest.raises(zkiln.DeviceError) as caught:
        MSM(G1.array([G1.generator()]), device="cuda")
    assert isinstance(caught.value, RuntimeError) and caught.value.code == 10
