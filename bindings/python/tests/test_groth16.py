"""Groth16 on the repository's circuits, with snarkjs' files and py_ecc's pairing."""

from __future__ import annotations

import json
import pickle

import numpy as np
import py_ecc.optimized_bn128 as ecc
import pytest

import zkiln
from zkiln import Fr, groth16
from zkiln.groth16 import Proof, ProvingKey, PublicInputs, R1cs, VerifyingKey, Witness

CIRCUITS = ["multiplier", "full_domain", "hash_chain", "merkle"]


def files(circuits, name):
    folder = circuits / name
    return folder / "circuit.zkey", folder / "witness.wtns", folder / "verification_key.json"


@pytest.mark.parametrize("name", CIRCUITS)
def test_proofs(circuits, name):
    zkey, wtns, vkey = files(circuits, name)
    key = ProvingKey.open(zkey, device="cpu")
    proof, public = key.prove(wtns)
    assert public == PublicInputs.open(circuits / name / "public.json")
    vk = VerifyingKey.open(vkey)
    assert vk == key.vk and hash(vk) == hash(key.vk) and vk.n_public == key.n_public == len(public)
    assert vk.verify(proof, public) and key.vk.verify(proof, list(public))
    key.check_verifying_key(vk)
    # snarkjs' own proof of the same witness.
    assert vk.verify(Proof.open(circuits / name / "proof.json"), public)
    wrong = list(public)
    wrong[0] += 1
    assert not vk.verify(proof, wrong)
    assert not vk.verify(Proof(proof.a, proof.b, -proof.c), public)


def test_witnesses_of_all_kinds(circuits):
    zkey, wtns, _ = files(circuits, "multiplier")
    key = ProvingKey.open(zkey.read_bytes())
    witness = Witness.open(wtns)
    values = witness.to_array()
    assert values.shape == (len(witness), 4) == (key.n_wires, 4) and values[0].tolist() == [1, 0, 0, 0]
    assert Witness.open(witness.to_bytes()).to_array().tolist() == values.tolist()
    for given in [wtns, str(wtns), wtns.read_bytes(), witness, values, Witness(values)]:
        proof, public = key.prove(given)
        assert key.vk.verify(proof, public)
    assert "ProvingKey of 4 wires, 1 public" in repr(key) and repr(witness) == "<Witness of 4 values>"
    assert (key.domain_size, key.is_insecure) == (4, False)


def to_ecc(proof_point):
    if proof_point.is_infinity:
        raise AssertionError("no point of a proof is infinity")
    if isinstance(proof_point, zkiln.G1):
        return tuple(ecc.FQ(int(c)) for c in (proof_point.x, proof_point.y)) + (ecc.FQ.one(),)
    pairs = [ecc.FQ2([int(c) for c in pair]) for pair in (proof_point.x, proof_point.y)]
    return (*pairs, ecc.FQ2.one())


def test_py_ecc_accepts(circuits):
    """e(A, B) = e(alpha, beta) e(sum x_i ic_i, gamma) e(C, delta), by another library's pairing."""
    zkey, wtns, vkey = files(circuits, "multiplier")
    proof, public = ProvingKey.open(zkey).prove(wtns)
    vk = json.loads(vkey.read_text())

    def g1(p):
        return tuple(ecc.FQ(int(c)) for c in p)

    def g2(p):
        return tuple(ecc.FQ2([int(c) for c in pair]) for pair in p)

    total = g1(vk["IC"][0])
    for value, point in zip(public, vk["IC"][1:]):
        total = ecc.add(total, ecc.multiply(g1(point), int(value)))
    product = ecc.FQ12.one()
    for p, q in [
        (to_ecc(-proof.a), to_ecc(proof.b)),
        (g1(vk["vk_alpha_1"]), g2(vk["vk_beta_2"])),
        (total, g2(vk["vk_gamma_2"])),
        (to_ecc(proof.c), g2(vk["vk_delta_2"])),
    ]:
        product *= ecc.pairing(q, p, final_exponentiate=False)
    assert ecc.final_exponentiate(product) == ecc.FQ12.one()


