import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabPair } from "../../benchmarks/preflight/lab-pair";
import { SiteFile } from "../../tests/support/site-file";
import { main } from "../main";

describe("progress of commands on sites", () => {
  let pair: LabPair;
  let file: SiteFile;

  before(async () => {
    pair = await LabPair.start();
    file = new SiteFile(pair);
  });
  after(async () => {
    file?.remove();
    await pair?.stop();
  });

  for (const command of ["doctor", "connect"]) {
    it(`counts the sites of ${command} while a person watches, and leaves an empty line behind`, async () => {
      const shown: string[] = [];
      const output = { out: () => {}, error: () => {}, progress: (text: string) => void shown.push(text) };
      await main([command, "--file", file.path], output);
      assert.deepEqual(shown, ["0 of 1 site examined", "1 of 1 site examined", ""]);
    });
  }
});
