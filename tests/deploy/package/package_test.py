"""The Debian package that `make deb` wrote: read by lintian, installed into a Debian of its own, and its service run
by that Debian's systemd.

FOVEA_PACKAGE_DIR is the folder that has the package alone (build/release/package). Where nobody may make mounts, the
installation is skipped, and where systemd cannot be booted, the service is; the reason is told. With FOVEA_NO_SKIP in the
environment they fail instead.
"""

import base64
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from debian_archive import CHECKOUT, SYSTEM, may_mount, package
from debian_system import CannotBoot, DebianSystem

NO_SKIP = "FOVEA_NO_SKIP" in os.environ
EXPOSURE_MAX = 15  # 1.5 of 10, as systemd-analyze counts; with PrivateDevices=yes and the like there would be no GPU

HEALTH = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/health').read().decode())"
ASK = """
import sys, urllib.request as r
reply = r.urlopen(r.Request("http://127.0.0.1:8080/v1/chat/completions", sys.stdin.buffer.read()))
print(reply.headers["Cache-Status"])
"""
SERIAL = """
import socket, ssl
context = ssl.create_default_context(cafile="{certificate}")
with context.wrap_socket(socket.create_connection(("127.0.0.1", 8080)), server_hostname="127.0.0.1") as connection:
    print(connection.getpeercert()["serialNumber"])
"""


