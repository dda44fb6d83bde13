"""Arrays on devices, and the protocols by which libraries share them. The emulator's memory is the host's."""

from __future__ import annotations

import ctypes
import gc
import pathlib
import threading

import numpy as np
import pytest
import zkiln
from zkiln import G1, G2, MSM, NTT, DeviceArray, Fr
from zkiln.errors import ArgumentError, ArgumentTypeError, ClosedError, DeviceError

pytestmark = pytest.mark.skipif(not zkiln.info()["emulator"], reason="built without the emulator")


def array(n=8, seed=1):
    return Fr.random(n, seed=seed)


class Elsewhere:
    """Another library's array on some device, which must be refused before it is touched."""

    def __init__(self, kind, number=0):
        self.device = kind, number

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **_):
        raise AssertionError("an array on another device was taken")


class Exporter:
    """An array of the host that speaks DLPack and is not NumPy's."""

    def __init__(self, values, keywords=("stream", "max_version", "dl_device", "copy")):
        self.values, self.keywords = values, keywords

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()

    def __dlpack__(self, **keywords):
        for name in keywords:
            if name not in self.keywords:
                raise TypeError(f"unexpected keyword argument {name!r}")
        return self.values.__dlpack__(**keywords)


class Interface:
    """What has nothing but a __cuda_array_interface__."""

    __cuda_array_interface__ = {
        "shape": (8, 4),
        "typestr": "<u8",
        "data": (256, False),
        "strides": None,
        "version": 3,
    }


def test_there_and_back():
    values = array().reshape(2, 4, 4)
    there = DeviceArray(values, "emulator")
    assert (there.shape, there.ndim, there.dtype, there.device) == ((2, 4, 4), 3, np.uint64, "emulator")
    assert (len(there), there.nbytes) == (2, values.nbytes)
    assert repr(there) == "<DeviceArray of shape (2, 4, 4) on emulator>"
    back = there.numpy()
    np.testing.assert_array_equal(back, values)
    assert back.dtype == np.uint64 and not np.shares_memory(back, values)
    np.testing.assert_array_equal(there.copy().numpy(), values)
    np.testing.assert_array_equal(DeviceArray(there, "emulator").numpy(), values)
    empty = DeviceArray(values[:0], "emulator")
    assert empty.shape == (0, 4, 4) and empty.numpy().shape == (0, 4, 4)


def test_numpy_sees_it_where_it_is():
    there = DeviceArray(array(), "emulator")
    assert there.__dlpack_device__() == (1, 0)
    view = np.from_dlpack(there)
    np.testing.assert_array_equal(view, array())
    capsule = there.__dlpack__(max_version=(1, 0))
    assert "dltensor_versioned" in repr(capsule)
    assert '"dltensor"' in repr(there.__dlpack__())
    again = np.from_dlpack(Exporter(there))
    if again.flags.writeable:  # NumPy 2.1 and newer
        again[3, 0] = 77
        assert there.numpy()[3, 0] == 77 and view[3, 0] == 77
    copy = there.__dlpack__(copy=True, max_version=(1, 0))
    del capsule, copy
    # The memory lives as long as somebody sees it.
    seen = view.copy()
    there.close()
    del there, again
    gc.collect()
    for i in range(8):
        DeviceArray(array(seed=100 + i), "emulator")
    np.testing.assert_array_equal(view, seen)


def test_memory_is_given_back():
    """A capsule that nobody takes, and one that somebody does."""
    values = array(1 << 16)
    for _ in range(800):  # 1600 MiB in all, were they kept
        there = DeviceArray(values, "emulator")
        there.__dlpack__()
        there.__dlpack__(max_version=(1, 0))
        np.from_dlpack(there)
    status = pathlib.Path("/proc/self/status").read_text()
    used = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    assert used < 1 << 20, f"{used} KiB"


@pytest.mark.parametrize("keywords", [("stream",), ("stream", "max_version")])
def test_arrays_of_other_libraries(keywords):
    values = array()
    np.testing.assert_array_equal(DeviceArray(Exporter(values, keywords), "emulator").numpy(), values)
    signed = Exporter(values.view(np.int64), keywords)
    np.testing.assert_array_equal(DeviceArray(signed, "emulator").numpy(), values)
    for wrong, error, message in [
        (values.astype(np.float64), ArgumentTypeError, "uint64 is needed, .* not float64"),
        (values.astype(np.uint32), ArgumentTypeError, "not uint32"),
        (values[::2], ArgumentError, "not C-contiguous"),
        (values.reshape(-1), ArgumentError, r"shape \(.., 4\) is needed, not \(32,\)"),
        (values.reshape(4, 8), ArgumentError, r"not \(4, 8\)"),
    ]:
        with pytest.raises(error, match=message):
            DeviceArray(Exporter(wrong, keywords), "emulator")
        with pytest.raises(error):
            DeviceArray(wrong, "emulator")


