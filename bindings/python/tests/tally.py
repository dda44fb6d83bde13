"""A program for the tests of statements: batches are amounts that a state is increased by, and every signal is squared, so that a
constraint has it. A broken circuit lacks the sum."""

from __future__ import annotations

from zkiln import Fr, groth16, statement
from zkiln.groth16 import ProvingKey, R1cs
from zkiln.statement import Anchor, Groth16Lane, StatementV1, keccak

START = Anchor.genesis(1000, first_seq=100)


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
