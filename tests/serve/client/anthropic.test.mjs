// Anthropic's official client for Node: tools, streams, pictures, errors.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { packaged, sample, Server, toolModel } from "./server.mjs";

const { default: Anthropic } = await packaged("@anthropic-ai/sdk/index.mjs");

const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: sample("one.png").toString("base64") } };
const question = "What color is the star?";
const tools = [
  { name: "screenshot", input_schema: { type: "object", properties: {} } },
  { name: "find", input_schema: { type: "object", properties: { shape: { type: "string", enum: ["circle", "star"] } }, required: ["shape"] } },
];

describe("messages", () => {
  let server, client;
  before(async () => {
    server = await Server.start(toolModel);
    client = new Anthropic({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
  });
  after(async () => assert.equal(await server.stop(), 0));

  const asking = (messages, more = {}) => ({ model: "any", max_tokens: 128, temperature: 0, messages, ...more });

  test("a question, a call, a picture from the tool, an answer", async () => {
    const messages = [{ role: "user", content: question }];
    const first = await client.messages.create(asking(messages, { tools }));
    assert.equal(first.stop_reason, "tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    assert.deepEqual([call.name, call.input], ["find", { shape: "star" }]);
    messages.push({ role: "assistant", content: first.content });
    messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: [picture] }] });
    const second = await client.messages.create(asking(messages, { tools }));
    assert.deepEqual(second.content.map(({ type, text }) => [type, text]), [["text", "black"]]);
    assert.equal(second.stop_reason, "end_turn");
  });

  test("streams: a call, and words about a picture", async () => {
    const called = await client.messages.stream(asking([{ role: "user", content: question }], { tools })).finalMessage();
    assert.deepEqual(called.content.find((block) => block.type === "tool_use").input, { shape: "star" });
    const stream = client.messages.stream(asking([{ role: "user", content: [picture, { type: "text", text: question }] }]));
    const types = new Set();
    stream.on("streamEvent", ({ type }) => types.add(type));
    assert.equal(await stream.finalText(), "black");
    assert.deepEqual([...types], ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);
  });

  test("errors are the client's", async () => {
    const broken = { type: "image", source: { ...picture.source, data: "AAAA" } };
    await assert.rejects(client.messages.create(asking([{ role: "user", content: [broken] }])), Anthropic.BadRequestError);
    await assert.rejects(client.messages.create({ model: "any" }), (error) => error.error.type === "error");
  });
});
