import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startJanitor } from "./janitor";

/** Writes files into the folder for half a second, also while they are being removed. */
const WRITER = `
  const fs = require("node:fs");
  const folder = process.argv[1] + "/network";
  const end = Date.now() + 500;
  for (let index = 0; Date.now() < end; index++) {
    try {
      if (!fs.existsSync(folder)) fs.mkdirSync(folder);
      fs.writeFileSync(folder + "/" + (index % 200), "");
    } catch {
      // The janitor removes the folder at the same moment.
    }
    if (index === 200) process.stdout.write("at work");
  }`;

/** Makes and removes folders in the folder for half a second, as the programs of a lab remove their own files. */
const REMOVER = `
  const fs = require("node:fs");
  const folder = process.argv[1] + "/network";
  const end = Date.now() + 500;
  for (let round = 0; Date.now() < end; round++) {
    try {
      if (!fs.existsSync(folder)) fs.mkdirSync(folder);
      for (let index = 0; index < 200; index++) fs.writeFileSync(folder + "/" + index, "");
      for (let index = 199; index >= 0; index--) fs.rmSync(folder + "/" + index, { force: true });
    } catch {
      // The janitor removes the folder at the same moment.
    }
    if (round === 0) process.stdout.write("at work");
  }`;

describe("janitor of a lab folder", () => {
  for (const [what, program] of [
    ["writes into it", WRITER],
    ["removes files of it", REMOVER],
  ] as const) {
    it(`removes the folder while another process still ${what}`, () => removesBeside(program));
  }

  async function removesBeside(program: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "janitor-"));
    const janitor = startJanitor(folder);
    const writer = spawn(process.execPath, ["-e", program, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(writer, "close");
    await once(writer.stdout, "data");
    await janitor.sweep();
    await ended;
    assert.equal(existsSync(folder), false);
  }
});