def said_by(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    return done.returncode, done.stdout.strip()


def question_about(picture):
    url = "data:image/png;base64," + base64.b64encode((CHECKOUT / "samples" / picture).read_bytes()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is it?"}]
    return json.dumps({"temperature": 0, "max_tokens": 8, "messages": [{"role": "user", "content": content}]}).encode()


class Package(unittest.TestCase):
    def test_lintian_finds_nothing(self):
        code, told = said_by("lintian", "--allow-root", "--fail-on", "error,warning", package())
        self.assertEqual((code, told), (0, ""))

    def test_what_it_is(self):
        version = (CHECKOUT / "VERSION").read_text().strip() + "-1"
        field = lambda name: said_by("dpkg-deb", "--field", package(), name)[1]
        self.assertEqual((field("Package"), field("Version")), ("fovea", version))
        self.assertEqual(package().name, f"fovea_{version}_{field('Architecture')}.deb")
        for library in ("libllama0", "libdnnl3", "libvips42", "librocksdb", "libsystemd0", "libc6"):
            self.assertIn(library, field("Depends"))
        self.assertEqual(said_by("dpkg-deb", "--info", package(), "conffiles"), (0, "/etc/fovea/serve.toml"))

    def test_what_the_page_of_fleets_tells_to_copy_is_in_it(self):
        page = (CHECKOUT / "docs/fleet.md").read_text()
        named = set(re.findall(r"\(\.\./deploy/((?:haproxy|prometheus|grafana)[\w./-]+|secrets\.sh)\)", page))
        self.assertIn("haproxy/haproxy.cfg", named)
        there = {line.split()[-1].rstrip("/") for line in said_by("dpkg-deb", "--contents", package())[1].splitlines()}
        self.assertEqual({name for name in named if f"./usr/share/doc/fovea/examples/{name}" not in there}, set())

    def test_a_purge_takes_the_cache_and_leaves_models(self):
        for kept, model in ((["lib"], "model.gguf"), ([], None)):
            with tempfile.TemporaryDirectory() as root:
                for folder in ("cache", "lib"):
                    (Path(root) / "var" / folder / "fovea").mkdir(parents=True)
                (Path(root) / "var/cache/fovea/disk").touch()
                if model:
                    (Path(root) / "var/lib/fovea" / model).touch()
                done = said_by("sh", CHECKOUT / "deploy/debian/postrm", "purge",
                               env={**os.environ, "DPKG_ROOT": root, "DPKG_MAINTSCRIPT_PACKAGE": "fovea"})
                self.assertEqual(done, (0, ""))
                self.assertEqual([path.parent.name for path in (Path(root) / "var").glob("*/fovea")], kept)


@unittest.skipUnless(NO_SKIP or may_mount(), "nobody may make mounts here, which a Debian root needs (unshare --mount fails)")
class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = DebianSystem(package(), *SYSTEM)
        cls.addClassCleanup(cls.system.close)
        try:
            cls.system.start()
            cls.cannot_boot = None
        except CannotBoot as why:
            cls.cannot_boot = str(why)

    def setUp(self):
        if self.cannot_boot and "service" in self._testMethodName:
            (self.fail if NO_SKIP else self.skipTest)(self.cannot_boot)

    def test_systemd_finds_no_fault_in_the_unit(self):
        # --man=no: man itself is not in so small a system.
        root = f"--root={self.system.root}"
        self.assertEqual(said_by("systemd-analyze", "verify", "--man=no", root, "fovea.service"), (0, ""))
        self.assertTrue((self.system.root / "usr/share/man/man1/fovea-serve.1.gz").is_file())
        code, told = said_by("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}", "--no-pager",
                             root, "fovea.service")
        self.assertEqual(code, 0, told)

    def test_the_service_from_enabling_it_to_a_purge(self):
        self.people_use_the_program()
        self.it_is_not_started_unasked()
        self.it_starts_and_answers()
        self.it_may_do_nothing_else()
        self.it_finds_after_a_restart_what_it_computed()
        self.a_reload_reads_the_certificate_again()
        self.an_upgrade_keeps_the_settings_and_restarts_it()
        self.a_wrong_setting_is_told_and_not_tried_again()
        self.it_stops()
        self.a_purge_leaves_nothing()

    def systemctl(self, *words, **more):
        return self.system.run("systemctl", *words, **more)

    def shown(self, name):
        return self.systemctl("show", "--value", "--property", name, "fovea")

    def settings(self, *lines):
        file = self.system.root / "etc/fovea/serve.toml"
        with file.open("a") as text:
            text.write("\n".join(lines) + "\n")

    def ask(self, picture):
        command = ["nsenter", "--target", str(self.system.first), "--net", "--", "python3", "-c", ASK]
        return subprocess.run(command, input=question_about(picture), stdout=subprocess.PIPE, check=True).stdout.decode().strip()

    def people_use_the_program(self):
        self.assertIn("All answers are right.", self.system.run("env", "HOME=/tmp", "fovea", "demo", user="nobody"))

    def it_is_not_started_unasked(self):
        self.assertEqual(self.system.run("stat", "--format=%U %a", "/var/lib/fovea"), "fovea 700")
        self.assertEqual(self.systemctl("is-enabled", "fovea", check=False), "disabled")
        self.assertEqual(self.systemctl("is-active", "fovea", check=False), "inactive")

    def it_starts_and_answers(self):
        # What oneDNN says of itself shows that it may write kernels while it runs.
        (self.system.root / "etc/fovea/environment").write_text("DNNL_VERBOSE=1\n")
        self.systemctl("enable", "--now", "fovea")
        self.assertEqual(self.system.in_its_network("python3", "-c", HEALTH), '{"status":"ok"}')
        self.assertNotIn("hit", self.ask("five.png"))
        self.assertIn("primitive,exec", self.log())
        (self.system.root / "etc/fovea/environment").unlink()

    def log(self):
        self.system.run("journalctl", "--sync")
        return self.system.run("journalctl", "--unit", "fovea", "--output", "cat", "--no-pager")

    def it_may_do_nothing_else(self):
        process = self.shown("MainPID")
        status = dict(line.split(":\t") for line in self.system.run("cat", f"/proc/{process}/status").splitlines()
                      if ":\t" in line)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16)), ("1", "2", 0))
        self.assertEqual(self.system.run("stat", "--format=%U", f"/proc/{process}"), "fovea")
        self.assertEqual(self.system.run("stat", "--format=%U %a", "/var/cache/fovea"), "fovea 700")

    def it_finds_after_a_restart_what_it_computed(self):
        self.systemctl("restart", "fovea")
        self.assertEqual(self.ask("five.png"), "fovea-response; hit; detail=disk")

    def certify(self):
        folder = self.system.root / "etc/fovea"
        # no old name of ours, but X.509's:
        name = ("-subj", "/CN=fovea", "-addext", "subjectAltName=IP:127.0.0.1")
        code, told = said_by("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                             "-nodes", "-days", "2", *name, "-keyout", folder / "key.pem", "-out", folder / "cert.pem")
        self.assertEqual(code, 0, told)
        self.system.run("chgrp", "fovea", "/etc/fovea/key.pem")
        self.system.run("chmod", "640", "/etc/fovea/key.pem")

    def serial(self):
        text = SERIAL.format(certificate=self.system.root / "etc/fovea/cert.pem")
        return self.system.in_its_network("python3", "-c", text)

    def a_reload_reads_the_certificate_again(self):
        self.settings('tls-cert = "/etc/fovea/cert.pem"', 'tls-key = "/etc/fovea/key.pem"')
        self.certify()
        self.systemctl("restart", "fovea")
        before, process = self.serial(), self.shown("MainPID")
        self.certify()
        self.systemctl("reload", "fovea")
        self.assertNotEqual(self.serial(), before)
        self.assertEqual(self.shown("MainPID"), process)

    def an_upgrade_keeps_the_settings_and_restarts_it(self):
        before = self.shown("MainPID")
        (self.system.root / "upgrade.deb").write_bytes(package().read_bytes())
        self.system.run("dpkg", "--install", "/upgrade.deb")
        self.assertEqual(self.systemctl("is-active", "fovea"), "active")
        self.assertNotEqual(self.shown("MainPID"), before)
        self.assertTrue(self.serial())  # so it still speaks HTTPS

    def a_wrong_setting_is_told_and_not_tried_again(self):
        self.settings("no-such-setting = 1")
        self.systemctl("restart", "fovea", check=False)
        self.assertEqual((self.shown("ActiveState"), self.shown("ExecMainStatus"), self.shown("NRestarts")), ("failed", "2", "0"))
        self.assertIn("no-such-setting is no setting of fovea serve", self.log())
        file = self.system.root / "etc/fovea/serve.toml"
        file.write_text(file.read_text().replace("no-such-setting = 1\n", ""))
        self.systemctl("reset-failed", "fovea")  # it was started often in this test
        self.systemctl("start", "fovea")

    def it_stops(self):
        self.systemctl("stop", "fovea")
        self.assertEqual((self.shown("ActiveState"), self.shown("Result"), self.shown("ExecMainStatus")), ("inactive", "success", "0"))

    def a_purge_leaves_nothing(self):
        self.systemctl("start", "fovea")
        self.system.run("dpkg", "--remove", "fovea")
        self.assertEqual(self.systemctl("is-active", "fovea", check=False), "inactive")
        self.assertIn("tls-cert", (self.system.root / "etc/fovea/serve.toml").read_text())
        self.system.run("dpkg", "--purge", "fovea")
        # The administrator's own files stay, and the user, as Debian has it.
        self.assertEqual(sorted(os.listdir(self.system.root / "etc/fovea")), ["cert.pem", "key.pem"])
        self.system.run("rm", "-r", "/etc/fovea")
        self.assertEqual(self.system.run("find", "/", "-xdev", "-iname", "*fovea*"), "")
        names = self.system.run("grep", "--recursive", "--files-with-matches", "fovea", "/etc").splitlines()
        self.assertLessEqual(set(names), {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/passwd-",
                                          "/etc/group-", "/etc/shadow-", "/etc/gshadow-"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
