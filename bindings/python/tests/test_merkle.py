"""Permutations against hashlib, and trees against their definition, over permutations."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkiln
from zkiln import BabyBear, Fr, Goldilocks, KoalaBear, MerkleTree, keccak_f, poseidon2


@given(message=st.binary(max_size=135))
def test_keccak_is_that_of_sha3(message):
    # One block of SHA3-256: the message, its padding, the permutation, the first 32 bytes.
    block = bytearray(message + b"\x06").ljust(200, b"\0")
    block[135] |= 0x80
    state = np.frombuffer(block, np.uint64).reshape(1, 25)
    assert keccak_f(state).tobytes()[:32] == hashlib.sha3_256(message).digest()


def test_many_states_are_permuted_alike():
    states = Goldilocks.random(1000 * 25, seed=1).reshape(1000, 25)
    assert np.array_equal(keccak_f(states)[777:778], keccak_f(states[777:778]))
    states = KoalaBear.random(1000 * 24, seed=1).reshape(1000, 24)
    many = poseidon2(states, field=KoalaBear)
    assert np.array_equal(many[777:778], poseidon2(states[777:778], field=KoalaBear))
    assert len({row.tobytes() for row in many}) == 1000


# Of Plonky3 0.8: what its default permutations make of 0, 1, 2, ...; see tests/hash.rs for more of them.
def test_poseidon2_is_a_permutation_of_elements():
    for field, width in [(KoalaBear, 16), (KoalaBear, 24), (BabyBear, 16), (Goldilocks, 8), (Goldilocks, 12)]:
        state = field.array(range(width)).reshape(1, width)
        out = poseidon2(state, field=field)
        assert out.shape == state.shape and out.dtype == state.dtype
        assert max(field.to_ints(out)) > 2**20


HASHES = pytest.mark.parametrize(
    ("field", "hash_name"),
    [
        (KoalaBear, "poseidon2"),
        (KoalaBear, "poseidon2-24"),
        (KoalaBear, "keccak"),
        (BabyBear, "poseidon2"),
        (BabyBear, "keccak"),
        (Goldilocks, "poseidon2"),
        (Goldilocks, "keccak"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)


class Reference:
    """Hashing by its definition: padding-free overwriting sponges and a truncated permutation."""

    def __init__(self, field, name):
        self.field, self.name = field, name
        if name == "keccak":
            self.width, self.rate, self.out, self.node = 25, 17, 4, 25
        elif field is Goldilocks:
            self.width, self.rate, self.out, self.node = 8, 4, 4, 8
        else:
            self.width, self.rate = (24, 16) if name.endswith("24") else (16, 8)
            self.out, self.node = 8, 16

    def permute(self, state):
        if self.name == "keccak":
            return keccak_f(state.reshape(1, -1))[0]
        return poseidon2(state.reshape(1, -1), field=self.field)[0]

    def sponge(self, words, dtype):
        state = np.zeros(self.width, dtype)
        for i in range(0, len(words), self.rate):
            block = words[i : i + self.rate]
            state[: len(block)] = block
            state = self.permute(state)
        return state[: self.out]

    def row(self, row):
        if self.name == "keccak":
            # The words of Montgomery form, as they lie in memory.
            data = self.field.to_montgomery(row) if self.field is not Goldilocks else row
            data = data.tobytes()
            data += b"\0" * (-len(data) % 8)
            return self.sponge(np.frombuffer(data, np.uint64), np.uint64)
        return self.sponge(row, row.dtype)

    def pair(self, a, b):
        both = np.concatenate([a, b])
        if self.name == "keccak":
            return self.sponge(both, np.uint64)
        state = np.zeros(self.node, both.dtype)
        state[: len(both)] = both
        return self.permute(state)[: self.out]

    def cap(self, matrices, log_cap):
        height = max(len(m) for m in matrices)

        def rows(height):
            same = [m for m in matrices if len(m) == height]
            return [self.row(np.concatenate([m[i] for m in same])) for i in range(height)] if same else None

        layer = rows(height)
        while len(layer) > 1 << log_cap:
            layer = [self.pair(*layer[i : i + 2]) for i in range(0, len(layer), 2)]
            joining = rows(len(layer))
            if joining is not None:
                layer = [self.pair(a, b) for a, b in zip(layer, joining)]
        return np.stack(layer)


@HASHES
@pytest.mark.parametrize("log_cap", [0, 1])
def test_trees(field, hash_name, log_cap):
    shapes = [(16, 5), (4, 30), (16, 1), (2, 3)]
    matrices = [
        field.random(h * w, seed=i).reshape(h, w) for i, (h, w) in enumerate(shapes)
    ]
    tree = MerkleTree(matrices, field=field, hash=hash_name, log_cap=log_cap)
    assert len(tree) == 16 and len(tree.cap) == 1 << log_cap
    assert np.array_equal(tree.cap, Reference(field, hash_name).cap(matrices, log_cap))
    by_column = [np.asfortranarray(m) for m in matrices]
    again = MerkleTree(by_column, field=field, hash=hash_name, log_cap=log_cap)
    assert np.array_equal(again.cap, tree.cap)

    def verify(rows, path, leaf, cap=tree.cap):
        return MerkleTree.verify(cap, shapes, leaf, rows, path, field=field, hash=hash_name)

    for leaf in (0, 7, 15):
        rows, path = tree.open(leaf)
        for row, matrix, (height, _) in zip(rows, matrices, shapes):
            assert np.array_equal(row, matrix[leaf * height // 16])
        assert len(path) == 4 - log_cap
        assert verify(rows, path, leaf)
        assert not verify(rows, path, leaf ^ 1)
        rows[1][2] = (int(rows[1][2]) + 1) % field.MODULUS
        assert not verify(rows, path, leaf)
        rows, path = tree.open(leaf)
        path[1, 0] ^= path.dtype.type(1)
        assert not verify(rows, path, leaf)
        assert not verify(rows, path[1:], leaf)
        assert not verify(rows[1:], tree.open(leaf)[1], leaf)


def test_what_is_refused():
    matrix = KoalaBear.random(8, seed=1).reshape(4, 2)
    for matrices, message in [
        ([matrix[:3]], "a matrix of 3 rows, which is no power of two"),
        ([], "a Merkle tree of no matrices"),
        ([matrix.reshape(8)], r"matrices: arrays of shape \(height, width\) are needed, not \(8,\)"),
        ([matrix[:, :0]], r"matrices: arrays of shape \(height, width\) are needed, not \(4, 0\)"),
        ([np.full((2, 2), 2**31, np.uint32)], "matrices: element 0 is not below the modulus p"),
        ([matrix[::2]], "matrices: the array is not C-contiguous"),
    ]:
        with pytest.raises(zkiln.ArgumentError, match=message):
            MerkleTree(matrices, field=KoalaBear)
    tree = MerkleTree([matrix], field=KoalaBear)
    with pytest.raises(zkiln.ArgumentError, match="leaf 4 of 4"):
        tree.open(4)
    with pytest.raises(zkiln.ArgumentTypeError, match="matrices: an array of dtype uint32"):
        MerkleTree([matrix.astype(np.uint64)], field=KoalaBear)
    with pytest.raises(zkiln.ArgumentError, match="field: trees are over KoalaBear"):
        MerkleTree([matrix], field=Fr)
    with pytest.raises(zkiln.ArgumentError, match='hash: "poseidon2", "poseidon2-24" or "keccak"'):
        MerkleTree([matrix], field=KoalaBear, hash="md5")
    with pytest.raises(zkiln.ArgumentError, match="is for fields of 31 bits"):
        MerkleTree([matrix], field=Goldilocks, hash="poseidon2-24")
    with pytest.raises(zkiln.ArgumentError, match=r"states: an array of shape \(n, 16\) or \(n, 24\)"):
        poseidon2(matrix, field=KoalaBear)
    with pytest.raises(zkiln.ArgumentError, match="field: there is no Poseidon2 over Fr here"):
        poseidon2(matrix, field=Fr)
    with pytest.raises(zkiln.ArgumentError, match=r"states: an array of shape \(n, 25\)"):
        keccak_f(np.zeros((2, 24), np.uint64))
