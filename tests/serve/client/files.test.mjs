// /v1/files: a picture is uploaded once, encoded ahead of the first question, and asked about by its id.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asking, levels, OpenAI, sample, Server, text } from "./server.mjs";

const upload = async (client, name, purpose = "vision") =>
  client.files.create({ file: await OpenAI.toFile(sample(name), name), purpose });
const byId = (id) => ({ type: "file", file: { file_id: id } });

describe("files", () => {
  let server, client;
  before(async () => {
    server = await Server.start();
    client = server.client();
  });
  after(async () => assert.equal(await server.stop(), 0));

  test("a picture is encoded before the first question", async () => {
    const file = await upload(client, "one.png");
    assert.match(file.id, /^file-[0-9a-f]{32}$/);
    assert.equal(file.purpose, "vision");
    assert.equal(file.filename, "one.png");
    assert.equal(file.bytes, sample("one.png").length);
    assert.ok(file.expires_at > file.created_at);
    await server.until(/fovea_cache_insertions_total\{level="embedding"\} [1-9]/);
    const { response } = await client.chat.completions.create(asking([byId(file.id), text("What is it?")])).withResponse();
    assert.equal(levels(response)["fovea-embedding"], "hit");
  });

  test("listed, shown, fetched and removed", async () => {
    const file = await upload(client, "two.png");
    assert.equal((await client.files.list()).data[0].id, file.id);
    assert.equal((await client.files.retrieve(file.id)).bytes, file.bytes);
    const content = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
    assert.deepEqual(content, sample("two.png"));
    assert.equal((await client.files.delete(file.id)).deleted, true);
    await assert.rejects(client.files.retrieve(file.id), { status: 404 });
    await assert.rejects(client.chat.completions.create(asking([byId(file.id), text("What is it?")])), { status: 404 });
  });

  test("what is no picture is not stored", async () => {
    await assert.rejects(upload(client, "questions.json"), { status: 400, param: "file" });
    await assert.rejects(upload(client, "one.png", "fine-tune"), { status: 400, param: "purpose" });
    await assert.rejects(client.files.create({ purpose: "vision" }), { status: 400 });
  });
});

test("files expire", async () => {
  const server = await Server.start(["--files-ttl", "0.2"]);
  const client = server.client();
  const { id } = await upload(client, "one.png");
  while ((await client.files.list()).data.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(client.files.retrieve(id), { status: 404 });
  await server.stop();
});
