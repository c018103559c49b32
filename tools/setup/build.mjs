import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";
import { duration, SetupError } from "./output.mjs";
import { checkoutLockLimitSeconds, setupFolder, setupLock } from "./paths.mjs";

/** The folders that tsconfig.build.json compiles into dist. */
export const compiledFolders = ["provider", "sdk", "lab"];

const SETTINGS = ["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"];
const LIMIT_SECONDS = 300;

/**
 * Compiles the TypeScript sources into dist when one of them, or a setting, has changed since the last build. Files in
 * dist whose source is gone are removed.
 *
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 * @throws {SetupError} when the compiler finds errors, which it has then printed
 */
export async function ensureBuild(root, output) {
  if (isBuilt(root)) return;
  const waiting = () => output.say("build", "waiting for another set-up of this checkout");
  await withLock(setupLock(root), { limitSeconds: checkoutLockLimitSeconds, onWait: waiting }, async () => {
    if (!isBuilt(root)) await build(root, output);
  });
}

/**
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 */
async function build(root, output) {
  const start = Date.now();
  output.say("build", "compiling into dist, as the sources are new here or have changed");
  // Taken before the compiler reads, so that an edit in the meantime leads to another build.
  const before = fingerprint(root);
  fs.rmSync(stampOf(root), { force: true });
  // The compiler trusts its record and would not write again what someone removed.
  if (sourcesOf(root).some((source) => !fs.existsSync(outputOf(root, source))))
    fs.rmSync(path.join(root, "dist", ".tsbuildinfo"), { force: true });

  const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const ending = await runChild(process.execPath, [compiler, "-p", "tsconfig.build.json", "--pretty", "false"], {
    cwd: root,
    limitSeconds: LIMIT_SECONDS,
    onText: output.write,
  });
  if (!ending.ok) throw new SetupError(`build: tsc -p tsconfig.build.json: ${ending.reason}; correct the errors above`);
  // The compiler copies no data; what a source reads beside itself must lie beside its output too.
  for (const file of dataOf(root)) {
    fs.mkdirSync(path.dirname(outputOf(root, file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), outputOf(root, file));
  }
  removeOrphans(root);
  fs.mkdirSync(setupFolder(root), { recursive: true });
  fs.writeFileSync(stampOf(root), before);
  output.say("build", `done in ${duration(Date.now() - start)}`);
}

/**
 * Whether dist is what the sources and settings of this moment compile to.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function isBuilt(root) {
  try {
    if (fs.readFileSync(stampOf(root), "utf8") !== fingerprint(root)) return false;
  } catch {
    return false;
  }
  return [...sourcesOf(root), ...dataOf(root)].every((file) => fs.existsSync(outputOf(root, file)));
}

/**
 * Removes from dist what no source compiles to any more, so that it is neither loaded nor packed.
 *
 * @param {string} root
 */
export function removeOrphans(root) {
  const dist = path.join(root, "dist");
  const expected = new Set([
    ...dataOf(root).map((file) => path.join(dist, file)),
    ...sourcesOf(root).flatMap((source) => {
      const stem = source.replace(/\.ts$/, "");
      return [path.join(dist, `${stem}.js`), path.join(dist, `${stem}.d.ts`)];
    }),
  ]);
  for (const folder of compiledFolders) {
    for (const file of filesBelow(path.join(dist, folder))) if (!expected.has(file)) fs.rmSync(file);
  }
}

/**
 * Names, sizes and times of everything that decides what the compiler writes.
 *
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash("sha256");
  for (const file of [...SETTINGS, ...sourcesOf(root), ...dataOf(root)]) {
    const { size, mtimeMs } = fs.statSync(path.join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/**
 * The sources that are compiled, relative to the root, in a stable order.
 *
 * @param {string} root
 */
function sourcesOf(root) {
  return compiledFolders
    .flatMap((folder) => filesBelow(path.join(root, folder)))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"))
    .map((file) => path.relative(root, file));
}

/**
 * The data files among the sources, relative to the root, in a stable order.
 *
 * @param {string} root
 */
function dataOf(root) {
  return compiledFolders
    .flatMap((folder) => filesBelow(path.join(root, folder)))
    .filter((file) => file.endsWith(".json"))
    .map((file) => path.relative(root, file));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(file) : [file];
    });
}

/**
 * @param {string} root
 * @param {string} source
 */
function outputOf(root, source) {
  return path.join(root, "dist", source.replace(/\.ts$/, ".js"));
}

/** @param {string} root */
function stampOf(root) {
  return path.join(setupFolder(root), "built");
}
