"""Statements, lanes, policies, certificates, ranges, journals: with the vectors and fixtures that the library's tests have."""

from __future__ import annotations

import json
import os
import pickle
import threading

import pytest

import zkiln
from test_manners import fork_only, run
from zkiln import Fr, groth16, spartan, statement
from zkiln.groth16 import ProvingKey, R1cs, VerifyingKey, Witness
from zkiln.statement import (
    Anchor,
    AttestationLane,
    Certificate,
    Groth16Lane,
    Journal,
    Policy,
    Program,
    SpartanLane,
    StatementV1,
    keccak,
)


def words_of(vector):
    return [bytes.fromhex(word[2:]) for word in vector["words"]]


@pytest.fixture(scope="module")
def vectors(circuits):
    return json.loads((circuits / "statement" / "vectors.json").read_text())


# A program for these tests: batches are amounts that a state is increased by, and every signal is squared, so that a constraint
# has it. A broken circuit lacks the sum.


def circuit(sound=True):
    rows = [([(i, 1)], [(i, 1)], [(7 + i, 1)]) for i in range(1, 8)]
    rows.append(([(7, 1), (6, -1), (0, -1)], [(0, 1)], []))
    if sound:
        rows.append(([(3, 1), (5, 1), (4, -1)], [(0, 1)], []))
    return R1cs(rows, n_wires=15, n_public_inputs=7)


def claim(first_seq=100, pre=1000, amount=7, post=None):
    return StatementV1(
        program=keccak(b"tally"),
        parameters=2,
        chain_id=1,
        context=statement.address("0x" + "cc" * 20),
        request=keccak(b"request"),
        first_seq=first_seq,
        last_seq=first_seq + 1,
        pre_root=pre,
        post_root=pre + amount if post is None else post,
        batch=amount,
        payee=statement.address(b"\xaa" * 20),
    )


def witness(s):
    signals = [int(signal) for signal in s.signals]
    return Fr.array([1, *signals, *(signal**2 for signal in signals)])


class Pairing:
    """A Groth16 lane with its proving key."""

    def __init__(self, sound=True):
        r1cs = circuit(sound)
        self.key = ProvingKey.open(groth16.insecure_development_key(r1cs), device="cpu")
        self.lane = Groth16Lane(self.key.vk, circuit=r1cs, development=True)

    def prove(self, s):
        return self.lane.prove(self.key, s, witness(s))


@pytest.fixture(scope="module")
def pairing():
    return Pairing()


@pytest.fixture(scope="module")
def hashes():
    return SpartanLane(circuit())


@pytest.fixture(scope="module")
def program(pairing, hashes):
    policy = Policy(2, count_development=True)
    return Program(keccak(b"tally"), policy, {"groth16": pairing.lane, "spartan": hashes})


@pytest.fixture(scope="module")
def single(pairing):
    return Program(keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane})


@pytest.fixture(scope="module")
def proofs(pairing, hashes):
    return {"groth16": pairing.prove(claim()), "spartan": hashes.prove(claim(), witness(claim()))}


@pytest.fixture(scope="module")
def certificate(program, proofs):
    return program.certify(claim(), proofs)


START = Anchor.genesis(1000, first_seq=100)


def test_the_vectors(vectors):
    assert len(vectors["accepted"]) >= 4 and len(vectors["refused"]) >= 9
    for vector in vectors["accepted"]:
        s = StatementV1.from_json(json.dumps(vector["statement"]))
        fields = vector["statement"]
        given = {name: int(text) if name in ("chain_id", "first_seq", "last_seq") else text for name, text in fields.items()}
        assert s == StatementV1(**given) == StatementV1.from_words(words_of(vector))
        assert s.words == words_of(vector) and "0x" + s.digest.hex() == vector["digest"]
        assert [str(int(signal)) for signal in s.signals] == vector["signals"]
        assert json.loads(s.to_json()) == fields
        for lane in vector["lanes"]:
            assert "0x" + statement.lane_id(lane["system"], lane["key"]).hex() == lane["id"]
            assert "0x" + statement.lane_digest(lane["system"], lane["key"], s).hex() == lane["digest"]
    for vector in vectors["refused"]:
        with pytest.raises(zkiln.MalformedError) as caught:
            StatementV1.from_words(words_of(vector))
        assert caught.value.section == vector["word"] and caught.value.origin == "statement"


