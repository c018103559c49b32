import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { after, before, describe, it } from "mocha";
import { diagnose, getClusterStatus, getJoinStatus, getTopology, preflight } from "pulumi-safeguard";
import { EngineLab } from "./engine-lab";
import { connection, siteProgram } from "./programs";

describe("functions in a program of the real engine", function () {
  this.timeout(120_000);
  let engine: EngineLab;

  before(async function () {
    engine = await EngineLab.start(this, "engine-functions");
    const { failure } = await engine.run("up", siteProgram(engine.lab));
    assert.equal(failure, undefined);
  });
  after(() => engine?.stop());

  it("read a site in preview and update, with connections that are secret outputs, and send reads only", async () => {
    const { lab } = engine;
    const [central] = lab.description.sps;
    assert.ok(central);
    const program: pulumi.automation.PulumiFn = async () => {
      const outputs = await siteProgram(lab)();
      const appliances = pulumi.secret({ sps: connection(central), spp: connection(lab.description.spp) });
      const sites = appliances.apply((both) => [{ name: "vienna", ...both }]);
      const told = pulumi.all([
        appliances.apply((both) => getClusterStatus({ sps: both.sps })).nodes.length,
        appliances.apply((both) => getJoinStatus(both)).health,
        appliances.apply((both) => preflight(both)).ok,
        sites.apply((of) => getTopology({ sites: of })).sites[0]?.join.state,
        sites.apply((of) => diagnose({ sites: of, trafficSeconds: 0 })).sites[0]?.status,
      ]);
      // The results hold no secret.
      return { ...outputs, told: pulumi.unsecret(told) };
    };
    const before_ = engine.changingRequests;
    const preview = await engine.run("preview", program);
    assert.deepEqual([preview.failure, preview.changes], [undefined, { same: 5 }]);
    const up = await engine.run("up", program);
    assert.deepEqual([up.failure, up.changes], [undefined, { same: 5 }]);
    const stack = (await engine.stack.recorded()).find(({ type }) => type === "pulumi:pulumi:Stack");
    assert.deepEqual(stack?.outputs?.told, [lab.sps.length, "joined", true, "joined", "fine"]);
    assert.equal(engine.changingRequests, before_);
    engine.secrets.assertAbsent(engine.output, "the output");
    engine.secrets.assertAbsent(engine.stack.stateText(), "the state");
  });
});
