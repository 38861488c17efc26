"""The two systems that are compared, Fovea and LlamaServer. Each is a process that answers requests.

A request is a plain dictionary: messages (role, and parts that are {"text": ...} or {"image": path}) and max_tokens.
The answers of both are timed here, in the client, from just before the request is sent until the answer is complete.
The JSON of llama-server's request is made before the clock starts. Several threads may use a system.
"""

import base64
import contextlib
import functools
import http.client
import json
import queue
import socket
import subprocess
import threading
import time
from dataclasses import asdict, dataclass, field

ANSWER_SECONDS_MAX = 900  # of one request: a queue of first requests at the speed of a large model
START_SECONDS_MAX = 300  # to load a large model from a slow disk
JSON_HEADER = {"Content-Type": "application/json"}


class PeerError(Exception):
    """A system did not start, ended, or refused a request; says which and why."""


@dataclass
class Answer:
    text: str
    total_ms: float
    first_ms: float  # until the first text
    prompt_tokens: int
    answer_tokens: int
    cached_tokens: int  # of the prompt, which the decoder did not have to prefill
    levels: str = ""  # Fovea's outcomes: response, prefix, embedding
    token_ms: list = field(default_factory=list)  # when each piece of text came

    def plain(self):
        return asdict(self)


class Process:
    """A program with its messages in a log file, on the given processors. It ends when this one ends."""

    def __init__(self, name, command, log, processors, **pipes):
        self.name, self.log = name, log
        # setpriv makes the kernel stop the program if this script is killed; taskset pins it.
        wrapped = ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", ",".join(map(str, processors)), *command]
        with open(log, "wb") as messages:
            self.child = subprocess.Popen(wrapped, stderr=messages, **{"stdout": messages, **pipes})

    def failed(self, why):
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()[-8:]
        return PeerError("\n  ".join([f"{self.name}: {why}", *lines]))

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class System:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()


