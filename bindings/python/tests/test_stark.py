"""Constraints written in Python, and their proofs."""

from __future__ import annotations

import dataclasses
import pickle
import threading

import numpy as np
import pytest
from zkiln import BabyBear, Goldilocks, KoalaBear, stark
from zkiln.errors import (
    ArgumentError,
    ArgumentTypeError,
    ClosedError,
    MalformedError,
    PublicInputsError,
    UnsatisfiedError,
)

FIELDS = [KoalaBear, BabyBear, Goldilocks]
#: Far from sound, and quick.
QUICK = stark.Parameters(log_blowup=2, queries=4, max_log_arity=2)


def dtype(field):
    return np.uint64 if field is Goldilocks else np.uint32


class Fibonacci(stark.Air):
    """`stark.Fibonacci`, in Python."""

    columns = ["x", "y"]
    public = ["first", "second", "last"]

    def constraints(self, air):
        x, y = air.main
        first, second, last = air.public
        air.when(air.is_first_row).assert_eq(x, first).assert_eq(y, second)
        air.when(air.is_transition).assert_eq(y, air.next.x).assert_eq(x + y, air.next.y)
        air.when(air.is_last_row).assert_eq(y, last)


class Mixed(stark.Air):
    """All kinds of columns: x' = x^3 y + 2 f - r + g', from the public x, with y a bit."""

    columns = ["x", "y"]
    preprocessed = ["f", "g"]
    periodic = {"r": [5, 7, 11, -1]}
    public = 2

    def constraints(self, air):
        air.assert_bool(air.main.y)
        after = air.main["x"] ** 3 * air.main.y + 2 * air.preprocessed.f - air.periodic.r
        after = after + air.preprocessed_next.g
        air.when(air.is_first_row).assert_eq(air.main[0], air.public[0])
        air.when(air.is_transition).assert_eq(air.next[-2], after)
        air.when(air.is_last_row).assert_zero(air.main.x - air.public[1])

    def trace(self, field, rows):
        p = field.MODULUS
        f = [i * i % p for i in range(rows)]
        g = [3 * i + 1 for i in range(rows)]
        x, xs, ys = 3, [], []
        for i in range(rows):
            y = i * 7 // 3 % 2
            xs.append(x)
            ys.append(y)
            x = (x**3 * y + 2 * f[i] - self.periodic["r"][i % 4] + g[(i + 1) % rows]) % p
        as_array = lambda *columns: np.array(columns, dtype=dtype(field)).T  # noqa: E731
        return as_array(xs, ys), as_array(f, g), [xs[0], xs[-1]]


@pytest.mark.parametrize("field", FIELDS)
def test_a_program_is_the_librarys(field):
    """The same constraints in both languages are the same bytes."""
    program = Fibonacci().program(field)
    assert program == stark.Fibonacci(field).program
    assert program.to_bytes() == bytes(stark.Fibonacci(field).program)
    assert (program.columns, program.public_values, program.constraints, program.degree) == (2, 3, 5, 2)
    assert program.field is field


@pytest.mark.parametrize("field", FIELDS)
def test_programs_travel(field):
    program = Mixed().program(field)
    assert (program.preprocessed_columns, program.periodic_columns) == (2, 1)
    for copy in (stark.Program.from_bytes(program.to_bytes()), pickle.loads(pickle.dumps(program))):
        assert copy == program and hash(copy) == hash(program) and copy.digest() == program.digest()
    assert program != stark.Fibonacci(field).program


def test_bytes_that_are_no_program():
    data = Mixed().program(BabyBear).to_bytes()
    for end in range(0, len(data), 7):
        with pytest.raises(MalformedError):
            stark.Program.from_bytes(data[:end])
    with pytest.raises(MalformedError, match="after the last instruction"):
        stark.Program.from_bytes(data + b"\0")
    with pytest.raises(MalformedError, match="a field of"):
        stark.Program.from_bytes(data[:8] + b"\x07" + data[9:])


@pytest.mark.parametrize("hash", ["poseidon2", "keccak"])
@pytest.mark.parametrize("field", FIELDS)
def test_proofs(field, hash):
    air = Mixed()
    program = air.program(field)
    trace, fixed, public = air.trace(field, 32)
    program.check_trace(trace, public, preprocessed=fixed)
    prover = stark.Prover(program, 32, hash=hash, parameters=QUICK, preprocessed=fixed)
    proof = prover.prove(trace, public)
    assert proof == prover.prove(np.asfortranarray(trace), public), "by rows and by columns"

    # A verifier of its own, of what travels: bytes.
    verifier = stark.Verifier(
        stark.Program.from_bytes(program.to_bytes()),
        32,
        hash=hash,
        parameters=QUICK,
        preprocessed=prover.verifier.preprocessed,
    )
    assert verifier.verify(proof, public)
    assert verifier.verify(proof, [field(value) for value in public])
    assert not verifier.verify(proof, [public[0], public[1] ^ 1])
    with pytest.raises(MalformedError, match="constraints"):
        verifier.check(proof, [public[0], public[1] ^ 1])


