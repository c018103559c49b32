import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, describe, it } from "mocha";
import { readSources, type SourceFile } from "./source-files";

/** The folders of the package that each of its folders may import. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  plan: ["generated"],
  machine: ["plan"],
  database: ["plan", "machine"],
  generated: [],
  engine: ["plan", "machine", "database"],
  step: ["plan", "machine", "engine", "generated"],
  report: ["plan", "machine", "database", "generated"],
  commands: ["plan", "machine", "database", "engine", "step", "report"],
};

describe("imports of the package for rollouts", () => {
  let files: SourceFile[] = [];

  before(() => {
    files = readSources("rollout").filter(({ path, isTest }) => !isTest && !path.startsWith("rollout/testing/"));
  });

  const folderOf = (path: string) => path.split("/")[1] ?? "";
  const importsOf = (isOwn: boolean) =>
    files.flatMap(({ path, imports }) =>
      imports.filter((found) => found.isOwn === isOwn).map(({ target }) => ({ path, target })),
    );
  const shown = ({ path, target }: { path: string; target: string }) => `${path} → ${target}`;

  it("finds no file of another package, because each is published by itself", () => {
    assert.ok(files.length > 15, `only ${files.length} files`);
    const foreign = importsOf(true).filter(({ target }) => !target.startsWith("rollout/"));
    assert.deepEqual(foreign.map(shown), []);
  });

  it("finds only packages that it declares", () => {
    const manifest = JSON.parse(readFileSync(join(resolve(__dirname, "../../rollout"), "package.json"), "utf8"));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const undeclared = importsOf(false).filter(
      ({ target }) => !target.startsWith("node:") && !declared.includes(target),
    );
    assert.deepEqual(undeclared.map(shown), []);
  });

  it("finds imports between its folders in one direction only", () => {
    const wrong = importsOf(true).filter(({ path, target }) => {
      const [from, to] = [folderOf(path), folderOf(target)];
      return from !== to && from in MAY_IMPORT && !MAY_IMPORT[from]?.includes(to);
    });
    assert.deepEqual(wrong.map(shown), []);
  });

  it("keeps the plan and the course of a rollout free of any input and output", () => {
    const readers = ["rollout/plan/load.ts", "rollout/plan/fingerprint.ts", "rollout/plan/stack-settings.ts"];
    // These work on text and values alone.
    const pure = ["zod", "yaml", "csv-parse"];
    const wrong = importsOf(false).filter(
      ({ path, target }) =>
        /^rollout\/(plan|machine)\//.test(path) && !readers.includes(path) && !pure.includes(target),
    );
    assert.deepEqual(wrong.map(shown), []);
  });
});
