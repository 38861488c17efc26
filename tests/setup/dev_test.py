"""What ./dev promises where it can be tried without making a private root: its reading of packages.txt, of apt's sources
and of mmdebstrap's log, its lock, its cleaning up, and that a command's exit code and arguments pass through it."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def shell(script, **environment):
    """Runs a script that may use the functions of ./dev."""
    opening = (
        f'set -euo pipefail; checkout="{CHECKOUT}"; use_docker="Use Docker."; cache=$HOME/cache; '
        'say() { echo "dev: $*" >&2; }; die() { say "$*"; exit 1; }; '
        f'. "{CHECKOUT}/tools/dev/packages.sh"; . "{CHECKOUT}/tools/dev/root.sh"; '
    )
    return subprocess.run(
        ["bash", "-c", opening + script], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


class PackageListTest(unittest.TestCase):
    def packages(self, *sections):
        return shell(f'packages_of "{CHECKOUT}/packages.txt" {" ".join(sections)}').stdout.split("\n")[:-1]

    def test_sections_are_kept_apart(self):
        self.assertIn("libllama-dev", self.packages("base"))
        self.assertNotIn("python3-torch", self.packages("base"))
        self.assertEqual(self.packages("base") + self.packages("train"), self.packages("base", "train"))

    def test_every_line_is_one_package_named_once(self):
        for sections in (["base", "train"], ["docs"], ["paper"], ["deploy"]):
            packages = self.packages(*sections)
            self.assertTrue(packages)
            self.assertEqual(len(packages), len(set(packages)))
            for package in packages:
                self.assertRegex(package, r"^[a-z0-9][a-z0-9+.-]+$")

    def test_the_blas_backend_stays_out(self):
        self.assertFalse([package for package in self.packages("base", "train") if "ggml" in package and "blas" in package])

    def test_a_package_that_is_not_installed_is_missing(self):
        self.assertEqual(shell("missing_of dpkg no-such-package-anywhere").stdout.split(), ["no-such-package-anywhere"])

    def test_another_list_is_another_root(self):
        names = shell("root_name a b; root_name a b c; root_name a b").stdout.split()
        self.assertNotEqual(names[0], names[1])
        self.assertEqual(names[0], names[2])


class MirrorTest(unittest.TestCase):
    DEBIAN = 'os_field() { case $1 in ID) echo debian ;; *) echo bookworm ;; esac; }; '

    def mirror(self, sources, name="debian.sources", script=DEBIAN, **environment):
        with tempfile.TemporaryDirectory() as folder:
            for parts in ("sources.d", "lists/partial"):
                Path(folder, parts).mkdir(parents=True)
            Path(folder, "sources.d", name).write_text(sources.format(folder=folder))
            Path(folder, "mirrors").write_text("# mirrors\nhttp://second.example/debian priority:1\n")
            config = Path(folder, "apt.conf")
            config.write_text(
                f'Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "{folder}/sources.d"; '
                f'Dir::State::lists "{folder}/lists"; APT::Architecture "amd64"; APT::Architectures {{ "amd64"; }};'
            )
            return shell(script + "mirror", APT_CONFIG=str(config), FOVEA_MIRROR="", **environment)

    def test_a_deb822_source(self):
        text = "Types: deb\nURIs: http://first.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main\n"
        self.assertEqual(self.mirror(text).stdout, "http://first.example/debian\n")

    def test_a_one_line_source(self):
        text = "deb [arch=amd64] https://first.example/debian bookworm main contrib\n"
        self.assertEqual(self.mirror(text, "a.list").stdout, "https://first.example/debian\n")

    def test_other_archives_are_passed_over(self):
        text = (
            "deb http://security.example/debian-security bookworm-security main\n"
            "deb http://updates.example/debian bookworm-updates main\n"
            "deb http://vendor.example/debian bookworm stable\n"
            "deb http://first.example/debian bookworm main\n"
        )
        self.assertEqual(self.mirror(text, "a.list").stdout, "http://first.example/debian\n")

    def test_a_source_that_is_switched_off_is_passed_over(self):
        text = "Enabled: no\nTypes: deb\nURIs: http://first.example/debian\nSuites: bookworm\nComponents: main\n"
        self.assertEqual(self.mirror(text).returncode, 1)

    def test_a_file_of_mirrors(self):
        text = "deb mirror+file:{folder}/mirrors bookworm main\n"
        self.assertEqual(self.mirror(text, "a.list").stdout, "http://second.example/debian\n")

    def test_none_found_says_what_to_set(self):
        answer = self.mirror("")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("FOVEA_MIRROR", answer.stderr)

    def test_another_distributions_archive_is_not_taken(self):
        ubuntu = 'os_field() { case $1 in ID) echo ubuntu ;; *) echo noble ;; esac; }; '
        answer = self.mirror("deb http://first.example/ubuntu noble main\n", "a.list", script=ubuntu)
        self.assertEqual(answer.returncode, 1)

    def test_the_setting_wins(self):
        self.assertEqual(shell("mirror", FOVEA_MIRROR="http://mine.example/debian/").stdout, "http://mine.example/debian\n")


class SetUpTest(unittest.TestCase):
    LOG = (
        "I: running apt-get update...\nGet:1 a\n0 upgraded, 2 newly installed, 0 to remove\nGet:1 a\nGet:2 b\n"
        "Unpacking a\nSetting up a\n"
    )

    def on_log(self, function, text, *more):
        with tempfile.NamedTemporaryFile("w") as log:
            log.write(text)
            log.flush()
            return shell(f'{function} "{log.name}" {" ".join(more)}').stdout.strip()

    def test_progress_follows_the_log(self):
        def line(text):
            return self.on_log("progress_shares='20 20 20 40'; progress", text, "12")

        second = self.LOG + "0 upgraded, 4 newly installed, 0 to remove\nGet:1 a\n"
        self.assertEqual(line(""), "step 1 of 4: a minimal Debian, 0 of ? packages, 12 s")
        self.assertEqual(line(self.LOG), "step 1 of 4: a minimal Debian, 1 of 2 packages, 12 s, about 108 s left")
        self.assertEqual(line(second), "step 2 of 4: downloading, 1 of 4 packages, 12 s, about 36 s left")
        second += "Get:2 b\nGet:3 c\nGet:4 d\nUnpacking a\nUnpacking b\n"
        self.assertEqual(line(second), "step 3 of 4: unpacking, 2 of 4 packages, 12 s, about 12 s left")
        second += "Unpacking c\nUnpacking d\nSetting up a\n"
        self.assertEqual(line(second), "step 4 of 4: setting up, 1 of 4 packages, 12 s, about 5 s left")
        second += "Setting up b\nSetting up c\nSetting up d\n"
        self.assertEqual(line(second), "step 4 of 4: setting up, 4 of 4 packages, 12 s")

    def test_a_failure_is_explained(self):
        explained = {
            "Temporary failure resolving 'first.example'": "network",
            "write error: No space left on device": "disk",
            "The following signatures couldn't be verified: NO_PUBKEY 0E98404D": "debian-archive-keyring",
            "The repository 'x forky Release' does not have a Release file.": "FOVEA_MIRROR",
            "http://x.example forky 404  Not Found": "FOVEA_MIRROR",
            "Get:7 a package [404 kB]": "mmdebstrap failed",
            "anything else": "mmdebstrap failed",
        }
        for text, word in explained.items():
            self.assertIn(word, self.on_log("explain", "E: " + text + "\n"))

    def test_too_little_disk_is_said_before_anything_is_made(self):
        with tempfile.TemporaryDirectory() as home:
            Path(home, "cache").mkdir()
            answer = shell("require_disk 999999999", HOME=home)
            self.assertEqual(answer.returncode, 1)
            self.assertIn("999999999 MiB", answer.stderr)

    def make_root(self, home, mmdebstrap, before=""):
        """Makes a root with a stand-in for mmdebstrap and for the namespaces, which a test may not have."""
        tools = Path(home, "bin")
        tools.mkdir()
        script = Path(tools, "mmdebstrap")
        script.write_text("#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\n" + mmdebstrap)
        script.chmod(0o755)
        return shell(
            before + "as_root=(); make_root root-x 1 a b",
            HOME=home, PATH=f"{tools}:{os.environ['PATH']}", FOVEA_MIRROR="http://first.example/debian",
        )

    def require_setsid_and_apt_config(self):
        answer = shell("command -v setsid flock apt-config")
        if answer.returncode != 0:
            self.skipTest("needs setsid, flock and apt-config")

    def test_a_root_gets_its_name_only_when_complete(self):
        self.require_setsid_and_apt_config()
        with tempfile.TemporaryDirectory() as home:
            stale = 'mkdir -p "$cache/root-x.partial/stale"; '
            answer = self.make_root(home, '[ ! -e "$2" ] && mkdir -p "$2/etc" && echo "$3" >"$2/etc/from"\n', stale)
            self.assertEqual(answer.returncode, 0, answer.stderr)
            self.assertEqual(Path(home, "cache/root-x/etc/from").read_text(), "http://first.example/debian\n")
            self.assertFalse(Path(home, "cache/root-x.partial").exists())

    def test_a_failure_shows_the_log_and_leaves_nothing(self):
        self.require_setsid_and_apt_config()
        with tempfile.TemporaryDirectory() as home:
            answer = self.make_root(home, 'mkdir -p "$2"; echo "E: Temporary failure resolving it"; exit 1\n')
            self.assertEqual(answer.returncode, 1)
            self.assertIn("E: Temporary failure resolving it", answer.stderr)
            self.assertIn("check the network", answer.stderr)
            self.assertEqual(sorted(path.name for path in Path(home, "cache").iterdir()), ["root-x.lock", "root-x.log"])

    def test_an_interrupted_run_leaves_nothing(self):
        self.require_setsid_and_apt_config()
        with tempfile.TemporaryDirectory() as home:
            answer = self.make_root(home, 'mkdir -p "$2"; kill -TERM $PPID; sleep 60\n')
            self.assertEqual(answer.returncode, 130, answer.stderr)
            self.assertIn("interrupted", answer.stderr)
            self.assertFalse(Path(home, "cache/root-x.partial").exists())

    def test_cleaning_keeps_named_roots_and_those_being_made(self):
        with tempfile.TemporaryDirectory() as home:
            for name in ("root-old", "root-kept", "root-stale.partial", "root-making.partial"):
                Path(home, "cache", name, "etc").mkdir(parents=True)
            script = 'exec 8>"$cache/root-making.lock"; flock 8; as_root=(); clean_roots root-kept'
            answer = shell(script, HOME=home)
            self.assertEqual(answer.returncode, 0, answer.stderr)
            left = sorted(path.name for path in Path(home, "cache").iterdir())
            self.assertEqual(left, ["root-kept", "root-making.lock", "root-making.partial", "root-old.lock", "root-stale.lock"])


class CommandTest(unittest.TestCase):
    """Through ./dev itself: these run where everything is installed, as in the private root."""

    def setUp(self):
        where = subprocess.run([CHECKOUT / "dev", "--where"], capture_output=True, text=True, timeout=60).stdout.strip()
        if where != "native" and not Path(where).is_dir():
            self.skipTest("there is no private root yet")

    def dev(self, *command, **options):
        return subprocess.run([CHECKOUT / "dev", *command], capture_output=True, text=True, timeout=60, **options)

    def test_the_exit_code_passes_through(self):
        self.assertEqual(self.dev("bash", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.dev("no-such-command").returncode, 127)

    def test_arguments_and_input_pass_through(self):
        self.assertEqual(self.dev("printf", "%s|", "a b", "", "*").stdout, "a b||*|")
        self.assertEqual(self.dev("cat", input="typed").stdout, "typed")

    def test_the_current_directory_is_kept(self):
        with tempfile.TemporaryDirectory(prefix="with a space") as folder:
            self.assertEqual(self.dev("pwd", cwd=folder).stdout.strip(), str(Path(folder).resolve()))

    def test_programs_built_here_come_first_on_the_path(self):
        path = self.dev("bash", "-c", 'echo "$PATH"').stdout
        self.assertEqual(path.split(":")[0], str(CHECKOUT / "build/release/bin"))

    def test_help_and_mistakes(self):
        self.assertIn("usage: ./dev", self.dev().stdout)
        self.assertEqual(self.dev("--no-such-option").returncode, 2)


if __name__ == "__main__":
    unittest.main()