def test_every_byte_of_a_proof_counts():
    air = stark.Fibonacci(KoalaBear)
    trace, public = air.trace(0, 1, 8)
    prover = stark.Prover(air.program, 8, parameters=QUICK)
    proof, verifier = prover.prove(trace, public), prover.verifier
    assert verifier.verify(proof, public)
    for i in range(0, len(proof), 5):
        mutated = bytearray(proof)
        mutated[i] ^= 1 << i % 8
        assert not verifier.verify(bytes(mutated), public), i
    assert not verifier.verify(proof[:-1], public)
    assert not verifier.verify(proof + b"\0", public)
    assert not verifier.verify(b"", public)


def test_traces_that_break_a_constraint():
    program = Fibonacci().program(KoalaBear)
    trace, public = stark.Fibonacci(KoalaBear).trace(0, 1, 8)
    trace = trace.copy()
    trace[5, 0] += 1
    with pytest.raises(UnsatisfiedError, match="constraint [23] does not hold in row [45]"):
        program.check_trace(trace, public)
    prover = stark.Prover(program, 8, parameters=QUICK)
    with pytest.raises(UnsatisfiedError):
        prover.prove(trace, public)
    assert not prover.verifier.verify(prover.prove(trace, public, verify=False), public)


@pytest.mark.parametrize(
    ("trace", "error", "message"),
    [
        ([[1, 2]], ArgumentTypeError, "a NumPy array of uint32 is needed"),
        (np.zeros((8, 2), dtype=np.int64), ArgumentTypeError, "uint32 is needed, not int64"),
        (np.zeros(8, dtype=np.uint32), ArgumentError, r"shape \(rows, columns\) is needed, not \(8,\)"),
        (np.zeros((4, 2), dtype=np.uint32), ArgumentError, "4"),
        (np.zeros((8, 3), dtype=np.uint32), ArgumentError, "3"),
        (np.zeros((16, 4), dtype=np.uint32)[::2, ::2], ArgumentError, "contiguous"),
        (np.full((8, 2), KoalaBear.MODULUS, dtype=np.uint32), ArgumentError, "row . and column . is not below"),
        (np.full((8, 2), 2**31, dtype=np.uint32, order="F"), ArgumentError, "of KoalaBear"),
    ],
)
def test_traces_that_are_none(trace, error, message):
    prover = stark.Prover(Fibonacci().program(KoalaBear), 8, parameters=QUICK)
    with pytest.raises(error, match=message):
        prover.prove(trace, [0, 1, 21])


@pytest.mark.parametrize(
    ("public", "message"),
    [
        ([0, 1], "2 values, where the constraints read 3"),
        (None, "0 values"),
        ([0, 1, KoalaBear.MODULUS], "value 2, .* is not below the modulus"),
        ([0, -1, 1], "value 1, -1, is not below"),
        ([0, 1, 2**70], "value 2"),
    ],
)
def test_public_values_that_are_none(public, message):
    air = stark.Fibonacci(KoalaBear)
    trace, right = air.trace(0, 1, 8)
    prover = stark.Prover(air.program, 8, parameters=QUICK)
    proof = prover.prove(trace, right)
    for use in (prover.prove, prover.verifier.verify, prover.verifier.check):
        with pytest.raises(PublicInputsError, match=message):
            use(trace if use == prover.prove else proof, public)


