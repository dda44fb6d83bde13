"""Ranges, and journals, which refuse replays and freeze on contradictions."""

from __future__ import annotations

import os
import threading

import pytest

import zkiln
from tally import START, Pairing, circuit, claim, witness
from test_manners import fork_only, run
from zkiln import spartan, statement
from zkiln.statement import Anchor, Journal, Policy, Program, keccak


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
        import zkiln
        from tally import START, Pairing, claim
        from zkiln.statement import Journal, Policy, Program, keccak
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
