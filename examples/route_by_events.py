#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says which of several nodes a picture is at home on: route_by_events.py http://a:8080 http://b:8080 ...

Follows each node's /v1/cache/events (FOVEA_KEY: an admin's key), reads picture keys, one a line, and prints the best node.
"""

import collections
import http.client
import json
import os
import sys
import threading
import time
import urllib.request


class Router:
    def __init__(self, nodes, key=""):
        self.lock = threading.Lock()
        self.held = {node: {} for node in nodes}  # by picture: seconds saved, by scope and level
        for node in nodes:
            threading.Thread(target=self.follow, args=(node, key), daemon=True).start()

    def follow(self, node, key):
        last_id = ""
        while True:
            headers = {"Authorization": f"Bearer {key}", "Last-Event-ID": last_id}
            try:
                with urllib.request.urlopen(urllib.request.Request(node + "/v1/cache/events", headers=headers), timeout=60) as stream:
                    if stream.headers.get_content_type() != "text/event-stream":
                        raise ValueError("no events, but a page of somebody else")
                    fields = {}
                    for line in stream:
                        name, _, value = line.decode().rstrip("\r\n").partition(":")
                        if name:  # no comment
                            fields[name] = value.removeprefix(" ")
                        elif fields:  # an empty line ends an event
                            last_id = fields.get("id", last_id)
                            self.take(node, fields["event"], json.loads(fields["data"]))
                            fields = {}
            except http.client.IncompleteRead:
                pass  # it broke off: go on behind the last event
            # The node is not there, or what answers is none: what it held may be lost.
            except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
                last_id = ""
                self.take(node, "reset", {})
            time.sleep(1)

    def take(self, node, event, data):
        with self.lock:
            if event == "reset":
                self.held[node] = {}
            elif event in ("stored", "evicted", "purged"):  # each tells what is held now
                self.held[node].setdefault(data["image"], {})[data["scope"], data["level"]] = data["saves_seconds"]
                if not any(self.held[node][data["image"]].values()):
                    del self.held[node][data["image"]]

    def best(self, image):
        """The node that saves most; None where none holds the picture."""
        with self.lock:
            saved = {node: self.seconds(pictures.get(image, {})) for node, pictures in self.held.items()}
        node = max(saved, key=saved.get)
        return node if saved[node] > 0 else None

    @staticmethod
    def seconds(held):
        by_scope = collections.Counter()
        for (scope, level), seconds in held.items():
            if level != "response":  # that is of one question only
                by_scope[scope] += seconds
        return max(by_scope.values(), default=0)


if __name__ == "__main__":
    router = Router(sys.argv[1:], os.environ.get("FOVEA_KEY", ""))
    for picture in sys.stdin:
        print(router.best(picture.strip()) or "any", flush=True)
