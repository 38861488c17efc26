// Puts the packages of a lock file under FOLDER/node_modules, as `npm ci` would (npm itself is 400 Debian
// packages): node install.mjs FOLDER [LOCK]. LOCK is package-lock.json beside this file, unless another one is
// named. It names versions and hashes and no host: packages come from the registry that npm_config_registry
// names, as npm itself reads it, or from npm's own. What was downloaded must have the hash that the lock file
// has. Does nothing where it is there already.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const registry = (process.env.npm_config_registry ?? "https://registry.npmjs.org").replace(/\/+$/, "");
const lock = JSON.parse(readFileSync(process.argv[3] ?? new URL("package-lock.json", import.meta.url)));

const asked = async (address) => {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(`${address}: ${reply.status}; the npm registry must be reachable once`);
  return reply;
};

for (const [place, { version, resolved, integrity }] of Object.entries(lock.packages)) {
  if (!place) continue;  // this project itself
  if (resolved) {
    const remedy = "npm install --package-lock-only --omit-lockfile-registry-resolved";
    throw new Error(`${place}: the lock file names a host; make it again with ${remedy}`);
  }
  const target = join(folder, place);
  if (existsSync(join(target, `.${integrity.replaceAll("/", "_")}`))) continue;
  const name = place.split("node_modules/").pop();
  const { dist } = await (await asked(`${registry}/${name}/${version}`)).json();
  const archive = Buffer.from(await (await asked(dist.tarball)).arrayBuffer());
  const [algorithm, expected] = integrity.split(/-(.*)/);
  const found = createHash(algorithm).update(archive).digest("base64");
  if (found !== expected) throw new Error(`${dist.tarball}: its hash is ${found}, not ${expected}`);
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  execFileSync("tar", ["-xz", "--strip-components=1", "-C", partial], { input: archive });
  writeFileSync(join(partial, `.${integrity.replaceAll("/", "_")}`), "");
  rmSync(target, { recursive: true, force: true });
  renameSync(partial, target);
}
