"""Kernels and provers for zero-knowledge proofs."""

from __future__ import annotations

from . import errors
from ._zkiln import __version__, info, set_threads
from .errors import *  # noqa: F403

__all__ = ["__version__", "errors", "info", "set_threads"]
__all__ += errors.__all__