def test_statements(tmp_path):
    s = claim()
    assert s.digest == keccak(b"".join(s.words)) and s.words[0] == keccak(b"zkiln/statement/v1")
    assert (s.chain_id, s.first_seq, s.last_seq, s.pre_root, s.post_root, s.batch) == (1, 100, 101, 1000, 1007, 7)
    assert s.parameters == (2).to_bytes(32, "big") and s.payee[12:] == b"\xaa" * 20 and s.request == keccak(b"request")
    assert s.program == keccak(b"tally") and s.context == bytes(12) + b"\xcc" * 20
    high, low = (int(half) for half in list(s.signals)[:2])
    assert (high << 128) + low == int.from_bytes(s.digest, "big")
    limbs = s.limbs
    assert len(limbs) == 72 and sum(limb << 16 * i for i, limb in enumerate(limbs[:16])) == int.from_bytes(s.digest, "big")
    (tmp_path / "s.json").write_text(s.to_json())
    for same in [StatementV1.open(tmp_path / "s.json"), pickle.loads(pickle.dumps(s)), s.replace()]:
        assert same == s and hash(same) == hash(s) and same.digest == s.digest
    other = s.replace(payee=0, post_root=Fr(-1))
    assert other.payee == bytes(32) and other.post_root == Fr(-1) and other != s
    assert "of items 100 to 101, digest 0x" in repr(s)
    with pytest.raises(TypeError):
        s.replace(nobody=1)
    with pytest.raises(AttributeError):
        s.payee = 1


def test_what_is_no_statement():
    s = claim()
    for fields, message in [
        ({"post_root": Fr.MODULUS}, "post_root: not below r: an alias"),
        ({"pre_root": 1000 + Fr.MODULUS}, "pre_root: not below r"),
        ({"batch": b"\xff" * 32}, "batch: not below r"),
        ({"payee": b"\xaa" * 20}, "payee: 20 bytes, where a word has 32"),
        ({"payee": 2**256}, r"payee: not an integer from 0 to 2\*\*256 - 1"),
        ({"request": -1}, "request: not an integer"),
        ({"request": "0x00"}, "request: .* is not 0x and 64"),
        ({"request": "0X" + 64 * "0"}, "is not 0x and 64"),
        ({"request": "0x" + 64 * "A"}, "is not 0x and 64"),
        ({"chain_id": 2**64}, r"chain_id: not an integer from 0 to 2\*\*64 - 1"),
        ({"chain_id": -1}, "chain_id: not an integer"),
        ({"last_seq": 99}, "from item 100 to item 99"),
    ]:
        with pytest.raises(zkiln.Error, match=message) as caught:
            s.replace(**fields)
        assert isinstance(caught.value, ValueError)
    with pytest.raises(zkiln.ArgumentTypeError, match="payee: bytes, hexadecimal digits or an integer are needed, not builtins.float|float"):
        s.replace(payee=1.5)
    with pytest.raises(zkiln.ArgumentError, match="words: 11, where a statement has 12"):
        StatementV1.from_words(s.words[1:])
    text = s.to_json()
    for old, new in [
        ('"chain_id": "1"', '"chain_id": 1'),
        ('"chain_id": "1"', '"chain_id": "01"'),
        ("{", '{"extra": "0", '),
        ('"payee"', '"payer"'),
        ("}", ""),
        ("0x", "0X"),
    ]:
        assert text.replace(old, new, 1) != text
        with pytest.raises(zkiln.MalformedError):
            StatementV1.from_json(text.replace(old, new, 1))
    for wrong in ["0x12", b"\0" * 32, "0x" + "zz" * 20, "aa" * 20, "0x" + " a" * 20]:
        with pytest.raises(zkiln.ArgumentError, match="address: "):
            statement.address(wrong)


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


