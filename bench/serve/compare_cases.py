"""What compare.py asks, as data: each Case is a request and what counts as its answer.

A check returns None where the reply is right, else what is wrong with it in a few words.
"""

import base64
import gzip
import io
import json
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PICTURE, QUESTION, ANSWER = "one.png", "What color is the star?", "black"
CHAT, COMPLETIONS, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"


@dataclass
class Reply:
    status: int
    headers: dict  # names in lower case
    body: bytes
    closed: bool = True
    rest: bytes = b""  # what came behind the reply on its connection

    def json(self):
        return json.loads(self.body)

    def events(self):
        return [json.loads(line[5:]) for line in self.body.splitlines() if line.startswith(b"data:") and b"[DONE]" not in line]


@dataclass
class Case:
    group: str
    name: str
    path: str = CHAT
    body: object = None  # JSON, or bytes as they are
    check: object = None
    method: str = "POST"
    headers: dict = field(default_factory=dict)
    raw: bytes = b""  # a whole request, for a socket, in place of all that
    before: tuple = ()  # cases asked first; their replies go to `body` if that is a function


# Checks.


def said(reply):
    return reply.json()["choices"][0]["message"]["content"]


def status(*wanted):
    return lambda reply: None if reply.status in wanted else refused(reply)


def refused(reply):
    """The status and the server's words."""
    try:
        document = reply.json()
        error = document.get("error", document)
        words = error if isinstance(error, str) else error.get("message", "")
    except (ValueError, AttributeError):
        words = ""
    return f"{reply.status} {' '.join(str(words).split())}".strip()


def ok(check):
    def whole(reply):
        if reply.status != 200:
            return refused(reply)
        try:
            return check(reply)
        except KeyError as missing:
            return f"200, without {missing}"
        except ValueError:
            return "200, but no JSON that is whole"
        except (IndexError, StopIteration, TypeError, AttributeError):
            return "200, with nothing of the kind"
    return whole


def is_true(says, test):
    return ok(lambda reply: None if test(reply) else f"200, but {says}")


answered = is_true("without text", lambda reply: isinstance(said(reply), str) and said(reply))
seen = is_true("the picture was not seen", lambda reply: said(reply).strip() == ANSWER)


def calls(test=lambda calls: True):
    def check(reply):
        choice = reply.json()["choices"][0]
        made = choice["message"].get("tool_calls") or []
        return bool(made) and choice["finish_reason"] in ("tool_calls", "stop", "length") and test(made)
    return is_true("no such call", check)


def arguments(made, number=0):
    return json.loads(made[number]["function"]["arguments"])


def streamed(test):
    return is_true("without such events", lambda reply: "text/event-stream" in reply.headers.get("content-type", "")
                   and test(reply.events()))


def json_answer(test):
    return is_true("other text", lambda reply: test(json.loads(said(reply))))


def closed_refusal(reply):
    if reply.status // 100 != 4:
        return refused(reply)
    if reply.rest or not reply.closed:
        return f"{reply.status}, and the connection stays open"
    return None


# Requests.


def file_bytes(name):
    return (SAMPLES / name).read_bytes()


def url(data=None, kind="image/png"):
    return f"data:{kind};base64," + base64.b64encode(data or file_bytes(PICTURE)).decode()


def image(address=None):
    return {"type": "image_url", "image_url": {"url": address or url()}}


def text(words=QUESTION):
    return {"type": "text", "text": words}


def chat(content="Hello", **more):
    return {"model": "any", "temperature": 0, "max_tokens": 16,
            "messages": [{"role": "user", "content": content}], **more}


def looking(address=None, **more):
    return chat([image(address), text()], **more)


def converted(kind, **how):
    picture = Image.open(SAMPLES / PICTURE).convert("RGB")
    if how.pop("alpha", False):
        picture = picture.convert("RGBA")
    if how.pop("palette", False):
        picture = picture.quantize(64)
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


TOOL = {"type": "function", "function": {
    "name": "find", "description": "Finds a shape.",
    "parameters": {"type": "object", "properties": {"shape": {"type": "string", "enum": ["circle", "star"]}},
                   "required": ["shape"], "additionalProperties": False}}}
SECOND = {"type": "function", "function": {"name": "screenshot", "parameters": {"type": "object", "properties": {}}}}
NAMED = {"type": "function", "function": {"name": "find"}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"shape": "star"}'}}
ROOM = {"max_tokens": 128}


def with_tools(content="Find it.", **more):
    return chat(content, **{"tools": [TOOL, SECOND], **ROOM, **more})


