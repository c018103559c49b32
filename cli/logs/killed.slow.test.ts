import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import type { LabPair } from "../../benchmarks/preflight/lab-pair";
import type { Effect } from "../../lab/common/traffic";
import { LogsBed, SSH_OPTIONS as SSH } from "../../tests/support/logs-bed";
import { runCommand } from "../../tests/support/run-command";
import type { SiteFile } from "../../tests/support/site-file";

/** The compiled command, as it is installed. */
const COMMAND = resolve(__dirname, "../../dist/cli/bin.js");

type When = (Effect & { kind: "call" })["when"];

/** The changes of SPS at which a run can be killed: before and after SPS makes them, and after its answer. */
const POINTS: [method: string, path: string, when: When][] = [
  ["POST", "/api/transaction", "before"],
  ["POST", "/api/transaction", "after"],
  ["PUT", SSH, "before"],
  ["PUT", SSH, "after"],
  ["PUT", "/api/transaction", "before"],
  ["PUT", "/api/transaction", "after"],
  ["PUT", "/api/transaction", "answered"],
];

describe("logs command that is killed", function () {
  this.timeout(60_000);
  let bed: LogsBed;
  let pair: LabPair;
  let file: SiteFile;

  before(async () => {
    bed = await LogsBed.start();
    ({ pair, file } = bed);
  });
  after(() => bed?.stop());

  const level = () => bed.level;

  /** Raises the level in a process that is killed at a request. */
  async function raiseAndKill(method: string, path: string, when: When): Promise<void> {
    const { traffic } = pair.central.sps;
    const child = spawn(process.execPath, [COMMAND, "logs", "--file", file.path, "--level", "7", "--protocol", "ssh"], {
      stdio: "ignore",
    });
    const exact = new RegExp(`^${path}$`);
    traffic.inject({ method, path: exact, effect: { kind: "call", when, run: () => void child.kill("SIGKILL") } });
    const [, signal] = await once(child, "exit");
    traffic.clearInjections();
    assert.equal(signal, "SIGKILL");
  }

  for (const [method, path, when] of POINTS) {
    it(`leaves a note that puts everything back when killed at ${method} ${path} (${when})`, async () => {
      await raiseAndKill(method, path, when);
      const shown = await runCommand("logs", "--file", file.path);
      assert.equal(shown.code, 2, shown.out);
      const restored = await runCommand("logs", "--file", file.path, "--put-back");
      assert.equal(restored.code, 0);
      assert.match(
        restored.error,
        /^(sps \S+: log settings are put back; SPS records it as a change of its configuration\n)?$/,
      );
      assert.equal(level(), 4);
      assert.equal((await runCommand("logs", "--file", file.path)).code, 0);
    });
  }
});
