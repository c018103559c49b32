import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describe, it } from "mocha";
import { madeJoin, namedSpp, otherSppProblem } from "./named-spps";

const JOIN = "pulumi-nodejs:dynamic/safeguard:SppJoin";

/** The event by which a preview announces what it does to one resource. */
function announcing(address: unknown, op = "create", type = JOIN): EngineEvent {
  const metadata = { op, type, new: { inputs: { spp: { address } } } };
  return { resourcePreEvent: { metadata } } as unknown as EngineEvent;
}

describe("the SPPs that the joins of a preview name", () => {
  it("are found in new, changed and unchanged joins, in one spelling", () => {
    for (const op of ["create", "update", "same", "create-replacement"])
      assert.equal(namedSpp(announcing("SPP.example.com", op)), "spp.example.com", op);
    assert.equal(namedSpp(announcing("10.20.30.5", "same", "safeguard:index:SppJoin")), "10.20.30.5");
  });

  it("are not those of joins that go, of other resources, and of addresses that are not known yet", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const events = [
      ...["delete", "delete-replaced"].map((op) => announcing("10.0.0.2", op)),
      ...["other:index:SppJoin", "pulumi-nodejs:dynamic/safeguard:SpsCluster"].map((type) =>
        announcing("10.0.0.2", "create", type),
      ),
      ...[unknown, "[secret]", "", undefined, { address: "x" }].map((address) => announcing(address)),
      {} as EngineEvent,
    ];
    for (const event of events) assert.equal(namedSpp(event), undefined, JSON.stringify(event));
  });

  it("must be the SPP of the site, however it is spelled", () => {
    const site = { name: "oslo", stack: "oslo", spp: "SPP.example.com.", labels: {} };
    assert.equal(otherSppProblem(site, []), undefined);
    assert.equal(otherSppProblem(site, ["spp.example.com"]), undefined);
    assert.equal(
      otherSppProblem({ ...site, spp: "10.0.0.2" }, ["10.0.0.2", "10.0.0.9"]),
      "site oslo: check: its program joins it to SPP 10.0.0.9, but the rollout takes its turn at 10.0.0.2; set spp of the site to 10.0.0.9, or correct the program",
    );
  });
});

describe("the join that a site has after its change", () => {
  const outputs = { connectionId: 7, joinedAt: "2026-05-20T08:00:00Z", spp: { address: "10.20.30.5" } };
  const told = (given: object, op = "create", type = JOIN) => {
    const metadata = { op, type, urn: `urn:pulumi:oslo::branches::${JOIN}::oslo-join`, new: { outputs: given } };
    return { resOutputsEvent: { metadata } } as unknown as EngineEvent;
  };
  const join = { resource: "oslo-join", spp: "10.20.30.5", entry: 7, at: outputs.joinedAt };

  it("has SPP's own entry and its time, whether it was made now or before", () => {
    assert.deepEqual(madeJoin(told(outputs)), join);
    const { metadata } = told(outputs, "same").resOutputsEvent ?? assert.fail("no event");
    assert.deepEqual(madeJoin({ resourcePreEvent: { metadata } } as unknown as EngineEvent), join);
  });

  it("is none without an entry, of another resource, or of one that goes", () => {
    const none = [
      told({ ...outputs, joinedAt: "" }),
      told({ ...outputs, connectionId: undefined }),
      told(outputs, "delete"),
      told(outputs, "create", "pulumi-nodejs:dynamic/safeguard:SpsCluster"),
      {} as EngineEvent,
    ];
    for (const event of none) assert.equal(madeJoin(event), undefined, JSON.stringify(event));
  });
});
