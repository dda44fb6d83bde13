"""What all tests share."""

from __future__ import annotations

import pathlib

import hypothesis
import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# The same examples each time; a machine that is busy is no failure.
hypothesis.settings.register_profile("zkiln", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("zkiln")


@pytest.fixture(scope="session")
def circuits() -> pathlib.Path:
    """The circuits of the repository, with their keys, witnesses and snarkjs' own proofs."""
    return REPOSITORY / "tests" / "data"
