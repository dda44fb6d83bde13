"""Transparent proofs of the repository's circuits, one of provekit's, and what is refused."""

from __future__ import annotations

import os
import pickle
import threading
import time

import pytest

import zkiln
from test_manners import run
from zkiln import Fr
from zkiln.groth16 import PublicInputs, R1cs, Witness
from zkiln.spartan import Circuit, Parameters, Proof


@pytest.fixture(scope="module")
def multiplier(circuits):
    folder = circuits / "multiplier"
    circuit = Circuit(R1cs.open(folder / "circuit.r1cs"))
    return circuit, *circuit.prove(folder / "witness.wtns")


def test_proofs(circuits):
    folder = circuits / "merkle"
    r1cs = R1cs.open(folder / "circuit.r1cs")
    circuit = Circuit(r1cs)
    assert (circuit.n_wires, circuit.n_public, circuit.log_vector_len) == (r1cs.n_wires, 1, 14)
    assert 127 < circuit.security_bits < 130 and len(circuit.id) == 32
    assert "Circuit of" in repr(circuit)
    seen = []
    proof, public = circuit.prove(folder / "witness.wtns", progress=seen.append)
    assert seen[0] == "spartan prove" and seen[-1] == "spartan verify" and "sumcheck" in seen
    assert public == PublicInputs.open(folder / "public.json")
    # Whoever verifies makes the circuit anew, and has the bytes alone.
    again = Circuit(R1cs.open((folder / "circuit.r1cs").read_bytes()))
    assert again.id == circuit.id
    assert again.verify(Proof.from_bytes(proof.to_bytes()), list(public))
    assert not again.verify(proof, [public[0] + 1])


def test_a_proof_of_provekit(circuits):
    circuit = Circuit(R1cs.open(circuits / "multiplier" / "circuit.r1cs"))
    proof = Proof.open(circuits / "multiplier" / "provekit.proof")
    assert circuit.verify(proof, [33]) and not circuit.verify(proof, [34])


def test_witnesses_of_all_kinds(circuits, multiplier):
    circuit, _, public = multiplier
    wtns = circuits / "multiplier" / "witness.wtns"
    witness = Witness.open(wtns)
    for given in [str(wtns), wtns.read_bytes(), witness, witness.to_array()]:
        proof, same = circuit.prove(given)
        assert same == public and circuit.verify(proof, public)


def test_bytes(multiplier, tmp_path):
    _, proof, _ = multiplier
    data = proof.to_bytes()
    assert data == bytes(proof) and data[:8] == b"zkspart1" and repr(proof) == f"<Proof of {len(data)} bytes>"
    (tmp_path / "proof").write_bytes(data)
    for same in [Proof.from_bytes(data), Proof.open(tmp_path / "proof")]:
        assert same == proof and hash(same) == hash(proof)
    assert pickle.loads(pickle.dumps(proof)) == proof
    assert Proof.from_bytes(data + b"1") != proof and proof != data and proof.zero_knowledge
    for wrong in [b"", data[:7], b"x" + data[1:], data[:15], data[:8] + b"\xff" * 8 + data[16:]]:
        with pytest.raises(zkiln.MalformedError, match="spartan proof"):
            Proof.from_bytes(wrong)
    with pytest.raises(FileNotFoundError):
        Proof.open(tmp_path / "nothing")


