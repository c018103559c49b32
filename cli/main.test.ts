import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { runCommand } from "../tests/support/run-command";
import { COMMANDS } from "./commands";
import { main } from "./main";

describe("command pulumi-safeguard", () => {
  it("prints the version of the package with --version", async () => {
    const { version } = JSON.parse(readFileSync(resolve(__dirname, "../package.json"), "utf8"));
    assert.deepEqual(await runCommand("--version"), { code: 0, out: `${version}\n`, error: "" });
  });

  it("lists its commands and exit codes with --help, and without arguments", async () => {
    const help = await runCommand("--help");
    assert.deepEqual([help.code, help.error], [0, ""]);
    assert.match(help.out, /^Usage: pulumi-safeguard /);
    for (const { name, summary } of COMMANDS)
      assert.match(help.out, new RegExp(`^ {2}${name} {2,}${summary.slice(0, 20)}`, "m"));
    assert.match(help.out, /^ {2}4 {2}the command could not run, or was cancelled$/m);
    const without = await runCommand();
    assert.deepEqual([without.code, without.error], [3, ""]);
    assert.match(without.out, /^Usage: pulumi-safeguard /);
  });

  it("gives an example with the help of every command", async () => {
    // The package of rollouts has its own help.
    const commands = COMMANDS.map(({ name }) => name).filter((name) => name !== "rollout");
    assert.equal(commands.length, COMMANDS.length - 1);
    for (const command of commands) {
      const help = await runCommand(command, "--help");
      assert.deepEqual([help.code, help.error], [0, ""]);
      assert.match(help.out, new RegExp(`^ {2}\\$ pulumi-safeguard ${command} `, "m"));
    }
  });

  it("refuses an unknown command or option in one line and exits with 3", async () => {
    const cases: [given: string, error: RegExp][] = [
      [
        "postflight",
        /^error: Invalid value for the command: postflight\. Allowed values are: completion, connect, doctor, logs, preflight, rollout, support-bundle, topology\.\n$/,
      ],
      ["--versoin", /^error: Unknown option --versoin\. Did you mean --version\?\n$/],
    ];
    for (const [given, expected] of cases) {
      const { code, out, error } = await runCommand(given);
      assert.deepEqual([code, out], [3, ""]);
      assert.match(error, expected);
    }
  });

  it("exits with 4 when the user cancels", async () => {
    const printed: string[] = [];
    const output = { out: (text: string) => printed.push(text), error: (text: string) => printed.push(text) };
    const args = ["preflight", "--sps", "127.0.0.1:9", "--spp", "127.0.0.1:9"];
    assert.equal(await main(args, output, AbortSignal.abort(new Error("cancelled"))), 4);
    assert.deepEqual(printed, ["error: cancelled\n"]);
  });

  it("runs as a standalone program without the Pulumi SDK", () => {
    const loader = ["--import", "tsx"];
    const program = join(__dirname, "bin.ts");
    const help = execFileSync(process.execPath, [...loader, program, "--help"], { encoding: "utf8" });
    assert.match(help, /^Usage: /);
    const listing = `require(${JSON.stringify(join(__dirname, "main.ts"))}); console.log(Object.keys(require.cache).filter((file) => /@pulumi/.test(file)).length)`;
    const { stdout, stderr } = spawnSync(process.execPath, [...loader, "-e", listing], { encoding: "utf8" });
    assert.equal(stdout.trim(), "0", stderr);
  });

  it("loads no command and no library of theirs for its help", () => {
    const script = `const { main } = require(${JSON.stringify(join(__dirname, "main.ts"))});
      main(["--help"], { out() {}, error() {} }).then(() => console.log(Object.keys(require.cache).join("\\n")));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "-e", script], { encoding: "utf8" });
    assert.match(stdout, /cli\/main\.ts$/m, stderr);
    assert.deepEqual(stdout.match(/.*(\/command\.ts|node_modules\/(zod|undici|ssh2|yaml)\/).*/g), null);
  });
});
