"""A fleet behind a real HAProxy: three `fovea serve`, a Valkey server, and the configuration that operators copy.

Which node a request met, the nodes' own counters say. Programs are started on free ports and stopped by their process
ids. Without HAProxy the test is skipped (77).
"""

import base64
import http.client
import json
import pwd
import random
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest
import zlib
from pathlib import Path

import balancer as haproxy
from fleet import EMBEDDINGS_ALONE, NODES, QUESTIONS, Fleet
from http_server_test import ENDLESS, WAIT_S, Server, picture_number, png, question_about
from tls_test import QUESTION, Certificates, TlsServer


class Shipped(unittest.TestCase):
    def setUp(self):
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "haproxy.cfg"

    def assert_taken(self, text):
        self.path.write_text(text)
        taken, words = haproxy.checked(self.path)
        self.assertTrue(taken, words)
        self.assertNotRegex(words, "(?i)warning")

    def test_haproxy_takes_the_file_as_it_is(self):
        try:
            pwd.getpwnam("haproxy")
        except KeyError:
            self.skipTest("the user haproxy is missing, whom Debian's package makes")
        self.assert_taken(haproxy.CONFIGURATION.read_text())

    def test_haproxy_takes_it_with_its_options(self):
        self.assert_taken(haproxy.configured((1, 2, 3), 4, 5))
        bounded = {"# hash-balance-factor 150": "hash-balance-factor 150"}
        self.assert_taken(haproxy.configured((1, 2, 3), 4, 5, **bounded))


