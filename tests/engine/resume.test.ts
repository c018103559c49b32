import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { sentencesOf } from "../contract/provider";
import { EngineLab } from "./engine-lab";
import { lastingLines, order } from "./events";
import { killProvider } from "./processes";
import { siteProgram } from "./programs";
import type { LabSecrets } from "./secrets";
import type { TestStack } from "./test-stack";

describe("interrupted pulumi up", function () {
  this.timeout(120_000);
  let lab: Lab;
  let stack: TestStack;
  let secrets: LabSecrets;
  let engine: EngineLab;

  beforeEach(async function () {
    engine = await EngineLab.start(this, "engine-resume");
    ({ lab, stack, secrets } = engine);
  });
  afterEach(() => engine?.stop());

  const count = (method: string, path: string) =>
    lab.sps.reduce((sum, node) => sum + node.traffic.count(method, path), 0);

  it("records the partial cluster and join, and the next up resumes them", async () => {
    const [a] = lab.description.sps.map(({ address }) => address);
    const spp = lab.description.spp.address;
    // First the cluster stops: its Central Management node refuses the member.
    const [central] = lab.sps;
    central.traffic.inject({
      method: "POST",
      path: /^\/api\/cluster\/nodes$/,
      effect: { kind: "status", status: 500 },
    });
    const first = await stack.run("up", siteProgram(lab));
    assert.notEqual(first.failure, undefined);
    const cluster = await stack.find("SpsCluster");
    assert.equal(cluster?.id, a);
    assert.equal(cluster?.outputs?.clusterId, central.nodeId);
    const [reason, done, interrupted, next] = sentencesOf(cluster?.initErrors ?? []);
    assert.match(reason ?? "", /^site-cluster: sps .* POST \/api\/cluster\/nodes: it answered 500: .* \[SG1015\]$/);
    assert.match(done ?? "", new RegExp(`^Done: .*${a}: promoted; ${a}: roles central-management, search-local$`));
    assert.match(interrupted ?? "", /joined the cluster$/);
    assert.match(next ?? "", /^The next pulumi up /);
    const errors = lastingLines(first, "error").filter((line) => line.includes("SG1015"));
    assert.deepEqual(
      errors.map((line) => line.replace(/^.*\n\s*\* /, "")),
      cluster?.initErrors,
      "one message",
    );
    assert.equal(await stack.find("SppJoin"), undefined);
    assert.equal(count("POST", "/api/cluster/spp"), 0);
    secrets.assertAbsent(stack.stateText(), "the state after the first failure");

    // Then the join stops: SPP fails right after the request.
    const failing = { kind: "status", status: 500 } as const;
    const run = () => lab.spp.traffic.inject({ method: "GET", times: Number.POSITIVE_INFINITY, effect: failing });
    central.traffic.inject({
      method: "POST",
      path: /^\/api\/cluster\/spp$/,
      effect: { kind: "call", when: "after", run },
    });
    const second = await stack.run("up", siteProgram(lab));
    assert.notEqual(second.failure, undefined);
    assert.deepEqual((await stack.find("SpsCluster"))?.initErrors ?? [], []);
    assert.equal(count("POST", "/api/cluster/promote"), 1);
    const join = await stack.find("SppJoin");
    assert.equal(join?.id, a);
    assert.equal(join?.protect, true);
    const [failed, sent] = sentencesOf(join?.initErrors ?? []);
    assert.match(failed ?? "", new RegExp(`^site-join: spp ${spp}: .*500.*\\[SG2005\\]$`));
    assert.equal(sent, "Done: join request sent");
    secrets.assertAbsent(stack.stateText(), "the state after the second failure");

    // At last nothing is in the way: no third attempt by hand, no second request.
    lab.spp.traffic.clearInjections();
    const third = await stack.run("up", siteProgram(lab));
    assert.deepEqual([third.failure, third.changes], [undefined, { create: 1, same: 3, update: 1 }]);
    assert.equal((await stack.find("SppJoin"))?.outputs?.health, "joined");
    assert.deepEqual((await stack.find("SppJoin"))?.initErrors ?? [], []);
    assert.equal(count("POST", "/api/cluster/spp"), 1);
    assert.equal(lab.spp.sessionModules.length, 1);
  });

  it("completes a join with one request in all after the provider was killed", async () => {
    const [central] = lab.sps;
    // SPS has sent its request on to SPP, and the one who would hear of it is gone.
    central.traffic.inject({
      method: "POST",
      path: /^\/api\/cluster\/spp$/,
      effect: { kind: "call", when: "after", run: killProvider },
    });
    const killed = await stack.run("up", siteProgram(lab));
    assert.notEqual(killed.failure, undefined);
    assert.deepEqual(order(killed).slice(0, 3), ["+SpsCluster", "-SpsCluster", "+SppJoin"]);
    assert.equal(count("POST", "/api/cluster/spp"), 1);
    assert.equal(await stack.find("SppJoin"), undefined, "the engine knows nothing of the join");

    const next = await stack.run("up", siteProgram(lab));
    assert.deepEqual([next.failure, next.changes], [undefined, { create: 2, same: 3 }]);
    assert.equal((await stack.find("SppJoin"))?.outputs?.health, "joined");
    assert.equal(count("POST", "/api/cluster/spp"), 1);
    assert.equal(count("POST", "/api/cluster/promote"), 1);
    assert.equal(lab.spp.sessionModules.length, 1);
    secrets.assertAbsent(stack.stateText(), "the state");
  });
});
