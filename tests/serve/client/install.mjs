// Puts the packages of package-lock.json under FOLDER/node_modules, as `npm ci` would (npm itself is 400 Debian packages):
// node install.mjs FOLDER. What was downloaded must have the hash that the lock file has. Does nothing where it is there already.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const lock = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url)));

for (const [place, { resolved, integrity }] of Object.entries(lock.packages)) {
  if (!resolved) continue;
  const target = join(folder, place);
  if (existsSync(join(target, `.${integrity.replaceAll("/", "_")}`))) continue;
  const reply = await fetch(resolved);
  if (!reply.ok) throw new Error(`${resolved}: ${reply.status}; the npm registry must be reachable once`);
  const archive = Buffer.from(await reply.arrayBuffer());
  const [algorithm, expected] = integrity.split(/-(.*)/);
  const found = createHash(algorithm).update(archive).digest("base64");
  if (found !== expected) throw new Error(`${resolved}: its hash is ${found}, not ${expected}`);
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  execFileSync("tar", ["-xz", "--strip-components=1", "-C", partial], { input: archive });
  writeFileSync(join(partial, `.${integrity.replaceAll("/", "_")}`), "");
  rmSync(target, { recursive: true, force: true });
  renameSync(partial, target);
}