def test_json_both_ways(circuits):
    folder = circuits / "merkle"
    for kind, name in [
        (Proof, "proof.json"),
        (PublicInputs, "public.json"),
        (VerifyingKey, "verification_key.json"),
    ]:
        text = (folder / name).read_text()
        read = kind.from_json(text)
        assert read == kind.open(folder / name)
        assert read.to_json().rstrip() == text.rstrip()
    with pytest.raises(zkiln.MalformedError) as caught:
        Proof.from_json((folder / "proof.json").read_text().replace('"bn128"', '"bls12381"'))
    assert caught.value.origin == "proof" and caught.value.code == 2
    assert isinstance(caught.value, ValueError) and caught.value.fault and caught.value.reason
    solidity = VerifyingKey.open(folder / "verification_key.json").to_solidity()
    assert "function verifyProof" in solidity


def test_encodings(circuits):
    proof = Proof.open(circuits / "merkle" / "proof.json")
    for encoding, size in [
        ("arkworks", 128),
        ("arkworks-uncompressed", 256),
        ("gnark", 164),
        ("gnark-raw", 324),
        ("evm", 256),
    ]:
        data = proof.to_bytes(encoding)
        assert len(data) == size and Proof.from_bytes(data, encoding) == proof
        with pytest.raises(zkiln.MalformedError):
            Proof.from_bytes(data[:-1], encoding)
    assert pickle.loads(pickle.dumps(proof)) == proof and hash(proof) == hash(pickle.loads(pickle.dumps(proof)))
    assert proof.to_calldata([1])[4:260] == proof.to_bytes("evm")
    assert proof != 1 and repr(proof).startswith("Proof(G1(")
    with pytest.raises(zkiln.ArgumentError, match='encoding: "asn1" is none of arkworks'):
        proof.to_bytes("asn1")


def test_public_inputs():
    public = PublicInputs([1, Fr(2), 3])
    assert (len(public), public[-1], list(public)) == (3, 3, [1, 2, 3])
    assert np.array_equal(public.to_array(), Fr.array([1, 2, 3]))
    assert PublicInputs(public.to_array()) == public == pickle.loads(pickle.dumps(public))
    assert repr(public) == "PublicInputs([1, 2, 3])"
    with pytest.raises(IndexError):
        public[3]
    with pytest.raises(IndexError):
        public[-4]
    # An alias of an input, which a verifier must not take.
    for alias in [[Fr.MODULUS], [-1], [2**256], [5, Fr.MODULUS + 5]]:
        with pytest.raises(zkiln.PublicInputsError, match="not an integer from 0 to r - 1"):
            PublicInputs(alias)
    words = np.frombuffer(Fr.MODULUS.to_bytes(32, "little"), np.uint64).reshape(1, 4)
    with pytest.raises(zkiln.PublicInputsError, match="value 0 is not an integer from 0 to r - 1"):
        PublicInputs(words)
    with pytest.raises(TypeError):
        PublicInputs([1.5])


def test_batches(circuits):
    zkey, wtns, _ = files(circuits, "multiplier")
    key = ProvingKey.open(zkey)
    batch = [key.prove(wtns) for _ in range(4)]
    assert key.vk.verify_batch(batch) and key.vk.verify_batch([]) and key.vk.invalid_proofs(batch) == []
    batch[2] = (batch[2][0], [34])
    assert not key.vk.verify_batch(batch) and key.vk.invalid_proofs(batch) == [2]
    with pytest.raises(zkiln.PublicInputsError, match="0 values for a circuit with 1"):
        key.vk.verify(batch[0][0], [])


