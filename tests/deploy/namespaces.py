"""Network namespaces without names, joined by a bridge, with links of a chosen rate and latency.

A Network is the bridge; each Namespace has one link to it and one address. Programs are started inside a namespace, and a
thread of this process may open connections from one. Both directions of a link have its rate, by a token bucket (tbf) at
each end, and its latency: by netem where the kernel has it, else frames are handed over a pair of TAP devices by a process
that keeps each for as long (delay_frames). A latency below LATENCY_MIN_MS is left to the machine, whose own is about that.

Namespaces have no names and no processes of their own: they are kept by open files of this process, and its children die
with the thread that started them. So nothing is left when it is killed. It takes root (CAP_NET_ADMIN and CAP_SYS_ADMIN).
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

PREFIX = "10.77.0."
LATENCY_MIN_MS = 0.3
MTU = 1500
# A bucket's size, in bytes and in time. A smaller one is full before the kernel's timer comes, so the link is
# slower than its rate; from a larger one small messages pass at no cost.
BURST_BYTES, BURST_MS = 16_000, 1
QUEUE_MS = 500  # that a link's queue holds; what comes beyond that is lost, as in a switch
PR_SET_PDEATHSIG = 1
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000

libc = ctypes.CDLL(None, use_errno=True)


def obstacle():
    """Why there can be no namespaces here; empty if there can."""
    if not hasattr(os, "setns"):
        return "this Python has no os.setns (3.12)"
    try:
        with Network() as network:
            network.join("probe", 2)
    except (OSError, RuntimeError) as error:
        return f"no network namespaces: {error}"
    return ""


@contextlib.contextmanager
def inside(namespace):
    """This thread is in the namespace (an open file) meanwhile. Sockets stay where they were made."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        os.setns(namespace, os.CLONE_NEWNET)
        yield
    finally:
        os.setns(own, os.CLONE_NEWNET)
        os.close(own)


def new_namespace():
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        os.unshare(os.CLONE_NEWNET)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    finally:
        os.setns(own, os.CLONE_NEWNET)
        os.close(own)


def die_with(parent):
    """In a child that was just made: ends it when its parent's thread does."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def start(namespace, command, output=subprocess.DEVNULL):
    """A program in the namespace, from a thread that lives as long."""
    parent = os.getpid()

    def prepare():
        die_with(parent)
        os.setns(namespace, os.CLONE_NEWNET)

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=prepare)


def tool(namespace, *command):
    with inside(namespace):
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def quiet(namespace):
    """No IPv6, whose neighbours would be counted as traffic."""
    with inside(namespace), contextlib.suppress(OSError):
        Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")


class Namespace:
    """One end of a link. `fd` is the namespace, `address` its own; `seen_as` the link's device at the bridge."""

    def __init__(self, network, name, number):
        self.network, self.name, self.address = network, name, PREFIX + str(number)
        self.seen_as = f"to-{number}"
        self.fd = new_namespace()
        quiet(self.fd)
        tool(self.fd, "ip", "link", "set", "lo", "up")

    def start(self, command, output=subprocess.DEVNULL):
        return start(self.fd, command, output)

    def inside(self):
        return inside(self.fd)

    def bytes(self):
        """What came from here and what went here since the link was made, with all heads of packets."""
        [link] = json.loads(tool(self.network.fd, "ip", "-json", "-stats", "link", "show", "dev", self.seen_as))
        return {"sent": link["stats64"]["rx"]["bytes"], "received": link["stats64"]["tx"]["bytes"]}


