"""What these tests need besides Fovea: PyTorch and transformers. Where they are missing, the tests skip and
say so.
"""

import logging
import os
import unittest

os.environ.setdefault(
    "OMP_WAIT_POLICY", "passive"
)  # threads that spin while they wait are slow on a busy machine

import fovea  # noqa: F401

try:
    import torch
    import transformers
except ImportError as missing:
    torch = transformers = None
    _missing = missing.name
else:
    _missing = None


logging.getLogger("fovea").addHandler(logging.NullHandler())  # what tests provoke need not be printed


def skip_without_frameworks():
    """Ends the import of a test module, as skipped, where a framework is missing or too old."""
    if _missing:
        raise unittest.SkipTest(f"{_missing} is not installed: pip install torch 'transformers>=5'")
    if int(transformers.__version__.split(".")[0]) < 5:
        raise unittest.SkipTest(f"transformers {transformers.__version__} is installed, needed is 5 or newer")
