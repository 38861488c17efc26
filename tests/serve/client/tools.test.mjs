// Tools, through the official openai client: the model that calls them, its whole loop.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { dataUrl, image, Server, text, toolModel } from "./server.mjs";

const schema = {
  type: "object",
  properties: { shape: { type: "string", enum: ["circle", "square", "star"] } },
  required: ["shape"],
  additionalProperties: false,
};
const screenshot = { type: "function", function: { name: "screenshot", parameters: { type: "object", properties: {} } } };
const find = { type: "function", function: { name: "find", description: "Looks for a shape.", parameters: schema } };
const question = "What color is the star?";

describe("tools", () => {
  let server, client;
  before(async () => {
    server = await Server.start(toolModel);
    client = server.client();
  });
  after(async () => assert.equal(await server.stop(), 0));

  const asking = (messages, more = {}) =>
    ({ model: "any", messages, tools: [screenshot, find], temperature: 0, max_tokens: 128, ...more });
  const ask = async (messages, more) => (await client.chat.completions.create(asking(messages, more))).choices[0];

  test("a question, a call, a picture from the tool, an answer", async () => {
    const messages = [{ role: "user", content: question }];
    const first = await ask(messages);
    assert.equal(first.finish_reason, "tool_calls");
    const [call] = first.message.tool_calls;
    assert.equal(call.function.name, "find");
    assert.deepEqual(JSON.parse(call.function.arguments), { shape: "star" });
    messages.push(first.message, { role: "tool", tool_call_id: call.id, content: [image("one.png")] });
    const second = await ask(messages);
    assert.equal(second.message.content, "black");
    assert.equal(second.finish_reason, "stop");
  });

  test("a stream helper puts the same call together, also from the cache", async () => {
    for (let i = 0; i < 2; ++i) {
      const stream = client.chat.completions.stream(asking([{ role: "user", content: question }]));
      const [call] = (await stream.finalChatCompletion()).choices[0].message.tool_calls;
      assert.deepEqual(JSON.parse(call.function.arguments), { shape: "star" });
    }
  });

  test("the client's own loop", async () => {
    const asked = [];
    const run = client.chat.completions.runTools(asking([{ role: "user", content: [image("one.png"), text("Hello")] }], {
      tool_choice: { type: "function", function: { name: "find" } },
      tools: [{ ...find, function: { ...find.function, parse: JSON.parse, function: ({ shape }) => (asked.push(shape), "yes") } }],
    }), { maxChatCompletions: 2 });
    await run.finalFunctionToolCallResult();
    assert.ok(schema.properties.shape.enum.includes(asked[0]));
  });

  test("responses: a function call and a picture in its output", async () => {
    const tools = [{ type: "function", strict: true, ...find.function }];
    const asked = { model: "any", tools, temperature: 0, max_output_tokens: 128 };
    const input = [{ role: "user", content: question }];
    const first = await client.responses.create({ ...asked, input });
    const call = first.output.find((item) => item.type === "function_call");
    assert.deepEqual(JSON.parse(call.arguments), { shape: "star" });
    const { call_id, name, arguments: written } = call;
    input.push({ type: "function_call", call_id, name, arguments: written });
    input.push({ type: "function_call_output", call_id, output: [{ type: "input_image", image_url: dataUrl("one.png") }] });
    assert.equal((await client.responses.create({ ...asked, input })).output_text, "black");
  });
});
