// What POST /v1/chat/completions owes to the official client, whoever computes the answers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asking, dataUrl, endless, image, levels, sample, text } from "./server.mjs";

// `start` starts the server. `own`: it computes itself, so it knows of embeddings and judges every option;
// `fovea`: whoever computes is a Fovea.
export const chatSuite = (name, start, { own, fovea = own }) => describe(name, () => {
  let server, client;
  before(async () => {
    server = await start();
    client = server.client();
  });
  after(async () => assert.equal(await server.stop(), 0));

  const embedding = (response, expected) => own && assert.match(levels(response)["fovea-embedding"], expected);

  const ask = (content, more) => client.chat.completions.create(asking(content, more)).withResponse();

  test("an answer, and the same one again from the cache", async () => {
    const content = [image("one.png"), text("What is it?")];
    const first = await ask(content);
    assert.equal(first.data.object, "chat.completion");
    assert.match(first.data.choices[0].message.content, /\w/);
    assert.equal(first.data.choices[0].message.role, "assistant");
    assert.equal(first.data.choices[0].finish_reason, "stop");
    const { usage } = first.data;
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    assert.match(levels(first.response)["fovea-response"], /^fwd=miss; stored/);
    embedding(first.response, /^fwd=miss/);
    assert.match(first.response.headers.get("server-timing"), /generate;dur=[\d.]+/);
    assert.equal(first.response.headers.get("age"), null);

    const again = await ask(content);
    assert.deepEqual(again.data.choices, first.data.choices);
    assert.equal(levels(again.response)["fovea-response"], "hit");
    assert.match(again.response.headers.get("age"), /^\d+$/);
    if (own) assert.equal(again.data.usage.prompt_tokens_details.cached_tokens, usage.prompt_tokens);
    assert.notEqual(again.data.id, first.data.id, "incident 20: an id of its own");
  });

  test("another question about the picture needs no second look", async () => {
    await ask([image("two.png"), text("What is it?")]);
    const { response } = await ask([text("Now look: what colour is it?"), image("two.png")]);
    assert.match(levels(response)["fovea-response"], /^fwd=miss/);
    embedding(response, /^hit$/);
  });

  test("a stream says what the whole says, also from the cache", async () => {
    const content = [image("three.png"), text("What is it?")];
    for (const expected of ["fwd=miss", "hit"]) {
      const { data: stream, response } = await ask(content, { stream: true, stream_options: { include_usage: true } });
      let said = "", finish, usage;
      const ids = new Set();
      for await (const chunk of stream) {
        ids.add(chunk.id);
        said += chunk.choices[0]?.delta.content ?? "";
        finish = chunk.choices[0]?.finish_reason ?? finish;
        usage = chunk.usage ?? usage;
      }
      assert.equal(levels(response)["fovea-response"].split(";")[0], expected);
      assert.equal(ids.size, 1);
      assert.equal(finish, "stop");
      assert.ok(usage.completion_tokens > 0);
      const whole = await ask(content);
      assert.equal(said, whole.data.choices[0].message.content);
    }
  });

  test("several pictures, and which comes first matters", async () => {
    const [a, b] = [image("one.png"), image("mint.png")];
    const first = await ask([a, b, text("Compare.")]);
    const turned = await ask([b, a, text("Compare.")]);
    assert.match(levels(turned.response)["fovea-response"], /^fwd=miss/, "incident 6");
    embedding(turned.response, /^hit$/);
    assert.equal(first.response.headers.get("fovea-image-keys").split(", ").length, 2);
  });

  test("answers drawn at random are not stored (incidents 7 and 18)", async () => {
    for (const more of [{ temperature: undefined }, { temperature: 0.9 }]) {
      for (let i = 0; i < 2; ++i) {
        const { response } = await ask([image("four.png"), text("What is it?")], more);
        assert.match(levels(response)["fovea-response"], /^fwd=bypass; detail=.*random/);
      }
    }
    const seeded = { temperature: 0.9, seed: 7 };
    const first = await ask([image("four.png"), text("What is it?")], seeded);
    const again = await ask([image("four.png"), text("What is it?")], seeded);
    assert.equal(levels(again.response)["fovea-response"], "hit");
    assert.deepEqual(again.data.choices, first.data.choices);
  });

  test("every option is part of the question (incident 7)", async () => {
    const content = [image("cream.png"), text("What is it?")];
    const whole = await ask(content);
    const cut = await ask(content, { max_completion_tokens: 1 });
    assert.equal(cut.data.choices[0].finish_reason, "length");
    assert.equal(cut.data.usage.completion_tokens, 1);
    const stop = whole.data.choices[0].message.content.slice(2, 4);
    const stopped = await ask(content, { stop: [stop] });
    assert.equal(stopped.data.choices[0].message.content, whole.data.choices[0].message.content.split(stop)[0]);
  });

  test("Cache-Control: what may be read and written", async () => {
    const send = async (control, question = "What is it?") => {
      const options = { headers: { "Cache-Control": control } };
      const body = asking([image("clear.png"), text(question)]);
      const { response } = await client.chat.completions.create(body, options).withResponse();
      return levels(response);
    };
    assert.match((await send("no-store"))["fovea-response"], /^fwd=miss$/);
    assert.match((await send(""))["fovea-response"], /^fwd=miss; stored/);
    assert.equal((await send(""))["fovea-response"], "hit");
    assert.match((await send("no-cache"))["fovea-response"], /^fwd=request/);
    assert.equal((await send("max-age=3600"))["fovea-response"], "hit");
    assert.match((await send("max-age=0"))["fovea-response"], /^fwd=miss; stored/);
  });

  test("a picture that is not to be stored is not shown on the dashboard either", async () => {
    const key = async (file, control) => {
      const body = asking([image(file), text("Is it round?")]);
      const options = { headers: { "Cache-Control": control } };
      return (await client.chat.completions.create(body, options).withResponse()).response.headers.get("fovea-image-keys");
    };
    const hidden = await key("wide.png", "no-store");
    const shown = await key("tall.png", "no-cache");
    let state;
    do state = await (await fetch(`${server.url}/v1/dashboard/state`)).text(); while (!state.includes(shown));
    assert.ok(!state.includes(hidden));
    assert.equal((await fetch(`${server.url}/v1/dashboard/thumbnails/${hidden}`)).status, 404);
  });

  test("cache_salt narrows who shares", async () => {
    const content = [image("grey.png"), text("What is it?")];
    await ask(content);
    const salted = await ask(content, { cache_salt: "mine" });
    assert.match(levels(salted.response)["fovea-response"], /^fwd=miss/);
    embedding(salted.response, /^fwd=miss/);
    assert.equal(levels((await ask(content, { cache_salt: "mine" })).response)["fovea-response"], "hit");
  });

  test("log probabilities", async () => {
    const { data } = await ask([image("one.png"), text("What is it?")], { logprobs: true, top_logprobs: 3 });
    const tokens = data.choices[0].logprobs.content;
    assert.equal(tokens.length, data.usage.completion_tokens);
    for (const token of tokens) {
      assert.ok(token.logprob <= 0);
      assert.equal(token.top_logprobs.length, 3);
      assert.ok(token.top_logprobs[0].logprob >= token.top_logprobs[2].logprob);
    }
    assert.equal(tokens.map((token) => token.token).join("").trim(), data.choices[0].message.content.trim());
  });

  test("a client that leaves in the middle stops its request and harms nobody (incident 19)", async () => {
    const stored = async () => (await client.get("/cache/stats")).levels[0].insertions;
    const before = await stored();
    const abort = new AbortController();
    const stream = await client.chat.completions.create(endless([image("photo.jpg"), text("Go on.")], { stream: true }), {
      signal: abort.signal,
    });
    for await (const chunk of stream) {
      assert.ok(chunk.id);
      abort.abort();
      break;
    }
    await server.until(/fovea_requests_total\{response="none",status="499"\} 1\b/);
    assert.equal(await stored(), before, "what was cut off is not stored");
    await ask([image("photo.jpg"), text("What is it?")]);
  });

  test("bad requests get a sentence, and where it belongs the field's name", async () => {
    const bad = async (body, options) => {
      try {
        await client.chat.completions.create(body, options);
      } catch (error) {
        return error;
      }
      assert.fail("it was answered");
    };
    const cases = [
      [{ model: "m" }, "messages", /messages is missing/],
      [{ model: "m", messages: [{ role: "user", content: [7] }] }, "messages[0].content[0]", /must be an object/],
      [asking([{ type: "image_url", image_url: { url: "data:image/png;base64,!!!!" } }]), "messages[0].content[0].image_url.url", /base64/],
      [asking([{ type: "image_url", image_url: { url: "file:///etc/passwd" } }]), "messages[0].content[0].image_url.url", /data: URL/],
      [asking(Array.from({ length: 200 }, () => image("one.png"))), /content\[128\]/, /128 pictures/],
    ];
    const judged = [
      [{ model: "m", messages: [] }, "messages", /empty/],
      [asking([text("x")], { temperature: "hot" }), "temperature", /must be a number/],
      [asking([text("x")], { temperature: 99 }), "temperature", /between/],
      [asking([text("x")], { n: 9 }), "n", /between 1 and 8/],
      [asking([text("x")], { tools: [{ type: "web_search" }] }), "tools[0].type", /no tools of its own/],
      [asking([{ type: "input_audio", input_audio: {} }]), "messages[0].content[0].type", /text, image_url/],
      [{ model: "m", messages: [{ role: "wizard", content: "x" }] }, "messages[0].role", /wizard/],
      [asking([{ type: "image_url", image_url: { url: "https://example.com/a.png" } }]), "messages[0].content[0].image_url.url", /nothing is fetched/],
    ];
    for (const [body, param, message] of fovea ? [...cases, ...judged] : cases) {
      const error = await bad(body);
      assert.equal(error.status, 400, error.message);
      assert.equal(error.type, "invalid_request_error");
      if (param instanceof RegExp) assert.match(error.param, param);
      else assert.equal(error.param, param);
      assert.match(error.message, message);
    }
    if (!fovea) return;  // what Fovea cannot read, another server may
    const cut = sample("photo.jpg").subarray(0, 2000).toString("base64");
    const damaged = await bad(asking([{ type: "image_url", image_url: { url: `data:image/jpeg;base64,${cut}` } }]));
    assert.equal(damaged.status, 400);
    assert.match(damaged.message, /damaged or cut short/);
  });

  test("what is no JSON, no UTF-8, no path and no method", async () => {
    const post = (body) => fetch(`${server.url}/v1/chat/completions`, { method: "POST", body });
    for (const body of ["", "{", "[]", "null", "{\"messages\": \"\\ud800\"}", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "[".repeat(100000)]) {
      const reply = await post(body);
      assert.equal(reply.status, 400);
      assert.match((await reply.json()).error.message, /\w/);
    }
    for (const path of ["/v1/nothing", "/../etc/passwd", "/v1/files/../../x", "/%00", "/v1/files/%2e%2e"]) {
      const reply = await fetch(server.url + path);
      assert.equal(reply.status, 404, path);
      assert.equal((await reply.json()).error.type, "not_found_error");
    }
    // In front of another server, a method that is not Fovea's is that server's.
    if (fovea) assert.equal((await fetch(`${server.url}/v1/chat/completions`)).status, 405);
    assert.match((await client.models.list()).data[0].id, /fovea-tiny/);
    await assert.rejects(client.models.retrieve("gpt-99"), { status: 404 });
  });

  test("detail is understood, and a picture's name is never its content (incident 4)", async () => {
    const content = (detail) => [{ type: "image_url", image_url: { url: dataUrl("turned.jpg"), detail } }, text("What is it?")];
    await ask(content("auto"));
    const again = own ? "high" : "auto";  // what another server makes of it is not known
    assert.equal(levels((await ask(content(again))).response)["fovea-response"], "hit");
    await assert.rejects(ask(content("enormous")), { status: 400 });
  });
});
