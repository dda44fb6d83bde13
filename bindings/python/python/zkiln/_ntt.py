"""Transforms without a plan in the hand."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

from ._zkiln import NTT, Fr
from .errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    from ._zkiln import _Order

__all__ = ["ntt"]


def _plan(log_n: int, field: type, device: str) -> NTT:
    """The plan, which is of this process alone: threads do not survive a fork."""
    return _plans(log_n, field, device, os.getpid())


_plans = functools.lru_cache(maxsize=4)(lambda log_n, field, device, _: NTT(log_n, field=field, device=device))


def ntt(
    values: Any,
    *,
    field: type = Fr,
    inverse: bool = False,
    coset: Any = None,
    input_order: _Order = "natural",
    output_order: _Order = "natural",
    out: Any = None,
    device: str = "cpu",
) -> Any:
    """The transform of an array, with a plan that is kept for the next one of the same size.

    See :class:`NTT` for the arguments. Four plans are kept; whoever needs more makes them.

    >>> import zkiln
    >>> values = zkiln.KoalaBear.array([1, 0, 0, 0])
    >>> zkiln.ntt(values, field=zkiln.KoalaBear).tolist()
    [1, 1, 1, 1]
    """
    shape = getattr(values, "shape", None)
    if shape is None:
        raise ArgumentTypeError(
            f"values: a NumPy array is needed, not {type(values).__name__}; Fr.array makes one of integers"
        )
    inner = 1 if field is Fr else 0
    n = shape[-1 - inner] if len(shape) > inner else 0
    if n < 1 or n & (n - 1):
        raise ArgumentError(f"values: {n} elements are no power of two")
    plan = _plan(n.bit_length() - 1, field, device)
    return plan(
        values,
        inverse=inverse,
        coset=coset,
        input_order=input_order,
        output_order=output_order,
        out=out,
    )
