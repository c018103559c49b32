import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { capabilityPages } from "./capability-pages";
import { generatedFiles } from "./generated";
import { resourcePages } from "./resource-pages";

const ROOT = resolve(__dirname, "../..");

describe("generated files", () => {
  const expected = generatedFiles();

  for (const [file, text] of Object.entries({ ...expected, ...capabilityPages() })) {
    it(`finds ${file} up to date with its sources (else run npm run docs)`, () => {
      assert.equal(readFileSync(join(ROOT, file), "utf8"), text);
    });
  }

  it("finds only generated files in the folders of generated files", () => {
    for (const folder of new Set(Object.keys(expected).map((file) => dirname(file)))) {
      const known = Object.keys(expected).filter((file) => dirname(file) === folder);
      assert.deepEqual(
        readdirSync(join(ROOT, folder))
          .map((name) => `${folder}/${name}`)
          .sort(),
        known.sort(),
      );
    }
  });

  it("describes every input, output and setting of the reference pages", () => {
    const rows = Object.values(resourcePages()).flatMap((page) =>
      page.split("\n").filter((line) => line.startsWith("| `")),
    );
    assert.ok(rows.length > 130, String(rows.length));
    const silent = rows.filter(
      (row) =>
        row
          .split(/(?<!\\)\|/)
          .at(-2)
          ?.trim() === "",
    );
    assert.deepEqual(silent, []);
  });
});
