import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { z } from "zod";
import type { SppConnection } from "../../provider/core/connection";
import { operationContext } from "../../provider/core/context";
import { SppClient } from "../../provider/spp/client";
import { EngineLab } from "./engine-lab";
import { connection, siteProgram } from "./programs";

const EXAMPLE = resolve(__dirname, "../../examples/policy-pack");
const WORKSPACE = join(__dirname, "workspace");

describe("the example policy pack in the real engine", function () {
  this.timeout(180_000);
  let engine: EngineLab;
  let pack = "";
  const outerPath = process.env.PATH;

  before(async function () {
    // Below the checkout, whose packages it finds.
    mkdirSync(WORKSPACE, { recursive: true });
    pack = mkdtempSync(join(WORKSPACE, "policy-pack-"));
    cpSync(EXAMPLE, pack, { recursive: true });
    useLauncher();
    engine = await EngineLab.start(this, "engine-policy");
  });
  after(async () => {
    process.env.PATH = outerPath;
    await engine?.stop();
    if (pack !== "") rmSync(pack, { recursive: true, force: true });
  });

  /**
   * The CLI that is built here has a language host from before hosts could start policy packs. An engine that finds no host for a runtime looks
   * for a program instead, as all did then; it starts the same runner of packs.
   */
  function useLauncher(): void {
    const definition = join(pack, "PulumiPolicy.yaml");
    writeFileSync(definition, readFileSync(definition, "utf8").replace("runtime: nodejs", "runtime: launched"));
    const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const launcher = join(pack, "pulumi-analyzer-policy-launched");
    writeFileSync(launcher, `#!/bin/sh\nexec node '${runner}' "$@"\n`, { mode: 0o755 });
    process.env.PATH = [pack, outerPath].join(delimiter);
  }

  /** What an administrator does in the web interface of SPP. */
  async function disconnect(): Promise<void> {
    const client = await SppClient.open(connection(engine.lab.description.spp) as SppConnection, operationContext());
    try {
      const [entry] = engine.lab.spp.sessionModules;
      await client.change("DELETE", "core", `Cluster/SessionModules/${entry?.Id}`, z.unknown());
    } finally {
      await client.close();
    }
  }

  it("lets new and whole sites and repairs pass, reads only, and stops an update of a site whose join SPP has lost", async () => {
    const { lab } = engine;
    const program = siteProgram(lab);
    const flags = { policyPacks: [pack] };
    const unmade = await engine.run("preview", program, "usual", flags);
    assert.equal(unmade.failure, undefined, unmade.output);
    const first = await engine.run("up", program, "usual", flags);
    assert.equal(first.failure, undefined, first.output);
    const sent = engine.changingRequests;
    const whole = await engine.run("preview", program, "usual", flags);
    assert.deepEqual([whole.failure, whole.changes], [undefined, { same: 5 }], whole.output);
    assert.match(whole.output, /safeguard@v0\.1\.0/);
    assert.equal(engine.changingRequests, sent);
    await disconnect();
    const broken = await engine.run("preview", program, "usual", flags);
    assert.match(broken.failure ?? "", /join-is-whole/, broken.output);
    assert.match(broken.output, /site-join: its join is disconnected; run npx pulumi-safeguard doctor/);
    const refresh = await engine.run("refresh", program);
    assert.equal(refresh.failure, undefined, refresh.output);
    const repair = await engine.run("preview", program, "usual", flags);
    assert.equal(repair.failure, undefined, repair.output);
    engine.secrets.assertAbsent(engine.output, "the output");
  });
});
