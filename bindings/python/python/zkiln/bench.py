"""How long this machine takes for sums, transforms and proofs, and how far that is from what it could do.

>>> from zkiln import bench
>>> table = bench.run(["msm", "ntt"], sizes=[2**8, 2**10], runs=1)
>>> [row.operation for row in table]
['msm', 'msm', 'ntt', 'ntt']
>>> print(table.to_markdown())  # doctest: +SKIP
>>> table.plot("bench.png")  # doctest: +SKIP

From the command line: ``python -m zkiln.bench --plot bench.png``.

======================== ========================================================== ===================================
operation                what is timed, for a size ``n``                            bound
======================== ========================================================== ===================================
``msm``                  a sum over ``n`` points of G1                              six products an addition
``ntt``                  a transform of ``n`` elements of Fr                        ``(n/2) log n - (n - 1)`` products
``groth16``              a proof of ``n`` constraints                               none
``poseidon2``            a STARK of ``n`` permutations, KoalaBear, ``fast``         none
``fibonacci``            a STARK of ``n`` rows of two columns, likewise             none
======================== ========================================================== ===================================

The **bound** is the time for the multiplications alone, at the time that one takes on this machine, which is measured
in the same run: products that wait for nothing and touch no memory, on all threads. Of a sum
it counts the additions for the best width of digits: with ``w = ceil(255 / c)`` windows of ``b = 2^(c-1)`` buckets,
``w (n - b)`` to fill them and ``2 w b`` to add them up, for the ``c`` with the fewest.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import zkiln
from zkiln import _zkiln, groth16, stark

if TYPE_CHECKING:
    import os

    import matplotlib.figure

__all__ = ["OPERATIONS", "Measurement", "Table", "run"]


@dataclasses.dataclass(frozen=True)
class Measurement:
    """The times of one operation of one size on one backend."""

    #: What was done: one of :data:`OPERATIONS`.
    operation: str
    #: Where: ``"cpu"``, ``"cuda:0"``, ``"emulator"``.
    backend: str
    #: Points, elements, constraints, permutations or rows.
    size: int
    #: The median of the times, in seconds.
    seconds: float
    #: The shortest of them.
    best: float
    #: How many there were.
    runs: int
    #: What the multiplications alone take, in seconds, if that is known.
    bound: float | None


class Table(Sequence[Measurement]):
    """Measurements, as :func:`run` returns them: a sequence of :class:`Measurement`."""

    def __init__(self, rows: Iterable[Measurement]) -> None:
        self._rows = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __repr__(self) -> str:
        return f"<Table of {len(self)} measurements>\n{self.to_markdown()}"

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dictionary for each measurement: what ``json.dump`` and ``csv.DictWriter`` take."""
        return [dataclasses.asdict(row) for row in self]

    def to_markdown(self) -> str:
        """A table in Markdown."""
        lines = ["| operation | backend | size | median | bound | bound / median |", "|---|---|--:|--:|--:|--:|"]
        for row in self:
            bound = share = ""
            if row.bound is not None:
                bound, share = duration(row.bound), f"{row.bound / row.seconds:.0%}"
            cells = [row.operation, row.backend, size_text(row.size), duration(row.seconds), bound, share]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines)

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``; pandas must be installed."""
        import pandas  # type: ignore[import-untyped, unused-ignore]

        return pandas.DataFrame(self.to_dicts(), columns=[f.name for f in dataclasses.fields(Measurement)])

    def plot(self, path: str | os.PathLike[str] | None = None) -> matplotlib.figure.Figure:
        """Draws time against size, with the bound, and saves the picture if ``path`` is given.

        Needs matplotlib: ``pip install zkiln[plot]``.
        """
        from ._plot import plot

        return plot(self, path)


#: What runs an operation once, and the bound for the time of a product in nanoseconds.
_Prepared = tuple[Callable[[], object], float | None]


def _msm(size: int, backend: str, product: float | None) -> _Prepared:
    points = zkiln.G1.generator().multiples(zkiln.Fr.random(size, seed=1))
    msm = zkiln.MSM(points, device=backend, check=False)
    scalars = zkiln.Fr.random(size, seed=2)
    return lambda: msm(scalars), None if product is None else 6 * additions(size) * product


def additions(points: int) -> int:
    """The additions of a sum over so many points, with the digits for which they are fewest: see above."""

    def with_digits(bits: int) -> int:
        windows, buckets = math.ceil(255 / bits), 1 << (bits - 1)
        return windows * (max(points - buckets, 0) + 2 * min(buckets, points))

    return min(with_digits(bits) for bits in range(2, 17))


def _ntt(size: int, backend: str, product: float | None) -> _Prepared:
    log_n = size.bit_length() - 1
    ntt = zkiln.NTT(log_n, device=backend)
    data = zkiln.Fr.random(size, seed=2)
    products = max(size // 2 * log_n - (size - 1), 1)
    return lambda: ntt(data, out=data), None if product is None else products * product


def _groth16(size: int, backend: str, product: float | None) -> _Prepared:
    # A number that is squared again and again: wire 0 is 1, wire 1 the last square, wire 2 the number.
    constraints = max(size - 2, 1)  # the domain has room for the public wires too
    squares = [2, *range(3, constraints + 2), 1]
    terms = [([(x, 1)], [(x, 1)], [(y, 1)]) for x, y in zip(squares, squares[1:])]
    r1cs = groth16.R1cs(terms, n_wires=constraints + 2, n_outputs=1, n_private_inputs=1)
    wires = [1] * (constraints + 2)
    wires[2] = 3
    for x, y in zip(squares, squares[1:]):
        wires[y] = wires[x] * wires[x] % zkiln.Fr.MODULUS
    key = groth16.ProvingKey.open(groth16.insecure_development_key(r1cs), device=backend, check_points=False)
    witness = zkiln.Fr.array(wires)
    return lambda: key.prove(witness, verify=False), None


def _stark(program: stark.Program, trace: np.ndarray[Any, Any], public: Sequence[int]) -> _Prepared:
    prover = stark.Prover(program, len(trace), parameters=stark.Parameters.fast())
    return lambda: prover.prove(trace, public, verify=False), None


def _poseidon2(size: int, backend: str, product: float | None) -> _Prepared:
    air = stark.Poseidon2(zkiln.KoalaBear)
    return _stark(air.program, air.trace(np.zeros((size, 16), dtype=np.uint32)), [])


def _fibonacci(size: int, backend: str, product: float | None) -> _Prepared:
    air = stark.Fibonacci(zkiln.KoalaBear)
    return _stark(air.program, *air.trace(0, 1, size))


@dataclasses.dataclass(frozen=True)
class _Operation:
    prepare: Callable[[int, str, float | None], _Prepared]
    #: Whether devices can do it.
    on_devices: bool
    #: Binary logarithms of the sizes that are taken if none are asked for.
    logs: range


_OPERATIONS = {
    "msm": _Operation(_msm, True, range(10, 19, 2)),
    "ntt": _Operation(_ntt, True, range(10, 21, 2)),
    "groth16": _Operation(_groth16, True, range(10, 17, 2)),
    "poseidon2": _Operation(_poseidon2, False, range(10, 17, 2)),
    "fibonacci": _Operation(_fibonacci, False, range(10, 19, 2)),
}

#: The operations that there are.
OPERATIONS: tuple[str, ...] = tuple(_OPERATIONS)


def run(
    operations: Sequence[str] = ("msm", "ntt", "groth16", "poseidon2"),
    sizes: Sequence[int] | None = None,
    backends: Sequence[str] = ("cpu",),
    *,
    runs: int = 5,
    progress: Callable[[str], object] | None = None,
) -> Table:
    """Times operations over sizes, which are powers of two, and backends.

    What is timed is a call from Python, with the input prepared and a first call not counted; ``runs`` is how often.
    ``progress`` is told what is next. An operation that a backend does not have is left out there.

    >>> bench.run(["ntt"], sizes=[1000])
    Traceback (most recent call last):
        ...
    ValueError: sizes are powers of two from 2, not 1000
    """
    for name in operations:
        if name not in _OPERATIONS:
            raise ValueError(f"no operation is called {name!r}: there are {', '.join(OPERATIONS)}")
    for size in sizes or ():
        if size < 2 or size & (size - 1):
            raise ValueError(f"sizes are powers of two from 2, not {size}")
    if runs < 1:
        raise ValueError(f"at least one run is timed, not {runs}")
    tell = progress or (lambda _: None)
    rows = []
    product = None
    if "cpu" in backends:
        tell("a product")
        product = _zkiln._product_nanoseconds() * 1e-9
    for name in operations:
        operation = _OPERATIONS[name]
        for backend in backends:
            if backend != "cpu" and not operation.on_devices:
                continue
            for size in sizes or [1 << log for log in operation.logs]:
                tell(f"{name} {size_text(size)} on {backend}")
                call, bound = operation.prepare(size, backend, product if backend == "cpu" else None)
                call()
                times = [_timed(call) for _ in range(runs)]
                rows.append(
                    Measurement(name, backend, size, statistics.median(times), min(times), runs, bound)
                )
    return Table(rows)


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def duration(seconds: float) -> str:
    """A time with its unit and three digits.

    >>> bench.duration(0.00123)
    '1.23 ms'
    """
    units = (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9))
    unit, scale = next((unit for unit in units if seconds >= unit[1]), units[-1])
    value = seconds / scale
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{digits}f} {unit}"


def size_text(size: int) -> str:
    """A power of two as such."""
    return f"2^{size.bit_length() - 1}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command ``python -m zkiln.bench``."""
    parser = argparse.ArgumentParser(prog="python -m zkiln.bench", description="Times zkiln on this machine.")
    parser.add_argument("operations", nargs="*", help=f"of {', '.join(OPERATIONS)}")
    parser.add_argument("--backend", action="append", dest="backends", help="cpu, cuda:N or emulator; may be repeated")
    parser.add_argument("--log-size", action="append", type=int, help="a binary logarithm; may be repeated")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plot", metavar="FILE", help="where to draw it: .png, .svg or .pdf")
    options = parser.parse_args(arguments)
    table = run(
        options.operations or ("msm", "ntt", "groth16", "poseidon2"),
        [1 << log for log in options.log_size] if options.log_size else None,
        options.backends or ("cpu",),
        runs=options.runs,
        progress=lambda what: print(what, end=" ...\n", flush=True),
    )
    print(table.to_markdown())
    if options.plot:
        table.plot(options.plot)


if __name__ == "__main__":
    main()
