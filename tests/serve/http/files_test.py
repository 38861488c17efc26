"""Uploaded files and pictures that were encoded ahead outlive a server, and are on every node: real servers, a real disk, a
real Valkey."""

import json
import signal
import subprocess
import time
import unittest

from http_server_test import PROGRAM, WAIT_S, Server, sample
from tiers_test import Folder, WithValkey, written

BOUNDARY = "a-line-between"


def upload(server, name="three.png", headers=None):
    """The reply to an upload."""
    parts = (b"--%b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nvision\r\n"
             b"--%b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%b\"\r\n\r\n%b\r\n--%b--\r\n")
    line = BOUNDARY.encode()
    body = parts % (line, line, name.encode(), sample(name), line)
    form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **(headers or {})}
    status, _, reply = server.request("POST", "/v1/files", body, form)
    assert status == 200, reply
    return json.loads(reply)


def status_of(server, file_id, headers=None):
    return server.request("GET", f"/v1/files/{file_id}", headers=headers)[0]


def ask_about(server, file_id):
    content = [{"type": "file", "file": {"file_id": file_id}}, {"type": "text", "text": "What is it?"}]
    body = json.dumps({"temperature": 0, "max_tokens": 8, "messages": [{"role": "user", "content": content}]})
    return server.request("POST", "/v1/chat/completions", body)[0]


def until(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not seen: {what}")
        time.sleep(0.02)


class OnDisk(Folder):
    def test_a_file_outlives_a_kill_until_it_is_deleted(self):
        with Server(*self.disk()) as server:
            file = upload(server)
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        with Server(*self.disk()) as server:
            status, _, content = server.request("GET", f"/v1/files/{file['id']}/content")
            self.assertEqual((status, content), (200, sample("three.png")))
            self.assertEqual(json.loads(server.request("GET", f"/v1/files/{file['id']}")[2]), file)
            self.assertEqual(ask_about(server, file["id"]), 200)
            self.assertEqual(json.loads(server.request("GET", "/v1/files")[2])["data"], [])
            server.request("POST", "/v1/cache/reset")
            self.assertEqual(status_of(server, file["id"]), 200, "a file is no result")
            self.assertEqual(server.request("DELETE", f"/v1/files/{file['id']}")[0], 200)
            self.assertEqual(status_of(server, file["id"]), 404)
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        with Server(*self.disk()) as server:
            self.assertEqual(status_of(server, file["id"]), 404)
            self.assertEqual(server.request("DELETE", f"/v1/files/{file['id']}")[0], 404)

    def test_purging_a_tenant_from_a_disk_removes_its_files(self):
        with Server(*self.disk()) as server:
            file = upload(server)
        purge = [PROGRAM, "cache", "purge", "--tenant", "", *self.disk()[:2]]
        subprocess.run(purge, check=True, stdout=subprocess.DEVNULL)
        with Server(*self.disk()) as server:
            self.assertEqual(status_of(server, file["id"]), 404)

    def test_its_time_goes_on_while_no_server_runs(self):
        with Server(*self.disk(), "--files-ttl", "1") as server:
            file = upload(server)
        until(lambda: time.time() > file["created_at"] + 2.5, "the end of its time")
        with Server(*self.disk()) as server:
            self.assertEqual(status_of(server, file["id"]), 404)

    def test_what_was_encoded_ahead_outlives_a_kill(self):
        with Server(*self.disk()) as server:
            file = upload(server, "one.png")
            body = json.dumps({"images": [file["id"], "file-none"]})
            status, _, reply = server.request("POST", "/v1/cache/warm", body)
            images = json.loads(reply)["images"]
            self.assertEqual((status, len(images)), (200, 2))
            self.assertEqual(images[1]["error"]["code"], "file_not_found")
            written(server, 4)  # the file, the alias, the tiling, the embedding
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        with Server(*self.disk()) as server:
            again = json.loads(server.request("POST", "/v1/cache/warm", body)[2])["images"][0]
            self.assertEqual((again["key"], again["hit"]), (images[0]["key"], True))
            self.assertIn("fovea-embedding; hit", server.ask(sample("one.png"))[1])


class OnEveryNode(WithValkey):
    def test_what_one_was_sent_the_other_has_at_once(self):
        with Server(*self.flags()) as first, Server(*self.flags()) as second:
            file = upload(first)
            self.assertEqual(ask_about(second, file["id"]), 200)
            self.assertEqual(second.request("DELETE", f"/v1/files/{file['id']}")[0], 200)
            self.assertEqual(status_of(second, file["id"]), 404)
            until(lambda: status_of(first, file["id"]) == 404, "that the first one learns of it")

    def test_a_file_is_its_tenants_alone(self):
        keys = self.folder / "keys.toml"
        tenants = {name: {"Authorization": f"Bearer {name}-key"} for name in ("alice", "bob")}
        keys.write_text("".join(f'[tenants.{name}]\nkeys = ["{hash_of(name + "-key")}"]\n' for name in tenants))
        flags = [*self.flags(), "--keys", str(keys)]
        with Server(*flags) as first, Server(*flags) as second:
            file = upload(first, headers=tenants["alice"])
            self.assertEqual(status_of(second, file["id"], tenants["bob"]), 404)
            self.assertEqual(second.request("DELETE", f"/v1/files/{file['id']}", headers=tenants["bob"])[0], 404)
            self.assertEqual(status_of(second, file["id"], tenants["alice"]), 200)

    def test_a_server_that_is_gone_leaves_the_files_in_memory(self):
        with Server(*self.flags()) as server:
            before = upload(server)
            self.valkey.stop()
            after = upload(server, "one.png")
            for file in (before, after):
                self.assertEqual(status_of(server, file["id"]), 200)


def hash_of(key):
    made = subprocess.run([PROGRAM, "serve", "--hash-key"], input=key, capture_output=True, text=True, check=True)
    return made.stdout.strip()


if __name__ == "__main__":
    unittest.main()
