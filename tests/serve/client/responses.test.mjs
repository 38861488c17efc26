// POST /v1/responses in its basic form, through the official client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { dataUrl, levels, Server } from "./server.mjs";

describe("responses", () => {
  let server, client;
  before(async () => {
    server = await Server.start();
    client = server.client();
  });
  after(async () => assert.equal(await server.stop(), 0));

  const asking = (more = {}) => ({
    model: "any",
    instructions: "Answer briefly.",
    input: [{ role: "user", content: [
      { type: "input_image", image_url: dataUrl("one.png"), detail: "auto" },
      { type: "input_text", text: "What is it?" },
    ] }],
    temperature: 0,
    max_output_tokens: 16,
    ...more,
  });

  test("an answer, and the same one again from the cache", async () => {
    const first = await client.responses.create(asking()).withResponse();
    assert.match(first.data.output_text, /\w/);
    assert.equal(first.data.status, "completed");
    assert.ok(first.data.usage.input_tokens > 0);
    const again = await client.responses.create(asking()).withResponse();
    assert.equal(levels(again.response)["fovea-response"], "hit");
    assert.equal(again.data.output_text, first.data.output_text);
    assert.equal(again.data.usage.input_tokens_details.cached_tokens, first.data.usage.input_tokens);
    assert.notEqual(again.data.id, first.data.id);
  });

  test("a stream of events", async () => {
    const whole = await client.responses.create(asking({ max_output_tokens: 2 }));
    assert.equal(whole.status, "incomplete");
    assert.equal(whole.incomplete_details.reason, "max_output_tokens");
    for (const more of [{}, { max_output_tokens: 2 }]) {
      const expected = await client.responses.create(asking(more));
      const stream = client.responses.stream(asking(more));
      const types = [];
      let said = "";
      for await (const event of stream) {
        assert.equal(event.sequence_number, types.length);
        types.push(event.type);
        if (event.type === "response.output_text.delta") said += event.delta;
      }
      assert.equal(said, expected.output_text);
      assert.equal(types[0], "response.created");
      assert.equal(types.at(-1), `response.${expected.status}`);
      assert.equal((await stream.finalResponse()).output_text, said);
    }
  });

  test("what it does not do is refused by name", async () => {
    for (const [param, more] of Object.entries({
      "tools[0].type": { tools: [{ type: "web_search" }] },
      background: { background: true },
      input: { input: [] },
    }))
      await assert.rejects(client.responses.create(asking(more)), { status: 400, param });
    const unknown = client.responses.create(asking({ previous_response_id: "resp_1" }));
    await assert.rejects(unknown, { status: 404, param: "previous_response_id" });
    assert.equal((await client.responses.create({ model: "any", input: "Hello", max_output_tokens: 4 })).object, "response");
  });
});