class Network:
    def __init__(self):
        self.fd = new_namespace()
        self.namespaces, self.children = [], []
        quiet(self.fd)
        tool(self.fd, "ip", "link", "add", "bridge", "type", "bridge")
        tool(self.fd, "ip", "link", "set", "bridge", "up")
        self.netem = self.has_netem()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for child in self.children:
            child.kill()
            child.wait()
        for namespace in [self, *self.namespaces]:
            os.close(namespace.fd)

    def has_netem(self):
        try:
            tool(self.fd, "tc", "qdisc", "add", "dev", "bridge", "root", "netem", "delay", "1ms")
            tool(self.fd, "tc", "qdisc", "del", "dev", "bridge", "root")
        except RuntimeError:
            return False
        return True

    def join(self, name, number, mbit_per_s=None, latency_ms=0):
        """A new namespace with the address PREFIX + number. Without a rate its link is as fast as the machine."""
        made = Namespace(self, name, number)
        self.namespaces.append(made)
        delayed = latency_ms >= LATENCY_MIN_MS
        if delayed and not self.netem:
            self.add_taps(made, latency_ms)
        else:
            tool(self.fd, "ip", "link", "add", made.seen_as, "mtu", str(MTU), "type", "veth", "peer", "name", "eth0", "netns",
                 f"/proc/{os.getpid()}/fd/{made.fd}")
        tool(self.fd, "ip", "link", "set", made.seen_as, "master", "bridge", "up")
        tool(made.fd, "ip", "address", "add", f"{made.address}/24", "dev", "eth0")
        tool(made.fd, "ip", "link", "set", "eth0", "mtu", str(MTU), "up")
        for namespace, device in ((self.fd, made.seen_as), (made.fd, "eth0")):
            self.shape(namespace, device, mbit_per_s, latency_ms if delayed and self.netem else 0)
        return made

    def shape(self, namespace, device, mbit_per_s, latency_ms):
        parent = ["root"]
        if mbit_per_s:
            burst = max(BURST_BYTES, int(mbit_per_s * 1e6 / 8 / 1000 * BURST_MS))
            tool(namespace, "tc", "qdisc", "add", "dev", device, "root", "handle", "1:", "tbf", "rate", f"{mbit_per_s}mbit",
                 "burst", str(burst), "latency", f"{QUEUE_MS}ms")
            parent = ["parent", "1:1"]
        if latency_ms:
            tool(namespace, "tc", "qdisc", "add", "dev", device, *parent, "netem", "delay", f"{latency_ms}ms", "limit", "100000")

    def add_taps(self, namespace, latency_ms):
        taps = [open_tap(self.fd, namespace.seen_as), open_tap(namespace.fd, "eth0")]
        child = subprocess.Popen([sys.executable, "-B", __file__, str(latency_ms), *map(str, taps)], pass_fds=taps,
                                 stdin=subprocess.DEVNULL, preexec_fn=lambda parent=os.getpid(): die_with(parent))
        for tap in taps:
            os.close(tap)
        self.children.append(child)


def open_tap(namespace, name):
    with inside(namespace):
        tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def delay_frames(latency_ms, taps):
    """Hands each frame of one tap to the other, as much later. Its own work adds some 0.05 ms."""
    latency, frames = latency_ms / 1000, {tap: deque() for tap in taps}
    other = {taps[0]: taps[1], taps[1]: taps[0]}
    while True:
        due = [queue[0][0] for queue in frames.values() if queue]
        wait = max(0, min(due) - time.monotonic()) if due else None
        for tap in select.select(taps, [], [], wait)[0]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    frames[tap].append((time.monotonic() + latency, os.read(tap, MTU + 64)))
        now = time.monotonic()
        for tap, queue in frames.items():
            while queue and queue[0][0] <= now:
                with contextlib.suppress(OSError):  # the other end is not up, or full
                    os.write(other[tap], queue.popleft()[1])


def in_thread_of(namespace, work):
    """A thread in the namespace; join it for what `work` returned."""
    class Worker(threading.Thread):
        def run(self):
            os.setns(namespace.fd, os.CLONE_NEWNET)
            self.result = work()

    worker = Worker(daemon=True)
    worker.start()
    return worker


if __name__ == "__main__":
    delay_frames(float(sys.argv[1]), [int(fd) for fd in sys.argv[2:4]])
