"""What `fovea serve` tells systemd (Type=notify-reload), heard at a socket that stands in for it."""

import os
import shutil
import signal
import socket
import subprocess
import time
import unittest

from http_server_test import PROGRAM, WAIT_S
from tls_test import Certificates, TlsServer


def monotonic_us():
    return time.monotonic_ns() // 1000


class Told(unittest.TestCase):
    def setUp(self):
        self.manager = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        name = f"fovea-test-{os.getpid()}-{self.id()}"
        self.manager.bind("\0" + name)
        self.manager.settimeout(WAIT_S)
        os.environ["NOTIFY_SOCKET"] = "@" + name
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")

    def told(self):
        return self.manager.recv(4096).decode()

    def reloading(self, since_us):
        state, _, time_us = self.told().partition("\nMONOTONIC_USEC=")
        self.assertEqual(state, "RELOADING=1")
        self.assertTrue(since_us <= int(time_us) <= monotonic_us(), time_us)

    def test_the_new_certificate_is_there_when_the_reload_has_ended(self):
        certificates = Certificates()
        self.addCleanup(certificates.folder.cleanup)
        certificates.server("used")
        server = TlsServer(certificates, *certificates.flags("used"))
        try:
            self.assertEqual(self.told(), "READY=1")
            before = server.serial()
            certificates.server("next")
            for ending in (".pem", ".key"):
                shutil.copy(certificates.path("next" + ending), certificates.path("used" + ending))
            now_us = monotonic_us()
            server.child.send_signal(signal.SIGHUP)
            self.reloading(now_us)
            self.assertEqual(self.told(), "READY=1")
            self.assertNotEqual(server.serial(), before)
        finally:
            self.assertEqual(server.stop(), 0)
        self.assertEqual(self.told(), "STOPPING=1")

    def test_a_reload_that_is_asked_for_at_the_start_does_not_say_that_it_is_ready(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # it waits from before the program begins
        self.addCleanup(signal.pthread_sigmask, signal.SIG_UNBLOCK, {signal.SIGHUP})
        command = ["sh", "-c", 'kill -HUP $$ && exec "$0" serve --port 0', PROGRAM]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            try:
                self.assertEqual(self.told(), "READY=1")
            finally:
                child.terminate()
        self.assertEqual(child.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