def test_certificates(program, certificate, proofs, tmp_path):
    verdict = program.verify(certificate, START)
    assert sorted(verdict.counted) == [lane.id for lane in certificate.lanes] and len(verdict.counted) == 2
    summary = verdict.summary
    assert summary == certificate.summary and (summary.first_seq, summary.last_seq) == (100, 101)
    assert (summary.pre_root, summary.post_root, summary.program) == (1000, 1007, keccak(b"tally"))
    assert summary.end == Anchor.after(1007, last_seq=101)
    assert [parts for _, _, parts in certificate.shared] == [["circuit"]]
    assert certificate.policy == program.policy and certificate.statements == [claim()] and len(certificate) == 1
    lanes = program.lanes
    [(s, given)] = certificate.segments
    assert s == claim() and {name: given[info.id] for name, info in lanes.items()} == proofs
    certificate.save(tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text() == certificate.to_json() and len(os.listdir(tmp_path)) == 1
    for same in [Certificate.open(tmp_path / "c.json"), Certificate.from_json(certificate.to_json()), pickle.loads(pickle.dumps(certificate))]:
        assert same == certificate and hash(same) == hash(certificate) and program.verify(same, START) == verdict
    assert "items 100 to 101 by 2 lanes" in repr(certificate)
    with pytest.raises(FileNotFoundError):
        certificate.save(tmp_path / "missing" / "c.json")
    with pytest.raises(FileNotFoundError):
        Certificate.open(tmp_path / "missing.json")


def test_proofs_as_objects(program, pairing, proofs):
    s = claim()
    given = {
        "groth16": groth16.Proof.from_bytes(proofs["groth16"], "evm"),
        pairing.lane.info.id: None,
        "spartan": spartan.Proof.from_bytes(proofs["spartan"]),
    }
    del given[pairing.lane.info.id]
    made = program.certify(s, given)
    # By ids as well, and by the lanes themselves.
    ids = {info.id: proofs[name] for name, info in program.lanes.items()}
    assert program.certify(s, ids) == made
    assert program.certify(s, {program.lanes["spartan"]: proofs["spartan"], pairing.lane: proofs["groth16"]}) == made


def test_anchors(program, certificate):
    assert START == Anchor.genesis(Fr(1000), 100) != Anchor.after(1000, 100)
    for anchor in [START, Anchor.after(1000, 99), Anchor.UNCHECKED]:
        program.verify(certificate, anchor)
    for anchor, message in [
        (Anchor.genesis(1001, 100), "begins in the state"),
        (Anchor.genesis(1000, 99), "begins with item 100, and after its anchor comes 99"),
        (Anchor.after(1000, 100), "after its anchor comes 101"),
        (Anchor.after(1000, 2**64 - 1), "the last number is used"),
    ]:
        with pytest.raises(zkiln.RefusedError, match=message) as caught:
            program.verify(certificate, anchor)
        assert isinstance(caught.value, ValueError) and caught.value.code == 20
    with pytest.raises(zkiln.ArgumentError, match="root: not below r"):
        Anchor.genesis(Fr.MODULUS, 0)
    with pytest.raises(TypeError):
        program.verify(certificate)
    assert repr(Anchor.UNCHECKED) == "Anchor.UNCHECKED" and repr(Anchor.after(7, 8)) == "Anchor.after(7, last_seq=8)"


def test_hostile_certificates(program, certificate, single, pairing):
    made = single.certify(claim(), {"groth16": pairing.prove(claim())})
    text = made.to_json()
    for at in range(0, len(text), 13):
        with pytest.raises(zkiln.MalformedError):
            Certificate.from_json(text[:at])
        changed = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        try:
            read = Certificate.from_json(changed)
        except zkiln.MalformedError:
            continue
        with pytest.raises(zkiln.RefusedError):
            single.verify(read, Anchor.UNCHECKED)
    for old, new in [
        ("certificate/v1", "certificate/v2"),
        ("{\n", '{\n "digest": "0x00",\n'),
        (": ", ":  "),
        ('"shared": []', '"shared": [[]]'),
        ('"threshold": 1', '"threshold": 0'),
    ]:
        with pytest.raises(zkiln.MalformedError):
            Certificate.from_json(text.replace(old, new, 1))
    # What it says of itself is compared with the program.
    for old, new in [('"development": true', '"development": false'), ('"class": "pairing"', '"class": "hash"')]:
        with pytest.raises(zkiln.RefusedError):
            single.verify(Certificate.from_json(text.replace(old, new, 1)), START)
    with pytest.raises(zkiln.RefusedError, match="a policy of its own"):
        program.verify(made, START)
    with pytest.raises(zkiln.MalformedError):
        Certificate.from_json("\ud800" if False else "")


def test_programs(program, certificate, proofs, pairing, hashes):
    assert program.id == keccak(b"tally") and set(program.lanes) == {"groth16", "spartan"}
    assert program.lanes["spartan"] == hashes.info and program.status("spartan") == "active"
    assert "with the lanes groth16, spartan" in repr(program)
    for call, message in [
        (lambda: program.status("stark"), 'the program has no lane "stark", but groth16, spartan'),
        (lambda: program.certify(claim(), {"stark": b""}), "has no lane"),
        (lambda: program.certify(claim(), {"groth16": b"", pairing.lane: b""}), "there are two of the lane"),
        (lambda: Program(1, Policy(2), {"groth16": pairing.lane}), "not even all lanes"),
        (lambda: Program(1, Policy(1), {"a": hashes, "b": hashes}), "is there twice"),
        (lambda: program.certify_range([(claim(), proofs), (claim(), {"groth16": proofs["groth16"]})]), "number 1 has proofs of other lanes"),
    ]:
        with pytest.raises(zkiln.ArgumentError, match=message):
            call()
    with pytest.raises(zkiln.ArgumentTypeError, match="proofs: a dictionary"):
        program.certify(claim(), [b""])
    with pytest.raises(zkiln.RefusedError, match="independent lanes"):
        program.certify(claim(), {"groth16": proofs["groth16"]})
    with pytest.raises(zkiln.RefusedError, match="segment 0, lane"):
        program.certify(claim(), {**proofs, "groth16": b"\0" * 256})
    with pytest.raises(zkiln.ArgumentError, match="segments: there are none"):
        program.certify_range([])
    with pytest.raises(zkiln.MalformedError, match="lanes: 0 of them"):
        program.certify(claim(), {})
    other = Program(2, program.policy, {"groth16": pairing.lane, "spartan": hashes})
    with pytest.raises(zkiln.RefusedError, match="is of the program"):
        other.verify(certificate, START)


def test_statuses(pairing, hashes, proofs):
    program = Program(keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane})
    program.add("spartan", hashes)
    with pytest.raises(zkiln.ArgumentError, match="there is a lane"):
        program.add("spartan", hashes)
    with pytest.raises(zkiln.ArgumentError, match="is there twice"):
        program.add("again", hashes)
    certificate = program.certify(claim(), {"spartan": proofs["spartan"]})
    program.deprecate("spartan")
    assert program.status(hashes) == "deprecated"
    with pytest.raises(zkiln.ArgumentError, match="is not active"):
        program.certify(claim(), {"spartan": proofs["spartan"]})
    program.verify(certificate, START)
    program.revoke("spartan")
    program.deprecate("spartan")
    assert program.status("spartan") == "revoked"
    with pytest.raises(zkiln.RefusedError, match="is revoked"):
        program.verify(certificate, START)


