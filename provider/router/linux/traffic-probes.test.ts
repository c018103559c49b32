import assert from "node:assert/strict";
import { desiredState, NOTHING } from "./desired";
import { AUTO, bring, INTERFACES, sample } from "./planning-bench.test";
import { SimulatedRouter } from "./simulated-router.test";
import { trafficProbes } from "./traffic-probes";

describe("what proves redirections by what clients do", () => {
  it("asks where the router sends packets, and says so where no address is known to ask with", () => {
    const desired = desiredState([sample()], AUTO);
    const router = new SimulatedRouter(INTERFACES);
    bring(router, desired, NOTHING);
    const found = router.read();
    const [known] = trafficProbes(desired, found);
    assert.match(
      known?.test ?? "",
      /^sps_traffic rdp 'sps_decision 172\.16\.9\.2 s0 '\\''mark 0x2'\\'' 10\.0\.0\.1 192\.168\.50\.2 c0' /,
    );
    const links = new Map([...found.links].map(([name, link]) => [name, { ...link, addresses: [] }]));
    const [unknown] = trafficProbes(desired, { ...found, links });
    assert.match(
      unknown?.test ?? "",
      /^sps_traffic rdp 'sps_unchecked '\\''no address of a client or server is known'/,
    );
    assert.deepEqual(unknown?.clients, {
      redirection: "rdp",
      mark: 2,
      ports: "3389 3389",
      servers: "167772160 167772415",
    });
  });
});
