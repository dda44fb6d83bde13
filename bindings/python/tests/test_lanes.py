"""Lanes, what they prove and refuse, and the policies that count them."""

from __future__ import annotations

import os

import pytest

import zkiln
from tally import circuit, claim, witness
from test_manners import run
from zkiln import Fr, groth16, spartan, statement
from zkiln.groth16 import ProvingKey, R1cs, VerifyingKey, Witness
from zkiln.statement import AttestationLane, Groth16Lane, Policy, SpartanLane, keccak

FLIPS = {
    "program": 1, "parameters": 3, "chain_id": 2, "context": 1, "request": 1, "first_seq": 101, "last_seq": 102,
    "pre_root": 1001, "post_root": 1008, "batch": 8, "payee": 1,
}  # fmt: skip


def test_lanes(pairing, hashes, proofs):
    s = claim()
    for lane, name in [(pairing.lane, "groth16"), (hashes, "spartan")]:
        lane.check(s, proofs[name])
        assert lane.verify(s, proofs[name])
        for field, value in FLIPS.items():
            assert not lane.verify(s.replace(**{field: value}), proofs[name]), (name, field)
        for wrong in [b"", proofs[name][:-1], proofs[name] + b"\0", bytes(len(proofs[name]))]:
            assert not lane.verify(s, wrong)
        with pytest.raises((zkiln.RefusedError, zkiln.MalformedError)):
            lane.check(s.replace(payee=1), proofs[name])
    a, b = pairing.lane.info, hashes.info
    assert (a.system, a.class_, a.setup, a.is_development, a.zero_knowledge) == ("groth16-bn254", "pairing", "ceremony", True, True)
    assert (b.system, b.class_, b.setup, b.is_development) == ("spartan-provekit-v1", "hash", "transparent", False)
    assert a.key == statement.key_hash(pairing.key.vk) and b.key == spartan.Circuit(circuit()).id
    assert a.circuit == b.circuit == statement.circuit_hash(circuit()) and a.shares(hashes) == b.shares(a) == ["circuit"]
    assert a.id == statement.lane_id(a.system, a.key) and a.digest(s) == statement.lane_digest(a.system, a.key, s)
    unknown = Groth16Lane(pairing.key.vk)
    assert unknown.info.circuit is None and not unknown.info.is_development and unknown.info.id == a.id and unknown.info != a
    assert Groth16Lane(pairing.key.vk, circuit=a.circuit, development=True).info == a
    assert "groth16-bn254" in repr(a) and "spartan" in repr(hashes)
    seen = []
    hashes.prove(s, witness(s), progress=seen.append)
    assert seen[0] == "spartan prove"


def test_what_lanes_refuse(circuits, pairing, hashes):
    s = claim()
    for prove in [lambda w: pairing.lane.prove(pairing.key, s, w), lambda w: hashes.prove(s, w)]:
        with pytest.raises(zkiln.PublicInputsError, match="signal 0 .digest_high. is"):
            prove(witness(claim(amount=8)))
        with pytest.raises(zkiln.WitnessMismatchError):
            prove(Fr.array([1, 2]))
    wrong = claim(post=1008)
    with pytest.raises(zkiln.UnsatisfiedError):
        hashes.prove(wrong, witness(wrong))
    with pytest.raises(zkiln.UnsatisfiedError):
        pairing.prove(wrong)
    other = ProvingKey.open(groth16.insecure_development_key(circuit()), device="cpu")
    with pytest.raises(zkiln.ArgumentError, match="does not belong to the verification key"):
        pairing.lane.prove(other, s, witness(s))
    with pytest.raises(zkiln.WeakKeyError):
        Groth16Lane(VerifyingKey.open(circuits / "multiplier" / "no_contribution_vkey.json", allow_weak=True))
    with pytest.raises(zkiln.ArgumentError, match="1 public inputs, where a statement has 7"):
        Groth16Lane(VerifyingKey.open(circuits / "merkle" / "verification_key.json"))
    with pytest.raises(zkiln.ArgumentError, match="1 public signals, where a statement has 7"):
        SpartanLane(R1cs.open(circuits / "merkle" / "circuit.r1cs"))
    unused = R1cs([([(i, 1)], [(i, 1)], [(i, 1)]) for i in range(1, 7)], n_wires=8, n_public_inputs=7)
    for check in [SpartanLane, statement.check_circuit]:
        with pytest.raises(zkiln.ArgumentError, match="no constraint of the circuit uses public signal 6"):
            check(unused)
    with pytest.raises(zkiln.ArgumentError, match="parameters of 9.* bits, where a lane has 100 at least"):
        SpartanLane(circuit(), parameters=spartan.Parameters(security_bits=90))
    with pytest.raises(zkiln.ArgumentTypeError, match="proof: bytes, a groth16.Proof or a spartan.Proof is needed, not"):
        hashes.verify(s, 1)
    s.check_witness(witness(s))
    with pytest.raises(zkiln.PublicInputsError):
        s.check_witness(witness(claim(amount=8)))