class Fovea(System):
    """peer_bench: a line of JSON for each request and each answer. A thread gives the answers to their waiters."""

    name = "Fovea"

    def __init__(self, setup):
        command = [str(setup.program / "peer_bench"), "--model", setup.model, "--mmproj", setup.mmproj,
                   "--clients", str(setup.clients), "--parallel", str(setup.clients),
                   "--ctx-size", str(setup.ctx_size * setup.clients), "--threads", str(setup.threads)]
        self.process = Process("peer_bench", command, setup.folder / "peer_bench.log", setup.processors,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Lock()
        self.waiting, self.count, self.ended = {}, 0, False
        threading.Thread(target=self.hand_out, daemon=True).start()

    def hand_out(self):
        try:
            for line in self.process.child.stdout:
                came = time.perf_counter()
                answer = json.loads(line.decode("utf-8", "replace"))
                with self.lock:
                    waiting = self.waiting.pop(answer["id"], None)
                if waiting is not None:
                    waiting.put((answer, came))
        finally:
            with self.lock:
                self.ended = True
                for waiting in self.waiting.values():
                    waiting.put((None, 0))

    def ask(self, request):
        answered = queue.SimpleQueue()
        with self.lock:
            self.count += 1
            number = self.count
            self.waiting[number] = answered
            ended = self.ended
        line = (json.dumps({"id": number, "times": True, **request}) + "\n").encode()
        began = time.perf_counter()
        answer, came = (None, 0) if ended else self.exchange(line, answered)
        if answer is None:
            raise self.process.failed("ended, or did not answer in time")
        if "error" in answer:
            raise self.process.failed(answer["error"])
        return Answer(answer["text"], 1000 * (came - began), answer["first_token_ms"], answer["prompt_tokens"],
                      answer["answer_tokens"], answer["cached_tokens"],
                      " ".join(answer[level] for level in ("response", "prefix", "embedding")), answer["token_ms"])

    def exchange(self, line, answered):
        try:
            with self.lock:
                self.process.child.stdin.write(line)
                self.process.child.stdin.flush()
            return answered.get(timeout=ANSWER_SECONDS_MAX)
        except (OSError, queue.Empty):
            return None, 0


class LlamaServer(System):
    """llama-server on a free port of this machine, over HTTP.

    It closes a connection after it has streamed an answer over it. So every request has a new one, which is made
    before the clock starts.
    """

    name = "llama-server"

    def __init__(self, setup):
        self.port = free_port()
        command = ["llama-server", "-m", setup.model, "--mmproj", setup.mmproj, "--host", "127.0.0.1",
                   "--port", str(self.port), "-t", str(setup.threads), "-c", str(setup.ctx_size * setup.clients),
                   "--no-webui", "-np", str(setup.clients), *setup.server_options]
        self.process = Process("llama-server", command, setup.folder / "llama-server.log", setup.processors)
        try:
            self.wait_until_ready()
        except BaseException:
            self.process.stop()
            raise

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.child.poll() is not None:
                raise self.process.failed("ended while starting")
            try:
                if self.exchange("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass  # not listening yet
            time.sleep(0.1)
        raise self.process.failed(f"not ready after {START_SECONDS_MAX} s")

    @contextlib.contextmanager
    def connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)
        connection.connect()
        try:
            yield connection
        finally:
            connection.close()

    def exchange(self, method, path, document=None):
        """Status and document of a small request."""
        with self.connection() as connection:
            connection.request(method, path, None if document is None else json.dumps(document), JSON_HEADER)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def count_tokens(self, text):
        return len(self.exchange("POST", "/tokenize", {"content": text})[1]["tokens"])

    def slot_tokens(self):
        """The tokens of a slot: less than configured if the model was trained for less."""
        return self.exchange("GET", "/props")[1]["default_generation_settings"]["n_ctx"]

    def ask(self, request):
        body = chat_body(request)
        try:
            with self.connection() as connection:
                began = time.perf_counter()
                connection.request("POST", "/v1/chat/completions", body, JSON_HEADER)
                response = connection.getresponse()
                if response.status != 200:
                    why = response.read(2000).decode("utf-8", "replace")
                    raise self.process.failed(f"status {response.status}: {why}")
                return read_stream(response, began)
        except (OSError, http.client.HTTPException) as error:
            raise self.process.failed(f"no answer: {error}") from error


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def chat_body(request):
    messages = [{"role": message["role"], "content": content_of(message["parts"])} for message in request["messages"]]
    return json.dumps({"messages": messages, "max_tokens": request["max_tokens"], "temperature": 0, "stream": True,
                       "stream_options": {"include_usage": True}}).encode()


def content_of(parts):
    if len(parts) == 1 and "text" in parts[0]:
        return parts[0]["text"]
    return [{"type": "text", "text": part["text"]} if "text" in part else
            {"type": "image_url", "image_url": {"url": data_url(part["image"])}} for part in parts]


@functools.lru_cache(maxsize=256)
def data_url(path):
    with open(path, "rb") as file:
        return "data:image/png;base64," + base64.b64encode(file.read()).decode()


def read_stream(response, began):
    """The answer in a stream of events. It is complete when the stream says so."""
    pieces, token_ms, usage, total_ms = [], [], {}, None
    for line in response:
        if not line.startswith(b"data: "):
            continue
        now_ms = 1000 * (time.perf_counter() - began)
        if line.startswith(b"data: [DONE]"):
            total_ms = now_ms
            continue
        event = json.loads(line[len(b"data: "):].decode("utf-8", "replace"))
        if "error" in event:
            raise PeerError(f"llama-server: {event['error']}")
        usage = event.get("usage") or usage
        piece = "".join(choice["delta"].get("content") or "" for choice in event["choices"])
        if piece:
            pieces.append(piece)
            token_ms.append(now_ms)
    if total_ms is None:
        raise PeerError("llama-server: the answer was cut off")
    return Answer("".join(pieces), total_ms, token_ms[0] if token_ms else total_ms, usage.get("prompt_tokens", 0),
                  usage.get("completion_tokens", 0), usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
                  token_ms=token_ms)
