"""What can go wrong: one class for each kind, all of them below :class:`Error`.

Classes are also the built-in exceptions that a program without knowledge of this package would catch.
``code`` is the number of the kind in every language that the library has a binding for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from .statement import Certificate

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "BugError",
    "CancelledError",
    "ClosedError",
    "ConflictError",
    "DeviceError",
    "EntropyError",
    "Error",
    "ForkError",
    "IoError",
    "MalformedError",
    "MissingFileError",
    "OutOfMemoryError",
    "PublicInputsError",
    "RefusedError",
    "SelfCheckError",
    "UnsatisfiedError",
    "WeakKeyError",
    "WitnessMismatchError",
]


class Error(Exception):
    """Any error of this package."""

    code: ClassVar[int] = 0


class IoError(Error, OSError):
    """The operating system refused to read or write a file."""

    code = 1


class MissingFileError(IoError, FileNotFoundError):
    """There is no such file."""


class MalformedError(Error, ValueError):
    """A file, or the same bytes from memory, is not what it must be."""

    code = 2

    origin: str
    """The file's path, or what the bytes are called."""
    section: str
    """The part of it: a section with its number, or a field."""
    fault: str
    """The class of the fault, such as ``"Truncated"`` or ``"NotOnCurve"``."""
    reason: str
    """The fault in words."""


class WeakKeyError(Error, ValueError):
    """A key for which anyone can forge proofs, or that would leak the witness."""

    code = 3


class WitnessMismatchError(Error, ValueError):
    """A witness that does not fit the key it is to be proven with."""

    code = 4


class UnsatisfiedError(Error, ValueError):
    """A witness for which some constraint does not hold."""

    code = 5


class SelfCheckError(Error, RuntimeError):
    """A proof was made that does not verify although the witness is right; it is withheld."""

    code = 6


class PublicInputsError(Error, ValueError):
    """Public inputs that are too few, too many, or not below ``r``."""

    code = 7


class ArgumentError(Error, ValueError):
    """An argument that breaks a call's contract: a shape, an order, a value."""

    code = 8


class ArgumentTypeError(Error, TypeError):
    """An argument of another type than the call takes, or an array of another dtype."""

    code = 8


class EntropyError(Error, RuntimeError):
    """The operating system gave no randomness."""

    code = 9


class DeviceError(Error, RuntimeError):
    """A device cannot be used, or failed."""

    code = 10


class OutOfMemoryError(Error, MemoryError):
    """A device's memory, or the host's, does not suffice."""

    code = 11


class CancelledError(Error):
    """The call was stopped."""

    code = 12


class RefusedError(Error, ValueError):
    """A certificate, or a proof of one, that is not accepted."""

    code = 20


class ConflictError(Error):
    """**Two valid proofs contradict each other**: a proof system, a circuit or a verifier is broken, and the journal is frozen.

    It is none of the built-in exceptions, so that nothing that deals with bad input deals with this: let it end the
    program, and let people look at the two certificates.
    """

    code = 21

    first: Certificate
    """The certificate that was there first; only of ``Journal.accept``."""
    second: Certificate
    """The one that contradicts it; only of ``Journal.accept``."""


class ForkError(Error, RuntimeError):
    """An object, or a device, of the process that this one was forked off."""

    code = 102


class ClosedError(Error, ValueError):
    """An object that was closed."""

    code = 103


class BugError(Error, RuntimeError):
    """A bug in the library. Objects of the call should not be used again."""

    code = 255
