import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { main } from "./main";

/** Runs the command, and gives its exit code and what it wrote. */
async function run(...args: string[]) {
  const written = { out: "", error: "" };
  const add = (to: "out" | "error") => (part: string) => {
    written[to] += part;
  };
  const code = await main(args, { out: add("out"), error: add("error") }, new AbortController().signal);
  return { code, ...written, text: written.out + written.error };
}

const COMMANDS = [
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
];

describe("the command for rollouts", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rollout-main-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("lists its commands and exit codes", async () => {
    const { code, text } = await run("--help");
    assert.equal(code, 0);
    const commands = [...text.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
    assert.deepEqual(commands, COMMANDS);
    assert.match(text, /Exit codes:\n {2}0 {2}every site is done/);
  });

  it("prints the version of its package", async () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, "package.json"), "utf8"));
    assert.deepEqual(await run("--version"), { code: 0, out: `${version}\n`, error: "", text: `${version}\n` });
  });

  it("loads neither Pulumi nor the workflow engine for commands that only read", () => {
    const program = `require("./main"); require("./database/embedded");
      console.log(Object.keys(require.cache).flatMap((file) => /node_modules.(@pulumi|@dbos-inc|pg|zod)\\b/.exec(file)?.[1] ?? []).join(" "))`;
    const options = { cwd: __dirname, encoding: "utf8" } as const;
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "-e", program], options);
    assert.deepEqual([[...new Set(stdout.trim().split(" "))].sort(), stderr], [["pg", "zod"], ""]);
  });

  it("shows an example of each command in its help, the same as in the documentation", async () => {
    const guide = readFileSync(join(__dirname, "../docs/rollout.md"), "utf8");
    for (const name of COMMANDS) {
      const { code, out } = await run(name, "--help");
      const [, example = ""] = /\nExample:\n {2}\$ (pulumi-safeguard rollout .+)\n/.exec(out) ?? [];
      assert.deepEqual([code, example.split(" ")[2]], [0, name], out);
      assert.ok(guide.includes(`npx ${example}`), example);
    }
  });

  it("reports a failure of each command as one JSON object with --json, with the same exit code", async () => {
    for (const name of COMMANDS) {
      const plain = await run(name, "--qzwx");
      const { code, out, error } = await run(name, "--qzwx", "--json");
      assert.deepEqual([plain.code, plain.out, code, error], [3, "", 3, plain.error], name);
      const { cause, remedy } = JSON.parse(out).error;
      assert.equal(plain.error, `error: ${cause}. ${remedy}\n`, name);
      assert.equal(remedy, "Run it with --help.");
    }
    const named = COMMANDS.filter((name) => !["worker", "history"].includes(name));
    for (const name of named) {
      const site = ["retry", "skip", "freeze", "unfreeze"].includes(name) ? ["oslo"] : [];
      const reason = [...site, "approve", "pause", "cancel"].some((one) => one === name || one === "oslo");
      const args = [name, ...site, ...(reason ? ["--reason", "test"] : []), "--file", join(folder, "rollout.yaml")];
      const plain = await run(...args);
      const { code, out, error } = await run(...args, "--json");
      assert.deepEqual([plain.code, plain.out, code, error], [3, "", 3, plain.error], plain.text);
      const failure = JSON.parse(out).error;
      const file = `${join(folder, "rollout.yaml")}: the file does not exist`;
      assert.deepEqual([failure.cause, failure.remedy], [file, "correct the path or its rights."]);
    }
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

  it("refuses a URL that is none of PostgreSQL, and an empty one, without showing a password", async () => {
    const before = process.env.SAFEGUARD_ROLLOUT_DATABASE;
    try {
      for (const [url, cause] of [
        ["postgres://u:hunter2#3@db/x", "it is no URL of a PostgreSQL database"],
        ["", "it is empty"],
      ] as const) {
        const refused = await run("history", "--database", url);
        // A pipeline sets it to nothing where its secret is missing.
        process.env.SAFEGUARD_ROLLOUT_DATABASE = url;
        for (const { code, text } of [refused, await run("history")]) {
          assert.deepEqual([code, text.includes("hunter2")], [3, false]);
          assert.ok(
            text.startsWith(`error: --database or SAFEGUARD_ROLLOUT_DATABASE: ${cause}; set postgres://`),
            text,
          );
        }
      }
    } finally {
      if (before === undefined) delete process.env.SAFEGUARD_ROLLOUT_DATABASE;
      else process.env.SAFEGUARD_ROLLOUT_DATABASE = before;
    }
  });

  it("refuses a number of sites at a time that is none", async () => {
    for (const number of ["0", "501", "1.5", "many"]) {
      const { code, text } = await run("preview", "--parallel", number, "--file", "/nowhere/rollout.yaml");
      assert.deepEqual(
        [code, /'--parallel <n>' .* is invalid\. Allowed values are: 1 to 500\./.test(text)],
        [3, true],
        text,
      );
    }
  });

  it("reports a folder that it cannot write to, and names the way round", async () => {
    writeFileSync(join(folder, "here.yaml"), "name: a\nprogram: .\nsites: [{ name: a, spp: x }]\n");
    writeFileSync(join(folder, ".rollout"), "");
    const { code, error } = await run("history", "--file", join(folder, "here.yaml"));
    const cause = "EEXIST: file already exists, mkdir";
    assert.equal(code, 4);
    assert.ok(error.startsWith(`error: database ${join(folder, ".rollout")}: write: ${cause}`), error);
    assert.match(error, /; let this user write there, or set --database to a PostgreSQL database$/m);
  });

  it("reports a definition that does not exist before it opens a database", async () => {
    const { code, text } = await run("start", "--file", "/nowhere/rollout.yaml");
    assert.equal(code, 3);
    assert.match(text, /^error: \/nowhere\/rollout\.yaml: the file does not exist; correct the path or its rights\.$/m);
  });
});
