#!/usr/bin/env python3
"""Writes the balancer's file for containers: deploy/haproxy/haproxy.cfg with the changes below and no others.

    tools/deploy/balancer_files.py            writes both files
    tools/deploy/balancer_files.py --check    fails where one of them is not what would be written

HAProxy has no include, and a container starts it without root and finds nodes by name. So deploy/compose and
deploy/kubernetes have files of their own, which tests keep equal to the one that operators without containers copy.
"""

import re
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SHIPPED = DEPLOY / "haproxy/haproxy.cfg"
KUBERNETES_NODES = 8  # the most that the autoscaler makes (overlays/fleet)

VARIATIONS = {
    DEPLOY / "compose/haproxy.cfg": [f"fovea{number}" for number in (1, 2, 3)],
    DEPLOY / "kubernetes/overlays/fleet/haproxy.cfg":
        [f"fovea-{number}.fovea.fovea.svc.cluster.local" for number in range(KUBERNETES_NODES)],
}

# A name that nobody has yet, or no longer, is a node that is down, and is asked for again.
BY_NAME = "resolvers names init-addr libc,none"
RESOLVERS = """
# Names of nodes are looked up again while HAProxy runs: a container that is made anew has another address.
resolvers names
    parse-resolv-conf
    hold valid 5s
"""


def replaced(pattern, by, text, count):
    text, found = re.subn(pattern, by, text, flags=re.MULTILINE)
    if found != count:
        raise SystemExit(f"{SHIPPED}: {pattern!r} is there {found} times, not {count}")
    return text


def varied(text, names):
    """The shipped text for nodes with these names."""
    note = ("# Made from deploy/haproxy/haproxy.cfg by tools/deploy/balancer_files.py: nodes have names, root is not\n"
            "# needed, and Prometheus reaches the numbers.\n#\n")
    text = replaced(r"^    # As Debian's package and unit have it.*\n    user .*\n    group .*\n    chroot .*\n\n", "", text, 1)
    text = replaced(r"^    bind 127\.0\.0\.1:8404$", "    bind :8404", text, 1)
    text = replaced(r"^# HAProxy's own numbers, on this machine alone:", "# HAProxy's own numbers, for who reaches the port:", text, 1)
    text = replaced(r"^    (default-server check .*)$", rf"    \1 {BY_NAME}", text, 1)
    servers = "".join(f"    server node{number} {name}:8080 id {number}\n" for number, name in enumerate(names, 1))
    text = replaced(r"(^    server node\d+ .*\n)+", servers, text, 1)
    return note + replaced(r"^frontend clients$", RESOLVERS.lstrip() + "\nfrontend clients", text, 1)


def main():
    wrong = False
    for path, names in VARIATIONS.items():
        text = varied(SHIPPED.read_text(), names)
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text() != text:
                print(f"{path}: is not what tools/deploy/balancer_files.py writes; run it")
                wrong = True
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
