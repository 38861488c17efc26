# SPDX-License-Identifier: Apache-2.0

"""Fovea: a dictionary of what vision-language models compute about pictures.

    level = fovea.Level("2GiB")
    key = fovea.key("mine/tokens/1", fovea.image_key(picture), model_name)
    tokens = level.get_or_compute(key, lambda: encode(picture))

Level is memory alone; Store has a disk and a Valkey server behind it. docs/python.md describes all of it.
"""

from . import _aio as _aio
from . import _exit as _exit
from ._errors import (
    CancelledError,
    CorruptError,
    FoveaError,
    InternalError,
    InvalidError,
    NotFoundError,
    TimedOutError,
    TooLargeError,
    UnavailableError,
    UnsupportedError,
)
from ._fovea import Buffer, Key, Level, Stats, Store, TierStats, Value, __version__, empty, key
from ._images import image_key

__all__ = [
    "Buffer", "CancelledError", "CorruptError", "FoveaError", "InternalError", "InvalidError", "Key", "Level",
    "NotFoundError", "Stats", "Store", "TierStats", "TimedOutError", "TooLargeError", "UnavailableError",
    "UnsupportedError", "Value", "__version__", "empty", "image_key", "key",
]

for _type in (Buffer, Key, Level, Stats, Store, TierStats, Value):
    _type.__module__ = "fovea"
