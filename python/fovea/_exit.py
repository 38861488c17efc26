# SPDX-License-Identifier: Apache-2.0

"""What happens when a process ends: its stores are closed, so that tiers have their time to write what they took.

The module asks for it in each process, with the process's first store. A child that multiprocessing made by fork() drops
what its parent had registered with atexit, and does not call atexit at all before Python 3.14: it ends with the finalizers
of multiprocessing.
"""

import atexit
import sys

from ._fovea import _close_all


def close_at_exit() -> None:
    multiprocessing = sys.modules.get("multiprocessing.process")
    if multiprocessing is None or multiprocessing.parent_process() is None:
        atexit.register(_close_all)
        return
    from multiprocessing.util import Finalize

    Finalize(None, _close_all, exitpriority=0)
