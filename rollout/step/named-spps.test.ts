import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describe, it } from "mocha";
import { namedSpp, otherSppProblem } from "./named-spps";

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