def test_a_program_of_files(circuits, tmp_path):
    folder = circuits / "ledger"
    program = Program.open(folder / "program.json")
    same = Program.from_json((folder / "program.json").read_text(), folder)
    assert same.lanes == program.lanes and same.policy == program.policy
    key, r1cs = ProvingKey.open(folder / "circuit.zkey", device="cpu"), R1cs.open(folder / "circuit.r1cs")
    circuit, segments = spartan.Circuit(r1cs), []
    for prefix in ["", "next_"]:
        s = StatementV1.open(folder / f"{prefix}statement.json")
        wtns = folder / f"{prefix}witness.wtns"
        s.check_witness(wtns)
        pairing, public = key.prove(wtns)
        transparent, same_public = circuit.prove(wtns)
        assert public == same_public == s.signals
        segments.append((s, {"groth16": pairing, "spartan": transparent}))
    certificate = program.certify_range(segments)
    first = segments[0][0]
    verdict = program.verify(certificate, Anchor.genesis(first.pre_root, first.first_seq))
    assert len(certificate) == 2 and verdict.summary.last_seq == 103
    for path, kind in [("missing.json", FileNotFoundError), ("statement.json", zkiln.MalformedError)]:
        with pytest.raises(kind):
            Program.open(folder / path)
    with pytest.raises(FileNotFoundError):
        Program.from_json((folder / "program.json").read_text(), tmp_path)


