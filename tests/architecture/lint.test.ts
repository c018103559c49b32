import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";

const ROOT = resolve(__dirname, "../..");
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");

/** One planted fault for each kind of rule that the project relies on. */
const FAULTS: Record<string, Record<string, string>> = {
  "lint/suspicious/noDoubleEquals": { "fault.ts": "export const isZero = (value: number) => value == 0;\n" },
  "lint/correctness/noUnusedImports": { "fault.ts": 'import { join } from "node:path";\n' },
  "lint/correctness/noUnusedVariables": { "fault.ts": "const unused = 1;\nexport const used = 2;\n" },
  "lint/correctness/noUnusedFunctionParameters": {
    "fault.ts": "export const one = (unused: number): number => 1;\n",
  },
  "lint/nursery/noFloatingPromises": {
    "fault.ts": "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n",
  },
  "lint/suspicious/noImportCycles": {
    "fault.ts": 'import { other } from "./other";\n\nexport const fault = (): number => other() + 1;\n',
    "other.ts": 'import { fault } from "./fault";\n\nexport const other = (): number => fault() + 1;\n',
  },
};

describe("lint", () => {
  let folder = "";

  before(() => {
    // Inside the checkout, so that biome.json applies.
    folder = mkdtempSync(join(__dirname, "planted-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [rule, files] of Object.entries(FAULTS)) {
    it(`finds a planted ${rule.split("/").at(-1)}`, () => {
      const place = join(folder, rule.replaceAll("/", "-"));
      mkdirSync(place);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
      const args = [BIOME, "check", "--error-on-warnings", "--reporter=github", place];
      const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
      assert.notEqual(status, 0);
      assert.match(stdout, new RegExp(rule));
    }).timeout(60_000);
  }
});