def test_what_is_no_array():
    for wrong in ([1, 2, 3, 4], 5, None, "array"):
        with pytest.raises(ArgumentTypeError, match="array: a NumPy array of uint64 is needed"):
            DeviceArray(wrong, "emulator")
    capsule = Exporter(array())
    capsule.__class__ = type("Liar", (Exporter,), {"__dlpack__": lambda self, **_: 5})
    with pytest.raises(ArgumentTypeError, match="__dlpack__ gave int"):
        DeviceArray(capsule, "emulator")
    # A capsule is taken once.
    once = array().__dlpack__()
    taken = type("Once", (), {"__dlpack_device__": lambda self: (1, 0), "__dlpack__": lambda self, **_: once})()
    DeviceArray(taken, "emulator")
    with pytest.raises(ArgumentTypeError, match="no capsule of a tensor"):
        DeviceArray(taken, "emulator")


def tensor(shape, version=None):
    """A capsule of a tensor of uint64 that claims any shape."""
    lengths = (ctypes.c_int64 * max(len(shape), 1))(*shape)

    class Tensor(ctypes.Structure):
        _fields_ = [
            ("data", ctypes.c_void_p),
            ("kind", ctypes.c_int32),
            ("number", ctypes.c_int32),
            ("dimensions", ctypes.c_int32),
            ("code", ctypes.c_uint8),
            ("bits", ctypes.c_uint8),
            ("lanes", ctypes.c_uint16),
            ("shape", ctypes.c_void_p),
            ("strides", ctypes.c_void_p),
            ("byte_offset", ctypes.c_uint64),
        ]

    class Plain(ctypes.Structure):
        _fields_ = [("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]

    class Versioned(ctypes.Structure):
        _fields_ = [
            ("major", ctypes.c_uint32),
            ("minor", ctypes.c_uint32),
            ("context", ctypes.c_void_p),
            ("deleter", ctypes.c_void_p),
            ("flags", ctypes.c_uint64),
            ("tensor", Tensor),
        ]

    data = (ctypes.c_uint64 * 4)()
    described = Tensor(
        ctypes.addressof(data), 1, 0, len(shape), 1, 64, 1, ctypes.addressof(lengths), None, 0
    )
    managed = Plain(described) if version is None else Versioned(version, 0, None, None, 0, described)
    name = b"dltensor" if version is None else b"dltensor_versioned"
    make = ctypes.pythonapi.PyCapsule_New
    make.restype = ctypes.py_object
    make.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    kept = (name, managed, data, lengths)
    capsule = make(ctypes.addressof(managed), name, None)
    members = {
        "kept": kept,
        "__dlpack_device__": lambda self: (1, 0),
        "__dlpack__": lambda self, **_: capsule,
    }
    return type("Claims", (), members)()


def test_tensors_that_claim_too_much():
    np.testing.assert_array_equal(DeviceArray(tensor([1, 4]), "emulator").numpy(), np.zeros((1, 4)))
    for shape, message in [
        ([2**61, 4], "more than there can be"),
        ([2**32, 2**32, 4], "more than there can be"),
        ([-1, 4], "negative"),
        ([], r"shape \(.., 4\)"),
        ([4], r"shape \(.., 4\)"),
    ]:
        for version in (None, 1):
            with pytest.raises(ArgumentError, match=message):
                DeviceArray(tensor(shape, version), "emulator")
    with pytest.raises(ArgumentError, match="DLPack 7, and only 1 is known"):
        DeviceArray(tensor([1, 4], 7), "emulator")


def test_requests_that_cannot_be_met():
    there = DeviceArray(array(), "emulator")
    for stream in (0, 1, -1, 12345):
        with pytest.raises(ArgumentError, match="is no stream for an array on emulator"):
            there.__dlpack__(stream=stream)
    with pytest.raises(BufferError, match="numpy\\(\\) copies it"):
        there.__dlpack__(dl_device=(2, 0))
    with pytest.raises(AttributeError, match="no __cuda_array_interface__"):
        there.__cuda_array_interface__
    assert not hasattr(there, "__cuda_array_interface__")
    with pytest.raises(ArgumentTypeError, match="on emulator: numpy\\(\\) copies it"):
        np.asarray(there)


def test_devices_that_hold_no_arrays():
    with pytest.raises(ArgumentError, match='device: "cpu" is this machine\'s processor'):
        DeviceArray(array(), "cpu")
    with pytest.raises(ArgumentError, match="no backend is called"):
        DeviceArray(array(), "rocm:0")
    if not zkiln.info()["gpus"]:
        with pytest.raises(DeviceError):
            DeviceArray(array(), "cuda:0")


def test_closed():
    with DeviceArray(array(), "emulator") as there:
        pass
    for use in (there.numpy, there.copy, there.__dlpack__, lambda: NTT(3, device="emulator")(there)):
        with pytest.raises(ClosedError, match="this DeviceArray is closed"):
            use()


@pytest.mark.parametrize("group", [G1, G2])
@pytest.mark.parametrize("form", ["canonical", "montgomery"])
def test_sums(group, form):
    bases = group.generator().multiples(Fr.random(20, seed=1))
    scalars = Fr.random(60, seed=2, form=form).reshape(3, 20, 4)
    msm, cpu = MSM(bases, device="emulator"), MSM(bases, device="cpu")
    sums = msm(DeviceArray(scalars, "emulator"), form=form)
    assert sums == cpu(scalars, form=form)
    assert msm(DeviceArray(scalars[0], "emulator"), form=form) == sums[0]
    with pytest.raises(ArgumentError, match=r"\(20, 4\) or \(k, 20, 4\) is needed, not \(3, 4\)"):
        msm(DeviceArray(scalars[0, :3], "emulator"))
    beyond = np.full((20, 4), 2**64 - 1, dtype=np.uint64)
    with pytest.raises(ArgumentError, match="scalar 0 is not below the order"):
        msm(DeviceArray(beyond, "emulator"))


@pytest.mark.parametrize("orders", [("natural", "natural"), ("natural", "bit_reversed"), ("bit_reversed", "natural")])
@pytest.mark.parametrize("coset", [None, 7])
@pytest.mark.parametrize("inverse", [False, True])
def test_transforms(inverse, coset, orders):
    values = array(3 * 32).reshape(3, 32, 4)
    keywords = dict(inverse=inverse, coset=coset, input_order=orders[0], output_order=orders[1])
    ntt, cpu = NTT(5, device="emulator"), NTT(5, device="cpu")
    expected = cpu(values, **keywords)
    there = DeviceArray(values, "emulator")
    result = ntt(there, **keywords)
    assert isinstance(result, DeviceArray)
    np.testing.assert_array_equal(result.numpy(), expected)
    np.testing.assert_array_equal(there.numpy(), values)
    out = DeviceArray(np.zeros_like(values), "emulator")
    assert ntt(there, out=out, **keywords) is out
    np.testing.assert_array_equal(out.numpy(), expected)
    assert ntt(there, out=there, **keywords) is there
    np.testing.assert_array_equal(there.numpy(), expected)


def test_arrays_that_change_roles():
    """Two threads, each of which writes what the other reads, do not wait for each other forever."""
    ntt = NTT(3, device="emulator")
    one, other = DeviceArray(array(8), "emulator"), DeviceArray(array(8, 2), "emulator")

    def run(values, out):
        for _ in range(200):
            ntt(values, out=out)

    threads = [threading.Thread(target=run, args=roles, daemon=True) for roles in [(one, other), (other, one)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
        assert not thread.is_alive()


def test_transforms_that_do_not_fit():
    ntt, there = NTT(3, device="emulator"), DeviceArray(array(8), "emulator")
    with pytest.raises(ArgumentError, match=r"\(8, 4\) or \(k, 8, 4\) is needed, not \(4, 4\)"):
        ntt(DeviceArray(array(4), "emulator"))
    with pytest.raises(ArgumentError, match="out: an array of shape"):
        ntt(there, out=DeviceArray(array(16).reshape(2, 8, 4), "emulator"))
    with pytest.raises(ArgumentError, match="out: an array of shape"):
        ntt(there, out=array(8))
    with pytest.raises(ArgumentError, match="must not be zero"):
        ntt(there, coset=0)


@pytest.mark.parametrize(
    ("elsewhere", "place"),
    [
        (Elsewhere(2, 0), "cuda:0"),
        (Elsewhere(2, 3), "cuda:3"),
        (Elsewhere(10, 0), "a device of DLPack's kind 10"),
        (Interface(), "a CUDA device"),
    ],
)
def test_arrays_of_other_devices(elsewhere, place):
    bases = G1.generator().multiples(array(8))
    for device, here in (("cpu", "the processor"), ("emulator", "emulator")):
        message = f"the array is on {place}, and this is for {here}: copy it there first"
        with pytest.raises(ArgumentError, match=f"scalars: {message}"):
            MSM(bases, device=device)(elsewhere)
        with pytest.raises(ArgumentError, match=f"values: {message}"):
            NTT(3, device=device)(elsewhere)
    with pytest.raises(ArgumentError, match=f"array: the array is on {place}"):
        DeviceArray(elsewhere, "emulator")


def test_arrays_of_ours_elsewhere():
    there = DeviceArray(array(8), "emulator")
    with pytest.raises(ArgumentError, match="scalars: the array is on emulator, and this is for the processor"):
        MSM(G1.generator().multiples(array(8)), device="cpu")(there)
    with pytest.raises(ArgumentError, match="values: the array is on emulator"):
        NTT(3, device="cpu")(there)
