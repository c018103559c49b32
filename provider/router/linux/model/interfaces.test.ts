import assert from "node:assert/strict";
import { planContext } from "../plan/decision";
import { requirePreconditions } from "../plan/preconditions";
import { AUTO, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { desiredState, NOTHING } from "./desired";

describe("an interface selected by address", () => {
  const wanted = desiredState([{ ...sample(), clientInterfaces: ["address:192.168.50.1"] }], AUTO);
  const contextOn = (name: string) =>
    planContext(
      new SimulatedRouter({ [name]: "192.168.50.1/24", s0: "172.16.9.1/24" }).read(),
      { wanted, owned: NOTHING, isAdopting: false },
      "router r",
    );

  it("resolves a selected interface to its name on the router", () => {
    assert.deepEqual(contextOn("br-lan.20").desired.chains[0]?.redirection.clientInterfaces, ["br-lan.20"]);
  });

  it("refuses an interface name that would also match other interfaces", () => {
    for (const name of ["lan+", "lan*"]) {
      assert.throws(() => requirePreconditions(contextOn(name)), /is interface lan[+*], .* \[SG3103\]$/);
    }
  });
});
