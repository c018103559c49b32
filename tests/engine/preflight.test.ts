import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { EngineLab } from "./engine-lab";
import { lastingLines } from "./events";
import { killProvider } from "./processes";
import { siteProgram } from "./programs";
import type { Run, TestStack } from "./test-stack";

const PROVED = { join: { preflight: "enforce" as const } };
/** The last line of a preflight, with its sums. */
const SUMS = /preflight: (\d+) pass, (\d+) warn, (\d+) fail, (?:(\d+) planned, )?(\d+) not checked \(/;

describe("join preflight through the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;
  let stack: TestStack;
  let engine: EngineLab;

  before(async function () {
    engine = await EngineLab.start(this, "engine-preflight");
    ({ lab, stack } = engine);
    await stack.configure({ "safeguard:detail": { value: "all" } });
  });
  after(() => engine?.stop());

  const run: EngineLab["run"] = (...given) => engine.run(...given);

  /** The whole report that a run shows, one line each. */
  function reportOf(result: Run): string {
    const shown = lastingLines(result, "info").filter((line) => SUMS.test(line));
    assert.equal(shown.length, 1, lastingLines(result, "info").join("\n"));
    return (shown[0] ?? "").replaceAll(/^site-join: /gm, "");
  }

  /** Every request to SPS so far that changes something. */
  const changes = () => lab.sps.flatMap(({ traffic }) => traffic.requests.filter(({ method }) => method !== "GET"));

  it("fails the preview when a preflight check fails, before anything is created", async () => {
    lab.faults.on("spp-replica");
    const preview = await run("preview", siteProgram(lab, PROVED));
    lab.faults.off("spp-replica");
    assert.notEqual(preview.failure, undefined);
    const reason =
      'spp.address: check "SPP is the primary": the appliance is a replica, and only the primary accepts this';
    const errors = lastingLines(preview, "error").join("\n");
    assert.ok(errors.includes(reason), errors);
    assert.equal(SUMS.exec(reportOf(preview))?.[3], "1");
    assert.deepEqual(changes(), []);
  });

  it("checks SPS before its promotion and SPP in the preview of a new site", async () => {
    const preview = await run("preview", siteProgram(lab, PROVED));
    assert.deepEqual([preview.failure, preview.changes], [undefined, { create: 5 }]);
    const report = reportOf(preview);
    assert.match(
      report,
      /\nplanned +SPS is the Central Management node +after promotion: \S+ has the role central-management\n/,
    );
    assert.match(
      report,
      /\npass +the SPP account may join +user safeguard-join has ApplianceAdmin and OperationsAdmin\n/,
    );
    assert.deepEqual(SUMS.exec(report)?.slice(1), ["25", "0", "0", "3", "1"]);
    assert.deepEqual(changes(), []);
  });

  it("checks both appliances in the update, after the cluster and before the join request", async () => {
    const up = await run("up", siteProgram(lab, PROVED));
    assert.deepEqual([up.failure, up.changes], [undefined, { create: 5 }]);
    const report = reportOf(up);
    assert.match(
      report,
      /\npass +SPS is the Central Management node +its roles are central-management, search-local\n/,
    );
    assert.match(report, /\npass +the members are in sync +1 member in sync\n/);
    assert.match(report, /\npass +SPS is the cluster of the program +its node id is /);
    assert.deepEqual(SUMS.exec(report)?.slice(2, 4), ["0", "0"]);
    const { requests } = lab.sps[0].traffic;
    const asked = requests.findIndex(({ path }) => path === "/api/user_info");
    const sent = requests.findIndex(({ method, path }) => method === "POST" && path === "/api/cluster/spp");
    assert.ok(asked >= 0 && sent > asked, `${asked}, ${sent}`);
  });

  it("sends no request once the join is recorded", async () => {
    const counts = [...lab.sps, lab.spp].map(({ traffic }) => traffic.requests.length);
    const again = await run("up", siteProgram(lab, PROVED));
    assert.deepEqual([again.failure, again.changes], [undefined, { same: 5 }]);
    assert.deepEqual(
      [...lab.sps, lab.spp].map(({ traffic }) => traffic.requests.length),
      counts,
    );
  });

  it("checks the repair of a lost join in the preview after a refresh", async () => {
    const { modules } = lab.spp.context;
    for (const entry of modules.all()) modules.remove(entry);
    assert.equal((await run("refresh")).failure, undefined);
    const preview = await run("preview", siteProgram(lab, PROVED));
    assert.deepEqual([preview.failure, preview.changes], [undefined, { same: 4, update: 1 }]);
    const warned = lastingLines(preview, "warning").filter((line) => line.includes("the recorded join"));
    assert.equal(warned.length, 1);
    assert.match(
      warned[0] ?? "",
      /is not joined; a new join request .* refused: sps\.address: check "no object of SPS .*\[SG2205\]; acknowledge: /,
    );
    assert.match(preview.output, /FAIL {2}no object of SPS is named safeguard_default .* \[SG2205\]$/m);
    assert.equal(lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1);
  });

  it("shows no secret in the output or the state of preflight runs", () => {
    engine.secrets.assertAbsent(engine.output, "the output");
    engine.secrets.assertAbsent(stack.stateText(), "the state");
  });
});

describe("preflight of a join that has already begun", function () {
  this.timeout(120_000);
  let lab: Lab;
  let stack: TestStack;
  let engine: EngineLab;

  before(async function () {
    engine = await EngineLab.start(this, "engine-begun");
    ({ lab, stack } = engine);
  });
  after(() => engine?.stop());

  it("passes after the provider was killed mid-join, and no second join request is sent", async () => {
    const { traffic } = lab.sps[0];
    const effect = { kind: "call", when: "after", run: killProvider } as const;
    traffic.inject({ method: "POST", path: /^\/api\/cluster\/spp$/, effect });
    const killed = await stack.run("up", siteProgram(lab, PROVED));
    assert.notEqual(killed.failure, undefined);
    assert.equal(await stack.find("SppJoin"), undefined, "the engine knows nothing of the join");

    const next = await stack.run("up", siteProgram(lab, PROVED));
    assert.deepEqual([next.failure, next.changes], [undefined, { create: 2, same: 3 }]);
    assert.equal((await stack.find("SppJoin"))?.outputs?.health, "joined");
    assert.equal(traffic.count("POST", "/api/cluster/spp"), 1);
  });
});
