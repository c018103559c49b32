import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, describe, it } from "mocha";
import { readSources, type SourceFile } from "./source-files";

const ROOT = resolve(__dirname, "../..");

const RESOURCE = "provider/resources/router-redirection/";

/** Limit for the lines of the resource's files, without tests. */
const MOST_LINES = 900;

/** The router files that the resource may import: the interface of platforms, their registry, and the neutral model. */
const NEUTRAL = /^provider\/router\/[\w-]+\.ts$/;

/** Files below provider/router that may reach outside the process, because they log in to routers. */
const REACHING =
  /^provider\/router\/(guard\/session|terminal\/session|[\w-]+\/apply)\/|^provider\/router\/(platforms|[\w-]+\/platform)\.ts$/;

/** Modules that reach outside the process. */
const INPUT_AND_OUTPUT = [
  "node:child_process",
  "node:dgram",
  "node:dns",
  "node:dns/promises",
  "node:fs",
  "node:fs/promises",
  "node:http",
  "node:http2",
  "node:https",
  "node:net",
  "node:os",
  "node:process",
  "node:readline",
  "node:timers",
  "node:timers/promises",
  "node:tls",
  "node:worker_threads",
  "ssh2",
  "undici",
];

/** Imports of RouterRedirection below the interface of platforms, as `file → target`. */
function reachesPastPlatform(files: readonly SourceFile[]): string[] {
  return offences(
    files,
    ({ path }) => path.startsWith(RESOURCE),
    (target) => target.startsWith("provider/router/") && !NEUTRAL.test(target),
  );
}

/** Imports with which planning reaches outside the process, directly or through another file, as `file → target`. */
function reachesOutside(files: readonly SourceFile[]): string[] {
  return offences(
    files,
    ({ path }) => path.startsWith("provider/router/") && !REACHING.test(path),
    (target) =>
      INPUT_AND_OUTPUT.includes(target) || /^provider\/(ssh|https|sps|spp)\//.test(target) || REACHING.test(target),
  );
}

function offences(
  files: readonly SourceFile[],
  isConcerned: (file: SourceFile) => boolean,
  isWrong: (target: string) => boolean,
): string[] {
  return files
    .filter((file) => !file.isTest && isConcerned(file))
    .flatMap(({ path, imports }) =>
      imports.filter(({ target }) => isWrong(target)).map(({ target }) => `${path} → ${target}`),
    );
}

/** A file with one import. */
function planted(path: string, target: string): SourceFile {
  return { path, isTest: false, imports: [{ target, isOwn: target.startsWith("provider/"), isTypeOnly: true }] };
}

describe("architecture of routers", () => {
  let provider: SourceFile[];

  before(() => {
    provider = readSources("provider");
  });

  it("keeps every platform out of RouterRedirection", () => {
    assert.ok(provider.some(({ path }) => path === `${RESOURCE}operations.ts`));
    assert.deepEqual(reachesPastPlatform(provider), []);
  });

  it("finds a planted import of a platform in RouterRedirection", () => {
    for (const target of ["linux/platform.ts", "linux/model/desired.ts", "guard/session/connect.ts"]) {
      const file = planted(`${RESOURCE}planted.ts`, `provider/router/${target}`);
      assert.deepEqual(reachesPastPlatform([file]), [`${RESOURCE}planted.ts → provider/router/${target}`]);
    }
    assert.deepEqual(reachesPastPlatform([planted(`${RESOURCE}planted.ts`, "provider/router/platform.ts")]), []);
  });

  it("keeps the files of RouterRedirection below 900 lines in total", () => {
    const files = provider.filter(({ path, isTest }) => path.startsWith(RESOURCE) && !isTest);
    const lines = files.map(({ path }) => readFileSync(join(ROOT, path), "utf8").split("\n").length - 1);
    const sum = lines.reduce((total, count) => total + count, 0);
    assert.ok(sum < MOST_LINES, `${sum} lines`);
  });

  it("keeps network, files and processes out of the planning of router changes", () => {
    const reaching = provider.filter(({ path, isTest }) => REACHING.test(path) && !isTest);
    assert.ok(reaching.length > 0 && provider.some(({ path }) => path.startsWith("provider/router/linux/plan/")));
    assert.deepEqual(reachesOutside(provider), []);
  });

  it("finds a planted import of the network or of a login in the planning of router changes", () => {
    const path = "provider/router/linux/plan/planted.ts";
    for (const target of ["node:net", "ssh2", "provider/ssh/dial.ts", "provider/router/guard/session/connect.ts"]) {
      assert.deepEqual(reachesOutside([planted(path, target)]), [`${path} → ${target}`]);
    }
  });

  it("keeps every folder of the router code at 15 files or fewer, without tests", () => {
    const counts = new Map<string, number>();
    for (const { path, isTest } of provider) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      if (folder.startsWith("provider/router") && !isTest) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts].filter(([, count]) => count > 15),
      [],
    );
  });
});
