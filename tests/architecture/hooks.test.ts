import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";

const ROOT = resolve(__dirname, "../..");
const FOLDERS = ["provider", "sdk", "cli", "lab", "tools", "tests"];

describe("test hooks", () => {
  // Outside a suite they would run around every test of every file.
  it("keeps every test hook inside a suite", () => {
    const files = FOLDERS.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    ).filter((file) => file.endsWith(".test.ts"));
    assert.ok(files.length > 150, `only ${files.length} files`);
    const offenders = files.filter((file) => /^(before|after)(Each)?\(/m.test(readFileSync(join(ROOT, file), "utf8")));
    assert.deepEqual(offenders, []);
  });
});
