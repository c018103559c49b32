import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { LabNetwork } from "../../../../lab/network/network";
import { ENVIRONMENT } from "../../guard/scripts/opening-script";
import type { Step } from "../../guard/scripts/shell-text";
import { BACKENDS, type BackendName } from "../model/backend-names";
import { type Desired, NOTHING } from "../model/desired";
import type { Found } from "../model/found";
import { decide } from "../plan/decision";
import { desiredLines, foundLines } from "../plan/lines";
import { planChanges } from "../plan/plan";
import { requirePreconditions } from "../plan/preconditions";
import { parseReadBack } from "../read/read-back";
import { readScope, readScript } from "../read/read-script";
import { contextOn } from "./planning-bench.test";
import { cases, type World } from "./roundtrip-bench.test";

/** The router of the lab. */
const LAB: World = {
  clientInterfaces: ["rcli", "rmgt"],
  serverInterfaces: ["rsrv"],
  sps: ["172.16.9.2", "172.16.9.77", "172.16.9.254"].map((spsAddress) => ({ spsAddress, spsInterface: "rsps" })),
};

/** Cases of each backend, and how many go into one script. */
const CASES = 50;
const BATCH = 25;

/** Begins the output of one case. */
const CASE = "@@@case";

describe("a round trip through a real kernel", function () {
  this.timeout(60_000);
  let network: LabNetwork;
  let directory = "";

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "roundtrip-"));
    network = await LabNetwork.start({ labName: "roundtrip", directory });
    await run("iptables-legacy -t mangle -N THEIRS; iptables-nft -t mangle -N THEIRS; nft add table ip theirs");
  });
  after(async () => {
    await network.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function run(script: string): Promise<{ stdout: string; stderr: string }> {
    const limit = { timeoutSeconds: 50 };
    const { status, ...output } = await network.exec("router", ["sh", "-s"], { input: `${script}\n`, ...limit });
    assert.equal(status, 0, output.stderr.slice(-2000));
    return output;
  }

  async function snapshot(): Promise<string> {
    const { stdout } = await run(`iptables-nft-save -t mangle | grep '^[-:]' | sed 's/ \\[.*//'
iptables-legacy-save -t mangle | grep '^[-:]' | sed 's/ \\[.*//'
nft list tables; ip -N -4 rule show; ip -N -4 route show table all | sort; ls /run/sps-redirect 2>/dev/null || true`);
    return stdout;
  }

  /** Applies each case, reads it back and takes it away, one after the other in one script. */
  async function trips(batch: readonly { desired: Desired; steps: Step[] }[]): Promise<Found[]> {
    const script = batch.map(({ desired, steps }, index) => {
      const begin = `printf '\\n${CASE} ${index}\\n'; printf '\\n${CASE} ${index}\\n' >&2`;
      const changes = steps.map((step) => `${step.run}\n[ $? = 0 ] || echo 'failed: ${step.title}' >>/run/failures`);
      const back = steps.map((step) => `${step.undo}\n[ $? = 0 ] || echo 'not undone: ${step.title}' >>/run/failures`);
      return [begin, ...changes, readScript(readScope(desired)), ...back.reverse()].join("\n");
    });
    const { stdout, stderr } = await run(
      [
        ENVIRONMENT,
        "rm -f /run/failures",
        ...script,
        "[ ! -e /run/failures ] || { cat /run/failures >&2; exit 1; }",
      ].join("\n"),
    );
    const errors = stderr.split(`\n${CASE} `).slice(1);
    return stdout
      .split(`\n${CASE} `)
      .slice(1)
      .map((text, index) => parseReadBack({ stdout: text, stderr: errors[index] ?? "" }, "router lab"));
  }

  async function backendTrips(backend: BackendName): Promise<void> {
    const clean = await snapshot();
    const generated = fc.sample(cases(LAB, backend), { numRuns: CASES });
    for (let start = 0; start < CASES; start += BATCH) {
      const batch = generated.slice(start, start + BATCH);
      const whole = await run(`${ENVIRONMENT}\n${readScript(readScope(...batch))}`);
      const untouched = parseReadBack(whole, "router lab");
      const planned = batch.map((desired) => {
        const context = contextOn(untouched, desired, NOTHING);
        requirePreconditions(context);
        return { desired, steps: planChanges(context) };
      });
      const found = await trips(planned);
      assert.equal(found.length, batch.length);
      for (const [index, one] of found.entries()) {
        const desired = batch[index] ?? assert.fail("no case");
        assert.deepEqual(foundLines(decide(desired, one)), desiredLines(desired));
      }
    }
    assert.equal(await snapshot(), clean, "undone without a trace");
  }

  for (const backend of BACKENDS) {
    it(`reads back the desired state from ${backend} and undoes it without a trace`, async () => {
      await backendTrips(backend);
    });
  }
});
