"""STARK proofs in the dialect of Plonky3 0.8, with constraints written in Python.

An :class:`Air` says what two neighbouring rows of a trace must satisfy; it becomes a :class:`Program`, the
library's bytecode. A :class:`Prover` makes proofs, a :class:`Verifier` checks them, and so does the unmodified
``p3_uni_stark::verify`` of Plonky3.

>>> import numpy as np
>>> from zkiln import KoalaBear, stark
>>> class Squares(stark.Air):
...     columns = ["x"]
...     public = ["first"]
...     def constraints(self, air):
...         air.when(air.is_first_row).assert_eq(air.main.x, air.public.first)
...         air.when(air.is_transition).assert_eq(air.next.x, air.main.x ** 2)
>>> program = Squares().program(KoalaBear)
>>> trace = np.array([[3], [9], [81], [6561]], dtype=np.uint32)
>>> prover = stark.Prover(program, 4, parameters=stark.Parameters(log_blowup=2, queries=50))
>>> proof = prover.prove(trace, [3])
>>> prover.verifier.verify(proof, [3]), prover.verifier.verify(proof, [4])
(True, False)

Traces are arrays of rows and columns of canonical integers, ``uint32``, for Goldilocks ``uint64``. One that lies column
by column (``order="F"``) is taken as it is; one that lies row by row is transposed.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import SupportsIndex, Union

import numpy as np
import numpy.typing as npt

from . import _zkiln
from ._zkiln import BabyBear, Goldilocks, KoalaBear, Program, Prover, Security, Verifier

__all__ = [
    "Air",
    "Builder",
    "Expr",
    "Fibonacci",
    "Keccak",
    "Parameters",
    "Poseidon2",
    "Program",
    "Prover",
    "Row",
    "Security",
    "Verifier",
    "When",
]

#: The class of a field.
Field = Union[type[KoalaBear], type[BabyBear], type[Goldilocks]]
#: Columns or public values: a number of them, or their names.
Names = Union[int, Sequence[str]]
#: What takes part in the arithmetic of expressions.
Value = Union["Expr", SupportsIndex]

# What a step of the record is. The same numbers are in `src/stark/record.rs`.
_CONSTANT, _MAIN, _NEXT, _PREPROCESSED, _PREPROCESSED_NEXT, _PERIODIC, _PUBLIC = range(7)
_FIRST_ROW, _LAST_ROW, _TRANSITION, _ADD, _SUB, _MUL, _NEG, _ASSERT = range(7, 15)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Parameters:
    """The parameters of the proof of proximity, and the work before challenges.

    ``fast`` and ``proven100`` are presets. ``dataclasses.replace`` changes one of them:

    >>> import dataclasses
    >>> from zkiln import stark
    >>> dataclasses.replace(stark.Parameters.fast(), queries=120).queries
    120

    How many bits of security they give depends on what is proven: see :meth:`security`. Parameters of no sound proof
    are refused when a prover or a verifier is made.
    """

    #: Committed codewords are ``2**log_blowup`` times as long as what they encode.
    log_blowup: int
    #: How many rows are opened.
    queries: int
    #: A round folds at most ``2**max_log_arity`` values into one.
    max_log_arity: int = 3
    #: Folding ends at a polynomial of ``2**log_final_poly_len`` coefficients.
    log_final_poly_len: int = 0
    #: Work, in bits, before the challenge that batches the opened values.
    batch_grinding: int = 0
    #: Work before the challenge of each round.
    commit_grinding: int = 0
    #: Work before the queries.
    query_grinding: int = 0
    #: Work before the point outside of the domain.
    ood_grinding: int = 0
    #: Trees are committed to by the ``2**cap_height`` nodes of a layer.
    cap_height: int = 0

    @classmethod
    def fast(cls) -> Parameters:
        """Plonky3's ``new_benchmark_high_arity``: 65 proven bits for traces of 2^10 rows and more."""
        return cls(**_zkiln._stark_preset("fast"))

    @classmethod
    def proven100(cls) -> Parameters:
        """At least 100 proven bits for traces of 2^4 to 2^20 rows and up to 2600 columns."""
        return cls(**_zkiln._stark_preset("proven100"))

    def security(self, program: Program, rows: int, hash: str = "poseidon2") -> Security:
        """The bits of security, proven and conjectured, of a proof of ``program`` about so many rows.

        >>> from zkiln import KoalaBear, stark
        >>> program = stark.Poseidon2(KoalaBear, per_row=8).program
        >>> bits = stark.Parameters.proven100().security(program, rows=2**16)
        >>> bits.proven, bits.conjectured
        (105, 113)
        """
        return _zkiln._stark_security(program, rows, hash, self)