def test_an_old_certificate(circuits):
    """That of the library's own tests: a range of two segments."""
    folder = circuits / "statement"
    certificate = Certificate.open(folder / "certificate.json")
    [info] = certificate.lanes
    vk = VerifyingKey.open(folder / "verification_key.json")
    lane = Groth16Lane(vk, circuit=info.circuit, development=True)
    program = Program(keccak(b"counter"), Policy(1, count_development=True), {"groth16": lane})
    verdict = program.verify(certificate, Anchor.genesis(1000, 100))
    assert verdict.summary.last_seq == 129 and program.policy == certificate.policy


def test_re_execution(pairing, proofs):
    seen = []

    def honest(s):
        seen.append(s)
        return s.pre_root + s.batch

    def of(executor):
        return Program(keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane}, executor=executor)

    given = {"groth16": proofs["groth16"]}
    certificate = of(honest).certify(claim(), given)
    assert seen == [claim()]
    for executor, message in [
        (lambda s: 1, "re-execution ends in the state 0x0+1, and 0x0+3ef was proven"),
        (lambda s: 1 / 0, "the executor failed: ZeroDivisionError"),
        (lambda s: "nothing", "the executor failed: .*the executor's state"),
        (lambda s: Fr.MODULUS + 1007, "not below r"),
    ]:
        with pytest.raises(zkiln.RefusedError, match=message):
            of(executor).verify(certificate, START)
    for right in [Fr(1007), 1007, (1007).to_bytes(32, "big")]:
        of(lambda s, right=right: right).verify(certificate, START)


