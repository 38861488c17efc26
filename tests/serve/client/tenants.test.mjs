// Keys, tenants and their limits.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { asking, image, levels, OpenAI, sample, Server, text } from "./server.mjs";

const hash = (key) => execFileSync(process.env.FOVEA_PROGRAM, ["serve", "--hash-key"], { input: key }).toString().trim();

describe("tenants", () => {
  let folder, file, server;
  const tenants = (more = "") =>
    `[tenants.alice]\nkeys = ["${hash("alice-key")}"]\nadmin = true\n\n` +
    `[tenants.bob]\nkeys = ["${hash("bob-key")}", "${hash("bob-other-key")}"]\n` +
    `[tenants.poor]\nkeys = ["${hash("poor-key")}"]\nrequests_per_minute = 2\nbytes_per_minute = "1MiB"\n` +
    `[tenants.dora]\nkeys = ["${hash("dora-key")}"]\ngroup = "lab"\n[tenants.eve]\nkeys = ["${hash("eve-key")}"]\ngroup = "lab"\n${more}`;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fovea-tenants-"));
    file = join(folder, "keys.toml");
    writeFileSync(file, tenants());
    server = await Server.start(["--keys", file]);
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const ask = (key, content = [image("one.png"), text("What is it?")], more = {}) =>
    server.client(key).chat.completions.create(asking(content, more)).withResponse();

  test("nobody without a key, or with a wrong one", async () => {
    await assert.rejects(ask("mallory"), { status: 401, code: "invalid_api_key" });
    const reply = await fetch(`${server.url}/v1/models`);
    assert.equal(reply.status, 401);
    assert.equal(reply.headers.get("www-authenticate"), "Bearer");
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
  });

  test("what one tenant was answered is not there for another (incident 10)", async () => {
    await ask("alice-key");
    assert.equal(levels((await ask("alice-key")).response)["fovea-response"], "hit");
    const { response } = await ask("bob-key");
    assert.match(levels(response)["fovea-response"], /^fwd=miss/);
    assert.match(levels(response)["fovea-embedding"], /^fwd=miss/);
    assert.match(levels(response)["fovea-prefix"], /^fwd=miss/);
    assert.equal(levels((await ask("bob-other-key")).response)["fovea-response"], "hit", "two keys, one tenant");
    const claimed = await ask("bob-key", undefined, { user: "alice", cache_salt: "alice", prompt_cache_key: "alice" });
    assert.match(levels(claimed.response)["fovea-response"], /^fwd=miss/, "incident 8");
  });

  test("tenants of a group share entries, and nothing else", async () => {
    const content = [image("four.png"), text("What is it?")];
    await ask("dora-key", content);
    assert.equal(levels((await ask("eve-key", content)).response)["fovea-response"], "hit");
    const picture = await OpenAI.toFile(sample("two.png"), "two.png");
    const { id } = await server.client("dora-key").files.create({ file: picture, purpose: "vision" });
    await assert.rejects(server.client("eve-key").files.retrieve(id), { status: 404 });
  });

  test("another tenant's file does not exist", async () => {
    const picture = await OpenAI.toFile(sample("two.png"), "two.png");
    const { id } = await server.client("alice-key").files.create({ file: picture, purpose: "vision" });
    const bob = server.client("bob-key");
    await assert.rejects(bob.files.retrieve(id), { status: 404 });
    await assert.rejects(bob.files.delete(id), { status: 404 });
    await assert.rejects(bob.files.content(id), { status: 404 });
    assert.deepEqual((await bob.files.list()).data, []);
    await assert.rejects(ask("bob-key", [{ type: "file", file: { file_id: id } }, text("What is it?")]), { status: 404 });
  });

  test("a tenant empties what is its own", async () => {
    const content = [image("three.png"), text("What is it?")];
    const [{ response }] = [await ask("bob-key", content), await ask("alice-key", content)];
    const key = response.headers.get("fovea-image-keys");
    const purge = (who) => server.client(who).delete(`/cache/images/${key}`);
    assert.ok((await purge("bob-key")).entries >= 2);
    assert.equal(levels((await ask("alice-key", content)).response)["fovea-response"], "hit");
    const again = await ask("bob-key", content);
    assert.match(levels(again.response)["fovea-response"], /^fwd=miss/);
    assert.match(levels(again.response)["fovea-embedding"], /^fwd=miss/);
    await assert.rejects(server.client("bob-key").post("/cache/reset", { body: { tenant: "alice" } }), { status: 403 });
    await assert.rejects(server.client("bob-key").get("/cache/stats"), { status: 403 });
    assert.ok((await server.client("bob-key").post("/cache/reset")).entries > 0);
    assert.equal(levels((await ask("alice-key", content)).response)["fovea-response"], "hit");
    await server.client("alice-key").post("/cache/reset", { body: { tenant: "alice" } });
    assert.match(levels((await ask("alice-key", content)).response)["fovea-response"], /^fwd=miss/);
    await assert.rejects(server.client("bob-key").delete("/cache/images/../x"), { status: 404 });
    await assert.rejects(server.client("bob-key").delete("/cache/images/xyz"), { status: 400 });
  });

  test("limits: so many requests and bytes a minute", async () => {
    await ask("poor-key");
    await ask("poor-key");
    const error = await ask("poor-key").then(assert.fail, (reason) => reason);
    assert.equal(error.status, 429);
    assert.match(error.message, /2 requests a minute/);
    assert.ok(Number(error.headers.get("retry-after")) >= 1);
  });

  test("SIGHUP reads the keys again; a broken file changes nothing", async () => {
    writeFileSync(file, "[tenants");
    server.child.kill("SIGHUP");
    await server.saying(/the old keys stay/);
    await ask("bob-key");
    writeFileSync(file, tenants(`[tenants.carol]\nkeys = ["${hash("carol-key")}"]\n`));
    server.child.kill("SIGHUP");
    await server.saying(/the keys were read again/);
    await ask("carol-key");
  });
});

test("others than this machine need keys, or the operator's word", async () => {
  await assert.rejects(Server.start(["--host", "0.0.0.0"]), /--keys FILE, or --insecure/);
  const server = await Server.start(["--host", "0.0.0.0", "--insecure"]);
  await server.stop();
});
