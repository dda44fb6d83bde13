"""A circom circuit, from witness to verified proof.

The key is snarkjs' ``circuit.zkey``, the witness what any witness calculator of circom writes. The proof and the public
inputs are written as snarkjs has them; ``snarkjs groth16 verify`` and Solidity verifiers take them.

    python circom_proof.py                                  # a Merkle path, from this repository's tests
    python circom_proof.py circuit.zkey witness.wtns out    # your own
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from zkiln import Fr, groth16
from zkiln.errors import UnsatisfiedError

DATA = Path(__file__).resolve().parents[3] / "tests" / "data" / "merkle"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("key", nargs="?", type=Path, default=DATA / "circuit.zkey")
    parser.add_argument("witness", nargs="?", type=Path, default=DATA / "witness.wtns")
    parser.add_argument("out", nargs="?", type=Path, help="a directory for proof.json and public.json")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:N or emulator")
    options = parser.parse_args()

    # Once: the key is checked, and its points are prepared where the proofs will be made.
    key = groth16.ProvingKey.open(options.key, device=options.device)
    print(f"{key.n_wires} wires, {key.n_public} of them public, a domain of {key.domain_size}")

    # As often as there are witnesses, from any number of threads. The proof is verified before it is handed out.
    start = time.perf_counter()
    proof, public = key.prove(options.witness, progress=lambda phase: print(f"  {phase}"))
    print(f"proven and verified in {1000 * (time.perf_counter() - start):.1f} ms")

    # What a verifier has is the verification key alone, and the two texts.
    verifier = groth16.VerifyingKey.from_json(key.vk.to_json())
    received = groth16.Proof.from_json(proof.to_json())
    assert verifier.verify(received, public)
    claims = [int(value) for value in public]
    assert not verifier.verify(received, [*claims[:-1], (claims[-1] + 1) % Fr.MODULUS])

    # A witness is an array as well; one that is wrong gives no proof.
    witness = groth16.Witness.open(options.witness).to_array().copy()
    witness[-1] = witness[-1] ^ 1
    try:
        key.prove(witness)
    except UnsatisfiedError as error:
        print(f"of another witness: {error}")

    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "proof.json").write_text(proof.to_json())
        (options.out / "public.json").write_text(public.to_json())


if __name__ == "__main__":
    main()