def test_parameters():
    fast, proven = stark.Parameters.fast(), stark.Parameters.proven100()
    assert (fast.log_blowup, fast.queries, fast.max_log_arity, fast.query_grinding) == (1, 100, 3, 16)
    program = stark.Poseidon2(KoalaBear, per_row=8).program
    assert fast.security(program, 2**16).proven == 65
    bits = proven.security(program, 2**16)
    assert bits.proven >= 100 and bits.conjectured >= bits.proven
    assert bits.proven == int(max(bits.unique_decoding, bits.johnson))
    assert stark.Prover(stark.Fibonacci(KoalaBear).program, 64).verifier.security.proven >= 100, "the default"
    assert dataclasses.replace(fast, queries=10).security(program, 2**16).proven < 65


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"queries": 0}, "without queries"),
        ({"log_blowup": 0}, "blow-up"),
        ({"log_blowup": 40}, "a codeword of"),
        ({"max_log_arity": 0}, "fold nothing"),
        ({"query_grinding": 31}, "work of 31 bits"),
        ({"cap_height": 30}, "a cap"),
    ],
)
def test_parameters_of_no_sound_proof(parameters, message):
    parameters = dataclasses.replace(QUICK, **parameters)
    program = Fibonacci().program(KoalaBear)
    for make in (stark.Prover, stark.Verifier):
        with pytest.raises(ArgumentError, match=message):
            make(program, 8, parameters=parameters)
    with pytest.raises(ArgumentError, match=message):
        parameters.security(program, 8)


def test_what_provers_and_verifiers_refuse():
    program, mixed = Fibonacci().program(KoalaBear), Mixed().program(KoalaBear)
    with pytest.raises(ArgumentError, match="power of two of rows, not 12"):
        stark.Prover(program, 12)
    with pytest.raises(ArgumentError, match='"poseidon2" or "keccak"'):
        stark.Prover(program, 8, hash="sha256")
    with pytest.raises(ArgumentError, match="no preprocessed columns"):
        stark.Prover(mixed, 8, parameters=QUICK)
    with pytest.raises(ArgumentError, match="period"):
        stark.Verifier(mixed, 2, parameters=QUICK, preprocessed=b"\0")
    with pytest.raises(MalformedError):
        stark.Verifier(mixed, 8, parameters=QUICK, preprocessed=b"\xff")
    with pytest.raises(ArgumentError, match="a cap of 0 nodes"):
        stark.Verifier(mixed, 8, parameters=QUICK)
    prover = stark.Prover(program, 8, parameters=QUICK)
    prover.close()
    with pytest.raises(ClosedError, match="this Prover is closed"):
        prover.prove(np.zeros((8, 2), dtype=np.uint32), [0, 0, 0])


@pytest.mark.parametrize("field", FIELDS)
def test_ready_airs(field):
    width = 8 if field is Goldilocks else 16
    poseidon2 = stark.Poseidon2(field, per_row=2)
    inputs = field.random(8 * width, seed=1).reshape(8, width)
    trace = poseidon2.trace(inputs)
    assert trace.shape == (4, poseidon2.program.columns) and trace.flags.f_contiguous
    poseidon2.program.check_trace(trace)
    np.testing.assert_array_equal(trace[:, :width], inputs[::2])
    with pytest.raises(ArgumentError, match="power of two of rows"):
        poseidon2.trace(inputs[:6])
    with pytest.raises(ArgumentError, match=rf"shape \(n, {width}\)"):
        poseidon2.trace(inputs.reshape(-1, 4))
    with pytest.raises(ArgumentError, match="rows of no permutation"):
        stark.Poseidon2(field, per_row=0)

    keccak = stark.Keccak(field)
    states = np.arange(25, dtype=np.uint64).reshape(1, 25)
    keccak.program.check_trace(keccak.trace(states))

    trace, public = stark.Fibonacci(field).trace(3, 5, 16)
    assert trace[:3].tolist() == [[3, 5], [5, 8], [8, 13]] and public[:2] == [3, 5]
    prover = stark.Prover(stark.Fibonacci(field).program, 16, parameters=QUICK)
    assert prover.verifier.verify(prover.prove(trace, public), public)


def test_no_field_of_starks():
    from zkiln import Fr

    with pytest.raises(ArgumentError, match="STARKs are over"):
        Fibonacci().program(Fr)
    with pytest.raises(ArgumentError, match="STARKs are over"):
        stark.Keccak(Fr)
    with pytest.raises(ArgumentTypeError, match="class of a field"):
        stark.Keccak("koalabear")


def constraints_of(state, **members):
    """The program of an AIR of one column whose constraints are a function."""
    members.setdefault("columns", ["x"])
    return type("One", (stark.Air,), {**members, "constraints": lambda self, air: state(air)})().program(KoalaBear)


