"""What the measurements of the Python package share: the machine, draws of keys, times and tables. Standard library alone."""

import bisect
import ctypes
import itertools
import os
import platform
import random
import statistics
import sys
import time

import fovea

SKEW = 1.0  # of Zipf's law, as in bench/cache_bench.cc
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def print_configuration(**settings):
    """What was measured where, so that a number can be compared with another one."""
    gil = "" if getattr(sys, "_is_gil_enabled", lambda: True)() else ", free-threaded"
    print(f"{cpu()}, {os.cpu_count()} processors, {platform.python_implementation()} {platform.python_version()}{gil}, fovea {fovea.__version__}")
    print(", ".join(f"{name.replace('_', ' ')} {value:,}" if isinstance(value, int) else f"{name.replace('_', ' ')} {value}"
                    for name, value in settings.items()))


def cpu():
    with open("/proc/cpuinfo") as facts:
        return next((line.split(": ", 1)[1].strip() for line in facts if line.startswith("model name")), "unknown processor")


def keys_of(count, seed=20260):
    """`count` keys of random bits, as good hashes are."""
    drawn = random.Random(seed)
    return [drawn.randbytes(32) for _ in range(count)]


def zipf_draws(keys, length, seed=20261, skew=SKEW):
    """`length` draws from `keys`, of which that of rank r has a probability proportional to 1 / r^skew."""
    drawn = random.Random(seed)
    bounds = list(itertools.accumulate(1 / rank**skew for rank in range(1, len(keys) + 1)))
    return [keys[bisect.bisect_left(bounds, drawn.random() * bounds[-1])] for _ in range(length)]


def interleaved(measured, rounds):
    """The results of each function of `measured` (name to function), once a round and in turns, so that a slow moment of
    the machine affects all alike."""
    results = {name: [] for name in measured}
    for _ in range(rounds):
        for name, measure in measured.items():
            results[name].append(measure())
    return results


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0], values[0]
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


def spread(values, digits=3):
    """The median with its quartiles, as text."""
    low, middle, high = (f"{value:.{digits}g}" for value in quartiles(values))
    return f"{middle} [{low}, {high}]"


def resident_bytes():
    """Of this process, now."""
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * PAGE_BYTES


class PyBuffer(ctypes.Structure):
    """Python's Py_buffer (its C API)."""

    _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t), ("itemsize", ctypes.c_ssize_t),
                ("readonly", ctypes.c_int), ("ndim", ctypes.c_int), ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p),
                ("strides", ctypes.c_void_p), ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]


def address_of(value):
    """Where the bytes of anything with the buffer protocol lie."""
    buffer = PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(value), ctypes.byref(buffer), 0)
    address = buffer.buf
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return address


def print_table(head, rows):
    print("\n| " + " | ".join(head) + " |")
    print("|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    sys.stdout.flush()
