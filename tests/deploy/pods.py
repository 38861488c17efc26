"""Programs as containers would run them, without an engine: each with an address, a root and names of its own.

A pod sees the system's files beneath a layer of its own, as an image's container does, and under its paths what a manifest
mounts there. It may be as little as the manifest says: another user, no capabilities, a root that cannot be written. All
pods are on one bridge in a network namespace that the test makes for itself (`enter`), and find each other by name, in
/etc/hosts and by DNS.

A pod begins as this file, run as a program: it leaves the namespaces, says so, waits until it is plugged in, and becomes
the pod's command. Needs root and a kernel that allows namespaces and mounts; without them the test is skipped (77), or
fails where FOVEA_NO_SKIP is set.
"""

import ctypes
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_NOSUID, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CAPABILITIES = 1, 24, 38, 64
SKIPPED = 77
NETWORK = "10.77.0"
WAIT_S = 60
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Pod:
    name: str
    command: list
    environment: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)  # path: what is mounted there; None: an empty folder, to be written
    user: int = 0
    read_only: bool = True


def checked(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind=None, flags=0, data=None):
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    checked(LIBC.mount(*words, ctypes.c_ulong(flags), data and data.encode()), f"mount {source} {target}")


def ip(*words):
    done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True, timeout=WAIT_S)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(map(str, words))}: {done.stderr}")


def hardware_address(address):
    """Of this IP address, always: one that changed would be unreachable until its neighbours ask again, which takes them
    up to a minute. A bridge's own changes with its links where none was given."""
    return "02:00:" + ":".join(f"{int(byte):02x}" for byte in address.split("."))


def enter():
    """Into namespaces of the test's own, with the bridge. Ends the test with 77 where the machine does not allow that."""
    try:
        os.unshare(os.CLONE_NEWNS | os.CLONE_NEWNET)
        mount(None, "/", None, MS_REC | MS_PRIVATE)
        ip("link", "set", "lo", "up")
        ip("link", "add", "pods", "address", hardware_address(f"{NETWORK}.1"), "type", "bridge")
        ip("address", "add", f"{NETWORK}.1/24", "dev", "pods")
        ip("link", "set", "pods", "up")
        with Pods(["probe"]) as pods:
            if pods.start(Pod("probe", ["true"], user=1)).wait(WAIT_S) != 0:
                raise OSError(pods.log("probe"))
    except OSError as why:
        print(f"skipped: this machine does not allow namespaces, bridges or layered roots: {why}", file=sys.stderr)
        sys.exit(1 if "FOVEA_NO_SKIP" in os.environ else SKIPPED)


def mounted_below(root, path, source):
    target = root / Path(path).relative_to("/")
    if source is None or Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    if source is None:
        mount("tmpfs", target, "tmpfs", MS_NOSUID, "mode=1777")
    else:
        mount(source, target, None, MS_BIND | MS_REC)


def layered(folder, files, read_only):
    """A root below `folder`: the system's, with `files` mounted in it, and with the folder of what was built here."""
    mount("tmpfs", folder, "tmpfs")
    upper, work, root = (folder / name for name in ("upper", "work", "root"))
    for path in (upper, work, root):
        path.mkdir()
    mount("overlay", root, "overlay", 0, f"lowerdir=/,upperdir={upper},workdir={work}")
    built = Path(os.environ["FOVEA_PROGRAM"]).resolve().parents[2]
    shared = dict.fromkeys(["/proc", "/dev", str(CHECKOUT), str(built)])
    for path, source in [*files.items(), *((path, path) for path in shared)]:  # the checkout may lie in /tmp
        mounted_below(root, path, source)
    if read_only:
        mount(None, root, None, MS_REMOUNT | MS_BIND | MS_RDONLY)
    return root


