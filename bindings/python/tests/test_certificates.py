"""Programs and their certificates, with the fixtures that the library's tests have."""

from __future__ import annotations

import os
import pickle

import pytest

import zkiln
from tally import START, claim
from zkiln import Fr, groth16, spartan
from zkiln.groth16 import ProvingKey, R1cs, VerifyingKey
from zkiln.statement import Anchor, Certificate, Groth16Lane, Policy, Program, StatementV1, keccak


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