class Expr:
    """A number that depends on two rows of a trace. It takes part in ``+``, ``-``, ``*`` with expressions and
    integers, and in ``**`` with a non-negative integer."""

    __slots__ = ("_builder", "_id")

    def __init__(self, builder: Builder, id: int) -> None:
        self._builder = builder
        self._id = id

    def __add__(self, other: Value) -> Expr:
        return self._builder._operation(_ADD, self, other)

    def __radd__(self, other: Value) -> Expr:
        return self._builder._operation(_ADD, other, self)

    def __sub__(self, other: Value) -> Expr:
        return self._builder._operation(_SUB, self, other)

    def __rsub__(self, other: Value) -> Expr:
        return self._builder._operation(_SUB, other, self)

    def __mul__(self, other: Value) -> Expr:
        return self._builder._operation(_MUL, self, other)

    def __rmul__(self, other: Value) -> Expr:
        return self._builder._operation(_MUL, other, self)

    def __neg__(self) -> Expr:
        return self._builder._node(_NEG, self._id)

    def __pos__(self) -> Expr:
        return self

    def __pow__(self, exponent: SupportsIndex) -> Expr:
        exponent = operator.index(exponent)
        if exponent < 0:
            raise ValueError(f"a constraint cannot have the power {exponent} of an expression")
        if exponent == 0:
            return self._builder.constant(1)
        power = self
        for bit in bin(exponent)[3:]:
            power = power * power
            if bit == "1":
                power = power * self
        return power

    def __eq__(self, other: object) -> bool:
        raise TypeError("expressions are not compared: state with assert_eq(a, b) that they are equal")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TypeError("an expression is neither true nor false: use when(condition) in place of if")

    def __repr__(self) -> str:
        return f"Expr({self._id})"


class Row:
    """Columns of a row, or public values: by number, by name (``row["x"]`` or ``row.x``), or unpacked in order."""

    __slots__ = ("_kind", "_names", "_len", "_leaf")

    def __init__(self, kind: str, names: Names, leaf: Callable[[int], Expr]) -> None:
        self._kind = kind
        self._names = {} if isinstance(names, int) else {name: i for i, name in enumerate(names)}
        self._len = _count(names)
        self._leaf = leaf

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[Expr]:
        return (self._leaf(i) for i in range(self._len))

    def __getitem__(self, key: int | str | slice) -> Expr | list[Expr]:
        if isinstance(key, str):
            if key not in self._names:
                raise KeyError(f"no {self._kind} is called {key!r}")
            return self._leaf(self._names[key])
        if isinstance(key, slice):
            return [self._leaf(i) for i in range(*key.indices(self._len))]
        index = operator.index(key)
        if not -self._len <= index < self._len:
            raise IndexError(f"{self._kind} {index} of {self._len}")
        return self._leaf(index % self._len)

    def __getattr__(self, name: str) -> Expr:
        if name not in self._names:
            raise AttributeError(f"no {self._kind} is called {name!r}")
        return self._leaf(self._names[name])


class _Stating:
    """What states constraints: a builder, or a condition of one."""

    def assert_zero(self, expression: Value) -> _Stating:
        """States that ``expression`` is zero."""
        raise NotImplementedError

    def assert_eq(self, left: Value, right: Value) -> _Stating:
        """States that ``left - right`` is zero."""
        return self.assert_zero(self._lift(left) - right)

    def assert_bool(self, bit: Value) -> _Stating:
        """States that ``bit`` is 0 or 1."""
        bit = self._lift(bit)
        return self.assert_zero(bit * (bit - 1))

    def _lift(self, value: Value) -> Expr:
        raise NotImplementedError


