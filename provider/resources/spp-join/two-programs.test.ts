import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Site } from "../../../tests/support/site";
import { spsCluster } from "../sps-cluster/operations";
import type { SppJoinKnown } from "./schema";

const SCRIPT = join(__dirname, "../../../tests/support/join-process.ts");
const run = promisify(execFile);

describe("joins of two programs at the same time", function () {
  this.timeout(120_000);
  let site: Site;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "two-programs-"));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await site.stop();
  });

  /** Makes a join in a process of its own, whose machine is told apart by its state folder. Returns what it printed. */
  async function program(machine: string, inputs: SppJoinKnown): Promise<string> {
    const file = join(folder, `${machine}.json`);
    writeFileSync(file, JSON.stringify(inputs), { mode: 0o600 });
    const env = { ...process.env, XDG_STATE_HOME: join(folder, `state-${machine}`) };
    return (await run(process.execPath, ["--import=tsx", SCRIPT, file], { env })).stdout;
  }

  const requests = () => site.lab.sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp"));
  const isTrusted = () => site.lab.spp.sessionModules.map(({ Trusted }) => Trusted);

  it("joins two clusters to one SPP, one after the other", async () => {
    site = await Site.start({ spsCount: 2, sps: { joinSeconds: 250 } });
    for (const n of [0, 1]) {
      await spsCluster.create(await site.cluster({ centralManagement: site.sps(n), members: [] }), site.context());
    }
    const inputs = await Promise.all([0, 1].map((n) => site.join({ sps: site.sps(n) })));
    const outputs = await Promise.all(inputs.map((given, n) => program(`machine${n}`, given)));
    for (const output of outputs) assert.match(output, /health: joined\n$/);
    assert.deepEqual(isTrusted(), [true, true]);
    assert.match(
      outputs.join(""),
      /waiting for the end of the running cluster operation: operation JoinSessionsModule/,
    );
    assert.ok(
      requests().every((count) => count >= 1 && count <= 2),
      requests().join(),
    );
  });

  for (const [machines, name] of [
    [["same", "same"], "one machine"],
    [["first", "second"], "two machines"],
  ] as const) {
    it(`joins one cluster once when two programs on ${name} ask for it`, async () => {
      site = await Site.startWithCluster({ spsCount: 1, sps: { joinSeconds: 250 } });
      const inputs = await site.join();
      const outputs = await Promise.all(machines.map((machine) => program(machine, inputs)));
      for (const output of outputs) assert.match(output, /health: joined\n$/);
      assert.deepEqual(isTrusted(), [true]);
      const [count = 0] = requests();
      assert.ok(count === 1 || (count === 2 && machines[0] !== machines[1]), `${count} requests`);
    });
  }
});
