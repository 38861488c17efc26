// What a relay does beside chats: tools, the other APIs, and everything that it only passes on. In front of
// llama-server, and of Fovea itself.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LlamaServer, Server, asking, dataUrl, image, text, toolModel } from "./server.mjs";

const tools = [{
  type: "function",
  function: {
    name: "count",
    description: "Counts things in the picture",
    parameters: { type: "object", properties: { what: { type: "string", enum: ["circles", "squares"] } }, required: ["what"] },
  },
}];
const calling = (words, more = {}) =>
  asking(words, { tools, tool_choice: "required", max_completion_tokens: 200, ...more });

const base64 = (name) => dataUrl(name).split(",")[1];

// The data of a stream's events.
const events = (body) => body.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));

// A streamed answer's tool calls, joined.
function joined(body) {
  const calls = [];
  for (const data of events(body)) {
    if (data === "[DONE]") continue;
    for (const { index, id, function: piece } of JSON.parse(data).choices[0]?.delta.tool_calls ?? []) {
      const call = (calls[index] ??= { id: "", name: "", arguments: "" });
      call.id += id ?? "";
      call.name += piece?.name ?? "";
      call.arguments += piece?.arguments ?? "";
    }
  }
  return calls;
}

const told = (message) => message.tool_calls.map(({ id, function: { name, arguments: given } }) => ({ id, name, arguments: given }));

// A hit's calls: the stored ones, with ids of their own.
function sameCallsAnew(calls, stored) {
  const withoutIds = (list) => list.map(({ id, ...rest }) => rest);
  assert.deepEqual(withoutIds(calls), withoutIds(stored));
  for (const [i, { id }] of calls.entries()) {
    assert.notEqual(id, stored[i].id);
    assert.equal(id.length, stored[i].id.length);
  }
}