def become(pod, folder):
    """Never returns: this process is the pod's command from here on."""
    os.unshare(os.CLONE_NEWNS | os.CLONE_NEWNET)
    parent = os.getppid()
    print("unshared", flush=True)
    if sys.stdin.readline() != "plugged in\n":  # the test was killed
        sys.exit(1)
    os.chroot(layered(Path(folder), pod.files, pod.read_only))
    os.chdir("/")
    if pod.user:
        for capability in range(CAPABILITIES):
            LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        os.setgroups([])
        os.setgid(pod.user)
        os.setuid(pod.user)
    checked(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    checked(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "death with the test")
    if os.getppid() != parent:
        sys.exit(1)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.execvpe(pod.command[0], pod.command, pod.environment)


class Names:
    """A DNS server on the bridge for what `addresses` has: an address (A), no other kind, or no such name."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((f"{NETWORK}.1", 53))
        self.thread = threading.Thread(target=self.answer, daemon=True)
        self.thread.start()

    def answer(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if not query:
                return
            self.socket.sendto(self.reply(query), client)

    def reply(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        address = self.addresses.get(".".join(labels).lower())
        asked_for_it = address is not None and question[-4:-2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 1, 4) + socket.inet_aton(address) if asked_for_it else b""
        flags = 0x8580 if address else 0x8583
        return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0) + question + answer

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (f"{NETWORK}.1", 53))
        self.thread.join()
        self.socket.close()


class Pods:
    """All pods of a test, which end with it: a context manager. `names` are all that there will be."""

    numbers = itertools.count(1)  # of every start in this process: a link's name is never given twice

    def __init__(self, names):
        self.folder = Path(tempfile.mkdtemp(prefix="fovea-pods-"))
        self.addresses = {name: f"{NETWORK}.{number}" for number, name in enumerate(names, 10)}
        self.running = {}
        self.links = {}
        (self.folder / "resolv.conf").write_text(f"nameserver {NETWORK}.1\n")
        self.names = Names(self.addresses)
        self.write_names()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in list(self.running):
            self.stop(name, signal.SIGKILL)
        self.names.stop()
        shutil.rmtree(self.folder)

    def write_names(self):
        lines = [f"{address} {name}\n" for name, address in self.addresses.items()]
        (self.folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(lines))

    def move(self, name, number):
        """Another address, from the pod's next start on."""
        self.addresses[name] = f"{NETWORK}.{number}"
        self.write_names()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def start(self, pod):
        number = next(self.numbers)
        folder = self.folder / f"{pod.name}-{number}"
        folder.mkdir()
        pod.files = {"/etc/hosts": str(self.folder / "hosts"), "/etc/resolv.conf": str(self.folder / "resolv.conf"),
                     **pod.files}
        pod.environment = {"PATH": os.environ["PATH"], **pod.environment}
        with open(self.folder / f"{pod.name}.log", "ab") as log:
            child = subprocess.Popen([sys.executable, "-B", __file__, json.dumps(asdict(pod)), str(folder)], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        self.running[pod.name] = child
        if child.stdout.readline() != "unshared\n":
            raise OSError(self.log(pod.name))
        self.plug_in(pod.name, f"pod{number}", child.pid)
        with child.stdin, child.stdout:
            child.stdin.write("plugged in\n")
        return child

    def plug_in(self, name, link, pid):
        address = self.addresses[name]
        ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "address", hardware_address(address), "netns", pid)
        self.links[name] = link
        ip("link", "set", link, "master", "pods", "up")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{address}/24", "dev", "eth0"],
                      ["link", "set", "eth0", "up"]):
            done = subprocess.run(["nsenter", "--target", str(pid), "--net", "ip", *words], capture_output=True, text=True,
                                  timeout=WAIT_S)
            if done.returncode != 0:
                raise OSError(f"{name}: ip {' '.join(words)}: {done.stderr}")

    def stop(self, name, how=signal.SIGTERM):
        child = self.running.pop(name)
        if child.poll() is None:
            child.send_signal(how)
        status = child.wait(WAIT_S)
        if name in self.links:
            self.unplug(self.links.pop(name))
        return status

    def unplug(self, link):
        """Now: the kernel takes its time with the network of a process that has ended, which answers until then."""
        subprocess.run(["ip", "link", "delete", link], capture_output=True, timeout=WAIT_S)


if __name__ == "__main__":
    become(Pod(**json.loads(sys.argv[1])), sys.argv[2])
