"""The scripts in examples/, run as a newcomer would, and Plonky3's verdict on the proof of one of them."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
EXAMPLES = REPOSITORY / "bindings" / "python" / "examples"


def run(script, *arguments):
    command = [sys.executable, EXAMPLES / script, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_sums(tmp_path):
    pytest.importorskip("matplotlib")
    out = run("msm_scaling.py", "--from", 4, "--to", 6, "--runs", 1, "--plot", tmp_path / "msm.png")
    assert "| msm | cpu | 2^4 |" in out and "4 times the points" in out
    assert (tmp_path / "msm.png").exists()


def test_a_circuit(tmp_path, circuits):
    out = run("circom_proof.py", "--device", "cpu")
    assert "proven and verified" in out and "of another witness: the witness does not satisfy" in out
    out = run(
        "circom_proof.py",
        circuits / "multiplier" / "circuit.zkey",
        circuits / "multiplier" / "witness.wtns",
        tmp_path,
        "--device",
        "cpu",
    )
    public = json.loads((tmp_path / "public.json").read_text())
    assert public == json.loads((circuits / "multiplier" / "public.json").read_text())
    assert json.loads((tmp_path / "proof.json").read_text())["protocol"] == "groth16"


def test_two_lanes(tmp_path):
    out = run("two_lanes.py", "--out", tmp_path)
    assert "accepted: <Summary of items 100 to 103" in out and "by 2 independent lanes" in out
    assert "the lanes share: circuit" in out and "accepted before in this lane" in out
    assert "with another payee: refused: segment" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["certificate.json", "journal.json"]


@pytest.fixture(scope="session")
def judge():
    """Plonky3's own verifier: the example `judge` of bindings/plonky3, which cargo builds with the tests."""
    given = os.environ.get("ZKILN_JUDGE")
    if given:
        return [given]
    cargo = shutil.which("cargo")
    if cargo is None:
        pytest.skip("neither ZKILN_JUDGE nor cargo is there to ask Plonky3")
    return [cargo, "run", "--quiet", "-p", "zkiln-plonky3", "--example", "judge", "--"]


def asked(judge, directory):
    command = [*judge, directory]
    return subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=3000)


@pytest.mark.parametrize("hash", ["poseidon2", "keccak"])
def test_an_air(judge, hash, tmp_path):
    out = run("air_in_python.py", "--rows", 128, "--hash", hash, "--out", tmp_path)
    assert "verified" in out and "bits proven" in out
    verdict = asked(judge, tmp_path)
    assert verdict.returncode == 0 and verdict.stdout.strip() == "accepted", verdict.stderr

    # It judges: the same proof of another number is refused by Plonky3's verifier.
    statement = json.loads((tmp_path / "statement.json").read_text())
    statement["public"][1] ^= 1
    (tmp_path / "statement.json").write_text(json.dumps(statement))
    verdict = asked(judge, tmp_path)
    assert verdict.returncode != 0 and "Plonky3 refuses the proof" in verdict.stderr