class When(_Stating):
    """States constraints that must hold only where a condition is not zero."""

    def __init__(self, builder: Builder, condition: Expr) -> None:
        self._builder = builder
        self._condition = condition

    def assert_zero(self, expression: Value) -> When:
        self._builder.assert_zero(self._condition * expression)
        return self

    def when(self, condition: Value) -> When:
        """With one more condition."""
        return When(self._builder, self._condition * condition)

    def _lift(self, value: Value) -> Expr:
        return self._builder._lift(value)


class Builder(_Stating):
    """What :meth:`Air.constraints` reads columns from and states constraints to."""

    #: The columns of this row, and of the next one; after the last row comes the first.
    main: Row
    next: Row
    #: The preprocessed columns of this row, and of the next one.
    preprocessed: Row
    preprocessed_next: Row
    #: The columns that repeat.
    periodic: Row
    #: The public values.
    public: Row

    def __init__(self, air: Air, modulus: int) -> None:
        self._modulus = modulus
        self._steps: list[tuple[int, int, int]] = []
        self._known: dict[tuple[int, int, int], int] = {}
        self._constraints = 0

        def row(kind: str, names: Names, operation: int) -> Row:
            return Row(kind, names, lambda i: self._node(operation, i))

        self.main = row("column", air.columns, _MAIN)
        self.next = row("column", air.columns, _NEXT)
        self.preprocessed = row("preprocessed column", air.preprocessed, _PREPROCESSED)
        self.preprocessed_next = row("preprocessed column", air.preprocessed, _PREPROCESSED_NEXT)
        names = list(air.periodic) if isinstance(air.periodic, dict) else len(air.periodic)
        self.periodic = row("periodic column", names, _PERIODIC)
        self.public = row("public value", air.public, _PUBLIC)

    @property
    def is_first_row(self) -> Expr:
        """Not zero in the first row only."""
        return self._node(_FIRST_ROW)

    @property
    def is_last_row(self) -> Expr:
        """Not zero in the last row only."""
        return self._node(_LAST_ROW)

    @property
    def is_transition(self) -> Expr:
        """Zero in the last row only."""
        return self._node(_TRANSITION)

    def constant(self, value: SupportsIndex) -> Expr:
        """An integer, modulo the field's order."""
        return self._node(_CONSTANT, operator.index(value) % self._modulus)

    def assert_zero(self, expression: Value) -> Builder:
        self._steps.append((_ASSERT, self._lift(expression)._id, 0))
        return self

    def when(self, condition: Value) -> When:
        """States constraints times a condition: only where it is not zero they must hold."""
        return When(self, self._lift(condition))

    def _lift(self, value: Value) -> Expr:
        if not isinstance(value, Expr):
            return self.constant(value)
        if value._builder is not self:
            raise ValueError("an expression of another call of constraints()")
        return value

    def _operation(self, operation: int, left: Value, right: Value) -> Expr:
        if not all(isinstance(value, Expr) or hasattr(value, "__index__") for value in (left, right)):
            return NotImplemented  # type: ignore[no-any-return]
        return self._node(operation, self._lift(left)._id, self._lift(right)._id)

    def _node(self, operation: int, left: int = 0, right: int = 0) -> Expr:
        """The number of a step: what was written before is not written again."""
        step = (operation, left, right)
        id = self._known.get(step)
        if id is None:
            id = self._known[step] = len(self._steps)
            self._steps.append(step)
        return Expr(self, id)