def test_expressions():
    """Each of these holds exactly in the traces of x = 2, by the library's own check."""
    two = np.array([[2], [2]], dtype=np.uint32)
    for zero in (
        lambda x: x - 2,
        lambda x: 2 - x,
        lambda x: -x + 2,
        lambda x: +x * 3 - 6,
        lambda x: 5 * x - np.uint64(10),
        lambda x: x**5 - 32,
        lambda x: x**0 - 1,
        lambda x: x**1 - 2,
        lambda x: x * x * x - 2**3,
        lambda x: x + (KoalaBear.MODULUS - 2),
        lambda x: x + (1 - 3),
    ):
        constraints_of(lambda air, zero=zero: air.assert_zero(zero(air.main.x))).check_trace(two)
        with pytest.raises(UnsatisfiedError):
            constraints_of(lambda air, zero=zero: air.assert_zero(zero(air.main.x) + 1)).check_trace(two)
    constraints_of(lambda air: air.assert_eq(2, air.main.x)).check_trace(two)
    constraints_of(lambda air: air.when(1).when(air.main.x - 2).assert_zero(7)).check_trace(two)


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (lambda air: air.main.x == 2, TypeError, "assert_eq"),
        (lambda air: bool(air.main.x), TypeError, "when"),
        (lambda air: hash(air.main.x), TypeError, "unhashable"),
        (lambda air: air.main.x**-1, ValueError, "power -1"),
        (lambda air: air.main.x + 1.5, TypeError, "unsupported operand"),
        (lambda air: air.main.x / 2, TypeError, "unsupported operand"),
        (lambda air: air.assert_zero(0.5), TypeError, "integer"),
        (lambda air: air.main.y, AttributeError, "no column is called 'y'"),
        (lambda air: air.main["y"], KeyError, "no column is called 'y'"),
        (lambda air: air.main[1], IndexError, "column 1 of 1"),
        (lambda air: air.public[0], IndexError, "public value 0 of 0"),
        (lambda air: air.periodic[0], IndexError, "periodic column 0 of 0"),
        (lambda air: air.assert_zero(air.main.x**2000), ArgumentError, "degree"),
    ],
)
def test_mistakes_in_constraints(state, error, message):
    with pytest.raises(error, match=message):
        constraints_of(state)


def test_mistakes_in_airs():
    with pytest.raises(ArgumentError, match="no columns"):
        constraints_of(lambda air: None, columns=0)
    with pytest.raises(ArgumentError, match="period"):
        constraints_of(lambda air: None, periodic=[[1, 2, 3]])
    with pytest.raises(NotImplementedError):
        stark.Air().program(KoalaBear)
    kept = []
    constraints_of(lambda air: kept.append(air.main.x))
    with pytest.raises(ValueError, match="another call"):
        constraints_of(lambda air: air.assert_zero(air.main.x + kept[0]))


def test_next_rows_are_opened_if_they_are_read():
    def flags(state, **members):
        return constraints_of(state, preprocessed=1, **members).to_bytes()[16]

    assert flags(lambda air: air.assert_zero(air.main.x * air.preprocessed[0])) == 0
    assert flags(lambda air: air.assert_zero(air.next.x)) == 1
    assert flags(lambda air: air.assert_zero(air.preprocessed_next[0])) == 2
    assert flags(lambda air: None, next_row=True, preprocessed_next_row=True) == 3
    with pytest.raises(ArgumentError, match="next row 0 of 0"):
        constraints_of(lambda air: air.assert_zero(air.next.x), next_row=False)


def test_records_that_are_none():
    keywords = dict(
        width=1,
        preprocessed_width=0,
        periodic=[],
        public_values=0,
        least_degree=0,
        next_row=False,
        preprocessed_next_row=False,
    )
    for steps in ([(10, 0, 0)], [(0, 2**31, 0)], [(1, 0, 0), (14, 1, 0)], [(15, 0, 0)], [(13, 0, 0)]):
        with pytest.raises(ArgumentError, match="is none"):
            stark.Program._from_record(KoalaBear, steps, **keywords)
    with pytest.raises(ArgumentError, match="column 5 of 1"):
        stark.Program._from_record(KoalaBear, [(1, 5, 0)], **keywords)


def test_progress_and_interruption():
    air = stark.Fibonacci(KoalaBear)
    trace, public = air.trace(0, 1, 64)
    prover = stark.Prover(air.program, 64, parameters=QUICK)
    phases = []
    prover.prove(trace, public, progress=phases.append)
    assert phases[0] == "prove" and "quotient" in phases and phases[-1] == "verify"

    def stop(phase):
        if phase == "quotient":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prover.prove(trace, public, progress=stop)
    prover.prove(trace, public)


def test_threads_share_a_prover():
    air = stark.Fibonacci(Goldilocks)
    trace, public = air.trace(0, 1, 256)
    prover = stark.Prover(air.program, 256, parameters=QUICK)
    proofs = []
    threads = [threading.Thread(target=lambda: proofs.append(prover.prove(trace, public))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(proofs) == 4 and len(set(proofs)) == 1
