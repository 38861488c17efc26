"""The image of the Dockerfile, built without an engine: buildah, a base that mmdebstrap makes, and the package of `make deb`.

What compiles in the Dockerfile is left out: the package comes from FOVEA_PACKAGE_DIR (build/release/package), as with
`--build-arg PACKAGE=given`. Then the program runs in the image, as its user. Needs root and mounts; without them it is skipped.
"""

import json
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGE_DIR = Path(os.environ.get("FOVEA_PACKAGE_DIR") or CHECKOUT / "build/release/package")
USER = "10001:10001"
SIZE_MAX = 600 << 20  # half of it is libraries for pictures and videos
WAIT_S = 600

# The archive, and what apt needs to reach it, are those of this system, as ./dev has them.
MAKE_BASE = f"""
set -euo pipefail
say() {{ :; }}
die() {{ echo "$*" >&2; exit 1; }}
use_docker=
. {CHECKOUT}/tools/dev/packages.sh
. {CHECKOUT}/tools/dev/root.sh
options=()
while read -r setting; do options+=("--aptopt=$setting"); done < <(apt_settings)
mmdebstrap --quiet --mode=root --variant=minbase --components=main --dpkgopt=force-unsafe-io \\
  --dpkgopt='path-exclude=/usr/share/'{{man,locale,info}}'/*' "${{options[@]}}" "$suite" "$1" "$(mirror)"
"""
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


def may_mount():
    return subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], capture_output=True).returncode == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def limits():
    """Of this process: buildah would raise them, which a container may not."""
    for name, number in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
        yield f"--ulimit={name}=" + ":".join(map(str, resource.getrlimit(number)))


def done(*command, **more):
    result = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, **more)
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.returncode}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}")
    return result.stdout


@unittest.skipUnless(os.geteuid() == 0 and may_mount(), "needs root and mounts")
class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = CHECKOUT / "build/deploy"
        folder.mkdir(parents=True, exist_ok=True)
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="image-", dir=folder)))
        cls.isolated = ["--isolation=chroot", "--network=host", *limits()]
        done("bash", "-c", MAKE_BASE, "bash", cls.folder / "base.tar")
        (cls.folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
        cls.build("base", "--file", cls.folder / "Base", cls.folder)
        (cls.folder / "base.tar").unlink()
        package, = PACKAGE_DIR.glob("*.deb")
        context = cls.folder / "context"
        context.mkdir()
        shutil.copy(package, context)
        cls.build("fovea", "--build-arg=BASE=localhost/base", "--build-arg=PACKAGE=given", "--file", CHECKOUT / "Dockerfile",
                  context)
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
