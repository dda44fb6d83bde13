"""What all tests share."""

from __future__ import annotations

import pathlib

import hypothesis
import pytest
from tally import Pairing, circuit, claim, witness
from zkiln.statement import Policy, Program, SpartanLane, keccak

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# The same examples each time; a machine that is busy is no failure.
hypothesis.settings.register_profile("zkiln", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("zkiln")


@pytest.fixture(scope="session")
def circuits() -> pathlib.Path:
    """The circuits of the repository, with their keys, witnesses and snarkjs' own proofs."""
    return REPOSITORY / "tests" / "data"


# The program of `tally`, its lanes, and a certificate with its proofs.


@pytest.fixture(scope="session")
def pairing():
    return Pairing()


@pytest.fixture(scope="session")
def hashes():
    return SpartanLane(circuit())


@pytest.fixture(scope="session")
def program(pairing, hashes):
    policy = Policy(2, count_development=True)
    return Program(keccak(b"tally"), policy, {"groth16": pairing.lane, "spartan": hashes})


@pytest.fixture(scope="session")
def single(pairing):
    return Program(keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane})


@pytest.fixture(scope="session")
def proofs(pairing, hashes):
    return {"groth16": pairing.prove(claim()), "spartan": hashes.prove(claim(), witness(claim()))}


@pytest.fixture(scope="session")
def certificate(program, proofs):
    return program.certify(claim(), proofs)
