import assert from "node:assert/strict";
import type { Deployment, PulumiFn } from "@pulumi/pulumi/automation";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { operationContext } from "../../provider/core/context";
import { spsCluster } from "../../provider/resources/sps-cluster/operations";
import type { SpsClusterKnown } from "../../provider/resources/sps-cluster/schema";
import { SppJoin, type SppJoinArgs } from "../../sdk/nodejs/spp-join";
import { changesIn } from "../support/site";
import { EngineLab } from "./engine-lab";
import { lastingLines } from "./events";
import { connection } from "./programs";
import { type Run, resourceOf, type TestStack } from "./test-stack";

/*
 * Every way a join could get lost by accident, one test each. A test begins with the recorded join, and ends with the
 * look that nothing was deleted on an appliance, no join request was sent, and the state still holds the join.
 */
describe("SppJoin delete protection", function () {
  this.timeout(120_000);
  let lab: Lab;
  let stack: TestStack;
  let engine: EngineLab;
  let joined: Deployment;
  let urn: string;
  /** Those that end with another state, because it was asked for twice. */
  let isKept: boolean;

  before(async function () {
    engine = await EngineLab.start(this, "engine-guard", { spsCount: 1 });
    ({ lab, stack } = engine);
    const { inputs } = spsCluster.check({ centralManagement: central() }, operationContext());
    await spsCluster.create(inputs as unknown as SpsClusterKnown, operationContext());
    const up = await stack.run("up", program());
    assert.equal(up.failure, undefined, up.output);
    joined = await stack.snapshot();
    urn = resourceOf(joined, "SppJoin")?.urn ?? assert.fail("the join is not recorded");
  });
  beforeEach(() => {
    isKept = true;
    for (const { traffic } of [...lab.sps, lab.spp]) traffic.requests.length = 0;
  });
  afterEach(async () => {
    assert.equal(sent("POST", /\/api\/cluster\/spp$/), 0);
    const now = await stack.snapshot();
    if (isKept) {
      assert.equal(sent("DELETE", /./), 0);
      const kept = resourceOf(now, "SppJoin");
      assert.deepEqual([kept?.outputs?.health, kept?.outputs?.connectionId], ["joined", 1]);
    }
    if (JSON.stringify(now.deployment) !== JSON.stringify(joined.deployment)) await stack.restore(joined);
  });
  after(() => engine?.stop());

  const central = () => connection(lab.description.sps[0] ?? assert.fail());
  const spp = () => connection(lab.description.spp);
  const acknowledge = () => ({ irreversible: true as const, sps: central().address, spp: spp().address });
  const sent = (method: string, path: RegExp) =>
    [...lab.sps, lab.spp].reduce((sum, { traffic }) => sum + traffic.count(method, path), 0);

  function program(changes: Partial<SppJoinArgs> = {}, name = "join", options: { protect?: boolean } = {}): PulumiFn {
    const args = { sps: central(), spp: spp(), acknowledge: acknowledge(), preflight: "off" as const, ...changes };
    return async () => {
      new SppJoin(name, args, options);
    };
  }

  /** An update that the engine records. */
  async function apply(given: PulumiFn): Promise<void> {
    const { failure } = await stack.run("up", given);
    assert.equal(failure, undefined);
  }

  /** Takes the protection off the record, as `pulumi state unprotect` does. */
  async function unprotect(): Promise<void> {
    const state = JSON.parse(JSON.stringify(joined)) as { deployment: { resources: { protect?: boolean }[] } };
    for (const resource of state.deployment.resources) delete resource.protect;
    await stack.restore(state as unknown as Deployment);
  }

  const errorsOf = (run: Run) => lastingLines(run, "error").join("\n") + (run.failure ?? "");
  const PROTECTED = /protect/;
  const REFUSED = /delete join: .* cannot be undone; nothing was sent; .* \[SG2118\]/;

  it("keeps a protected join on pulumi destroy", async () => {
    assert.match(errorsOf(await stack.run("destroy")), PROTECTED);
  });

  it("keeps a protected join on a targeted destroy of that join", async () => {
    assert.match(errorsOf(await stack.run("destroy", undefined, "usual", { target: [urn] })), PROTECTED);
  });

  it("keeps a protected join that was removed from the program", async () => {
    assert.match(errorsOf(await stack.run("up", async () => undefined)), PROTECTED);
  });

  it("keeps a protected join that was renamed in the program", async () => {
    assert.match(errorsOf(await stack.run("up", program({}, "renamed"))), PROTECTED);
  });

  it("keeps a protected join that is targeted for replacement", async () => {
    assert.match(errorsOf(await stack.run("up", program(), "usual", { replace: [urn] })), PROTECTED);
  });

  it("keeps the join on refresh, and the next up changes nothing", async () => {
    const refresh = await stack.run("refresh");
    assert.deepEqual([refresh.failure, refresh.changes], [undefined, { same: 2 }]);
    const up = await stack.run("up", program());
    assert.deepEqual([up.failure, up.changes], [undefined, { same: 2 }]);
  });

  const refused: [name: string, changes: () => Partial<SppJoinArgs>, failure: RegExp][] = [
    ["the SPS address", () => ({ sps: { ...central(), address: "localhost" } }), /acknowledge: it names /],
    ["the SPP address", () => ({ spp: { ...spp(), address: "localhost" } }), /acknowledge: it names /],
    ["the cluster id", () => ({ clusterId: "another" }), /\[SG2111\]/],
    ["the acknowledgement", () => ({ acknowledge: undefined }), /acknowledge: the join of /],
  ];
  for (const [name, changes, failure] of refused) {
    it(`keeps the join when a change of ${name} is refused`, async () => {
      assert.match(errorsOf(await stack.run("up", program(changes()))), failure);
    });
  }

  it("keeps the join and records a change of credentials, limits or options", async () => {
    const all: Record<string, () => Partial<SppJoinArgs>> = {
      credentials: () => ({ spp: { ...spp(), password: "another-that-nobody-tries" } }),
      proof: () => ({ preflight: "report" }),
      limits: () => ({ timeouts: { trustSeconds: 7 } }),
      deletion: () => ({ onDelete: "forget" }),
      backups: () => ({ backups: { spp: "skip" } }),
    };
    // The same join, described once for each change: one run of the engine for all of them.
    const programOf = (isChanged: boolean): PulumiFn => {
      const one = Object.entries(all).map(([name, changes]) => program(isChanged ? changes() : {}, name));
      return async () => {
        for (const describeJoin of [program(), ...one]) await describeJoin();
      };
    };
    await apply(programOf(false));
    const up = await stack.run("up", programOf(true));
    // What is done about backups matters only while a join is made.
    assert.deepEqual([up.failure, up.changes], [undefined, { same: 3, update: 4 }]);
    const recorded = (await stack.recorded()).filter(({ type }) => type.endsWith(":SppJoin"));
    assert.deepEqual(
      recorded.map(({ outputs }) => outputs?.health),
      Array(6).fill("joined"),
    );
  });

  it("names the command that drops the old record of a renamed join, and the next up is clean", async () => {
    await unprotect();
    const renamed = program({}, "renamed");
    const error = errorsOf(await stack.run("up", renamed));
    const [, command = ""] = /after a rename, drop the old record with `pulumi ([^`]*)`/.exec(error) ?? [];
    await stack.cli(...command.replaceAll("'", "").split(" "), "--yes");
    const next = await stack.run("up", renamed);
    assert.deepEqual([next.failure, next.changes], [undefined, { same: 2 }]);
  });

  it("refuses to destroy an unprotected join", async () => {
    await unprotect();
    assert.match(errorsOf(await stack.run("destroy")), REFUSED);
  });

  it("refuses to replace an unprotected join", async () => {
    await unprotect();
    const up = await stack.run("up", program({}, "join", { protect: false }), "usual", { replace: [urn] });
    assert.match(errorsOf(up), REFUSED);
  });

  it("refuses to delete a join whose onDelete was never applied by an up", async () => {
    await unprotect();
    // What is not recorded by an up does not count: the program no longer says anything of the resource.
    assert.match(errorsOf(await stack.run("up", async () => undefined)), REFUSED);
  });

  it("forgets a join after onDelete forget was applied; the appliances stay joined", async () => {
    isKept = false;
    await apply(program({ onDelete: "forget" }, "join", { protect: false }));
    const destroy = await stack.run("destroy");
    assert.deepEqual([destroy.failure, destroy.changes], [undefined, { delete: 2 }]);
    assert.equal(sent("DELETE", /./), 0);
    assert.equal(lab.spp.sessionModules[0]?.Trusted, true);
  });

  it("unlinks a join with one request after onDelete unlink was applied, when it knows the node", async () => {
    isKept = false;
    const unlinking = { onDelete: "unlink" as const, acknowledge: { ...acknowledge(), disconnects: true as const } };
    await apply(program(unlinking, "join", { protect: false }));
    const state = structuredClone(await stack.snapshot());
    Object.assign(resourceOf(state, "SppJoin")?.outputs ?? assert.fail(), { nodeId: "" });
    await stack.restore(state);
    assert.match(errorsOf(await stack.run("destroy")), /; run pulumi refresh, then delete.*\[SG2125\]/);
    assert.equal((await stack.run("refresh")).failure, undefined);
    assert.equal(sent("DELETE", /./), 0);
    const destroy = await stack.run("destroy");
    assert.deepEqual([destroy.failure, destroy.changes], [undefined, { delete: 2 }]);
    const deletions = changesIn(lab.spp.traffic).filter((request) => request.startsWith("DELETE "));
    assert.deepEqual(deletions, ["DELETE /service/core/v4/Cluster/SessionModules/1"]);
    assert.deepEqual(await stack.recorded(), []);
  });
});