def after_call(result, **more):
    messages = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "call_1", "content": result}]
    return {"model": "any", "temperature": 0, "max_tokens": 16, "messages": messages, "tools": [TOOL], **more}


def tool_cases():
    group = "Tools"
    forced = {"tool_choice": "required"}
    yield Case(group, "`tools`, `tool_choice: auto`", body=with_tools(tool_choice="auto"), check=status(200))
    yield Case(group, "`tool_choice: none`", body=with_tools([image(), text()], tool_choice="none"), check=answered)
    yield Case(group, "`tool_choice: required`", body=with_tools(**forced), check=calls())
    yield Case(group, "`tool_choice`: a named function", body=with_tools(tool_choice=NAMED),
               check=calls(lambda made: made[0]["function"]["name"] == "find" and arguments(made)["shape"] in ("circle", "star")))
    yield Case(group, "a call where a picture was shown", body=with_tools([image(), text()], **forced), check=calls())
    yield Case(group, "a call in a stream: id, name, then arguments", body=with_tools(QUESTION, stream=True),
               check=streamed(lambda events: json.loads("".join(
                   call["function"].get("arguments", "") for event in events for choice in event["choices"]
                   for call in choice["delta"].get("tool_calls") or []))))
    yield Case(group, "`parallel_tool_calls: false`", body=with_tools(parallel_tool_calls=False, **forced),
               check=calls(lambda made: len(made) == 1))
    yield Case(group, "`strict: true`", body=with_tools(
        QUESTION, tools=[{**TOOL, "function": {**TOOL["function"], "strict": True}}, SECOND]), check=calls())
    yield Case(group, "`integer` with `minimum` and `maximum`", body=with_tools(
        tools=[{"type": "function", "function": {"name": "find", "parameters": {
            "type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 3, "maximum": 9}}}}}], **forced),
               check=calls(lambda made: 3 <= arguments(made)["n"] <= 9))
    yield Case(group, "`role: tool` with a text", body=after_call("a black star"), check=status(200))
    yield Case(group, "`role: tool` with parts of text", body=after_call([text("a star")]), check=status(200))
    yield Case(group, "`role: tool` with a picture, which is seen", body=after_call([image()]), check=seen)
    yield Case(group, "`tool_calls: []` in history", body={**chat(), "messages": [
        {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello", "tool_calls": []},
        {"role": "user", "content": "Hi"}]}, check=answered)
    yield Case(group, "a tool that is not in `tools` is refused", body=with_tools(
        tool_choice={"type": "function", "function": {"name": "other"}}), check=status(400))


def picture_cases():
    group = "Pictures"
    kinds = [("PNG", "PNG", {}), ("PNG with a palette", "PNG", {"palette": True}), ("PNG with alpha", "PNG", {"alpha": True}),
             ("JPEG", "JPEG", {"quality": 95}), ("JPEG, progressive", "JPEG", {"quality": 95, "progressive": True}),
             ("GIF", "GIF", {}), ("WebP", "WEBP", {"lossless": True}), ("BMP", "BMP", {}), ("TIFF", "TIFF", {}),
             ("TIFF, LZW", "TIFF", {"compression": "tiff_lzw"}), ("TGA", "TGA", {}), ("PPM", "PPM", {}), ("AVIF", "AVIF", {"quality": 95})]
    for name, kind, how in kinds:
        data = converted(kind, **how)
        yield Case(group, name, body=looking(url(data, "image/" + kind.lower())), check=seen)
    encoded = base64.b64encode(file_bytes(PICTURE)).decode()
    forms = [("`image_url` as a text", None), ("`data:` in capitals", url().replace("data:", "DATA:")),
             ("`;charset=` before `;base64`", f"data:image/png;charset=utf-8;base64,{encoded}"),
             ("`;BASE64`", f"data:image/png;BASE64,{encoded}"), ("no type", f"data:;base64,{encoded}"),
             ("URL-safe alphabet", "data:image/png;base64," + base64.urlsafe_b64encode(file_bytes(PICTURE)).decode()),
             ("no padding", "data:image/png;base64," + encoded.rstrip("=")),
             ("line breaks in the base64", "data:image/png;base64," + "\n".join(encoded[i:i + 76] for i in range(0, len(encoded), 76))),
             ("percent-encoded base64", "data:image/png;base64," + urllib.parse.quote(encoded, safe="")),
             ("percent-encoded bytes", "data:image/png," + urllib.parse.quote(file_bytes(PICTURE), safe="")),
             ("a wrong type", url(kind="image/jpeg"))]
    for name, address in forms:
        part = {"type": "image_url", "image_url": url()} if address is None else image(address)
        yield Case(group, f"data: {name}" if address else name, body=chat([part, text()]), check=seen)
    yield Case(group, "`detail`", body=chat([{"type": "image_url", "image_url": {"url": url(), "detail": "low"}}, text()]), check=seen)
    yield Case(group, "two pictures", body=chat([image(), image(), text()]), check=answered)
    yield Case(group, "twelve pictures", body=chat([image()] * 12 + [text()]), check=answered)
    yield Case(group, "a picture in a `system` message", body={**chat(), "messages": [
        {"role": "system", "content": [image()]}, {"role": "user", "content": QUESTION}]}, check=answered)
    yield Case(group, "a picture of 1 x 1 pixels", body=looking(url(tiny_png(1, 1))), check=answered)
    yield Case(group, "a picture of 2000 x 1 pixels", body=looking(url(tiny_png(2000, 1))), check=answered)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    yield Case(group, "an SVG is refused by its name", body=looking(url(svg, "image/svg+xml")),
               check=lambda reply: None if reply.status == 400 and b"SVG" in reply.body.upper() else refused(reply))
    half = file_bytes("photo.jpg")
    yield Case(group, "half a JPEG is refused", body=looking(url(half[:len(half) // 2], "image/jpeg")), check=status(400))


def tiny_png(width, height):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


SCHEMA = {"type": "object", "properties": {"color": {"type": "string", "enum": ["red", "black"]}}, "required": ["color"]}
BLACK = {"color": "black"}


def chat_cases():
    group = "Chat completions"
    fits = json_answer(lambda document: document["color"] in ("red", "black"))
    is_json = json_answer(lambda document: True)
    yield Case(group, "text alone", body=chat(), check=answered)
    yield Case(group, "`stream`, `include_usage`", body=looking(stream=True, stream_options={"include_usage": True}),
               check=streamed(lambda events: events[-1]["usage"]["total_tokens"]))
    yield Case(group, "`n: 3`", body=looking(n=3), check=is_true("other choices", lambda reply: len(reply.json()["choices"]) == 3))
    yield Case(group, "`n: 2` in a stream", body=looking(n=2, stream=True), check=streamed(
        lambda events: {choice["index"] for event in events for choice in event["choices"]} == {0, 1}))
    yield Case(group, "`logprobs`, `top_logprobs`", body=looking(logprobs=True, top_logprobs=3), check=is_true(
        "no such numbers", lambda reply: len(reply.json()["choices"][0]["logprobs"]["content"][0]["top_logprobs"]) == 3))
    yield Case(group, "`max_tokens: 0`", body=looking(max_tokens=0), check=status(200))
    yield Case(group, "`max_completion_tokens`", body=looking(max_completion_tokens=8), check=answered)
    yield Case(group, "`stop`", body=looking(stop=["bl"]), check=is_true("not stopped", lambda reply: "bl" not in (said(reply) or "")))
    yield Case(group, "`seed`, `top_p`, `top_k`, `min_p`", body=looking(seed=1, temperature=1, top_p=0.9, top_k=5, min_p=0.1), check=answered)
    yield Case(group, "`logit_bias`", body=looking(logit_bias={"1218": -100}), check=answered)
    yield Case(group, "`frequency_penalty`, `presence_penalty`", body=looking(frequency_penalty=0.5, presence_penalty=0.5), check=answered)
    yield Case(group, "`reasoning_effort`, `metadata`, `user`, `store: false`",
               body=looking(reasoning_effort="low", metadata={"a": "b"}, user="me", store=False), check=answered)
    yield Case(group, "an integer of 70 bits in an unknown field", body=looking(extra=1 << 70), check=answered)
    yield Case(group, "`developer` messages", body={**chat(), "messages": [
        {"role": "developer", "content": "Be brief."}, {"role": "user", "content": [image(), text()]}]}, check=answered)
    yield Case(group, "`refusal` parts in history", body={**chat(), "messages": [
        {"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "Hi"}]}, check=answered)
    yield Case(group, "a last message of the assistant is continued", body={**chat(), "messages": [
        {"role": "user", "content": [image(), text("Describe the picture.")]}, {"role": "assistant", "content": "a large"}]}, check=is_true(
            "begun anew", lambda reply: "black star" in said(reply) and not said(reply).startswith("a large a")))
    shape = {"type": "json_schema", "json_schema": {"name": "color", "schema": SCHEMA, "strict": True}}
    yield Case(group, "`response_format`: `json_schema`", body=looking(response_format=shape, **ROOM), check=fits)
    yield Case(group, "`response_format`: `json_object`", body=looking(response_format={"type": "json_object"}, **ROOM), check=is_json)
    yield Case(group, "`response_format`: `json_object` with `schema`", body=looking(
        response_format={"type": "json_object", "schema": SCHEMA}, **ROOM), check=fits)
    yield Case(group, "`json_schema` of llama-server", body=looking(json_schema=SCHEMA, **ROOM), check=fits)
    yield Case(group, "`grammar`", body=looking(grammar='root ::= "red" | "black"'), check=is_true(
        "other text", lambda reply: said(reply) in ("red", "black")))
    yield Case(group, "`guided_json` of vLLM is kept or refused", body=looking(guided_json=SCHEMA, **ROOM),
               check=lambda reply: None if reply.status == 400 else fits(reply))
    yield Case(group, "`structured_outputs` of vLLM is kept or refused", body=looking(structured_outputs={"json": SCHEMA}, **ROOM),
               check=lambda reply: None if reply.status == 400 else fits(reply))
    text_pattern = {**SCHEMA, "properties": {"color": {"type": "string", "pattern": "^(red|black)$"}}}
    yield Case(group, "`pattern` in a schema", body=looking(
        response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": text_pattern}}, **ROOM), check=fits)
    between = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "maximum": 7}}, "required": ["n"]}
    yield Case(group, "`minimum` and `maximum` in a schema", body=looking(
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": between}}, **ROOM),
               check=json_answer(lambda document: 3 <= document["n"] <= 7))
    multiple = {"type": "object", "properties": {"n": {"type": "integer", "multipleOf": 7}}, "required": ["n"]}
    yield Case(group, "`multipleOf` is kept or refused", body=looking(
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": multiple}}, **ROOM),
               check=lambda reply: None if reply.status == 400 else json_answer(lambda document: document["n"] % 7 == 0)(reply))
    yield Case(group, "`prompt_tokens_details.cached_tokens`", body=looking(), check=is_true(
        "none", lambda reply: "cached_tokens" in reply.json()["usage"]["prompt_tokens_details"]))
    yield Case(group, "`prompt_tokens_details.image_tokens`", body=looking(), check=is_true(
        "none", lambda reply: reply.json()["usage"]["prompt_tokens_details"]["image_tokens"] > 0))
    long = chat("word " * 9000)
    yield Case(group, "a prompt that is too long: 400, with both numbers as fields", body=long, check=lambda reply: None if reply.status
               == 400 and {"n_prompt_tokens", "n_ctx"} <= reply.json()["error"].keys() else refused(reply))
    yield Case(group, "control tokens in a user's text are plain text", body=chat("<|end|><|user|>" * 10), path="/apply-template",
               check=None)


def other_cases():
    group = "Other endpoints"
    yield Case(group, "`POST /v1/completions`, a text", COMPLETIONS, {"prompt": "What", "max_tokens": 4, "temperature": 0},
               is_true("no text", lambda reply: isinstance(reply.json()["choices"][0]["text"], str)))
    yield Case(group, "`POST /v1/completions`, a stream", COMPLETIONS, {"prompt": "What", "max_tokens": 4, "stream": True},
               streamed(lambda events: events))
    yield Case(group, "`POST /completion`", "/completion", {"prompt": "What", "n_predict": 4},
               is_true("no text", lambda reply: isinstance(reply.json()["content"], str)))
    for path, test in (("/v1/models", lambda d: d["data"]), ("/models", lambda d: d["data"]), ("/props", lambda d: d["chat_template"]),
                       ("/slots", lambda d: isinstance(d, list)), ("/health", lambda d: d["status"] == "ok")):
        yield Case(group, f"`GET {path}`", path, None, is_true("other fields", lambda reply, test=test: test(reply.json())), "GET")
    yield Case(group, "`GET /metrics`", "/metrics", None, status(200), "GET")
    yield Case(group, "`POST /tokenize`", "/tokenize", {"content": "What color"}, is_true("none", lambda reply: reply.json()["tokens"]))
    yield Case(group, "`POST /detokenize`", "/detokenize", {"tokens": [90, 91]}, is_true("none", lambda reply: "content" in reply.json()))
    yield Case(group, "`POST /apply-template`", "/apply-template", chat(), is_true("none", lambda reply: "<|user|>" in reply.json()["prompt"]))
    yield Case(group, "`POST /v1/chat/completions/render` (of vLLM)", "/v1/chat/completions/render", looking(), status(200))
    yield Case(group, "`POST /chat/completions`, without /v1", "/chat/completions", looking(), seen)
    data = f'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n--x\r\nContent-Disposition: form-data; ' \
           'name="file"; filename="a.png"\r\n\r\n'.encode() + file_bytes(PICTURE) + b"\r\n--x--\r\n"
    yield Case(group, "`POST /v1/files`", "/v1/files", data, is_true("none", lambda reply: reply.json()["id"]),
               headers={"Content-Type": "multipart/form-data; boundary=x"})
    yield Case(group, "`GET /v1/files?limit=1`", "/v1/files?limit=1", None, is_true("none", lambda reply: "data" in reply.json()), "GET")

    group = "Responses"
    asked = {"model": "any", "temperature": 0, "max_output_tokens": 16}
    content = [{"type": "input_image", "image_url": url()}, {"type": "input_text", "text": QUESTION}]
    looking_at = {**asked, "input": [{"role": "user", "content": content}]}
    function = {"type": "function", "name": "find", "parameters": TOOL["function"]["parameters"], "strict": True}

    def output(reply, kind="message"):
        return next(item for item in reply.json()["output"] if item["type"] == kind)
    yield Case(group, "a text", RESPONSES, {**asked, "input": "Hello"}, is_true("none", lambda reply: output(reply)["content"][0]["text"]))
    yield Case(group, "a picture", RESPONSES, looking_at,
               is_true("not seen", lambda reply: output(reply)["content"][0]["text"].strip() == ANSWER))
    yield Case(group, "a stream", RESPONSES, {**looking_at, "stream": True},
               streamed(lambda events: events[-1]["type"] == "response.completed"))
    yield Case(group, "`tools`: a `function_call`", RESPONSES, {**asked, "input": QUESTION, "tools": [function], "max_output_tokens": 128},
               is_true("none", lambda reply: json.loads(output(reply, "function_call")["arguments"])))
    history = [{"role": "user", "content": QUESTION}, {"type": "function_call", "call_id": "c1", "name": "find",
               "arguments": "{}"}, {"type": "function_call_output", "call_id": "c1", "output": content[:1]}]
    yield Case(group, "a picture in `function_call_output`", RESPONSES, {**asked, "input": history},
               is_true("not seen", lambda reply: output(reply)["content"][0]["text"].strip() == ANSWER))
    first = Case(group, "", RESPONSES, {**looking_at, "store": True}, status(200))
    yield Case(group, "`store: true`, then `previous_response_id`", RESPONSES, lambda replies: {
        **asked, "input": "Where is the star?", "previous_response_id": replies[0]["id"]}, status(200), before=(first,))
    yield Case(group, "`GET /v1/responses/ID`", lambda replies: f"{RESPONSES}/{replies[0]['id']}", None, status(200), "GET", before=(first,))

    group = "Messages (Anthropic)"
    head = {"anthropic-version": "2023-06-01", "x-api-key": "none"}
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(file_bytes(PICTURE)).decode()}
    block = {"type": "image", "source": source}
    asked = {"model": "any", "temperature": 0, "max_tokens": 16}
    looking_at = {**asked, "messages": [{"role": "user", "content": [block, text()]}]}
    tool = {"name": "find", "input_schema": TOOL["function"]["parameters"]}

    def block_of(reply, kind="text"):
        return next(part for part in reply.json()["content"] if part["type"] == kind)
    yield Case(group, "a picture", MESSAGES, looking_at, is_true("not seen", lambda reply: block_of(reply)["text"].strip() == ANSWER),
               headers=head)
    yield Case(group, "a stream", MESSAGES, {**looking_at, "stream": True},
               streamed(lambda events: events[0]["type"] == "message_start" and events[-1]["type"] == "message_stop"), headers=head)
    yield Case(group, "`tools`: a `tool_use`", MESSAGES, {**asked, "messages": [{"role": "user", "content": QUESTION}],
               "tools": [tool], "max_tokens": 128}, is_true("none", lambda reply: block_of(reply, "tool_use")["input"]["shape"]), headers=head)
    turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": [
        {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"shape": "star"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [block]}]}]
    yield Case(group, "a picture in `tool_result`", MESSAGES, {**asked, "tools": [tool], "messages": turns},
               is_true("not seen", lambda reply: block_of(reply)["text"].strip() == ANSWER), headers=head)
    yield Case(group, "`system` as blocks, with `cache_control`", MESSAGES, {**looking_at, "system": [
        {**text("Be brief."), "cache_control": {"type": "ephemeral"}}]}, status(200), headers=head)
    yield Case(group, "`POST /v1/messages/count_tokens`", MESSAGES + "/count_tokens", {"model": "any", "messages": looking_at["messages"]},
               is_true("none", lambda reply: reply.json()["input_tokens"] > 0), headers=head)
    yield Case(group, "errors have Anthropic's shape", MESSAGES, {"model": "any"}, lambda reply: None if reply.status == 400
               and reply.json().get("type") == "error" else refused(reply), headers=head)


def http_cases():
    group = "HTTP"
    body = json.dumps(looking()).encode()
    plain = json.dumps(chat()).encode()
    has_json = {"Content-Type": "application/json"}
    for method, path in (("HEAD", "/health"), ("HEAD", "/v1/models"), ("OPTIONS", CHAT)):
        yield Case(group, f"`{method} {path}`", path, None, status(200, 204), method)
    yield Case(group, "a preflight from a browser (`--cors-origins '*'`)", CHAT, None, lambda reply: None if reply.status in (200, 204)
               and "access-control-allow-origin" in reply.headers else refused(reply), "OPTIONS",
               {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
    yield Case(group, "a gzip body", CHAT, gzip.compress(body), seen, headers={**has_json, "Content-Encoding": "gzip"})
    yield Case(group, "`X-Api-Key`", CHAT, body, seen, headers={**has_json, "X-Api-Key": "none"})

    def raw(head, rest=b"", version="1.1"):
        return f"POST {CHAT} HTTP/{version}\r\nHost: here\r\nContent-Type: application/json\r\n{head}\r\n".encode() + rest
    length = f"Content-Length: {len(plain)}\r\n"
    chunk = b"%x\r\n%s\r\n" % (len(plain), plain)
    stream = json.dumps(chat(stream=True)).encode()
    yield Case(group, "a stream to an HTTP/1.0 client", raw=raw(f"Content-Length: {len(stream)}\r\n", stream, "1.0"),
               check=lambda reply: None if b"[DONE]" in reply.body else f"{reply.status}, and no events")
    yield Case(group, "a chunked body", raw=raw("Transfer-Encoding: chunked\r\n", chunk + b"0\r\n\r\n"), check=answered)
    yield Case(group, "`Transfer-Encoding: Chunked`, in capitals", raw=raw("Transfer-Encoding: Chunked\r\n", chunk + b"0\r\n\r\n"), check=answered)
    yield Case(group, "a chunked body with a trailer", raw=raw("Transfer-Encoding: chunked\r\n", chunk + b"0\r\nX-Sum: 1\r\n\r\n"), check=answered)
    yield Case(group, "`Expect: 100-continue`", raw=raw(length + "Expect: 100-continue\r\n", plain), check=answered)
    hidden = b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n"
    both = {"two different `Content-Length` are refused, and the connection is closed": f"{length}Content-Length: 5\r\n",
            "a length and chunks: refused and closed": f"{length}Transfer-Encoding: chunked\r\n",
            "`Content-Length: +2`: refused and closed": "Content-Length: +2\r\n",
            "a blank before the colon of `Transfer-Encoding`: refused and closed": f"{length}Transfer-Encoding : chunked\r\n"}
    for name, head in both.items():
        yield Case(group, name, raw=raw(head, b"0\r\n\r\n" + hidden), check=closed_refusal)
    yield Case(group, "an unknown path: 404, in JSON", "/v1/nothing", None,
               lambda reply: None if reply.status == 404 and "error" in reply.json() else refused(reply), "GET")
    yield Case(group, "a wrong method: 405 with `Allow`", CHAT, None,
               lambda reply: None if reply.status == 405 and "allow" in reply.headers else refused(reply), "GET")
    yield Case(group, "JSON cut short: 400", CHAT, body[:50], status(400), headers=has_json)
    yield Case(group, "an error does not echo the picture", CHAT, json.dumps(chat([{"type": "nothing", "url": url()}])).encode(),
               lambda reply: None if reply.status == 400 and len(reply.body) < 2000 else refused(reply)[:60], headers=has_json)


def cases():
    return [case for part in (chat_cases, tool_cases, picture_cases, other_cases, http_cases) for case in part() if case.check]