def test_circuits_of_ones_own(tmp_path):
    # x^3 + x + 5 = out, with wires 1, out, x, x^2, x^3.
    constraints = [
        ([(2, 1)], [(2, 1)], [(3, 1)]),
        ([(3, 1)], [(2, 1)], [(4, 1)]),
        ([(0, 5), (2, 1), (4, Fr(1))], [(0, 1)], [(1, 1)]),
    ]
    circuit = R1cs(constraints, n_wires=5, n_outputs=1, n_private_inputs=1)
    assert (circuit.n_constraints, circuit.n_wires, circuit.n_public) == (3, 5, 1)
    again = R1cs.open(circuit.to_bytes())
    assert again.to_bytes() == circuit.to_bytes()
    witness = Fr.array([1, 35, 3, 9, 27])
    assert circuit.first_unsatisfied(witness) is None
    wrong = Fr.array([1, 35, 3, 9, 28])
    assert circuit.first_unsatisfied(wrong) == 1

    path = tmp_path / "development.zkey"
    assert groth16.insecure_development_key(circuit, path) is None
    key = ProvingKey.open(path)
    assert key.is_insecure
    proof, public = key.prove(witness, r1cs=circuit)
    assert public == PublicInputs([35]) and key.vk.verify(proof, public)
    with pytest.raises(zkiln.UnsatisfiedError, match="constraint 1") as caught:
        key.prove(wrong, r1cs=circuit)
    assert isinstance(caught.value, ValueError)
    proof, public = key.prove(wrong, verify=False)
    assert not key.vk.verify(proof, public)
    with pytest.raises(zkiln.ArgumentError, match="uses wire 9 of 5"):
        R1cs([([(9, 1)], [], [])], n_wires=5)


@pytest.mark.skipif(not zkiln.info()["emulator"], reason="built without the emulator")
def test_on_the_emulator(circuits):
    zkey, wtns, _ = files(circuits, "multiplier")
    key = ProvingKey.open(zkey, device="emulator")
    assert key.device == "emulator" and key.vk.verify(*key.prove(wtns))


def test_what_is_refused(circuits, tmp_path):
    zkey, wtns, vkey = files(circuits, "multiplier")
    key = ProvingKey.open(zkey)
    missing = tmp_path / "missing.zkey"
    with pytest.raises(FileNotFoundError) as caught:
        ProvingKey.open(missing)
    assert isinstance(caught.value, zkiln.IoError) and caught.value.filename == str(missing)
    with pytest.raises(OSError):
        ProvingKey.open(tmp_path)
    with pytest.raises(zkiln.MalformedError, match="zkey") as malformed:
        ProvingKey.open(zkey.read_bytes()[:-5])
    assert malformed.value.origin == "zkey"
    weak = circuits / "multiplier" / "no_contribution.zkey"
    with pytest.raises(zkiln.WeakKeyError, match="anyone can forge|no contribution"):
        ProvingKey.open(weak)
    ProvingKey.open(weak, allow_weak=True)
    with pytest.raises(zkiln.WeakKeyError):
        VerifyingKey.open(circuits / "multiplier" / "no_contribution_vkey.json")
    with pytest.raises(zkiln.WitnessMismatchError, match="it has 2 values, the circuit has 4 wires"):
        key.prove(Fr.array([1, 2]))
    with pytest.raises(zkiln.UnsatisfiedError):
        key.prove(Fr.array([1, 34, 3, 11]))
    with pytest.raises(zkiln.MalformedError, match="value 0 is not the constant 1"):
        key.prove(Fr.array([2, 33, 3, 11]))
    too_large = Fr.array([1, 33, 3, 11])
    too_large[2] = np.frombuffer(Fr.MODULUS.to_bytes(32, "little"), np.uint64)
    with pytest.raises(ValueError, match="value 2 is not below r"):
        key.prove(too_large)
    with pytest.raises(zkiln.ArgumentTypeError, match="witness: an array of dtype uint64 is needed, not int64"):
        key.prove(too_large.astype(np.int64))
    with pytest.raises(zkiln.ArgumentTypeError, match="witness: a Witness, an array, the path"):
        key.prove(12)
    with pytest.raises(zkiln.ArgumentTypeError, match="source: the path of a file or its bytes"):
        ProvingKey.open(12)
    other = VerifyingKey.open(circuits / "merkle" / "verification_key.json")
    with pytest.raises(zkiln.ArgumentError, match="does not belong to the verification key"):
        key.check_verifying_key(other)
