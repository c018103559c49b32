import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { jsonSchemaOf } from "../../provider/core/json-schema";
import { preflightFunction } from "../../provider/join/preflight/function";
import { PROTOCOLS } from "../../provider/sps/configuration";
import { runCommand } from "../../tests/support/run-command";
import { COMMANDS } from "../commands";
import { FIXED_VALUES } from "./values";

describe("shell completion", () => {
  let folder: string;
  let file: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "safeguard-completion-"));
    file = join(folder, "sites.yaml");
    const connection = { address: "10.0.0.1", passwordEnv: "PASSWORD" };
    const site = (name: string) => ({ name, sps: connection, spp: connection });
    writeFileSync(file, stringify({ sites: [site("vienna"), site("graz"), site("villach\nrm\u001b[2J")] }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The words that complete the last one. */
  async function words(...given: string[]): Promise<string[]> {
    const { code, out, error } = await runCommand("complete", "--", ...given);
    assert.deepEqual([code, error], [0, ""]);
    return out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t")[0] ?? "");
  }

  it("completes commands, and hides the one that shells ask", async () => {
    assert.doesNotMatch((await runCommand("--help")).out, /^ {2}complete /m);
    assert.deepEqual(
      await words(""),
      COMMANDS.map(({ name }) => name),
    );
    assert.deepEqual(await words("to"), ["topology"]);
    assert.deepEqual(await words("--v"), ["--version"]);
  });

  it("completes options of a command, each once", async () => {
    assert.deepEqual(await words("doctor", "--se"), ["--seconds", "--session-seconds"]);
    assert.deepEqual(await words("doctor", "--json", "--j"), []);
    assert.ok((await words("topology", "")).includes("--svg"));
    const out = (await runCommand("complete", "--", "doctor", "--ht")).out;
    assert.equal(out, "--html\talso writes the report as one HTML page\n");
  });

  it("completes the names of sites of the given file, those that are given already left out", async () => {
    const names = ["vienna", "graz", "villach rm\\u001b[2J"];
    assert.deepEqual(await words("doctor", "--file", file, "--site", ""), names);
    assert.deepEqual(await words("doctor", "--file", file, "--site", "vienna", "g"), ["graz"]);
    assert.deepEqual(await words("logs", "--file", file, "--site", "vi"), ["vienna", "villach rm\\u001b[2J"]);
    assert.deepEqual(await words("doctor", "--file", file, "--site=g"), ["--site=graz"]);
    assert.deepEqual(await words("doctor", "--file", file, "--site", "=", "g"), ["graz"]);
  });

  it("goes on with options after the values of an option that takes several", async () => {
    const after = await words("doctor", "--file", file, "--site", "vienna", "--");
    assert.deepEqual([after.includes("--json"), after.includes("--file")], [true, false]);
    assert.deepEqual(await words("logs", "--file", file, "--site", "vienna", "--le"), ["--level"]);
  });

  it("names no site when the file is missing or broken, or a stack would have to be read", async () => {
    assert.deepEqual(await words("doctor", "--file", join(folder, "none.yaml"), "--site", ""), []);
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, "sites: [");
    assert.deepEqual(await words("doctor", "--file", broken, "--site", ""), []);
    assert.deepEqual(await words("doctor", "--stack", "dev", "--site", ""), []);
  });

  describe("in a project", () => {
    const { cwd } = process;
    before(() => {
      const rollout = join(folder, "node_modules", "pulumi-safeguard-rollout");
      mkdirSync(rollout, { recursive: true });
      const entry = resolve(__dirname, "../../rollout/index.ts");
      writeFileSync(join(rollout, "index.js"), `module.exports = require(${JSON.stringify(entry)});`);
      const sites = ["vienna", "graz"].map((name) => ({ name, spp: "spp-1" }));
      writeFileSync(join(folder, "rollout.yaml"), stringify({ name: "branches", program: ".", sites }));
      writeFileSync(join(folder, "Pulumi.yaml"), "");
      writeFileSync(join(folder, "Pulumi.dev.yaml"), "");
      process.cwd = () => folder;
    });
    after(() => {
      process.cwd = cwd;
    });

    it("completes the commands of rollout, their options, and the sites of its definition", async () => {
      assert.deepEqual(await words("rollout", "re"), ["refresh", "resume", "report", "retry"]);
      assert.deepEqual(await words("rollout", "start", "--file", ""), [":files"]);
      assert.ok((await words("rollout", "status", "--")).includes("--watch"));
      assert.deepEqual(await words("rollout", "retry", ""), ["vienna", "graz"]);
      assert.deepEqual(await words("rollout", "preview", "--site", "vienna", "g"), ["graz"]);
      assert.deepEqual(await words("rollout", "preview", "--file", "none.yaml", "--site", ""), []);
    });

    it("completes stacks by the files of their configuration", async () => {
      assert.deepEqual(await words("doctor", "--stack", ""), ["dev"]);
    });
  });

  it("offers nothing after rollout where its package is missing", async () => {
    assert.deepEqual(await words("rollout", ""), []);
  });

  it("leaves names of files and folders to the shell", async () => {
    for (const [command, option] of [
      ["doctor", "--html"],
      ["topology", "--svg"],
      ["support-bundle", "--folder"],
      ["preflight", "--sps-ca"],
    ] as const) {
      assert.deepEqual(await words(command, option, ""), [":files"]);
    }
    assert.deepEqual(await words("doctor", "--seconds", ""), []);
  });

  it("lists exactly the fixed values that the commands accept", async () => {
    assert.deepEqual(FIXED_VALUES["--protocol"], PROTOCOLS);
    const { properties } = jsonSchemaOf(preflightFunction.inputs).properties?.backups ?? {};
    assert.deepEqual(FIXED_VALUES["--sps-backup"], properties?.sps?.enum);
    assert.deepEqual(FIXED_VALUES["--spp-backup"], properties?.spp?.enum);
    assert.deepEqual(await words("preflight", "--spp-backup", "t"), ["take"]);
    assert.deepEqual(await words("completion", ""), ["bash", "zsh", "fish"]);
  });

  it("refuses an unknown shell in one line", async () => {
    const { code, error } = await runCommand("completion", "ksh");
    assert.deepEqual(
      [code, error],
      [3, "error: Invalid value for the shell: ksh. Allowed values are: bash, zsh, fish.\n"],
    );
  });
});
