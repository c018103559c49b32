import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { runCommand } from "../tests/support/run-command";
import { COMMANDS } from "./commands";
import { failureJson, wantsJson } from "./failure-json";

const errorOf = (text: string) => JSON.parse(text).error;

describe("a failure as JSON", () => {
  it("has the cause, the remedy and the code of a message", () => {
    const cases: [message: string, code: string | null, cause: string, remedy: string | null][] = [
      [
        "sps 10.0.0.1: log in: was refused; check it; or ask [SG1013]",
        "SG1013",
        "sps 10.0.0.1: log in: was refused",
        "check it; or ask",
      ],
      [
        "Invalid value for --seconds: 0. Allowed values are: 1 to 600.",
        null,
        "Invalid value for --seconds: 0",
        "Allowed values are: 1 to 600.",
      ],
      [
        "r.yaml: 1 problem\n  the file spp.example.com is new; correct it.",
        null,
        "r.yaml: 1 problem the file spp.example.com is new",
        "correct it.",
      ],
      ["cancelled", null, "cancelled", null],
    ];
    for (const [message, code, cause, remedy] of cases) {
      const { message: line, ...parts } = errorOf(failureJson(message));
      assert.deepEqual(parts, { code, cause, remedy });
      assert.ok(!line.includes("\n"));
    }
    const known = { code: "SG2210", cause: "a; b", remedy: "c" };
    assert.deepEqual(errorOf(failureJson("x: y: a; b; c [SG2210]", known)), {
      ...known,
      message: "x: y: a; b; c [SG2210]",
    });
  });

  it("is wanted by --json among the options only", () => {
    assert.deepEqual([["doctor", "--json"], ["doctor"], ["rollout", "--", "--json"]].map(wantsJson), [
      true,
      false,
      false,
    ]);
  });
});

describe("commands that fail with --json", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "failure-json-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const commands = COMMANDS.map(({ name }) => name).filter((name) => name !== "completion");

  it("print one JSON object and keep their exit code, each for an unknown option", async () => {
    for (const command of commands.filter((name) => name !== "rollout")) {
      const plain = await runCommand(command, "--colour");
      const { code, out, error } = await runCommand(command, "--json", "--colour");
      assert.deepEqual([plain.code, plain.out, code, error], [3, "", 3, plain.error], command);
      assert.deepEqual(errorOf(out).cause, "Unknown option --colour", command);
    }
  });

  it("print one JSON object and keep their exit code, each for a file that does not exist", async () => {
    const file = join(folder, "none.yaml");
    for (const command of commands.filter((name) => !["rollout", "preflight"].includes(name))) {
      const { code, out, error } = await runCommand(command, "--json", "--file", file);
      const { cause, remedy, message } = errorOf(out);
      assert.deepEqual([code, error.endsWith(`error: ${message}\n`)], [3, true], `${command}: ${error}`);
      assert.ok(cause.includes("none.yaml") && typeof remedy === "string", out);
    }
  });

  it("give the code of a failure that has one", async () => {
    const file = join(folder, "safeguard.yaml");
    const appliance = "{ address: 127.0.0.1, port: 9, username: admin, passwordEnv: PATH }";
    writeFileSync(file, `sites:\n  - { name: vienna, sps: ${appliance}, spp: ${appliance} }\n`);
    const { code, out } = await runCommand("logs", "--json", "--file", file);
    const { code: shown, remedy } = errorOf(out);
    assert.equal(code, 4, out);
    assert.match(shown, /^SG10\d\d$/);
    assert.equal(typeof remedy, "string");
  });
});
