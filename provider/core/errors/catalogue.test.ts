import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { CATALOGUE } from "./catalogue";
import { ERROR_KINDS, type ErrorEntry } from "./entry";

const ROOT = join(__dirname, "../../..");
const entries: [string, ErrorEntry][] = Object.entries(CATALOGUE);

/** Every code that the sources of a folder write as text, tests and the catalogue itself apart. */
function codesIn(folder: string): Set<string> {
  const sources = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("core/errors/"),
  );
  return new Set(
    sources.flatMap((file) => readFileSync(join(ROOT, folder, file), "utf8").match(/SG\d{4}(?=")/g) ?? []),
  );
}

describe("the catalogue of errors", () => {
  it("catalogues every error code in the sources, even behind a type cast", () => {
    const used = [...codesIn("provider"), ...codesIn("sdk")];
    assert.ok(used.length > 100, `${used.length} codes`);
    assert.deepEqual(
      used.filter((code) => !Object.hasOwn(CATALOGUE, code)),
      [],
    );
  });

  it("catalogues no error code that the sources do not use", () => {
    const used = codesIn("provider");
    assert.deepEqual(
      Object.keys(CATALOGUE).filter((code) => !used.has(code)),
      [],
    );
  });

  it("defines each error code once", () => {
    const keys = readdirSync(__dirname).flatMap((file) =>
      file.endsWith(".test.ts")
        ? []
        : (readFileSync(join(__dirname, file), "utf8").match(/^ {2}SG\d{4}(?=: \{)/gm) ?? []),
    );
    assert.equal(keys.length, entries.length);
    assert.equal(new Set(keys).size, keys.length);
  });

  it("gives each error code a title, a cause and a lower-case remedy without a full stop", () => {
    const titles = new Set(entries.map(([, { title }]) => title));
    assert.equal(titles.size, entries.length);
    for (const [code, { kind, title, cause, remedy }] of entries) {
      assert.ok(Object.hasOwn(ERROR_KINDS, kind), code);
      for (const text of [title, cause, remedy]) assert.match(text, /^\S.*[^.\s]$/, `${code}: ${text}`);
      assert.match(remedy, /^[a-z]/, code);
    }
  });
});
