import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "mocha";
import { FakePulumi } from "../testing/fake-pulumi";
import { openSiteStack } from "./site-stack";

let cli: FakePulumi;

/** What a CLI of these commands was called with, for a preview and an update of a stack with this configuration. */
async function callsFor(commands: Readonly<Record<string, string>>, settings = "", config = {}): Promise<string[]> {
  cli = new FakePulumi(commands);
  const program = join(cli.folder, "site");
  mkdirSync(program);
  writeFileSync(join(program, "Pulumi.yaml"), "name: p\nruntime: yaml\n");
  if (settings !== "") writeFileSync(join(program, "Pulumi.oslo.yaml"), settings);
  const stack = await openSiteStack(program, "oslo", config, () => {});
  await stack.preview();
  await (await openSiteStack(program, "oslo", config, () => {})).up();
  const lines = readFileSync(join(cli.folder, "calls"), "utf8").trim().split("\n");
  return lines
    .filter((line) => !line.startsWith("version"))
    .map((line) => line.replace(/ --(yes|exec-kind|event-log).*/, ""));
}

describe("the stack of a site", () => {
  afterEach(() => cli.close());
  const settings = (spp: string) => `config:\n  p:spp: ${spp}\n`;

  it("costs one start of the CLI for a preview and one for an update", async () => {
    assert.deepEqual(await callsFor({}, settings("10.0.0.5"), { spp: "10.0.0.5" }), ["preview", "up"]);
  });

  it("is created when it does not exist, without selecting it", async () => {
    const preview = `if [ ! -e made ]; then echo "error: no stack named 'oslo' found" >&2; exit 255; fi`;
    const calls = await callsFor({ preview, stack: "echo >> made" });
    assert.deepEqual(calls, ["preview", "stack init oslo --no-select --non-interactive", "preview", "up"]);
  });

  it("gets the configuration that its settings file does not have", async () => {
    const set = "config set-all --stack oslo --plaintext spp=10.0.0.5 --non-interactive";
    const calls = await callsFor({}, settings("10.9.9.9"), { spp: "10.0.0.5" });
    assert.deepEqual(calls, [set, "preview", set, "up"]);
    cli.close();
    assert.deepEqual((await callsFor({}, "", { spp: "10.0.0.5" }))[0], set);
  });
});
