import fs from "node:fs";
import path from "node:path";
import { runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";
import { duration, SetupError } from "./output.mjs";
import { checkoutLockLimitSeconds, setupLock } from "./paths.mjs";

/** The folders that tsconfig.build.json compiles into dist. */
const FOLDERS = ["provider", "sdk", "cli", "lab"];
const LIMIT_SECONDS = 300;

/**
 * Brings dist up to date with the sources through TypeScript's incremental build, which compiles only when a source or a
 * setting has changed.
 *
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 * @throws {SetupError} when the compiler finds errors, which it has then printed
 */
export async function ensureBuild(root, output) {
  const onWait = () => output.say("build", "waiting for another set-up in this checkout");
  await withLock(setupLock(root), { limitSeconds: checkoutLockLimitSeconds, onWait }, () => build(root, output));
}

/**
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 */
async function build(root, output) {
  const buildInfo = path.join(root, "dist", ".tsbuildinfo");
  const start = new Date();
  let isCompiling = false;

  // TypeScript does not notice that output was removed, and it does not remove output whose source is gone.
  const { isIncomplete, orphans } = compareWithSources(root);
  if (isIncomplete) fs.rmSync(buildInfo, { force: true });
  for (const file of orphans) fs.rmSync(file);

  const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "--build", "tsconfig.build.json", "--pretty", "false", "--verbose"];
  const ending = await runChild(process.execPath, args, {
    cwd: root,
    limitSeconds: LIMIT_SECONDS,
    onLine: (line) => {
      if (/error TS\d+/.test(line)) output.write(`${line}\n`);
      if (!/ - Building project /.test(line)) return;
      isCompiling = true;
      output.say("build", "compiling into dist, because sources or settings have changed");
    },
  });
  if (!ending.ok)
    throw new SetupError(`build: tsc --build tsconfig.build.json: ${ending.reason}; correct the errors above`);
  if (!isCompiling) return;
  // An edit while the compiler ran is newer than this time, so that the next build sees it.
  fs.utimesSync(buildInfo, start, start);
  output.say("build", `done in ${duration(Date.now() - start.getTime())}`);
}

/**
 * @param {string} root
 * @returns {{isIncomplete: boolean, orphans: string[]}} whether output is missing, and the output files whose source is gone
 */
function compareWithSources(root) {
  const dist = path.join(root, "dist");
  const expected = new Set(
    namesIn(root)
      .filter((name) => /\.(ts|json)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
      .map((name) => name.replace(/\.ts$/, ".js")),
  );
  const present = namesIn(dist).filter((name) => /\.(js|d\.ts|json)$/.test(name));
  const orphans = present.filter((name) => !expected.has(name.replace(/\.d\.ts$/, ".js")));
  return {
    isIncomplete: [...expected].some((name) => !fs.existsSync(path.join(dist, name))),
    orphans: orphans.map((name) => path.join(dist, name)),
  };
}

/** @param {string} base */
function namesIn(base) {
  return FOLDERS.filter((folder) => fs.existsSync(path.join(base, folder))).flatMap((folder) =>
    fs
      .readdirSync(path.join(base, folder), { recursive: true, encoding: "utf8" })
      .map((name) => path.join(folder, name)),
  );
}
