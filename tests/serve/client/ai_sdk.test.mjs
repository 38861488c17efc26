// Vercel's AI SDK with its provider for OpenAI-compatible servers. A picture in a tool's result is no picture there: the
// provider writes it as JSON text. So pictures come from the user.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { packaged, sample, Server, toolModel } from "./server.mjs";

const { APICallError, generateObject, generateText, stepCountIs, streamText, tool } = await packaged("ai/dist/index.mjs");
const { createOpenAICompatible } = await packaged("@ai-sdk/openai-compatible/dist/index.mjs");
const { z } = await packaged("zod/index.js");

const picture = { type: "file", mediaType: "image/png", data: sample("one.png") };
const question = { type: "text", text: "What color is the star?" };
const shape = z.object({ shape: z.enum(["circle", "square", "star"]) });

describe("the AI SDK", () => {
  let server, model;
  before(async () => {
    server = await Server.start(toolModel);
    model = createOpenAICompatible({ name: "fovea", baseURL: `${server.url}/v1`, supportsStructuredOutputs: true })("any");
  });
  after(async () => assert.equal(await server.stop(), 0));

  const asking = (content, more = {}) =>
    ({ model, temperature: 0, maxOutputTokens: 128, maxRetries: 0, messages: [{ role: "user", content }], ...more });

  test("words about a picture, whole and streamed", async () => {
    assert.equal((await generateText(asking([picture, question]))).text, "black");
    assert.equal(await streamText(asking([picture, question])).text, "black");
  });

  test("a tool is called with what its schema says, whole and streamed", async () => {
    const found = [];
    const tools = { find: tool({ description: "Looks for a shape.", inputSchema: shape, execute: (input) => (found.push(input.shape), "yes") }) };
    const asked = asking([question], { tools, stopWhen: stepCountIs(2) });
    const whole = await generateText(asked);
    assert.equal(whole.steps.length, 2);
    assert.deepEqual(whole.steps[0].toolCalls.map(({ toolName, input }) => [toolName, input]), [["find", { shape: "star" }]]);
    assert.equal((await streamText(asked).steps).length, 2);
    assert.deepEqual(found, ["star", "star"]);
  });

  test("an object that fits a schema", async () => {
    const { object } = await generateObject(asking([picture, question], { schema: z.object({ color: z.enum(["red", "black"]) }) }));
    assert.ok(["red", "black"].includes(object.color));
  });

  test("errors are the client's", async () => {
    const broken = { ...picture, data: Buffer.from("no picture") };
    await assert.rejects(generateText(asking([broken, question])), (error) => APICallError.isInstance(error) && error.statusCode === 400);
  });
});