def test_ranges(program, single, pairing, hashes):
    chain, pre = [], 1000
    for i in range(4):
        chain.append(claim(100 + 2 * i, pre, i + 1))
        pre += i + 1

    def prove(i, s):
        assert s == chain[i]
        return {"groth16": pairing.prove(s), "spartan": hashes.prove(s, witness(s))}

    certificate = statement.prove_range(program, ["spartan", "groth16"], chain[:3], prove, workers=2)
    assert certificate.statements == chain[:3] and program.verify(certificate, START).summary.post_root == 1006
    calls = []

    def count(i, s):
        calls.append(i)
        return {"groth16": pairing.prove(s)}

    assert len(statement.prove_range(single, ["groth16"], chain, count)) == 4 and sorted(calls) == [0, 1, 2, 3]
    calls.clear()
    a, b, c, _ = chain
    for statements, message in [
        ([], "a range without segments"),
        ([a, c], "segment 1: it begins with item 104 after item 101: a gap"),
        ([b, a], "segment 1: .*an overlap"),
        ([a, b.replace(pre_root=5)], "it begins in the state"),
        ([a, b.replace(payee=1)], "payee"),
        ([a, b.replace(chain_id=2)], "chain"),
        ([a, b.replace(program=1)], "program"),
    ]:
        with pytest.raises(zkiln.RefusedError, match=message):
            statement.prove_range(single, ["groth16"], statements, count)
    given = {"groth16": pairing.prove(a)}
    with pytest.raises(zkiln.RefusedError, match="segment 1: it begins with item 104 after item 101: a gap"):
        single.certify_range([(a, given), (c, given)])
    with pytest.raises(zkiln.RefusedError, match="independent lanes"):
        statement.prove_range(program, ["groth16"], chain, count)
    with pytest.raises(zkiln.ArgumentError, match="no lane"):
        statement.prove_range(program, ["stark"], chain, count)
    assert calls == []
    with pytest.raises(ZeroDivisionError):
        statement.prove_range(single, ["groth16"], chain, lambda i, s: 1 / 0)
    with pytest.raises(zkiln.ArgumentError, match=r"statement 0: proofs of \['spartan'\], where \['groth16'\]"):
        statement.prove_range(single, ["groth16"], chain, lambda i, s: {"spartan": b""})


def test_journals(single, pairing, tmp_path):
    a, b = claim(), claim(102, 1007, 5)
    first, second = (single.certify(s, {"groth16": pairing.prove(s)}) for s in [a, b])
    journal = Journal(single)
    assert (len(journal), journal.end, journal.accepted, journal.is_frozen) == (0, None, [], False)
    assert journal.accept(first, START).summary.end == journal.end
    journal.accept(second, journal.end)
    assert journal.accepted == [first, second] and journal.end == Anchor.after(1012, 103) and journal.program is single
    # Another proof of the same statement is a replay: the bytes do not matter.
    again = single.certify(a, {"groth16": pairing.prove(a)})
    assert again != first
    for replay in [first, again]:
        with pytest.raises(zkiln.RefusedError, match="was accepted before in this lane"):
            journal.accept(replay, Anchor.UNCHECKED)
    with pytest.raises(zkiln.RefusedError, match="begins with item"):
        journal.accept(single.certify(claim(200), {"groth16": pairing.prove(claim(200))}), journal.end)
    assert len(journal) == 2 and repr(journal) == "<Journal of 2 certificates>"
    journal.save(tmp_path / "journal.json")
    journal.save(tmp_path / "journal.json")
    assert os.listdir(tmp_path) == ["journal.json"]
    same = Journal.open(tmp_path / "journal.json", single)
    assert same.to_json() == journal.to_json() and same.accepted == journal.accepted
    with pytest.raises(zkiln.MalformedError):
        Journal.from_json(journal.to_json().replace("journal/v1", "journal/v2"), single)
    with pytest.raises(zkiln.MalformedError, match="program"):
        other = Program(1, Policy(1, count_development=True), {"groth16": pairing.lane})
        Journal.from_json(journal.to_json(), other)