class Routing(Fleet):
    def test_the_same_picture_meets_the_same_node_however_it_is_named(self):
        ways = {
            "header": lambda number: {"headers": {"X-Fovea-Picture": f"catalogue/{number}"}},
            "prompt_cache_key": lambda number: {"prompt_cache_key": f"conversation-{number}"},
            "body": lambda number: {},
        }
        pictures = 0
        for way, named in ways.items():
            homes = []
            for number in range(8):
                homes.append(self.home_of(picture_number(pictures), **named(number)))
                pictures += 1
            self.assertEqual(set(homes), set(NODES), way)  # the names decide it, and they are always the same
            self.assertRegex(self.balancer.log.read_text(), rf"named by {way},")
        self.assertEqual(self.encoded(), pictures)

    def test_a_name_counts_before_the_body_and_the_first_of_several_counts(self):
        for name in "abcdefgh":
            def met(names, picture, **more):
                return self.met(lambda: self.ask(picture, headers={"X-Fovea-Picture": names}, **more))
            self.assertEqual(met(name, picture_number(1)), met(f"{name}, another", picture_number(2), prompt_cache_key="c"))
        self.assertEqual(self.home_of(picture_number(2), prompt_cache_key=""), self.home_of(picture_number(2)))

    def test_a_key_that_is_sent_back_meets_one_node_that_then_has_the_picture(self):
        pictures = [picture_number(number) for number in range(100, 106)]
        keys = [self.ask(picture)["Fovea-Image-Keys"] for picture in pictures]
        for picture, key in zip(pictures, keys):
            home = self.home_of(picture, headers={"X-Fovea-Picture": key})
            asked, hits = self.looked_up(home)
            self.assertEqual(self.home_of(picture, headers={"X-Fovea-Picture": key}), home)
            self.assertEqual(self.looked_up(home), (asked + len(QUESTIONS), hits + len(QUESTIONS)))

    def test_the_text_around_a_picture_and_the_api_make_no_difference(self):
        picture = picture_number(4)
        home = self.home_of(picture)
        self.assertEqual(self.home_of(picture, system="A text with \"data\" and data: in it. " * 50), home)
        data = base64.b64encode(picture).decode()
        source = {"type": "base64", "media_type": "image/png", "data": data}
        messages = {"max_tokens": 8, "messages": [{"role": "user", "content": [{"type": "image", "source": source}]}]}
        responses = {"input": [{"role": "user", "content": [
            {"type": "input_image", "image_url": f"data:image/png;base64,{data}"}]}], "max_output_tokens": 16}
        for path, body in (("/v1/messages", messages), ("/v1/responses", responses)):
            for indent in (None, 2):
                def send(path=path, body=body, indent=indent):
                    self.assertEqual(self.send(json.dumps(body, indent=indent), path)[0], 200)
                self.assertEqual(self.met(send), home, path)

    def test_an_uploaded_file_meets_one_node_by_its_id(self):
        boundary, picture = "here", picture_number(5)
        parts = (f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n--{boundary}\r\n'
                 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n').encode()
        status, _, reply = self.send(parts + picture + f"\r\n--{boundary}--\r\n".encode(), "/v1/files",
                                     {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        self.assertEqual(status, 200, reply)
        self.all_are_shared(1)
        part = {"type": "file", "file": {"file_id": json.loads(reply)["id"]}}
        self.assertEqual(len({self.met(lambda body=body: self.send(body)) for body in self.questions_about(part)}), 1)

    def test_an_address_meets_one_node_too(self):
        part = {"type": "image_url", "image_url": {"url": "https://pictures.example/one.png"}}
        for body in self.questions_about(part):
            self.assertEqual(self.send(body)[0], 400)  # no node fetches it, since none was allowed to
        self.assertEqual(sorted(int(row["stot"]) for row in self.balancer.nodes().values()), [0, 0, 8])

    def questions_about(self, part):
        for words in range(8):
            content = [{"type": "text", "text": "Look. " * words}, part]
            yield json.dumps({"max_tokens": 8, "messages": [{"role": "user", "content": content}]})

    def test_texts_alone_go_to_all_nodes(self):
        body = json.dumps({"max_tokens": 1, "messages": [{"role": "user", "content": "Hello"}]})
        for _ in range(60):
            self.assertEqual(self.send(body)[0], 200)
        shares = {node: int(row["stot"]) for node, row in self.balancer.nodes().items()}
        self.assertGreater(min(shares.values()), 0, shares)

    def test_a_picture_larger_than_the_buffer_meets_one_node_too(self):
        dice = random.Random(6)
        side = 700
        rows = b"".join(b"\0" + dice.randbytes(3 * side) for _ in range(side))
        picture = png(side, side, zlib.compress(rows, 0))
        self.assertGreater(len(question_about(picture, "")), 1.5 * (1 << 20))
        home = self.home_of(picture)
        for words in range(1, 8):  # what is cut off behind the buffer differs each time
            self.assertEqual(self.met(lambda words=words: self.ask(picture, system="Look. " * words)), home)
        # What stands behind such a picture does not fit, so it does not count; in front of it, it does.
        self.assertEqual(self.home_of(picture, prompt_cache_key="unseen"), home)
        self.assertEqual(self.encoded(), 1)

    def test_an_event_of_a_stream_arrives_while_the_next_ones_are_computed(self):
        picture = picture_number(7)
        home = self.home_of(picture)
        with self.begun_stream(picture, **ENDLESS):
            self.assertEqual(self.in_progress(home), 1)

    def test_its_numbers_and_no_node_s(self):
        numbers = self.balancer.numbers("/metrics")
        self.assertIn('haproxy_server_status{proxy="nodes",server="node1",state="UP"} 1', numbers)
        self.assertIn('haproxy_frontend_http_responses_total{proxy="clients",code="5xx"} 0', numbers)  # of an alert
        for path in ("/metrics", "/metrics?a=b", "/%6detrics", "/%6Det%72ics?a=b", "http://one.example/%6detrics"):
            status, _, body = self.balancer.request("GET", path)
            self.assertEqual((status, json.loads(body)["error"]["code"]), (404, "not_found"), path)
        # Paths that a node does not take for that one either, whatever it says of them.
        for path in ("//metrics", "/./metrics", "/v1/../metrics", "/metrics/", "/%256detrics", "/%6detrics%", "/metrics%00",
                     "/metrics;a", "/v1/metrics", "/METRICS"):
            status, _, body = self.balancer.request("GET", path)
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"fovea_requests", body, path)

class Killed(Fleet):
    pictures = [picture_number(number) for number in range(10)]

    def test_nothing_fails_that_was_not_on_it_and_only_its_pictures_move(self):
        homes = [self.home_of(picture) for picture in self.pictures]
        lost = homes[0]
        failed = self.fails_of_a_load_while(lambda: self.servers[lost].stop(signal.SIGKILL))
        self.assertEqual(failed, [])  # what was on it was asked of another
        self.balancer.until(lost, "DOWN")  # before that, each of its requests goes to any other
        moved = [self.home_of(picture) for picture in self.pictures]
        self.assertEqual([home for home in moved if home == lost], [])
        self.assertEqual([new for old, new in zip(homes, moved) if old != lost], [old for old in homes if old != lost])
        self.servers[lost] = self.started_again(self.servers[lost])
        self.balancer.until(lost, "UP")
        self.assertEqual([self.home_of(picture) for picture in self.pictures], homes)

    def started_again(self, server):
        """Another server on its port, once no connection has this port at its own end."""
        for tries_left in reversed(range(60)):
            try:
                return Server(*self.flags(), *self.flags_of_nodes, port=server.port)
            except AssertionError:
                if tries_left == 0:
                    raise
                time.sleep(1)

    def fails_of_a_load_while(self, kill):
        """The numbers of pictures whose requests failed. Four clients ask before, during and after."""
        failed, asked, enough = [], [0] * 4, threading.Event()

        def client(index):
            dice = random.Random(index)
            while not enough.is_set():
                number = dice.randrange(len(self.pictures))
                try:
                    status = self.send(question_about(self.pictures[number], QUESTIONS[0]))[0]
                except (OSError, http.client.HTTPException) as error:
                    status = repr(error)
                if status != 200:
                    failed.append(number)
                asked[index] += 1

        def until_asked(more):
            goal, end = [count + more for count in asked], time.monotonic() + WAIT_S
            while any(count < least for count, least in zip(asked, goal)):
                self.assertLess(time.monotonic(), end, "the clients wait")
                time.sleep(0.01)

        threads = [threading.Thread(target=client, args=(index,)) for index in range(len(asked))]
        for thread in threads:
            thread.start()
        try:
            until_asked(5)
            kill()
            until_asked(15)
        finally:
            enough.set()
            for thread in threads:
                thread.join()
        return failed

    def test_what_waited_for_it_is_asked_of_another_and_a_stream_that_began_breaks_off(self):
        picture = self.pictures[0]
        home = self.home_of(picture)
        with self.begun_stream(picture, **ENDLESS) as stream:
            reply = self.reply_of_a_killed(home, question_about(picture, QUESTIONS[1]))
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                stream.read()
        self.assertEqual(reply[0], 200)

    def test_an_upload_is_not_repeated(self):
        name = {"X-Fovea-Picture": "a name, so that the upload goes where the question went"}
        for path in ("/v1/files", "/v1/%66iles"):
            home = self.home_of(self.pictures[0], headers=name)
            status, _, body = self.reply_of_a_killed(home, b"a form", path, name)
            self.assertEqual((status, json.loads(body)["error"]["code"]), (502, "node_failed"), path)
            self.balancer.until(home, "DOWN")

    def reply_of_a_killed(self, node, *request):
        """What a request gets whose node takes it, does nothing about it, and is killed."""
        replies, before = [], int(self.balancer.nodes()[node]["scur"])
        self.servers[node].child.send_signal(signal.SIGSTOP)
        asking = threading.Thread(target=lambda: replies.append(self.send(*request)))
        asking.start()
        end = time.monotonic() + WAIT_S
        while int(self.balancer.nodes()[node]["scur"]) == before and time.monotonic() < end:
            time.sleep(0.01)
        self.servers[node].stop(signal.SIGKILL)
        asking.join()
        return replies[0]

    def test_with_no_node_left_the_error_is_readable(self):
        for server in self.servers.values():
            server.stop(signal.SIGKILL)
        status, headers, body = self.send(question_about(self.pictures[0], QUESTIONS[0]))
        self.assertEqual((status, headers["Retry-After"], headers["Content-Type"]), (503, "1", "application/json"))
        self.assertEqual(json.loads(body)["error"]["code"], "no_node")


class Refused(Fleet):
    flags_of_nodes = (*EMBEDDINGS_ALONE, "--max-requests", "1", "--max-body", "3MiB")

    def test_a_node_with_too_much_to_do_is_helped_by_another(self):
        picture = picture_number(8)
        home = self.home_of(picture)
        with self.begun_stream(picture, **ENDLESS):
            self.assertNotEqual(self.met(lambda: self.ask(picture, QUESTIONS[1])), home)
        end = time.monotonic() + WAIT_S
        while self.in_progress(home) and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(self.home_of(picture), home)

    def test_a_node_that_is_asked_to_stop_loses_nothing(self):
        picture, ended = picture_number(9), []
        home = self.home_of(picture)
        stopping = threading.Thread(target=lambda: ended.append(self.servers[home].stop()))
        with self.begun_stream(picture, **{**ENDLESS, "max_tokens": 300}) as stream:
            stopping.start()
            for question in QUESTIONS:
                self.ask(picture, question)
            self.assertTrue(stream.read().endswith(b"data: [DONE]\n\n"))
        stopping.join()
        self.assertEqual(ended, [0])

    def test_a_body_that_no_node_takes_gets_the_node_s_refusal(self):
        status, _, body = self.send(json.dumps({"messages": "x" * (4 << 20)}))
        self.assertEqual(status, 413)
        self.assertIn("error", json.loads(body))


class Full(unittest.TestCase):
    def test_with_as_many_clients_as_there_may_be_its_numbers_are_told(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        few = {"maxconn 520": "maxconn 8", "maxconn 500": "maxconn 4"}
        balancer = haproxy.Balancer(folder, haproxy.free_ports(len(NODES)), **few)
        self.addCleanup(balancer.stop)
        for _ in range(6):  # two of them wait
            self.enterContext(socket.create_connection(("127.0.0.1", balancer.port), WAIT_S))
        end = time.monotonic() + WAIT_S
        while balancer.numbers("/metrics").count('haproxy_frontend_current_sessions{proxy="clients"} 4\n') != 1:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)


class Encrypted(unittest.TestCase):
    line = "# default-server ssl verify required ca-file /etc/haproxy/nodes-ca.pem"

    def balancer(self, node, authority):
        """One that believes this authority."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        line = self.line.removeprefix("# ").replace("/etc/haproxy/nodes-ca.pem", str(authority))
        balancer = haproxy.Balancer(folder, [node.port] * len(NODES), **{self.line: line})
        self.addCleanup(balancer.stop)
        return balancer

    def test_nodes_are_asked_over_tls_if_the_right_authority_signed_their_certificates(self):
        certificates, others = Certificates(), Certificates()
        for each in (certificates, others):
            self.addCleanup(each.folder.cleanup)
        certificates.server("node")
        with TlsServer(certificates, *certificates.flags("node")) as node:
            balancer = self.balancer(node, certificates.path("root.pem"))
            self.assertEqual(balancer.request("POST", "/v1/chat/completions", json.dumps(QUESTION))[0], 200)
            balancer = self.balancer(node, others.path("root.pem"))
            self.assertEqual(balancer.request("POST", "/v1/chat/completions", json.dumps(QUESTION))[0], 503)
            for name in NODES:
                balancer.until(name, "DOWN")


if __name__ == "__main__":
    if haproxy.PROGRAM is None:
        print("haproxy is not installed")
        sys.exit(77)
    unittest.main()
