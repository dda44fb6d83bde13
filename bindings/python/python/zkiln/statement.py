"""Several proofs of one statement, for whoever does not want to fall with one proof system.

A :class:`StatementV1` is proven in several lanes (:class:`Groth16Lane`, :class:`SpartanLane`, :class:`AttestationLane`, and by
a :class:`Program`'s file also STARKs); a :class:`Policy` says how many independent ones it takes; a :class:`Certificate` has
the proofs of a statement or of a range; a :class:`Program` is what a verifier trusts; a :class:`Journal` remembers what
was accepted, and raises :class:`ConflictError` from the moment on that two proofs contradict each other.

docs/multi-prover.md has the protocol and what it guarantees; ``examples/two_lanes.py`` goes from a circuit to a certificate and
its verification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

from ._zkiln import (
    Anchor,
    AttestationLane,
    Certificate,
    Groth16Lane,
    Journal,
    Lane,
    LaneInfo,
    Policy,
    SpartanLane,
    StatementV1,
    Summary,
    Verdict,
    check_circuit,
    circuit_hash,
    keccak,
    key_hash,
    lane_digest,
    lane_id,
)
from ._zkiln import SpartanProof as _SpartanProof
from ._zkiln import Proof as _Groth16Proof
from ._zkiln import StatementProgram as Program
from .errors import ArgumentError, ConflictError, RefusedError

__all__ = [
    "Anchor",
    "AttestationLane",
    "Certificate",
    "ConflictError",
    "Groth16Lane",
    "Journal",
    "Lane",
    "LaneInfo",
    "Policy",
    "Program",
    "RefusedError",
    "SpartanLane",
    "StatementV1",
    "Summary",
    "Verdict",
    "address",
    "check_circuit",
    "circuit_hash",
    "keccak",
    "key_hash",
    "lane_digest",
    "lane_id",
    "prove_range",
]

Proofs = Mapping[str, "bytes | _Groth16Proof | _SpartanProof"]


def address(value: str | bytes) -> bytes:
    """The word of an address of an EVM, 20 bytes or 0x and 40 digits: twelve zero bytes before it.

    >>> from zkiln.statement import address
    >>> address("0x00000000219ab540356cBB839Cbe05303d7705Fa").hex()
    '00000000000000000000000000000000219ab540356cbb839cbe05303d7705fa'
    """
    if isinstance(value, str):
        digits = re.fullmatch("0x([0-9a-fA-F]{40})", value)
        value = bytes.fromhex(digits[1]) if digits else b""
    if len(value) != 20:
        raise ArgumentError("address: 20 bytes, or 0x and 40 hexadecimal digits are needed")
    return bytes(12) + value


def prove_range(
    program: Program,
    lanes: Sequence[str],
    statements: Sequence[StatementV1],
    prove: Callable[[int, StatementV1], Proofs],
    *,
    workers: int | None = None,
) -> Certificate:
    """Proves statements that follow one another, several at a time, and certifies them.

    ``prove(i, statement)`` gives the proofs of one by the names of their lanes. It is called on threads of Python's, of which
    there are ``workers``: as many as cores, if it is not said, which is also how many proofs are in memory at a time. That the
    statements follow one another and the lanes satisfy the policy is seen to before any is proven.
    """
    program.check_range(list(lanes), list(statements))
    with ThreadPoolExecutor(workers or cpu_count() or 1) as pool:
        jobs = [pool.submit(prove, i, statement) for i, statement in enumerate(statements)]
        try:
            proofs = [dict(job.result()) for job in jobs]
        except BaseException:
            for job in jobs:
                job.cancel()
            raise
    for i, given in enumerate(proofs):
        if set(given) != set(lanes):
            raise ArgumentError(f"statement {i}: proofs of {sorted(given)}, where {sorted(lanes)} are to be proven")
    return program.certify_range(list(zip(statements, proofs)))
