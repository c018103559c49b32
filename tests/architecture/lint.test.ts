import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";

const ROOT = resolve(__dirname, "../..");

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
  "lint/nursery/noMisusedPromises": {
    "fault.ts":
      'async function isReady(): Promise<boolean> {\n  return true;\n}\nexport const answer = (): string => {\n  if (isReady()) return "ready";\n  return "not ready";\n};\n',
  },
  "lint/suspicious/noImportCycles": {
    // A circle of types alone: one of values is found by the same rule.
    "fault.ts": 'import type { Other } from "./other";\n\nexport interface Fault {\n  other?: Other;\n}\n',
    "other.ts": 'import type { Fault } from "./fault";\n\nexport interface Other {\n  fault?: Fault;\n}\n',
  },
};

/** The checkout's own rules for files elsewhere. */
const SETTINGS = `{
  "root": true,
  "extends": [${JSON.stringify(join(ROOT, "biome.json"))}],
  "vcs": { "enabled": false }
}
`;

/** A fault that biome reports as a warning only. */
const WARNING = { "fault.ts": "export const first = (list: string[]): string => list[0]!;\n" };

describe("lint", () => {
  const folders: string[] = [];
  /** The arguments of node with which `npm run check` lints. */
  let lint: string[] = [];

  before(async () => {
    lint = (await import(join(ROOT, "tools/testing/checks.mjs"))).checks["lint and format"];
  });

  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Creates a project with the checkout's rules outside the checkout, where biome has only a few files to read. */
  function project(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), "safeguard-lint-"));
    folders.push(folder);
    for (const [name, text] of Object.entries({ "biome.json": SETTINGS, ...files })) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  /** Runs the lint of `npm run check` in a folder. */
  function run(folder: string, args = lint): { status: number | null; found: string[] } {
    const { status, stdout } = spawnSync(process.execPath, [...args, "--reporter=github"], {
      cwd: folder,
      encoding: "utf8",
    });
    const found = [...stdout.matchAll(/^::(\w+) title=([^,]+),file=([^,]+)/gm)];
    return {
      status,
      found: found.map(([, level, rule, file]) => `${level} ${rule} ${file?.split("/").at(-2)}`).sort(),
    };
  }

  it("finds one planted lint fault of each kind", () => {
    const folderOf = (rule: string) => rule.split("/").at(-1) ?? "";
    const files = Object.entries(FAULTS).flatMap(([rule, sources]) =>
      Object.entries(sources).map(([name, text]) => [`${folderOf(rule)}/${name}`, text] as const),
    );
    const { status, found } = run(project(Object.fromEntries(files)));
    assert.equal(status, 1);
    const expected = Object.entries(FAULTS).flatMap(([rule, sources]) =>
      Object.keys(sources).map(() => `error ${rule} ${folderOf(rule)}`),
    );
    assert.deepEqual(found, expected.sort());
  });

  it("fails npm run check on a warning", () => {
    const folder = project({ "warning/fault.ts": WARNING["fault.ts"] });
    const warning = ["warning lint/style/noNonNullAssertion warning"];
    assert.deepEqual(run(folder), { status: 1, found: warning });
    // Without the option, biome passes warnings.
    const lenient = lint.filter((arg) => arg !== "--error-on-warnings");
    assert.deepEqual(run(folder, lenient), { status: 0, found: warning });
  });

  it("applies every lint rule to every folder", () => {
    const settings = JSON.parse(readFileSync(join(ROOT, "biome.json"), "utf8"));
    assert.deepEqual(settings.files.includes, ["**", "!**/*.json", "!dist"]);
    assert.deepEqual(Object.keys(settings.linter).sort(), ["enabled", "rules"]);
    assert.equal(settings.linter.enabled, true);
    assert.equal(settings.overrides, undefined);
  });
});
