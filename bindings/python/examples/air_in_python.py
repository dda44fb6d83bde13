"""An AIR written in Python: proven by zkiln, verified by zkiln, and ready for Plonky3's own verifier.

The statement: "I know a key with which MiMC encrypts this number to that one". A round is ``x -> (x + key + c)^3``,
where the constants ``c`` repeat; the key is a column that only the prover sees, the same in every row. (Proofs of this
kind are short arguments, not zero-knowledge ones: they do not hide the key from whoever tries hard.)

    python air_in_python.py              # proves and verifies
    python air_in_python.py --out DIR    # also writes the program, the proof and the statement to DIR, for
                                         # cargo run -p zkiln-plonky3 --example judge -- DIR
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
from zkiln import KoalaBear, stark

# In KoalaBear every number has one cube root, so a round can be undone.
MODULUS = KoalaBear.MODULUS
CONSTANTS = [pow(7, i, MODULUS) for i in range(64)]


class MiMC(stark.Air):
    columns = ["x", "key"]
    public = ["message", "cipher"]
    periodic = {"constant": CONSTANTS}

    def constraints(self, air: stark.Builder) -> None:
        x, key = air.main
        after = (x + key + air.periodic.constant) ** 3
        air.when(air.is_first_row).assert_eq(x, air.public.message)
        air.when(air.is_transition).assert_eq(air.next.x, after).assert_eq(air.next.key, key)
        air.when(air.is_last_row).assert_eq(x, air.public.cipher)


def encrypt(message: int, key: int, rows: int) -> np.ndarray:
    """The trace: a row for each round."""
    trace = np.empty((rows, 2), dtype=np.uint32, order="F")
    x = message
    for row in range(rows):
        trace[row] = x, key
        x = pow(x + key + CONSTANTS[row % len(CONSTANTS)], 3, MODULUS)
    return trace


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1024, help="a power of two, at least 64")
    parser.add_argument("--hash", default="poseidon2", choices=["poseidon2", "keccak"])
    parser.add_argument("--out", type=Path, help="where to write program, proof and statement")
    options = parser.parse_args()

    program = MiMC().program(KoalaBear)
    print(f"{program.constraints} constraints of degree {program.degree} on {program.columns} columns")

    # Without work (grinding), which would take longest of all for a trace as small as this.
    parameters = stark.Parameters(log_blowup=2, queries=100)
    prover = stark.Prover(program, options.rows, hash=options.hash, parameters=parameters)
    verifier = prover.verifier
    bits = verifier.security
    print(f"security: {bits.proven} bits proven, {bits.conjectured} conjectured")

    trace = encrypt(message=12345, key=67890, rows=options.rows)
    public = [12345, int(trace[-1, 0])]
    proof = prover.prove(trace, public)
    assert verifier.verify(proof, public)
    assert not verifier.verify(proof, [public[0], public[1] ^ 1])
    print(f"a proof of {len(proof)} bytes that {public[0]} becomes {public[1]}, and nothing else: verified")

    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "program.zair").write_bytes(program.to_bytes())
        (options.out / "proof.bin").write_bytes(proof)
        statement = {
            "field": program.field.__name__.lower(),
            "hash": options.hash,
            "rows": options.rows,
            "parameters": dataclasses.asdict(parameters),
            "public": public,
        }
        (options.out / "statement.json").write_text(json.dumps(statement, indent=1))


if __name__ == "__main__":
    main()
