# SPDX-License-Identifier: Apache-2.0

"""A Valkey server of a test's own."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

START_S = 60


@contextlib.contextmanager
def valkey_server():
    """Its address, such as valkey://127.0.0.1:12345."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        raise unittest.SkipTest("valkey-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fovea-valkey-") as folder:
        process = subprocess.Popen([program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
                                   stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + START_S
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if time.monotonic() > until or process.poll() is not None:
                        raise
                    time.sleep(0.02)
            yield f"valkey://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(START_S)
