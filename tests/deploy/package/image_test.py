"""The image of the Dockerfile, built without an engine: buildah, a minimal Debian, and the package of `make deb`.

What compiles in the Dockerfile is left out: the package comes from FOVEA_PACKAGE_DIR (build/release/package), as with
`--build-arg PACKAGE=given`. Other packages come from debian_archive.py, so no network is needed. Then the program runs in the
image, as its user. Needs root and mounts; without them it is skipped, or fails where FOVEA_NO_SKIP is set.
"""

import json
import os
import resource
import shutil
import socket
import unittest
from pathlib import Path

import debian_archive
from debian_archive import CHECKOUT, done, may_mount, package

USER = "10001:10001"
SIZE_MAX = 600 << 20  # half of it is libraries for pictures and videos

# What the image's health check says before a server listens, while it does, and how the server ends.
LIFE = """
health() { %s; }
health && echo healthy too early
fovea serve & server=$!
until health; do kill -0 $server || exit 1; sleep 0.1; done
echo healthy
kill -TERM $server
wait $server
echo ended with $?
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def limits():
    """Of this process: buildah would raise them, which a container may not."""
    for name, number in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
        yield f"--ulimit={name}=" + ":".join(map(str, resource.getrlimit(number)))


@unittest.skipUnless("FOVEA_NO_SKIP" in os.environ or os.geteuid() == 0 and may_mount(), "needs root and mounts")
class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        archive = debian_archive.folder()
        cls.folder = Path(cls.enterClassContext(debian_archive.temporary("image")))
        cls.isolated = ["--isolation=chroot", "--network=host", *limits()]
        (cls.folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
        cls.build("base", "--file", cls.folder / "Base", archive)
        context = cls.folder / "context"
        context.mkdir()
        shutil.copy(package(), context)
        cls.build("fovea", "--build-arg=BASE=localhost/base", "--build-arg=PACKAGE=given",
                  f"--volume={archive}:{debian_archive.PLACE}:ro", "--file", CHECKOUT / "Dockerfile", context)
        cls.container = cls.buildah("from", "--pull=never", *cls.isolated, "localhost/fovea").strip()

    @classmethod
    def buildah(cls, *words):
        places = [f"--root={cls.folder}/storage", f"--runroot={cls.folder}/run", "--storage-driver=vfs"]
        return done("buildah", *places, *words)

    @classmethod
    def build(cls, name, *words):
        # Docker's format, since the other one has no health checks.
        cls.buildah("build", "--pull=never", "--format=docker", *cls.isolated, "--tag", name, *words)

    def run_inside(self, *command, **environment):
        variables = [f"--env={name}={value}" for name, value in environment.items()]
        return self.buildah("run", "--isolation=chroot", *variables, self.container, "--", *command)

    def configuration(self):
        return json.loads(self.buildah("inspect", "--type=image", "localhost/fovea"))["Docker"]["config"]

    def test_it_is_not_root_and_says_how_to_use_it(self):
        configuration = self.configuration()
        self.assertEqual(configuration["User"], USER)
        self.assertEqual(configuration["Entrypoint"], ["fovea"])
        self.assertEqual(configuration["Cmd"], ["demo"])
        self.assertIn("8080/tcp", configuration["ExposedPorts"])
        self.assertEqual(self.run_inside("id", "-nu").strip(), "fovea")

    def test_the_demonstration_runs(self):
        told = self.run_inside("fovea", "demo")
        self.assertIn("All answers are right.", told)

    def test_a_server_is_healthy_while_it_listens(self):
        kind, check = self.configuration()["Healthcheck"]["Test"]
        self.assertEqual(kind, "CMD-SHELL")
        told = self.run_inside("sh", "-c", LIFE % check, FOVEA_PORT=free_port())
        self.assertEqual(told.split("\n"), ["healthy", "ended with 0", ""])

    def test_it_has_what_runs_and_nothing_that_builds(self):
        packages = self.run_inside("dpkg-query", "-W", "-f", "${Package}\n").split()
        self.assertIn("fovea", packages)
        self.assertEqual([name for name in packages if name.endswith("-dev") or name in ("g++", "gcc", "clang", "cmake")], [])
        self.assertEqual(self.run_inside("sh", "-c", "ldd /usr/bin/fovea | grep 'not found' || true"), "")
        self.assertEqual(self.run_inside("ls", "-A", "/var/lib/apt/lists", "/var/cache/apt").split(), [
            "/var/cache/apt:", "/var/lib/apt/lists:"])
        image, = [one for one in json.loads(self.buildah("images", "--json")) if "localhost/fovea:latest" in one["names"]]
        size, unit = image["size"].split()
        self.assertLess(float(size) * {"MB": 10**6, "GB": 10**9}[unit], SIZE_MAX)


if __name__ == "__main__":
    unittest.main()
