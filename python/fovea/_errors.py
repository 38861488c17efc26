# SPDX-License-Identifier: Apache-2.0

"""The exceptions of the library: one for each fault, each also a builtin exception where one fits."""

from __future__ import annotations

from typing import ClassVar


class FoveaError(Exception):
    """What Fovea raises. Its text says what is wrong and what to do; `fault` is the kind, for programs."""

    fault: ClassVar[str] = "internal"


class InvalidError(FoveaError, ValueError):
    """The caller's input is wrong; the same call will fail again."""

    fault = "invalid"


class UnsupportedError(FoveaError, NotImplementedError):
    """Understood, but this build does not do it."""

    fault = "unsupported"


class TooLargeError(FoveaError, ValueError):
    """Above a documented limit."""

    fault = "too_large"


class NotFoundError(FoveaError, FileNotFoundError):
    """A file or name that does not exist."""

    fault = "not_found"


class CorruptError(FoveaError, ValueError):
    """Stored or received bytes failed their check."""

    fault = "corrupt"


class UnavailableError(FoveaError, OSError):
    """A device, file or server does not answer; a later try may help."""

    fault = "unavailable"


class CancelledError(FoveaError):
    """The caller asked to stop."""

    fault = "cancelled"


class TimedOutError(FoveaError, TimeoutError):
    """Not done by the deadline that the caller gave."""

    fault = "timed_out"


class InternalError(FoveaError, RuntimeError):
    """A library failed in a way it should not."""

    fault = "internal"


BY_FAULT: dict[str, type[FoveaError]] = {
    error.fault: error
    for error in (
        InvalidError, UnsupportedError, TooLargeError, NotFoundError, CorruptError, UnavailableError, CancelledError,
        TimedOutError, InternalError,
    )
}
