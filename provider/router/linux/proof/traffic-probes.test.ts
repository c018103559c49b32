import assert from "node:assert/strict";
import { desiredState, NOTHING } from "../model/desired";
import { decide } from "../plan/decision";
import { AUTO, bring, INTERFACES, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { trafficProbes } from "./traffic-probes";

describe("the probes of client traffic", () => {
  it("looks up the router's route for the packets of the clients found", () => {
    const desired = desiredState([sample()], AUTO);
    const router = new SimulatedRouter(INTERFACES);
    bring(router, desired, NOTHING);
    const [probe] = trafficProbes(decide(desired, router.read()));
    const asking = `'sps_decision 172.16.9.2 s0 '\\''mark 0x2 ipproto tcp sport 49152 dport 3389'\\'''`;
    assert.ok(probe?.test.startsWith(`sps_traffic rdp ${asking} 0 c0 iptables `), probe?.test);
    assert.deepEqual(probe?.clients, {
      redirection: "rdp",
      mark: 2,
      ports: "3389 3389",
      servers: "167772160 167772415",
    });
  });
});
