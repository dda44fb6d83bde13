"""The phases of a long call, one after the other."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar

from .errors import CancelledError

__all__ = ["Phases", "phases"]

P = ParamSpec("P")
R = TypeVar("R")


class Phases(Generic[R]):
    """An iterator over the phases of a call, which runs on a thread of its own: what :func:`phases` gives.

    Whoever stops iterating before the end and leaves the ``with`` block stops the call.
    """

    def __init__(self, call: Callable[[Callable[[str], None]], R]) -> None:
        self._phases: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._ended = False
        self._outcome: R
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[Callable[[str], None]], R]) -> None:
        try:
            self._outcome = call(self._tell)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._error = error
        finally:
            self._phases.put(None)

    def _tell(self, phase: str) -> None:
        if self._stopped.is_set():
            raise CancelledError("cancelled by the caller")
        self._phases.put(phase)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        phase = None if self._ended else self._phases.get()
        if phase is None:
            self._ended = True
            raise StopIteration
        return phase

    def result(self) -> R:
        """What the call returned, or the exception it raised; waits for it."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._outcome

    def cancel(self) -> None:
        """Stops the call before its next phase; ``result`` raises ``CancelledError`` then."""
        self._stopped.set()

    def __enter__(self) -> Phases[R]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None or not self._ended:
            self.cancel()
        with contextlib.suppress(RuntimeError):
            self._thread.join()


def phases(call: Callable[..., R], /, *arguments: Any, **options: Any) -> Phases[R]:
    """Starts ``call(*arguments, progress=.., **options)`` and iterates over its phases, as ``tqdm`` likes it.

    >>> import zkiln
    >>> from zkiln import groth16
    >>> square = ([(1, 1)], [(1, 1)], [(2, 1)])
    >>> circuit = groth16.R1cs([square], n_wires=3, n_private_inputs=1)
    >>> with zkiln.phases(groth16.insecure_development_key, circuit) as job:
    ...     names = list(job)  # or tqdm(job)
    >>> names[0], len(job.result()) > 1000
    ('setup', True)
    """
    return Phases(lambda tell: call(*arguments, progress=tell, **options))
