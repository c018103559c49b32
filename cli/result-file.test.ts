import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, it } from "mocha";
import { writeResult } from "./result-file";

describe("the file of a result", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(at(name), "utf8");
  const write = (name: string) => writeResult("--html", at(name), "new");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "safeguard-result-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is replaced in one step, so that a reader of the old one reads all of it", () => {
    writeFileSync(at("report.html"), "old");
    linkSync(at("report.html"), at("opened.html"));
    write("report.html");
    assert.deepEqual([read("report.html"), read("opened.html")], ["new", "old"]);
    assert.deepEqual(readdirSync(folder).sort(), ["opened.html", "report.html"]);
  });

  it("keeps its permissions", () => {
    writeFileSync(at("report.html"), "old");
    chmodSync(at("report.html"), 0o600);
    write("report.html");
    assert.equal(statSync(at("report.html")).mode & 0o777, 0o600);
  });

  for (const [name, exists] of [
    ["an existing file", true],
    ["a file that does not exist yet", false],
  ] as const) {
    it(`is written behind a symbolic link to ${name}, and the link stays`, () => {
      mkdirSync(at("web"));
      if (exists) writeFileSync(at("web/today.html"), "old");
      symlinkSync("web/today.html", at("report.html"));
      write("report.html");
      assert.equal(readlinkSync(at("report.html")), "web/today.html");
      assert.equal(read("web/today.html"), "new");
      assert.deepEqual(readdirSync(at("web")), ["today.html"]);
    });
  }

  it("is written into a pipe, which stays one", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    const reader = spawn("cat", [at("pipe")]);
    const received = text(reader.stdout);
    try {
      write("pipe");
      assert.ok(lstatSync(at("pipe")).isFIFO());
      assert.equal(await received, "new");
    } finally {
      reader.kill();
    }
  });

  it("leaves nothing behind where it cannot be written", () => {
    mkdirSync(at("report.html"));
    assert.throws(
      () => write("report.html"),
      /^UsageError: Invalid value for --html: .*report\.html cannot be written \(/,
    );
    assert.throws(() => write("none/report.html"), /cannot be written \(.*Name another file\.$/);
    assert.deepEqual(readdirSync(folder), ["report.html"]);
  });
});
