"""Transparent proofs of circom circuits: a second proof of what Groth16 proves, without a setup, by hash functions alone.

>>> from zkiln import Fr, groth16, spartan
>>> product = ([(2, 1)], [(3, 1)], [(1, 1)])  # wire 2 times wire 3 is wire 1
>>> r1cs = groth16.R1cs([product], n_wires=4, n_outputs=1, n_private_inputs=2)
>>> circuit = spartan.Circuit(r1cs)
>>> proof, public = circuit.prove(Fr.array([1, 33, 3, 11]))
>>> public
PublicInputs([33])
>>> received = spartan.Proof.from_bytes(proof.to_bytes())
>>> circuit.verify(received, public), circuit.verify(received, [34])
(True, False)

The format is that of provekit 1.0.3, whose verifier accepts these proofs; docs/spartan.md tells the protocol, its security
and what is hidden how. With ``dialect="compact-v1"`` proofs have half the size and **tell of the witness**.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._zkiln import Circuit
from ._zkiln import SpartanProof as Proof

__all__ = ["Circuit", "Parameters", "Proof"]


@dataclass(frozen=True)
class Parameters:
    """What a proof must withstand, and what it may cost; None is the dialect's default. Whoever verifies needs the prover's."""

    security_bits: int | None = None
    """Bits of security: 128."""
    work_bits: int | None = None
    """Bits of it that proof of work may stand in for: 10, and others in the compact dialect."""
    log_inverse_rate: int | None = None
    """The inverse of the first code's rate, as a power of two: 2."""
    log_folding: int | None = None
    """How many variables a round folds: 3, and 4 in the compact dialect."""
