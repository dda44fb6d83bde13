"""Groth16 proofs of circom circuits, from snarkjs' keys.

>>> from zkiln import Fr, groth16
>>> product = ([(2, 1)], [(3, 1)], [(1, 1)])  # wire 2 times wire 3 is wire 1
>>> circuit = groth16.R1cs([product], n_wires=4, n_outputs=1, n_private_inputs=2)
>>> key = groth16.ProvingKey.open(groth16.insecure_development_key(circuit))
>>> proof, public = key.prove(Fr.array([1, 33, 3, 11]))
>>> public
PublicInputs([33])
>>> key.vk.verify(proof, public), key.vk.verify(proof, [34])
(True, False)
"""

from __future__ import annotations

from ._zkiln import (
    Proof,
    ProvingKey,
    PublicInputs,
    R1cs,
    VerifyingKey,
    Witness,
    insecure_development_key,
)

__all__ = [
    "Proof",
    "ProvingKey",
    "PublicInputs",
    "R1cs",
    "VerifyingKey",
    "Witness",
    "insecure_development_key",
]