def test_contradictions_freeze(pairing, tmp_path):
    broken = Pairing(sound=False)
    lanes = {"sound": pairing.lane, "broken": broken.lane}
    program = Program(keccak(b"tally"), Policy(1, count_development=True), lanes)
    honest = program.certify(claim(), {"sound": pairing.prove(claim())})
    lie = claim(post=5000)
    forged = program.certify(lie, {"broken": broken.prove(lie)})
    # Each for itself is accepted: that is what makes it an alarm.
    program.verify(honest, START)
    program.verify(forged, START)
    unrelated = program.certify(claim(300), {"sound": pairing.prove(claim(300))})
    for first, second in [(honest, forged), (forged, honest)]:
        journal = Journal(program)
        journal.accept(first, START)
        with pytest.raises(zkiln.ConflictError, match="FROZEN") as caught:
            journal.accept(second, START)
        error = caught.value
        assert (error.first, error.second, error.code) == (first, second, 21)
        assert journal.conflict == (first, second) and journal.is_frozen and "FROZEN" in repr(journal)
        # Nothing that deals with bad input takes it for that.
        assert not isinstance(error, (ValueError, OSError, RuntimeError)) and isinstance(error, zkiln.Error)
        for certificate in [first, second, unrelated]:
            with pytest.raises(zkiln.ConflictError):
                journal.accept(certificate, Anchor.UNCHECKED)
        # A restart changes nothing.
        journal.save(tmp_path / "journal.json")
        again = Journal.open(tmp_path / "journal.json", program)
        assert again.is_frozen and again.conflict == journal.conflict and again.to_json() == journal.to_json()
        with pytest.raises(zkiln.ConflictError) as caught:
            again.accept(unrelated, Anchor.UNCHECKED)
        assert caught.value.first == first
    # A valid proof is enough for it, though its certificate is not accepted.
    journal = Journal(program)
    journal.accept(honest, START)
    with pytest.raises(zkiln.ConflictError):
        journal.accept(forged, Anchor.genesis(1, 1))


def test_threads_and_callbacks(pairing, proofs):
    """Threads share a journal whose program calls back into Python, which proves: nobody waits for another forever."""
    s = claim()

    def executor(given):
        assert spartan.Circuit(circuit()).verify(*spartan.Circuit(circuit()).prove(witness(given), verify=False))
        return given.pre_root + given.batch

    before = zkiln.info()["threads"]
    for threads in [1, before]:
        zkiln.set_threads(threads)
        program = Program(
            keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane}, executor=executor
        )
        certificates = [
            single_certificate(pairing, claim(100 + 2 * i, 1000 + 7 * i)) for i in range(4)
        ]
        journal, outcomes = Journal(program), []

        def work(certificate, journal=journal, outcomes=outcomes):
            try:
                outcomes.append(journal.accept(certificate, Anchor.UNCHECKED).summary.first_seq)
            except BaseException as error:  # noqa: BLE001
                outcomes.append(error)

        jobs = [threading.Thread(target=work, args=(c,)) for c in certificates]
        for job in jobs:
            job.start()
        while any(job.is_alive() for job in jobs):
            assert len(journal) <= 4 and not journal.is_frozen
        for job in jobs:
            job.join()
        assert sorted(outcomes) == [100, 102, 104, 106] and len(journal) == 4
    zkiln.set_threads(before)
    assert s == claim()


def single_certificate(pairing, s):
    program = Program(keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane})
    return program.certify(s, {"groth16": pairing.prove(s)})


@fork_only
def test_fork(circuits):
    """A journal from before a fork is refused after it; programs have no threads of their own, and work."""
    out = run(
        """
        import os, sys
        sys.path.insert(0, sys.argv[1])
        from test_statement import *
        pairing = Pairing()
        program = Program(keccak(b"tally"), Policy(1, count_development=True), {"groth16": pairing.lane})
        certificate = program.certify(claim(), {"groth16": pairing.prove(claim())})
        journal = Journal(program)
        read, write = os.pipe()
        if os.fork() == 0:
            try:
                journal.accept(certificate, START)
            except zkiln.ForkError as error:
                verdict = program.verify(certificate, START)
                Journal(program).accept(certificate, START)
                os.write(write, f"{error} {verdict.summary.last_seq}".encode())
            os._exit(0)
        os.wait()
        os.close(write)
        print(os.read(read, 1 << 12).decode())
        journal.accept(certificate, START)
        """,
        os.path.dirname(__file__),
    )
    assert out.startswith("this Journal was made by process ") and out.strip().endswith(" 101")


def test_interrupted_call():
    run(
        """
        import os, signal, sys
        sys.path.insert(0, sys.argv[1])
        from test_statement import *
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
