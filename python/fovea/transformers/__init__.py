"""A cache for the vision tower of a Hugging Face model: two lines, and the second look at a picture is free.

    handle = fovea.transformers.attach(model, store)      # a fovea.Store or fovea.Level
    model.generate(**inputs)                              # pictures that are known are not encoded again
    handle.detach()                                       # or: with fovea.transformers.attach(...) as handle:

What a picture is named by: the numbers that the processor made of it, the weights that encode it, and all
else that changes a bit of the result. So a file's path, its format and the question do not matter, and
changed weights find nothing that the old ones computed. Models in training and calls that need gradients are
passed through. docs/decisions/080-transformers-encode-one-unit-at-a-time.md says why it is so.
"""

_NEEDED = (
    "fovea.transformers needs PyTorch and Hugging Face transformers 5: pip install torch 'transformers>=5'"
)

try:
    import torch as _torch  # noqa: F401
    import transformers as _transformers
except ImportError as missing:
    raise ImportError(_NEEDED) from missing
if int(_transformers.__version__.split(".")[0]) < 5:
    raise ImportError(f"{_NEEDED} (installed is transformers {_transformers.__version__})")

from .architectures import SUPPORTED  # noqa: E402
from .attached import Attached, AttachedStats, attach  # noqa: E402

__all__ = ["SUPPORTED", "Attached", "AttachedStats", "attach"]
