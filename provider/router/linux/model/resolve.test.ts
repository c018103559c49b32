import assert from "node:assert/strict";
import { AUTO, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { desiredState } from "./desired";
import { requireResolved } from "./resolve";

describe("an interface that is picked by an address", () => {
  const desired = desiredState([{ ...sample(), clientInterfaces: ["{address 192.168.50.1}"] }], AUTO);
  const resolve = (name: string) =>
    requireResolved(
      desired,
      new SimulatedRouter({ [name]: "192.168.50.1/24", s0: "172.16.9.1/24" }).read(),
      "router r",
    );

  it("is known by its name on the router", () => {
    assert.deepEqual(resolve("br-lan.20").chains[0]?.redirection.clientInterfaces, ["br-lan.20"]);
  });

  it("is refused where its name would stand for others too", () => {
    for (const name of ["lan+", "lan*"]) assert.throws(() => resolve(name), /is the interface lan[+*], .* \[SG3103\]$/);
  });
});
