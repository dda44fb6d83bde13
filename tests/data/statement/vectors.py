#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Statements with their words, digests and lane digests, computed apart from the library.

    vectors.py write    makes vectors.json
    vectors.py check    compares vectors.json with what this program computes

Needs nothing but Python 3.8. Keccak-256 is not among Python's hashes; the one here is run as SHA3-256 against
hashlib's first, from which it differs in one byte of padding.
"""

import hashlib
import json
import pathlib
import sys

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
FILE = pathlib.Path(__file__).with_name("vectors.json")
MASK = (1 << 64) - 1


def permute(lanes):
    """Keccak-f[1600] on lanes[x][y]."""
    lfsr = 1
    for _ in range(24):
        parity = [a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] for a in lanes]
        turn = [parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lanes[x][y] ^ turn[x] for y in range(5)] for x in range(5)]
        x, y, current = 1, 0, lanes[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], rotate(current, (t + 1) * (t + 2) // 2 % 64)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & MASK & row[(x + 2) % 5])
        for j in range(7):
            lfsr = ((lfsr << 1) ^ ((lfsr >> 7) * 0x71)) % 256
            if lfsr & 2:
                lanes[0][0] ^= 1 << ((1 << j) - 1)
    return lanes


def rotate(word, by):
    return ((word << by) | (word >> (64 - by))) & MASK if by else word


def sponge(data, padding, rate=136):
    data = bytearray(data) + bytes([padding]) + bytes(-(len(data) + 1) % rate)
    data[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for block in range(0, len(data), rate):
        for i in range(rate // 8):
            word = data[block + 8 * i : block + 8 * i + 8]
            lanes[i % 5][i // 5] ^= int.from_bytes(word, "little")
        lanes = permute(lanes)
    return b"".join(lanes[i][0].to_bytes(8, "little") for i in range(4))


def keccak(data):
    return sponge(data, 0x01)


for length in (0, 1, 135, 136, 137, 384):
    sample = bytes(i * 7 % 256 for i in range(length))
    assert sponge(sample, 0x06) == hashlib.sha3_256(sample).digest()


def hexadecimal(data):
    return "0x" + data.hex()


def word(value):
    return value.to_bytes(32, "big")


def words_of(s):
    return [
        keccak(b"zkiln/statement/v1"),
        bytes.fromhex(s["program"][2:]),
        bytes.fromhex(s["parameters"][2:]),
        word(int(s["chain_id"])),
        bytes.fromhex(s["context"][2:]),
        bytes.fromhex(s["request"][2:]),
        word(int(s["first_seq"])),
        word(int(s["last_seq"])),
        bytes.fromhex(s["pre_root"][2:]),
        bytes.fromhex(s["post_root"][2:]),
        bytes.fromhex(s["batch"][2:]),
        bytes.fromhex(s["payee"][2:]),
    ]


def lane(system, key, digest):
    system_id = keccak(system.encode())
    return {
        "system": system,
        "key": hexadecimal(key),
        "id": hexadecimal(keccak(keccak(b"zkiln/lane-id/v1") + system_id + key)),
        "digest": hexadecimal(keccak(keccak(b"zkiln/lane/v1") + system_id + key + digest)),
    }


def vector(statement):
    words = words_of(statement)
    digest = keccak(b"".join(words))
    signals = [digest[:16], digest[16:], *(words[i] for i in (8, 9, 10, 6, 7))]
    systems = ["groth16-bn254", "stark-p3v0_8", "attestation-ed25519"]
    return {
        "statement": statement,
        "words": [hexadecimal(w) for w in words],
        "digest": hexadecimal(digest),
        "signals": [str(int.from_bytes(s, "big")) for s in signals],
        "lanes": [lane(s, keccak(s.encode() + b" key"), digest) for s in systems],
    }


def statement(**changes):
    number = lambda text: hexadecimal(keccak(text))
    element = lambda text: hexadecimal(word(int.from_bytes(keccak(text), "big") % R))
    base = {
        "program": number(b"program"),
        "parameters": hexadecimal(word((20 << 128) | 16)),
        "chain_id": "1",
        "context": hexadecimal(bytes(12) + keccak(b"contract")[12:]),
        "request": number(b"request"),
        "first_seq": "17",
        "last_seq": "32",
        "pre_root": element(b"pre"),
        "post_root": element(b"post"),
        "batch": element(b"batch"),
        "payee": hexadecimal(bytes(12) + keccak(b"payee")[12:]),
    }
    return {**base, **changes}


def refused(name, index, value):
    """The words of the first statement with one of them replaced."""
    words = [hexadecimal(w) for w in words_of(statement())]
    words[index] = hexadecimal(word(value))
    return {"word": name, "words": words}


def make():
    zero, ones = hexadecimal(bytes(32)), hexadecimal(b"\xff" * 32)
    last = hexadecimal(word(R - 1))
    accepted = [
        statement(),
        statement(chain_id="10"),
        statement(
            program=zero, parameters=zero, chain_id="0", context=zero, request=zero, first_seq="0",
            last_seq="0", pre_root=zero, post_root=zero, batch=zero, payee=zero,
        ),
        statement(
            program=ones, parameters=ones, chain_id=str(MASK), context=ones, request=ones,
            first_seq=str(MASK), last_seq=str(MASK), pre_root=last, post_root=last, batch=last, payee=ones,
        ),
    ]
    root = int(statement()["pre_root"], 16)
    return {
        "accepted": [vector(s) for s in accepted],
        "refused": [
            refused("tag", 0, int.from_bytes(keccak(b"zkiln/statement/v2"), "big")),
            refused("chain_id", 3, 1 << 64),
            refused("first_seq", 6, (1 << 64) + 17),
            refused("last_seq", 7, (1 << 64) + 32),
            refused("last_seq", 7, 16),
            refused("pre_root", 8, root + R),
            refused("pre_root", 8, R),
            refused("post_root", 9, (1 << 256) - 1),
            refused("batch", 10, R),
        ],
    }


def main():
    if sys.argv[1:] == ["write"]:
        FILE.write_text(json.dumps(make(), indent=1) + "\n")
    elif sys.argv[1:] == ["check"]:
        if json.loads(FILE.read_text()) != make():
            sys.exit("vectors.json is not what this program computes")
        print("ok")
    else:
        sys.exit(__doc__)


main()
