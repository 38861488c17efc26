#!/usr/bin/env python3
"""Writes samples/audit: a small log in each format that `fovea audit` reads, about pictures that are drawn here. Nobody asked
any of it. recorded.jsonl is what a server that records would write of chat.jsonl; it is not written here.
"""

import base64
import json
from pathlib import Path

from draw_log import png

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "audit"
BEGIN = 1_796_000_000  # 2026-11-30, 06:13:20 UTC
RULES = "You look at pictures of items that people want to sell. Answer in one sentence, and only from what is visible. "


def data_url(number, level=9):
    return "data:image/png;base64," + base64.b64encode(png(number, level)).decode()


def image(url, **more):
    return {"type": "image_url", "image_url": {"url": url, **more}}


def text(words):
    return {"type": "text", "text": words}


def lines(name, rows):
    (SAMPLES / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def chat(system, *content, temperature=0):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": list(content)}]
    return {"model": "qwen2.5-vl-7b", "messages": messages, "temperature": temperature, "max_tokens": 64}


def chat_log():
    """Two clients. One asks as it should. The other has the time in its system prompt, and pictures behind questions."""
    url = "https://pictures.example.org/items/1.jpg"
    good = [
        chat(RULES, image(data_url(1)), text("What is this?")), chat(RULES, image(data_url(1)), text("Which colour is it?")),
        chat(RULES, image(data_url(2)), text("What is this?")), chat(RULES, image(data_url(1)), text("What is this?")),
    ]
    clock = [f"It is 2026-11-30 06:{minute}:00. " + RULES for minute in (14, 15, 16, 17)]
    bad = [
        chat(clock[0], text("What is this?"), image(data_url(1, 1))), chat(clock[1], text("What is this?"), image(url)),
        chat(clock[2], text("What is this?"), image(url + "?v=2", detail="high")),
        chat(clock[3], text("What is this?"), image(url, detail="low"), temperature=0.7),
    ]
    for number, (client, body) in enumerate([*(("catalogue", body) for body in good), *(("support", body) for body in bad)]):
        usage = {"prompt_tokens": 300 + number, "completion_tokens": 12}
        yield {"timestamp": BEGIN + 20 * number, "client": client, "body": body, "duration_ms": 640.5,
               "response": {"status": 200, "usage": usage}}


def responses_log():
    for words in ("What is this?", "Which colour is it?", "What is this?"):
        content = [{"type": "input_image", "image_url": data_url(3), "detail": "auto"}, {"type": "input_text", "text": words}]
        yield {"model": "gpt-4o", "instructions": RULES, "temperature": 0, "input": [{"role": "user", "content": content}]}


def messages_log():
    source = {"type": "base64", "media_type": "image/png", "data": data_url(4).partition(",")[2]}
    for number, words in enumerate(("What is this?", "Which colour is it?", "What is this?")):
        content = [{"type": "image", "source": source}, text(words)]
        usage = {"input_tokens": 20, "cache_read_input_tokens": 280 if number else 0, "output_tokens": 9}
        yield {"time": f"2026-11-30T06:14:{10 + number}Z", "response": {"usage": usage},
               "request": {"model": "claude-sonnet-4-5", "max_tokens": 64, "temperature": 0, "system": RULES,
                           "metadata": {"user_id": "catalogue"}, "messages": [{"role": "user", "content": content}]}}


def litellm_log():
    contents = [[image(data_url(5)), text("What is this?")], [image(data_url(5)), text("What is this?")],
                [image("https://pictures.example.org/items/5.jpg"), text("What is this?")], [text("Hello")]]
    for number, content in enumerate(contents):
        begin = BEGIN + 3 * number
        yield {"id": f"call-{number}", "trace_id": f"trace-{number}", "call_type": "acompletion", "status": "success",
               "model": "openai/qwen2.5-vl-7b", "model_group": "qwen2.5-vl-7b", "custom_llm_provider": "openai",
               "startTime": begin + 0.1, "endTime": begin + 0.9, "completionStartTime": begin + 0.5, "prompt_tokens": 280,
               "completion_tokens": 9, "total_tokens": 289, "cache_hit": None, "end_user": f"user-{number}",
               "metadata": {"user_api_key_alias": "catalogue"}, "messages": [{"role": "user", "content": content}],
               "model_parameters": {"temperature": 0, "max_tokens": 64}}


def vllm_log():
    prompt = "<|im_start|>system\\n{}<|im_end|>\\n<|im_start|>user\\n<|vision_start|><|image_pad|><|vision_end|>{}<|im_end|>\\n"
    yield "INFO 11-30 06:13:01 [api_server.py:1034] Starting vLLM API server on http://0.0.0.0:8000"
    for number, words in enumerate(("What is this?", "Which colour is it?", "What is this?", "What\\'s this?")):
        yield (f"INFO 11-30 06:14:{10 + number} [logger.py:41] Received request chatcmpl-{number}: prompt: "
               f"'{prompt.format(RULES.strip(), words)}', params: SamplingParams(n=1, temperature=0.0, top_p=1.0, seed=None, stop=[], "
               "max_tokens=64), prompt_token_ids: None, prompt_embeds shape: None, lora_request: None.")
        yield 'INFO:     127.0.0.1:40000 - "POST /v1/chat/completions HTTP/1.1" 200 OK'


def har():
    def entry(seconds, method, url, body=None):
        request = {"method": method, "url": url, "headers": [{"name": "Authorization", "value": "Bearer not-a-real-key"}]}
        if body:
            request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
        reply = {"usage": {"prompt_tokens": 300, "completion_tokens": 9}} if body else ""
        return {"startedDateTime": f"2026-11-30T06:14:{seconds}.000Z", "time": 640.5, "request": request,
                "response": {"status": 200, "content": {"mimeType": "application/json", "text": json.dumps(reply)}}}

    ask = "https://api.example.org/v1/chat/completions"
    entries = [entry(10, "POST", ask, chat(RULES, image(data_url(6)), text("What is this?"))),
               entry(11, "GET", "https://example.org/logo.png"),
               entry(12, "POST", ask, chat(RULES, image(data_url(6)), text("Which colour is it?")))]
    return {"log": {"version": "1.2", "creator": {"name": "draw_samples.py", "version": "1"}, "entries": entries}}


def questions(folder):
    folder.mkdir(exist_ok=True)
    for number in (7, 8):
        (folder / f"{number}.png").write_bytes(png(number, 9))
    (folder / "8-again.png").write_bytes(png(8, 1))  # the same pixels in another file
    rows = ["time,picture,question,client", "2026-11-30T06:14:10Z,7.png,What is this?,catalogue",
            "2026-11-30T06:14:20Z,7.png,\"Which colour, if any?\",catalogue", "2026-11-30T06:14:30Z,8.png,What is this?,catalogue",
            "2026-11-30T06:14:40Z,8-again.png,What is this?,support", "2026-11-30T06:14:50Z,7.png,What is this?,support"]
    (folder / "questions.csv").write_text("\n".join(rows) + "\n")


def main():
    SAMPLES.mkdir(exist_ok=True)
    lines("chat.jsonl", chat_log())
    lines("responses.jsonl", responses_log())
    lines("messages.jsonl", messages_log())
    lines("litellm.jsonl", litellm_log())
    (SAMPLES / "vllm.log").write_text("\n".join(vllm_log()) + "\n")
    (SAMPLES / "browser.har").write_text(json.dumps(har(), indent=1) + "\n")
    questions(SAMPLES / "questions")


if __name__ == "__main__":
    main()
