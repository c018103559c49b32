import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorPages } from "./error-pages";
import { resourcePages } from "./resource-pages";

const DOCS = resolve(__dirname, "../../docs");

describe("the generated documentation", () => {
  const expected = { ...resourcePages(), ...errorPages() };

  for (const [file, text] of Object.entries(expected)) {
    it(`docs/${file} says what the code says (npm run docs)`, () => {
      assert.equal(readFileSync(join(DOCS, file), "utf8"), text);
    });
  }

  it("holds no page that the code does not know", () => {
    for (const folder of new Set(Object.keys(expected).map((file) => dirname(file)))) {
      const known = Object.keys(expected).filter((file) => dirname(file) === folder);
      assert.deepEqual(
        readdirSync(join(DOCS, folder))
          .map((name) => `${folder}/${name}`)
          .sort(),
        known.sort(),
      );
    }
  });

  it("describes every input of every resource", () => {
    const rows = Object.values(resourcePages()).flatMap((page) =>
      page.split("\n").filter((line) => line.startsWith("| `")),
    );
    assert.ok(rows.length > 60);
    const silent = rows.filter((row) => row.split("|").at(-2)?.trim() === "");
    assert.deepEqual(silent, []);
  });
});
