"""Statements, with the vectors that the library's tests have."""

from __future__ import annotations

import json
import pickle

import pytest

import zkiln
from tally import claim
from zkiln import Fr, statement
from zkiln.statement import StatementV1, keccak


def words_of(vector):
    return [bytes.fromhex(word[2:]) for word in vector["words"]]


@pytest.fixture(scope="module")
def vectors(circuits):
    return json.loads((circuits / "statement" / "vectors.json").read_text())


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