def test_lanes_that_tell_of_the_witness(pairing):
    s, lane = claim(), SpartanLane(circuit(), dialect="compact-v1")
    proof = lane.prove(s, witness(s))
    assert lane.verify(s, proof) and lane.verify(s, spartan.Proof.from_bytes(proof))
    assert not lane.verify(s.replace(payee=1), proof) and not SpartanLane(circuit()).verify(s, proof)
    assert lane.info.system == "spartan-compact-v1" and not lane.info.zero_knowledge
    both = [pairing.lane, lane]
    assert len(Policy(2, count_development=True).evaluate(both)) == 2
    policy = Policy(2, count_development=True, zero_knowledge=True)
    assert policy.zero_knowledge and policy.hash != Policy(2, count_development=True).hash
    with pytest.raises(zkiln.RefusedError, match="demands zero knowledge"):
        policy.evaluate(both)


def test_attestations(pairing):
    # RFC 8032, section 7.1, test 1: a key and nothing that it signed of ours.
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    lane = AttestationLane(key, measurement=keccak(b"enclave"), root=keccak(b"maker"))
    s = claim()
    assert len(lane.message(s)) == 32 and lane.message(s) != lane.message(s, flags=1) != lane.message(s.replace(payee=1), flags=1)
    assert (lane.info.class_, lane.info.setup) == ("attestation", "vouched")
    assert not lane.verify(s, bytes(65)) and not lane.verify(s, b"")
    with pytest.raises(zkiln.RefusedError, match="open to a debugger"):
        lane.check(s, b"\1" + bytes(64))
    with pytest.raises(zkiln.WeakKeyError, match="anyone can sign"):
        AttestationLane(bytes([1]) + bytes(31), 0, 0)
    # Attestations have no weight, and alone are never enough.
    for count in [False, True]:
        with pytest.raises(zkiln.RefusedError):
            Policy(1, count_attestations=count).evaluate([lane])
    policy = Policy(2, count_attestations=True, count_development=True)
    assert len(policy.evaluate([lane, pairing.lane])) == 2


def test_policies(pairing, hashes):
    ids = sorted([pairing.lane.info.id, hashes.info.id])
    policy = Policy(2, required=reversed_list(ids), denied=[(ids[1], ids[0])], deny_shared=["verifier", "circuit", "circuit"])
    assert (policy.threshold, policy.required, policy.denied) == (2, ids, [(ids[0], ids[1])])
    assert policy.deny_shared == ["circuit", "verifier"] and policy.payees == "one"
    assert not (policy.count_attestations or policy.count_development)
    same = Policy(2, required=ids, denied=[tuple(ids)] * 2, deny_shared=["circuit", "verifier"])
    assert same == policy and hash(same) == hash(policy) and same.hash == policy.hash != Policy(2).hash
    both = [pairing.lane, hashes.info]
    assert Policy(2, count_development=True).evaluate(both) and Policy(1).are_independent(*both)
    for refused in [
        Policy(2),
        Policy(3, count_development=True),
        Policy(2, count_development=True, deny_shared=["circuit"]),
        Policy(2, count_development=True, denied=[(ids[0], ids[1])]),
        Policy(1, required=[keccak(b"another")]),
    ]:
        with pytest.raises(zkiln.RefusedError):
            refused.evaluate(both)
    for arguments, message in [
        ({"threshold": 0}, "a threshold of zero accepts anything"),
        ({"threshold": 1, "deny_shared": ["luck"]}, "deny_shared: \"luck\" is none of"),
        ({"threshold": 1, "payees": "all"}, "payees: \"one\" or \"each\""),
        ({"threshold": 1, "required": [b"short"]}, "required: 5 bytes"),
        ({"threshold": 1, "denied": [(ids[0], ids[0])]}, "denied pairs"),
    ]:
        with pytest.raises(zkiln.ArgumentError, match=message):
            Policy(**arguments)
    with pytest.raises(zkiln.ArgumentTypeError, match="a Lane or a LaneInfo is needed"):
        policy.evaluate([1])


def reversed_list(values):
    return list(reversed(values))


def test_interrupted_call():
    run(
        """
        import os, signal, sys
        sys.path.insert(0, sys.argv[1])
        from tally import circuit, claim, witness
        from zkiln.statement import SpartanLane
        lane, s = SpartanLane(circuit()), claim()
        seen = []

        def progress(phase):
            seen.append(phase)
            if phase == "commit":
                os.kill(os.getpid(), signal.SIGINT)

        try:
            lane.prove(s, witness(s), progress=progress)
        except KeyboardInterrupt:
            assert "spartan verify" not in seen
        else:
            raise AssertionError("the proof was not interrupted")
        """,
        os.path.dirname(__file__),
    )


def test_witness_objects(pairing, hashes):
    s = claim()
    given = Witness(witness(s))
    for w in [given, given.to_bytes(), given.to_array()]:
        assert hashes.verify(s, hashes.prove(s, w)) and pairing.lane.verify(s, pairing.lane.prove(pairing.key, s, w))
