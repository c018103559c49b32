import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { main } from "./main";

/** Runs the command, and gives its exit code and everything that it wrote. */
async function run(...args: string[]) {
  let text = "";
  const add = (part: string) => {
    text += part;
  };
  const code = await main(args, { out: add, error: add }, new AbortController().signal);
  return { code, text };
}

describe("the command for rollouts", () => {
  it("lists its commands and exit codes", async () => {
    const { code, text } = await run("--help");
    assert.equal(code, 0);
    const commands = [...text.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
    assert.deepEqual(commands, [
      "preview",
      "refresh",
      "start",
      "resume",
      "worker",
      "status",
      "report",
      "history",
      "approve",
      "pause",
      "cancel",
      "retry",
      "skip",
      "freeze",
      "unfreeze",
    ]);
    assert.match(text, /Exit codes:\n {2}0 {2}every site is done/);
  });

  it("needs a reason for every command of an operator", async () => {
    for (const command of [
      ["approve"],
      ["pause"],
      ["cancel"],
      ["retry", "a"],
      ["skip", "a"],
      ["freeze", "a"],
      ["unfreeze", "a"],
    ]) {
      const { code, text } = await run(...command);
      assert.deepEqual([code, /--reason/.test(text)], [3, true], text);
    }
  });

  it("refuses a blank reason before it opens a database", async () => {
    for (const command of [
      ["approve"],
      ["pause"],
      ["cancel"],
      ["resume"],
      ["retry", "a"],
      ["skip", "a"],
      ["freeze", "a"],
      ["unfreeze", "a"],
    ])
      for (const reason of ["", " \t", "\u200b"]) {
        const { code, text } = await run(...command, "--reason", reason, "--file", "/nowhere/rollout.yaml");
        assert.deepEqual(
          [code, /option '--reason <text>' argument '.*' is invalid\. It must not be blank\./s.test(text)],
          [3, true],
          text,
        );
      }
  });

  it("reports a definition that does not exist before it opens a database", async () => {
    const { code, text } = await run("start", "--file", "/nowhere/rollout.yaml");
    assert.equal(code, 3);
    assert.match(
      text,
      /\/nowhere\/rollout\.yaml: 1 problem\n {2}the file does not exist; correct the path or its rights\.$/m,
    );
  });
});
