import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { untold } from "./told-mistakes";

const CONNECTION = { address: "10.0.0.1", port: 70000, password: "hunter2" };

describe("mistakes that another resource has told", () => {
  const mistake = (path: string) => ({
    path,
    reason: `Invalid value for ${path}: 70000. Allowed values are: 1 to 65535.`,
  });
  const reasonsOf = (failures: ReturnType<typeof untold>) => failures.map(({ reason }) => reason);

  it("lose their words in the same part of another resource, and stay failures", () => {
    const told = new Set<string>();
    const first = untold([mistake("centralManagement.port")], { centralManagement: CONNECTION }, told);
    assert.deepEqual(first, [mistake("centralManagement.port")]);
    const second = untold([mistake("sps.port"), mistake("spp.port")], { sps: CONNECTION, spp: { port: 70000 } }, told);
    assert.deepEqual(reasonsOf(second), ["", mistake("spp.port").reason]);
    assert.ok([...told].every((text) => !text.includes("hunter2")));
  });

  it("keep their words where the same mistake is made twice", () => {
    const twice = untold(
      [mistake("sps.port"), mistake("spp.port")],
      { sps: CONNECTION, spp: { ...CONNECTION, address: "10.0.0.2" } },
      new Set(),
    );
    assert.deepEqual(reasonsOf(twice), [mistake("sps.port").reason, mistake("spp.port").reason]);
    const two = [mistake("acknowledge"), mistake("clusterId")];
    assert.deepEqual(untold(two, { acknowledge: 70000, clusterId: 70000 }, new Set()), two);
  });
});
