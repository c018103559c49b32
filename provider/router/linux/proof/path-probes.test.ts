import assert from "node:assert/strict";
import { canonicalRedirection } from "../../redirection";
import { desiredState } from "../model/desired";
import { decide } from "../plan/decision";
import { AUTO, INTERFACES, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { pathProbes, samplePackets } from "./path-probes";

/** A redirection of the clients behind `c0` (192.168.50.1/24) and `c1` (192.168.51.1/24). */
function redirecting(parts: { clientCidrs?: string[]; serverCidrs?: string[]; ports?: (number | string)[] }) {
  return canonicalRedirection({ ...sample(), clientInterfaces: ["c0", "c1"], ...parts });
}

describe("the packets of the route probes", () => {
  const found = new SimulatedRouter(INTERFACES).read();
  const packets = (parts: Parameters<typeof redirecting>[0]) =>
    samplePackets(redirecting(parts), found).map(({ client, device, server }) => `${client} on ${device} to ${server}`);

  it("sends a probe packet from each interface to each server network", () => {
    assert.deepEqual(packets({ serverCidrs: ["10.0.0.0/24", "10.1.0.7/32"] }), [
      "192.168.50.2 on c0 to 10.0.0.1",
      "192.168.50.2 on c0 to 10.1.0.7",
      "192.168.51.2 on c1 to 10.0.0.1",
    ]);
  });

  it("uses source addresses behind the interface when the inputs name them", () => {
    const clientCidrs = ["192.168.50.128/25", "192.168.51.64/32", "172.20.0.0/16"];
    assert.deepEqual(packets({ clientCidrs }), ["192.168.50.129 on c0 to 10.0.0.1", "192.168.51.64 on c1 to 10.0.0.1"]);
    assert.deepEqual(packets({ clientCidrs: ["192.168.0.0/16"] }), [
      "192.168.50.2 on c0 to 10.0.0.1",
      "192.168.51.2 on c1 to 10.0.0.1",
    ]);
  });

  it("uses an address behind another router when no interface has a named network", () => {
    assert.deepEqual(packets({ clientCidrs: ["172.20.0.0/16"] }), [
      "172.20.0.1 on c0 to 10.0.0.1",
      "172.20.0.1 on c1 to 10.0.0.1",
    ]);
  });

  it("limits the number of probe packets for any number of networks", () => {
    const serverCidrs = Array.from({ length: 1000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    assert.equal(packets({ serverCidrs }).length, 9);
    const probes = pathProbes(decide(desiredState([redirecting({ serverCidrs })], AUTO), found));
    assert.equal(probes.filter(({ test }) => test.startsWith("sps_decision 172.16.9.2 s0 ")).length, 1);
  });

  it("uses source addresses from an interface network with other hosts than the router", () => {
    const addresses = ["192.168.50.250/32", "192.168.50.1/24"];
    const links = new Map(
      [...found.links].map(([name, link]) => [name, name === "c0" ? { ...link, addresses } : link]),
    );
    assert.equal(samplePackets(redirecting({}), { ...found, links })[0]?.client, "192.168.50.2");
  });

  it("makes no route probe for an interface without an address", () => {
    const bare = {
      ...found,
      links: new Map([...found.links].map(([name, link]) => [name, { ...link, addresses: [] }])),
    };
    assert.deepEqual(samplePackets(redirecting({}), bare), []);
    const [, decision] = pathProbes(decide(desiredState([redirecting({})], AUTO), bare));
    assert.match(decision?.test ?? "", /^sps_unchecked 'no client or server address is known'$/);
  });
});

describe("the ports of the SPS probes", () => {
  const tests = (ports: (number | string)[]) =>
    pathProbes(decide(desiredState([redirecting({ ports })], AUTO), new SimulatedRouter(INTERFACES).read()))
      .filter(({ test }) => test.startsWith("sps_tcp"))
      .map(({ title, test }) => [title, test]);

  it("probes the first port of each range and accepts one open port", () => {
    assert.deepEqual(tests([3389]), [["SPS 172.16.9.2 accepts TCP on port 3389", "sps_tcp 172.16.9.2 3389"]]);
    assert.deepEqual(tests([3389, "100-200"]), [
      ["SPS 172.16.9.2 accepts TCP on one of the ports 100, 3389", "sps_tcp 172.16.9.2 100 3389"],
    ]);
  });
});
