"""Kernels and provers for zero-knowledge proofs.

- ``Fr``, ``Fq``, ``KoalaBear``, ``BabyBear``, ``Goldilocks``: elements of fields, and arrays of them.
- ``G1``, ``G2``: points of BN254, and arrays of them.
- ``MSM``, ``NTT``, ``ntt``, ``poseidon2``, ``keccak_f``, ``MerkleTree``: the kernels.
- ``groth16``, ``spartan``, ``stark``: proofs. ``statement``: several proofs of one statement.
- ``bench``: how long all of this takes.
- ``DeviceArray``: arrays in a device's memory.
- ``info``, ``set_threads``, ``phases``, ``errors``.

Arrays of elements of ``Fr`` and ``Fq`` have the shape (.., 4) and the dtype uint64: canonical integers, the lowest limb first,
unless ``form="montgomery"`` says otherwise. Those of fields that fit a word are arrays of that word.
"""

from __future__ import annotations

from . import errors, groth16, spartan, stark, statement
from ._ntt import ntt
from ._phases import Phases, phases
from ._zkiln import (
    G1,
    G2,
    MSM,
    NTT,
    BabyBear,
    DeviceArray,
    Fq,
    Fr,
    Goldilocks,
    KoalaBear,
    MerkleTree,
    __version__,
    info,
    keccak_f,
    poseidon2,
    set_threads,
)
from .errors import (
    ArgumentError,
    ArgumentTypeError,
    BugError,
    CancelledError,
    ClosedError,
    ConflictError,
    DeviceError,
    EntropyError,
    Error,
    ForkError,
    IoError,
    MalformedError,
    MissingFileError,
    OutOfMemoryError,
    PublicInputsError,
    RefusedError,
    SelfCheckError,
    UnsatisfiedError,
    WeakKeyError,
    WitnessMismatchError,
)

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "BugError",
    "CancelledError",
    "ClosedError",
    "ConflictError",
    "DeviceError",
    "EntropyError",
    "Error",
    "ForkError",
    "IoError",
    "MalformedError",
    "MissingFileError",
    "OutOfMemoryError",
    "PublicInputsError",
    "RefusedError",
    "SelfCheckError",
    "UnsatisfiedError",
    "WeakKeyError",
    "WitnessMismatchError",
    "G1",
    "G2",
    "MSM",
    "NTT",
    "BabyBear",
    "DeviceArray",
    "Fq",
    "Fr",
    "Goldilocks",
    "KoalaBear",
    "MerkleTree",
    "Phases",
    "__version__",
    "errors",
    "groth16",
    "info",
    "keccak_f",
    "ntt",
    "phases",
    "poseidon2",
    "set_threads",
    "spartan",
    "stark",
    "statement",
]
