"""Two independent proofs of one statement: from a circom circuit to a certificate, and to its verification.

The statement, its circuit and the witness that carries it are those of ``tests/data/ledger``. The same witness is proven by
Groth16, which needs a key from a ceremony, and by Spartan, which needs none and rests on hash functions alone: whoever wants a
false state accepted has to break both.

    python two_lanes.py
    python two_lanes.py FOLDER --out DIR      # program.json, circuit, key, statements and witnesses of your own
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from zkiln import groth16, spartan
from zkiln.errors import ConflictError, RefusedError
from zkiln.statement import Anchor, Certificate, Journal, Program, StatementV1

DATA = Path(__file__).resolve().parents[3] / "tests" / "data" / "ledger"


T = TypeVar("T")


def timed(what: str, call: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = call()
    print(f"  {what}: {1000 * (time.perf_counter() - start):.0f} ms")
    return result


def prove(folder: Path, out: Path) -> Path:
    """The prover's side: two statements, each with two proofs, in one certificate."""
    key = groth16.ProvingKey.open(folder / "circuit.zkey")
    circuit = spartan.Circuit(groth16.R1cs.open(folder / "circuit.r1cs"))
    segments = []
    for prefix in ["", "next_"]:
        statement = StatementV1.open(folder / f"{prefix}statement.json")
        witness = groth16.Witness.open(folder / f"{prefix}witness.wtns")
        statement.check_witness(witness)  # its public signals carry the statement
        print(f"items {statement.first_seq} to {statement.last_seq}")
        pairing, public = timed("Groth16", lambda: key.prove(witness))
        hashes, same = timed("Spartan", lambda: circuit.prove(witness))
        assert public == same == statement.signals
        segments.append((statement, {"groth16": pairing, "spartan": hashes}))

    # The program is what verifiers trust; the certificate is verified against it before it is handed out.
    program = Program.open(folder / "program.json")
    certificate = timed("certified", lambda: program.certify_range(segments))
    for _, _, parts in certificate.shared:
        print(f"the lanes share: {', '.join(parts)}")
    path = out / "certificate.json"
    certificate.save(path)
    return path


def verify(folder: Path, path: Path) -> None:
    """The verifier's side: its own program, the state where everything begins, and the file."""
    program = Program.open(folder / "program.json")
    genesis = StatementV1.open(folder / "statement.json")
    journal = Journal(program)
    certificate = Certificate.open(path)
    try:
        verdict = journal.accept(certificate, Anchor.genesis(genesis.pre_root, genesis.first_seq))
        print(f"accepted: {verdict.summary}, by {len(verdict.counted)} independent lanes")
        journal.accept(certificate, verdict.summary.end)  # the same again
    except RefusedError as error:
        print(f"{error}")
    except ConflictError:
        print("Two valid proofs contradict each other: nothing of this program can be believed.")
        raise
    finally:
        journal.save(path.with_name("journal.json"))

    # A certificate is of its statements: no word of them can be another.
    text = certificate.to_json().replace(f'"payee": "0x{genesis.payee.hex()}"', f'"payee": "0x{1:064x}"')
    try:
        program.verify(Certificate.from_json(text), Anchor.UNCHECKED)
    except RefusedError as error:
        print(f"with another payee: {error}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, help="a directory for certificate.json and journal.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = options.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        verify(options.folder, prove(options.folder, out))


if __name__ == "__main__":
    main()