// `calls`: whether the other server makes the bundled model call tools. llama-server does not: the model's template
// has no tools, and then it ignores them.
function suite(name, start, { calls, same }) {
  const testOfCalls = calls ? test : test.skip;
  describe(name, () => {
    let upstream, relay;
    before(async () => {
      upstream = await start();
      relay = (await Server.start(["--upstream", `${upstream.url}/v1`])).with(upstream);
    });
    after(() => relay?.stop());

    async function send(server, path, body, { method = body ? "POST" : "GET", headers = {} } = {}) {
      const reply = await fetch(server.url + path, {
        method,
        headers: { ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
        body: body ? JSON.stringify(body) : undefined,
      });
      return { status: reply.status, headers: reply.headers, cache: reply.headers.get("cache-status") ?? "", body: await reply.text() };
    }
    const post = (path, body, options) => send(relay, path, body, options);
    const json = (reply) => JSON.parse(reply.body);

    testOfCalls("a tool call is stored and replayed, whole and streamed", async () => {
      const request = calling([image("one.png"), text("How many circles?")]);
      const first = await post("/v1/chat/completions", request);
      assert.equal(first.status, 200, first.body);
      assert.match(first.cache, /^fovea-response; fwd=miss; stored/);
      const calls = told(json(first).choices[0].message);
      assert.equal(calls[0].name, "count");
      assert.ok(["circles", "squares"].includes(JSON.parse(calls[0].arguments).what));
      assert.equal(json(first).choices[0].finish_reason, "tool_calls");

      const again = await post("/v1/chat/completions", request);
      assert.match(again.cache, /^fovea-response; hit/);
      sameCallsAnew(told(json(again).choices[0].message), calls);
      const streamed = await post("/v1/chat/completions", { ...request, stream: true });
      assert.match(streamed.cache, /^fovea-response; hit/);
      sameCallsAnew(joined(streamed.body), calls);
      assert.match(streamed.body, /"finish_reason":"tool_calls"/);
    });

    testOfCalls("a streamed tool call is folded into the same answer", async () => {
      const request = calling("How many squares?");
      const streamed = await post("/v1/chat/completions", { ...request, stream: true });
      const calls = joined(streamed.body);
      assert.equal(calls[0].name, "count", streamed.body);
      const whole = await post("/v1/chat/completions", { ...request, stream_options: undefined });
      if (!/^fovea-response; hit/.test(whole.cache)) {
        // A stream that told no token counts cannot stand in for an answer that has them.
        assert.match(whole.cache, /fwd=miss/);
        const counted = calling("How many squares, counted?", { stream: true, stream_options: { include_usage: true } });
        const kept = joined((await post("/v1/chat/completions", counted)).body);
        const { stream, stream_options, ...plain } = counted;
        const replayed = await post("/v1/chat/completions", plain);
        assert.match(replayed.cache, /^fovea-response; hit/);
        sameCallsAnew(told(json(replayed).choices[0].message), kept);
        assert.ok(json(replayed).usage.prompt_tokens > 0);
      }
    });

    testOfCalls("other tools are another question", async () => {
      const renamed = structuredClone(tools);
      renamed[0].function.name = "tally";
      const reply = await post("/v1/chat/completions", calling([image("one.png"), text("How many circles?")], { tools: renamed }));
      assert.match(reply.cache, /fwd=miss/);
      assert.equal(told(json(reply).choices[0].message)[0].name, "tally");
    });

    test("a picture in a tool's result is in the key, by its bytes", async () => {
      const messages = (content) => [
        { role: "user", content: "What do you see?" },
        { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: { name: "count", arguments: "{}" } }] },
        { role: "tool", tool_call_id: "c1", content },
      ];
      const ask = (content) => post("/v1/chat/completions", asking("", { messages: messages(content), tools }));
      const first = await ask([image("one.png")]);
      assert.equal(first.headers.get("fovea-image-keys")?.length, 64, first.body);
      if (first.status !== 200) return; // a server whose template takes no pictures there
      const spelt = dataUrl("one.png").replace("data:image/png;base64,", "DATA:;BASE64,");
      assert.match((await ask([{ type: "image_url", image_url: { url: spelt } }])).cache, /^fovea-response; hit/);
      assert.match((await ask([image("two.png")])).cache, /fwd=miss/);
    });

    test("completions, messages and responses are stored, whole and streamed", async () => {
      const question = { temperature: 0, max_tokens: 8 };
      const asked = [
        ["/v1/completions", { ...question, prompt: "One picture" }],
        ["/v1/messages", { ...question, model: "any", messages: [{ role: "user", content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: base64("one.png") } },
          { type: "text", text: "How many?" }] }] }],
        ["/v1/responses", { model: "any", temperature: 0, max_output_tokens: 8, store: false, input: [{ role: "user", content: [
          { type: "input_image", image_url: dataUrl("one.png") }, { type: "input_text", text: "How many?" }] }] }],
      ];
      for (const [path, request] of asked) {
        for (const stream of [false, true]) {
          const body = { ...request, stream };
          const direct = await send(upstream, path, body);
          const first = await post(path, body);
          assert.equal(first.status, direct.status, `${path}: ${first.body}`);
          if (first.status !== 200) continue;
          const second = await post(path, body);
          assert.match(second.cache, /^fovea-response; hit/, `${path} ${stream} ${first.body}`);
          assert.equal(second.headers.get("content-type").split(";")[0], first.headers.get("content-type").split(";")[0]);
          const nameless = (text) => text.replace(/"id":"[^"]*"|"created":[0-9]+/g, "");
          assert.equal(nameless(second.body), nameless(first.body), path);
        }
      }
    });

    test("all else is passed on as it is", async () => {
      for (const [path, body] of same) {
        const direct = await send(upstream, path, body);
        const passed = await send(relay, path, body);
        assert.equal(passed.status, direct.status, `${path}: ${passed.body}`);
        assert.equal(passed.body, direct.body, path);
        assert.match(passed.cache, /fovea; fwd=bypass/, path);
      }
    });

    test("any method is passed on", async () => {
      for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE"]) {
        const direct = await send(upstream, "/no/such/path", undefined, { method });
        const passed = await send(relay, "/no/such/path", undefined, { method });
        assert.equal(passed.status, direct.status, method);
      }
    });

    test("what is Fovea's own stays here", async () => {
      const direct = await send(relay, "/v1/cache/stats");
      assert.equal(direct.status, 200);
      assert.ok(json(direct).levels ?? direct.body.includes("response"));
      assert.equal((await post("/v1/cache/no-such-thing", {})).status, 404);
      assert.equal((await send(relay, "/health")).body, '{"status":"ok"}');
    });
  });
}

suite("in front of llama-server", () => LlamaServer.start(), {
  calls: false,
  same: [
    ["/tokenize", { content: "One picture" }],
    ["/v1/models"],
    ["/v1/embeddings", { input: "a" }],
    ["/no/such/path?a=b"],
    ["/apply-template", { messages: [{ role: "user", content: "a" }] }],
  ],
});
suite("in front of Fovea", () => Server.start(toolModel), {
  calls: true,
  same: [["/tokenize", { content: "One picture" }], ["/v1/models"], ["/no/such/path?a=b"]],
});
