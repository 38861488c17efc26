// A server for a test: started on a free port, known by its base URL, stopped by its process id.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { readFileSync } from "node:fs";

const { FOVEA_PROGRAM, FOVEA_NODE_MODULES, FOVEA_SOURCE_DIR } = process.env;
export const packaged = (path) => import(pathToFileURL(join(FOVEA_NODE_MODULES, path)).href);
export const { default: OpenAI } = await packaged("openai/index.mjs");

export class Server {
  // `flags` behind `fovea serve --port 0`.
  static async start(flags = [], env = {}) {
    const child = spawn(FOVEA_PROGRAM, ["serve", "--port", "0", ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, OMP_WAIT_POLICY: "passive", ...env },
    });
    const said = [];
    const url = await new Promise((resolve, reject) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        said.push(line);
        said.changed?.();
        const found = line.match(/ at (http:\S+)/);
        if (found) resolve(found[1]);
      });
      child.once("exit", (code) => reject(new Error(`fovea serve ended with ${code}: ${said.join("\n")}`)));
    });
    return new Server(child, url, said);
  }

  constructor(child, url, said) {
    Object.assign(this, { child, url, said });
    this.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  }

  // Another server, which is stopped with this one.
  with(other) {
    this.other = other;
    return this;
  }

  client(apiKey = "none", options = {}) {
    return new OpenAI({ baseURL: `${this.url}/v1`, apiKey, maxRetries: 0, ...options });
  }

  // Waits until the metrics say so.
  async until(pattern) {
    for (;;) {
      const page = await (await fetch(`${this.url}/metrics`)).text();
      if (pattern.test(page)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  // Waits until its log says so.
  async saying(pattern) {
    while (!this.said.some((line) => pattern.test(line))) await new Promise((resolve) => (this.said.changed = resolve));
  }

  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    const ended = await this.ended;
    await this.other?.stop();
    return ended;
  }
}

// llama-server with the bundled model.
export class LlamaServer {
  static async start() {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    const models = join(FOVEA_SOURCE_DIR, "models/tiny");
    const flags = ["--port", port, "-m", join(models, "fovea-tiny.gguf"), "--mmproj", join(models, "fovea-tiny-mmproj.gguf")];
    const child = spawn("llama-server", [...flags, "--no-webui"], { stdio: "ignore", env: { ...process.env, OMP_WAIT_POLICY: "passive" } });
    const server = new Server(child, `http://127.0.0.1:${port}`, []);
    for (;;) {
      const health = await fetch(`${server.url}/health`).catch(() => ({ ok: false }));
      if (health.ok) return server;
      if (child.exitCode !== null) throw new Error(`llama-server ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

// Flags for the model that calls tools.
export const toolModel = ["-m", join(FOVEA_SOURCE_DIR, "models/tiny/fovea-tiny-tools.gguf"),
  "--mmproj", join(FOVEA_SOURCE_DIR, "models/tiny/fovea-tiny-mmproj.gguf")];

export const sample = (name) => readFileSync(join(FOVEA_SOURCE_DIR, "samples", name));
export const dataUrl = (name) => `data:image/${name.split(".").pop()};base64,${sample(name).toString("base64")}`;
export const image = (name) => ({ type: "image_url", image_url: { url: dataUrl(name) } });
export const text = (words) => ({ type: "text", text: words });

// A request that is answered the same each time.
export const asking = (content, more = {}) => ({
  model: "any",
  messages: [{ role: "user", content }],
  temperature: 0,
  max_completion_tokens: 16,
  ...more,
});

// A request whose answer ends only with the room for it: the bundled model may not choose the token that ends
// an answer.
export const endless = (content, more = {}) =>
  asking(content, { logit_bias: { 1218: -100 }, max_completion_tokens: 3000, ...more });

// Cache-Status as {level: rest of its member}.
export const levels = (response) =>
  Object.fromEntries(
    response.headers
      .get("cache-status")
      .split(/, (?=fovea-)/)
      .map((member) => member.split(/; (.*)/)),
  );