class Air:
    """Constraints on the rows of a trace. A subclass says what there is, and states in :meth:`constraints` what must
    be zero.

    Columns, preprocessed columns and public values are numbers of them, or their names. All of these may also be set
    by ``__init__``.
    """

    #: The columns of the trace.
    columns: Names = 0
    #: The columns that are fixed before the proof.
    preprocessed: Names = 0
    #: The public values.
    public: Names = 0
    #: The columns that repeat, by name or in order: a power of two of values each. Nobody commits to them.
    periodic: dict[str, Sequence[SupportsIndex]] | Sequence[Sequence[SupportsIndex]] = ()
    #: A degree that constraints are taken to have at least, as Plonky3's ``max_constraint_degree``.
    least_degree: int = 0
    #: Whether the trace's next row is opened, and that of the preprocessed columns; by default if some constraint
    #: reads it. Plonky3 opens the trace's always, unless an AIR says otherwise.
    next_row: bool | None = None
    preprocessed_next_row: bool | None = None

    def constraints(self, air: Builder) -> None:
        """States the constraints to ``air``. Their order is part of the protocol."""
        raise NotImplementedError

    def program(self, field: Field) -> Program:
        """The constraints as a program over a field: :class:`zkiln.KoalaBear`, ``BabyBear`` or ``Goldilocks``."""
        modulus = field.MODULUS
        builder = Builder(self, modulus)
        self.constraints(builder)
        read = {operation for operation, _, _ in builder._steps}
        next_row, preprocessed_next_row = self.next_row, self.preprocessed_next_row
        periodic = self.periodic.values() if isinstance(self.periodic, dict) else self.periodic
        return Program._from_record(
            field,
            builder._steps,
            width=_count(self.columns),
            preprocessed_width=_count(self.preprocessed),
            periodic=[[operator.index(value) % modulus for value in period] for period in periodic],
            public_values=_count(self.public),
            least_degree=self.least_degree,
            next_row=_NEXT in read if next_row is None else next_row,
            preprocessed_next_row=_PREPROCESSED_NEXT in read
            if preprocessed_next_row is None
            else preprocessed_next_row,
        )


def _count(names: Names) -> int:
    return names if isinstance(names, int) else len(names)


class Fibonacci:
    """Fibonacci's numbers, the AIR of Plonky3's test ``fib_air``: rows ``x, y`` and then ``y, x + y``. Public are the
    first row and the last ``y``.

    >>> from zkiln import KoalaBear, stark
    >>> fibonacci = stark.Fibonacci(KoalaBear)
    >>> trace, public = fibonacci.trace(0, 1, rows=8)
    >>> trace[:4].tolist(), public
    ([[0, 1], [1, 1], [1, 2], [2, 3]], [0, 1, 21])
    """

    def __init__(self, field: Field) -> None:
        #: The constraints.
        self.program: Program = _zkiln._stark_fibonacci(field)

    def trace(self, first: int, second: int, rows: int) -> tuple[npt.NDArray[np.generic], list[int]]:
        """The trace of so many rows, a power of two, and the public values."""
        return _zkiln._stark_fibonacci_trace(self.program.field, first, second, rows)


class Poseidon2:
    """Permutations of Poseidon2 with Plonky3's constants, ``per_row`` of them in each row, as
    ``VectorizedPoseidon2Air`` has them. The width of a state is 16, for Goldilocks 8.

    >>> import numpy as np
    >>> from zkiln import KoalaBear, stark
    >>> poseidon2 = stark.Poseidon2(KoalaBear, per_row=2)
    >>> inputs = np.arange(8 * 16, dtype=np.uint32).reshape(8, 16)
    >>> poseidon2.trace(inputs).shape
    (4, 328)
    """

    def __init__(self, field: Field, per_row: int = 1) -> None:
        #: The constraints.
        self.program: Program = _zkiln._stark_poseidon2(field, per_row)
        #: Permutations in a row.
        self.per_row = per_row

    def trace(self, inputs: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """The trace of these states, a row of ``inputs`` each, row by row as many as it has permutations."""
        return _zkiln._stark_poseidon2_trace(self.program.field, self.per_row, inputs)


class Keccak:
    """Permutations of Keccak-f[1600], 24 rows each, as Plonky3's ``KeccakAir`` has them.

    >>> import numpy as np
    >>> from zkiln import KoalaBear, stark
    >>> stark.Keccak(KoalaBear).trace(np.zeros((1, 25), dtype=np.uint64)).shape
    (32, 2633)
    """

    def __init__(self, field: Field) -> None:
        #: The constraints.
        self.program: Program = _zkiln._stark_keccak(field)

    def trace(self, inputs: npt.NDArray[np.uint64]) -> npt.NDArray[np.generic]:
        """The trace of these states of 25 words each, word ``x + 5 y`` for the lane of column ``x`` and row ``y``. The
        rows up to a power of two are for states of zeros."""
        return _zkiln._stark_keccak_trace(self.program.field, inputs)