def test_hostile_proofs(multiplier):
    circuit, proof, public = multiplier

    def refused(data):
        try:
            return not circuit.verify(Proof.from_bytes(data), public)
        except zkiln.MalformedError as error:
            return error.origin == "spartan proof"

    data = proof.to_bytes()
    for at in range(0, len(data), len(data) // 48):
        changed = bytearray(data)
        changed[at] ^= 1
        assert refused(bytes(changed)), at
        assert refused(data[:at])
    assert refused(data[:-1]) and refused(data + b"\0")
    with pytest.raises(zkiln.PublicInputsError, match="0 where the circuit has 1"):
        circuit.verify(proof, [])
    with pytest.raises(zkiln.PublicInputsError, match="not an integer from 0 to r - 1"):
        circuit.verify(proof, [33 + Fr.MODULUS])


def test_what_is_refused(multiplier):
    circuit, _, _ = multiplier
    with pytest.raises(zkiln.UnsatisfiedError, match="constraint 0 of 1"):
        circuit.prove(Fr.array([1, 34, 3, 11]))
    with pytest.raises(zkiln.WitnessMismatchError, match="2 values for 4 wires"):
        circuit.prove(Fr.array([1, 2]))
    with pytest.raises(zkiln.ArgumentTypeError, match="witness: a Witness, an array"):
        circuit.prove(12)
    product = R1cs([([(2, 1)], [(3, 1)], [(1, 1)])], n_wires=4, n_outputs=1)
    with pytest.raises(zkiln.ArgumentError, match="bits of security: 300 is not in"):
        Circuit(product, parameters=Parameters(security_bits=300))
    with pytest.raises(TypeError):
        Circuit(b"not an R1cs")
    with Circuit(product) as closed:
        pass
    with pytest.raises(zkiln.ClosedError, match="this Circuit is closed"):
        closed.prove(Fr.array([1, 33, 3, 11]))


def test_parameters(circuits):
    folder = circuits / "multiplier"
    r1cs = R1cs.open(folder / "circuit.r1cs")
    for same in [Parameters(), Parameters(128, 10, 2, 3), Parameters(log_folding=3)]:
        assert Circuit(r1cs, parameters=same).id == Circuit(r1cs).id
    circuit = Circuit(r1cs, parameters=Parameters(security_bits=100, work_bits=0))
    assert 99 < circuit.security_bits < 103 and circuit.id != Circuit(r1cs).id
    proof, public = circuit.prove(folder / "witness.wtns", verify=False)
    assert circuit.verify(proof, public)


def test_the_compact_dialect(circuits, multiplier):
    r1cs = R1cs.open(circuits / "multiplier" / "circuit.r1cs")
    other, hiding, public = multiplier
    circuit = Circuit(r1cs, dialect="compact-v1")
    assert other.zero_knowledge and not circuit.zero_knowledge and "without zero knowledge" in repr(circuit)
    assert circuit.id != other.id
    proof, same_public = circuit.prove(circuits / "multiplier" / "witness.wtns")
    assert same_public == public and not proof.zero_knowledge and "without zero knowledge" in repr(proof)
    data = proof.to_bytes()
    assert data[:8] == b"nozkspc1" and len(data) < len(hiding.to_bytes())
    assert Proof.from_bytes(data) == proof == pickle.loads(pickle.dumps(proof))
    assert circuit.verify(proof, [33]) and not circuit.verify(proof, [34])
    for wrong_circuit, wrong in [(circuit, hiding), (other, proof)]:
        with pytest.raises(zkiln.MalformedError, match="not a proof of this format"):
            wrong_circuit.verify(wrong, [33])
    with pytest.raises(zkiln.ArgumentError, match='dialect: "v2" is none of provekit-v1, compact-v1'):
        Circuit(r1cs, dialect="v2")
    seen: list[str] = []

    def stop(phase):
        seen.append(phase)
        if phase == "constraints":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        circuit.prove(circuits / "multiplier" / "witness.wtns", progress=stop)
    assert seen[-1] == "constraints"


def large():
    """A circuit and a witness whose proof takes long enough to be interrupted: x -> x^2 many times."""
    n = 1 << 13
    rows = [([(i, 1)], [(i, 1)], [(i + 1, 1)]) for i in range(1, n)]
    values = [1, 3]
    while len(values) <= n:
        values.append(values[-1] ** 2 % Fr.MODULUS)
    return Circuit(R1cs(rows, n_wires=n + 1, n_private_inputs=1)), Fr.array(values)


def test_progress_stops(multiplier, circuits):
    circuit, _, _ = multiplier
    wtns = circuits / "multiplier" / "witness.wtns"

    class Enough(Exception):
        pass

    def stop(phase):
        seen.append(phase)
        if phase == "sumcheck":
            raise Enough(phase)

    seen: list[str] = []
    with pytest.raises(Enough):
        circuit.prove(wtns, progress=stop)
    assert seen[-1] == "sumcheck"
    with zkiln.phases(circuit.prove, wtns) as job:
        for _ in job:
            break
    with pytest.raises(zkiln.CancelledError):
        job.result()


def test_interrupted_call():
    print(
        run(
            """
            import os, signal, sys, threading, time
            sys.path.insert(0, sys.argv[1])
            from test_spartan import large
            circuit, witness = large()
            seen = []

            def progress(phase):
                seen.append(phase)
                if phase == "commit":
                    os.kill(os.getpid(), signal.SIGINT)

            try:
                circuit.prove(witness, progress=progress)
            except KeyboardInterrupt:
                assert "spartan verify" not in seen, seen
            else:
                raise AssertionError("the proof was not interrupted")
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            started = time.monotonic()
            try:
                while time.monotonic() < started + 60:
                    circuit.prove(witness)
            except KeyboardInterrupt:
                pass
            else:
                raise AssertionError("no signal came through")
            assert circuit.verify(*circuit.prove(witness))
            """,
            os.path.dirname(__file__),
        )
    )


def test_threads():
    """The GIL is released, and threads share a circuit."""
    circuit, witness = large()
    ticks, done, failures = 0, threading.Event(), []

    def prove():
        try:
            assert circuit.verify(*circuit.prove(witness))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        done.set()

    threads = [threading.Thread(target=prove) for _ in range(2)]
    for thread in threads:
        thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0)
    for thread in threads:
        thread.join()
    assert failures == [] and ticks > 10
